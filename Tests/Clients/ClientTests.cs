using System.Diagnostics;
using VecSql.Tests.Servers;

namespace VecSql.Tests.Clients;

/// <summary>Real clients run one script each against VecSql and against PostgreSQL and must see the same, line by line. ./test installs the clients.</summary>
public sealed class ClientTests(VecSqlServer vecsql, PostgresServer postgres) : IClassFixture<VecSqlServer>, IClassFixture<PostgresServer>
{
    private const string JdbcDriver = "/usr/share/java/postgresql.jar";

    [Fact]
    public Task Psql() => CompareAsync(port => RunAsync("psql", "psql", "-X", "-h", "127.0.0.1", "-p", $"{port}", "-U", "postgres", "-d", "postgres", "-f", "session.sql"));

    /// <summary>psql's \\d and its kin over the tables of pg_dump's test.</summary>
    [Fact]
    public Task PsqlDescribes() => CompareAsync(async port =>
    {
        string[] at = ["-X", "-q", "-h", "127.0.0.1", "-p", $"{port}", "-U", "postgres", "-d"];
        await RunAsync("psql", "psql", [.. at, "postgres", "-c", "CREATE DATABASE described"]);
        await RunAsync("psql", "psql", [.. at, "described", "-f", "../pg_dump/tables.sql"]);
        return await RunAsync("psql", "psql", [.. at, "described", "-f", "describe.sql"]);
    });

    [Fact]
    public Task Npgsql() => CompareAsync(NpgsqlSession.RunAsync);

    [Fact]
    public Task Psycopg() => CompareAsync(port => RunAsync("python", "/usr/bin/python3", "session.py", $"host=127.0.0.1 port={port} user=postgres dbname=postgres"));

    [Fact]
    public async Task NodePostgres()
    {
        if (!Directory.Exists(Path.Combine(Folder("node"), "node_modules", "pg-cursor"))) await RunAsync("node", "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error");
        await CompareAsync(port => RunAsync("node", "node", "session.mjs", $"{port}"));
    }

    [Fact]
    public async Task Jdbc()
    {
        // One virtual machine for both: starting it and compiling is most of the time.
        string both = await RunAsync("java", "java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp", JdbcDriver, "Session.java", $"{postgres.Port}", $"{vecsql.Port}");
        string[] seen = both.Split("port\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, seen.Length);
        Compare(seen[0], seen[1]);
    }

    private async Task CompareAsync(Func<int, Task<string>> run)
    {
        Task<string> expected = run(postgres.Port), actual = run(vecsql.Port);
        Compare(await expected, await actual);
    }

    /// <summary>A script that broke off on PostgreSQL proves nothing; so each must have reached its end there without a failed part.</summary>
    internal static void Compare(string expected, string actual)
    {
        Assert.EndsWith("end", expected.TrimEnd());
        Assert.DoesNotContain("FAILED", expected);
        string[] wanted = expected.Split('\n'), seen = actual.Split('\n');
        IEnumerable<string> differences = wanted.Zip(seen).Where(pair => pair.First != pair.Second).Take(8).Select(pair => $"PostgreSQL: {pair.First}\nVecSql:     {pair.Second}");
        Assert.True(wanted.SequenceEqual(seen), $"{wanted.Length} and {seen.Length} lines\n{string.Join('\n', differences)}");
    }

    private static string Folder(string client) => Repository.Path($"Tests/Clients/{client}");

    /// <summary>What the program wrote to both streams, which a shell joins so that their order is the program's.</summary>
    internal static async Task<string> RunAsync(string client, string program, params string[] arguments)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec \"$@\" 2>&1", "sh", program, .. arguments]) { WorkingDirectory = Folder(client), RedirectStandardOutput = true };
        start.Environment["PGCLIENTENCODING"] = "UTF8";
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start)!;
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(90));
        try
        {
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return output;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
