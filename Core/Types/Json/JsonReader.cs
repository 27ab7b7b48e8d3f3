using System.Runtime.CompilerServices;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>What a JSON text consists of, in order.</summary>
internal enum JsonToken : byte { BeginObject, EndObject, BeginArray, EndArray, Key, String, Number, True, False, Null, End }

/// <summary>
/// Reads JSON text token by token and checks its grammar, with PostgreSQL's errors. Doesn't recurse: depth is a bit for each open container, at most <see cref="MaxDepth"/>.
/// </summary>
internal ref struct JsonReader
{
    public const int MaxDepth = 1024;

    private enum Expect : byte { Value, FirstElement, FirstKey, NextKey, Colon, AfterElement, AfterPair, End }

    [InlineArray(MaxDepth / 64)]
    private struct Bits
    {
        private ulong _first;
    }

    private readonly ReadOnlySpan<byte> _text;
    private readonly bool _decodes;
    private Bits _isObject;
    private Expect _expect;
    private int _at;
    private int _lineStart;
    private int _line;

    /// <param name="utf8">The text.</param>
    /// <param name="decodes">Escapes are checked for what text can hold (jsonb): no \u0000, no lone surrogate.</param>
    public JsonReader(ReadOnlySpan<byte> utf8, bool decodes)
    {
        _text = utf8;
        _decodes = decodes;
        _expect = Expect.Value;
        _line = 1;
    }

    /// <summary>Open containers.</summary>
    public int Depth { get; private set; }

    /// <summary>Where the token begins and ends in the text.</summary>
    public int TokenStart { get; private set; }
    public int TokenEnd { get; private set; }
    public readonly ReadOnlySpan<byte> Token => _text[TokenStart..TokenEnd];

    /// <summary>A string's or key's bytes between its quotes, escapes as written.</summary>
    public readonly ReadOnlySpan<byte> RawString => _text[(TokenStart + 1)..(TokenEnd - 1)];

    /// <exception cref="SqlException">22P02, 22P05, 54001.</exception>
    public static void Verify(ReadOnlySpan<byte> utf8)
    {
        JsonReader reader = new(utf8, decodes: false);
        while (reader.Next() != JsonToken.End) { }
    }

    /// <summary>The next token; after the last, <see cref="JsonToken.End"/>.</summary>
    public JsonToken Next()
    {
        byte kind = Scan();
        if (_expect == Expect.Colon)
        {
            if (kind != (byte)':') throw Unexpected("\":\"");
            _expect = Expect.Value;
            kind = Scan();
        }
        else if (_expect is Expect.AfterElement or Expect.AfterPair)
        {
            bool isObject = _expect == Expect.AfterPair;
            if (kind == (isObject ? (byte)'}' : (byte)']')) return Close(isObject);
            if (kind != (byte)',') throw Unexpected(isObject ? "\",\" or \"}\"" : "\",\" or \"]\"");
            _expect = isObject ? Expect.NextKey : Expect.Value;
            kind = Scan();
        }
        switch (_expect)
        {
            case Expect.End:
                return kind == 0 ? JsonToken.End : throw Unexpected("end of input");
            case Expect.FirstElement when kind == (byte)']':
                return Close(isObject: false);
            case Expect.FirstKey when kind == (byte)'}':
                return Close(isObject: true);
            case Expect.FirstKey or Expect.NextKey:
                if (kind != (byte)'"') throw Unexpected(_expect == Expect.FirstKey ? "string or \"}\"" : "string");
                _expect = Expect.Colon;
                return JsonToken.Key;
        }
        switch (kind)
        {
            case (byte)'{': return Open(isObject: true);
            case (byte)'[': return Open(isObject: false);
            case (byte)'"': return Ended(JsonToken.String);
            case (byte)'0': return Ended(JsonToken.Number);
            case (byte)'t': return Ended(JsonToken.True);
            case (byte)'f': return Ended(JsonToken.False);
            case (byte)'n': return Ended(JsonToken.Null);
            default: throw Unexpected("JSON value");
        }
    }

    /// <summary>Passes over the rest of the value whose first token was just read; returns the offset of its end.</summary>
    public int SkipRest(JsonToken first)
    {
        if (first is not (JsonToken.BeginObject or JsonToken.BeginArray)) return TokenEnd;
        for (int outer = Depth - 1; Depth > outer;) Next();
        return TokenEnd;
    }

    /// <summary>Writes a raw string with its escapes resolved.</summary>
    /// <exception cref="SqlException">22P05, 22P02: what text can't hold (if the reader didn't look at it already).</exception>
    public readonly void Decode(ReadOnlySpan<byte> raw, ByteBuffer output)
    {
        while (true)
        {
            int escape = raw.IndexOf((byte)'\\');
            if (escape < 0)
            {
                output.Write(raw);
                return;
            }
            output.Write(raw[..escape]);
            byte code = raw[escape + 1];
            raw = raw[(escape + 2)..];
            if (code != (byte)'u')
            {
                output.WriteByte(code switch { (byte)'b' => 8, (byte)'f' => 12, (byte)'n' => 10, (byte)'r' => 13, (byte)'t' => 9, _ => code });
                continue;
            }
            int unit = Hex(raw);
            raw = raw[4..];
            if (unit == 0) throw NulEscape();
            if (char.IsLowSurrogate((char)unit)) throw Surrogate("Unicode low surrogate must follow a high surrogate.");
            if (char.IsHighSurrogate((char)unit))
            {
                int low = raw.Length >= 6 && raw[0] == (byte)'\\' && raw[1] == (byte)'u' ? Hex(raw[2..]) : 0;
                if (char.IsHighSurrogate((char)low)) throw Surrogate("Unicode high surrogate must not follow a high surrogate.");
                if (!char.IsLowSurrogate((char)low)) throw Surrogate("Unicode low surrogate must follow a high surrogate.");
                unit = char.ConvertToUtf32((char)unit, (char)low);
                raw = raw[6..];
            }
            new Rune(unit).TryEncodeToUtf8(output.GetSpan(4), out int written);
            output.Advance(written);
        }
    }

    private JsonToken Open(bool isObject)
    {
        if (Depth == MaxDepth)
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", hint: $"JSON values may be nested {MaxDepth} levels deep.");
        int word = Depth >> 6;
        ulong bit = 1UL << (Depth & 63);
        if (isObject) _isObject[word] |= bit;
        else _isObject[word] &= ~bit;
        Depth++;
        _expect = isObject ? Expect.FirstKey : Expect.FirstElement;
        return isObject ? JsonToken.BeginObject : JsonToken.BeginArray;
    }

    private JsonToken Close(bool isObject)
    {
        Depth--;
        return Ended(isObject ? JsonToken.EndObject : JsonToken.EndArray);
    }

    /// <summary>After a value: what may follow depends on where it stands.</summary>
    private JsonToken Ended(JsonToken token)
    {
        _expect = Depth == 0 ? Expect.End : (_isObject[(Depth - 1) >> 6] >> ((Depth - 1) & 63) & 1) != 0 ? Expect.AfterPair : Expect.AfterElement;
        return token;
    }

    /// <summary>Finds the next lexical token; returns its first character, '0' for numbers, t f n for words, 0 at the end.</summary>
    private byte Scan()
    {
        for (; _at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r'; _at++)
        {
            if (_text[_at] != (byte)'\n') continue;
            _line++;
            _lineStart = _at + 1;
        }
        TokenStart = _at;
        TokenEnd = _at;
        if (_at == _text.Length) return 0;
        byte first = _text[_at];
        switch (first)
        {
            case (byte)'{' or (byte)'}' or (byte)'[' or (byte)']' or (byte)',' or (byte)':':
                TokenEnd = ++_at;
                return first;
            case (byte)'"':
                ScanString();
                return first;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                ScanNumber();
                return (byte)'0';
        }
        while (_at < _text.Length && IsWord(_text[_at])) _at++;
        if (_at == TokenStart) _at++;
        TokenEnd = _at;
        if (Token.SequenceEqual("true"u8)) return (byte)'t';
        if (Token.SequenceEqual("false"u8)) return (byte)'f';
        if (Token.SequenceEqual("null"u8)) return (byte)'n';
        throw InvalidToken();
    }

    private static bool IsWord(byte b) => char.IsAsciiLetterOrDigit((char)b) || b == (byte)'_' || b >= 0x80;

    private void ScanNumber()
    {
        if (_text[_at] == (byte)'-') _at++;
        bool isWrong = false;
        if (_at < _text.Length && _text[_at] == (byte)'0') _at++;
        else isWrong = !SkipDigits();
        if (_at < _text.Length && _text[_at] == (byte)'.')
        {
            _at++;
            isWrong |= !SkipDigits();
        }
        if (_at < _text.Length && (_text[_at] | 0x20) == 'e')
        {
            _at++;
            if (_at < _text.Length && _text[_at] is (byte)'+' or (byte)'-') _at++;
            isWrong |= !SkipDigits();
        }
        for (; _at < _text.Length && IsWord(_text[_at]); _at++) isWrong = true;
        TokenEnd = _at;
        if (isWrong) throw InvalidToken();
    }

    private bool SkipDigits()
    {
        int start = _at;
        while (_at < _text.Length && char.IsAsciiDigit((char)_text[_at])) _at++;
        return _at > start;
    }

    private void ScanString()
    {
        _at++;
        bool afterHigh = false;
        while (true)
        {
            int length = _text[_at..].IndexOfAny((byte)'"', (byte)'\\');
            int end = length < 0 ? _text.Length : _at + length;
            int control = _text[_at..end].IndexOfAnyInRange((byte)0, (byte)31);
            if (control >= 0) throw Control(_at + control);
            if (length != 0 && afterHigh)
                throw At(Math.Min(_at + Utf8Text.WidthOf(_text[_at]), end), Surrogate("Unicode low surrogate must follow a high surrogate."));
            _at = end;
            if (length < 0)
            {
                TokenEnd = _at;
                throw InvalidToken();
            }
            if (_text[_at] == (byte)'"')
            {
                if (afterHigh) throw At(_at + 1, Surrogate("Unicode low surrogate must follow a high surrogate."));
                TokenEnd = ++_at;
                return;
            }
            ScanEscape(ref afterHigh);
        }
    }

    private SqlException Control(int at)
    {
        TokenEnd = at;
        return Fail($"Character with value 0x{_text[at]:x2} must be escaped.");
    }

    private void ScanEscape(ref bool afterHigh)
    {
        if (++_at == _text.Length)
        {
            TokenEnd = _at;
            throw InvalidToken();
        }
        byte code = _text[_at];
        if (code != (byte)'u')
        {
            if (afterHigh) throw At(_at + 1, Surrogate("Unicode low surrogate must follow a high surrogate."));
            if ("\"\\/bfnrt"u8.Contains(code))
            {
                _at++;
                return;
            }
            TokenStart = _at;
            TokenEnd = Math.Min(_at + Utf8Text.WidthOf(code), _text.Length);
            throw Fail($"Escape sequence \"\\{Utf8Text.ToString(Token)}\" is invalid.");
        }
        for (int i = 1; i <= 4; i++)
        {
            if (_at + i >= _text.Length)
            {
                TokenEnd = _text.Length;
                throw InvalidToken();
            }
            if (char.IsAsciiHexDigit((char)_text[_at + i])) continue;
            TokenEnd = Math.Min(_at + i + Utf8Text.WidthOf(_text[_at + i]), _text.Length);
            throw Fail("\"\\u\" must be followed by four hexadecimal digits.");
        }
        int unit = Hex(_text[(_at + 1)..]);
        _at += 5;
        if (!_decodes) return;
        bool isHigh = char.IsHighSurrogate((char)unit), isLow = char.IsLowSurrogate((char)unit);
        if (isHigh && afterHigh) throw At(_at, Surrogate("Unicode high surrogate must not follow a high surrogate."));
        if (isLow != afterHigh) throw At(_at, Surrogate("Unicode low surrogate must follow a high surrogate."));
        if (unit == 0) throw At(_at, NulEscape());
        afterHigh = isHigh;
    }

    private static int Hex(ReadOnlySpan<byte> digits)
    {
        int value = 0;
        for (int i = 0; i < 4; i++) value = value * 16 + Convert.ToInt32(((char)digits[i]).ToString(), 16);
        return value;
    }

    private static SqlException NulEscape() =>
        new(SqlState.UntranslatableCharacter, "unsupported Unicode escape sequence", detail: "\\u0000 cannot be converted to text.");
    private static SqlException Surrogate(string detail) => new(SqlState.InvalidTextRepresentation, "invalid input syntax for type json", detail: detail);

    private SqlException InvalidToken() => Fail($"Token \"{Utf8Text.ToString(Token)}\" is invalid.");

    private readonly SqlException Unexpected(string expected) =>
        Fail(TokenEnd == TokenStart ? "The input string ended unexpectedly." : $"Expected {expected}, but found \"{Utf8Text.ToString(Token)}\".");

    private readonly SqlException Fail(string detail) =>
        new SqlException(SqlState.InvalidTextRepresentation, "invalid input syntax for type json", detail: detail).In(Where());

    private SqlException At(int end, SqlException error)
    {
        TokenEnd = end;
        return error.In(Where());
    }

    /// <summary>The line up to the token's end, cut to its last 50 bytes, as PostgreSQL shows it.</summary>
    private readonly string Where()
    {
        int start = _lineStart;
        while (TokenEnd - start >= 50) start += Utf8Text.WidthOf(_text[start]);
        if (start - _lineStart <= 3) start = _lineStart;
        bool isCut = TokenEnd > TokenStart && TokenEnd < _text.Length && _text[TokenEnd] is not ((byte)'\n' or (byte)'\r');
        return $"JSON data, line {_line}: {(start > _lineStart ? "..." : "")}{Utf8Text.ToString(_text[start..TokenEnd])}{(isCut ? "..." : "")}";
    }
}
