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

    private static readonly string[] More =
    [
        "truncate t", "lock table t", "call f()", "refresh materialized view m", "do 'x'", "analyze", "vacuum", "checkpoint", "reindex table t", "cluster t using i", "load 'x'", "discard all",
        "comment on table t is 'x'", "alter table t add column a int", "alter group g add user u", "alter user u createdb", "drop role u", "grant a to b", "grant select on t to u", "listen c",
        "unlisten c", "notify c", "close c", "fetch c", "declare c cursor for select 1", "prepare p as select 1", "execute p", "deallocate p", "explain select 1", "show all", "reset all", "set a.b = 1",
        "alter system set work_mem = 1", "set transaction read only", "set constraints all deferred", "savepoint s", "copy t to stdout", "merge into t using s on true when matched then delete",
        "insert into t values (1)", "update t set a = 1", "delete from t", "create database d", "drop database d", "alter database d with connection limit 1", "alter role u set work_mem = 1",
        "create schema s", "create sequence s", "alter sequence s restart", "create extension e", "alter extension e update", "alter table t owner to u", "alter schema s owner to u",
        "alter table t set schema s", "alter table t rename to u", "create trigger g before insert on t for each row execute function f()", "create publication p", "alter publication p add table t",
        "create subscription s connection 'x' publication p", "alter subscription s enable", "create domain d as int", "alter domain d drop default", "alter type e add value 'x'",
        "alter type e rename value 'x' to 'y'", "create table t as select 1", "create index on t (a)", "create view v as select 1", "drop table t", "create role r",
        "create function f() returns int language sql as 'select 1'", "create type b", "create policy p on t", "select 1",
    ];

    private static IEnumerable<string> Corpus => More.Concat(Files);

    private static IEnumerable<string> Files => Directory.EnumerateFiles(Path.Combine(Repository.Path("Tests"), "Parser"), "*.sql").Order(StringComparer.Ordinal)
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
