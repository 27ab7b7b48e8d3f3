using System.Numerics;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Search;

/// <summary>Rows to be scored, some at a time.</summary>
internal interface IIdSource
{
    /// <summary>Writes the next ids; 0 at the end.</summary>
    int Next(scoped Span<int> ids);
}

/// <summary>
/// The nearest rows by looking at each candidate row: the oracle of recall, and the plan when few rows match. Returns min(k, candidates) neighbours, nearest
/// first, ties by id; a row whose distance is NaN counts as infinitely far, so it comes last and is never lost. Ids beyond the store are ignored.
/// </summary>
public static unsafe class ExactSearch
{
    private const int BlockIds = 512;

    /// <summary>Up to this many results are kept sorted; more are gathered, and cut back to k whenever twice as many have come.</summary>
    private const int MaxSortedPool = 1024;

    /// <summary>Among the ids of a bitmap (word id/64, bit id%64).</summary>
    public static int Search(
        IVectorStore store, DistanceMetric metric, ReadOnlySpan<ulong> bitmap, ReadOnlySpan<float> query, int k, Span<Neighbor> result,
        ref SearchStats stats, CancellationToken cancellation = default)
    {
        stats.ExactScans++;
        return Run(store, metric, new BitmapIds(bitmap), query, k, result, ref stats, cancellation);
    }

    /// <summary>Among the given ids, each named once.</summary>
    public static int Search(
        IVectorStore store, DistanceMetric metric, ReadOnlySpan<int> ids, ReadOnlySpan<float> query, int k, Span<Neighbor> result,
        ref SearchStats stats, CancellationToken cancellation = default)
    {
        stats.ExactScans++;
        return Run(store, metric, new ListedIds(ids), query, k, result, ref stats, cancellation);
    }

    /// <summary>
    /// Among the rows <paramref name="first"/> … <paramref name="end"/> − 1 that a filter accepts. Ranges may be searched by several threads and merged.
    /// </summary>
    public static int Search<TFilter>(
        IVectorStore store, DistanceMetric metric, int first, int end, TFilter filter, ReadOnlySpan<float> query, int k, Span<Neighbor> result,
        ref SearchStats stats, CancellationToken cancellation = default)
        where TFilter : struct, INodeFilter
    {
        stats.ExactScans++;
        return Run(store, metric, new FilteredRange<TFilter>(Math.Max(0, first), Math.Min(end, store.Count), filter), query, k, result, ref stats, cancellation);
    }

    private ref struct BitmapIds(ReadOnlySpan<ulong> bitmap) : IIdSource
    {
        private readonly ReadOnlySpan<ulong> _bitmap = bitmap;
        private int _word = -1;
        private ulong _rest = 0;

        public int Next(scoped Span<int> ids)
        {
            int count = 0;
            while (count < ids.Length)
            {
                if (_rest == 0)
                {
                    if (++_word >= _bitmap.Length) break;
                    _rest = _bitmap[_word];
                    continue;
                }
                ids[count++] = (_word << 6) + BitOperations.TrailingZeroCount(_rest);
                _rest &= _rest - 1;
            }
            return count;
        }
    }

    private ref struct ListedIds(ReadOnlySpan<int> list) : IIdSource
    {
        private ReadOnlySpan<int> _rest = list;

        public int Next(scoped Span<int> ids)
        {
            int count = Math.Min(ids.Length, _rest.Length);
            _rest[..count].CopyTo(ids);
            _rest = _rest[count..];
            return count;
        }
    }

    private struct FilteredRange<TFilter>(int first, int end, TFilter filter) : IIdSource
        where TFilter : struct, INodeFilter
    {
        private int _next = first;

        public int Next(scoped Span<int> ids)
        {
            int count = 0;
            for (; _next < end && count < ids.Length; _next++)
                if (filter.Accept(_next)) ids[count++] = _next;
            return count;
        }
    }

    /// <summary>Among the ids of any source, each named once.</summary>
    internal static int Run<TIds>(
        IVectorStore store, DistanceMetric metric, TIds ids, ReadOnlySpan<float> query, int k, Span<Neighbor> result, ref SearchStats stats,
        CancellationToken cancellation)
        where TIds : struct, IIdSource, allows ref struct
    {
        if (query.Length != store.Dimensions) throw new ArgumentException($"expected {store.Dimensions} dimensions, not {query.Length}");
        if (k < 0 || result.Length < k) throw new ArgumentOutOfRangeException(nameof(k));
        if (k == 0) return 0;
        SearchContext context = SearchContextPool.Shared.Rent();
        try
        {
            ScanAction<TIds> action = new(store, metric, context, ids, query, k, ref stats, cancellation);
            KernelDispatch.Run(metric, store.RowsAreUnit, ref action);
            return k <= MaxSortedPool ? context.CopyResults(k, result) : action.CopyGathered(result);
        }
        finally
        {
            SearchContextPool.Shared.Return(context);
        }
    }

    private ref struct ScanAction<TIds>(
        IVectorStore store, DistanceMetric metric, SearchContext context, TIds ids, ReadOnlySpan<float> query, int k, ref SearchStats stats,
        CancellationToken cancellation) : IKernelAction
        where TIds : struct, IIdSource, allows ref struct
    {
        private readonly ReadOnlySpan<float> _query = query;
        private readonly ref SearchStats _stats = ref stats;
        private TIds _ids = ids;
        private ulong _bound = ulong.MaxValue;

        public readonly int CopyGathered(Span<Neighbor> result)
        {
            Span<ulong> gathered = new(context.Heap.Pointer, context.HeapSize);
            gathered.Sort();
            int count = Math.Min(k, gathered.Length);
            for (int i = 0; i < count; i++) result[i] = new(Candidate.Id(gathered[i]), Candidate.Distance(gathered[i]));
            return count;
        }

        public void Run<TKernel>()
            where TKernel : struct, IDistanceKernel
        {
            // The count before the rows: whatever it covers is then addressable.
            int limit = store.Count;
            VectorRows rows = store.Rows;
            context.Begin(0, Math.Min(k, MaxSortedPool));
            context.BindQuery(_query, rows.KernelDimensions, metric == DistanceMetric.Cosine);
            RowDistance<TKernel> distance = new(rows, context.Query);
            Span<int> block = stackalloc int[BlockIds];
            for (int count; (count = _ids.Next(block)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                Scan(ref distance, block[..count], limit);
            }
        }

        private void Scan<TDistance>(ref TDistance distance, scoped Span<int> block, int limit)
            where TDistance : struct, INodeDistance
        {
            const int Lookahead = 8;
            int known = 0;
            foreach (int id in block)
                if ((uint)id < (uint)limit) block[known++] = id;
            ref CandidatePool pool = ref context.Pool;
            int ahead = Math.Min(Lookahead, known);
            for (int i = 0; i < ahead; i++) distance.Prefetch(block[i]);
            for (int i = 0; i < known; i++)
            {
                if (ahead < known) distance.Prefetch(block[ahead++]);
                ulong scored = Candidate.Make(distance.To(block[i]), block[i]);
                if (k > MaxSortedPool) Gather(scored);
                else if (scored < pool.Bound) pool.Insert(scored);
            }
            _stats.Distances += known;
        }

        private void Gather(ulong candidate)
        {
            if (candidate >= _bound) return;
            context.AppendHeap(candidate);
            if (context.HeapSize < 2L * k) return;
            new Span<ulong>(context.Heap.Pointer, context.HeapSize).Sort();
            context.HeapSize = k;
            _bound = context.Heap.Pointer[k - 1];
        }
    }
}
