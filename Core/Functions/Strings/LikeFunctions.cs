using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>LIKE and ILIKE over stored UTF-8 (or bytes): % any run, _ one character, backslash before a literal character.</summary>
internal sealed class LikeFunction(bool negated, bool ignoreCase, bool isBytea) : ScalarFunction
{
    public static void Register(FunctionLibrary library)
    {
        foreach (string prefix in (string[])["text", "name"])
        {
            library.Add(prefix + "like", new LikeFunction(false, false, false));
            library.Add(prefix + "nlike", new LikeFunction(true, false, false));
            library.Add(prefix + "iclike", new LikeFunction(false, true, false));
            library.Add(prefix + "icnlike", new LikeFunction(true, true, false));
        }
        library.Add("bytealike", new LikeFunction(false, false, true));
        library.Add("byteanlike", new LikeFunction(true, false, true));
        library.Strict("like_escape", static (in a, r, _) => Escape(a.Bytes(0), a.Bytes(1), (BytesColumnBuilder)r));
        library.Strict("like_escape_bytea", static (in a, r, _) => Escape(a.Bytes(0), a.Bytes(1), (BytesColumnBuilder)r));
    }

    private enum Shape { General, Equal, Prefix, Suffix, Contains }

    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        BytesColumn text = (BytesColumn)arguments[0], pattern = (BytesColumn)arguments[1];
        BytesValues texts = text.Values, patterns = pattern.Values;
        Span<bool> output = ((ColumnBuilder<bool>)result).Fill(Rows.Needed(selection));
        result.IntersectValidity(text, pattern);
        bool mayHaveNulls = text.MayHaveNulls || pattern.MayHaveNulls;
        bool isConstant = pattern.IsConstant && !pattern.IsNull(0);
        ReadOnlySpan<byte> literal = default;
        Shape shape = isConstant && !ignoreCase ? ShapeOf(patterns[0], out literal) : Shape.General;
        byte[]? folded = isConstant && ignoreCase ? Fold(patterns[0]) : null;
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            if (mayHaveNulls && (text.IsNull(row) || pattern.IsNull(row))) continue;
            ReadOnlySpan<byte> value = texts[row];
            bool matches = shape switch
            {
                Shape.Equal => value.SequenceEqual(literal),
                Shape.Prefix => value.StartsWith(literal),
                Shape.Suffix => value.EndsWith(literal),
                Shape.Contains => value.IndexOf(literal) >= 0,
                _ when ignoreCase => Matches(Fold(value), folded ?? Fold(patterns[row]), isBytea),
                _ => Matches(value, patterns[row], isBytea),
            };
            output[row] = matches != negated;
        }
    }

    private static Shape ShapeOf(ReadOnlySpan<byte> pattern, out ReadOnlySpan<byte> literal)
    {
        literal = pattern.Trim((byte)'%');
        if (literal.IndexOfAny("%_\\"u8) >= 0) return Shape.General;
        bool open = pattern.StartsWith("%"u8), openEnd = pattern.EndsWith("%"u8);
        return open ? openEnd ? Shape.Contains : Shape.Suffix : openEnd ? Shape.Prefix : Shape.Equal;
    }

    private static byte[] Fold(ReadOnlySpan<byte> text)
    {
        BytesColumnBuilder lowered = new(1);
        StringFunctions.Lower(text, lowered);
        return lowered.Output.WrittenSpan.ToArray();
    }

    /// <summary>On a mismatch the last % takes one character more; so the work is at most text × pattern.</summary>
    /// <exception cref="SqlException">22025: the pattern ends with its escape.</exception>
    internal static bool Matches(ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern, bool isBytea)
    {
        int t = 0, p = 0, retryPattern = -1, retryText = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length)
            {
                byte c = pattern[p];
                if (c == (byte)'%')
                {
                    retryPattern = ++p;
                    retryText = t;
                    continue;
                }
                if (c == (byte)'_')
                {
                    t += isBytea ? 1 : Utf8Text.WidthOf(text[t]);
                    p++;
                    continue;
                }
                int literal = c == (byte)'\\' ? p + 1 : p;
                if (literal >= pattern.Length) throw new SqlException(SqlState.InvalidEscapeSequence, "LIKE pattern must not end with escape character");
                if (pattern[literal] == text[t])
                {
                    t++;
                    p = literal + 1;
                    continue;
                }
            }
            if (retryPattern < 0) return false;
            if (retryPattern == pattern.Length) return true;
            retryText += isBytea ? 1 : Utf8Text.WidthOf(text[retryText]);
            t = retryText;
            p = retryPattern;
        }
        while (p < pattern.Length && pattern[p] == (byte)'%') p++;
        return p == pattern.Length;
    }

    /// <summary>A pattern with another escape character, written with the backslash.</summary>
    private static void Escape(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> escape, BytesColumnBuilder result)
    {
        if (escape.Length > 0 && Utf8Text.WidthOf(escape[0]) != escape.Length)
            throw new SqlException(SqlState.InvalidEscapeSequence, "invalid escape string", hint: "Escape string must be empty or one character.");
        if (escape.SequenceEqual("\\"u8))
        {
            result.Append(pattern);
            return;
        }
        bool afterEscape = false;
        while (!pattern.IsEmpty)
        {
            ReadOnlySpan<byte> character = pattern[..Math.Min(Utf8Text.WidthOf(pattern[0]), pattern.Length)];
            pattern = pattern[character.Length..];
            if (!afterEscape && !escape.IsEmpty && character.SequenceEqual(escape))
            {
                result.Output.WriteByte((byte)'\\');
                afterEscape = true;
                continue;
            }
            if (character[0] == (byte)'\\' && !afterEscape) result.Output.WriteByte((byte)'\\');
            result.Output.Write(character);
            afterEscape = false;
        }
        result.EndValue();
    }
}
