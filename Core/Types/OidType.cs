using System.Buffers.Binary;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>oid: 32 bits without sign. Negative input wraps, as PostgreSQL's does.</summary>
internal class OidType : FixedWidthType<uint>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, Parse(utf8));

    internal static uint Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return unchecked((uint)IntegerText.Parse(utf8, int.MinValue, uint.MaxValue, "oid"));
        }
        catch (SqlException e) when (e.SqlState == SqlState.NumericValueOutOfRange)
        {
            throw new SqlException(e.SqlState, $"value \"{Encoding.UTF8.GetString(utf8)}\" is out of range for type oid", inner: e);
        }
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteFormatted(ValueAt(column, row));

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, BinaryPrimitives.ReadUInt32BigEndian(Exactly(bytes, 4)));

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteUInt32BigEndian(ValueAt(column, row));
    public override void EncodeKey(Column column, int row, ByteBuffer key) => key.WriteUInt32BigEndian(ValueAt(column, row));
    protected override int CompareValues(uint left, uint right) => left.CompareTo(right);
    protected override ulong HashValue(uint value) => KeyHash.Of(value);
}

/// <summary>xid and cid: numbers of transactions and commands. They have equality only; their text is read as C's strtoul does, and never fails.</summary>
internal sealed class XidType : OidType
{
    public override bool IsOrderable => false;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, unchecked((uint)Lenient(utf8)));

    /// <summary>Leading spaces, a sign, 0x or 0 as base; stops at the first stranger.</summary>
    internal static ulong Lenient(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = utf8.TrimStart(" \t\n\v\f\r"u8);
        bool isNegative = text.Length > 0 && text[0] == (byte)'-';
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+') text = text[1..];
        uint radix = 10;
        if (text.Length > 2 && text[0] == (byte)'0' && (text[1] | 0x20) == 'x') radix = 16;
        else if (text.Length > 1 && text[0] == (byte)'0') radix = 8;
        if (radix == 16) text = text[2..];
        ulong value = 0;
        foreach (byte b in text)
        {
            uint digit = b is >= (byte)'0' and <= (byte)'9' ? (uint)(b - '0') : char.IsAsciiHexDigit((char)b) ? (uint)((b | 0x20) - 'a' + 10) : 99;
            if (digit >= radix) break;
            UInt128 next = (UInt128)value * radix + digit;
            if (next > ulong.MaxValue) return ulong.MaxValue;
            value = (ulong)next;
        }
        return isNegative ? unchecked(0 - value) : value;
    }
}

/// <summary>xid8: a transaction's number that never wraps; compared without sign.</summary>
internal sealed class Xid8Type : FixedWidthType<long>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, unchecked((long)XidType.Lenient(utf8)));
    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteFormatted((ulong)ValueAt(column, row));

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, BinaryPrimitives.ReadInt64BigEndian(Exactly(bytes, 8)));

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteInt64BigEndian(ValueAt(column, row));
    public override void EncodeKey(Column column, int row, ByteBuffer key) => key.WriteInt64BigEndian(ValueAt(column, row));
    protected override int CompareValues(long left, long right) => ((ulong)left).CompareTo((ulong)right);
    protected override ulong HashValue(long value) => KeyHash.Of(value);
}
