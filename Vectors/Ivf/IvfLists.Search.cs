using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Ivf;

/// <summary>
/// Searching: the nearest lists are looked through until as many as asked for have been, and enough rows were found; so no search comes back short while there are rows in lists.
/// </summary>
public sealed unsafe partial class IvfLists
{
    // Nanoseconds, measured as those of FilteredSearch: rows of a list lie apart, in ascending order.
    private const double RowNs = 9, ByteNs = 0.045, TestNs = 2, SortNs = 25, CenterNs = 4, CenterByteNs = 0.02;

    private int RowBytes => RowForms.RowBytes(Metric, _store.Dimensions);

    public int Search(ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default) =>
        Probe(default(AllNodes), query, k, effort, result, ref stats, cancellation);

    public int SearchWithout(int absent, ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default) => absent < 0
        ? Search(query, k, effort, result, ref stats, cancellation)
        : Probe(new AllBut(absent), query, k, effort, result, ref stats, cancellation);

    /// <summary>A row is no way to others: true of all.</summary>
    public bool IsOrdinary(int id) => (uint)id < (uint)Limit;

    public int SearchWithout<TFilter>(
        int absent, TFilter filter, ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default)
        where TFilter : struct, INodeFilter
    {
        int found = Probe(filter, query, k, effort, result, ref stats, cancellation);
        return found == k ? found : ExactSearch.Search(_store, Metric, 0, int.MaxValue, filter, query, k, result, ref stats, cancellation);
    }

    public int SearchMatches(ulong[] bitmap, long matches, ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default)
    {
        if (matches < 0) matches = FilteredSearch.CountMatches(bitmap, _store.Count);
        if (Choose(matches, LinkedCount, k, effort) == FilterStrategy.Structure)
        {
            int found = Probe(new BitmapFilter(bitmap), query, k, effort, result, ref stats, cancellation);
            if (found >= Math.Min(k, matches)) return found;
        }
        return ExactSearch.Search(_store, Metric, bitmap, query, k, result, ref stats, cancellation);
    }

    public NeighborCursor OpenCursor(ReadOnlySpan<float> query, int k, int effort) => new IvfCursor(this, query, Math.Max(1, effort));

    public FilterStrategy Choose(long matches, long total, int k, int effort, bool failsNearby = false) =>
        matches <= k || FilteredSearch.ScanNs(matches, RowBytes) <= ProbeNs(matches, total, k, effort) ? FilterStrategy.ExactScan : FilterStrategy.Structure;

    public double EstimateNs(long matches, long total, int k, int effort)
    {
        double scan = FilteredSearch.ScanNs(matches, RowBytes);
        return matches <= k ? scan : Math.Min(scan, ProbeNs(matches, total, k, effort));
    }

    public int FirstBatch(int k, int effort) => (int)Math.Min(int.MaxValue, Math.Max(k, RowsIn(effort)));

    public double OrderNs(double rows, int k, int effort) => RankNs + (Math.Max(FirstBatch(k, effort), rows) * (RowNs + (ByteNs * RowBytes) + SortNs));

    private double RankNs => Lists * (CenterNs + (CenterByteNs * _centers.Stride));

    /// <summary>Rows in so many lists, about.</summary>
    private double RowsIn(int probes) => Math.Min(LinkedCount, Math.Ceiling(LinkedCount * (double)Math.Min(probes, Lists) / Lists));

    private double ProbeNs(long matches, long total, int k, int effort)
    {
        double share = Math.Clamp((double)matches / Math.Max(1, total), 1e-9, 1);
        double visited = Math.Min(LinkedCount, Math.Max(RowsIn(effort), k / share));
        return RankNs + (visited * TestNs) + (visited * share * (RowNs + (ByteNs * RowBytes)));
    }

    private int Probe<TFilter>(TFilter filter, ReadOnlySpan<float> query, int k, int probes, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation)
        where TFilter : struct, INodeFilter
    {
        SearchContext ranking = SearchContextPool.Shared.Rent();
        try
        {
            Rank(query, ranking);
            int ranked = ranking.HeapSize;
            ListSource source = new(this, ranking, k, Math.Max(1, probes));
            int found = ExactSearch.Run(_store, Metric, new ProbedIds<TFilter>(source, filter), query, k, result, ref stats, cancellation);
            stats.Distances += Lists;
            stats.Lists += ranked - ranking.HeapSize;
            return found;
        }
        finally
        {
            SearchContextPool.Shared.Return(ranking);
        }
    }

    /// <summary>Fills the context's heap with the lists, nearest first.</summary>
    internal void Rank(ReadOnlySpan<float> query, SearchContext context)
    {
        if (query.Length != _store.Dimensions) throw new ArgumentException($"expected {_store.Dimensions} dimensions, not {query.Length}");
        context.Begin(0, 1);
        context.Scores.EnsureLength(Lists);
        Span<float> distances = new(context.Scores.Pointer, Lists);
        _centers.Rank(query, context.Rotated, distances);
        for (int list = 0; list < distances.Length; list++)
            if (RowsOf(list).Length > 0) context.AppendHeap(Candidate.Make(distances[list], list));
        context.Heapify();
        // The origin and the offsets of the centers are managed memory that belongs to them.
        GC.KeepAlive(_centers);
    }

    /// <summary>Which list is next, until enough were looked through and enough rows came out of them.</summary>
    private ref struct ListSource(IvfLists lists, SearchContext ranking, int k, int probes)
    {
        private int _probed;

        public readonly int Limit => Math.Min(lists.Limit, lists._store.Count);

        public bool TryNext(long given, out ReadOnlySpan<int> rows)
        {
            rows = default;
            if (ranking.HeapSize == 0 || (_probed >= probes && given >= k)) return false;
            _probed++;
            rows = lists.RowsOf(Candidate.Id(ranking.PopHeap()));
            return true;
        }
    }

    private ref struct ProbedIds<TFilter>(ListSource source, TFilter filter) : IIdSource
        where TFilter : struct, INodeFilter
    {
        private ListSource _source = source;
        private TFilter _filter = filter;
        private ReadOnlySpan<int> _rows = default;
        private long _given = 0;

        public int Next(scoped Span<int> ids)
        {
            int count = 0, limit = _source.Limit;
            while (count < ids.Length)
            {
                if (_rows.IsEmpty)
                {
                    if (!_source.TryNext(_given + count, out _rows)) break;
                    continue;
                }
                int taken = 0;
                while (taken < _rows.Length && count < ids.Length)
                {
                    int id = _rows[taken++];
                    if ((uint)id < (uint)limit && _filter.Accept(id)) ids[count++] = id;
                }
                _rows = _rows[taken..];
            }
            _given += count;
            return count;
        }
    }
}
