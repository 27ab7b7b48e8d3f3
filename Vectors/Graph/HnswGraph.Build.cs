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
            graph.Finish(threads, cancellation);
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
    public void InsertRange(int first, int end, int threads, Action<int>? progress = null, CancellationToken cancellation = default) =>
        InBatches(end - first, threads, (place, context) => Insert(first + place, context), progress, cancellation);

    /// <summary>Does the work for each of 0 … count − 1, on several threads, each with a context of its own.</summary>
    private static void InBatches(int count, int threads, Action<int, SearchContext> work, Action<int>? progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        int next = 0, done = 0;
        Exception? failure = null;
        void Work()
        {
            SearchContext context = SearchContextPool.Shared.Rent();
            try
            {
                while (Volatile.Read(ref failure) is null)
                {
                    int from = Interlocked.Add(ref next, BuildBatch) - BuildBatch;
                    if (from >= count || from < 0) return;
                    int to = Math.Min(count, from + BuildBatch);
                    for (int place = from; place < to; place++)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        work(place, context);
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

        Thread[] workers = new Thread[Math.Min(threads, Math.Max(1, count / BuildBatch)) - 1];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = new Thread(Work) { IsBackground = true, Name = "hnsw build" };
            workers[i].Start();
        }
        Work();
        foreach (Thread worker in workers) worker.Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>What a graph gets once all its rows are in. No one searches it or inserts into it meanwhile.</summary>
    private void Finish(int threads, CancellationToken cancellation)
    {
        ConnectStrays();
        ChooseEntryPoints();
        if (!Quantization.HasNeighborCodes()) return;
        NeighborCodes codes = new(_options.Metric, _codes!.CenterPoint.ToArray());
        InBatches(_limit, threads, (id, context) => EncodeList(codes, id, context.Rotated), null, cancellation);
        _neighborCodes = codes;
    }

    /// <summary>Writes the codes beside a list that no one else changes meanwhile.</summary>
    private void EncodeList(NeighborCodes codes, int id, NativeBuffer<float> scratch)
    {
        int degree = 2 * _options.M, count = 0;
        int* list = (int*)_records.At(id);
        while (count < degree && list[count] != GraphView.End) count++;
        codes.Encode(_store.Rows, id, new ReadOnlySpan<int>(list, count), (byte*)list + ListBytes(degree), scratch);
    }

    /// <summary>Takes the lowest level that has few enough nodes. For a graph that no one searches yet.</summary>
    private void ChooseEntryPoints()
    {
        if (_codes is not { } codes || _linked < MinNodesForEntryPoints) return;
        int level = 1, limit = _limit;
        for (long nodes = limit / _options.M; nodes > EntryPoints.Most; nodes /= _options.M) level++;
        List<int> ids = [];
        // Not the level that was drawn: duplicates have no place in theirs, nodes of older graphs keep the one they had.
        byte[] levels = LevelsByBlock();
        for (int id = 0; id < limit; id++)
            if (LevelOf(id, levels) >= level) ids.Add(id);
        if (ids.Count is 0 or > EntryPoints.Most) return;
        _entryPoints = EntryPoints.Encode(level, CollectionsMarshal.AsSpan(ids), new SignCodes(_options.Metric, codes.CenterPoint.ToArray()), _store.Rows);
        _entryPointLimit = limit;
    }
}
