using System.Buffers.Binary;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using VecSql.Benchmarks.Load;
using VecSql.Vectors;

namespace VecSql.Benchmarks.Vectors;

/// <summary>
/// Vector search as a client sees it: rows by binary COPY, CREATE INDEX … USING hnsw, then prepared statements with the query vector as a binary parameter; recall and rate for each
/// hnsw.ef_search, and the same with filters that keep 50 … 0.1 % of the rows. The same statements run on a PostgreSQL with pgvector when one is given.
/// </summary>
internal sealed class VectorsOnWire
{
    private const int Int4 = 23, FilterQueries = 200, Buckets = 1000;

    private readonly VectorSet _set;
    private readonly VectorRun _run;
    private readonly string _search, _filtered, _operatorClass;

    private sealed record VectorRun(int M, int EfConstruction, int[] Ef, int[] Clients, double Seconds, double[] Filters, int FilterEf);

    private VectorsOnWire(VectorSet set, VectorRun run)
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
        _filtered = $"SELECT id FROM items WHERE bucket < $2 ORDER BY embedding {op} $1 LIMIT {VectorSet.K}";
    }

    public static Command Command()
    {
        VectorSetOptions set = new();
        Option<int> m = new("--m") { Description = "The index's m.", DefaultValueFactory = _ => 16 };
        Option<int> efConstruction = new("--efc") { Description = "The index's ef_construction.", DefaultValueFactory = _ => 64 };
        Option<int[]> ef = new("--ef") { Description = "Values of hnsw.ef_search.", DefaultValueFactory = _ => [20, 40, 100, 200], AllowMultipleArgumentsPerToken = true };
        Option<int[]> clients = new("--clients") { Description = "Numbers of clients.", DefaultValueFactory = _ => [1, 2, 8], AllowMultipleArgumentsPerToken = true };
        Option<double> seconds = new("--seconds") { Description = "Length of each run.", DefaultValueFactory = _ => 2 };
        Option<double[]> filters = new("--filters") { Description = "Percentages of rows that filters keep.", DefaultValueFactory = _ => [50, 10, 1, 0.1], AllowMultipleArgumentsPerToken = true };
        Option<int> filterEf = new("--filter-ef") { Description = "hnsw.ef_search under filters.", DefaultValueFactory = _ => 40 };
        Option<string?> pgvector = new("--pgvector") { Description = "\"Host=…;Port=…;Username=…;Database=…\" of a PostgreSQL with pgvector (trust authentication); its table \"items\" is replaced." };
        Option<string[]> pgvectorSet = new("--pgvector-set") { Description = "\"name = value\", set there on each connection, such as \"hnsw.iterative_scan = strict_order\".", DefaultValueFactory = _ => [] };
        Command command = new("vectors-wire", "Recall and speed of vector search over the wire.") { m, efConstruction, ef, clients, seconds, filters, filterEf, pgvector, pgvectorSet };
        set.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(
            set.Load(parsed),
            new VectorRun(parsed.GetValue(m), parsed.GetValue(efConstruction), parsed.GetValue(ef)!, parsed.GetValue(clients)!, parsed.GetValue(seconds), parsed.GetValue(filters)!, parsed.GetValue(filterEf)),
            parsed.GetValue(pgvector) is { } peer ? Target.Parse("PostgreSQL with pgvector", peer, parsed.GetValue(pgvectorSet)!) : null));
        return command;
    }

    private static async Task RunAsync(VectorSet set, VectorRun run, Target? peer)
    {
        Console.WriteLine($"{set.Rows.Length} rows of {set.Dimensions} dimensions, {set.Metric}, {set.Queries.Length} queries, m = {run.M}, ef_construction = {run.EfConstruction}, runs of {run.Seconds} s\n");
        VectorsOnWire benchmark = new(set, run);
        await using (VecSqlTarget vecsql = await VecSqlTarget.StartAsync())
            benchmark.Measure(vecsql.Target, () => (vecsql.MemoryBytes, vecsql.DiskBytes));
        if (peer is not null) benchmark.Measure(peer, null);
    }

    private void Measure(Target target, Func<(long Memory, long Disk)>? size)
    {
        using LoadConnection connection = LoadConnection.Open(target);
        connection.Run("CREATE EXTENSION IF NOT EXISTS vector");
        connection.Run("DROP TABLE IF EXISTS items");
        connection.Run($"CREATE TABLE items (id int PRIMARY KEY, bucket int NOT NULL, embedding vector({_set.Dimensions}))");
        double loaded = Load(connection);
        long started = Stopwatch.GetTimestamp();
        connection.Run($"CREATE INDEX items_embedding ON items USING hnsw (embedding {_operatorClass}) WITH (m = {_run.M}, ef_construction = {_run.EfConstruction})");
        double built = Stopwatch.GetElapsedTime(started).TotalSeconds;
        connection.Analyze("items");
        int vectorType = int.Parse(connection.Run("SELECT oid FROM pg_type WHERE typname = 'vector'")[0][0]!);
        (long memory, long disk) = size is not null ? size() : (0, long.Parse(connection.Run("SELECT pg_total_relation_size('items')")[0][0]!));
        Console.WriteLine($"{target.Name}: load {_set.Rows.Length / loaded:N0} rows/s, index {built:0.0} s, {(memory > 0 ? $"{memory >> 20} MiB in memory, " : "")}{disk >> 20} MiB on disk\n");

        TextTable plain = new(target.Name, "ef_search", "clients", $"recall@{VectorSet.K}", "QPS", "p50 ms", "p99 ms");
        foreach (int ef in _run.Ef)
        {
            string recall = Format(Recall(target, ef, vectorType, null, _set.Truth).Recall, "0.0000");
            foreach (int clients in _run.Clients)
            {
                LoadResult result = LoadRun.Measure(clients, _run.Seconds, client => Search(target, ef, vectorType, null, client));
                plain.Add("hnsw", $"{ef}", $"{clients}", recall, Format(result.PerSecond, "N0"), Format(result.MedianMs, "0.00"), Format(result.P99Ms, "0.00"));
            }
        }
        plain.Print();
        if (_run.Filters.Length == 0) return;
        TextTable filtered = new(target.Name + ", filtered", "rows kept", "rows returned of LIMIT", $"recall@{VectorSet.K}", "QPS, 1 client", "p50 ms", "p99 ms");
        foreach (double percent in _run.Filters)
        {
            int below = (int)Math.Round(percent / 100 * Buckets);
            int[][] truth = _set.ExactWhere(row => Bucket(row) < below, FilterQueries);
            (double recall, double returned) = Recall(target, _run.FilterEf, vectorType, below, truth);
            LoadResult result = LoadRun.Measure(1, _run.Seconds, client => Search(target, _run.FilterEf, vectorType, below, client));
            filtered.Add($"bucket < {below}", $"{percent.ToString(CultureInfo.InvariantCulture)} %", Format(100 * returned, "0.0") + " %", Format(recall, "0.0000"), Format(result.PerSecond, "N0"), Format(result.MedianMs, "0.00"), Format(result.P99Ms, "0.00"));
        }
        filtered.Print();
    }

    /// <summary>Binary COPY; seconds.</summary>
    private double Load(LoadConnection connection)
    {
        long started = Stopwatch.GetTimestamp();
        connection.BeginCopy("COPY items FROM STDIN (FORMAT binary)");
        MessageBuilder messages = connection.Out;
        messages.Begin('d').Bytes("PGCOPY\n"u8).Byte(0xff).Bytes("\r\n\0"u8).Int32(0).Int32(0);
        messages.End();
        for (int row = 0; row < _set.Rows.Length; row++)
        {
            messages.Begin('d').Int16(3).Int32(4).Int32(row).Int32(4).Int32(Bucket(row)).Vector(_set.Rows[row]);
            messages.End();
            if (messages.Length > 64 * 1024) connection.SendCopyData();
        }
        messages.Begin('d').Int16(-1);
        messages.End();
        connection.SendCopyData();
        connection.EndCopy();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>A row's bucket, 0 … 999, unrelated to its place and its vector.</summary>
    private static int Bucket(int row) => (int)((uint)row * 2654435761u >> 8) % Buckets;

    private (LoadConnection, Action<int>) Search(Target target, int ef, int vectorType, int? below, int client)
    {
        LoadConnection connection = Open(target, ef, vectorType, below);
        return (connection, turn => Ask(connection, _set.Queries[((client * 7919) + turn) % _set.Queries.Length], below, null));
    }

    private LoadConnection Open(Target target, int ef, int vectorType, int? below)
    {
        LoadConnection connection = LoadConnection.Open(target);
        connection.Run($"SET hnsw.ef_search = {ef}");
        if (below is null) connection.Prepare("s", _search, vectorType);
        else connection.Prepare("s", _filtered, vectorType, Int4);
        return connection;
    }

    private static int Ask(LoadConnection connection, float[] query, int? below, RowHandler? onRow)
    {
        MessageBuilder bind = connection.Bind("s", below is null ? 1 : 2).Vector(query);
        if (below is { } limit) bind.Int32(4).Int32(limit);
        return connection.Execute(onRow);
    }

    /// <summary>Over all queries: the share of the exact answers that were found, and the rows that came of those that could.</summary>
    private (double Recall, double Returned) Recall(Target target, int ef, int vectorType, int? below, int[][] truth)
    {
        using LoadConnection connection = Open(target, ef, vectorType, below);
        long hits = 0, rows = 0, possible = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            int[] exact = truth[i].Length > VectorSet.K ? truth[i][..VectorSet.K] : truth[i];
            possible += exact.Length;
            rows += Ask(connection, _set.Queries[i], below, fields =>
            {
                if (Array.IndexOf(exact, BinaryPrimitives.ReadInt32BigEndian(fields[4..])) >= 0) hits++;
            });
        }
        return ((double)hits / possible, (double)rows / possible);
    }

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
