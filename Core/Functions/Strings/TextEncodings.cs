using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>convert_from, convert_to, encode, decode, unistr: bytes as text and back. Character sets: UTF8, LATIN1, SQL_ASCII.</summary>
internal static class TextEncodings
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("binary_encode", static (in a, r, _) => Encode(a.Bytes(0), a.Bytes(1), (BytesColumnBuilder)r));
        library.Strict("binary_decode", static (in a, r, _) => Decode(a.Bytes(0), a.Bytes(1), (BytesColumnBuilder)r));
        library.Strict("pg_convert_from", static (in a, r, _) => ConvertFrom(a.Bytes(0), a.Bytes(1), (BytesColumnBuilder)r));
        library.Strict("pg_convert_to", static (in a, r, _) => ConvertTo(a.Bytes(0), a.Bytes(1), (BytesColumnBuilder)r));
        library.Strict("pg_encoding_max_length_sql", static (in a, r, _) => MaxLength(a.Get<int>(0), r));
        library.Strict("length_in_encoding", static (in a, r, _) => StringFunctions.Int(r, LengthIn(a.Bytes(0), a.Bytes(1))));
        library.Strict("unistr", static (in a, r, _) => Unistr(a.Bytes(0), (BytesColumnBuilder)r));
    }

    private enum CharacterSet { SqlAscii = 0, Utf8 = 6, Latin1 = 8 }

    /// <summary>PostgreSQL's number of a character set; -1 if unknown here.</summary>
    public static int NumberOf(ReadOnlySpan<byte> name) => Find(name) is { } set ? (int)set : -1;

    public static string NameOf(int number) => number switch { 0 => "SQL_ASCII", 6 => "UTF8", 8 => "LATIN1", _ => "" };

    private static void MaxLength(int number, ColumnBuilder result)
    {
        if (NameOf(number).Length == 0) result.AppendNull();
        else StringFunctions.Int(result, number == (int)CharacterSet.Utf8 ? 4 : 1);
    }

    /// <summary>Letters and digits of the name count, nothing else.</summary>
    private static CharacterSet? Find(ReadOnlySpan<byte> name)
    {
        StringBuilder plain = new();
        foreach (byte b in name)
            if (char.IsAsciiLetterOrDigit((char)b)) plain.Append(char.ToLowerInvariant((char)b));
        return plain.ToString() switch
        {
            "utf8" or "unicode" => CharacterSet.Utf8,
            "latin1" or "iso88591" => CharacterSet.Latin1,
            "sqlascii" => CharacterSet.SqlAscii,
            _ => null,
        };
    }

    private static void ConvertFrom(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name, BytesColumnBuilder result)
    {
        CharacterSet set = Find(name) ?? throw new SqlException(SqlState.InvalidParameterValue, $"invalid source encoding name \"{Utf8Text.ToString(name)}\"");
        if (set != CharacterSet.Latin1)
        {
            Utf8Text.Verify(bytes);
            result.Append(bytes);
            return;
        }
        Span<byte> utf8 = stackalloc byte[4];
        foreach (byte b in bytes)
        {
            if (b == 0) throw new SqlException(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"LATIN1\": 0x00");
            result.Output.Write(utf8[..new Rune((char)b).EncodeToUtf8(utf8)]);
        }
        result.EndValue();
    }

    private static void ConvertTo(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, BytesColumnBuilder result)
    {
        CharacterSet set = Find(name) ?? throw new SqlException(SqlState.InvalidParameterValue, $"invalid destination encoding name \"{Utf8Text.ToString(name)}\"");
        if (set != CharacterSet.Latin1)
        {
            result.Append(text);
            return;
        }
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out Rune character, out int width);
            if (character.Value > 255)
            {
                string shown = string.Join(' ', text[..width].ToArray().Select(b => $"0x{b:x2}"));
                throw new SqlException(SqlState.UntranslatableCharacter, $"character with byte sequence {shown} in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"");
            }
            result.Output.WriteByte((byte)character.Value);
            text = text[width..];
        }
        result.EndValue();
    }

    private static int LengthIn(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name)
    {
        CharacterSet set = Find(name) ?? throw new SqlException(SqlState.InvalidParameterValue, $"invalid encoding name \"{Utf8Text.ToString(name)}\"");
        if (set == CharacterSet.Latin1 && bytes.Contains((byte)0)) throw new SqlException(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"LATIN1\": 0x00");
        if (set != CharacterSet.Utf8) return bytes.Length;
        Utf8Text.Verify(bytes);
        return Utf8Text.Length(bytes);
    }

    private static string FormOf(ReadOnlySpan<byte> name) => Utf8Text.ToString(name).ToLowerInvariant();
    private static SqlException UnknownForm(ReadOnlySpan<byte> name) => new(SqlState.InvalidParameterValue, $"unrecognized encoding: \"{Utf8Text.ToString(name)}\"");

    private static void Encode(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> form, BytesColumnBuilder result)
    {
        switch (FormOf(form))
        {
            case "hex": ByteaType.WriteHex(bytes, result.Output); break;
            case "escape": ByteaType.WriteEscaped(bytes, result.Output, isByteaOutput: false); break;
            case "base64":
                // Lines of 76 characters, 57 bytes each.
                for (int at = 0; at < bytes.Length; at += 57)
                {
                    if (at > 0) result.Output.WriteByte((byte)'\n');
                    ReadOnlySpan<byte> line = bytes.Slice(at, Math.Min(57, bytes.Length - at));
                    System.Buffers.Text.Base64.EncodeToUtf8(line, result.Output.Take((line.Length + 2) / 3 * 4), out _, out _);
                }
                break;
            default: throw UnknownForm(form);
        }
        result.EndValue();
    }

    private static void Decode(ReadOnlySpan<byte> text, ReadOnlySpan<byte> form, BytesColumnBuilder result)
    {
        switch (FormOf(form))
        {
            case "hex": ByteaType.ReadHex(text, result.Output); break;
            case "escape": ByteaType.ReadEscaped(text, result.Output, "bytea"); break;
            case "base64": ReadBase64(text, result.Output); break;
            default: throw UnknownForm(form);
        }
        result.EndValue();
    }

    private static void ReadBase64(ReadOnlySpan<byte> text, ByteBuffer output)
    {
        int bits = 0, count = 0, end = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte c = text[i];
            if (c is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') continue;
            int value = c switch
            {
                >= (byte)'A' and <= (byte)'Z' => c - 'A',
                >= (byte)'a' and <= (byte)'z' => c - 'a' + 26,
                >= (byte)'0' and <= (byte)'9' => c - '0' + 52,
                (byte)'+' => 62,
                (byte)'/' => 63,
                (byte)'=' => 0,
                _ => throw new SqlException(SqlState.InvalidParameterValue,
                    $"invalid symbol \"{Utf8Text.ToString(text.Slice(i, Math.Min(Utf8Text.WidthOf(c), text.Length - i)))}\" found while decoding base64 sequence"),
            };
            if (c == (byte)'=' && end == 0)
            {
                end = count switch { 2 => 1, 3 => 2, _ => throw new SqlException(SqlState.InvalidParameterValue, "unexpected \"=\" while decoding base64 sequence") };
            }
            bits = bits << 6 | value;
            if (++count < 4) continue;
            output.WriteByte((byte)(bits >> 16));
            if (end is 0 or 2) output.WriteByte((byte)(bits >> 8));
            if (end == 0) output.WriteByte((byte)bits);
            (bits, count) = (0, 0);
        }
        if (count != 0)
            throw new SqlException(SqlState.InvalidParameterValue, "invalid base64 end sequence", hint: "Input data is missing padding, is truncated, or is otherwise corrupted.");
    }

    /// <summary>\XXXX, \+XXXXXX, \uXXXX, \UXXXXXXXX and two backslashes for one.</summary>
    private static void Unistr(ReadOnlySpan<byte> text, BytesColumnBuilder result)
    {
        int high = 0;
        Span<byte> utf8 = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            if (text[0] != (byte)'\\' || text.StartsWith("\\\\"u8))
            {
                if (high != 0) throw InvalidPair();
                result.Output.WriteByte(text[0]);
                text = text[(text[0] == (byte)'\\' ? 2 : 1)..];
                continue;
            }
            (int skip, int digits) = text.Length < 2 ? (1, 4) : text[1] switch { (byte)'+' => (2, 6), (byte)'u' => (2, 4), (byte)'U' => (2, 8), _ => (1, 4) };
            if (text.Length < skip + digits || !uint.TryParse(text.Slice(skip, digits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out uint code))
                throw new SqlException(SqlState.SyntaxError, "invalid Unicode escape", hint: "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.");
            text = text[(skip + digits)..];
            if (code is 0 or > 0x10FFFF) throw new SqlException(SqlState.InvalidParameterValue, $"invalid Unicode code point: {code:X4}");
            if (high != 0)
            {
                if (code is < 0xDC00 or > 0xDFFF) throw InvalidPair();
                code = (uint)char.ConvertToUtf32((char)high, (char)code);
                high = 0;
            }
            else if (code is >= 0xD800 and <= 0xDBFF)
            {
                high = (int)code;
                continue;
            }
            else if (code is >= 0xDC00 and <= 0xDFFF) throw InvalidPair();
            result.Output.Write(utf8[..new Rune(code).EncodeToUtf8(utf8)]);
        }
        if (high != 0) throw InvalidPair();
        result.EndValue();
    }

    private static SqlException InvalidPair() => new(SqlState.SyntaxError, "invalid Unicode surrogate pair");
}
