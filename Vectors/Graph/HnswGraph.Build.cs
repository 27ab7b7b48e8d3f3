using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Graph;

public sealed unsafe partial class HnswGraph
{
    private const int BuildBatch = 16;

    /// <summary>Below, walking down is as quick.</summary>
    private const int MinNodesForEntryPoints = 2048;

    /// <summary>Builds a graph over the store's first <paramref name="count"/> rows.</summary>
    /// <param name="threads">Dedicated threads to use, 1 or more: given by the caller, who knows what else runs.</param>
    /// <param name="progress">Called now and then, from any of the threads, with the rows done so far.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the half-built graph's memory is freed.</exception>
    public static HnswGraph Build(
        IVectorStore store, int count, HnswOptions options, int threads, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)store.Count, nameof(count));
        int expected = Math.Max(count, options.ExpectedNodes);
        HnswGraph graph = new(options with { ExpectedNodes = expected }, store, CodeQuality.Choose(options.Quantization, options.Metric, store, count, expected));
        bool built = false;
        try
        {
            graph.InsertRange(0, count, threads, progress, cancellation);
            graph.ConnectStrays();
            graph.ChooseEntryPoints();
            built = true;
            return graph;
        }
        finally
        {
            if (!built) graph.Dispose();
        }
    }

    /// <summary>
    /// Inserts the ids <paramref name="first"/> … <paramref name="end"/> − 1, as <see cref="Build"/> does; on cancellation some are in, some not.
    /// </summary>
    public void InsertRange(int first, int end, int threads, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        int next = first, done = 0;
        Exception? failure = null;
        void Work()
        {
            SearchContext context = SearchContextPool.Shared.Rent();
            try
            {
                while (Volatile.Read(ref failure) is null)
                {
                    int from = Interlocked.Add(ref next, BuildBatch) - BuildBatch;
                    if (from >= end || from < 0) return;
                    int to = Math.Min(end, from + BuildBatch);
                    for (int id = from; id < to; id++)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        Insert(id, context);
                    }
                    progress?.Invoke(Interlocked.Add(ref done, to - from));
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
            }
            finally
            {
                SearchContextPool.Shared.Return(context);
            }
        }

        Thread[] workers = new Thread[Math.Min(threads, Math.Max(1, (end - first) / BuildBatch)) - 1];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = new Thread(Work) { IsBackground = true, Name = "hnsw build" };
            workers[i].Start();
        }
        Work();
        foreach (Thread worker in workers) worker.Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Takes the lowest level that has few enough nodes. For a graph that no one searches yet.</summary>
    private void ChooseEntryPoints()
    {
        if (_codes is not { } codes || _linked < MinNodesForEntryPoints) return;
        int level = 1, limit = _limit;
        for (long nodes = limit / _options.M; nodes > EntryPoints.Most; nodes /= _options.M) level++;
        List<int> ids = [];
        // Duplicates were drawn a level and have no place in it.
        for (int id = 0; id < limit; id++)
            if (*(int*)_upperIndex.At(id) >= 0 && LevelOf(id) >= level) ids.Add(id);
        if (ids.Count is 0 or > EntryPoints.Most) return;
        _entryPoints = EntryPoints.Encode(level, CollectionsMarshal.AsSpan(ids), new SignCodes(_options.Metric, codes.CenterPoint.ToArray()), _store.Rows);
    }
}
