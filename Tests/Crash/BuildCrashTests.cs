using Npgsql;

namespace VecSql.Tests.Crash;

/// <summary>CREATE INDEX over vectors that is killed or cancelled in its midst leaves nothing behind: no file, no entry in the catalog, no setting aside of memory.</summary>
public sealed class BuildCrashTests
{
    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<NpgsqlConnection> OpenAsync(ServerProcess server)
    {
        NpgsqlConnection connection = new(server.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task FillAsync(ServerProcess server)
    {
        await using NpgsqlConnection connection = await OpenAsync(server);
        await RunAsync(connection, "CREATE EXTENSION vector");
        await RunAsync(connection, "CREATE TABLE items (id int, e vector(32))");
        await RunAsync(connection, "INSERT INTO items SELECT i, (SELECT array_agg(sin(i * 0.7 + d * i * 0.013 + d)) FROM generate_series(1, 32) d)::vector FROM generate_series(1, 15000) i");
        await RunAsync(connection, "CHECKPOINT");
    }

    private static string[] Files(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => f.Contains("/idx/", StringComparison.Ordinal) || f.EndsWith(".tmp", StringComparison.Ordinal))];

    /// <summary>Returns once the build has linked some rows.</summary>
    private static async Task WaitForProgressAsync(ServerProcess server)
    {
        await using NpgsqlConnection watcher = await OpenAsync(server);
        for (int i = 0; i < 6000; i++)
        {
            if (await RunAsync(watcher, "SELECT max(tuples_done) FROM pg_stat_progress_create_index") is long and > 500) return;
            await Task.Delay(5);
        }
        Assert.Fail("the build shows no progress");
    }

    private const string Build = "CREATE INDEX items_e ON items USING hnsw (e vector_l2_ops) WITH (ef_construction = 400)";

    [Fact]
    public async Task A_build_that_is_killed_leaves_nothing_behind()
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-crash-").FullName;
        try
        {
            using (ServerProcess server = await ServerProcess.StartAsync(folder))
            {
                await FillAsync(server);
                Task build = Task.Run(async () =>
                {
                    await using NpgsqlConnection connection = await OpenAsync(server);
                    await RunAsync(connection, Build);
                });
                await WaitForProgressAsync(server);
                await server.KillAsync();
                await Assert.ThrowsAnyAsync<Exception>(() => build);
            }
            using ServerProcess again = await ServerProcess.StartAsync(folder);
            await CheckCleanAsync(again, folder);
            await again.KillAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_build_that_is_cancelled_leaves_nothing_behind()
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-crash-").FullName;
        try
        {
            using ServerProcess server = await ServerProcess.StartAsync(folder);
            await FillAsync(server);
            await using NpgsqlConnection connection = await OpenAsync(server);
            await using NpgsqlCommand command = new(Build, connection);
            Task build = command.ExecuteNonQueryAsync();
            await WaitForProgressAsync(server);
            // What Ctrl-C in psql sends.
            command.Cancel();
            OperationCanceledException error = await Assert.ThrowsAsync<OperationCanceledException>(() => build);
            Assert.Equal("57014", (error.InnerException as PostgresException)?.SqlState);
            await CheckCleanAsync(server, folder);
            await server.KillAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CheckCleanAsync(ServerProcess server, string folder)
    {
        await using NpgsqlConnection connection = await OpenAsync(server);
        Assert.Equal(0L, await RunAsync(connection, "SELECT count(*) FROM pg_class WHERE relname = 'items_e'"));
        Assert.Equal(0L, await RunAsync(connection, "SELECT count(*) FROM pg_stat_progress_create_index"));
        Assert.Equal(15000L, await RunAsync(connection, "SELECT count(*) FROM items"));
        Assert.Empty(Files(folder));
        // The name is free, and the table is as it was.
        await RunAsync(connection, "CREATE INDEX items_e ON items USING hnsw (e vector_l2_ops)");
        Assert.Single(Files(folder));
    }
}
