using System.Collections.Concurrent;
using VecSql.Core.Columns;
using VecSql.Storage.Indexes;
using VecSql.Storage.Memtables;

namespace VecSql.Storage.Tables;

/// <summary>
/// Row versions with numbers in [FirstRowId, EndRowId): a memtable or a segment. A table is a list of ranges in ascending order that don't overlap. Within a range a row has
/// a position, 0 … RowCount-1; positions follow row numbers, and a row that lies in the range may be missing (dropped as dead).
/// Rows are handled in blocks of 2048 positions.
/// </summary>
internal abstract class RowRange(long firstRowId, TableLayout layout)
{
    public const int BlockRows = ColumnBatch.MaxRows;

    private readonly ConcurrentDictionary<uint, IndexPart> _indexParts = new();

    public long FirstRowId => firstRowId;
    public abstract long EndRowId { get; }
    public TableLayout Layout => layout;

    /// <summary>Positions that may be read.</summary>
    public abstract int RowCount { get; }
    public abstract long MemoryBytes { get; }
    public abstract long DiskBytes { get; }

    /// <summary>The position of a row; -1 if it isn't here.</summary>
    public abstract int PositionOf(long rowId);
    public abstract long RowIdAt(int position);
    public abstract long CreatedAt(int position);
    public abstract long DeletedAt(int position);

    /// <summary>Rows that were deleted or given up, by whomever, about: many snapshots don't see them.</summary>
    public abstract int DeadRows { get; }

    /// <summary>Whether a snapshot sees a row.</summary>
    public virtual bool Sees(in Snapshot snapshot, int position) => snapshot.Sees(CreatedAt(position), DeletedAt(position));

    /// <summary>Replaces the deletion stamp; under the table's stamp lock.</summary>
    public abstract void SetDeleted(int position, long stamp);

    /// <summary>
    /// The visible ones among positions start … start+count-1 of one block: their offsets from start, ascending. Returns how many; if it equals count, the array isn't filled.
    /// </summary>
    public abstract int SelectVisible(int start, int count, in Snapshot snapshot, int[] offsets);

    /// <summary>A view of a column of positions of one block; start is a multiple of 8.</summary>
    public abstract Column View(int place, int start, int count);

    /// <summary>Row numbers of positions of one block.</summary>
    public abstract void CopyRowIds(int start, Span<long> rowIds);

    /// <summary>False if certainly no row of the block qualifies.</summary>
    public virtual bool MayHold(int start, IReadOnlyList<Contracts.ColumnBound> bounds) => true;

    public IndexPart? FindPart(uint index) => _indexParts.GetValueOrDefault(index);
    public void SetPart(uint index, IndexPart part) => _indexParts[index] = part;

    public IndexPart? RemovePart(uint index)
    {
        _indexParts.TryRemove(index, out IndexPart? part);
        return part;
    }

    public IEnumerable<KeyValuePair<uint, IndexPart>> Parts => _indexParts;
}
