using VecSql.Core.Columns;
using VecSql.Storage.Contracts;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Indexes;

/// <summary>Merges the parts of an index in key order and drops what the snapshot doesn't see.</summary>
internal sealed class MergedKeyCursor : IIndexCursor
{
    private readonly TableReader _reader;
    private readonly List<(PartCursor Cursor, RowRange Range)> _open = [];
    private readonly bool _descending;
    private ByteBuffer? _previous;
    private bool _isEqual;

    public MergedKeyCursor(BTreeIndex index, TableReader reader, in KeyRange range, bool descending)
    {
        _reader = reader;
        _descending = descending;
        foreach (RowRange rows in reader.Ranges)
        {
            if (rows.FindPart(index.Oid) is not KeyPart part) continue;
            PartCursor cursor = part.Open(range, descending);
            if (cursor.MoveNext()) _open.Add((cursor, rows));
        }
    }

    public int Next(Span<long> rowIds)
    {
        _reader.ThrowIfCancelled();
        int found = 0;
        while (found < rowIds.Length && MoveNext(null) is { } rowId) rowIds[found++] = rowId;
        return found;
    }

    /// <summary>The next row whose key is that of the row before; null at the end.</summary>
    public long? NextDuplicate()
    {
        while (true)
        {
            bool isFirst = _previous is null;
            _previous ??= new ByteBuffer(64);
            _isEqual = false;
            if (MoveNext(_previous) is not { } rowId) return null;
            if (_isEqual && !isFirst) return rowId;
        }
    }

    public void Dispose() { }

    /// <summary>The next visible row; its key replaces <paramref name="previous"/>, which it was compared with.</summary>
    private long? MoveNext(ByteBuffer? previous)
    {
        while (_open.Count > 0)
        {
            int first = 0;
            for (int i = 1; i < _open.Count; i++)
            {
                int order = _open[i].Cursor.Key.SequenceCompareTo(_open[first].Cursor.Key);
                if (_descending ? order > 0 : order < 0) first = i;
            }
            (PartCursor cursor, RowRange range) = _open[first];
            long rowId = cursor.RowId;
            int position = range.PositionOf(rowId);
            bool isVisible = position >= 0 && _reader.Snapshot.Sees(range.CreatedAt(position), range.DeletedAt(position));
            if (isVisible && previous is not null)
            {
                _isEqual = cursor.Key.SequenceEqual(previous.WrittenSpan);
                previous.Clear();
                previous.Write(cursor.Key);
            }
            if (!cursor.MoveNext()) _open.RemoveAt(first);
            if (isVisible) return rowId;
        }
        return null;
    }
}
