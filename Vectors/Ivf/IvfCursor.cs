using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Ivf;

/// <summary>
/// A scan through the lists, nearest first, so many at a time: rows of a batch come in order. Rows that are in no list come last, infinitely far.
/// </summary>
internal sealed unsafe class IvfCursor : NeighborCursor
{
    private const int ScoreBlock = 512;

    private readonly IvfLists _lists;
    private readonly int _probes;
    private SearchContext? _context;
    private ulong[] _scored = [];
    private int _count, _at;
    private bool _isRest;

    /// <param name="query">Copied.</param>
    /// <param name="probes">Lists of a batch, 1 or more.</param>
    public IvfCursor(IvfLists lists, ReadOnlySpan<float> query, int probes)
    {
        (_lists, _probes) = (lists, probes);
        SearchContext context = SearchContextPool.Shared.Rent();
        try
        {
            lists.Rank(query, context);
            context.BindQuery(query, lists.Store.Rows.KernelDimensions, lists.Metric == DistanceMetric.Cosine);
            (_context, context) = (context, null!);
        }
        finally
        {
            if (context is not null) SearchContextPool.Shared.Return(context);
        }
    }

    public override int Next(Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default)
    {
        SearchContext context = _context ?? throw new ObjectDisposedException(nameof(IvfCursor));
        int count = 0;
        while (count < result.Length)
        {
            if (_at == _count && !Advance(context, ref stats, cancellation)) break;
            ulong next = _scored[_at++];
            result[count++] = new(Candidate.Id(next), Candidate.Distance(next));
        }
        return count;
    }

    public override void Dispose()
    {
        if (_context is null) return;
        SearchContextPool.Shared.Return(_context);
        _context = null;
    }

    private bool Advance(SearchContext context, ref SearchStats stats, CancellationToken cancellation)
    {
        _at = _count = 0;
        for (int probed = 0; context.HeapSize > 0 && (probed < _probes || _count == 0); probed++)
        {
            cancellation.ThrowIfCancellationRequested();
            Score(_lists.RowsOf(Candidate.Id(context.PopHeap())), context, ref stats, cancellation);
            stats.Lists++;
        }
        if (_count == 0 && !_isRest) AddRest();
        _scored.AsSpan(0, _count).Sort();
        return _count > 0;
    }

    private void Score(ReadOnlySpan<int> rows, SearchContext context, ref SearchStats stats, CancellationToken cancellation)
    {
        if (_scored.Length < _count + rows.Length) Array.Resize(ref _scored, Math.Max(_scored.Length * 2, _count + rows.Length));
        fixed (int* ids = rows)
        {
            ScoreAction action = new(_lists, context, ids, rows.Length, _scored, _count, cancellation);
            KernelDispatch.Run(_lists.Metric, _lists.Store.RowsAreUnit, ref action);
            stats.Distances += action.Count - _count;
            _count = action.Count;
        }
    }

    private void AddRest()
    {
        _isRest = true;
        ulong[] listed = new ulong[(_lists.Limit + 63) / 64];
        for (int list = 0; list < _lists.Lists; list++)
            foreach (int id in _lists.RowsOf(list))
                if ((uint)id < (uint)_lists.Limit) listed[id >> 6] |= 1UL << id;
        _scored = new ulong[Math.Max(1, _lists.Limit - _lists.LinkedCount)];
        for (int id = 0; id < _lists.Limit; id++)
        {
            if ((listed[id >> 6] & (1UL << id)) != 0) continue;
            if (_count == _scored.Length) Array.Resize(ref _scored, _count * 2);
            _scored[_count++] = Candidate.Make(float.PositiveInfinity, id);
        }
    }

    private ref struct ScoreAction(IvfLists lists, SearchContext context, int* ids, int length, ulong[] scored, int count, CancellationToken cancellation) : IKernelAction
    {
        public int Count = count;

        public void Run<TKernel>()
            where TKernel : struct, IDistanceKernel
        {
            int limit = Math.Min(lists.Limit, lists.Store.Count);
            RowDistance<TKernel> distance = new(lists.Store.Rows, context.Query);
            int* known = stackalloc int[ScoreBlock];
            float* distances = stackalloc float[ScoreBlock];
            for (int start = 0; start < length; start += ScoreBlock)
            {
                cancellation.ThrowIfCancellationRequested();
                int block = 0;
                for (int i = start; i < Math.Min(length, start + ScoreBlock); i++)
                    if ((uint)ids[i] < (uint)limit) known[block++] = ids[i];
                distance.To(known, block, distances);
                for (int i = 0; i < block; i++) scored[Count++] = Candidate.Make(distances[i], known[i]);
            }
        }
    }
}
