using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Tables;
using VecSql.Vectors;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>
/// A search over all parts of a vector index, merged. Steps:
/// 1. The <see cref="VectorSearchRequest.Limit"/> nearest rows. Without a filter: by the structures (graphs, lists), through rows that the snapshot doesn't see. With one, by estimated cost: either the
///    structures' own order is followed and rows are tested as they come, within a budget; or the filter's matches are collected, and by their number each part is walked or scanned.
/// 2. Is more asked for, the limit grows fourfold and what was given is left out: a scan to the end costs little more than one that knew its end.
/// 3. The rows without a vector (its value is null, so is the distance) come last.
/// Law: whoever asks on gets every visible row that passes the filter, once.
/// </summary>
internal sealed class VectorSearch : IVectorSearch
{
    private const int FilterBatch = 512;

    /// <summary>Testing one row by the filter: fetching its columns and evaluating.</summary>
    private const double TestNs = 150;

    /// <summary>Bringing one row of a part without a structure in order.</summary>
    private const double SortNs = 60;

    /// <summary>The share of seen rows from which on a search doesn't ask of each row whether it is seen.</summary>
    private const double LeastLiving = 0.6;

    /// <summary>Following the structures' order may cost so many times what collecting the matches would have.</summary>
    private const double Patience = 2;

    private readonly VectorIndex _index;
    private readonly TableReader _reader;
    private readonly List<VectorPiece> _pieces;
    private readonly List<(float Distance, long RowId)> _found = [];
    private readonly HashSet<long> _given = [];
    private readonly SortedSet<string> _strategies = [];
    private VectorSearchRequest? _request;
    private RecallChoice? _recall;
    private float[] _query = [];
    private SparseRowMemory? _sparse;
    private ReadOnlyMemory<long>? _matches;
    private List<long>? _rest;
    private SearchStats _stats;
    private long _tested, _rejected;
    private int _limit, _foundAt, _restAt;
    private bool _hasAllVectors, _failsNearby;

    public VectorSearch(VectorIndex index, TableReader reader)
    {
        _index = index;
        _reader = reader;
        _pieces = [.. reader.Ranges.Select(r => new VectorPiece(r, r.FindPart(index.Oid) as VectorPart, reader.Snapshot))];
    }

    public VectorSearchStats Stats => new(string.Join(" + ", _strategies), _matches?.Length ?? -1, _stats.Hops, _stats.Distances, _tested, _rejected, _stats.Lists, Structures().Count())
    {
        Reranked = _stats.Reranked,
        Effort = _recall?.Effort ?? 0,
        ExpectedRecall = _recall?.Expected ?? double.NaN,
        Quantization = string.Join(", ", Structures().Select(_index.Structures.QuantizationOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)),
    };

    private IEnumerable<IVectorStructure> Structures() => _pieces.Select(p => p.Part?.Structure).OfType<IVectorStructure>();

    public void Begin(VectorSearchRequest request)
    {
        _request = request;
        _recall = null;
        _stats = default;
        _tested = _rejected = 0;
        _found.Clear();
        _given.Clear();
        _strategies.Clear();
        _matches = null;
        _rest = null;
        _foundAt = _restAt = 0;
        _failsNearby = false;
        _hasAllVectors = request.Query is null;
        if (_hasAllVectors) return;
        _sparse?.Dispose();
        _sparse = _index.Form.Rows == RowForm.Sparse ? new SparseRowMemory() : null;
        _query = _index.Form.ReadQuery(request.Query!, _sparse);
        _hasAllVectors = _pieces.TrueForAll(p => p.Count == 0);
        if (_hasAllVectors) return;
        Start();
    }

    /// <summary>Searches for the neighbours of one of the index's own rows, as if it weren't there.</summary>
    /// <param name="piece">One of the pieces of this search.</param>
    internal void BeginAround(VectorPiece piece, int node, VectorSearchRequest request)
    {
        Begin(request with { Query = null });
        _query = piece.Part!.Store.CopyRow(node);
        (_request, _hasAllVectors) = (request, false);
        foreach (VectorPiece each in _pieces) each.Absent = each == piece ? node : -1;
        Start();
    }

    internal IReadOnlyList<VectorPiece> Pieces => _pieces;

    private void Start()
    {
        _limit = Math.Max(1, _request!.Limit);
        _recall = new RecallChoice(_index.Structures, _pieces, _request);
        Guard(Search);
    }

    public int Next(Span<long> rowIds, Span<double> distances)
    {
        if (_request is null) throw new InvalidOperationException("no search was begun");
        int count = 0;
        while (count < rowIds.Length)
        {
            if (_foundAt < _found.Count)
            {
                (float distance, rowIds[count]) = _found[_foundAt++];
                distances[count++] = Metric is DistanceMetric.L2 or DistanceMetric.HalfL2 or DistanceMetric.SparseL2 or DistanceMetric.Int8L2 ? Math.Sqrt(distance) : distance;
                continue;
            }
            if (!_hasAllVectors)
            {
                Guard(SearchOn);
                continue;
            }
            if (_rest is null) Guard(FindRowsWithoutVector);
            if (_restAt == _rest!.Count) break;
            distances[count] = double.NaN;
            rowIds[count++] = _rest[_restAt++];
        }
        return count;
    }

    public void Dispose() => _sparse?.Dispose();

    internal static int Order(float left, float right) => float.IsNaN(left) || float.IsNaN(right) ? float.IsNaN(left).CompareTo(float.IsNaN(right)) : left.CompareTo(right);

    private static void Guard(Action step)
    {
        try
        {
            step();
        }
        catch (OperationCanceledException)
        {
            throw new SqlException(SqlState.QueryCanceled, "canceling statement due to user request");
        }
    }

    private void SearchOn()
    {
        foreach ((_, long rowId) in _found) _given.Add(rowId);
        _limit = (int)Math.Min(4L * _limit, int.MaxValue);
        Search();
        _found.RemoveAll(f => _given.Contains(f.RowId));
    }

    /// <summary>The nearest <see cref="_limit"/> rows of all parts.</summary>
    private void Search()
    {
        _found.Clear();
        _foundAt = 0;
        _recall!.Forget();
        if (_request!.Filter is not { } filter || _request.IsFilterImplied)
        {
            foreach (VectorPiece piece in _pieces) SearchVisible(piece);
        }
        else if (_matches is not null || !Follow(filter))
        {
            if (_matches is null) Collect(filter);
            foreach (VectorPiece piece in _pieces) SearchMatches(piece);
        }
        _hasAllVectors = _found.Count < _limit;
        _found.Sort(static (a, b) => a.Distance != b.Distance ? Order(a.Distance, b.Distance) : a.RowId.CompareTo(b.RowId));
        if (_found.Count > _limit) _found.RemoveRange(_limit, _found.Count - _limit);
    }

    private void SearchVisible(VectorPiece piece)
    {
        if (piece.Count == 0) return;
        VectorPart part = piece.Part!;
        int k = Math.Min(_limit, piece.Count), linked = piece.LinkedEnd, effort = _recall!.EffortOf(part, k);
        var neighbors = new Neighbor[k];
        if (!_request!.IsExact && part.Structure is { } structure && structure.Choose(linked, linked, k, effort) == FilterStrategy.Structure)
        {
            _strategies.Add(structure.Name);
            int count = piece.IsWhollyVisible
                ? structure.SearchWithout(piece.Absent, _query, k, effort, neighbors, ref _stats, _request.Cancellation)
                : SearchMostlyVisible(piece, structure, k, effort, neighbors)
                    ?? structure.SearchWithout(piece.Absent, piece.Visible(linked), _query, k, effort, neighbors, ref _stats, _request.Cancellation);
            _recall.AddSearch(part, linked, k, effort);
            // Nodes without a place in the structure (zero vectors under cosine) or out of its reach are rows all the same.
            if (count < Math.Min(k, linked) && piece.IsWhollyVisible) count = Scan(piece, 0, linked, neighbors);
            Take(piece, neighbors.AsSpan(0, count));
            if (linked < piece.Count) Take(piece, neighbors.AsSpan(0, Scan(piece, linked, piece.Count, neighbors)));
            return;
        }
        Take(piece, neighbors.AsSpan(0, Scan(piece, 0, piece.Count, neighbors)));
    }

    /// <summary>Where nearly all rows are seen it costs least to ask for some more, and to leave out those that aren't. Null if too few are left.</summary>
    private int? SearchMostlyVisible(VectorPiece piece, IVectorStructure structure, int k, int effort, Neighbor[] neighbors)
    {
        double living = 1 - piece.DeadShare;
        if (living < LeastLiving) return null;
        int more = Math.Min(piece.Count, (int)(k / living) + k / 4 + 8);
        var near = new Neighbor[more];
        VisibleNodes visible = piece.Visible(piece.LinkedEnd);
        effort = _index.Structures.EffortAmong(effort, k, living);
        int found = structure.SearchWithout(piece.Absent, _query, more, effort, near, ref _stats, _request!.Cancellation), kept = 0;
        for (int i = 0; i < found && kept < k; i++)
            if (visible.Accept(near[i].Id))
                neighbors[kept++] = near[i];
        return kept == k ? kept : null;
    }

    private int Scan(VectorPiece piece, int first, int end, Neighbor[] neighbors)
    {
        _strategies.Add("exact");
        _recall!.AddScan(end - first);
        return ExactSearch.Search(piece.Part!.Store, Metric, first, end, piece.Visible(end), _query, neighbors.Length, neighbors, ref _stats, _request!.Cancellation);
    }

    /// <summary>
    /// Follows the structures' own order, if that promises to be cheaper than collecting the matches, and tests rows as they come. False, with nothing found, if it doesn't,
    /// or didn't: then matches are rarer around the query than was thought, which is remembered.
    /// </summary>
    private bool Follow(IRowFilter filter)
    {
        double share = double.IsNaN(_request!.Selectivity) ? 0.1 : Math.Clamp(_request.Selectivity, 1e-6, 1);
        double rows = 0, following = 0, collecting = filter.CollectNs, wanted = _limit / share;
        string name = "exact";
        foreach (VectorPiece piece in _pieces)
        {
            if (piece.Count == 0) continue;
            if (piece.Part!.Structure is { } structure)
            {
                int effort = _recall!.EffortOf(piece.Part, _limit);
                double first = Math.Max(structure.FirstBatch(_limit, effort), wanted);
                rows += first;
                following += structure.OrderNs(first, _limit, effort);
                collecting += structure.EstimateNs((long)(piece.Count * share), piece.Count, _limit, effort);
                name = structure.Name + " resumed";
                continue;
            }
            rows += piece.Count;
            following += FilteredSearch.ScanNs(piece.Count, _index.Form.RowBytes) + piece.Count * SortNs;
            collecting += FilteredSearch.ScanNs(piece.Count * share, _index.Form.RowBytes);
        }
        if (following + wanted * _pieces.Count(p => p.Count > 0) * TestNs > collecting) return false;
        long budget = (long)Math.Max(2 * rows / Math.Max(1, _pieces.Count), Patience * collecting / (following / Math.Max(1, rows) + TestNs));
        foreach (VectorPiece piece in _pieces)
        {
            if (piece.Count == 0 || Follow(piece, filter, ref budget)) continue;
            _found.Clear();
            _recall!.Forget();
            _failsNearby = true;
            return false;
        }
        _strategies.Add(name);
        return true;
    }

    private bool Follow(VectorPiece piece, IRowFilter filter, ref long budget)
    {
        VectorPart part = piece.Part!;
        int effort = _recall!.EffortOf(part, _limit);
        using var stream = new VectorStream(piece, _query, Metric, _limit, effort);
        if (part.Structure is null) _recall.AddScan(piece.Count);
        else _recall.AddSearch(part, piece.Count, _limit, effort);
        int batch = Math.Clamp(part.Structure?.FirstBatch(_limit, effort) ?? _limit, 16, FilterBatch);
        long[] rowIds = new long[batch];
        float[] near = new float[batch];
        bool[] accepted = new bool[batch];
        int passed = 0, tested = 0;
        while (passed < _limit)
        {
            int count = 0;
            while (count < batch && stream.Next(ref _stats, _request!.Cancellation) is { } next) (near[count], rowIds[count++]) = (next.Distance, next.RowId);
            filter.Test(rowIds.AsSpan(0, count), accepted.AsSpan(0, count));
            _tested += count;
            for (int i = 0; i < count; i++)
            {
                if (!accepted[i])
                {
                    _rejected++;
                    continue;
                }
                _found.Add((near[i], rowIds[i]));
                passed++;
            }
            if (count < batch) return true;
            budget -= count;
            tested += count;
            // What passed so far is the sample that tells how far there is to go.
            if (passed < _limit && (double)_limit * (tested + 2) / (passed + 1) - tested > budget) return false;
        }
        return true;
    }

    private void Collect(IRowFilter filter)
    {
        ReadOnlyMemory<long> matches = filter.CollectMatches();
        _matches = matches;
        int at = 0;
        foreach (VectorPiece piece in _pieces)
        {
            int end = at + LowerBound(matches.Span[at..], piece.Range.EndRowId);
            piece.SetMatches(matches.Span[at..end]);
            at = end;
        }
    }

    private void SearchMatches(VectorPiece piece)
    {
        int matches = piece.Matches;
        if (matches == 0) return;
        VectorPart part = piece.Part!;
        var neighbors = new Neighbor[Math.Min(_limit, matches)];
        int linked = matches - piece.UnlinkedMatches.Length, effort = _recall!.EffortOf(part, neighbors.Length);
        if (part.Structure is { } structure && structure.Choose(linked, piece.LinkedEnd, neighbors.Length, effort, _failsNearby) == FilterStrategy.Structure)
        {
            _strategies.Add(structure.Name + " filtered");
            int scans = _stats.ExactScans;
            int k = Math.Min(neighbors.Length, linked);
            Take(piece, neighbors.AsSpan(0, structure.SearchMatches(piece.LinkedMatches, linked, _query, k, effort, neighbors, ref _stats, _request!.Cancellation)));
            bool wasScanned = _stats.ExactScans > scans;
            if (wasScanned) _strategies.Add("exact");
            if (wasScanned) _recall.AddScan(matches);
            else _recall.AddSearch(part, matches, k, effort, isCalibrated: false);
        }
        else if (linked > 0)
        {
            _strategies.Add("exact");
            _recall.AddScan(matches);
            Take(piece, neighbors.AsSpan(0, ExactSearch.Search(part.Store, Metric, piece.LinkedMatches, _query, neighbors.Length, neighbors, ref _stats, _request!.Cancellation)));
        }
        if (piece.UnlinkedMatches.Length == 0) return;
        _strategies.Add("exact");
        Take(piece, neighbors.AsSpan(0, ExactSearch.Search(part.Store, Metric, piece.UnlinkedMatches, _query, neighbors.Length, neighbors, ref _stats, _request!.Cancellation)));
    }

    /// <summary>Those whose vector is null; all of them, if the query is.</summary>
    private void FindRowsWithoutVector()
    {
        _rest = [];
        bool all = _request!.Query is null;
        if (_request.Filter is { } filter)
        {
            if (_matches is null) Collect(filter);
            int piece = 0;
            foreach (long rowId in _matches!.Value.Span)
            {
                while (rowId >= _pieces[piece].Range.EndRowId) piece++;
                if (all || _pieces[piece].NodeOf(rowId) < 0) _rest.Add(rowId);
            }
            return;
        }
        foreach (VectorPiece piece in _pieces)
        {
            _request.Cancellation.ThrowIfCancellationRequested();
            piece.AddVisible(_rest, all);
        }
    }

    private DistanceMetric Metric => _index.Structures.Metric;

    private void Take(VectorPiece piece, ReadOnlySpan<Neighbor> neighbors)
    {
        foreach (Neighbor neighbor in neighbors) _found.Add((neighbor.Distance, piece.RowIdOf(neighbor.Id)));
    }

    private static int LowerBound(ReadOnlySpan<long> sorted, long value)
    {
        int at = sorted.BinarySearch(value);
        return at < 0 ? ~at : at;
    }
}
