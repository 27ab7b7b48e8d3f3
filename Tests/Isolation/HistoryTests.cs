using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using VecSql.Tests.Crash;
using VecSql.Tests.Servers;

namespace VecSql.Tests.Isolation;

/// <summary>
/// Random transactions of several sessions, and what must hold of them whatever the interleaving: sums stay, no update is lost, keys are unique, lists only grow, snapshots are whole.
/// VECSQL_HISTORY_SECONDS sets how long each history lasts (default 1.5).
/// </summary>
public sealed class HistoryTests(VecSqlServer server, ITestOutputHelper output) : IClassFixture<VecSqlServer>
{
    private const int Sessions = 6;
    private const int Accounts = 8;
    private const int Lists = 4;
    private static int _databases;

    private static TimeSpan Length => TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("VECSQL_HISTORY_SECONDS") ?? "1.5", CultureInfo.InvariantCulture));

    /// <summary>What the sessions were told, and what they saw.</summary>
    private sealed class History
    {
        public readonly ConcurrentBag<string> Violations = [];

        /// <summary>Elements appended by transactions that were told of their commit, and by those that never heard.</summary>
        public readonly ConcurrentBag<(int List, string Element)> Appended = [], Unknown = [];
        public readonly ConcurrentBag<(int List, string Value)> Seen = [];
        public long Increments, UnknownIncrements, Commits, Retries;
    }

    [Theory]
    [InlineData("READ COMMITTED")]
    [InlineData("REPEATABLE READ")]
    [InlineData("SERIALIZABLE")]
    public async Task What_must_hold_holds(string level)
    {
        string database = $"history_{Interlocked.Increment(ref _databases)}";
        await using (NpgsqlConnection admin = await OpenAsync(server.Port, "postgres")) await RunAsync(admin, $"CREATE DATABASE {database}");
        History history = new();
        await using NpgsqlConnection connection = await OpenAsync(server.Port, database);
        await CreateAsync(connection);
        await RunSessionsAsync(server.Port, database, level, history, Length, mayEnd: false);
        await VerifyAsync(connection, history);
        output.WriteLine($"{level}: {history.Commits} commits, {history.Retries} retries");
        Assert.True(history.Commits > 20, "hardly anything committed");
    }

    [Theory]
    [InlineData("READ COMMITTED", 1)]
    [InlineData("REPEATABLE READ", 2)]
    public async Task What_must_hold_holds_over_kills(string level, int seed)
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-history-").FullName;
        try
        {
            Random random = new(seed);
            History history = new();
            for (int round = 0; round < 2; round++)
            {
                using ServerProcess process = await ServerProcess.StartAsync(folder);
                await using (NpgsqlConnection connection = await OpenAsync(process.Port, "postgres"))
                {
                    if (round == 0) await CreateAsync(connection);
                    else await VerifyAsync(connection, history);
                }
                Task sessions = RunSessionsAsync(process.Port, "postgres", level, history, TimeSpan.FromSeconds(30), mayEnd: true);
                await Task.Delay(random.Next(400, 1200));
                await process.KillAsync();
                await sessions;
            }
            using ServerProcess last = await ServerProcess.StartAsync(folder);
            await using NpgsqlConnection final = await OpenAsync(last.Port, "postgres");
            await VerifyAsync(final, history);
            output.WriteLine($"{level}: {history.Commits} commits, {history.Retries} retries");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CreateAsync(NpgsqlConnection connection)
    {
        await RunAsync(connection, "CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL)");
        await RunAsync(connection, $"INSERT INTO accounts SELECT g, 100 FROM generate_series(1, {Accounts}) g");
        await RunAsync(connection, "CREATE TABLE counter (id int PRIMARY KEY, n bigint NOT NULL)");
        await RunAsync(connection, "INSERT INTO counter VALUES (1, 0)");
        await RunAsync(connection, "CREATE TABLE lists (id int PRIMARY KEY, elements text NOT NULL)");
        await RunAsync(connection, $"INSERT INTO lists SELECT g, '' FROM generate_series(1, {Lists}) g");
        await RunAsync(connection, "CREATE TABLE keys (k int PRIMARY KEY, owner bigint NOT NULL)");
        await RunAsync(connection, "CREATE TABLE doctors (id int PRIMARY KEY, on_call boolean NOT NULL)");
        await RunAsync(connection, "INSERT INTO doctors VALUES (1, true), (2, true)");
    }

    private static async Task RunSessionsAsync(int port, string database, string level, History history, TimeSpan length, bool mayEnd)
    {
        using CancellationTokenSource stop = new(length);
        await Task.WhenAll(Enumerable.Range(0, Sessions).Select(i => Task.Run(() => RunSessionAsync(port, database, level, history, i, mayEnd, stop.Token))));
    }

    private static async Task RunSessionAsync(int port, string database, string level, History history, int number, bool mayEnd, CancellationToken stop)
    {
        Random random = new(number);
        try
        {
            await using NpgsqlConnection connection = await OpenAsync(port, database);
            for (long turn = 0; !stop.IsCancellationRequested; turn++)
            {
                try
                {
                    await RunTransactionAsync(connection, level, history, random, $"{number}.{Environment.TickCount64}.{turn}", (long)number << 32 | turn);
                }
                catch (PostgresException e) when (e.SqlState is "40001" or "40P01" or "23505")
                {
                    Interlocked.Increment(ref history.Retries);
                    await RunAsync(connection, "ROLLBACK");
                }
            }
        }
        catch (Exception e) when (mayEnd && (e is NpgsqlException { InnerException: not null } or IOException or PostgresException { SqlState: "57P01" } or InvalidOperationException))
        {
            // The kill.
        }
    }

    private static async Task RunTransactionAsync(NpgsqlConnection connection, string level, History history, Random random, string mark, long unique)
    {
        await RunAsync(connection, $"BEGIN ISOLATION LEVEL {level}");
        List<Action> ifCommitted = [], ifUnknown = [];
        for (int steps = random.Next(1, 4); steps > 0; steps--)
        {
            switch (random.Next(7))
            {
                case 0 or 1: await TransferAsync(connection, random); break;
                case 2: await IncrementAsync(connection, level, history, ifCommitted, ifUnknown); break;
                case 3: await AppendAsync(connection, history, random, $"{mark}.{steps}", ifCommitted, ifUnknown); break;
                case 4: await InsertKeyAsync(connection, random, unique); break;
                case 5: await LookAsync(connection, level, history); break;
                default:
                    if (level == "SERIALIZABLE") await LeaveAsync(connection, random);
                    break;
            }
        }
        if (random.Next(8) == 0)
        {
            await RunAsync(connection, "ROLLBACK");
            return;
        }
        try
        {
            await RunAsync(connection, "COMMIT");
        }
        catch (Exception e) when (e is not PostgresException)
        {
            foreach (Action note in ifUnknown) note();
            throw;
        }
        Interlocked.Increment(ref history.Commits);
        foreach (Action note in ifCommitted) note();
    }

    private static async Task TransferAsync(NpgsqlConnection connection, Random random)
    {
        int from = random.Next(1, Accounts + 1), to = random.Next(1, Accounts + 1), amount = random.Next(1, 20);
        await RunAsync(connection, $"UPDATE accounts SET balance = balance - {amount} WHERE id = {from}");
        if (random.Next(4) == 0)
        {
            // A detour that leaves no trace.
            await RunAsync(connection, "SAVEPOINT s");
            await RunAsync(connection, $"UPDATE accounts SET balance = 0 WHERE id = {to}");
            await RunAsync(connection, "ROLLBACK TO s");
        }
        await RunAsync(connection, $"UPDATE accounts SET balance = balance + {amount} WHERE id = {to}");
    }

    /// <summary>In READ COMMITTED the statement itself must not lose an update; above, what was read may be written.</summary>
    private static async Task IncrementAsync(NpgsqlConnection connection, string level, History history, List<Action> ifCommitted, List<Action> ifUnknown)
    {
        if (level == "READ COMMITTED") await RunAsync(connection, "UPDATE counter SET n = n + 1 WHERE id = 1");
        else
        {
            string n = await TextAsync(connection, "SELECT n FROM counter WHERE id = 1");
            await RunAsync(connection, $"UPDATE counter SET n = {long.Parse(n, CultureInfo.InvariantCulture) + 1} WHERE id = 1");
        }
        ifCommitted.Add(() => Interlocked.Increment(ref history.Increments));
        ifUnknown.Add(() => Interlocked.Increment(ref history.UnknownIncrements));
    }

    private static async Task AppendAsync(NpgsqlConnection connection, History history, Random random, string element, List<Action> ifCommitted, List<Action> ifUnknown)
    {
        int list = random.Next(1, Lists + 1);
        await RunAsync(connection, $"UPDATE lists SET elements = elements || '{element},' WHERE id = {list}");
        ifCommitted.Add(() => history.Appended.Add((list, element)));
        ifUnknown.Add(() => history.Unknown.Add((list, element)));
    }

    private static async Task InsertKeyAsync(NpgsqlConnection connection, Random random, long unique)
    {
        int key = random.Next(20);
        string sql = random.Next(3) switch
        {
            0 => $"INSERT INTO keys VALUES ({key}, {unique}) ON CONFLICT (k) DO UPDATE SET owner = excluded.owner",
            1 => $"INSERT INTO keys VALUES ({key}, {unique}) ON CONFLICT DO NOTHING",
            _ => $"DELETE FROM keys WHERE k = {key}",
        };
        await RunAsync(connection, sql);
    }

    private static async Task LookAsync(NpgsqlConnection connection, string level, History history)
    {
        Check(history, await TextAsync(connection, "SELECT sum(balance) FROM accounts"), (Accounts * 100).ToString(CultureInfo.InvariantCulture), "sum of balances");
        Check(history, await TextAsync(connection, "SELECT count(*) - count(DISTINCT k + 0) FROM keys"), "0", "equal keys");
        if (level != "READ COMMITTED")
        {
            string low = await TextAsync(connection, $"SELECT sum(balance) FROM accounts WHERE id <= {Accounts / 2}");
            await Task.Yield();
            string high = await TextAsync(connection, $"SELECT sum(balance) FROM accounts WHERE id > {Accounts / 2}");
            Check(history, (int.Parse(low, CultureInfo.InvariantCulture) + int.Parse(high, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture),
                (Accounts * 100).ToString(CultureInfo.InvariantCulture), "sum of balances in two statements of one snapshot");
        }
        for (int list = 1; list <= Lists; list++) history.Seen.Add((list, await TextAsync(connection, $"SELECT elements FROM lists WHERE id = {list}")));
    }

    /// <summary>Someone must stay on call: write skew, which SERIALIZABLE forbids.</summary>
    private static async Task LeaveAsync(NpgsqlConnection connection, Random random)
    {
        int doctor = random.Next(1, 3);
        if (await TextAsync(connection, "SELECT count(*) FROM doctors WHERE on_call") == "2") await RunAsync(connection, $"UPDATE doctors SET on_call = false WHERE id = {doctor}");
        else await RunAsync(connection, "UPDATE doctors SET on_call = true WHERE NOT on_call");
    }

    private static async Task VerifyAsync(NpgsqlConnection connection, History history)
    {
        await LookAsync(connection, "REPEATABLE READ", history);
        if (await TextAsync(connection, "SELECT count(*) FROM doctors WHERE on_call") == "0") history.Violations.Add("nobody is on call");
        // The index and the table agree.
        string scanned = await TextAsync(connection, "SELECT string_agg(k::text, ',' ORDER BY k) FROM keys WHERE k + 0 >= 0");
        string sought = await TextAsync(connection, "SELECT string_agg(k::text, ',' ORDER BY k) FROM keys WHERE k IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)");
        Check(history, sought, scanned, "keys by index");
        long n = long.Parse(await TextAsync(connection, "SELECT n FROM counter"), CultureInfo.InvariantCulture);
        if (n < history.Increments || n > history.Increments + history.UnknownIncrements) history.Violations.Add($"{history.Increments} (+{history.UnknownIncrements}) increments gave {n}");
        for (int list = 1; list <= Lists; list++)
        {
            string final = await TextAsync(connection, $"SELECT elements FROM lists WHERE id = {list}");
            string[] elements = final.Split(',', StringSplitOptions.RemoveEmptyEntries);
            HashSet<string> known = [.. elements];
            if (known.Count != elements.Length) history.Violations.Add($"list {list} has an element twice");
            HashSet<string> appended = [.. history.Appended.Where(a => a.List == list).Select(a => a.Element)];
            HashSet<string> unknown = [.. history.Unknown.Where(a => a.List == list).Select(a => a.Element)];
            foreach (string lost in appended.Where(e => !known.Contains(e))) history.Violations.Add($"list {list} lost {lost}");
            foreach (string strange in known.Where(e => !appended.Contains(e) && !unknown.Contains(e))) history.Violations.Add($"list {list} has {strange}, which was not committed");
            foreach ((int _, string seen) in history.Seen.Where(s => s.List == list))
                if (!final.StartsWith(seen, StringComparison.Ordinal) && !IsOwnUncommitted(seen, final, known)) history.Violations.Add($"list {list} was seen as '{Tail(seen)}', ends as '{Tail(final)}'");
        }
        Assert.Empty(history.Violations);
    }

    /// <summary>A transaction sees what it appended itself, and may roll it back or be killed before its commit: then all before it must be a prefix.</summary>
    private static bool IsOwnUncommitted(string seen, string final, HashSet<string> kept)
    {
        string[] elements = seen.Split(',', StringSplitOptions.RemoveEmptyEntries);
        int known = Array.FindLastIndex(elements, kept.Contains) + 1;
        string session = known < elements.Length ? elements[known].Split('.')[0] : "";
        return known < elements.Length && elements.Skip(known).All(e => e.Split('.')[0] == session) && final.StartsWith(string.Concat(elements.Take(known).Select(e => e + ",")), StringComparison.Ordinal);
    }

    private static string Tail(string list) => list.Length <= 80 ? list : "…" + list[^80..];

    private static void Check(History history, string actual, string expected, string what)
    {
        if (actual != expected) history.Violations.Add($"{what}: {actual} instead of {expected}");
    }

    private static async Task<NpgsqlConnection> OpenAsync(int port, string database)
    {
        NpgsqlConnection connection = new($"Host=127.0.0.1;Port={port};Username=postgres;Database={database};Pooling=false;Timeout=15;Command Timeout=60");
        await connection.OpenAsync();
        return connection;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> TextAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) ?? "";
    }
}
