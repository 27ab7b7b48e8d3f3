using VecSql.Tests.Servers;

namespace VecSql.Tests.Clients;

/// <summary>The real pg_dump: what it writes is PostgreSQL's, restores with psql, and is written again just so.</summary>
public sealed class PgDumpTests(VecSqlServer vecsql, PostgresServer postgres) : IClassFixture<VecSqlServer>, IClassFixture<PostgresServer>
{
    [Theory]
    [InlineData("")]
    [InlineData("--inserts")]
    [InlineData("--schema-only")]
    [InlineData("--data-only")]
    [InlineData("--table=parent --table=child")]
    [InlineData("--column-inserts --rows-per-insert=2")]
    [InlineData("--clean --if-exists --no-owner --no-privileges")]
    [InlineData("--create --schema=app")]
    public async Task Dump_is_PostgreSQLs(string options)
    {
        string database = "same" + Math.Abs(options.GetHashCode(StringComparison.Ordinal));
        string[] arguments = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string expected = "", actual = "";
        foreach (int port in (int[])[postgres.Port, vecsql.Port])
        {
            await Psql(port, "postgres", "-c", $"CREATE DATABASE {database}");
            await Psql(port, database, "-f", "tables.sql");
            (expected, actual) = (actual, await Dump(port, database, arguments));
        }
        Assert.Contains("PostgreSQL database dump complete", expected);
        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData("plain", "")]
    [InlineData("inserts", "--inserts")]
    public async Task Dump_restores_and_is_written_again(string name, string options)
    {
        string[] arguments = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await Psql(vecsql.Port, "postgres", "-c", $"CREATE DATABASE source_{name}", "-c", $"CREATE DATABASE copy_{name}");
        await Psql(vecsql.Port, $"source_{name}", "-f", "tables.sql", "-f", "more.sql");
        string file = Path.GetTempFileName();
        try
        {
            string dump = await Dump(vecsql.Port, $"source_{name}", arguments);
            await File.WriteAllTextAsync(file, dump, TestContext.Current.CancellationToken);
            await Psql(vecsql.Port, $"copy_{name}", "-f", file);
            Assert.Contains("USING hnsw", dump);
            Assert.Equal(dump, await Dump(vecsql.Port, $"copy_{name}", arguments));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Without what differs by nature: versions, and the key that a script restricts itself by.</summary>
    private static async Task<string> Dump(int port, string database, string[] options)
    {
        string dump = await ClientTests.RunAsync("pg_dump", "pg_dump", ["-h", "127.0.0.1", "-p", $"{port}", "-U", "postgres", .. options, database]);
        return string.Join('\n', dump.Split('\n').Where(l => !l.StartsWith("-- Dumped ", StringComparison.Ordinal) && !l.Contains("restrict ", StringComparison.Ordinal)));
    }

    private static async Task Psql(int port, string database, params string[] arguments)
    {
        string output = await ClientTests.RunAsync("pg_dump", "psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", $"{port}", "-U", "postgres", "-d", database, .. arguments]);
        Assert.DoesNotContain("ERROR", output);
    }
}
