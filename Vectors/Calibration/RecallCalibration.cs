using System.Runtime.ExceptionServices;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Calibration;

/// <summary>
/// Measures a graph's recall by ef, with sampled rows as queries. Steps: 1. Sample rows, evenly. 2. Find each one's exact neighbours (itself left out): all rows are read once, block by block, and a
/// block is scored by every query while it is in the cache. 3. Search, as if the row had never been inserted, with growing ef until next to nothing is missed: its own links would lead straight to
/// what is asked for, and no stranger has them. A found node counts if it is no farther than the exact k-th, so that equal distances don't look like misses. Takes about a hundredth of the
/// graph's build.
/// </summary>
public static class RecallCalibration
{
    private const int DefaultQueries = 200;

    /// <summary>Graphs of fewer rows are told all by few searches.</summary>
    private const int RowsPerQuery = 16;
    private const int BlockRows = 256;
    private const int Near = 10, Far = 100;

    /// <summary>More isn't told apart by so few queries.</summary>
    private const double Enough = 0.9985;

    /// <param name="count">The rows below are linked: those that are asked about.</param>
    /// <param name="threads">1 or more.</param>
    /// <param name="breathe">Called every millisecond or so by every thread that works.</param>
    public static RecallTable Measure(HnswGraph graph, int count, int threads, Action? breathe = null, CancellationToken cancellation = default)
    {
        int[] sampled = Sample(graph, count, Math.Clamp(count / RowsPerQuery, 1, DefaultQueries));
        if (sampled.Length == 0 || count <= Near) return new RecallTable(sampled.Length, count, [], []);
        int deepest = count > 4 * Far ? Far : Near;
        using Truth truth = new(graph, sampled, deepest + 1);
        Spread(sampled.Length, threads, (first, end) => truth.Scan(first, end, count, breathe, cancellation));
        return new RecallTable(sampled.Length, count, Climb(Near), deepest == Far ? Climb(Far) : []);

        List<RecallPoint> Climb(int k)
        {
            List<RecallPoint> points = [];
            // A search finds k nodes with fewer candidates, too.
            for (double step = 0.4 * k; step <= RecallTable.MaxEf / 2; step *= Math.Sqrt(2))
            {
                int ef = (int)step;
                long hits = 0;
                Spread(sampled.Length, threads, (first, end) => Interlocked.Add(ref hits, truth.CountFound(first, end, k, ef, breathe, cancellation)));
                points.Add(new RecallPoint(ef, (double)hits / ((long)k * sampled.Length)));
                if (points[^1].Recall >= Enough || ef >= count) break;
            }
            return points;
        }
    }

    /// <summary>Ordinary rows, evenly spread, so that each part of the insert order is heard.</summary>
    private static int[] Sample(HnswGraph graph, int count, int wanted)
    {
        List<int> ids = new(wanted);
        for (int i = 0; i < wanted; i++)
        {
            int id = (int)((long)count * i / wanted), end = (int)((long)count * (i + 1) / wanted);
            while (id < end && !graph.IsOrdinary(id)) id++;
            if (id < end) ids.Add(id);
        }
        return [.. ids];
    }

    /// <summary>Runs work over [0, count) in shares, one for each thread.</summary>
    private static void Spread(int count, int threads, Action<int, int> work)
    {
        threads = Math.Clamp(threads, 1, count);
        Exception? failure = null;
        var workers = new Thread[threads - 1];
        for (int i = 0; i < workers.Length; i++)
        {
            int share = i;
            workers[i] = new Thread(() => Run(share)) { IsBackground = true, Name = "calibration" };
            workers[i].Start();
        }
        Run(threads - 1);
        foreach (Thread worker in workers) worker.Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);

        void Run(int share)
        {
            try
            {
                work((int)((long)count * share / threads), (int)((long)count * (share + 1) / threads));
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
            }
        }
    }

    /// <summary>The exact neighbours of sampled rows, the rows themselves among them.</summary>
    private sealed unsafe class Truth : IDisposable
    {
        private readonly HnswGraph _graph;
        private readonly int[] _sampled;
        private readonly int _keep;
        private readonly NativeBuffer<float> _queries = new();
        private readonly NativeBuffer<ulong> _pools = new();
        private readonly CandidatePool[] _nearest;
        private readonly int _words;

        public Truth(HnswGraph graph, int[] sampled, int keep)
        {
            (_graph, _sampled, _keep) = (graph, sampled, keep);
            VectorRows rows = graph.Store.Rows;
            _words = rows.KernelDimensions;
            int stride = CandidatePool.Room(keep);
            _queries.EnsureLength(checked(sampled.Length * _words));
            _pools.EnsureLength(sampled.Length * stride);
            new Span<ulong>(_pools.Pointer, sampled.Length * stride).Clear();
            _nearest = new CandidatePool[sampled.Length];
            for (int i = 0; i < sampled.Length; i++)
            {
                Span<float> query = new(_queries.Pointer + ((long)i * _words), _words);
                ReadOnlySpan<float> row = graph.Store.CopyRow(sampled[i]);
                query[row.Length..].Clear();
                if (graph.Options.Metric == DistanceMetric.Cosine) VectorMath.Normalize(row, query);
                else row.CopyTo(query);
                _nearest[i] = new CandidatePool(_pools.Pointer + ((long)i * stride) + CandidatePool.Front, keep);
                _nearest[i].Clear();
            }
        }

        public void Scan(int first, int end, int count, Action? breathe, CancellationToken cancellation)
        {
            ScanAction action = new(this, first, end, count, breathe, cancellation);
            KernelDispatch.Run(_graph.Options.Metric, _graph.Store.RowsAreUnit, ref action);
        }

        /// <summary>How many of the k nearest searches find, over the sampled rows of a share.</summary>
        public long CountFound(int first, int end, int k, int ef, Action? breathe, CancellationToken cancellation)
        {
            var found = new Neighbor[k];
            SearchStats stats = default;
            long hits = 0;
            for (int i = first; i < end; i++)
            {
                breathe?.Invoke();
                ReadOnlySpan<float> query = new(_queries.Pointer + ((long)i * _words), _graph.Store.Dimensions);
                int count = _graph.SearchWithout(_sampled[i], query, k, ef, found, ref stats, cancellation);
                float reach = Candidate.Distance(_nearest[i].Items[Math.Min(k, _nearest[i].Size - 1)]);
                int within = 0;
                for (int j = 0; j < count; j++)
                    if (found[j].Distance <= reach)
                        within++;
                hits += within;
            }
            return hits;
        }

        public void Dispose()
        {
            _queries.Dispose();
            _pools.Dispose();
        }

        private struct ScanAction(Truth truth, int first, int end, int count, Action? breathe, CancellationToken cancellation) : IKernelAction
        {
            public readonly void Run<TKernel>()
                where TKernel : struct, IDistanceKernel
            {
                VectorRows rows = truth._graph.Store.Rows;
                for (int block = 0; block < count; block += BlockRows)
                {
                    cancellation.ThrowIfCancellationRequested();
                    breathe?.Invoke();
                    long reader = BlockCache.Shared.Enter();
                    try
                    {
                        ScanBlock<TKernel>(rows, block, Math.Min(count, block + BlockRows));
                    }
                    finally
                    {
                        BlockCache.Shared.Exit(reader);
                    }
                }
            }

            private readonly void ScanBlock<TKernel>(VectorRows rows, int from, int to)
                where TKernel : struct, IDistanceKernel
            {
                for (int i = first; i < end; i++)
                {
                    ref CandidatePool nearest = ref truth._nearest[i];
                    RowDistance<TKernel> distance = new(rows, truth._queries.Pointer + ((long)i * truth._words));
                    for (int id = from; id < to; id++)
                    {
                        ulong candidate = Candidate.Make(distance.To(id), id);
                        if (candidate < nearest.Bound) nearest.Insert(candidate);
                    }
                }
            }
        }
    }
}
