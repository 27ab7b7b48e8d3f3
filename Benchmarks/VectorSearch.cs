using System.Diagnostics;
using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Benchmarks;

/// <summary>Recall and queries per second of the HNSW graph over a vector set with exact ground truth. One query per call, median of three repeats.</summary>
public static class VectorSearch
{
    private const int K = 10;

    public static int Run(string[] args)
    {
        Dictionary<string, string> options = [];
        for (int i = 0; i + 1 < args.Length; i += 2) options[args[i].TrimStart('-')] = args[i + 1];
        int dimensions = int.Parse(options["dims"]);
        DistanceMetric metric = options["metric"] switch
        {
            "l2" => DistanceMetric.L2,
            "ip" => DistanceMetric.InnerProduct,
            "cosine" => DistanceMetric.Cosine,
            "l1" => DistanceMetric.L1,
            string other => throw new ArgumentException($"unknown metric {other}"),
        };
        float[][] rows = VectorFiles.ReadRows(options["base"], dimensions), queries = VectorFiles.ReadRows(options["queries"], dimensions);
        int[][] truth = VectorFiles.ReadTruth(options["truth"]);
        if (queries.Length > truth.Length) queries = queries[..truth.Length];
        int[] ladder = options.TryGetValue("ef", out string? efs) ? [.. efs.Split(',').Select(int.Parse)] : [10, 16, 24, 32, 40, 64, 100, 200, 400];
        int buildThreads = int.Parse(options.GetValueOrDefault("threads", "2"));

        using GrowableVectorStore store = new(dimensions, metric == DistanceMetric.Cosine, rows.Length);
        foreach (float[] row in rows) store.Append(row);
        HnswOptions graphOptions = new()
        {
            Metric = metric,
            M = int.Parse(options.GetValueOrDefault("m", "16")),
            EfConstruction = int.Parse(options.GetValueOrDefault("efc", "64")),
        };
        // The first build warms the code up.
        HnswGraph.Build(store, Math.Min(rows.Length, 5000), graphOptions, buildThreads).Dispose();
        long started = Stopwatch.GetTimestamp();
        using HnswGraph graph = HnswGraph.Build(store, rows.Length, graphOptions, buildThreads);
        double buildSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(
            $"rows={rows.Length} dims={dimensions} metric={metric} m={graphOptions.M} efc={graphOptions.EfConstruction} build_s={buildSeconds:F2} "
            + $"threads={buildThreads} graph_bytes={graph.MemoryBytes} vector_bytes={store.MemoryBytes}");

        Measure(graph, queries, truth, 40, 1);
        foreach (int ef in ladder)
        {
            (double recall, double single, double distances) = Measure(graph, queries, truth, ef, 1);
            (_, double dual, _) = Measure(graph, queries, truth, ef, 2);
            Console.WriteLine($"ef={ef,4} recall@{K}={recall:F4} qps_1t={single,8:F0} qps_2t={dual,8:F0} distances/query={distances:F0}");
        }
        return 0;
    }

    private static (double Recall, double Qps, double Distances) Measure(HnswGraph graph, float[][] queries, int[][] truth, int ef, int threads)
    {
        int total = Math.Max(2000, queries.Length);
        double[] rates = new double[3];
        long hits = 0, distances = 0;
        for (int repeat = 0; repeat < rates.Length; repeat++)
        {
            hits = distances = 0;
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
                });
                workers[t].Start();
            }
            foreach (Thread worker in workers) worker.Join();
            rates[repeat] = total / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        Array.Sort(rates);
        return ((double)hits / ((long)total * K), rates[1], (double)distances / total);
    }
}
