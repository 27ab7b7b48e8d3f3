using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;

namespace VecSql.Vectors.Search;

/// <summary>
/// The scratch memory of one search at a time: query, candidate pool, visited set, gather buffers. Rented from a pool, so that a warm
/// search allocates nothing. The visited set is a bitmap (an eighth of the cache footprint of version numbers), cleared by replaying what was visited.
/// </summary>
internal sealed unsafe class SearchContext : IDisposable
{
    private readonly NativeBuffer<float> _query = new();
    private readonly NativeBuffer<ulong> _pool = new();
    private readonly NativeBuffer<ulong> _visited = new();
    private readonly NativeBuffer<int> _touched = new();

    /// <summary>Candidates that fell out of the pool (cursor), or bridges waiting to be expanded (filtered walk).</summary>
    public readonly NativeBuffer<ulong> Heap = new();
    public int HeapSize;

    /// <summary>Scratch of inserts: candidates being selected from, and chosen neighbours.</summary>
    public readonly NativeBuffer<ulong> Selection = new();
    public readonly NativeBuffer<int> Chosen = new();

    /// <summary>Scratch of the filtered walk: failing neighbours of the node being expanded.</summary>
    public readonly NativeBuffer<int> Failing = new();

    /// <summary>Scratch of the filtered walk: accepted nodes to be scored.</summary>
    public readonly NativeBuffer<int> Fresh = new();
    public readonly NativeBuffer<float> Scores = new();
    public int FreshCount;

    /// <summary>Scratch of walks over codes: a vector being rotated, and the query's bytes.</summary>
    public readonly NativeBuffer<float> Rotated = new();
    public readonly NativeBuffer<sbyte> QueryBytes = new();
    public QuantizedQuery QuantizedQuery;

    /// <summary>Scratch of the choice among entry points.</summary>
    public readonly NativeBuffer<byte> SignTable = new();

    /// <summary>The nearest by true distance, while candidates found by codes are gone through.</summary>
    public readonly NativeBuffer<ulong> Reranked = new();

    public CandidatePool Pool;
    public ulong* Visited;

    /// <summary>Every node visited since <see cref="Begin"/>, in order; the tail is the gather buffer of the current hop.</summary>
    public int* Touched;
    public int TouchedCount;

    public float* Query => _query.Pointer;

    private const long Resting = -1;
    private long _reader = Resting;

    /// <summary>From here on addresses of paged items stay good (<see cref="BlockCache"/>): a rented context reads.</summary>
    public void Read()
    {
        if (_reader == Resting) _reader = BlockCache.Shared.Enter();
    }

    /// <summary>No address of an item is kept. Called between the steps of what may take long.</summary>
    public void Rest()
    {
        if (_reader == Resting) return;
        BlockCache.Shared.Exit(_reader);
        _reader = Resting;
    }

    public long MemoryBytes =>
        _query.Bytes + _pool.Bytes + _visited.Bytes + _touched.Bytes + Heap.Bytes + Selection.Bytes + Chosen.Bytes + Failing.Bytes + Fresh.Bytes + Scores.Bytes
        + Rotated.Bytes + QueryBytes.Bytes + Reranked.Bytes + SignTable.Bytes;

    /// <summary>Prepares for a walk over ids below <paramref name="limit"/> with a pool of <paramref name="poolCapacity"/>; forgets the last one.</summary>
    /// <param name="reach">How many of the pool's nearest are expanded: by default all.</param>
    public void Begin(int limit, int poolCapacity, int reach = int.MaxValue)
    {
        End();
        _pool.EnsureLength(CandidatePool.Room(poolCapacity));
        _visited.EnsureLength((int)(((uint)limit + 63) / 64));
        _touched.EnsureLength(1024);
        Visited = _visited.Pointer;
        Touched = _touched.Pointer;
        Pool = new CandidatePool(_pool.Pointer + CandidatePool.Front, poolCapacity);
        Pool.Reach = reach;
        Pool.Clear();
        TouchedCount = 0;
        HeapSize = 0;
    }

    /// <summary>Forgets what was visited.</summary>
    public void End()
    {
        if (TouchedCount > _visited.Length)
            NativeMemory.Clear(Visited, (nuint)_visited.Bytes);
        else
            for (int i = 0; i < TouchedCount; i++) Visited[Touched[i] >> 6] = 0;
        TouchedCount = 0;
    }

    /// <summary>Room in <see cref="Touched"/> for <paramref name="more"/> gathered ids.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReserveTouched(int more)
    {
        if (TouchedCount + more > _touched.Length) GrowTouched(more);
    }

    /// <summary>Marks an id and records it; false if it was marked before.</summary>
    public bool Visit(int id)
    {
        ReserveTouched(1);
        ulong* word = Visited + (id >> 6);
        ulong bit = 1UL << id;
        if ((*word & bit) != 0) return false;
        *word |= bit;
        Touched[TouchedCount++] = id;
        return true;
    }

    public bool IsVisited(int id) => (Visited[id >> 6] & (1UL << id)) != 0;

    public void AddFresh(int id)
    {
        Fresh.EnsureLength(FreshCount + 1);
        Fresh.Pointer[FreshCount++] = id;
    }

    /// <summary>Copies the query, zero-padded to what the kernels loop over, scaled to length one if asked.</summary>
    public void BindQuery(ReadOnlySpan<float> query, int kernelDimensions, bool normalize)
    {
        _query.EnsureLength(kernelDimensions);
        Span<float> target = new(_query.Pointer, kernelDimensions);
        target[query.Length..].Clear();
        if (normalize) VectorMath.Normalize(query, target);
        else query.CopyTo(target);
    }

    /// <summary>Prepares for estimates from a query (one is bound at a time).</summary>
    /// <param name="normalize">Whether it has yet to be scaled to length one, if the metric is cosine.</param>
    public void BindCodes(QuantizedRows codes, float* query, bool normalize)
    {
        QueryBytes.EnsureLength(codes.Dimensions);
        QuantizedQuery = codes.Bind(query, normalize, Rotated, QueryBytes.Pointer);
    }

    /// <summary>Copies the nearest k of the pool out.</summary>
    public int CopyResults(int k, Span<Neighbor> result)
    {
        int count = Math.Min(k, Pool.Size);
        for (int i = 0; i < count; i++) result[i] = new(Candidate.Id(Pool.Items[i]), Candidate.Distance(Pool.Items[i]));
        return count;
    }

    /// <summary>Adds without order: <see cref="Heapify"/> follows.</summary>
    public void AppendHeap(ulong candidate)
    {
        Heap.EnsureLength(HeapSize + 1);
        Heap.Pointer[HeapSize++] = candidate;
    }

    public void PushHeap(ulong candidate)
    {
        Heap.EnsureLength(HeapSize + 1);
        ulong* heap = Heap.Pointer;
        int at = HeapSize++;
        while (at > 0)
        {
            int parent = (at - 1) >> 1;
            if (heap[parent] <= candidate) break;
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = candidate;
    }

    public ulong PopHeap()
    {
        ulong* heap = Heap.Pointer;
        ulong top = heap[0];
        ulong last = heap[--HeapSize];
        SiftDown(heap, HeapSize, 0, last);
        return top;
    }

    /// <summary>Orders candidates that were only appended.</summary>
    public void Heapify()
    {
        ulong* heap = Heap.Pointer;
        for (int i = (HeapSize >> 1) - 1; i >= 0; i--) SiftDown(heap, HeapSize, i, heap[i]);
    }

    public void Dispose()
    {
        _query.Dispose();
        _pool.Dispose();
        _visited.Dispose();
        _touched.Dispose();
        Heap.Dispose();
        Selection.Dispose();
        Chosen.Dispose();
        Failing.Dispose();
        Fresh.Dispose();
        Scores.Dispose();
        Rotated.Dispose();
        QueryBytes.Dispose();
        Reranked.Dispose();
        SignTable.Dispose();
    }

    private static void SiftDown(ulong* heap, int size, int at, ulong value)
    {
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= size) break;
            if (child + 1 < size && heap[child + 1] < heap[child]) child++;
            if (heap[child] >= value) break;
            heap[at] = heap[child];
            at = child;
        }
        if (size > 0) heap[at] = value;
    }

    private void GrowTouched(int more)
    {
        _touched.EnsureLength(TouchedCount + more);
        Touched = _touched.Pointer;
    }
}

/// <summary>What searches keep between calls.</summary>
public static class SearchScratch
{
    /// <summary>Native bytes of idle scratch memory, for all graphs together; bounded by the number of pooled contexts.</summary>
    public static long MemoryBytes => SearchContextPool.Shared.MemoryBytes;
}

/// <summary>Idle contexts of the process: a small bounded array, so that threads rent without a lock and a burst leaves no hoard behind.</summary>
internal sealed class SearchContextPool
{
    /// <summary>A context that grew beyond this (a scan that went far) is freed instead of kept.</summary>
    private const long MaxIdleBytes = 64 << 20;

    private readonly SearchContext?[] _idle = new SearchContext?[32];

    /// <summary>Shared by all graphs: many segments don't each hold scratch memory.</summary>
    public static SearchContextPool Shared { get; } = new();

    public long MemoryBytes
    {
        get
        {
            long bytes = 0;
            foreach (SearchContext? context in _idle) bytes += context?.MemoryBytes ?? 0;
            return bytes;
        }
    }

    public SearchContext Rent()
    {
        for (int i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is null || Interlocked.Exchange(ref _idle[i], null) is not { } idle) continue;
            idle.Read();
            return idle;
        }
        SearchContext context = new();
        context.Read();
        return context;
    }

    public void Return(SearchContext context)
    {
        context.End();
        context.Rest();
        for (int i = 0; context.MemoryBytes <= MaxIdleBytes && i < _idle.Length; i++)
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], context, null) is null)
                return;
        context.Dispose();
    }
}
