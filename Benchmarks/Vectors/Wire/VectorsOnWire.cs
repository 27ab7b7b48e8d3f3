using System.CommandLine;
using System.Globalization;
using VecSql.Benchmarks.Load;

namespace VecSql.Benchmarks.Vectors.Wire;

/// <summary>
/// Vector search as a client sees it: rows by binary COPY, CREATE INDEX … USING hnsw, then prepared statements with the query vector as a binary parameter. Rates are at the lowest
/// hnsw.ef_search of a ladder that reaches the recall asked for, on each server by itself; the servers take turns. A PostgreSQL with pgvector runs the same statements when one is given.
/// </summary>
internal static class VectorsOnWire
{
    private const double FilteredRecall = 0.95;
    private static readonly int[] Efforts = [10, 14, 20, 28, 40, 56, 80, 120, 200, 400, 800];

    private sealed record WireRun(string Options, double[] Recalls, int[] Clients, double Seconds, int Repeats, double[] Filters);

    public static Command Command()
    {
        VectorSetOptions set = new();
        Option<string> options = new("--index") { Description = "The index's options.", DefaultValueFactory = _ => "m = 16, ef_construction = 64" };
        Option<double[]> recalls = new("--recalls") { Description = "Recalls to measure at.", DefaultValueFactory = _ => [0.90, 0.95, 0.99], AllowMultipleArgumentsPerToken = true };
        Option<int[]> clients = new("--clients") { Description = "Numbers of clients.", DefaultValueFactory = _ => [1, 2, 8, 64], AllowMultipleArgumentsPerToken = true };
        Option<double> seconds = new("--seconds") { Description = "Length of each run.", DefaultValueFactory = _ => 1 };
        Option<int> repeats = new("--repeats") { Description = "Runs of each measurement; the median counts.", DefaultValueFactory = _ => 3 };
        Option<double[]> filters = new("--filters") { Description = "Percentages of rows that filters keep.", DefaultValueFactory = _ => [50, 10, 1, 0.1], AllowMultipleArgumentsPerToken = true };
        Option<string?> pgvector = new("--pgvector") { Description = "\"Host=…;Port=…;Username=…;Database=…\" of a PostgreSQL with pgvector (trust authentication); its table \"items\" is replaced." };
        Option<string[]> pgvectorSet = new("--pgvector-set")
        {
            Description = "\"name = value\", set there on each connection.",
            DefaultValueFactory = _ => ["hnsw.iterative_scan = relaxed_order", "hnsw.max_scan_tuples = 1000000", "hnsw.scan_mem_multiplier = 8"],
        };
        Command command = new("vectors-wire", "Recall and speed of vector search over the wire.") { options, recalls, clients, seconds, repeats, filters, pgvector, pgvectorSet };
        set.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(
            set.Load(parsed),
            new WireRun(parsed.GetValue(options)!, parsed.GetValue(recalls)!, parsed.GetValue(clients)!, parsed.GetValue(seconds), parsed.GetValue(repeats), parsed.GetValue(filters)!),
            parsed.GetValue(pgvector) is { } peer ? Target.Parse("pgvector", peer, parsed.GetValue(pgvectorSet)!) : null));
        return command;
    }

    private static async Task RunAsync(VectorSet set, WireRun run, Target? peer)
    {
        Console.WriteLine($"{set.Rows.Length} rows of {set.Dimensions} dimensions, {set.Metric}, {set.Queries.Length} queries; index: {run.Options}; medians of {run.Repeats} runs of {run.Seconds} s\n");
        await using VecSqlTarget vecsql = await VecSqlTarget.StartAsync();
        FilterColumns columns = new(set);
        List<WireSide> sides = [new(vecsql.Target, set, columns)];
        if (peer is not null) sides.Add(new(peer, set, columns));
        foreach (WireSide side in sides)
        {
            (double load, double build) = side.Prepare(run.Options);
            Console.WriteLine($"{side.Target.Name}: COPY {set.Rows.Length / load:N0} rows/s, CREATE INDEX {build:0.0} s, the index {side.Ask("SELECT pg_size_pretty(pg_relation_size('items_embedding'))")}");
        }
        Console.WriteLine($"VecSql's process: {vecsql.MemoryBytes >> 20} MiB in memory, {vecsql.DiskBytes >> 20} MiB on disk\n");
        Nearest(sides, run);
        if (run.Filters.Length > 0) Filtered(sides, run, columns);
    }

    private static void Nearest(List<WireSide> sides, WireRun run)
    {
        TextTable table = new(["recall@10 asked", "clients", .. Columns(sides)]);
        foreach (double recall in run.Recalls)
        {
            (int Ef, double Recall, double Returned)[] efforts = [.. sides.Select(s => s.EffortFor(recall, Efforts, null))];
            foreach (int clients in run.Clients) table.Add([Format(recall, "0.00"), $"{clients}", .. Cells(Measure(sides, efforts, clients, run, null), efforts)]);
        }
        table.Print();
    }

    private static void Filtered(List<WireSide> sides, WireRun run, FilterColumns columns)
    {
        TextTable table = new(["filter", "rows kept", .. Columns(sides), .. sides.Select(s => $"{s.Target.Name}: rows of LIMIT")]);
        foreach (WireFilter filter in columns.Filters(run.Filters))
        {
            (int Ef, double Recall, double Returned)[] efforts = [.. sides.Select(s => s.EffortFor(FilteredRecall, Efforts, filter))];
            table.Add([filter.Kind, $"{filter.Percent.ToString(CultureInfo.InvariantCulture)} %", .. Cells(Measure(sides, efforts, 1, run, filter), efforts), .. efforts.Select(e => Format(100 * e.Returned, "0.0") + " %")]);
        }
        table.Print();
    }

    private static LoadResult[] Measure(List<WireSide> sides, (int Ef, double, double)[] efforts, int clients, WireRun run, WireFilter? filter)
    {
        List<LoadResult>[] results = [.. sides.Select(_ => new List<LoadResult>())];
        for (int repeat = 0; repeat < run.Repeats; repeat++)
            for (int s = 0; s < sides.Count; s++) results[s].Add(sides[s].Measure(efforts[s].Ef, clients, run.Seconds, filter));
        return [.. results.Select(LoadResult.Median)];
    }

    private static IEnumerable<string> Columns(List<WireSide> sides)
    {
        foreach (WireSide side in sides)
            foreach (string column in (string[])["ef", "recall", "QPS", "p50 ms", "p99 ms"]) yield return $"{side.Target.Name}: {column}";
        if (sides.Count > 1) yield return "QPS, ratio";
    }

    private static IEnumerable<string> Cells(LoadResult[] results, (int Ef, double Recall, double)[] efforts)
    {
        for (int s = 0; s < results.Length; s++)
        {
            yield return $"{efforts[s].Ef}";
            yield return Format(efforts[s].Recall, "0.000");
            yield return Format(results[s].PerSecond, "N0");
            yield return Format(results[s].MedianMs, "0.00");
            yield return Format(results[s].P99Ms, "0.00");
        }
        if (results.Length > 1) yield return Format(results[0].PerSecond / results[1].PerSecond, "0.0");
    }

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
