using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Types;

/// <summary>boolean.</summary>
internal sealed class BoolType : FixedWidthType<bool>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, TryParse(utf8) ?? throw Utf8Text.InvalidInput("boolean", utf8));

    /// <summary>Any unambiguous beginning of true, false, yes, no, on, off; 1 and 0. Null if it is none.</summary>
    internal static bool? TryParse(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = utf8.Trim(" \t\n\v\f\r"u8);
        if (text.Length is 0 or > 5) return null;
        Span<byte> lower = stackalloc byte[text.Length];
        for (int i = 0; i < text.Length; i++) lower[i] = text[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(text[i] | 0x20) : text[i];
        if ("true"u8.StartsWith(lower) || "yes"u8.StartsWith(lower) || lower.SequenceEqual("on"u8) || lower.SequenceEqual("1"u8)) return true;
        if ("false"u8.StartsWith(lower) || "no"u8.StartsWith(lower) || (lower.Length >= 2 && "off"u8.StartsWith(lower)) || lower.SequenceEqual("0"u8)) return false;
        return null;
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteByte(ValueAt(column, row) ? (byte)'t' : (byte)'f');
    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, Exactly(bytes, 1)[0] != 0);
    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteByte(ValueAt(column, row) ? (byte)1 : (byte)0);
    public override void EncodeKey(Column column, int row, ByteBuffer key) => key.WriteByte(ValueAt(column, row) ? (byte)1 : (byte)0);
    protected override int CompareValues(bool left, bool right) => left.CompareTo(right);
    protected override ulong HashValue(bool value) => KeyHash.Of(value ? 1L : 0L);
}
