using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Types;

/// <summary>PostgreSQL's order of floats: NaN equals itself and is above all; -0 equals 0.</summary>
internal static class FloatOrder
{
    public static int Compare(double left, double right)
    {
        if (left < right) return -1;
        if (left > right) return 1;
        if (left == right) return 0;
        return double.IsNaN(left).CompareTo(double.IsNaN(right));
    }

    /// <summary>Equal numbers hash alike, also across widths and with integers.</summary>
    public static ulong Hash(double value)
    {
        if (value is >= -9.2e18 and <= 9.2e18 && (long)value is var whole && whole == value) return KeyHash.Of(whole);
        return KeyHash.Of(BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? double.NaN : value));
    }
}

/// <summary>real.</summary>
internal sealed class Float4Type : FixedWidthType<float>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, FloatText.ParseSingle(utf8));

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        FloatText.Write(ValueAt(column, row), context.Display.ExtraFloatDigits, output);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, BinaryPrimitives.ReadSingleBigEndian(Exactly(bytes, 4)));

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        BinaryPrimitives.WriteSingleBigEndian(output.Take(4), ValueAt(column, row));

    /// <summary>The bits, turned so that they ascend: negative ones inverted, positive ones with the sign bit set. One zero, one NaN.</summary>
    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        float value = ValueAt(column, row);
        uint bits = float.IsNaN(value) ? 0x7FC0_0000 : BitConverter.SingleToUInt32Bits(value == 0 ? 0f : value);
        key.WriteUInt32BigEndian((bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000);
    }

    protected override int CompareValues(float left, float right) => FloatOrder.Compare(left, right);
    protected override ulong HashValue(float value) => FloatOrder.Hash(value);
}

/// <summary>double precision.</summary>
internal sealed class Float8Type : FixedWidthType<double>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, FloatText.ParseDouble(utf8));

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        FloatText.Write(ValueAt(column, row), context.Display.ExtraFloatDigits, output);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, BinaryPrimitives.ReadDoubleBigEndian(Exactly(bytes, 8)));

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        BinaryPrimitives.WriteDoubleBigEndian(output.Take(8), ValueAt(column, row));

    /// <summary>As in <see cref="Float4Type"/>.</summary>
    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        double value = ValueAt(column, row);
        ulong bits = double.IsNaN(value) ? 0x7FF8_0000_0000_0000 : BitConverter.DoubleToUInt64Bits(value == 0 ? 0d : value);
        BinaryPrimitives.WriteUInt64BigEndian(key.Take(8), (bits & 0x8000_0000_0000_0000) != 0 ? ~bits : bits | 0x8000_0000_0000_0000);
    }

    protected override int CompareValues(double left, double right) => FloatOrder.Compare(left, right);
    protected override ulong HashValue(double value) => FloatOrder.Hash(value);
}
