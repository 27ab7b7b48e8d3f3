namespace VecSql.Tests.SqlTests;

internal enum SltKind { StatementOk, StatementError, StatementCount, Query, Connection, Halt, Restart }

internal enum SltSort { None, Rows, Values }

/// <summary>One record of a .slt file.</summary>
/// <param name="Expectation">The SQLSTATE or the message's pattern of an error, or the affected rows of a count.</param>
internal sealed record SltRecord(SltKind Kind, string Sql, string Expectation, IReadOnlyList<string> Rows, SltSort Sort, int Line, string? Only, string? Skip);

/// <summary>
/// A file in the sqllogictest dialect (sqltests/README.md): statement ok | error CODE | count N; query TYPES [rowsort|valuesort] … ---- rows, values by single spaces;
/// skipif/onlyif postgres|vecsql; connection NAME; restart; halt.
/// </summary>
internal static class SltFile
{
    public static List<SltRecord> Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        List<SltRecord> records = [];
        string? only = null, skip = null;
        for (int at = 0; at < lines.Length; at++)
        {
            string line = lines[at].Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int start = at + 1;
            switch (words[0])
            {
                case "onlyif": only = words[1]; continue;
                case "skipif": skip = words[1]; continue;
                case "halt": records.Add(new SltRecord(SltKind.Halt, "", "", [], SltSort.None, start, only, skip)); break;
                case "restart": records.Add(new SltRecord(SltKind.Restart, "", "", [], SltSort.None, start, only, skip)); break;
                case "connection": records.Add(new SltRecord(SltKind.Connection, words[1], "", [], SltSort.None, start, only, skip)); break;
                case "statement":
                    SltKind kind = words[1] switch { "ok" => SltKind.StatementOk, "error" => SltKind.StatementError, "count" => SltKind.StatementCount, _ => throw Bad(path, start, line) };
                    string sql = Block(lines, ref at, untilDashes: false);
                    records.Add(new SltRecord(kind, sql, string.Join(' ', words.Skip(2)).Trim('(', ')'), [], SltSort.None, start, only, skip));
                    break;
                case "query":
                    SltSort sort = words.Contains("rowsort") ? SltSort.Rows : words.Contains("valuesort") ? SltSort.Values : SltSort.None;
                    string query = Block(lines, ref at, untilDashes: true);
                    List<string> rows = [];
                    while (at + 1 < lines.Length && lines[at + 1].Trim().Length > 0) rows.Add(lines[++at].TrimEnd());
                    records.Add(new SltRecord(SltKind.Query, query, "", rows, sort, start, only, skip));
                    break;
                default: throw Bad(path, start, line);
            }
            only = skip = null;
        }
        return records;
    }

    /// <summary>Lines up to an empty one, or up to and with "----".</summary>
    private static string Block(string[] lines, ref int at, bool untilDashes)
    {
        List<string> block = [];
        while (at + 1 < lines.Length)
        {
            string line = lines[at + 1];
            if (untilDashes ? line.Trim() == "----" : line.Trim().Length == 0)
            {
                if (untilDashes) at++;
                break;
            }
            block.Add(line);
            at++;
        }
        return string.Join('\n', block);
    }

    private static FormatException Bad(string path, int line, string text) => new($"{path}:{line}: not a record: {text}");
}
