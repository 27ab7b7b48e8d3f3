namespace VecSql.Core.TextSearch;

/// <summary>
/// Cuts a text into the tokens of PostgreSQL's default parser. At each place the first byte decides which recognizers are asked (<see cref="WordScanner"/>, <see cref="AddressScanner"/>,
/// <see cref="NumberScanner"/>, <see cref="MarkupScanner"/>); what none takes is blank. Tokens follow each other without gaps; the parts of a compound word and of a URL come a second time, after
/// the whole. Between <c>&lt;script&gt;</c> or <c>&lt;style&gt;</c> and its end all but tags is blank.
/// </summary>
/// <remarks>
/// Time is linear in the text: looking ahead without success is paid from an allowance, and when that is spent, no more than <see cref="ShortLookahead"/> bytes are looked at.
/// </remarks>
internal ref struct TextParser(ReadOnlySpan<byte> utf8)
{
    private const int ShortLookahead = 256, AllowancePerByte = 16;

    private readonly ReadOnlySpan<byte> _text = utf8;
    private long _allowance = 4096 + (long)AllowancePerByte * utf8.Length;

    /// <summary>Where the next token begins.</summary>
    private int _at;

    /// <summary>While the parts of a compound or URL are given: where it ends, and for a URL where its host ends.</summary>
    private int _partsEnd, _hostEnd;

    /// <summary>Just behind a compound a hyphen is no sign.</summary>
    private bool _isBehindCompound;
    private bool _isInScript;

    public TokenType Type { get; private set; }
    public int Start { get; private set; }
    public int Length { get; private set; }
    public readonly ReadOnlySpan<byte> Token => _text.Slice(Start, Length);

    /// <summary>Reads the next token; false at the end.</summary>
    public bool Next()
    {
        if (_at < _partsEnd)
        {
            ReadPart();
            return true;
        }
        if (_at >= _text.Length) return false;
        bool hyphenIsNoSign = _isBehindCompound;
        _isBehindCompound = false;
        if (_isInScript ? ReadTag() : ReadToken(hyphenIsNoSign)) return true;
        ReadBlank();
        return true;
    }

    private bool ReadToken(bool hyphenIsNoSign)
    {
        byte first = _text[_at];
        if (first < 0x80)
        {
            switch (first)
            {
                case (byte)'<': return ReadTag();
                case (byte)'&': return Take(TokenType.Entity, MarkupScanner.EndOfEntity(_text, _at));
                case (byte)'/' or (byte)'.' or (byte)'~': return Take(TokenType.File, AddressScanner.EndOfFile(_text, _at));
                case (byte)'-' when hyphenIsNoSign: return false;
                case (byte)'-' or (byte)'+':
                    int end = NumberScanner.EndOfNumber(_text, _at, out TokenType type);
                    return Take(type, end);
            }
            if (!char.IsAsciiLetterOrDigit((char)first)) return false;
            if (ReadAddress(_at, WordScanner.EndOfAscii(_text, _at))) return true;
        }
        int wordEnd = WordScanner.EndOfWord(_text, _at, out WordContent content);
        return wordEnd > _at && ReadWord(wordEnd, content);
    }

    /// <summary>What begins like a word of ASCII letters and digits and goes on with a character that joins words.</summary>
    private bool ReadAddress(int start, int wordEnd)
    {
        bool isNumeric = char.IsAsciiDigit((char)_text[start]);
        TokenType number = TokenType.Unsigned;
        int numberEnd = isNumeric ? NumberScanner.EndOfNumber(_text, start, out number) : -1;
        // An exponent without a dot before it: whatever follows, this is a number.
        if (number == TokenType.Scientific && !_text[start..numberEnd].Contains((byte)'.')) return Take(number, numberEnd);
        if (wordEnd < _text.Length)
        {
            byte next = _text[wordEnd];
            if (!isNumeric && next == ':' && _text[wordEnd..].StartsWith("://"u8) && !_text[start..wordEnd].ContainsAnyInRange((byte)'0', (byte)'9'))
                return Take(TokenType.Protocol, wordEnd + 3);
            if (next is (byte)'.' or (byte)'-' or (byte)'_' or (byte)'@' && ReadHost()) return true;
            if (number != TokenType.Unsigned) return Take(number, numberEnd);
            if (next is (byte)'.' or (byte)'/' && Take(TokenType.File, AddressScanner.EndOfFile(_text, start))) return true;
        }
        return number != TokenType.Unsigned && Take(number, numberEnd);
    }

    private bool ReadHost()
    {
        int end = AddressScanner.EndOfAddress(Ahead(), _at, out bool isEmail, out int seen);
        Spend(seen - Math.Max(end, _at));
        if (end < 0) return false;
        if (isEmail) return Take(TokenType.Email, end);
        int path = AddressScanner.EndOfUrlPath(_text, end);
        if (path < 0) return Take(TokenType.Host, end);
        int start = _at;
        Take(TokenType.Url, path);
        (_at, _hostEnd, _partsEnd) = (start, end, path);
        return true;
    }

    private bool ReadWord(int wordEnd, WordContent content)
    {
        if (content == WordContent.Digits) return Take(TokenType.Unsigned, wordEnd);
        int end = WordScanner.EndOfCompound(_text, wordEnd, ref content);
        if (end == wordEnd) return Take(Choose(content, TokenType.AsciiWord, TokenType.Word, TokenType.NumWord), end);
        int start = _at;
        Take(Choose(content, TokenType.AsciiCompound, TokenType.Compound, TokenType.NumCompound), end);
        (_at, _partsEnd) = (start, end);
        return true;
    }

    /// <summary>A part of a compound or the hyphen before it; the host of a URL or its path.</summary>
    private void ReadPart()
    {
        if (_hostEnd > 0)
        {
            bool isHost = _at < _hostEnd;
            Take(isHost ? TokenType.Host : TokenType.UrlPath, isHost ? _hostEnd : _partsEnd);
            if (!isHost) _hostEnd = 0;
            return;
        }
        if (_text[_at] == '-')
        {
            Take(TokenType.Blank, _at + 1);
            return;
        }
        int end = WordScanner.EndOfWord(_text, _at, out WordContent content);
        Take(Choose(content, TokenType.AsciiPart, TokenType.WordPart, TokenType.NumPart), end);
        _isBehindCompound = end == _partsEnd;
    }

    private bool ReadTag()
    {
        if (_text[_at] != '<') return false;
        int end = MarkupScanner.EndOfTag(Ahead(), _at, out int seen);
        if (end < 0) Spend(seen - _at);
        if (!Take(TokenType.Tag, end)) return false;
        if (MarkupScanner.IsTagOf(Token, "script"u8, out bool isClosing) || MarkupScanner.IsTagOf(Token, "style"u8, out isClosing)) _isInScript = !isClosing;
        return true;
    }

    /// <summary>What is no token, up to where one may begin.</summary>
    private void ReadBlank()
    {
        int end = _at + 1;
        if (_isInScript)
            while (end < _text.Length && _text[end] != '<') end++;
        else
            while (end < _text.Length && !MayBeginToken(end)) end++;
        Take(TokenType.Blank, end);
    }

    private readonly bool MayBeginToken(int at) => _text[at] is (byte)'<' or (byte)'&' or (byte)'/' or (byte)'+' or (byte)'-' || WordScanner.StartsWord(_text, at);

    private bool Take(TokenType type, int end)
    {
        if (end < 0) return false;
        Type = type;
        Start = _at;
        Length = end - _at;
        _at = end;
        return true;
    }

    private readonly ReadOnlySpan<byte> Ahead() => _allowance > 0 || _text.Length - _at <= ShortLookahead ? _text : _text[..(_at + ShortLookahead)];

    private void Spend(int bytes) => _allowance -= Math.Max(bytes, 0);

    private static TokenType Choose(WordContent content, TokenType ascii, TokenType letters, TokenType withDigits) =>
        (content & WordContent.Digits) != 0 ? withDigits : (content & WordContent.OtherLetters) != 0 ? letters : ascii;
}
