using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>uuid. Read with or without braces, with hyphens after any group of four digits.</summary>
internal sealed class UuidType : FixedWidthType<UuidValue>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, TryParse(utf8, out UuidValue value) ? value : throw Utf8Text.InvalidInput("uuid", utf8));

    private static bool TryParse(ReadOnlySpan<byte> text, out UuidValue value)
    {
        value = default;
        if (text.Length > 1 && text[0] == (byte)'{')
        {
            if (text[^1] != (byte)'}') return false;
            text = text[1..^1];
        }
        Span<byte> bytes = stackalloc byte[16];
        int at = 0;
        for (int i = 0; i < 16; i++)
        {
            if (at + 2 > text.Length) return false;
            int high = ByteaType.HexValue(text[at]), low = ByteaType.HexValue(text[at + 1]);
            if (high < 0 || low < 0) return false;
            bytes[i] = (byte)(high << 4 | low);
            at += 2;
            if (i % 2 == 1 && i < 15 && at < text.Length && text[at] == (byte)'-') at++;
        }
        value = new UuidValue(bytes);
        return at == text.Length;
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        Span<byte> bytes = stackalloc byte[16];
        ValueAt(column, row).CopyTo(bytes);
        for (int i = 0; i < 16; i++)
        {
            if (i is 4 or 6 or 8 or 10) output.WriteByte((byte)'-');
            output.WriteByte("0123456789abcdef"u8[bytes[i] >> 4]);
            output.WriteByte("0123456789abcdef"u8[bytes[i] & 15]);
        }
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, new UuidValue(Exactly(bytes, 16)));
    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => ValueAt(column, row).CopyTo(output.Take(16));
    public override void EncodeKey(Column column, int row, ByteBuffer key) => ValueAt(column, row).CopyTo(key.Take(16));
    protected override int CompareValues(UuidValue left, UuidValue right) => left.CompareTo(right);

    protected override ulong HashValue(UuidValue value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.CopyTo(bytes);
        return KeyHash.Of(bytes);
    }
}
