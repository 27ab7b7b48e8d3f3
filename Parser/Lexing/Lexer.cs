using System.Buffers;
using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Parser.Lexing;

/// <summary>
/// Cuts SQL text into tokens by the rules of PostgreSQL 15's scanner, with standard_conforming_strings on. The whole text is cut at once, in time linear in
/// its length; a lexical error ends the list with a token of its own, because a syntax error before it must win.
/// </summary>
internal sealed partial class Lexer
{
    /// <summary>An identifier is cut to this many bytes of UTF-8.</summary>
    public const int MaxIdentifierBytes = 63;

    private static readonly SearchValues<char> NotInStandardOperators = SearchValues.Create("~!@#^&|`?%");

    private readonly string _text;
    private readonly List<Token> _tokens;
    private int _position;

    private Lexer(string text)
    {
        _text = text;
        _tokens = new List<Token>((text.Length / 4) + 2);
    }

    /// <summary>The error that the last token stands for.</summary>
    public SqlException? Error { get; private set; }

    public static (Token[] Tokens, SqlException? Error) Tokenize(string text)
    {
        var lexer = new Lexer(text);
        try
        {
            lexer.Run();
        }
        catch (SqlException e)
        {
            lexer.Error = e;
            lexer.Add(TokenKind.Error, Math.Max(0, e.Position), text.Length, "");
        }
        return ([.. lexer._tokens], lexer.Error);
    }

    private char Peek(int offset = 0) => _position + offset < _text.Length ? _text[_position + offset] : '\0';

    private void Add(TokenKind kind, int start, int end, string text, Keyword keyword = Keyword.NotKeyword) =>
        _tokens.Add(new Token(kind, keyword, start, end, text));

    private void Run()
    {
        while (true)
        {
            SkipBlank();
            if (_position >= _text.Length)
            {
                Add(TokenKind.End, _text.Length, _text.Length, "");
                return;
            }
            ScanToken();
        }
    }

    private void ScanToken()
    {
        char c = Peek();
        if (ScanPrefixedString(c)) return;
        if (IsIdentifierStart(c)) ScanWord();
        else if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1)))) ScanNumber();
        else if (c == '\'') AddQuoted(TokenKind.String, _position, "unterminated quoted string");
        else if (c == '"') ScanQuotedIdentifier(_position, isUnicode: false);
        else if (c == '$') ScanDollar();
        else if (IsOperatorCharacter(c)) ScanOperator();
        else ScanPunctuation(c);
    }

    /// <summary>Skips white space and comments, which nest.</summary>
    private void SkipBlank()
    {
        while (_position < _text.Length)
        {
            char c = _text[_position];
            if (IsSpace(c)) _position++;
            else if (c == '-' && Peek(1) == '-') SkipLineComment();
            else if (c == '/' && Peek(1) == '*') SkipBlockComment();
            else return;
        }
    }

    private void SkipLineComment()
    {
        int end = _text.AsSpan(_position).IndexOfAny('\n', '\r');
        _position = end < 0 ? _text.Length : _position + end;
    }

    private void SkipBlockComment()
    {
        int start = _position, depth = 0;
        do
        {
            int next = _text.AsSpan(_position).IndexOfAny('*', '/');
            _position = next < 0 ? _text.Length : _position + next;
            if (_position >= _text.Length) throw Fail("unterminated /* comment", start);
            if (Peek() == '/' && Peek(1) == '*')
            {
                depth++;
                _position += 2;
            }
            else if (Peek() == '*' && Peek(1) == '/')
            {
                depth--;
                _position += 2;
            }
            else
            {
                _position++;
            }
        } while (depth > 0);
    }

    private void ScanWord()
    {
        int start = _position;
        do
        {
            _position++;
        } while (IsIdentifierPart(Peek()));
        var word = _text.AsSpan(start, _position - start);

        Span<char> folded = stackalloc char[Keywords.LongestLength];
        if (word.Length <= folded.Length)
        {
            folded = folded[..word.Length];
            for (int i = 0; i < word.Length; i++) folded[i] = FoldAscii(word[i]);
            var keyword = Keywords.Find(folded);
            if (keyword != Keyword.NotKeyword)
            {
                Add(TokenKind.Keyword, start, _position, Keywords.Spelling(keyword), keyword);
                return;
            }
            Add(TokenKind.Identifier, start, _position, Truncate(folded.ToString()));
            return;
        }
        Add(TokenKind.Identifier, start, _position, Truncate(string.Create(word.Length, word, static (to, from) =>
        {
            for (int i = 0; i < from.Length; i++) to[i] = FoldAscii(from[i]);
        })));
    }

    /// <summary>Digits with an optional fraction and exponent. A letter straight after is refused.</summary>
    private void ScanNumber()
    {
        int start = _position;
        SkipDigits();
        bool isInteger = true;
        // "1..2" is 1, "..", 2.
        if (Peek() == '.' && Peek(1) != '.')
        {
            isInteger = false;
            _position++;
            SkipDigits();
        }
        if (Peek() is 'e' or 'E')
        {
            int signLength = Peek(1) is '+' or '-' ? 1 : 0;
            if (!char.IsAsciiDigit(Peek(1 + signLength)))
            {
                if (signLength == 0) RefuseJunk("trailing junk after numeric literal", start);
                _position += 1 + signLength;
                throw Fail("trailing junk after numeric literal", start);
            }
            isInteger = false;
            _position += 1 + signLength;
            SkipDigits();
        }
        RefuseJunk("trailing junk after numeric literal", start);
        string text = _text[start.._position];
        Add(isInteger && int.TryParse(text, out _) ? TokenKind.Integer : TokenKind.Numeric, start, _position, text);
    }

    private void SkipDigits()
    {
        while (char.IsAsciiDigit(Peek())) _position++;
    }

    private void RefuseJunk(string message, int start)
    {
        if (!IsIdentifierStart(Peek())) return;
        while (IsIdentifierPart(Peek())) _position++;
        throw Fail(message, start);
    }

    /// <summary>$n or $tag$ … $tag$.</summary>
    private void ScanDollar()
    {
        int start = _position;
        if (char.IsAsciiDigit(Peek(1)))
        {
            _position++;
            SkipDigits();
            RefuseJunk("trailing junk after parameter", start);
            Add(TokenKind.Parameter, start, _position, _text[(start + 1).._position]);
            return;
        }
        int end = start + 1;
        if (end < _text.Length && IsIdentifierStart(_text[end]))
        {
            while (end < _text.Length && _text[end] != '$' && IsIdentifierPart(_text[end])) end++;
        }
        if (end >= _text.Length || _text[end] != '$')
        {
            _position++;
            Add(TokenKind.Unknown, start, _position, "$");
            return;
        }
        string tag = _text[start..(end + 1)];
        int close = _text.IndexOf(tag, end + 1, StringComparison.Ordinal);
        if (close < 0)
        {
            _position = _text.Length;
            throw Fail("unterminated dollar-quoted string", start);
        }
        _position = close + tag.Length;
        Add(TokenKind.String, start, _position, _text[(end + 1)..close]);
    }

    /// <summary>
    /// The longest run of operator characters, cut before a comment; then trailing + and - are given back, unless the operator contains a character that
    /// SQL's own operators don't have.
    /// </summary>
    private void ScanOperator()
    {
        int start = _position, end = start;
        while (end < _text.Length && IsOperatorCharacter(_text[end]))
        {
            if (end + 1 < _text.Length && end > start && ((_text[end] == '-' && _text[end + 1] == '-') || (_text[end] == '/' && _text[end + 1] == '*'))) break;
            end++;
        }
        if (end - start > 1 && _text[end - 1] is '+' or '-' && _text.AsSpan(start, end - start).IndexOfAny(NotInStandardOperators) < 0)
        {
            while (end - start > 1 && _text[end - 1] is '+' or '-') end--;
        }
        _position = end;
        var symbol = _text.AsSpan(start, end - start);
        if (symbol.Length > MaxIdentifierBytes) throw Fail("operator too long", start);
        if (symbol is "=>") Add(TokenKind.Arrow, start, end, "=>");
        else Add(TokenKind.Operator, start, end, symbol is "!=" ? "<>" : Intern(symbol));
    }

    private static string Intern(ReadOnlySpan<char> symbol) => symbol switch
    {
        "=" => "=",
        "<" => "<",
        ">" => ">",
        "<=" => "<=",
        ">=" => ">=",
        "<>" => "<>",
        "+" => "+",
        "-" => "-",
        "*" => "*",
        "/" => "/",
        "%" => "%",
        "^" => "^",
        "||" => "||",
        _ => symbol.ToString(),
    };

    private void ScanPunctuation(char c)
    {
        int start = _position++;
        var kind = c switch
        {
            '(' => TokenKind.OpenParen,
            ')' => TokenKind.CloseParen,
            '[' => TokenKind.OpenBracket,
            ']' => TokenKind.CloseBracket,
            ',' => TokenKind.Comma,
            ';' => TokenKind.Semicolon,
            '.' => Peek() == '.' ? TokenKind.DotDot : TokenKind.Dot,
            ':' => Peek() switch { ':' => TokenKind.Cast, '=' => TokenKind.ColonEquals, _ => TokenKind.Colon },
            _ => TokenKind.Unknown,
        };
        if (kind is TokenKind.DotDot or TokenKind.Cast or TokenKind.ColonEquals) _position++;
        Add(kind, start, _position, "");
    }

    /// <summary>A scanner's error: the text from the token's start to where the scanner stands is quoted in the message.</summary>
    private SqlException Fail(string message, int start, string state = SqlState.SyntaxError) =>
        new(state, start >= _text.Length ? $"{message} at end of input" : $"{message} at or near \"{_text[start..Math.Min(_position, _text.Length)]}\"", start);

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\r' or '\f';

    internal static bool IsIdentifierStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= 0x80;

    internal static bool IsIdentifierPart(char c) => IsIdentifierStart(c) || char.IsAsciiDigit(c) || c == '$';

    private static bool IsOperatorCharacter(char c) =>
        c is '~' or '!' or '@' or '#' or '^' or '&' or '|' or '`' or '?' or '+' or '-' or '*' or '/' or '%' or '<' or '>' or '=';

    private static char FoldAscii(char c) => c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;

    /// <summary>Cuts at a character's boundary so that at most 63 bytes remain.</summary>
    internal static string Truncate(string name)
    {
        if (name.Length <= MaxIdentifierBytes / 3) return name;
        if (Encoding.UTF8.GetByteCount(name) <= MaxIdentifierBytes) return name;
        int bytes = 0, length = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > MaxIdentifierBytes) break;
            bytes += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }
        return name[..length];
    }
}
