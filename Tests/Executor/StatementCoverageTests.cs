using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Tests.Parser;
using VecSql.Tests.Servers;
using VecSql.Tests.SqlTests;

namespace VecSql.Tests.Executor;

/// <summary>Every statement of the grammar is executed or refused with a reason: none ends in an internal error.</summary>
public sealed class StatementCoverageTests(VecSqlServer server) : IClassFixture<VecSqlServer>
{
    /// <summary>They exist only inside of others, or end the connection's work on purpose.</summary>
    private static readonly Type[] NotAlone = [typeof(ReturnStatement)];

    private static IEnumerable<string> Corpus => Directory.EnumerateFiles(Path.Combine(Repository.Path("Tests"), "Parser"), "*.sql").Order(StringComparer.Ordinal)
        .SelectMany(f => SqlScript.Statements(File.ReadAllText(f)));

    [Fact]
    public void The_corpus_has_every_kind_of_statement()
    {
        HashSet<Type> seen = [.. Corpus.Select(Parsed).OfType<Statement>().Select(s => s.GetType())];
        IEnumerable<Type> all = typeof(Statement).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Statement)) && !t.IsAbstract);
        Assert.Empty(all.Except(seen).Except(NotAlone).Select(t => t.Name));
    }

    [Fact]
    public async Task None_is_an_internal_error()
    {
        List<string> failures = [];
        await using SqlClient admin = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false);
        foreach (string sql in Corpus)
        {
            if (Parsed(sql) is null or CopyStatement { IsFrom: true } or DropDatabaseStatement or CreateDatabaseStatement) continue;
            await using SqlClient client = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false);
            await client.RunAsync("BEGIN");
            SqlAnswer answer = await client.RunAsync(sql);
            if (answer.SqlState is "XX000") failures.Add($"{sql}: {answer.Message}");
            await client.RunAsync("ROLLBACK");
        }
        Assert.Empty(failures);
    }

    private static Statement? Parsed(string sql)
    {
        try
        {
            return SqlParser.Parse(sql) is [var only] ? only.Statement : null;
        }
        catch (VecSql.Core.Errors.SqlException)
        {
            return null;
        }
    }
}
