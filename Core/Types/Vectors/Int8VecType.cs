using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// int8vec(n): 1 to 16,000 whole numbers from −128 to 127. Stored as those bytes, and nothing else: the number of dimensions is the length. pgvector has no such type; all that it has of its others
/// is done alike.
/// </summary>
public sealed class Int8VecType : TypeHandler
{
    internal const string Name = "int8vec";

    public override PhysicalKind Kind => PhysicalKind.Bytes;

    /// <summary>The elements of a stored value.</summary>
    public static ReadOnlySpan<sbyte> Elements(ReadOnlySpan<byte> stored) => MemoryMarshal.Cast<byte, sbyte>(stored);

    /// <summary>Room for a value's elements; the caller ends the value.</summary>
    internal static Span<sbyte> Take(int dimensions, BytesColumnBuilder result) => MemoryMarshal.Cast<byte, sbyte>(result.Output.Take(dimensions));

    /// <summary>The nearest whole number, of two the even one.</summary>
    /// <exception cref="SqlException">22003, 22000.</exception>
    internal static sbyte Round(float value)
    {
        VectorLimits.CheckElement(value, Name);
        float whole = MathF.Round(value);
        if (whole is >= sbyte.MinValue and <= sbyte.MaxValue) return (sbyte)whole;
        ByteBuffer text = new(16);
        FloatText.Write(value, 1, text);
        throw VectorText.OutOfRange(text.WrittenSpan, Name);
    }

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        int start = builder.Output.Length;
        bool isDone = false;
        try
        {
            VectorLimits.CheckExpected(type.Modifier, VectorText.Parse<Int8Element>(utf8, builder.Output));
            isDone = true;
        }
        finally
        {
            if (!isDone) builder.Output.Truncate(start);
        }
        builder.EndValue();
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        ReadOnlySpan<sbyte> values = Elements(((BytesColumn)column)[row]);
        output.WriteByte((byte)'[');
        for (int i = 0; i < values.Length; i++)
        {
            if (i > 0) output.WriteByte((byte)',');
            FloatText.Write(values[i], 1, output);
        }
        output.WriteByte((byte)']');
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) =>
        ((BytesColumnBuilder)result).Append(VectorLimits.DenseElements(bytes, type.Modifier, sizeof(sbyte), Name));

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        ReadOnlySpan<byte> value = ((BytesColumn)column)[row];
        output.WriteInt16BigEndian((short)value.Length);
        output.WriteInt16BigEndian(0);
        output.Write(value);
    }

    public override int Compare(Column left, int leftRow, Column right, int rightRow) => CompareValues(((BytesColumn)left)[leftRow], ((BytesColumn)right)[rightRow]);

    /// <summary>Element by element, then the shorter first, as arrays are compared.</summary>
    public static int CompareValues(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Elements(left).SequenceCompareTo(Elements(right));

    public override ulong Hash(Column column, int row) => KeyHash.Of(((BytesColumn)column)[row]);

    /// <summary>Each element as a byte that ascends, after a one; a zero at the end.</summary>
    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        foreach (byte value in ((BytesColumn)column)[row])
        {
            key.WriteByte(1);
            key.WriteByte((byte)(value ^ 0x80));
        }
        key.WriteByte(0);
    }

    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName) => VectorLimits.ParseModifier(arguments, Name, VectorLimits.MaxDimensions);
    public override string FormatModifier(int modifier) => modifier < 0 ? "" : $"({modifier})";
}
