using VecSql.Core.Errors;
using VecSql.Parser;
using VecSql.Parser.Deparsing;

namespace VecSql.Tests.Parser;

/// <summary>The law of the deparser: its text parses to an equal tree, and deparses to itself.</summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    public static TheoryData<string> Corpus() => new(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Parser"), "*.sql").Select(f => Path.GetFileName(f)!));

    [Theory]
    [MemberData(nameof(Corpus))]
    public void TextOfATreeParsesToAnEqualTree(string file)
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Parser", file));
        var statements = SqlParser.Parse(text);
        Assert.True(statements.Count >= 10, "the corpus is not there");
        foreach (var statement in statements) Assert.Null(Failure(text.Substring(statement.Span.Start, statement.Span.Length)));
    }

    /// <summary>The same over any scripts: VECSQL_SQL_FILES=folder or file, VECSQL_REPORT=file.</summary>
    [Fact(Explicit = true)]
    public void HoldsForScripts()
    {
        string path = Environment.GetEnvironmentVariable("VECSQL_SQL_FILES") ?? throw new InvalidOperationException("VECSQL_SQL_FILES is not set");
        using var report = new StreamWriter(Environment.GetEnvironmentVariable("VECSQL_REPORT") ?? throw new InvalidOperationException("VECSQL_REPORT is not set"));
        int total = 0, failed = 0;
        foreach (string file in File.Exists(path) ? [path] : Directory.GetFiles(path, "*.sql"))
        {
            foreach (string sql in SqlScript.Statements(File.ReadAllText(file)))
            {
                total++;
                if (Failure(sql) is not { } failure) continue;
                failed++;
                report.WriteLine($"=== {Path.GetFileName(file)}\n{sql}\n{failure}");
            }
        }
        output.WriteLine($"{failed} of {total} fail");
        Assert.Equal(0, failed);
    }

    /// <summary>Null if the law holds, or if the text is no statement at all.</summary>
    private static string? Failure(string sql)
    {
        IReadOnlyList<ParsedStatement> first;
        try
        {
            first = SqlParser.Parse(sql);
        }
        catch (SqlException)
        {
            return null;
        }
        foreach (var parsed in first)
        {
            string text = Deparser.ToSql(parsed.Statement);
            try
            {
                var again = SqlParser.Parse(text);
                if (again.Count != 1) return $"{again.Count} statements: {text}";
                if (SyntaxTree.Difference(parsed.Statement, again[0].Statement) is { } difference) return $"{difference}\n  {text}";
                string second = Deparser.ToSql(again[0].Statement);
                if (second != text) return $"unstable: {text}\n  {second}";
            }
            catch (SqlException e)
            {
                return $"{e.Message} at {e.Position}\n  {text}";
            }
        }
        return null;
    }
}
