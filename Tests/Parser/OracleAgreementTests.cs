using System.Globalization;
using VecSql.Core.Errors;
using VecSql.Parser;

namespace VecSql.Tests.Parser;

/// <summary>
/// Accept and reject as a real PostgreSQL does. Explicit, because it needs a server and scripts: VECSQL_ORACLE=host:port:user,
/// VECSQL_SQL_FILES=folder or file, VECSQL_REPORT=file; run with -explicit only.
/// </summary>
public sealed class OracleAgreementTests(ITestOutputHelper output)
{
    [Fact(Explicit = true)]
    public void AcceptsWhatPostgresAccepts()
    {
        string[] oracle = Require("VECSQL_ORACLE").Split(':');
        string path = Require("VECSQL_SQL_FILES");
        string[] files = File.Exists(path) ? [path] : Directory.GetFiles(path, "*.sql");
        Array.Sort(files, StringComparer.Ordinal);
        using var postgres = new PostgresGrammar(oracle[0], int.Parse(oracle[1]), oracle[2]);
        using var report = new StreamWriter(Require("VECSQL_REPORT"));
        int total = 0, agreed = 0, rejected = 0, sameMessage = 0, samePosition = 0;
        foreach (string file in files)
        {
            foreach (string sql in SqlScript.Statements(File.ReadAllText(file)))
            {
                if (sql.Contains('\0')) continue;
                var theirs = postgres.Ask(sql);
                var ours = Ask(sql);
                total++;
                bool agrees = theirs is null == ours is null;
                if (agrees) agreed++;
                if (theirs is { } t && ours is { } o)
                {
                    rejected++;
                    if (t.Message == o.Message && t.State == o.State) sameMessage++;
                    else report.WriteLine($"=== {Path.GetFileName(file)} (message)\n{sql}\n  theirs: {t}\n  ours:   {o}");
                    if (t.Position == CharactersBefore(sql, o.Position)) samePosition++;
                    else if (t.Message == o.Message) report.WriteLine($"=== {Path.GetFileName(file)} (position)\n{sql}\n  theirs: {t}\n  ours:   {o}");
                }
                if (!agrees) report.WriteLine($"=== {Path.GetFileName(file)}\n{sql}\n  theirs: {theirs?.ToString() ?? "accepted"}\n  ours:   {ours?.ToString() ?? "accepted"}");
            }
        }
        output.WriteLine($"{agreed} of {total} agree ({(100.0 * agreed / total).ToString("F2", CultureInfo.InvariantCulture)} %); of {rejected} that both reject: same message {sameMessage}, same position {samePosition}");
        Assert.True(agreed >= total * 0.99, $"{agreed} of {total}");
    }

    /// <summary>The same over random changes of the scripts' statements: VECSQL_SEED, VECSQL_COUNT.</summary>
    [Fact(Explicit = true)]
    public void AgreesOnMutatedStatements()
    {
        string[] oracle = Require("VECSQL_ORACLE").Split(':');
        string path = Require("VECSQL_SQL_FILES");
        string[] files = File.Exists(path) ? [path] : Directory.GetFiles(path, "*.sql");
        var mutation = new Mutation([.. files.SelectMany(f => SqlScript.Statements(File.ReadAllText(f)))], int.Parse(Require("VECSQL_SEED")));
        using var postgres = new PostgresGrammar(oracle[0], int.Parse(oracle[1]), oracle[2]);
        using var report = new StreamWriter(Require("VECSQL_REPORT"));
        int count = int.Parse(Require("VECSQL_COUNT")), agreed = 0, accepted = 0, samePlace = 0;
        for (int i = 0; i < count; i++)
        {
            string sql = mutation.Next();
            if (sql.Contains('\0')) continue;
            var theirs = postgres.Ask(sql);
            var ours = Ask(sql);
            if (theirs is null) accepted++;
            if (theirs is null == ours is null) agreed++;
            else report.WriteLine($"=== accept\n{sql}\n  theirs: {theirs?.ToString() ?? "accepted"}\n  ours:   {ours?.ToString() ?? "accepted"}");
            if (theirs is not { } t || ours is not { } o) continue;
            if (t.Position == CharactersBefore(sql, o.Position) && t.Message == o.Message) samePlace++;
            else report.WriteLine($"=== place\n{sql}\n  theirs: {t}\n  ours:   {o}");
        }
        output.WriteLine($"{agreed} of {count} agree, {accepted} are accepted by PostgreSQL, {samePlace} of the rest are refused with the same message at the same place");
        Assert.True(agreed >= count * 0.99);
    }

    private static (string State, string Message, int Position)? Ask(string sql)
    {
        try
        {
            SqlParser.Parse(sql);
            return null;
        }
        catch (SqlException e)
        {
            return (e.SqlState, e.Message, e.Position);
        }
    }

    private static int CharactersBefore(string text, int position)
    {
        int count = 0;
        for (int i = 0; i < position; i++) count += char.IsLowSurrogate(text[i]) ? 0 : 1;
        return position < 0 ? -1 : count;
    }

    private static string Require(string variable) =>
        Environment.GetEnvironmentVariable(variable) ?? throw new InvalidOperationException(variable + " is not set");
}
