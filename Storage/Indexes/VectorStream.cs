using VecSql.Vectors;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>Visible rows of a piece that have a vector, in about the order of their distance, each once, to the very last: the structure by a resumable cursor, unlinked rows by an exact scan.</summary>
internal sealed class VectorStream : IDisposable
{
    private readonly VectorPiece _piece;
    private readonly VisibleNodes _visible;
    private readonly float[] _query;
    private readonly DistanceMetric _metric;
    private readonly NeighborCursor? _cursor;
    private readonly Neighbor[] _buffer = new Neighbor[64];
    private Neighbor[] _scanned = [];
    private int _scannedAt, _scannedCount, _at, _count;
    private Neighbor? _fromCursor;
    private bool _hasBegun;

    public VectorStream(VectorPiece piece, float[] query, DistanceMetric metric, int k, int effort)
    {
        (_piece, _query, _metric) = (piece, query, metric);
        _visible = piece.Visible(piece.Count);
        _cursor = piece.Part!.Structure?.OpenCursor(query, k, effort);
    }

    /// <summary>The nearer of the cursor's and the scan's next; null at the end.</summary>
    public (float Distance, long RowId)? Next(ref SearchStats stats, CancellationToken cancellation)
    {
        int linkedEnd = _cursor is null ? 0 : _piece.LinkedEnd;
        if (!_hasBegun)
        {
            _hasBegun = true;
            if (linkedEnd < _piece.Count)
            {
                _scanned = new Neighbor[_piece.Count - linkedEnd];
                _scannedCount = ExactSearch.Search(_piece.Part!.Store, _metric, linkedEnd, _piece.Count, _visible, _query, _scanned.Length, _scanned, ref stats, cancellation);
            }
        }
        while (_fromCursor is null && _cursor is not null)
        {
            if (_at == _count)
            {
                _count = _cursor.Next(_buffer, ref stats, cancellation);
                _at = 0;
                if (_count == 0) break;
            }
            Neighbor next = _buffer[_at++];
            if (next.Id < linkedEnd && _visible.Accept(next.Id)) _fromCursor = next;
        }
        Neighbor? fromScan = _scannedAt < _scannedCount ? _scanned[_scannedAt] : null;
        Neighbor? nearest = fromScan;
        if (_fromCursor is { } c && (fromScan is not { } s || VectorSearch.Order(c.Distance, s.Distance) <= 0))
        {
            nearest = c;
            _fromCursor = null;
        }
        else if (fromScan is not null)
        {
            _scannedAt++;
        }
        return nearest is { } found ? (found.Distance, _piece.RowIdOf(found.Id)) : null;
    }

    public void Dispose() => _cursor?.Dispose();
}
