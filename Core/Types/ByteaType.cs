using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>bytea: hex (\x…) and escape formats in, either out.</summary>
internal sealed class ByteaType : BytesType
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        if (utf8.StartsWith("\\x"u8)) ReadHex(utf8[2..], builder.Output);
        else ReadEscaped(utf8, builder.Output, "bytea");
        builder.EndValue();
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        ReadOnlySpan<byte> value = ValueAt(column, row);
        if (context.Display.ByteaHex)
        {
            output.Write("\\x"u8);
            WriteHex(value, output);
        }
        else WriteEscaped(value, output, isByteaOutput: true);
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, bytes);
    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.Write(ValueAt(column, row));

    /// <summary>Hex digits in pairs; spaces between pairs are skipped.</summary>
    /// <exception cref="SqlException">22023.</exception>
    internal static void ReadHex(ReadOnlySpan<byte> text, ByteBuffer output)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r') continue;
            int high = HexDigit(text, i);
            if (++i >= text.Length) throw new SqlException(SqlState.InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
            output.WriteByte((byte)(high << 4 | HexDigit(text, i)));
        }
    }

    internal static void WriteHex(ReadOnlySpan<byte> value, ByteBuffer output) => Convert.TryToHexStringLower(value, output.Take(checked(value.Length * 2)), out _);

    /// <summary>Backslash and three octal digits, or two backslashes; all else is itself.</summary>
    /// <exception cref="SqlException">22P02.</exception>
    internal static void ReadEscaped(ReadOnlySpan<byte> text, ByteBuffer output, string typeName)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != (byte)'\\') output.WriteByte(text[i]);
            else if (i + 3 < text.Length && text[i + 1] is >= (byte)'0' and <= (byte)'3' && IsOctal(text[i + 2]) && IsOctal(text[i + 3]))
            {
                output.WriteByte((byte)((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0')));
                i += 3;
            }
            else if (i + 1 < text.Length && text[i + 1] == (byte)'\\') output.WriteByte(text[++i]);
            else throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid input syntax for type {typeName}");
        }
    }

    /// <summary>bytea's escape output writes control bytes as octal; encode(…, 'escape') only zero and bytes above 127.</summary>
    internal static void WriteEscaped(ReadOnlySpan<byte> value, ByteBuffer output, bool isByteaOutput)
    {
        foreach (byte b in value)
        {
            if (b == (byte)'\\') output.Write("\\\\"u8);
            else if (b > 126 ? isByteaOutput || b > 127 : isByteaOutput ? b < 32 : b == 0)
            {
                output.WriteByte((byte)'\\');
                output.WriteByte((byte)('0' + (b >> 6)));
                output.WriteByte((byte)('0' + (b >> 3 & 7)));
                output.WriteByte((byte)('0' + (b & 7)));
            }
            else output.WriteByte(b);
        }
    }

    private static bool IsOctal(byte b) => b is >= (byte)'0' and <= (byte)'7';

    private static int HexDigit(ReadOnlySpan<byte> text, int at)
    {
        int digit = HexValue(text[at]);
        if (digit >= 0) return digit;
        int width = Math.Min(Utf8Text.WidthOf(text[at]), text.Length - at);
        throw new SqlException(SqlState.InvalidParameterValue, $"invalid hexadecimal digit: \"{Utf8Text.ToString(text.Slice(at, width))}\"");
    }

    /// <summary>0 … 15; -1 if it is no hex digit.</summary>
    internal static int HexValue(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => -1,
    };
}
