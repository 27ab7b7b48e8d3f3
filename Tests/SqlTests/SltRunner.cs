using System.Text.RegularExpressions;

namespace VecSql.Tests.SqlTests;

/// <summary>Runs a .slt file against a server and compares.</summary>
internal sealed class SltRunner(string engine, Func<Task<SqlClient>> connect, Func<Task>? restart)
{
    private readonly Dictionary<string, SqlClient> _connections = [];
    private readonly Lazy<DirectoryInfo> _scratch = new(CreateScratch);

    /// <summary>All differences, as file:line and what was expected and found.</summary>
    public async Task<List<string>> RunAsync(string path)
    {
        List<string> failures = [];
        string current = "";
        try
        {
            foreach (SltRecord record in SltFile.Read(path))
            {
                if ((record.Only is { } only && only != engine) || record.Skip == engine) continue;
                if (record.Kind == SltKind.Halt) break;
                if (record.Kind == SltKind.Connection)
                {
                    current = record.Sql;
                    continue;
                }
                if (record.Kind == SltKind.Restart)
                {
                    await CloseAllAsync();
                    if (restart is not null) await restart();
                    continue;
                }
                if (!_connections.TryGetValue(current, out SqlClient? client)) _connections[current] = client = await connect();
                string sql = record.Sql.Contains("$scratch", StringComparison.Ordinal) ? record.Sql.Replace("$scratch", _scratch.Value.FullName, StringComparison.Ordinal) : record.Sql;
                if (Difference(record, await client.RunAsync(sql)) is { } difference) failures.Add($"{Path.GetFileName(path)}:{record.Line}: {difference}");
                if (failures.Count >= 20) break;
            }
        }
        finally
        {
            await CloseAllAsync();
            if (_scratch.IsValueCreated) _scratch.Value.Delete(recursive: true);
        }
        return failures;
    }

    private static string? Difference(SltRecord record, SqlAnswer answer)
    {
        string found = answer.SqlState is null ? $"ok ({answer.Tag})" : $"{answer.SqlState} {answer.Message}";
        switch (record.Kind)
        {
            case SltKind.StatementOk:
                return answer.SqlState is null ? null : $"{record.Sql}\n  expected ok, found {found}";
            case SltKind.StatementError:
                bool fits = answer.SqlState is not null && (record.Expectation.Length == 0 || record.Expectation == answer.SqlState || Regex.IsMatch(answer.Message ?? "", record.Expectation));
                return fits ? null : $"{record.Sql}\n  expected error {record.Expectation}, found {found}";
            case SltKind.StatementCount:
                return answer.SqlState is null && answer.Tag.Split(' ')[^1] == record.Expectation ? null : $"{record.Sql}\n  expected {record.Expectation} rows, found {found}";
        }
        if (answer.SqlState is not null) return $"{record.Sql}\n  expected rows, found {found}";
        List<string> rows = [.. answer.Rows.Select(r => string.Join(' ', r.Select(Show)))];
        List<string> expected = [.. record.Rows];
        if (record.Sort == SltSort.Rows)
        {
            rows.Sort(StringComparer.Ordinal);
            expected.Sort(StringComparer.Ordinal);
        }
        if (record.Sort == SltSort.Values)
        {
            rows = [.. answer.Rows.SelectMany(r => r).Select(Show).Order(StringComparer.Ordinal)];
            expected = [.. record.Rows.SelectMany(r => r.Split(' ')).Order(StringComparer.Ordinal)];
        }
        return rows.SequenceEqual(expected) ? null : $"{record.Sql}\n  expected:\n    {string.Join("\n    ", expected)}\n  found:\n    {string.Join("\n    ", rows)}";
    }

    /// <summary>Line breaks would tear a row apart: they show as ⏎.</summary>
    private static string Show(string? value) => value switch { null => "NULL", "" => "(empty)", _ => value.Replace("\n", "⏎", StringComparison.Ordinal).TrimEnd() };

    /// <summary>A folder for files of the server, which may run as another user.</summary>
    private static DirectoryInfo CreateScratch()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vecsql-slt-");
        if (!OperatingSystem.IsWindows()) folder.UnixFileMode = (UnixFileMode)0b111_111_111;
        return folder;
    }

    private async Task CloseAllAsync()
    {
        foreach (SqlClient client in _connections.Values) await client.DisposeAsync();
        _connections.Clear();
    }
}
