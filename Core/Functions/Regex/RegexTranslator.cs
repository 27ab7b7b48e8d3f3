using System.Globalization;
using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>Options of a regular expression: PostgreSQL's flag letters.</summary>
/// <param name="DotSkipsNewline">p, n: . and negated brackets don't match a newline.</param>
/// <param name="AnchorsAtLines">w, n: ^ and $ match at lines.</param>
internal readonly record struct RegexFlags(bool IgnoreCase = false, bool DotSkipsNewline = false, bool AnchorsAtLines = false, bool Expanded = false, bool Literal = false, bool Global = false)
{
    /// <exception cref="SqlException">22023: an unknown letter.</exception>
    public static RegexFlags Parse(ReadOnlySpan<byte> letters)
    {
        RegexFlags flags = default;
        for (int i = 0; i < letters.Length; i++)
        {
            byte letter = letters[i];
            if (letter == (byte)'g') flags = flags with { Global = true };
            else if (letter == (byte)'b') throw SqlException.NotSupported("the regular expression option \"b\" (basic regular expressions)");
            else if (!flags.TryAdd((char)letter, out flags))
            {
                string shown = Types.Utf8Text.ToString(letters.Slice(i, Math.Min(Types.Utf8Text.WidthOf(letter), letters.Length - i)));
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid regular expression option: \"{shown}\"");
            }
        }
        return flags;
    }

    public bool TryAdd(char letter, out RegexFlags flags)
    {
        flags = letter switch
        {
            'i' => this with { IgnoreCase = true },
            'c' => this with { IgnoreCase = false },
            'n' or 'm' => this with { DotSkipsNewline = true, AnchorsAtLines = true },
            'p' => this with { DotSkipsNewline = true, AnchorsAtLines = false },
            'w' => this with { DotSkipsNewline = false, AnchorsAtLines = true },
            's' => this with { DotSkipsNewline = false, AnchorsAtLines = false },
            'x' => this with { Expanded = true },
            't' => this with { Expanded = false },
            'q' => this with { Literal = true },
            'e' => this,
            _ => this,
        };
        return letter is 'i' or 'c' or 'n' or 'm' or 'p' or 'w' or 's' or 'x' or 't' or 'q' or 'e';
    }
}

/// <summary>
/// Writes a PostgreSQL regular expression (an ARE) in .NET's syntax. What differs between the two is written out: anchors, newlines, classes, escapes, bounds; characters
/// beyond U+FFFF, which are two of .NET's, become pairs.
/// Known difference: where alternatives or quantifiers leave a choice, PostgreSQL prefers the longest match as a whole, .NET the first alternative. Whether there is a match is the same.
/// </summary>
internal sealed class RegexTranslator
{
    private const int MaxDepth = 250;
    private const int MaxRepetitions = 255;

    private readonly string _source;
    private readonly StringBuilder _output = new();
    private RegexFlags _flags;
    private int _at;
    private int _groups;
    private int _closedGroups;

    private RegexTranslator(string source, RegexFlags flags)
    {
        _source = source;
        _flags = flags;
    }

    /// <summary>The pattern for .NET, the number of its capturing groups, and the flags with those that the pattern itself sets.</summary>
    /// <exception cref="SqlException">2201B.</exception>
    public static (string Pattern, int Groups, RegexFlags Flags, bool IsRegular) Translate(string source, RegexFlags flags)
    {
        RegexTranslator translator = new(source, flags);
        if (!translator.ReadPrefix()) return (System.Text.RegularExpressions.Regex.Escape(source[translator._at..]), 0, translator._flags, true);
        translator.Alternatives(0);
        if (translator._at < source.Length) throw Invalid("parentheses () not balanced");
        return (translator._output.ToString(), translator._groups, translator._flags, translator.IsRegular);
    }

    /// <summary>False if it holds a back reference or a look-around, which need backtracking.</summary>
    private bool IsRegular { get; set; } = true;

    internal static SqlException Invalid(string why) => new(SqlState.InvalidRegularExpression, "invalid regular expression: " + why);

    private bool More => _at < _source.Length;
    private char Current => _source[_at];

    private bool Take(char c)
    {
        if (!More || Current != c) return false;
        _at++;
        return true;
    }

    private bool Take(string text)
    {
        if (string.CompareOrdinal(_source, _at, text, 0, text.Length) != 0) return false;
        _at += text.Length;
        return true;
    }

    /// <summary>***= and ***: and (?letters); false if the rest is literal.</summary>
    private bool ReadPrefix()
    {
        if (_flags.Literal || Take("***=")) return false;
        if (Take("***:")) { }
        else if (_source.StartsWith("***", StringComparison.Ordinal)) throw Invalid("invalid argument to regex function");
        if (_at + 2 < _source.Length && Current == '(' && _source[_at + 1] == '?' && char.IsAsciiLetter(_source[_at + 2]))
        {
            int end = _source.IndexOf(')', _at);
            if (end < 0) throw Invalid("invalid embedded option");
            for (int i = _at + 2; i < end; i++)
                if (!_flags.TryAdd(_source[i], out _flags)) throw Invalid("invalid embedded option");
            _at = end + 1;
            if (_flags.Literal) return false;
        }
        return true;
    }

    private void Alternatives(int depth)
    {
        if (depth > MaxDepth) throw Invalid("regular expression is too complex");
        Branch(depth);
        while (Take('|'))
        {
            _output.Append('|');
            Branch(depth);
        }
    }

    private void Branch(int depth)
    {
        while (SkipComments() && More && Current is not ('|' or ')'))
        {
            int start = _output.Length;
            bool isConstraint = Atom(depth);
            SkipComments();
            if (!More || Current is not ('*' or '+' or '?' or '{')) continue;
            if (Current == '{' && !(_at + 1 < _source.Length && char.IsAsciiDigit(_source[_at + 1]))) continue;
            if (isConstraint) throw Invalid("quantifier operand invalid");
            Quantifier(start);
        }
    }

    private bool SkipComments()
    {
        while (More)
        {
            if (Take("(?#"))
            {
                int end = _source.IndexOf(')', _at);
                _at = end < 0 ? _source.Length : end + 1;
            }
            else if (_flags.Expanded && char.IsWhiteSpace(Current)) _at++;
            else if (_flags.Expanded && Current == '#') while (More && Current != '\n') _at++;
            else break;
        }
        return true;
    }

    /// <summary>One atom or constraint; true if it is a constraint, which can't be repeated.</summary>
    private bool Atom(int depth)
    {
        char c = _source[_at++];
        switch (c)
        {
            case '(': return Group(depth);
            case '[': Bracket(); return false;
            case '.': AnyCharacter(); return false;
            case '^': _output.Append(_flags.AnchorsAtLines ? "(?m:^)" : "\\A"); return true;
            case '$': _output.Append(_flags.AnchorsAtLines ? "(?m:$)" : "\\z"); return true;
            case '\\': return Escape();
            case '*' or '+' or '?': throw Invalid("quantifier operand invalid");
            case '{' when More && char.IsAsciiDigit(Current): throw Invalid("quantifier operand invalid");
            default: Literal(TakeRune(c)); return false;
        }
    }

    private int TakeRune(char first) => char.IsHighSurrogate(first) && More ? char.ConvertToUtf32(first, _source[_at++]) : first;

    /// <summary>A character beyond U+FFFF is grouped, for a quantifier that may follow.</summary>
    private void Literal(int character)
    {
        if (character > 0xFFFF) _output.Append("(?:").Append(char.ConvertFromUtf32(character)).Append(')');
        else AppendEscaped((char)character);
    }

    private void AppendEscaped(char c)
    {
        if (char.IsAsciiLetterOrDigit(c) || c > 127) _output.Append(c);
        else _output.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}");
    }

    private const string Pair = "[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]";

    private void AnyCharacter() => _output.Append("(?:").Append(Pair).Append(_flags.DotSkipsNewline ? "|[^\\n])" : "|[\\s\\S])");

    private bool Group(int depth)
    {
        bool isLook = false;
        if (Take("?:")) _output.Append("(?:");
        else if (Take("?=")) isLook = Look("(?=");
        else if (Take("?!")) isLook = Look("(?!");
        else if (Take("?<=")) isLook = Look("(?<=");
        else if (Take("?<!")) isLook = Look("(?<!");
        else if (More && Current == '?') throw Invalid("quantifier operand invalid");
        else
        {
            _groups++;
            _output.Append('(');
        }
        int groupsBefore = _groups;
        Alternatives(depth + 1);
        if (!Take(')')) throw Invalid("parentheses () not balanced");
        _output.Append(')');
        _closedGroups = Math.Max(_closedGroups, groupsBefore);
        return isLook;
    }

    private bool Look(string opening)
    {
        IsRegular = false;
        _output.Append(opening);
        return true;
    }

    private void Quantifier(int start)
    {
        int low, high;
        switch (_source[_at++])
        {
            case '*': (low, high) = (0, -1); break;
            case '+': (low, high) = (1, -1); break;
            case '?': (low, high) = (0, 1); break;
            default: (low, high) = Bounds(); break;
        }
        bool isLazy = Take('?');
        SkipComments();
        if (More && (Current is '*' or '+' or '?' || (Current == '{' && _at + 1 < _source.Length && char.IsAsciiDigit(_source[_at + 1])))) throw Invalid("quantifier operand invalid");
        _output.Insert(start, "(?:").Append(')');
        _output.Append((low, high) switch
        {
            (0, -1) => "*",
            (1, -1) => "+",
            (0, 1) => "?",
            (_, -1) => $"{{{low},}}",
            _ => $"{{{low},{high}}}",
        });
        if (isLazy) _output.Append('?');
    }

    private (int Low, int High) Bounds()
    {
        int low = Number(), high = low;
        if (Take(',')) high = More && char.IsAsciiDigit(Current) ? Number() : -1;
        if (!Take('}')) throw Invalid(More ? "invalid repetition count(s)" : "braces {} not balanced");
        if (low > MaxRepetitions || high > MaxRepetitions || (high >= 0 && high < low)) throw Invalid("invalid repetition count(s)");
        return (low, high);
    }

    private int Number()
    {
        int number = 0;
        for (; More && char.IsAsciiDigit(Current); _at++) number = Math.Min(number * 10 + (Current - '0'), 100_000);
        return number;
    }

    private const string WordSet = "\\p{L}\\p{N}_";
    private const string DigitSet = "0-9";
    private const string SpaceSet = "\\s";

    private bool Escape()
    {
        if (!More) throw Invalid("invalid escape \\ sequence");
        char c = _source[_at++];
        switch (c)
        {
            case 'd': _output.Append('[').Append(DigitSet).Append(']'); return false;
            case 's': _output.Append(SpaceSet); return false;
            case 'w': _output.Append('[').Append(WordSet).Append(']'); return false;
            case 'D': Negated(DigitSet); return false;
            case 'S': Negated(SpaceSet); return false;
            case 'W': Negated(WordSet); return false;
            case 'A': _output.Append("\\A"); return true;
            case 'Z': _output.Append("\\z"); return true;
            case 'm': WordEdge("(?<![{0}])(?=[{0}])"); return true;
            case 'M': WordEdge("(?<=[{0}])(?![{0}])"); return true;
            case 'y': WordEdge("(?:(?<![{0}])(?=[{0}])|(?<=[{0}])(?![{0}]))"); return true;
            case 'Y': WordEdge("(?:(?<![{0}])(?![{0}])|(?<=[{0}])(?=[{0}]))"); return true;
            case >= '1' and <= '9': BackReference(c); return false;
            default: Literal(CharacterEscape(c)); return false;
        }
    }

    private void Negated(string set)
    {
        _output.Append("(?:").Append(Pair).Append("|[^").Append(set);
        if (_flags.DotSkipsNewline) _output.Append("\\n");
        _output.Append("])");
    }

    private void WordEdge(string form)
    {
        IsRegular = false;
        _output.Append(form.Replace("{0}", WordSet, StringComparison.Ordinal));
    }

    private void BackReference(char first)
    {
        int number = first - '0';
        if (More && char.IsAsciiDigit(Current) && number * 10 + (Current - '0') <= _closedGroups) number = number * 10 + (_source[_at++] - '0');
        if (number > _closedGroups) throw Invalid("invalid backreference number");
        IsRegular = false;
        _output.Append(CultureInfo.InvariantCulture, $"(?:\\{number})");
    }

    /// <summary>The character that an escape stands for.</summary>
    private int CharacterEscape(char c)
    {
        switch (c)
        {
            case 'a': return 7;
            case 'b': return 8;
            case 'B': return '\\';
            case 'e': return 27;
            case 'f': return 12;
            case 'n': return 10;
            case 'r': return 13;
            case 't': return 9;
            case 'v': return 11;
            case 'c': return More ? _source[_at++] & 0x1F : throw Invalid("invalid escape \\ sequence");
            case 'u': return Hex(4, 4);
            case 'U': return Hex(8, 8);
            case 'x': return Hex(1, 255);
            case '0': return Octal();
            default:
                if (char.IsAsciiLetterOrDigit(c)) throw Invalid("invalid escape \\ sequence");
                return TakeRune(c);
        }
    }

    private int Hex(int least, int most)
    {
        long value = 0;
        int digits = 0;
        for (; digits < most && More && char.IsAsciiHexDigit(Current); digits++) value = Math.Min(value * 16 + Convert.ToInt32(_source[_at++].ToString(), 16), 0x110000);
        if (digits < least || !Rune.IsValid((int)value)) throw Invalid("invalid escape \\ sequence");
        return (int)value;
    }

    private int Octal()
    {
        int value = 0;
        for (int i = 0; i < 2 && More && Current is >= '0' and <= '7'; i++) value = value * 8 + (_source[_at++] - '0');
        return value;
    }

    // Bracket expressions.

    private void Bracket()
    {
        if (Take("[:<:]]"))
        {
            WordEdge("(?<![{0}])(?=[{0}])");
            return;
        }
        if (Take("[:>:]]"))
        {
            WordEdge("(?<=[{0}])(?![{0}])");
            return;
        }
        bool negated = Take('^');
        StringBuilder set = new();
        List<string> astral = [];
        bool isFirst = true;
        while (true)
        {
            if (!More) throw Invalid("brackets [] not balanced");
            if (Current == ']' && !isFirst) break;
            isFirst = false;
            if (!Class(set)) Range(set, astral);
        }
        _at++;
        Write(set, astral, negated);
    }

    private void Write(StringBuilder set, List<string> astral, bool negated)
    {
        if (!negated)
        {
            if (astral.Count == 0) _output.Append('[').Append(set).Append(']');
            else _output.Append("(?:").Append(string.Join('|', astral)).Append(set.Length > 0 ? "|[" + set + "]" : "").Append(')');
            return;
        }
        if (astral.Count > 0) throw SqlException.NotSupported("a negated bracket expression with characters beyond U+FFFF");
        _output.Append("(?:").Append(Pair).Append("|[^").Append(set).Append(_flags.DotSkipsNewline ? "\\n" : "").Append("])");
    }

    /// <summary>[:name:] or a class escape inside brackets.</summary>
    private bool Class(StringBuilder set)
    {
        if (Take("[:"))
        {
            int end = _source.IndexOf(":]", _at, StringComparison.Ordinal);
            if (end < 0) throw Invalid("brackets [] not balanced");
            set.Append(_source[_at..end] switch
            {
                "alpha" => "\\p{L}",
                "digit" => DigitSet,
                "alnum" => "\\p{L}\\p{N}",
                "upper" => _flags.IgnoreCase ? "\\p{L}" : "\\p{Lu}",
                "lower" => _flags.IgnoreCase ? "\\p{L}" : "\\p{Ll}",
                "space" => SpaceSet,
                "blank" => "\\x20\\t",
                "punct" => "\\p{P}\\p{S}",
                "cntrl" => "\\p{Cc}",
                "xdigit" => "0-9A-Fa-f",
                "word" => WordSet,
                "print" => "\\x20-\\x7E\\u00A0-\\uD7FF\\uE000-\\uFFFD",
                "graph" => "\\x21-\\x7E\\u00A1-\\uD7FF\\uE000-\\uFFFD",
                "ascii" => "\\x00-\\x7F",
                _ => throw Invalid("invalid character class"),
            });
            _at = end + 2;
            return true;
        }
        if (Current != '\\' || _at + 1 >= _source.Length || _source[_at + 1] is not ('d' or 's' or 'w')) return false;
        set.Append(_source[_at + 1] switch { 'd' => DigitSet, 's' => SpaceSet, _ => WordSet });
        _at += 2;
        return true;
    }

    private void Range(StringBuilder set, List<string> astral)
    {
        int low = Member(), high = low;
        if (_at + 1 < _source.Length && Current == '-' && _source[_at + 1] != ']')
        {
            _at++;
            high = Member();
            if (high < low) throw Invalid("invalid character range");
        }
        if (high <= 0xFFFF)
        {
            AppendMember(set, low);
            if (high == low) return;
            set.Append('-');
            AppendMember(set, high);
            return;
        }
        if (low != high && (low <= 0xFFFF || high - low > 1000)) throw SqlException.NotSupported("a range of characters beyond U+FFFF in a regular expression");
        for (int c = low; c <= high; c++) astral.Add(char.ConvertFromUtf32(c));
    }

    private int Member()
    {
        if (Take("[.") || Take("[="))
        {
            char kind = _source[_at - 1];
            int end = _source.IndexOf(kind + "]", _at, StringComparison.Ordinal);
            if (end < 0) throw Invalid("brackets [] not balanced");
            string name = _source[_at..end];
            _at = end + 2;
            return name.EnumerateRunes().Count() == 1 ? Rune.GetRuneAt(name, 0).Value : throw Invalid("invalid collating element");
        }
        char c = _source[_at++];
        if (c != '\\') return TakeRune(c);
        if (!More) throw Invalid("invalid escape \\ sequence");
        char escaped = _source[_at++];
        return escaped is 'D' or 'S' or 'W' or (>= '1' and <= '9') ? throw Invalid("invalid escape \\ sequence") : CharacterEscape(escaped);
    }

    private static void AppendMember(StringBuilder set, int c)
    {
        if (c < 128 && char.IsAsciiLetterOrDigit((char)c)) set.Append((char)c);
        else set.Append(CultureInfo.InvariantCulture, $"\\u{c:X4}");
    }
}
