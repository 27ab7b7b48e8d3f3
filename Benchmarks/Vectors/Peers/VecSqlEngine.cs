using System.Diagnostics;
using System.Globalization;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Benchmarks.Vectors.Peers;

/// <summary>VecSql's own graph, in this process.</summary>
internal sealed class VecSqlEngine(VectorSet set, HnswOptions options, int[] efforts) : IVectorEngine
{
    private readonly GrowableVectorStore _store = Fill(set, options);
    private HnswGraph? _graph;

    public string Name => $"vecsql-{options.Quantization}".ToLowerInvariant() + (_graph is { } graph && graph.Quantization != options.Quantization ? $" ({graph.Quantization})" : "");
    public IReadOnlyList<string> Efforts { get; } = [.. efforts.Select(e => e.ToString(CultureInfo.InvariantCulture))];

    public (Elapsed Elapsed, long Bytes) Build(int threads)
    {
        Timer timer = new();
        _graph = HnswGraph.Build(_store, set.Rows.Length, options, threads);
        return (timer.Elapsed, _graph.FileLength + ((long)set.Rows.Length * set.Dimensions * sizeof(float)));
    }

    public Elapsed Search(string effort, int threads, int total, Span<int> found)
    {
        int ef = int.Parse(effort, CultureInfo.InvariantCulture);
        HnswGraph graph = _graph!;
        int[] ids = new int[set.Queries.Length * VectorSet.K];
        Timer timer = new();
        Thread[] workers = new Thread[threads];
        for (int t = 0; t < threads; t++)
        {
            int offset = t;
            workers[t] = new Thread(() =>
            {
                Neighbor[] result = new Neighbor[VectorSet.K];
                SearchStats stats = default;
                for (int i = offset; i < total; i += threads)
                {
                    int query = i % set.Queries.Length;
                    int count = graph.Search(set.Queries[query], VectorSet.K, ef, result, ref stats);
                    for (int j = 0; j < VectorSet.K; j++) ids[(query * VectorSet.K) + j] = j < count ? result[j].Id : -1;
                }
            });
            workers[t].Start();
        }
        foreach (Thread worker in workers) worker.Join();
        Elapsed elapsed = timer.Elapsed;
        ids.CopyTo(found);
        return elapsed;
    }

    public void Dispose()
    {
        _graph?.Dispose();
        _store.Dispose();
    }

    private static GrowableVectorStore Fill(VectorSet set, HnswOptions options)
    {
        GrowableVectorStore store = new(set.Dimensions, options.Metric == VecSql.Vectors.DistanceMetric.Cosine, set.Rows.Length);
        foreach (float[] row in set.Rows) store.Append(row);
        return store;
    }

    private readonly struct Timer
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private readonly TimeSpan _cpu = Environment.CpuUsage.TotalTime;

        public Timer()
        {
        }

        public Elapsed Elapsed => new(Stopwatch.GetElapsedTime(_started).TotalSeconds, (Environment.CpuUsage.TotalTime - _cpu).TotalSeconds);
    }
}
