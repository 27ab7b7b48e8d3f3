using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Indexes;
using VecSql.Storage.Locks;
using VecSql.Storage.Memtables;

namespace VecSql.Storage.Tables;

/// <summary>A table at a snapshot: the ranges as they were when the reader was made, and what of them the snapshot sees.</summary>
internal sealed class TableReader : ITableReader
{
    private readonly TableStore _store;
    private readonly RowRange[] _ranges;
    private readonly IReadOnlyList<IndexStore> _indexes;
    private readonly MissingValues _missing;
    private readonly LockOwner? _owner;
    private IReadOnlyList<IScanPiece>? _pieces;

    /// <param name="belowRowId">Rows below were truncated by this very transaction.</param>
    public TableReader(TableStore store, TableObject table, CatalogSnapshot catalog, Snapshot snapshot, long belowRowId, IReadOnlyList<IndexStore> indexes, LockOwner? owner)
    {
        if (store.Damage is { } damage) throw new SqlException(damage.SqlState, damage.Message, inner: damage);
        _store = store;
        Snapshot = snapshot;
        RowRange[] ranges = store.Ranges;
        _ranges = belowRowId > 0 ? [.. ranges.Where(r => r.FirstRowId >= belowRowId)] : ranges;
        _indexes = indexes;
        _missing = new MissingValues(table, catalog);
        _owner = owner;
    }

    public uint Table => _store.Oid;
    public double EstimatedRows => _store.LiveRows;
    internal Snapshot Snapshot { get; }
    internal RowRange[] Ranges => _ranges;
    internal MissingValues Missing => _missing;

    public IReadOnlyList<IScanPiece> Pieces => _pieces ??= ScanPiece.Cut(this);

    public bool IsVisible(long rowId)
    {
        RowRange? range = TableStore.FindRange(_ranges, rowId);
        int position = range?.PositionOf(rowId) ?? -1;
        return position >= 0 && Snapshot.Sees(range!.CreatedAt(position), range.DeletedAt(position));
    }

    public void Fetch(ReadOnlySpan<long> rowIds, ReadOnlySpan<short> columns, ReadOnlySpan<ColumnBuilder> result)
    {
        for (int start = 0; start < rowIds.Length;)
        {
            // A newer version that the statement waited for may lie in a memtable that was begun since.
            RowRange range = TableStore.FindRange(_ranges, rowIds[start]) ?? _store.FindRange(rowIds[start]) ?? throw new InvariantException($"row {rowIds[start]} of table {Table} doesn't exist");
            int end = start + 1;
            while (end < rowIds.Length && rowIds[end] >= range.FirstRowId && rowIds[end] < range.EndRowId) end++;
            for (int c = 0; c < columns.Length; c++) FetchColumn(range, rowIds[start..end], columns[c], result[c]);
            start = end;
        }
    }

    public IIndexCursor Seek(uint index, in KeyRange range, bool descending) => FindIndex(index).Seek(this, range, descending);

    public IVectorSearch OpenVectorSearch(uint index) => FindIndex(index).OpenVectorSearch(this);

    internal void ThrowIfCancelled()
    {
        // A cursor's reader outlives its statement: the one that runs now counts.
        if (_owner is { Cancellation.IsCancellationRequested: true }) throw new SqlException(SqlState.QueryCanceled, "canceling statement due to user request");
    }

    private IndexStore FindIndex(uint index)
    {
        foreach (IndexStore candidate in _indexes)
            if (candidate.Oid == index)
                return candidate;
        throw new InvariantException($"table {Table} has no index {index}");
    }

    private void FetchColumn(RowRange range, ReadOnlySpan<long> rowIds, short number, ColumnBuilder result)
    {
        int place = range.Layout.PlaceOf(number);
        if (place < 0)
        {
            Column missing = _missing.Of(number, 1);
            for (int i = 0; i < rowIds.Length; i++) result.AppendFrom(missing, 0);
            return;
        }
        int block = -1;
        Column? view = null;
        foreach (long rowId in rowIds)
        {
            int position = range.PositionOf(rowId);
            Invariant.Check(position >= 0);
            if (position / RowRange.BlockRows != block || view!.Length <= position % RowRange.BlockRows)
            {
                block = position / RowRange.BlockRows;
                int start = block * RowRange.BlockRows;
                view = range.View(place, start, Math.Min(RowRange.BlockRows, range.RowCount - start));
            }
            result.AppendFrom(view, position % RowRange.BlockRows);
        }
    }
}
