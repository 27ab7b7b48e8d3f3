using VecSql.Storage.Contracts;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Indexes;

/// <summary>Merges the parts of an index in key order and drops what the snapshot doesn't see.</summary>
internal sealed class MergedKeyCursor : IIndexCursor
{
    private readonly TableReader _reader;
    private readonly List<(PartCursor Cursor, RowRange Range)> _open = [];
    private readonly bool _descending;

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
        while (found < rowIds.Length && _open.Count > 0)
        {
            int first = 0;
            for (int i = 1; i < _open.Count; i++)
            {
                int order = _open[i].Cursor.Key.SequenceCompareTo(_open[first].Cursor.Key);
                if (_descending ? order > 0 : order < 0) first = i;
            }
            (PartCursor cursor, RowRange range) = _open[first];
            int position = range.PositionOf(cursor.RowId);
            if (position >= 0 && _reader.Snapshot.Sees(range.CreatedAt(position), range.DeletedAt(position))) rowIds[found++] = cursor.RowId;
            if (!cursor.MoveNext()) _open.RemoveAt(first);
        }
        return found;
    }

    public void Dispose() { }
}
