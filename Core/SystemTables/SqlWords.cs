namespace VecSql.Core.SystemTables;

/// <summary>A light reading of stored SQL text, for facts that the catalog doesn't keep apart. Not a parser: strings are skipped, quoted names unquoted.</summary>
internal static class SqlWords
{
    /// <summary>All identifiers (and keywords) in the text.</summary>
    public static HashSet<string> Identifiers(string sql)
    {
        HashSet<string> found = [];
        int at = 0;
        while (at < sql.Length)
        {
            char c = sql[at];
            if (c is '\'' or '"')
            {
                int start = ++at;
                System.Text.StringBuilder text = new();
                for (; at < sql.Length; at++)
                {
                    if (sql[at] != c) text.Append(sql[at]);
                    else if (at + 1 < sql.Length && sql[at + 1] == c) text.Append(sql[at++]);
                    else break;
                }
                at++;
                if (c == '"' && at > start) found.Add(text.ToString());
            }
            else if (char.IsLetter(c) || c == '_')
            {
                int start = at;
                while (at < sql.Length && (char.IsLetterOrDigit(sql[at]) || sql[at] is '_' or '$')) at++;
                found.Add(sql[start..at]);
            }
            else at++;
        }
        return found;
    }
}
