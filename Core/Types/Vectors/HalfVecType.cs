using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// pgvector's halfvec(n): 1 to 16,000 finite 16-bit floats. Stored as those, little-endian, and nothing else: the number of dimensions is length / 2.
/// </summary>
public sealed class HalfVecType : TypeHandler
{
    internal const string Name = "halfvec";

    /// <summary>A half's bits but for its sign: above the second of them it is NaN, there infinite.</summary>
    private const int Magnitude = 0x7FFF, Infinity = 0x7C00;

    public override PhysicalKind Kind => PhysicalKind.Bytes;

    /// <summary>The elements of a stored value.</summary>
    public static ReadOnlySpan<Half> Halves(ReadOnlySpan<byte> stored) => MemoryMarshal.Cast<byte, Half>(stored);

    /// <summary>Room for a value's elements; the caller ends the value.</summary>
    internal static Span<Half> Take(int dimensions, BytesColumnBuilder result) => MemoryMarshal.Cast<byte, Half>(result.Output.Take(dimensions * sizeof(ushort)));

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        int start = builder.Output.Length;
        bool isDone = false;
        try
        {
            VectorLimits.CheckExpected(type.Modifier, VectorText.Parse<HalfElement>(utf8, builder.Output));
            isDone = true;
        }
        finally
        {
            if (!isDone) builder.Output.Truncate(start);
        }
        builder.EndValue();
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => VectorText.Write(Halves(((BytesColumn)column)[row]), output);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<byte> elements = VectorLimits.DenseElements(bytes, type.Modifier, sizeof(ushort), Name);
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        int start = builder.Output.Length;
        Span<ushort> values = MemoryMarshal.Cast<byte, ushort>(builder.Output.Take(elements.Length));
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ushort>(elements), values);
        if (FirstNotFinite(MemoryMarshal.Cast<ushort, Half>(values)) is var wrong and >= 0)
        {
            bool isNaN = (values[wrong] & Magnitude) > Infinity;
            builder.Output.Truncate(start);
            throw isNaN ? VectorLimits.NaNNotAllowed(Name) : VectorLimits.InfinityNotAllowed(Name);
        }
        builder.EndValue();
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        ReadOnlySpan<byte> value = ((BytesColumn)column)[row];
        output.WriteInt16BigEndian((short)(value.Length / sizeof(ushort)));
        output.WriteInt16BigEndian(0);
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ushort>(value), MemoryMarshal.Cast<byte, ushort>(output.Take(value.Length)));
    }

    public override int Compare(Column left, int leftRow, Column right, int rightRow) => CompareValues(((BytesColumn)left)[leftRow], ((BytesColumn)right)[rightRow]);

    /// <summary>Element by element, then the shorter first, as arrays are compared.</summary>
    public static int CompareValues(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        ReadOnlySpan<short> a = MemoryMarshal.Cast<byte, short>(left), b = MemoryMarshal.Cast<byte, short>(right);
        int common = Math.Min(a.Length, b.Length);
        for (int i = 0; i < common; i++)
        {
            if (a[i] == b[i]) continue;
            int order = OrderOf(a[i]).CompareTo(OrderOf(b[i]));
            if (order != 0) return order;
        }
        return a.Length.CompareTo(b.Length);
    }

    /// <summary>A number that ascends as finite halves do; -0 and 0 have the same.</summary>
    private static int OrderOf(short bits) => bits >= 0 ? bits : -(bits & Magnitude);

    public override ulong Hash(Column column, int row)
    {
        ReadOnlySpan<short> values = MemoryMarshal.Cast<byte, short>(((BytesColumn)column)[row]);
        ulong hash = (ulong)values.Length;
        foreach (short value in values) hash = KeyHash.Combine(hash, (ulong)(OrderOf(value) + Magnitude));
        return KeyHash.Of(unchecked((long)hash));
    }

    /// <summary>Each element as a 16-bit number above zero that ascends, and a zero at the end.</summary>
    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        foreach (short value in MemoryMarshal.Cast<byte, short>(((BytesColumn)column)[row])) key.WriteInt16BigEndian(unchecked((short)(OrderOf(value) + Infinity)));
        key.WriteInt16BigEndian(0);
    }

    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName) => VectorLimits.ParseModifier(arguments, Name, VectorLimits.MaxDimensions);
    public override string FormatModifier(int modifier) => modifier < 0 ? "" : $"({modifier})";

    /// <summary>The place of the first NaN or infinity; -1 if there is none.</summary>
    internal static int FirstNotFinite(ReadOnlySpan<Half> values)
    {
        ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<Half, ushort>(values);
        for (int i = 0; i < bits.Length; i++)
            if ((bits[i] & Infinity) == Infinity) return i;
        return -1;
    }
}
