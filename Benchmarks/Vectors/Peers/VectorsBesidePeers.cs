using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using VecSql.Core.Kernels;
using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;

namespace VecSql.Benchmarks.Vectors.Peers;

/// <summary>VecSql's graph and other libraries, in process, on the same set: each repeat goes round all engines and efforts, so that a noisy minute harms all alike. Medians of the repeats.</summary>
internal static class VectorsBesidePeers
{
    private static readonly double[] Targets = [0.90, 0.95, 0.99];
    private static readonly int[] Threads = [1, 2];
    private const double MeasureSeconds = 0.25;

    public static Command Command()
    {
        VectorSetOptions set = new();
        Option<string[]> peers = new("--peer") { Description = "A peer's command (Benchmarks/Peers); may be repeated. Ratios are to the first.", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = false };
        Option<VectorQuantization[]> quantizations = new("--quantization") { Description = "VecSql's codes, one index for each.", DefaultValueFactory = _ => [VectorQuantization.Sq4], AllowMultipleArgumentsPerToken = true };
        Option<int> m = new("--m") { DefaultValueFactory = _ => 16 };
        Option<int> efConstruction = new("--efc") { DefaultValueFactory = _ => 64 };
        Option<int[]> ef = new("--ef") { Description = "VecSql's efforts.", DefaultValueFactory = _ => [10, 12, 16, 20, 24, 32, 40, 56, 80, 120, 200, 400], AllowMultipleArgumentsPerToken = true };
        Option<int> repeats = new("--repeats") { DefaultValueFactory = _ => 3 };
        Option<bool> curves = new("--curves") { Description = "Prints every point too." };
        Command command = new("vectors-peers", "Speed at equal recall beside other libraries, in process.") { peers, quantizations, m, efConstruction, ef, repeats, curves };
        set.AddTo(command);
        command.SetAction(parsed =>
        {
            VectorSet loaded = Prepare(set.Load(parsed));
            using TempFolder folder = new();
            string basePath = Path.Combine(folder.Path, "base.fvecs"), queryPath = Path.Combine(folder.Path, "queries.fvecs");
            WriteRows(basePath, loaded.Rows);
            WriteRows(queryPath, loaded.Queries);
            HnswOptions options = new() { Metric = loaded.Metric, M = parsed.GetValue(m), EfConstruction = parsed.GetValue(efConstruction) };
            List<IVectorEngine> engines = [.. parsed.GetValue(peers)!.Select(p => new PeerEngine(p, basePath, queryPath, loaded.Metric.ToString().ToLowerInvariant()))];
            engines.AddRange(parsed.GetValue(quantizations)!.Select(q => new VecSqlEngine(loaded, options with { Quantization = q }, parsed.GetValue(ef)!)));
            try
            {
                Run(loaded, engines, parsed.GetValue(repeats), parsed.GetValue(curves));
            }
            finally
            {
                foreach (IVectorEngine engine in engines) engine.Dispose();
            }
        });
        return command;
    }

    private static void Run(VectorSet set, List<IVectorEngine> engines, int repeats, bool printCurves)
    {
        long vectorBytes = (long)set.Rows.Length * set.Dimensions * sizeof(float);
        List<(Elapsed Elapsed, long Bytes)> builds = [];
        foreach (IVectorEngine engine in engines)
        {
            builds.Add(engine.Build(threads: 2));
            Console.Error.WriteLine($"{engine.Name}: built in {builds[^1].Elapsed.Seconds:F1} s");
        }
        EffortPoint[][] curves = Measure(set, engines, repeats);
        Console.WriteLine($"{set.Rows.Length} rows of {set.Dimensions} dimensions, {set.Metric}, {set.Queries.Length} queries, recall@{VectorSet.K}, one query per call, medians of {repeats}; builds with 2 threads\n");
        Console.WriteLine("| engine | build s | CPU s | index / vectors | "
            + string.Join(" | ", Targets.Select(t => string.Create(CultureInfo.InvariantCulture, $"QPS at {t:0.00}, 1 thread | 2 threads | CPU, ratio"))) + " |");
        Console.WriteLine("| --- |" + string.Concat(Enumerable.Repeat(" ---: |", 3 + (3 * Targets.Length))));
        for (int e = 0; e < engines.Count; e++)
        {
            List<string> cells = [engines[e].Name, $"{builds[e].Elapsed.Seconds:F1}", $"{builds[e].Elapsed.CpuSeconds:F1}", $"{(double)builds[e].Bytes / vectorBytes:F2}"];
            foreach (double target in Targets)
            {
                cells.AddRange(Threads.Select((_, t) => Cell(RecallCurve.RateAt(curves[e], target, p => p.Rates[t]), "N0")));
                double? own = RecallCurve.RateAt(curves[e], target, p => 1e6 / p.CpuMicroseconds), first = RecallCurve.RateAt(curves[0], target, p => 1e6 / p.CpuMicroseconds);
                cells.Add(Cell(own / first, "F2"));
            }
            Console.WriteLine($"| {string.Join(" | ", cells)} |");
        }
        if (!printCurves) return;
        Console.WriteLine("\n| engine | effort | recall@10 | QPS, 1 thread | 2 threads | CPU µs |\n| --- | --- | ---: | ---: | ---: | ---: |");
        for (int e = 0; e < engines.Count; e++)
            foreach (EffortPoint p in curves[e]) Console.WriteLine($"| {engines[e].Name} | {p.Effort} | {p.Recall:F4} | {p.Rates[0]:N0} | {p.Rates[1]:N0} | {p.CpuMicroseconds:F1} |");
    }

    private static EffortPoint[][] Measure(VectorSet set, List<IVectorEngine> engines, int repeats)
    {
        HashSet<int>[] truth = [.. set.Truth.Select(t => t.Take(VectorSet.K).ToHashSet())];
        Series[][] curves = [.. engines.Select(engine => WarmUp(set, engine, truth, repeats))];
        int[] found = new int[set.Queries.Length * VectorSet.K];
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            for (int e = 0; e < engines.Count; e++)
            {
                foreach (Series series in curves[e])
                {
                    for (int t = 0; t < Threads.Length; t++)
                    {
                        Elapsed elapsed = engines[e].Search(series.Effort, Threads[t], series.Total, found);
                        series.Rates[t][repeat] = series.Total / elapsed.Seconds;
                        if (Threads[t] == 1) series.CpuMicroseconds[repeat] = elapsed.CpuSeconds * 1e6 / series.Total;
                    }
                }
            }
        }
        return [.. curves.Select(curve => curve.Select(s => new EffortPoint(s.Effort, s.Recall, [.. s.Rates.Select(Median)], Median(s.CpuMicroseconds))).ToArray())];
    }

    /// <summary>One effort of one engine.</summary>
    /// <param name="Total">Queries of a measurement: as many as take about <see cref="MeasureSeconds"/> in one thread.</param>
    private sealed record Series(string Effort, double Recall, int Total, double[][] Rates, double[] CpuMicroseconds);

    /// <summary>Runs every query once at each effort, and tells the recall.</summary>
    private static Series[] WarmUp(VectorSet set, IVectorEngine engine, HashSet<int>[] truth, int repeats)
    {
        List<Series> curve = [];
        int[] found = new int[set.Queries.Length * VectorSet.K];
        foreach (string effort in engine.Efforts)
        {
            Elapsed elapsed = engine.Search(effort, 1, set.Queries.Length, found);
            int total = (int)Math.Clamp(set.Queries.Length * MeasureSeconds / elapsed.Seconds, set.Queries.Length, 200_000);
            curve.Add(new Series(effort, Recall(found, truth), total, [.. Threads.Select(_ => new double[repeats])], new double[repeats]));
        }
        // Beyond the highest target nothing is asked.
        int end = curve.FindIndex(s => s.Recall > 0.998);
        return [.. end < 0 ? curve : curve.Where((s, i) => i <= end || s.Effort.Contains('/', StringComparison.Ordinal))];
    }

    private static double Recall(ReadOnlySpan<int> found, HashSet<int>[] truth)
    {
        long hits = 0;
        for (int q = 0; q < truth.Length; q++)
            foreach (int id in found.Slice(q * VectorSet.K, VectorSet.K))
                if (truth[q].Contains(id)) hits++;
        return (double)hits / (truth.Length * VectorSet.K);
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string Cell(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "not reached";

    /// <summary>Under cosine the vectors are scaled to length one, as each library's users are told to.</summary>
    private static VectorSet Prepare(VectorSet set)
    {
        if (set.Metric != DistanceMetric.Cosine) return set;
        return set with { Rows = [.. set.Rows.Select(Unit)], Queries = [.. set.Queries.Select(Unit)] };

        static float[] Unit(float[] row)
        {
            float[] unit = new float[row.Length];
            VectorMath.Normalize(row, unit);
            return unit;
        }
    }

    private static void WriteRows(string path, float[][] rows)
    {
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        foreach (float[] row in rows)
        {
            file.Write(BitConverter.GetBytes(row.Length));
            file.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }

    private sealed class TempFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("vecsql-bench").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
