using System.Globalization;
using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Core.TextSearch;

/// <summary>The options of ts_headline, written as <c>name = value, …</c>; values may stand in single or double quotes.</summary>
internal sealed record HeadlineOptions
{
    public string StartSel { get; private set; } = "<b>";
    public string StopSel { get; private set; } = "</b>";
    public string FragmentDelimiter { get; private set; } = " ... ";

    /// <summary>How many words are shown, at least and at most (of a fragment: at most).</summary>
    public int MinWords { get; private set; } = 15;
    public int MaxWords { get; private set; } = 35;

    /// <summary>Words of this many characters or fewer, that the query doesn't have, don't stand at the end.</summary>
    public int ShortWord { get; private set; } = 3;

    /// <summary>The whole text is shown.</summary>
    public bool HighlightAll { get; private set; }

    /// <summary>0: one piece is shown.</summary>
    public int MaxFragments { get; private set; }

    /// <exception cref="SqlException">42601, 22023, 22P02, 22003.</exception>
    public static HeadlineOptions Read(string text)
    {
        HeadlineOptions options = new();
        int at = 0;
        while (true)
        {
            while (at < text.Length && (char.IsWhiteSpace(text[at]) || text[at] == ',')) at++;
            if (at == text.Length) break;
            string name = ReadName(text, ref at);
            SkipSpace(text, ref at);
            if (at >= text.Length || text[at++] != '=') throw Malformed(text);
            SkipSpace(text, ref at);
            options.Set(name, ReadValue(text, ref at));
        }
        options.Check();
        return options;
    }

    private void Set(string name, string value)
    {
        switch (name.ToLowerInvariant())
        {
            case "maxwords": MaxWords = Number(value); break;
            case "minwords": MinWords = Number(value); break;
            case "shortword": ShortWord = Number(value); break;
            case "maxfragments": MaxFragments = Number(value); break;
            case "startsel": StartSel = value; break;
            case "stopsel": StopSel = value; break;
            case "fragmentdelimiter": FragmentDelimiter = value; break;
            case "highlightall": HighlightAll = value.ToLowerInvariant() is "1" or "on" or "true" or "t" or "y" or "yes"; break;
            default: throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized headline parameter: \"{name}\"");
        }
    }

    private void Check()
    {
        string? wrong = HighlightAll ? null
            : MinWords >= MaxWords ? "MinWords should be less than MaxWords"
            : MinWords <= 0 ? "MinWords should be positive"
            : ShortWord < 0 ? "ShortWord should be >= 0"
            : MaxFragments < 0 ? "MaxFragments should be >= 0"
            : null;
        if (wrong is not null) throw new SqlException(SqlState.InvalidParameterValue, wrong);
    }

    private static int Number(string value)
    {
        if (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)) return number;
        throw value.AsSpan().TrimStart("+-").ContainsAnyExceptInRange('0', '9') || value.AsSpan().TrimStart("+-").IsEmpty
            ? new SqlException(SqlState.InvalidTextRepresentation, $"invalid input syntax for type integer: \"{value}\"")
            : new SqlException(SqlState.NumericValueOutOfRange, $"value \"{value}\" is out of range for type integer");
    }

    private static string ReadName(string text, ref int at)
    {
        if (text[at] is '"') return ReadQuoted(text, ref at);
        int start = at;
        while (at < text.Length && text[at] != '=' && !char.IsWhiteSpace(text[at])) at++;
        return at > start ? text[start..at] : throw Malformed(text);
    }

    /// <summary>A bare value ends at a space or comma; its first character may be any.</summary>
    private static string ReadValue(string text, ref int at)
    {
        if (at >= text.Length) throw Malformed(text);
        if (text[at] is '"' or '\'') return ReadQuoted(text, ref at);
        int start = at++;
        while (at < text.Length && text[at] != ',' && !char.IsWhiteSpace(text[at])) at++;
        return text[start..at];
    }

    private static string ReadQuoted(string text, ref int at)
    {
        char quote = text[at++];
        StringBuilder value = new();
        for (; at < text.Length; at++)
        {
            if (text[at] == quote)
            {
                at++;
                if (at >= text.Length || text[at] != quote) return value.ToString();
            }
            value.Append(text[at]);
        }
        throw Malformed(text);
    }

    private static void SkipSpace(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
    }

    private static SqlException Malformed(string text) => new(SqlState.SyntaxError, $"invalid parameter list format: \"{text}\"");
}
