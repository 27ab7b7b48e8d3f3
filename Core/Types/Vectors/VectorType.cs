using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// pgvector's vector(n): 1 to 16,000 finite 32-bit floats. Stored as those floats, little-endian, and nothing else: the number of dimensions is length / 4.
/// A column of vector(n) may therefore be a <see cref="BytesColumn"/> with stride that lies in a mapped file.
/// </summary>
public sealed class VectorType : TypeHandler
{
    private const string Name = "vector";

    public override PhysicalKind Kind => PhysicalKind.Bytes;

    /// <summary>The floats of a stored vector.</summary>
    public static ReadOnlySpan<float> Floats(ReadOnlySpan<byte> stored) => MemoryMarshal.Cast<byte, float>(stored);

    /// <summary>Room for a vector's floats; the caller ends the value.</summary>
    internal static Span<float> Take(int dimensions, BytesColumnBuilder result) =>
        MemoryMarshal.Cast<byte, float>(result.Output.Take(dimensions * sizeof(float)));

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        int start = builder.Output.Length;
        bool isDone = false;
        try
        {
            int dimensions = VectorText.Parse<SingleElement>(utf8, builder.Output);
            VectorLimits.CheckExpected(type.Modifier, dimensions);
            isDone = true;
        }
        finally
        {
            if (!isDone) builder.Output.Truncate(start);
        }
        builder.EndValue();
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        VectorText.Write(Floats(((BytesColumn)column)[row]), output);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<byte> elements = VectorLimits.DenseElements(bytes, type.Modifier, sizeof(float), Name);
        ReadOnlySpan<uint> bigEndian = MemoryMarshal.Cast<byte, uint>(elements);
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        int start = builder.Output.Length;
        Span<uint> values = MemoryMarshal.Cast<byte, uint>(builder.Output.Take(elements.Length));
        BinaryPrimitives.ReverseEndianness(bigEndian, values);
        Span<float> floats = MemoryMarshal.Cast<uint, float>(values);
        if (!Kernels.VectorMath.IsFinite(floats))
        {
            SqlException error = NotFinite(floats);
            builder.Output.Truncate(start);
            throw error;
        }
        builder.EndValue();
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        ReadOnlySpan<byte> value = ((BytesColumn)column)[row];
        output.WriteInt16BigEndian((short)(value.Length / sizeof(float)));
        output.WriteInt16BigEndian(0);
        Span<byte> target = output.Take(value.Length);
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, uint>(value), MemoryMarshal.Cast<byte, uint>(target));
    }

    public override int Compare(Column left, int leftRow, Column right, int rightRow) =>
        CompareValues(((BytesColumn)left)[leftRow], ((BytesColumn)right)[rightRow]);

    /// <summary>Element by element, then the shorter first, as arrays are compared.</summary>
    public static int CompareValues(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        ReadOnlySpan<float> a = Floats(left), b = Floats(right);
        int common = Math.Min(a.Length, b.Length);
        for (int i = 0; i < common; i++)
        {
            if (a[i] < b[i]) return -1;
            if (a[i] > b[i]) return 1;
        }
        return a.Length.CompareTo(b.Length);
    }

    public override ulong Hash(Column column, int row)
    {
        ReadOnlySpan<float> values = Floats(((BytesColumn)column)[row]);
        ulong hash = (ulong)values.Length;
        // Adding zero turns -0 into 0: they are equal.
        foreach (float value in values) hash = KeyHash.Combine(hash, BitConverter.SingleToUInt32Bits(value + 0f));
        return KeyHash.Of(unchecked((long)hash));
    }

    /// <summary>Each float's bits turned so that they ascend, and 32 zero bits at the end: no finite float is written so low.</summary>
    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        foreach (float value in Floats(((BytesColumn)column)[row]))
        {
            uint bits = BitConverter.SingleToUInt32Bits(value + 0f);
            key.WriteUInt32BigEndian((bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000);
        }
        key.WriteUInt32BigEndian(0);
    }

    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName) => VectorLimits.ParseModifier(arguments, Name, VectorLimits.MaxDimensions);
    public override string FormatModifier(int modifier) => modifier < 0 ? "" : $"({modifier})";

    /// <exception cref="SqlException">22000, 54000.</exception>
    internal static void CheckDimensions(int dimensions) => VectorLimits.CheckDimensions(dimensions, Name);

    /// <exception cref="SqlException">22000.</exception>
    internal static void CheckFinite(ReadOnlySpan<float> values)
    {
        if (!Kernels.VectorMath.IsFinite(values)) throw NotFinite(values);
    }

    private static SqlException NotFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (float.IsNaN(value)) return VectorLimits.NaNNotAllowed(Name);
            if (float.IsInfinity(value)) return VectorLimits.InfinityNotAllowed(Name);
        }
        throw Invariant.Unreachable(values.Length);
    }
}
