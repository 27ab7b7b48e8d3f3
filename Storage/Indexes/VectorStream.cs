using VecSql.Storage.Tables;
using VecSql.Vectors;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>Rows of several parts in about the order of their distance, each once, to the very last: graphs by resumable cursors, unlinked rows by an exact scan.</summary>
internal sealed class VectorStream : IDisposable
{
    private sealed class Source(VectorPart part, VisibleNodes visible, RowRange range, HnswCursor? cursor)
    {
        private readonly Neighbor[] _buffer = new Neighbor[64];
        private Neighbor[] _scanned = [];
        private int _scannedAt, _scannedCount, _at, _count;
        private Neighbor? _fromCursor;

        public VisibleNodes Visible => visible;
        public HnswCursor? Cursor => cursor;
        public VectorPart Part => part;
        public Neighbor? Head { get; private set; }
        public long RowIdOf(Neighbor neighbor) => range.RowIdAt(part.PositionOf(neighbor.Id));

        public void Scan(ReadOnlySpan<float> query, DistanceMetric metric, int first, int end, ref SearchStats stats, CancellationToken cancellation)
        {
            _scanned = new Neighbor[end - first];
            _scannedCount = ExactSearch.Search(part.Store, metric, first, end, visible, query, _scanned.Length, _scanned, ref stats, cancellation);
        }

        /// <summary>The nearer of the cursor's and the scan's next.</summary>
        public void Advance(int linkedEnd, ref SearchStats stats, CancellationToken cancellation)
        {
            while (_fromCursor is null && cursor is not null)
            {
                if (_at == _count)
                {
                    _count = cursor.Next(_buffer, ref stats, cancellation);
                    _at = 0;
                    if (_count == 0) break;
                }
                Neighbor next = _buffer[_at++];
                if (next.Id < linkedEnd && visible.Accept(next.Id)) _fromCursor = next;
            }
            Neighbor? fromScan = _scannedAt < _scannedCount ? _scanned[_scannedAt] : null;
            if (_fromCursor is { } c && (fromScan is not { } s || VectorSearch.Order(c.Distance, s.Distance) <= 0))
            {
                Head = c;
                _fromCursor = null;
                return;
            }
            Head = fromScan;
            if (fromScan is not null) _scannedAt++;
        }
    }

    private readonly List<Source> _sources = [];
    private readonly List<int> _linkedEnds = [];
    private readonly ReadOnlyMemory<float> _query;
    private readonly DistanceMetric _metric;
    private bool _hasBegun;

    public VectorStream(IEnumerable<(VectorPart Part, VisibleNodes Visible, RowRange Range)> parts, ReadOnlyMemory<float> query, DistanceMetric metric, int ef)
    {
        _query = query;
        _metric = metric;
        foreach ((VectorPart part, VisibleNodes visible, RowRange range) in parts)
        {
            int linkedEnd = part.LinkedEnd;
            HnswCursor? cursor = part.Graph is { } graph ? new HnswCursor(graph, query.Span, Math.Max(1, ef)) : null;
            _sources.Add(new Source(part, visible, range, cursor));
            _linkedEnds.Add(cursor is null ? 0 : linkedEnd);
        }
    }

    public (float Distance, long RowId)? Next(ref SearchStats stats, CancellationToken cancellation)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            for (int i = 0; i < _sources.Count; i++)
            {
                int end = _sources[i].Part.Count;
                if (_linkedEnds[i] < end) _sources[i].Scan(_query.Span, _metric, _linkedEnds[i], end, ref stats, cancellation);
                _sources[i].Advance(_linkedEnds[i], ref stats, cancellation);
            }
        }
        int nearest = -1;
        for (int i = 0; i < _sources.Count; i++)
            if (_sources[i].Head is { } head && (nearest < 0 || VectorSearch.Order(head.Distance, _sources[nearest].Head!.Value.Distance) < 0))
                nearest = i;
        if (nearest < 0) return null;
        Source source = _sources[nearest];
        Neighbor found = source.Head!.Value;
        source.Advance(_linkedEnds[nearest], ref stats, cancellation);
        return (found.Distance, source.RowIdOf(found));
    }

    public void Dispose()
    {
        foreach (Source source in _sources) source.Cursor?.Dispose();
    }
}
