using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace VecSql.Tests.Crash;

/// <summary>
/// kill -9 under load, again and again: every acknowledged transaction is there after recovery, and none is half there. VECSQL_CRASH_ROUNDS sets the rounds (default 4).
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Writers = 4;
    private const int Dimensions = 8;

    /// <summary>What one writer knows: the last transaction that was acknowledged, and the last that was sent.</summary>
    private sealed class Journal
    {
        public long Acknowledged { get; set; }
        public long Attempted { get; set; }
    }

    [Fact]
    public async Task No_acknowledged_transaction_is_lost_and_none_is_half_there()
    {
        int rounds = int.Parse(Environment.GetEnvironmentVariable("VECSQL_CRASH_ROUNDS") ?? "4", CultureInfo.InvariantCulture);
        string folder = Directory.CreateTempSubdirectory("vecsql-crash-").FullName;
        try
        {
            Journal[] journals = [.. Enumerable.Range(0, Writers).Select(_ => new Journal())];
            Random random = new(20_261_120);
            for (int round = 0; round < rounds; round++)
            {
                using ServerProcess server = await ServerProcess.StartAsync(folder);
                if (round == 0) await CreateAsync(server);
                await VerifyAsync(server, journals, round);
                await LoadUntilKilledAsync(server, journals, random.Next(50, 1500));
            }
            using ServerProcess last = await ServerProcess.StartAsync(folder);
            await VerifyAsync(last, journals, rounds);
            output.WriteLine($"{rounds} rounds, {journals.Sum(j => j.Acknowledged)} acknowledged transactions");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CreateAsync(ServerProcess server)
    {
        await using NpgsqlConnection connection = await OpenAsync(server);
        await RunAsync(connection, "CREATE EXTENSION vector");
        await RunAsync(connection, $"CREATE TABLE entries (writer int, number bigint, side int, embedding vector({Dimensions}), PRIMARY KEY (writer, number, side))");
        await RunAsync(connection, "CREATE TABLE counters (writer int PRIMARY KEY, number bigint NOT NULL)");
        for (int writer = 0; writer < Writers; writer++) await RunAsync(connection, $"INSERT INTO counters VALUES ({writer}, 0)");
    }

    private static async Task LoadUntilKilledAsync(ServerProcess server, Journal[] journals, int milliseconds)
    {
        using CancellationTokenSource stop = new();
        ConcurrentBag<Exception> unexpected = [];
        Task[] load = [.. journals.Select((journal, writer) => Task.Run(() => WriteAsync(server, writer, journal, unexpected, stop.Token))),
            Task.Run(() => BuildIndexesAsync(server, unexpected, stop.Token))];
        await Task.Delay(milliseconds);
        stop.CancelAfter(TimeSpan.FromSeconds(5));
        await server.KillAsync();
        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.Empty(unexpected);
    }

    /// <summary>Transactions of two inserts and an update; now and then an old row goes.</summary>
    private static async Task WriteAsync(ServerProcess server, int writer, Journal journal, ConcurrentBag<Exception> unexpected, CancellationToken stop)
    {
        try
        {
            await using NpgsqlConnection connection = await OpenAsync(server);
            while (!stop.IsCancellationRequested)
            {
                long number = Math.Max(journal.Attempted, journal.Acknowledged) + 1;
                string vector = $"[{string.Join(',', Enumerable.Range(0, Dimensions).Select(d => ((number * 31 + d * 17 + writer) % 97).ToString(CultureInfo.InvariantCulture)))}]";
                await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(stop);
                await RunAsync(connection, $"INSERT INTO entries VALUES ({writer}, {number}, 0, '{vector}'), ({writer}, {number}, 1, '{vector}')");
                await RunAsync(connection, $"UPDATE counters SET number = {number} WHERE writer = {writer}");
                journal.Attempted = number;
                await transaction.CommitAsync(stop);
                journal.Acknowledged = number;
            }
        }
        catch (Exception e) when (e is NpgsqlException { InnerException: not null } or OperationCanceledException or IOException || IsShutdown(e))
        {
            // The kill.
        }
        catch (Exception e)
        {
            unexpected.Add(e);
        }
    }

    private static async Task BuildIndexesAsync(ServerProcess server, ConcurrentBag<Exception> unexpected, CancellationToken stop)
    {
        try
        {
            await using NpgsqlConnection connection = await OpenAsync(server);
            while (!stop.IsCancellationRequested)
            {
                await RunAsync(connection, "DROP INDEX IF EXISTS entries_embedding");
                await RunAsync(connection, "CREATE INDEX entries_embedding ON entries USING hnsw (embedding vector_l2_ops)");
            }
        }
        catch (Exception e) when (e is NpgsqlException { InnerException: not null } or OperationCanceledException or IOException || IsShutdown(e))
        {
            // The kill.
        }
        catch (Exception e)
        {
            unexpected.Add(e);
        }
    }

    private static async Task VerifyAsync(ServerProcess server, Journal[] journals, int round)
    {
        await using NpgsqlConnection connection = await OpenAsync(server);
        for (int writer = 0; writer < journals.Length; writer++)
        {
            Journal journal = journals[writer];
            long last = await ScalarAsync(connection, $"SELECT number FROM counters WHERE writer = {writer}");
            Assert.True(last >= journal.Acknowledged, $"round {round}: writer {writer} was told of {journal.Acknowledged}, found {last}");
            Assert.True(last <= journal.Attempted || journal.Attempted == 0, $"round {round}: writer {writer} never sent {last}");
            // Each number from 1 to the last, both sides, or not at all for those that failed before their commit was sent.
            long halves = await ScalarAsync(connection, $"SELECT count(*) FROM (SELECT number FROM entries WHERE writer = {writer} GROUP BY number HAVING count(*) <> 2) h");
            Assert.Equal(0, halves);
            Assert.Equal(last, await ScalarAsync(connection, $"SELECT coalesce(max(number), 0) FROM entries WHERE writer = {writer}"));
            Assert.Equal(last, await ScalarAsync(connection, $"SELECT count(DISTINCT number) FROM entries WHERE writer = {writer}"));
            journal.Acknowledged = journal.Attempted = last;
        }
        long all = await ScalarAsync(connection, "SELECT count(*) FROM entries");
        long near = await ScalarAsync(connection, "SELECT count(*) FROM (SELECT 1 FROM entries ORDER BY embedding <-> '[1,2,3,4,5,6,7,8]' LIMIT 20) n");
        Assert.Equal(Math.Min(all, 20), near);
    }

    private static bool IsShutdown(Exception e) => e is PostgresException { SqlState: "57P01" };

    private static async Task<NpgsqlConnection> OpenAsync(ServerProcess server)
    {
        NpgsqlConnection connection = new(server.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
