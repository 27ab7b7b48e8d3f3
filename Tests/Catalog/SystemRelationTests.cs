using VecSql.Core.SystemTables;
using VecSql.Tests.Servers;
using VecSql.Tests.SqlTests;

namespace VecSql.Tests.Catalog;

/// <summary>All system relations can be read, with the columns that PostgreSQL's have.</summary>
public sealed class SystemRelationTests(VecSqlServer server) : IClassFixture<VecSqlServer>
{
    [Fact]
    public async Task Every_system_relation_can_be_read()
    {
        await using SqlClient session = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false);
        List<string> failures = [];
        foreach (SystemTableDefinition relation in SystemTableDefinitions.All.Values)
        {
            string schema = relation.Schema == 11 ? "pg_catalog" : "information_schema";
            SqlAnswer answer = await session.RunAsync($"SELECT * FROM {schema}.{relation.Name}");
            if (answer.Message is not null) failures.Add($"{relation.Name}: {answer.Message}");
            else Assert.Equal(relation.Columns.Select(c => c.Name), answer.Columns);
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Theory]
    [InlineData("SELECT count(*) FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.oid IS NULL")]
    [InlineData("SELECT count(*) FROM pg_attribute a LEFT JOIN pg_class c ON c.oid = a.attrelid WHERE c.oid IS NULL")]
    [InlineData("SELECT count(*) FROM pg_attribute a LEFT JOIN pg_type t ON t.oid = a.atttypid WHERE t.oid IS NULL AND NOT a.attisdropped")]
    [InlineData("SELECT count(*) FROM pg_class c WHERE c.relnatts <> (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0)")]
    [InlineData("SELECT count(*) FROM pg_type t LEFT JOIN pg_proc p ON p.oid = t.typreceive WHERE t.typreceive <> 0 AND p.oid IS NULL")]
    [InlineData("SELECT count(*) FROM pg_type t LEFT JOIN pg_proc p ON p.oid = t.typoutput WHERE p.oid IS NULL")]
    [InlineData("SELECT count(*) FROM pg_opclass c LEFT JOIN pg_opfamily f ON f.oid = c.opcfamily WHERE f.oid IS NULL")]
    [InlineData("SELECT count(*) FROM (SELECT oid FROM pg_class GROUP BY oid HAVING count(*) > 1) x")]
    [InlineData("SELECT count(*) FROM (SELECT oid FROM pg_type GROUP BY oid HAVING count(*) > 1) x")]
    [InlineData("SELECT count(*) FROM (SELECT oid FROM pg_proc GROUP BY oid HAVING count(*) > 1) x")]
    [InlineData("SELECT count(*) FROM pg_index i LEFT JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relkind IS DISTINCT FROM 'i'")]
    public async Task References_between_catalogs_hold(string violations)
    {
        await using SqlClient session = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false);
        await session.RunAsync("CREATE TABLE IF NOT EXISTS linked (a int PRIMARY KEY, b text DEFAULT 'x', c int CHECK (c > 0) UNIQUE, v float8[])");
        SqlAnswer answer = await session.RunAsync(violations);
        Assert.Null(answer.Message);
        Assert.Equal("0", answer.Rows.Single()[0]);
    }
}
