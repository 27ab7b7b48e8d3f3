using System.Buffers.Binary;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using VecSql.Benchmarks.Load;
using VecSql.Tests.Crash;
using VecSql.Vectors;

namespace VecSql.Benchmarks.Vectors;

/// <summary>
/// An index that doesn't fit in memory, and one that was just opened: the table is loaded and indexed, then the server is started anew for each bound of memory; the time to its first answer,
/// then recall, rate and the process' resident memory, as many searches later as the run is long.
/// </summary>
internal sealed class VectorMemory(VectorSet set, int ef, int clients, double seconds)
{
    private readonly string _operator = set.Metric switch { DistanceMetric.L2 => "<->", DistanceMetric.Cosine => "<=>", DistanceMetric.InnerProduct => "<#>", _ => "<+>" };
    private readonly string _class = set.Metric switch { DistanceMetric.L2 => "vector_l2_ops", DistanceMetric.Cosine => "vector_cosine_ops", DistanceMetric.InnerProduct => "vector_ip_ops", _ => "vector_l1_ops" };

    public static Command Command()
    {
        VectorSetOptions options = new();
        Option<string[]> bounds = new("--index-memory") { Description = "Values of vecsql.index_memory.", DefaultValueFactory = _ => ["0", "256MB", "64MB"], AllowMultipleArgumentsPerToken = true };
        Option<int> ef = new("--ef") { Description = "hnsw.ef_search.", DefaultValueFactory = _ => 40 };
        Option<int> clients = new("--clients") { Description = "Connections that search.", DefaultValueFactory = _ => 2 };
        Option<double> seconds = new("--seconds") { Description = "Length of each run.", DefaultValueFactory = _ => 5 };
        Option<string?> folder = new("--folder") { Description = "A data folder of an earlier run, to go on with; made if it isn't there." };
        Command command = new("vectors-memory", "Searches within a bound of memory, and the first answer of an index that was just opened.") { bounds, ef, clients, seconds, folder };
        options.AddTo(command);
        command.SetAction((parsed, _) => new VectorMemory(options.Load(parsed), parsed.GetValue(ef), parsed.GetValue(clients), parsed.GetValue(seconds)).RunAsync(parsed.GetValue(bounds)!, parsed.GetValue(folder)));
        return command;
    }

    private async Task RunAsync(string[] bounds, string? kept)
    {
        string folder = kept ?? Directory.CreateTempSubdirectory("vecsql-bench-").FullName;
        try
        {
            if (kept is null || !Directory.Exists(kept)) await LoadAsync(folder);
            long index = new DirectoryInfo(folder).EnumerateFiles("*.hnsw", SearchOption.AllDirectories).Sum(f => f.Length);
            Console.WriteLine($"{set.Rows.Length} rows of {set.Dimensions} dimensions, {set.Metric}, ef_search = {ef}, {clients} clients; index {index >> 20} MiB, vectors {((long)set.Rows.Length * set.Dimensions * 4) >> 20} MiB\n");
            TextTable table = new("vecsql.index_memory", "first answer ms", "recall@10", "QPS", "p50 ms", "p99 ms", "CPU µs", "MiB resident before", "after");
            foreach (string bound in bounds) await MeasureAsync(table, folder, bound);
            table.Print();
        }
        finally
        {
            if (kept is null) Directory.Delete(folder, recursive: true);
        }
    }

    private async Task LoadAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        using ServerProcess server = await ServerProcess.StartAsync(folder);
        using (LoadConnection connection = LoadConnection.Open(Target.Local("VecSql", server.Port)))
        {
            connection.Run("CREATE EXTENSION IF NOT EXISTS vector");
            connection.Run($"CREATE TABLE items (id int, embedding vector({set.Dimensions}))");
            connection.BeginCopy("COPY items FROM STDIN (FORMAT binary)");
            MessageBuilder messages = connection.Out;
            messages.Begin('d').Bytes("PGCOPY\n"u8).Byte(0xff).Bytes("\r\n\0"u8).Int32(0).Int32(0);
            messages.End();
            for (int id = 0; id < set.Rows.Length; id++)
            {
                messages.Begin('d').Int16(2).Int32(4).Int32(id).Vector(set.Rows[id]);
                messages.End();
                if (messages.Length > 64 * 1024) connection.SendCopyData();
            }
            messages.Begin('d').Int16(-1);
            messages.End();
            connection.SendCopyData();
            connection.EndCopy();
            connection.Run($"CREATE INDEX ON items USING hnsw (embedding {_class})");
            connection.Analyze("items");
            connection.Run("CHECKPOINT");
        }
        await server.KillAsync();
    }

    private async Task MeasureAsync(TextTable table, string folder, string bound)
    {
        using ServerProcess server = await ServerProcess.StartAsync(folder);
        try
        {
            Target target = Target.Local("VecSql", server.Port);
            using LoadConnection connection = Open(target);
            connection.Run($"SET vecsql.index_memory = '{bound}'");
            Thread.Sleep(500);
            long before = server.ResidentBytes;
            long started = Stopwatch.GetTimestamp();
            Ask(connection, 0, null);
            double first = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            long hits = 0;
            for (int q = 0; q < set.Truth.Length; q++)
            {
                int[] exact = set.Truth[q][..VectorSet.K];
                Ask(connection, q, fields =>
                {
                    if (Array.IndexOf(exact, BinaryPrimitives.ReadInt32BigEndian(fields[4..])) >= 0) hits++;
                });
            }
            // What is verified in the background after a start is read once; then the bound shows.
            Thread.Sleep(2000);
            double cpu = ProcessTime.Seconds(server.ProcessId);
            LoadResult result = LoadRun.Measure(clients, seconds, client =>
            {
                LoadConnection own = Open(target);
                return (own, turn => Ask(own, (client * 7919) + turn, null));
            });
            cpu = ProcessTime.Seconds(server.ProcessId) - cpu;
            table.Add(bound, Format(first, "0"), Format((double)hits / (set.Truth.Length * VectorSet.K), "0.0000"), Format(result.PerSecond, "N0"), Format(result.MedianMs, "0.00"), Format(result.P99Ms, "0.00"), Format(1e6 * cpu / result.Count, "0"),
                $"{before >> 20}", $"{server.ResidentBytes >> 20}");
        }
        finally
        {
            await server.KillAsync();
        }
    }

    private LoadConnection Open(Target target)
    {
        LoadConnection connection = LoadConnection.Open(target);
        int vectorType = int.Parse(connection.Run("SELECT oid FROM pg_type WHERE typname = 'vector'")[0][0]!, CultureInfo.InvariantCulture);
        connection.Run($"SET hnsw.ef_search = {ef}");
        connection.Prepare("s", $"SELECT id FROM items ORDER BY embedding {_operator} $1 LIMIT {VectorSet.K}", vectorType);
        return connection;
    }

    private void Ask(LoadConnection connection, int query, RowHandler? onRow)
    {
        connection.Bind("s", 1).Vector(set.Queries[query % set.Queries.Length]);
        connection.Execute(onRow);
    }

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
