using System.Text.RegularExpressions;

namespace VecSql.Tests.Parser;

/// <summary>Cuts a psql script into statements as psql does: meta-commands and COPY data are left out, :'variables' get a value.</summary>
internal static partial class SqlScript
{
    public static IEnumerable<string> Statements(string text)
    {
        int i = 0, start = 0, depth = 0;
        while (i < text.Length)
        {
            char c = text[i];
            if (c == '\\')
            {
                // A meta-command ends what stands before it, as \g and \gset do.
                string before = text[start..i].Trim();
                if (HasText(before)) yield return Fill(before);
                i = LineEnd(text, i);
                start = i;
            }
            else if (SkipQuoted(text, i) is var end && end > i) i = end;
            else
            {
                if (c == '(') depth++;
                if (c == ')') depth = Math.Max(0, depth - 1);
                i++;
                if (c != ';' || depth > 0) continue;
                string statement = text[start..(i - 1)].Trim();
                string body = Comment().Replace(statement, "");
                if (AtomicStart().IsMatch(body) && !AtomicEnd().IsMatch(body)) continue;
                if (CopyFromStdin().IsMatch(body))
                {
                    int close = text.IndexOf("\n\\.", i, StringComparison.Ordinal);
                    i = close < 0 ? text.Length : LineEnd(text, close + 1);
                }
                start = i;
                if (HasText(statement)) yield return Fill(statement);
            }
        }
        string last = text[start..].Trim();
        if (HasText(last)) yield return Fill(last);
    }

    private static int LineEnd(string text, int at)
    {
        int end = text.IndexOf('\n', at);
        return end < 0 ? text.Length : end;
    }

    /// <summary>The end of a string, quoted identifier or comment that starts here, or the same place.</summary>
    private static int SkipQuoted(string text, int i)
    {
        int After(string mark, int from)
        {
            int at = text.IndexOf(mark, from, StringComparison.Ordinal);
            return at < 0 ? text.Length : at + mark.Length;
        }
        switch (text[i])
        {
            case '-' when i + 1 < text.Length && text[i + 1] == '-':
                return LineEnd(text, i);
            case '/' when i + 1 < text.Length && text[i + 1] == '*':
                int nesting = 0;
                do
                {
                    if (string.CompareOrdinal(text, i, "/*", 0, 2) == 0) (nesting, i) = (nesting + 1, i + 2);
                    else if (string.CompareOrdinal(text, i, "*/", 0, 2) == 0) (nesting, i) = (nesting - 1, i + 2);
                    else i++;
                } while (nesting > 0 && i < text.Length);
                return i;
            case '"':
                return After("\"", i + 1);
            case '\'':
                bool escapes = i > 0 && text[i - 1] is 'e' or 'E' && (i < 2 || !(char.IsLetterOrDigit(text[i - 2]) || text[i - 2] == '_'));
                for (i++; i < text.Length && text[i] != '\''; i++)
                {
                    if (escapes && text[i] == '\\') i++;
                }
                return Math.Min(text.Length, i + 1);
            case '$' when i == 0 || !(char.IsLetterOrDigit(text[i - 1]) || text[i - 1] == '_'):
                var tag = DollarTag().Match(text, i);
                return tag.Success && tag.Index == i ? After(tag.Value, i + tag.Length) : i;
            default:
                return i;
        }
    }

    private static bool HasText(string statement) => BlockComment().Replace(Comment().Replace(statement, ""), "").Trim().Length > 0;

    private static string Fill(string statement) => Variable().Replace(statement, m => m.Value[1] == '"' ? "\"v\"" : "'v'");

    [GeneratedRegex(@"--[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex BlockComment();

    [GeneratedRegex(@"\bBEGIN\s+ATOMIC\b", RegexOptions.IgnoreCase)]
    private static partial Regex AtomicStart();

    [GeneratedRegex(@"\bEND\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex AtomicEnd();

    [GeneratedRegex(@"^\s*copy\b[\s\S]*\bfrom\s+stdin\b", RegexOptions.IgnoreCase)]
    private static partial Regex CopyFromStdin();

    [GeneratedRegex(@"\$([A-Za-z_\x80-\uffff]\w*)?\$")]
    private static partial Regex DollarTag();

    [GeneratedRegex(":('\\w+'|\"\\w+\")")]
    private static partial Regex Variable();
}
