using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Memtables;

namespace VecSql.Storage.Tables;

/// <summary>Positions [start, end) of one range: whole blocks, or a part of one that begins at a multiple of 8.</summary>
internal sealed class ScanPiece(TableReader reader, RowRange range, int start, int end) : IScanPiece
{
    /// <summary>A worker's share: large enough that handing it out costs nothing, small enough that all workers end together.</summary>
    private const int PieceRows = 16 * RowRange.BlockRows;

    public double EstimatedRows => end - start;

    public ITableCursor Open(ReadOnlySpan<short> columns, bool withRowIds, IReadOnlyList<ColumnBound> bounds) =>
        new TableCursor(reader, range, start, end, columns.ToArray(), withRowIds, bounds);

    public IReadOnlyList<IScanPiece> Split(int rows)
    {
        Invariant.Check(int.IsPow2(rows) && rows is >= 8 and <= RowRange.BlockRows);
        var pieces = new List<IScanPiece>();
        for (int first = start; first < end; first += rows) pieces.Add(new ScanPiece(reader, range, first, Math.Min(end, first + rows)));
        return pieces;
    }

    public static IReadOnlyList<IScanPiece> Cut(TableReader reader)
    {
        var pieces = new List<IScanPiece>();
        foreach (RowRange range in reader.Ranges)
        {
            int count = range.RowCount;
            for (int start = 0; start < count; start += PieceRows) pieces.Add(new ScanPiece(reader, range, start, Math.Min(count, start + PieceRows)));
        }
        return pieces;
    }
}

/// <summary>Block by block: the selection is what the snapshot sees, the columns are views of the range's own buffers.</summary>
internal sealed class TableCursor(TableReader reader, RowRange range, int start, int end, short[] columns, bool withRowIds, IReadOnlyList<ColumnBound> bounds) : ITableCursor
{
    private readonly int[] _offsets = new int[RowRange.BlockRows];
    private readonly ColumnBuilder<long>? _rowIds = withRowIds ? new ColumnBuilder<long>() : null;
    private int _next = start;

    public ColumnBatch? Next()
    {
        reader.ThrowIfCancelled();
        while (_next < end)
        {
            int first = _next;
            int count = Math.Min(RowRange.BlockRows, end - first);
            _next += count;
            if (bounds.Count > 0 && !range.MayHold(first, bounds)) continue;
            int selected = range.SelectVisible(first, count, reader.Snapshot, _offsets);
            if (selected > 0) return Batch(first, count, selected);
        }
        return null;
    }

    public void Dispose() { }

    private ColumnBatch Batch(int first, int count, int selected)
    {
        var batch = new Column[columns.Length + (_rowIds is null ? 0 : 1)];
        for (int i = 0; i < columns.Length; i++)
        {
            int place = range.Layout.PlaceOf(columns[i]);
            batch[i] = place < 0 ? reader.Missing.Of(columns[i], count) : range.View(place, first, count);
        }
        if (_rowIds is not null)
        {
            range.CopyRowIds(first, _rowIds.Fill(count));
            batch[^1] = _rowIds.Build();
        }
        return new ColumnBatch(batch, count, selected == count ? Selection.All(count) : Selection.Of(_offsets, selected));
    }
}
