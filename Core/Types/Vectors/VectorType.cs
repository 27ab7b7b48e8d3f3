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
    public const int MaxDimensions = 16000;

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
            int dimensions = VectorText.Parse(utf8, builder.Output);
            CheckExpected(type.Modifier, dimensions);
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
        if (bytes.Length < 4) throw new SqlException(SqlState.ProtocolViolation, "insufficient data left in message");
        int dimensions = BinaryPrimitives.ReadInt16BigEndian(bytes);
        int unused = BinaryPrimitives.ReadInt16BigEndian(bytes[2..]);
        CheckDimensions(dimensions);
        CheckExpected(type.Modifier, dimensions);
        if (unused != 0) throw new SqlException(SqlState.DataException, $"expected unused to be 0, not {unused}");
        ReadOnlySpan<byte> elements = bytes[4..];
        if (elements.Length < dimensions * sizeof(float)) throw new SqlException(SqlState.ProtocolViolation, "insufficient data left in message");
        if (elements.Length > dimensions * sizeof(float)) throw new SqlException(SqlState.InvalidBinaryRepresentation, "incorrect binary data format");
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

    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName)
    {
        if (arguments.Length != 1) throw new SqlException(SqlState.InvalidParameterValue, "invalid type modifier");
        if (arguments[0] < 1) throw new SqlException(SqlState.InvalidParameterValue, "dimensions for type vector must be at least 1");
        if (arguments[0] > MaxDimensions) throw new SqlException(SqlState.InvalidParameterValue, $"dimensions for type vector cannot exceed {MaxDimensions}");
        return arguments[0];
    }

    public override string FormatModifier(int modifier) => modifier < 0 ? "" : $"({modifier})";

    /// <exception cref="SqlException">22000, 54000.</exception>
    internal static void CheckDimensions(int dimensions)
    {
        if (dimensions < 1) throw new SqlException(SqlState.DataException, "vector must have at least 1 dimension");
        if (dimensions > MaxDimensions) throw new SqlException(SqlState.ProgramLimitExceeded, $"vector cannot have more than {MaxDimensions} dimensions");
    }

    /// <exception cref="SqlException">22000.</exception>
    internal static void CheckExpected(int modifier, int dimensions)
    {
        if (modifier != -1 && modifier != dimensions) throw new SqlException(SqlState.DataException, $"expected {modifier} dimensions, not {dimensions}");
    }

    /// <exception cref="SqlException">22000.</exception>
    internal static void CheckFinite(ReadOnlySpan<float> values)
    {
        if (!Kernels.VectorMath.IsFinite(values)) throw NotFinite(values);
    }

    private static SqlException NotFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (float.IsNaN(value)) return VectorText.NaNNotAllowed();
            if (float.IsInfinity(value)) return VectorText.InfinityNotAllowed();
        }
        throw Invariant.Unreachable(values.Length);
    }
}
