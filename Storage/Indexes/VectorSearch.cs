using VecSql.Storage.Contracts;
using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;
using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>
/// A search over all parts of a vector index, merged. Per part, by what is known at run time: rows named by the caller → scored exactly; no filter → the graph, through rows the
/// snapshot doesn't see; a filter that few pass → tested for all rows, then graph or scan by count; one that many pass → the graph's own order, tested as it comes.
/// </summary>
internal sealed class VectorSearch(HnswIndex index, TableReader reader) : IVectorSearch
{
    /// <summary>A filter that passes less than this share is tested for all rows first.</summary>
    private const double FewShare = 0.05;

    /// <summary>Give up following the graph's order when so large a share of its nodes came without filling the limit.</summary>
    private const double ResumedShare = 0.1;
    private const int TestRows = 1024;

    private readonly List<(RowRange Range, VectorPart Part)> _parts =
    [
        .. reader.Ranges.Select(r => (r, (r.FindPart(index.Oid) as VectorPart)!)).Where(p => p.Item2 is not null && p.Item2.Count > 0),
    ];
    private readonly HashSet<long> _given = [];
    private VectorSearchRequest? _request;
    private VectorStream? _stream;
    private SearchStats _stats;
    private string _strategy = "exact";
    private long _filtered;

    public VectorSearchStats Stats => new(_strategy, _stats.Distances, _stats.Distances, _filtered + _stats.FilterChecks, _parts.Count);

    public int Search(VectorSearchRequest request, Span<long> rowIds, Span<double> distances)
    {
        _request = request;
        _stream?.Dispose();
        _stream = null;
        _stats = default;
        _filtered = 0;
        _given.Clear();
        int limit = Math.Min(request.Limit, Math.Min(rowIds.Length, distances.Length));
        var found = new List<(float Distance, long RowId)>();
        try
        {
            foreach ((RowRange range, VectorPart part) in _parts) SearchPart(range, part, request, limit, found);
        }
        catch (OperationCanceledException)
        {
            throw new Core.Errors.SqlException(Core.Errors.SqlState.QueryCanceled, "canceling statement due to user request");
        }
        found.Sort(static (a, b) => a.Distance != b.Distance ? Order(a.Distance, b.Distance) : a.RowId.CompareTo(b.RowId));
        int count = Math.Min(limit, found.Count);
        for (int i = 0; i < count; i++)
        {
            (float distance, long rowId) = found[i];
            rowIds[i] = rowId;
            distances[i] = DistanceOf(distance);
            _given.Add(rowId);
        }
        return count;
    }

    public int Continue(Span<long> rowIds, Span<double> distances)
    {
        VectorSearchRequest request = _request ?? throw new InvalidOperationException("there was no search to continue");
        _stream ??= new VectorStream(_parts.Select(p => (p.Part, Visible(p.Range, p.Part), p.Range)), request.Query, index.Options.Metric, request.EfSearch);
        int count = 0;
        int wanted = Math.Min(rowIds.Length, distances.Length);
        bool[] accepted = new bool[1];
        while (count < wanted && _stream.Next(ref _stats, request.Cancellation) is { } next)
        {
            if (!_given.Add(next.RowId)) continue;
            if (request.Filter is { } filter)
            {
                _filtered++;
                filter.Test([next.RowId], accepted);
                if (!accepted[0]) continue;
            }
            rowIds[count] = next.RowId;
            distances[count++] = DistanceOf(next.Distance);
        }
        return count;
    }

    public void Dispose() => _stream?.Dispose();

    internal static int Order(float left, float right) => float.IsNaN(left) || float.IsNaN(right) ? float.IsNaN(left).CompareTo(float.IsNaN(right)) : left.CompareTo(right);

    private void SearchPart(RowRange range, VectorPart part, VectorSearchRequest request, int limit, List<(float, long)> found)
    {
        if (limit == 0) return;
        if (request.Matches is { } matches)
        {
            SearchMatches(range, part, request, matches.Span, limit, found);
            return;
        }
        if (request.Filter is not { } filter)
        {
            _strategy = part.Graph is null ? _strategy : "hnsw";
            SearchVisible(range, part, request, limit, found);
            return;
        }
        if (request.Selectivity is < FewShare || part.Graph is null || !SearchResumed(range, part, request, filter, limit, found)) SearchFiltered(range, part, request, filter, limit, found);
    }

    private void SearchMatches(RowRange range, VectorPart part, VectorSearchRequest request, ReadOnlySpan<long> matches, int limit, List<(float, long)> found)
    {
        _strategy = "exact over matches";
        int first = LowerBound(matches, range.FirstRowId), end = LowerBound(matches, range.EndRowId);
        var nodes = new List<int>(end - first);
        for (int i = first; i < end; i++)
        {
            int position = range.PositionOf(matches[i]);
            int node = position < 0 ? -1 : part.NodeOf(position);
            if (node >= 0 && reader.Snapshot.Sees(range.CreatedAt(position), range.DeletedAt(position))) nodes.Add(node);
        }
        var neighbors = new Neighbor[Math.Min(limit, nodes.Count)];
        int count = ExactSearch.Search(part.Store, index.Options.Metric, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(nodes), request.Query.Span, neighbors.Length, neighbors,
            ref _stats, request.Cancellation);
        Take(range, part, neighbors.AsSpan(0, count), found);
    }

    private void SearchVisible(RowRange range, VectorPart part, VectorSearchRequest request, int limit, List<(float, long)> found)
    {
        VisibleNodes visible = Visible(range, part);
        var neighbors = new Neighbor[Math.Min(limit, part.Count)];
        int linked = part.LinkedEnd;
        if (part.Graph is { } graph)
        {
            var linkedNodes = new VisibleNodes(range, part, reader.Snapshot, linked);
            int count = visible.IsAll
                ? graph.Search(request.Query.Span, neighbors.Length, request.EfSearch, neighbors, ref _stats, request.Cancellation)
                : FilteredSearch.Search(graph, linkedNodes, request.Query.Span, neighbors.Length, request.EfSearch, neighbors, ref _stats, request.Cancellation);
            if (count < Math.Min(neighbors.Length, linked) && visible.IsAll)
            {
                // Nodes without a place in the graph (zero vectors under cosine) or out of its reach are rows all the same.
                count = ExactSearch.Search(part.Store, index.Options.Metric, 0, linked, visible, request.Query.Span, neighbors.Length, neighbors, ref _stats, request.Cancellation);
            }
            Take(range, part, neighbors.AsSpan(0, count), found);
        }
        if (linked >= part.Count) return;
        int scanned = ExactSearch.Search(part.Store, index.Options.Metric, linked, part.Count, visible, request.Query.Span, neighbors.Length, neighbors, ref _stats, request.Cancellation);
        Take(range, part, neighbors.AsSpan(0, scanned), found);
    }

    /// <summary>Tests every visible row, then searches among those that passed.</summary>
    private void SearchFiltered(RowRange range, VectorPart part, VectorSearchRequest request, IRowFilter filter, int limit, List<(float, long)> found)
    {
        VisibleNodes visible = Visible(range, part);
        ulong[] bitmap = new ulong[(part.Count + 63) / 64];
        long matches = 0;
        long[] rowIds = new long[TestRows];
        int[] nodes = new int[TestRows];
        bool[] accepted = new bool[TestRows];
        int pending = 0;
        int total = part.Count;
        for (int node = 0; node <= total; node++)
        {
            if (node < total && visible.Accept(node))
            {
                nodes[pending] = node;
                rowIds[pending++] = range.RowIdAt(part.PositionOf(node));
            }
            if (pending < TestRows && node < total) continue;
            request.Cancellation.ThrowIfCancellationRequested();
            filter.Test(rowIds.AsSpan(0, pending), accepted.AsSpan(0, pending));
            _filtered += pending;
            for (int i = 0; i < pending; i++)
            {
                if (!accepted[i]) continue;
                bitmap[nodes[i] >> 6] |= 1UL << nodes[i];
                matches++;
            }
            pending = 0;
        }
        if (matches == 0) return;
        var neighbors = new Neighbor[(int)Math.Min(limit, matches)];
        bool isLinked = part.Graph is not null && part.LinkedEnd == total;
        _strategy = isLinked ? "hnsw filtered" : "exact";
        int count = isLinked
            ? FilteredSearch.Search(part.Graph!, bitmap, matches, request.Query.Span, neighbors.Length, request.EfSearch, neighbors, ref _stats, request.Cancellation)
            : ExactSearch.Search(part.Store, index.Options.Metric, bitmap, request.Query.Span, neighbors.Length, neighbors, ref _stats, request.Cancellation);
        Take(range, part, neighbors.AsSpan(0, count), found);
    }

    /// <summary>Goes along the graph's own order and tests rows as they come. False, with nothing found, if too few pass.</summary>
    private bool SearchResumed(RowRange range, VectorPart part, VectorSearchRequest request, IRowFilter filter, int limit, List<(float, long)> found)
    {
        VisibleNodes visible = Visible(range, part);
        using var stream = new VectorStream([(part, visible, range)], request.Query, index.Options.Metric, Math.Max(request.EfSearch, limit));
        var passed = new List<(float, long)>();
        int batch = Math.Clamp(Math.Max(limit, request.EfSearch), 16, TestRows);
        long[] rowIds = new long[batch];
        float[] near = new float[batch];
        bool[] accepted = new bool[batch];
        long budget = Math.Max(4 * batch, (long)(part.Count * ResumedShare));
        bool isAtEnd = false;
        while (passed.Count < limit && !isAtEnd)
        {
            int count = 0;
            while (count < batch && stream.Next(ref _stats, request.Cancellation) is { } next) (near[count], rowIds[count++]) = (next.Distance, next.RowId);
            isAtEnd = count < batch;
            filter.Test(rowIds.AsSpan(0, count), accepted.AsSpan(0, count));
            _filtered += count;
            for (int i = 0; i < count; i++)
                if (accepted[i])
                    passed.Add((near[i], rowIds[i]));
            budget -= count;
            if (passed.Count < limit && !isAtEnd && budget <= 0) return false;
        }
        _strategy = "hnsw resumed";
        found.AddRange(passed);
        return true;
    }

    private void Take(RowRange range, VectorPart part, ReadOnlySpan<Neighbor> neighbors, List<(float, long)> found)
    {
        foreach (Neighbor neighbor in neighbors) found.Add((neighbor.Distance, range.RowIdAt(part.PositionOf(neighbor.Id))));
    }

    private VisibleNodes Visible(RowRange range, VectorPart part) => new(range, part, reader.Snapshot, part.Count);

    private double DistanceOf(float distance) => index.Options.Metric == DistanceMetric.L2 ? Math.Sqrt(distance) : distance;

    private static int LowerBound(ReadOnlySpan<long> sorted, long value)
    {
        int at = sorted.BinarySearch(value);
        return at < 0 ? ~at : at;
    }
}

/// <summary>Nodes whose row has a vector and is seen by the snapshot.</summary>
/// <param name="limit">Nodes from here on are left out: those that are not linked yet, when a graph is searched.</param>
internal readonly struct VisibleNodes(RowRange range, VectorPart part, Snapshot snapshot, int limit) : INodeFilter
{
    /// <summary>True if certainly every node is accepted.</summary>
    public bool IsAll => range is Segments.Segment segment && segment.IsWhollyVisible(snapshot) && part is SegmentVectorPart { HasNulls: false };

    public bool Accept(int id)
    {
        if (id >= limit) return false;
        int position = part.PositionOf(id);
        return position >= 0 && snapshot.Sees(range.CreatedAt(position), range.DeletedAt(position));
    }
}
