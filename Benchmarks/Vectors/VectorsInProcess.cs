using System.CommandLine;
using System.Diagnostics;
using VecSql.Vectors;
using VecSql.Vectors.Calibration;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Benchmarks.Vectors;

/// <summary>Recall and queries per second of the HNSW graph over a vector set with exact ground truth. One query per call, median of five repeats.</summary>
internal static class VectorsInProcess
{
    private const int K = VectorSet.K;

    public static Command Command()
    {
        VectorSetOptions set = new();
        Option<int> m = new("--m") { Description = "Neighbours per node.", DefaultValueFactory = _ => 16 };
        Option<int> efConstruction = new("--efc") { Description = "Candidates at construction.", DefaultValueFactory = _ => 64 };
        Option<int> threads = new("--threads") { Description = "Threads that build.", DefaultValueFactory = _ => 2 };
        Option<int[]> ef = new("--ef") { Description = "Candidates at search.", DefaultValueFactory = _ => [10, 16, 24, 32, 40, 64, 100, 200, 400], AllowMultipleArgumentsPerToken = true };
        Option<string?> graph = new("--graph") { Description = "Keeps the built graph in this file, and opens it if it is there." };
        Option<double[]> filters = new("--filters") { Description = "Percentages of rows that random filters keep.", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
        Option<int> filterEf = new("--filter-ef") { DefaultValueFactory = _ => 40 };
        Option<VectorQuantization> quantization = new("--quantization") { Description = "What walks read: none, sq8 or sq4." };
        Command command = new("vectors", "Recall and speed of the HNSW graph, in process.") { m, efConstruction, quantization, threads, ef, graph, filters, filterEf };
        set.AddTo(command);
        command.SetAction(parsed =>
        {
            VectorSet loaded = set.Load(parsed);
            HnswOptions options = new() { Metric = loaded.Metric, M = parsed.GetValue(m), EfConstruction = parsed.GetValue(efConstruction), Quantization = parsed.GetValue(quantization) };
            Run(loaded, options, parsed.GetValue(threads), parsed.GetValue(graph), parsed.GetValue(ef)!, parsed.GetValue(filters)!, parsed.GetValue(filterEf));
        });
        return command;
    }

    private static void Run(VectorSet set, HnswOptions graphOptions, int buildThreads, string? graphFile, int[] ladder, double[] filters, int filterEf)
    {
        (float[][] rows, float[][] queries, int[][] truth, int dimensions, DistanceMetric metric) = set;
        using GrowableVectorStore store = new(dimensions, metric == DistanceMetric.Cosine, rows.Length);
        foreach (float[] row in rows) store.Append(row);
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        using HnswGraph graph = OpenOrBuild(store, rows.Length, graphOptions, buildThreads, graphFile);
        double buildCpu = (Environment.CpuUsage.TotalTime - cpuBefore).TotalSeconds;
        double buildSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(
            $"rows={rows.Length} dims={dimensions} metric={metric} m={graphOptions.M} efc={graphOptions.EfConstruction} build_s={buildSeconds:F2} build_cpu_s={buildCpu:F2} "
            + $"threads={buildThreads} quantization={graph.Quantization} graph_bytes={graph.FileLength - graph.CodeBytes} code_bytes={graph.CodeBytes} vector_bytes={(long)rows.Length * dimensions * sizeof(float)}");

        for (int warmUp = 0; warmUp < 3; warmUp++) Measure(graph, queries, truth, 40, 1);
        foreach (int ef in ladder)
        {
            (double recall, double single, double cpu, double distances, double reranked) = Measure(graph, queries, truth, ef, 1);
            (_, double dual, _, _, _) = Measure(graph, queries, truth, ef, 2);
            Console.WriteLine($"ef={ef,4} recall@{K}={recall:F4} qps_1t={single,8:F0} qps_2t={dual,8:F0} cpu_us={cpu,6:F1} distances/query={distances:F0} reranked/query={reranked:F0}");
        }
        Calibrate(graph, queries, truth, buildThreads);
        foreach (double percent in filters) MeasureFilter(graph, queries, percent / 100, filterEf);
    }

    /// <summary>What a target of recall gives: the ef that calibration by sampled rows chooses, and the recall of the set's own queries with it.</summary>
    private static void Calibrate(HnswGraph graph, float[][] queries, int[][] truth, int threads)
    {
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        RecallTable table = RecallCalibration.Measure(graph, graph.Limit, threads);
        Console.WriteLine($"calibration cpu_s={(Environment.CpuUsage.TotalTime - cpuBefore).TotalSeconds:F3} queries={table.Queries} @10: {string.Join(' ', table.Nearest10.Select(p => $"{p.Ef}:{p.Recall:F4}"))}");
        foreach (double target in (ReadOnlySpan<double>)[0.9, 0.95, 0.98, 0.99, 0.995])
        {
            int ef = table.EfFor(target, K);
            Console.WriteLine($"target_recall={target} ef={ef} recall@{K}={Measure(graph, queries, truth, ef, 1).Recall:F4} expected={table.RecallAt(ef, K):F4}");
        }
    }

    /// <summary>With --graph FILE a graph is built once and opened afterwards.</summary>
    private static HnswGraph OpenOrBuild(GrowableVectorStore store, int rows, HnswOptions options, int threads, string? path)
    {
        if (path is not null && File.Exists(path)) return HnswGraph.Open(File.ReadAllBytes(path), store);
        HnswGraph graph = HnswGraph.Build(store, rows, options, threads);
        if (path is null) return graph;
        using FileStream file = File.Create(path);
        graph.WriteTo(file);
        return graph;
    }

    /// <summary>A random predicate of the given share: the exact scan, the bare walk, and what the planner makes of it.</summary>
    private static void MeasureFilter(HnswGraph graph, float[][] queries, double share, int ef)
    {
        int rows = graph.Limit, matches = 0;
        ulong[] bitmap = new ulong[(rows + 63) / 64];
        Random random = new(17);
        for (int i = 0; i < rows; i++)
        {
            if (random.NextDouble() >= share) continue;
            matches++;
            bitmap[i >> 6] |= 1UL << i;
        }
        int total = Math.Min(queries.Length, share * rows > 50_000 ? 50 : 300);
        Neighbor[][] exact = new Neighbor[total][];
        SearchStats stats = default;
        BitmapFilter filter = new(bitmap);
        DistanceMetric metric = graph.Options.Metric;
        (string, Func<int, Neighbor[], int>)[] plans =
        [
            ("scan", (i, found) => ExactSearch.Search(graph.Store, metric, bitmap, queries[i], K, found, ref stats)),
            ("walk", (i, found) => FilteredSearch.Walk(graph, filter, queries[i], K, ef, long.MaxValue, found, ref stats)),
            ("planned", (i, found) => FilteredSearch.Search(graph, bitmap, matches, queries[i], K, ef, found, ref stats)),
        ];
        foreach ((string name, Func<int, Neighbor[], int> plan) in plans)
        {
            double recall = 0, rate = 0;
            for (int repeat = 0; repeat < 3; repeat++)
            {
                recall = 0;
                long started = Stopwatch.GetTimestamp();
                for (int i = 0; i < total; i++)
                {
                    Neighbor[] found = new Neighbor[K];
                    int count = plan(i, found);
                    exact[i] ??= found;
                    float reach = exact[i][Math.Min(K, matches) - 1].Distance;
                    for (int j = 0; j < count; j++)
                        if (found[j].Distance <= reach) recall++;
                }
                rate = Math.Max(rate, total / Stopwatch.GetElapsedTime(started).TotalSeconds);
            }
            Console.WriteLine(
                $"filter={share * 100}% matches={matches} ef={ef} {name,-8} recall@{K}={recall / (total * K):F4} qps_1t={rate:F0} us/query={1e6 / rate:F1}");
        }
        FilterStrategy choice = FilteredSearch.Choose(matches, rows, K, ef, graph.Store.Dimensions * sizeof(float), 2 * graph.Options.M, walkBytes: graph.WalkBytes);
        Console.WriteLine($"filter={share * 100}% choice={choice}");
    }

    internal static (double Recall, double Qps, double CpuMicroseconds, double Distances, double Reranked) Measure(IVectorStructure graph, float[][] queries, int[][] truth, int ef, int threads)
    {
        int total = Math.Max(2000, queries.Length);
        double[] rates = new double[5], cpu = new double[5];
        long hits = 0, distances = 0, reranked = 0;
        for (int repeat = 0; repeat < rates.Length; repeat++)
        {
            hits = distances = reranked = 0;
            TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
            long started = Stopwatch.GetTimestamp();
            Thread[] workers = new Thread[threads];
            for (int t = 0; t < threads; t++)
            {
                int offset = t;
                workers[t] = new Thread(() =>
                {
                    Neighbor[] result = new Neighbor[K];
                    long found = 0;
                    SearchStats stats = default;
                    for (int i = offset; i < total; i += threads)
                    {
                        int query = i % queries.Length;
                        int count = graph.Search(queries[query], K, ef, result, ref stats);
                        for (int j = 0; j < count; j++)
                            if (truth[query].AsSpan(0, K).Contains(result[j].Id)) found++;
                    }
                    Interlocked.Add(ref hits, found);
                    Interlocked.Add(ref distances, stats.Distances);
                    Interlocked.Add(ref reranked, stats.Reranked);
                });
                workers[t].Start();
            }
            foreach (Thread worker in workers) worker.Join();
            rates[repeat] = total / Stopwatch.GetElapsedTime(started).TotalSeconds;
            cpu[repeat] = (Environment.CpuUsage.TotalTime - cpuBefore).TotalMicroseconds / total;
        }
        Array.Sort(rates);
        Array.Sort(cpu);
        return ((double)hits / ((long)total * K), rates[2], cpu[2], (double)distances / total, (double)reranked / total);
    }
}
