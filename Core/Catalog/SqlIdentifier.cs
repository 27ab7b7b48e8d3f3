namespace VecSql.Core.Catalog;

/// <summary>Names as SQL text: quoted where a parser would otherwise read something else (PostgreSQL's quote_identifier).</summary>
public static class SqlIdentifier
{
    /// <summary>The name, in double quotes if it needs them.</summary>
    public static string Quote(string name)
    {
        Columns.ByteBuffer text = new(64);
        Functions.Quoting.WriteIdentifier(System.Text.Encoding.UTF8.GetBytes(name), text);
        return System.Text.Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>
    /// Reads a possibly qualified name as regclass and its kin do: folded to lower case unless quoted; parts separated by points. Null if it is none.
    /// </summary>
    public static IReadOnlyList<string>? Split(string text)
    {
        List<string> parts = [];
        int at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at == text.Length) return null;
            if (text[at] == '"')
            {
                System.Text.StringBuilder part = new();
                for (at++; ; at++)
                {
                    if (at == text.Length) return null;
                    if (text[at] != '"') part.Append(text[at]);
                    else if (at + 1 < text.Length && text[at + 1] == '"') part.Append(text[at++]);
                    else break;
                }
                at++;
                if (part.Length == 0) return null;
                parts.Add(part.ToString());
            }
            else
            {
                int start = at;
                while (at < text.Length && text[at] != '.' && !char.IsWhiteSpace(text[at]) && text[at] != '"') at++;
                if (at == start) return null;
                parts.Add(text[start..at].ToLowerInvariant());
            }
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at == text.Length) return parts;
            if (text[at++] != '.') return null;
        }
    }
}
