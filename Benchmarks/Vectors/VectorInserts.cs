using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using VecSql.Benchmarks.Load;
using VecSql.Vectors;

namespace VecSql.Benchmarks.Vectors;

/// <summary>
/// Rows per second of one client that inserts into a table with an hnsw index: a row per statement, 100 rows per statement, COPY; alone, and while other connections search without a
/// pause, whose rate and times stand beside. Each statement commits; each run begins when the server has come to rest. The table holds the base set before; new rows lie between rows of the set.
/// </summary>
internal sealed class VectorInserts
{
    private const int Int4 = 23, BatchRows = 100, CopyRows = 1000;

    private readonly VectorSet _set;
    private readonly InsertRun _run;
    private readonly string _search, _operatorClass;
    private int _nextId;

    private sealed record InsertRun(double Seconds, int Searchers, int Ef, int Inserters);

    private enum Mode { Single, Batch, Copy }

    private VectorInserts(VectorSet set, InsertRun run)
    {
        (_set, _run) = (set, run);
        (string op, _operatorClass) = set.Metric switch
        {
            DistanceMetric.L2 => ("<->", "vector_l2_ops"),
            DistanceMetric.Cosine => ("<=>", "vector_cosine_ops"),
            DistanceMetric.InnerProduct => ("<#>", "vector_ip_ops"),
            _ => ("<+>", "vector_l1_ops"),
        };
        _search = $"SELECT id FROM items ORDER BY embedding {op} $1 LIMIT {VectorSet.K}";
    }

    public static Command Command()
    {
        VectorSetOptions set = new();
        Option<double> seconds = new("--seconds") { Description = "Length of each run.", DefaultValueFactory = _ => 5 };
        Option<int> searchers = new("--searchers") { Description = "Connections that search meanwhile.", DefaultValueFactory = _ => 2 };
        Option<int> inserters = new("--inserters") { Description = "Connections that insert.", DefaultValueFactory = _ => 1 };
        Option<int> ef = new("--ef") { Description = "hnsw.ef_search of the searches.", DefaultValueFactory = _ => 40 };
        Option<string?> pgvector = new("--pgvector") { Description = "\"Host=…;Port=…;Username=…;Database=…\" of a PostgreSQL with pgvector (trust authentication); its table \"items\" is replaced." };
        Command command = new("vectors-insert", "Inserts into a table with an hnsw index, alone and under searches.") { seconds, searchers, inserters, ef, pgvector };
        set.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(
            set.Load(parsed),
            new InsertRun(parsed.GetValue(seconds), parsed.GetValue(searchers), parsed.GetValue(ef), parsed.GetValue(inserters)),
            parsed.GetValue(pgvector) is { } peer ? Target.Parse("PostgreSQL with pgvector", peer, []) : null));
        return command;
    }

    private static async Task RunAsync(VectorSet set, InsertRun run, Target? peer)
    {
        Console.WriteLine($"{set.Rows.Length} rows of {set.Dimensions} dimensions, {set.Metric}; runs of {run.Seconds} s\n");
        VectorInserts benchmark = new(set, run);
        await using (VecSqlTarget vecsql = await VecSqlTarget.StartAsync())
            benchmark.Measure(vecsql.Target, () => ProcessTime.Seconds(vecsql.ProcessId), () => vecsql.MemoryBytes);
        if (peer is not null) benchmark.Measure(peer, null, null);
    }

    private void Measure(Target target, Func<double>? cpu, Func<long>? memory)
    {
        using LoadConnection connection = LoadConnection.Open(target);
        connection.Run("CREATE EXTENSION IF NOT EXISTS vector");
        connection.Run("DROP TABLE IF EXISTS items");
        connection.Run($"CREATE TABLE items (id int PRIMARY KEY, embedding vector({_set.Dimensions}))");
        _nextId = 0;
        for (int from = 0; from < _set.Rows.Length; from += CopyRows) Copy(connection, _set.Rows.AsSpan(from, Math.Min(CopyRows, _set.Rows.Length - from)));
        connection.Run($"CREATE INDEX items_embedding ON items USING hnsw (embedding {_operatorClass})");
        connection.Analyze("items");
        int vectorType = int.Parse(connection.Run("SELECT oid FROM pg_type WHERE typname = 'vector'")[0][0]!, CultureInfo.InvariantCulture);
        LoadResult idle = LoadRun.Measure(_run.Searchers, _run.Seconds, client => Searcher(target, vectorType, client));
        Console.WriteLine($"{target.Name}: {_run.Searchers} connections that search, nothing else: {idle.PerSecond:N0}/s, p50 {Format(idle.MedianMs, "0.00")} ms, p99 {Format(idle.P99Ms, "0.00")} ms\n");
        TextTable table = new(target.Name, "rows/s", "p50 ms", "p99 ms", "CPU µs a row", "searches/s", "p50 ms ", "p99 ms ", "MiB in memory");
        foreach (bool underLoad in new[] { false, true })
            foreach (Mode mode in Enum.GetValues<Mode>())
                MeasureMode(table, target, vectorType, mode, underLoad, cpu, memory);
        table.Print();
    }

    private void MeasureMode(TextTable table, Target target, int vectorType, Mode mode, bool underLoad, Func<double>? cpu, Func<long>? memory)
    {
        Rest(cpu);
        Task<LoadResult>? searches = underLoad ? Task.Run(() => LoadRun.Measure(_run.Searchers, _run.Seconds, client => Searcher(target, vectorType, client))) : null;
        double before = cpu?.Invoke() ?? 0;
        LoadResult inserts = LoadRun.Measure(_run.Inserters, _run.Seconds, client => Inserter(target, vectorType, mode, client));
        double spent = (cpu?.Invoke() ?? 0) - before;
        LoadResult? found = searches?.GetAwaiter().GetResult();
        int rows = RowsOf(mode);
        string name = mode switch { Mode.Single => "INSERT of one row", Mode.Batch => $"INSERT of {BatchRows} rows", _ => $"COPY of {CopyRows:N0} rows" };
        table.Add(name + (underLoad ? ", under searches" : ""), Format(inserts.PerSecond * rows, "N0"), Format(inserts.MedianMs, "0.00"), Format(inserts.P99Ms, "0.00"),
            cpu is null || underLoad ? "" : Format(1e6 * spent / (inserts.Count * rows), "0"),
            found is { } f ? Format(f.PerSecond, "N0") : "", found is { } g ? Format(g.MedianMs, "0.00") : "", found is { } h ? Format(h.P99Ms, "0.00") : "",
            memory is null ? "" : $"{memory() >> 20}");
    }

    /// <summary>Waits until what the last run left to do in the background is done.</summary>
    private static void Rest(Func<double>? cpu)
    {
        if (cpu is null) return;
        const int Checks = 120, QuietChecks = 4;
        double before = cpu();
        int quiet = 0;
        for (int i = 0; i < Checks; i++)
        {
            Thread.Sleep(1000);
            double now = cpu();
            quiet = now - before < 0.1 ? quiet + 1 : 0;
            if (quiet == QuietChecks) return;
            before = now;
        }
    }

    private static int RowsOf(Mode mode) => mode switch { Mode.Single => 1, Mode.Batch => BatchRows, _ => CopyRows };

    private (LoadConnection, Action<int>) Searcher(Target target, int vectorType, int client)
    {
        LoadConnection connection = LoadConnection.Open(target);
        connection.Run($"SET hnsw.ef_search = {_run.Ef}");
        connection.Prepare("s", _search, vectorType);
        return (connection, turn =>
        {
            connection.Bind("s", 1).Vector(_set.Queries[((client * 7919) + turn) % _set.Queries.Length]);
            connection.Execute(null);
        });
    }

    private (LoadConnection, Action<int>) Inserter(Target target, int vectorType, Mode mode, int client)
    {
        LoadConnection connection = LoadConnection.Open(target);
        Random random = new(Stopwatch.GetTimestamp().GetHashCode() + client);
        int rows = RowsOf(mode);
        float[][] fresh = [.. Enumerable.Range(0, rows).Select(_ => new float[_set.Dimensions])];
        if (mode != Mode.Copy)
        {
            StringBuilder sql = new("INSERT INTO items VALUES ");
            for (int i = 0; i < rows; i++) sql.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? ", " : "")}(${(2 * i) + 1}, ${(2 * i) + 2})");
            int[] types = [.. Enumerable.Range(0, 2 * rows).Select(i => i % 2 == 0 ? Int4 : vectorType)];
            connection.Prepare("i", sql.ToString(), types);
        }
        return (connection, _ =>
        {
            foreach (float[] row in fresh) MakeRow(random, row);
            if (mode == Mode.Copy)
            {
                Copy(connection, fresh);
                return;
            }
            int id = Interlocked.Add(ref _nextId, rows) - rows;
            MessageBuilder bind = connection.Bind("i", 2 * rows);
            foreach (float[] row in fresh) bind.Int32(4).Int32(id++).Vector(row);
            connection.Execute(null);
        });
    }

    /// <summary>A point between two rows of the set, nearer to the first.</summary>
    private void MakeRow(Random random, float[] row)
    {
        float[] a = _set.Rows[random.Next(_set.Rows.Length)], b = _set.Rows[random.Next(_set.Rows.Length)];
        float share = 0.3f * random.NextSingle();
        for (int i = 0; i < row.Length; i++) row[i] = a[i] + (share * (b[i] - a[i]));
    }

    /// <summary>One COPY statement.</summary>
    private void Copy(LoadConnection connection, ReadOnlySpan<float[]> rows)
    {
        int id = Interlocked.Add(ref _nextId, rows.Length) - rows.Length;
        connection.BeginCopy("COPY items FROM STDIN (FORMAT binary)");
        MessageBuilder messages = connection.Out;
        messages.Begin('d').Bytes("PGCOPY\n"u8).Byte(0xff).Bytes("\r\n\0"u8).Int32(0).Int32(0);
        messages.End();
        foreach (float[] row in rows)
        {
            messages.Begin('d').Int16(2).Int32(4).Int32(id++).Vector(row);
            messages.End();
            if (messages.Length > 64 * 1024) connection.SendCopyData();
        }
        messages.Begin('d').Int16(-1);
        messages.End();
        connection.SendCopyData();
        connection.EndCopy();
    }

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
