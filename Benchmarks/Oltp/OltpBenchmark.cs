using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using VecSql.Benchmarks.Load;
using VecSql.Tests.Servers;

namespace VecSql.Benchmarks.Oltp;

/// <summary>
/// Short statements beside PostgreSQL: COPY, SELECT by primary key, INSERT and UPDATE of one row, each committed durably (PostgreSQL runs with its defaults, fsync included).
/// The servers take turns within each repeat, so that a noisy machine harms both alike; medians.
/// </summary>
internal static class OltpBenchmark
{
    private const int Int4 = 23;

    /// <summary>Time for PostgreSQL's session processes to end after their clients left: only then does the postmaster know their CPU time.</summary>
    private static readonly TimeSpan SessionEnd = TimeSpan.FromMilliseconds(200);

    public static Command Command()
    {
        Option<int> rows = new("--rows") { Description = "Rows in the table.", DefaultValueFactory = _ => 100_000 };
        Option<double> seconds = new("--seconds") { Description = "Length of each run.", DefaultValueFactory = _ => 2 };
        Option<int> repeats = new("--repeats") { Description = "Runs of each measurement; the median counts.", DefaultValueFactory = _ => 3 };
        Option<int[]> clients = new("--clients") { Description = "Numbers of clients.", DefaultValueFactory = _ => [1, 8], AllowMultipleArgumentsPerToken = true };
        Option<string> only = new("--only") { Description = "Measure only what begins with this: SELECT, INSERT or UPDATE.", DefaultValueFactory = _ => "" };
        Command command = new("oltp", "COPY, point SELECT, INSERT, UPDATE: VecSql beside PostgreSQL.") { rows, seconds, repeats, clients, only };
        command.SetAction(parsed => RunAsync(parsed.GetValue(rows), parsed.GetValue(seconds), parsed.GetValue(repeats), parsed.GetValue(clients)!, parsed.GetValue(only)!));
        return command;
    }

    private static async Task RunAsync(int rows, double seconds, int repeats, int[] clients, string only)
    {
        await using VecSqlTarget vecsql = await VecSqlTarget.StartAsync();
        await using PostgresInstance postgres = await PostgresInstance.StartAsync("");
        Target[] targets = [vecsql.Target, Target.Local("PostgreSQL", postgres.Port)];
        int[] processes = [vecsql.ProcessId, postgres.ProcessId];
        byte[] data = Data(rows);
        TextTable table = new("measurement", "clients", "VecSql", "PostgreSQL", "ratio", "VecSql p50 ms", "p99 ms", "CPU µs", "PostgreSQL p50 ms", "p99 ms", "CPU µs");

        double[][] copies = [.. targets.Select(_ => new double[repeats])];
        for (int repeat = 0; repeat < repeats; repeat++)
            for (int i = 0; i < targets.Length; i++) copies[i][repeat] = rows / CopySeconds(targets[i], data);
        double[] copied = [.. copies.Select(Median)];
        table.Add("COPY in, rows/s", "1", Number(copied[0]), Number(copied[1]), Ratio(copied[0], copied[1]), "", "", "", "", "", "");
        foreach (Target target in targets)
        {
            using LoadConnection connection = LoadConnection.Open(target);
            connection.Analyze("accounts");
        }

        (string Name, Func<Target, int, (LoadConnection, Action<int>)> Open)[] measurements =
        [
            ("SELECT by primary key, /s", (target, client) => Select(target, client, rows)),
            ("INSERT of one row, /s", Insert),
            ("UPDATE by primary key, /s", (target, client) => Update(target, client, rows)),
        ];
        foreach ((string name, Func<Target, int, (LoadConnection, Action<int>)> open) in measurements.Where(m => m.Name.StartsWith(only, StringComparison.OrdinalIgnoreCase)))
        {
            foreach (int count in clients)
            {
                LoadResult[][] runs = [.. targets.Select(_ => new LoadResult[repeats])];
                double[] cpuSeconds = new double[targets.Length];
                for (int repeat = 0; repeat < repeats; repeat++)
                {
                    for (int i = 0; i < targets.Length; i++)
                    {
                        double before = ProcessTime.Seconds(processes[i]);
                        runs[i][repeat] = LoadRun.Measure(count, seconds, client => open(targets[i], client));
                        Thread.Sleep(SessionEnd);
                        cpuSeconds[i] += ProcessTime.Seconds(processes[i]) - before;
                    }
                }
                LoadResult[] medians = [.. runs.Select(LoadResult.Median)];
                table.Add(name, $"{count}", Number(medians[0].PerSecond), Number(medians[1].PerSecond), Ratio(medians[0].PerSecond, medians[1].PerSecond),
                    Ms(medians[0].MedianMs), Ms(medians[0].P99Ms), Micros(0), Ms(medians[1].MedianMs), Ms(medians[1].P99Ms), Micros(1));

                string Micros(int target) => (1e6 * cpuSeconds[target] / runs[target].Sum(r => r.Count)).ToString("0.0", CultureInfo.InvariantCulture);
            }
        }
        Console.WriteLine($"{rows} rows of about {data.Length / rows} bytes, runs of {seconds} s, medians of {repeats}\n");
        table.Print();
        Console.WriteLine($"VecSql's memory {vecsql.MemoryBytes >> 20} MiB, its folder {vecsql.DiskBytes >> 20} MiB");
    }

    private static byte[] Data(int rows)
    {
        StringBuilder text = new();
        string filler = new('x', 84);
        for (int i = 1; i <= rows; i++) text.Append(i).Append('\t').Append(i % 1000).Append('\t').Append(filler).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static double CopySeconds(Target target, byte[] data)
    {
        using LoadConnection connection = LoadConnection.Open(target);
        connection.Run("DROP TABLE IF EXISTS accounts");
        connection.Run("DROP TABLE IF EXISTS history");
        connection.Run("CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL, filler text)");
        connection.Run("CREATE TABLE history (id bigserial PRIMARY KEY, account int NOT NULL, delta int NOT NULL, made timestamptz NOT NULL)");
        long started = Stopwatch.GetTimestamp();
        connection.CopyIn("COPY accounts FROM STDIN", new MemoryStream(data));
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static (LoadConnection, Action<int>) Select(Target target, int client, int rows)
    {
        LoadConnection connection = LoadConnection.Open(target);
        connection.Prepare("s", "SELECT balance, filler FROM accounts WHERE id = $1", Int4);
        Random random = new(client + 1);
        return (connection, _ =>
        {
            connection.Bind("s", 1).Int32(4).Int32(random.Next(rows) + 1);
            int found = connection.Execute(null);
            if (found != 1) throw new InvalidOperationException($"{target.Name} found {found} rows by primary key");
        });
    }

    private static (LoadConnection, Action<int>) Insert(Target target, int client)
    {
        LoadConnection connection = LoadConnection.Open(target);
        connection.Prepare("s", "INSERT INTO history (account, delta, made) VALUES ($1, $2, '2024-02-29 12:00:00+00')", Int4, Int4);
        return (connection, turn =>
        {
            connection.Bind("s", 2).Int32(4).Int32(client).Int32(4).Int32(turn);
            connection.Execute(null);
        });
    }

    /// <summary>Each client has rows of its own: what is measured is the cost of an update, not of waiting for a lock.</summary>
    private static (LoadConnection, Action<int>) Update(Target target, int client, int rows)
    {
        LoadConnection connection = LoadConnection.Open(target);
        connection.Prepare("s", "UPDATE accounts SET balance = balance + 1 WHERE id = $1", Int4);
        Random random = new(client + 1);
        return (connection, _ =>
        {
            connection.Bind("s", 1).Int32(4).Int32((random.Next(rows / 16) * 16) + (client % 16) + 1);
            connection.Execute(null);
        });
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Ms(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Ratio(double ours, double theirs) => (ours / theirs).ToString("0.00", CultureInfo.InvariantCulture);
}
