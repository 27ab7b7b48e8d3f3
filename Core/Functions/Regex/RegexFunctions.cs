using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>~ and its kin, regexp_replace, _count, _instr, _like, _substr, substring(… from pattern), SIMILAR TO's pattern conversion.</summary>
internal static class RegexFunctions
{
    public static void Register(FunctionLibrary library)
    {
        foreach (string prefix in (string[])["text", "name"])
        {
            library.Add(prefix + "regexeq", new RegexMatchOperator(ignoreCase: false, negated: false));
            library.Add(prefix + "regexne", new RegexMatchOperator(ignoreCase: false, negated: true));
            library.Add(prefix + "icregexeq", new RegexMatchOperator(ignoreCase: true, negated: false));
            library.Add(prefix + "icregexne", new RegexMatchOperator(ignoreCase: true, negated: true));
        }
        library.Strict("regexp_like_no_flags", static (in a, r, c) => StringFunctions.Bool(r, Get(a, -1, out _).Match(Text(a), 0).Success));
        library.Strict("regexp_like", static (in a, r, c) => StringFunctions.Bool(r, Get(a, 2, out _, "regexp_like").Match(Text(a), 0).Success));
        library.Strict("textregexsubstr", static (in a, r, _) => Substring(a.Bytes(0), a.Bytes(1), r));
        library.Strict("substring(text,text,text)", static (in a, r, _) => Substring(a.Bytes(0), SimilarPattern.Convert(a.Bytes(1), a.Bytes(2)), r));
        library.Strict("similar_to_escape_1", static (in a, r, _) => StringFunctions.Append(r, SimilarPattern.Convert(a.Bytes(0), "\\"u8)));
        library.Strict("similar_to_escape_2", static (in a, r, _) => StringFunctions.Append(r, SimilarPattern.Convert(a.Bytes(0), a.Bytes(1))));
        library.Rowwise("similar_escape", static (in a, r, _) => SimilarEscape(a, r));
        library.Strict("textregexreplace_noopt", static (in a, r, _) => Replace(a, 1, 1, default, r));
        library.Strict("textregexreplace", static (in a, r, _) => ReplaceWithFlags(a, r));
        library.Strict("textregexreplace_extended_no_n", static (in a, r, _) => Replace(a, a.Get<int>(3), 1, default, r));
        library.Strict("textregexreplace_extended_no_flags", static (in a, r, _) => Replace(a, a.Get<int>(3), a.Get<int>(4), default, r));
        library.Strict("textregexreplace_extended", static (in a, r, _) => ReplaceExtended(a, r));
        foreach (string suffix in (string[])["_no_start", "_no_flags", ""]) library.Strict("regexp_count" + suffix, static (in a, r, _) => Count(a, r));
        foreach (string suffix in (string[])["_no_start", "_no_n", "_no_endoption", "_no_flags", "_no_subexpr", ""]) library.Strict("regexp_instr" + suffix, static (in a, r, _) => Instr(a, r));
        foreach (string suffix in (string[])["_no_start", "_no_n", "_no_flags", "_no_subexpr", ""]) library.Strict("regexp_substr" + suffix, static (in a, r, _) => Substr(a, r));
        library.Add("regexp_split_to_table_no_flags", new SplitToTable());
        library.Add("regexp_split_to_table", new SplitToTable());
    }

    private static string Text(in RowArguments arguments) => Utf8Text.ToString(arguments.Bytes(0));

    /// <summary>The expression of argument 1 with the flags of argument <paramref name="flagsArgument"/>, if it is there.</summary>
    internal static CompiledRegex Get(in RowArguments arguments, int flagsArgument, out RegexFlags flags, string? refusesGlobal = null)
    {
        flags = flagsArgument >= 0 && flagsArgument < arguments.Count ? RegexFlags.Parse(arguments.Bytes(flagsArgument)) : default;
        if (flags.Global && refusesGlobal is not null)
            throw new SqlException(SqlState.InvalidParameterValue, refusesGlobal + "() does not support the \"global\" option");
        return CompiledRegex.Get(arguments.Bytes(1), flags);
    }

    private static void SimilarEscape(in RowArguments arguments, ColumnBuilder result)
    {
        if (arguments.IsNull(0)) result.AppendNull();
        else StringFunctions.Append(result, SimilarPattern.Convert(arguments.Bytes(0), arguments.IsNull(1) ? "\\"u8 : arguments.Bytes(1)));
    }

    /// <summary>The first group if there is one, else the whole match.</summary>
    private static void Substring(ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern, ColumnBuilder result)
    {
        CompiledRegex regex = CompiledRegex.Get(pattern, default);
        Match match = regex.Match(Utf8Text.ToString(text), 0);
        System.Text.RegularExpressions.Group group = regex.Groups > 0 ? match.Groups[1] : match;
        AppendGroup(match.Success && group.Success ? group : null, result);
    }

    private static void AppendGroup(System.Text.RegularExpressions.Group? group, ColumnBuilder result)
    {
        if (group is null)
        {
            result.AppendNull();
            return;
        }
        ((BytesColumnBuilder)result).Output.WriteText(group.ValueSpan);
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void ReplaceWithFlags(in RowArguments arguments, ColumnBuilder result)
    {
        ReadOnlySpan<byte> letters = arguments.Bytes(3);
        if (letters.Length > 0 && letters[0] is >= (byte)'0' and <= (byte)'9')
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid regular expression option: \"{(char)letters[0]}\"",
                hint: "If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.");
        RegexFlags flags = RegexFlags.Parse(letters);
        Replace(arguments, 1, flags.Global ? 0 : 1, flags, result);
    }

    private static void ReplaceExtended(in RowArguments arguments, ColumnBuilder result)
    {
        int start = arguments.Get<int>(3), n = arguments.Get<int>(4);
        if (start <= 0) throw InvalidParameter("start", start);
        if (n < 0) throw InvalidParameter("n", n);
        Replace(arguments, start, n, RegexFlags.Parse(arguments.Bytes(5)), result);
    }

    /// <summary>Replaces match number <paramref name="n"/> (0: all), searching from character <paramref name="start"/>.</summary>
    private static void Replace(in RowArguments arguments, int start, int n, RegexFlags flags, ColumnBuilder result)
    {
        if (start <= 0) throw InvalidParameter("start", start);
        if (n < 0) throw InvalidParameter("n", n);
        CompiledRegex regex = CompiledRegex.Get(arguments.Bytes(1), flags);
        string text = Text(arguments);
        ByteBuffer output = ((BytesColumnBuilder)result).Output;
        int from = IndexOfCharacter(text, start - 1), copied = 0, seen = 0;
        foreach (Match match in Matches(regex, text, from))
        {
            if (++seen < n) continue;
            output.WriteText(text.AsSpan(copied, match.Index - copied));
            WriteReplacement(arguments.Bytes(2), match, regex.Groups, output);
            copied = match.Index + match.Length;
            if (n > 0) break;
        }
        output.WriteText(text.AsSpan(copied));
        ((BytesColumnBuilder)result).EndValue();
    }

    /// <summary>\1 … \9 stand for groups, \&amp; for the match, \\ for a backslash.</summary>
    private static void WriteReplacement(ReadOnlySpan<byte> replacement, Match match, int groups, ByteBuffer output)
    {
        for (int i = 0; i < replacement.Length; i++)
        {
            byte next = i + 1 < replacement.Length ? replacement[i + 1] : (byte)0;
            if (replacement[i] != (byte)'\\' || next is not ((byte)'\\' or (byte)'&' or (>= (byte)'1' and <= (byte)'9')))
            {
                output.WriteByte(replacement[i]);
                continue;
            }
            i++;
            if (next == (byte)'\\') output.WriteByte(next);
            else if (next == (byte)'&') output.WriteText(match.ValueSpan);
            else if (next - '0' <= groups) output.WriteText(match.Groups[next - '0'].ValueSpan);
        }
    }

    /// <summary>Matches from left to right; after an empty one, one character on.</summary>
    internal static IEnumerable<Match> Matches(CompiledRegex regex, string text, int from)
    {
        while (from <= text.Length)
        {
            Match match = regex.Match(text, from);
            if (!match.Success) yield break;
            yield return match;
            int end = match.Index + match.Length;
            from = match.Length > 0 ? end : end + (end < text.Length && char.IsHighSurrogate(text[end]) ? 2 : 1);
        }
    }

    /// <summary>UTF-16 place of a character; past the end if there are fewer.</summary>
    private static int IndexOfCharacter(string text, int character)
    {
        int at = 0;
        for (; character > 0 && at < text.Length; character--) at += char.IsHighSurrogate(text[at]) ? 2 : 1;
        return character > 0 ? text.Length + 1 : at;
    }

    private static int CharacterAt(string text, int index)
    {
        int count = 0;
        for (int i = 0; i < index; i++) count += char.IsLowSurrogate(text[i]) ? 0 : 1;
        return count;
    }

    private static SqlException InvalidParameter(string name, int value) =>
        new(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": {value}");

    private static int Optional(in RowArguments arguments, int argument, string name, int least, int otherwise)
    {
        if (argument >= arguments.Count) return otherwise;
        int value = arguments.Get<int>(argument);
        return value >= least ? value : throw InvalidParameter(name, value);
    }

    private static void Count(in RowArguments arguments, ColumnBuilder result)
    {
        int start = Optional(arguments, 2, "start", 1, 1);
        CompiledRegex regex = Get(arguments, 3, out _, "regexp_count");
        string text = Text(arguments);
        StringFunctions.Int(result, Matches(regex, text, IndexOfCharacter(text, start - 1)).Count());
    }

    private static System.Text.RegularExpressions.Group? Find(CompiledRegex regex, string text, int start, int n, int subexpression)
    {
        if (subexpression > regex.Groups) return null;
        foreach (Match match in Matches(regex, text, IndexOfCharacter(text, start - 1)))
            if (--n == 0) return match.Groups[subexpression].Success ? match.Groups[subexpression] : null;
        return null;
    }

    private static void Instr(in RowArguments arguments, ColumnBuilder result)
    {
        int start = Optional(arguments, 2, "start", 1, 1), n = Optional(arguments, 3, "n", 1, 1), endOption = Optional(arguments, 4, "endoption", 0, 0);
        if (endOption > 1) throw InvalidParameter("endoption", endOption);
        int subexpression = Optional(arguments, 6, "subexpr", 0, 0);
        CompiledRegex regex = Get(arguments, 5, out _, "regexp_instr");
        string text = Text(arguments);
        System.Text.RegularExpressions.Group? found = Find(regex, text, start, n, subexpression);
        StringFunctions.Int(result, found is null ? 0 : CharacterAt(text, endOption == 1 ? found.Index + found.Length : found.Index) + 1);
    }

    private static void Substr(in RowArguments arguments, ColumnBuilder result)
    {
        int start = Optional(arguments, 2, "start", 1, 1), n = Optional(arguments, 3, "n", 1, 1), subexpression = Optional(arguments, 5, "subexpr", 0, 0);
        CompiledRegex regex = Get(arguments, 4, out _, "regexp_substr");
        AppendGroup(Find(regex, Text(arguments), start, n, subexpression), result);
    }

    private sealed class SplitToTable : TableFunction
    {
        public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
        {
            if (arguments.AnyNull()) return new EmptyCursor();
            CompiledRegex regex = Get(arguments, 2, out _, "regexp_split_to_table");
            return new PiecesCursor(Split(regex, Text(arguments)));
        }
    }

    /// <summary>The pieces between matches; empty matches at the ends and right after a match don't split.</summary>
    internal static IEnumerable<string?> Split(CompiledRegex regex, string text)
    {
        int from = 0, previousEnd = 0;
        foreach (Match match in Matches(regex, text, 0))
        {
            int end = match.Index + match.Length;
            if (match.Index >= text.Length || end <= previousEnd) continue;
            yield return text[from..match.Index];
            from = previousEnd = end;
        }
        yield return text[from..];
    }
}

/// <summary>One text column from a sequence of pieces.</summary>
internal sealed class PiecesCursor(IEnumerable<string?> pieces) : TableFunctionCursor
{
    private readonly IEnumerator<string?> _pieces = pieces.GetEnumerator();

    public override int Next(ReadOnlySpan<ColumnBuilder> result, int maxRows, EvalContext context)
    {
        BytesColumnBuilder output = (BytesColumnBuilder)result[0];
        int count = 0;
        for (; count < maxRows && _pieces.MoveNext(); count++)
        {
            if (_pieces.Current is { } piece)
            {
                output.Output.WriteText(piece);
                output.EndValue();
            }
            else output.AppendNull();
        }
        return count;
    }

    public override void Dispose()
    {
        _pieces.Dispose();
        base.Dispose();
    }
}

/// <summary>text ~ pattern; the pattern is prepared once if it is constant.</summary>
internal sealed class RegexMatchOperator(bool ignoreCase, bool negated) : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        BytesColumn text = (BytesColumn)arguments[0], pattern = (BytesColumn)arguments[1];
        BytesValues texts = text.Values, patterns = pattern.Values;
        Span<bool> output = ((ColumnBuilder<bool>)result).Fill(Rows.Needed(selection));
        result.IntersectValidity(text, pattern);
        RegexFlags flags = new(IgnoreCase: ignoreCase);
        CompiledRegex? constant = null;
        char[] characters = ArrayPool<char>.Shared.Rent(256);
        try
        {
            for (int i = 0; i < selection.Count; i++)
            {
                int row = selection[i];
                if (text.IsNull(row) || pattern.IsNull(row)) continue;
                CompiledRegex regex = constant ?? CompiledRegex.Get(patterns[row], flags);
                if (pattern.IsConstant) constant = regex;
                ReadOnlySpan<byte> utf8 = texts[row];
                if (utf8.Length > characters.Length)
                {
                    ArrayPool<char>.Shared.Return(characters);
                    characters = ArrayPool<char>.Shared.Rent(utf8.Length);
                }
                int length = Encoding.UTF8.GetChars(utf8, characters);
                output[row] = regex.IsMatch(characters.AsSpan(0, length)) != negated;
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }
}
