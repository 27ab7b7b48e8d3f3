using System.Globalization;
using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Parser.Lexing;

/// <summary>The quoted forms: '…', E'…', U&amp;'…', B'…', X'…', N'…', "…" and U&amp;"…".</summary>
internal sealed partial class Lexer
{
    private const string UnicodeEscapeHint = "Unicode escapes must be \\XXXX or \\+XXXXXX.";
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>A letter, or U&amp;, straight before a quote.</summary>
    private bool ScanPrefixedString(char c)
    {
        int start = _position;
        switch (c)
        {
            case 'e' or 'E' when Peek(1) == '\'':
                _position++;
                ScanEscapeString(start);
                return true;
            case 'b' or 'B' when Peek(1) == '\'':
                _position++;
                AddQuoted(TokenKind.BitString, start, "unterminated bit string literal");
                return true;
            case 'x' or 'X' when Peek(1) == '\'':
                _position++;
                AddQuoted(TokenKind.HexString, start, "unterminated hexadecimal string literal");
                return true;
            case 'n' or 'N' when Peek(1) == '\'':
                // N'…' is the type nchar followed by a string; the type's token stands alone.
                _position++;
                Add(TokenKind.Keyword, start, _position, "nchar", Keyword.Nchar);
                return true;
            case 'u' or 'U' when Peek(1) == '&' && Peek(2) is '\'' or '"':
                _position += 2;
                if (Peek() == '"') ScanQuotedIdentifier(start, isUnicode: true);
                else ScanUnicodeString(start);
                return true;
            default:
                return false;
        }
    }

    private void AddQuoted(TokenKind kind, int start, string unterminated)
    {
        string value = ScanQuoted(start, unterminated);
        Add(kind, start, _position, value);
    }

    /// <summary>From the opening quote to after the last closing one: doubled quotes are one, and parts with a line break between them are joined.</summary>
    private string ScanQuoted(int start, string unterminated)
    {
        StringBuilder? parts = null;
        string value = "";
        do
        {
            _position++;
            int from = _position;
            while (true)
            {
                int quote = _text.IndexOf('\'', _position);
                if (quote < 0)
                {
                    _position = _text.Length;
                    throw Fail(unterminated, start);
                }
                _position = quote + 1;
                if (Peek() != '\'') break;
                _position++;
            }
            string part = _text[from..(_position - 1)];
            if (part.Contains('\'')) part = part.Replace("''", "'");
            if (parts is null && value.Length == 0) value = part;
            else (parts ??= new StringBuilder(value)).Append(part);
        } while (SkipToContinuation());
        return parts?.ToString() ?? value;
    }

    /// <summary>True, and the position on the next opening quote, if only blanks with a line break (and line comments) lie between.</summary>
    private bool SkipToContinuation()
    {
        int at = _position;
        bool sawNewline = false;
        while (at < _text.Length)
        {
            char c = _text[at];
            if (c is '\n' or '\r')
            {
                sawNewline = true;
                at++;
            }
            else if (IsSpace(c))
            {
                at++;
            }
            else if (c == '-' && at + 1 < _text.Length && _text[at + 1] == '-')
            {
                int end = _text.AsSpan(at).IndexOfAny('\n', '\r');
                if (end < 0) return false;
                at += end;
            }
            else
            {
                if (c != '\'' || !sawNewline) return false;
                _position = at;
                return true;
            }
        }
        return false;
    }

    private void ScanEscapeString(int start)
    {
        var value = new StringBuilder();
        var bytes = new List<byte>();
        do
        {
            _position++;
            while (true)
            {
                if (_position >= _text.Length) throw Fail("unterminated quoted string", start);
                char c = _text[_position++];
                if (c == '\'')
                {
                    if (Peek() != '\'') break;
                    _position++;
                }
                if (c == '\\')
                {
                    ScanEscape(start, value, bytes);
                    continue;
                }
                FlushBytes(start, value, bytes);
                value.Append(c);
            }
        } while (SkipToContinuation());
        FlushBytes(start, value, bytes);
        Add(TokenKind.String, start, _position, value.ToString());
    }

    /// <summary>After a backslash. Octal and \x escapes are bytes of UTF-8, collected until the next character.</summary>
    private void ScanEscape(int start, StringBuilder value, List<byte> bytes)
    {
        if (_position >= _text.Length) throw Fail("unterminated quoted string", start);
        char c = _text[_position++];
        if (c is >= '0' and <= '7')
        {
            int code = c - '0';
            for (int i = 0; i < 2 && Peek() is >= '0' and <= '7'; i++) code = (code * 8) + (_text[_position++] - '0');
            bytes.Add((byte)code);
            return;
        }
        if (c == 'x' && char.IsAsciiHexDigit(Peek()))
        {
            int code = 0;
            for (int i = 0; i < 2 && char.IsAsciiHexDigit(Peek()); i++) code = (code * 16) + HexValue(_text[_position++]);
            bytes.Add((byte)code);
            return;
        }
        FlushBytes(start, value, bytes);
        if (c is 'u' or 'U')
        {
            _position -= 2;
            ScanEscapedCodePoint(value);
            return;
        }
        value.Append(c switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => c });
    }

    /// <summary>Reads \uXXXX or \UXXXXXXXX at the position.</summary>
    private int ReadEscapedCodePoint()
    {
        int at = _position, digits = Peek(1) == 'U' ? 8 : 4;
        _position += 2;
        long code = 0;
        for (int i = 0; i < digits; i++)
        {
            if (!char.IsAsciiHexDigit(Peek()))
                throw new SqlException("22025", "invalid Unicode escape", at, hint: "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.");
            code = (code * 16) + HexValue(_text[_position++]);
        }
        return CheckCodePoint(code, at);
    }

    private int CheckCodePoint(long code, int at) => code is 0 or > 0x10FFFF ? throw Fail("invalid Unicode escape value", at) : (int)code;

    /// <summary>Appends \u or \U at the position; a high surrogate must be followed by a low one, which is read too.</summary>
    private void ScanEscapedCodePoint(StringBuilder value)
    {
        int at = _position, code = ReadEscapedCodePoint();
        if (IsLowSurrogate(code)) throw Fail("invalid Unicode surrogate pair", at);
        if (IsHighSurrogate(code))
        {
            at = _position;
            if (!(Peek() == '\\' && Peek(1) is 'u' or 'U'))
            {
                if (_position < _text.Length) _position++;
                throw Fail("invalid Unicode surrogate pair", at);
            }
            int low = ReadEscapedCodePoint();
            if (!IsLowSurrogate(low)) throw Fail("invalid Unicode surrogate pair", at);
            value.Append((char)code).Append((char)low);
            return;
        }
        value.Append(char.ConvertFromUtf32(code));
    }

    private static bool IsHighSurrogate(int code) => code is >= 0xD800 and <= 0xDBFF;

    private static bool IsLowSurrogate(int code) => code is >= 0xDC00 and <= 0xDFFF;

    private static void FlushBytes(int start, StringBuilder value, List<byte> bytes)
    {
        if (bytes.Count == 0) return;
        byte[] sequence = [.. bytes];
        bytes.Clear();
        try
        {
            if (sequence.AsSpan().Contains((byte)0)) throw new DecoderFallbackException("", [0], 0);
            value.Append(StrictUtf8.GetString(sequence));
        }
        catch (DecoderFallbackException e)
        {
            string shown = string.Join(' ', (e.BytesUnknown ?? sequence).Select(b => $"0x{b:x2}"));
            throw new SqlException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\": {shown}", start, inner: e);
        }
    }

    private void ScanUnicodeString(int start)
    {
        string raw = ScanQuoted(start, "unterminated quoted string");
        int end = _position;
        char escape = ScanUescape(ref end);
        Add(TokenKind.String, start, end, DecodeUnicode(raw, escape, start));
    }

    private void ScanQuotedIdentifier(int start, bool isUnicode)
    {
        int from = ++_position;
        while (true)
        {
            int quote = _text.IndexOf('"', _position);
            if (quote < 0)
            {
                _position = _text.Length;
                throw Fail("unterminated quoted identifier", start);
            }
            _position = quote + 1;
            if (Peek() != '"') break;
            _position++;
        }
        if (_position - 1 == from) throw Fail("zero-length delimited identifier", start);
        string name = _text[from..(_position - 1)].Replace("\"\"", "\"");
        int end = _position;
        if (isUnicode) name = DecodeUnicode(name, ScanUescape(ref end), start);
        Add(TokenKind.Identifier, start, end, Truncate(name));
    }

    /// <summary>UESCAPE 'c' after a U&amp; form; the backslash without it.</summary>
    private char ScanUescape(ref int end)
    {
        int resume = _position;
        SkipBlank();
        int wordStart = _position;
        while (IsIdentifierPart(Peek())) _position++;
        if (!_text.AsSpan(wordStart, _position - wordStart).Equals("uescape", StringComparison.OrdinalIgnoreCase))
        {
            _position = resume;
            return '\\';
        }
        SkipBlank();
        int at = _position;
        if (Peek() != '\'')
        {
            if (_position < _text.Length) _position++;
            throw Fail("UESCAPE must be followed by a simple string literal", at);
        }
        string value = ScanQuoted(at, "unterminated quoted string");
        if (value.Length != 1 || char.IsAsciiHexDigit(value[0]) || value[0] is '+' or '\'' or '"' || IsSpace(value[0]))
            throw Fail("invalid Unicode escape character", at);
        end = _position;
        return value[0];
    }

    /// <summary>Decodes \XXXX, \+XXXXXX and \\ with the given escape character, in a literal that starts with U&amp; and a quote.</summary>
    private static string DecodeUnicode(string raw, char escape, int start)
    {
        if (!raw.Contains(escape)) return raw;
        var value = new StringBuilder(raw.Length);
        int high = 0;
        for (int at = 0; at < raw.Length;)
        {
            int position = start + 3 + at;
            if (raw[at] != escape || (at + 1 < raw.Length && raw[at + 1] == escape))
            {
                if (high != 0) throw new SqlException(SqlState.SyntaxError, "invalid Unicode surrogate pair", position);
                value.Append(raw[at]);
                at += raw[at] == escape ? 2 : 1;
                continue;
            }
            bool isLong = at + 1 < raw.Length && raw[at + 1] == '+';
            int from = at + (isLong ? 2 : 1), digits = isLong ? 6 : 4;
            if (from + digits > raw.Length || !int.TryParse(raw.AsSpan(from, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
                throw new SqlException(SqlState.SyntaxError, "invalid Unicode escape", position, hint: UnicodeEscapeHint);
            if (code is 0 or > 0x10FFFF) throw new SqlException(SqlState.SyntaxError, "invalid Unicode escape value", position);
            if (high != 0 != IsLowSurrogate(code)) throw new SqlException(SqlState.SyntaxError, "invalid Unicode surrogate pair", position);
            at = from + digits;
            if (IsHighSurrogate(code)) high = code;
            else if (high != 0) (_, high) = (value.Append((char)high).Append((char)code), 0);
            else value.Append(char.ConvertFromUtf32(code));
        }
        if (high != 0) throw new SqlException(SqlState.SyntaxError, "invalid Unicode surrogate pair", start + 3 + raw.Length);
        return value.ToString();
    }

    private static int HexValue(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
