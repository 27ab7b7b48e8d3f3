using VecSql.Core.Columns;

namespace VecSql.Storage.Memtables;

/// <summary>Up to 2048 consecutive rows of a memtable with their stamps.</summary>
internal sealed class MemtableChunk
{
    public const int Rows = ColumnBatch.MaxRows;

    public readonly MemtableColumn[] Columns;
    public readonly long[] Created = new long[Rows];

    /// <summary>Null until the first row of the chunk is deleted.</summary>
    public long[]? Deleted;

    public MemtableChunk(TableLayout layout)
    {
        Columns = new MemtableColumn[layout.Count];
        for (int i = 0; i < Columns.Length; i++) Columns[i] = new MemtableColumn(layout.Columns[i].Kind, Rows);
    }

    public long MemoryBytes
    {
        get
        {
            long bytes = Created.Length * 16L;
            foreach (MemtableColumn column in Columns) bytes += column.MemoryBytes;
            return bytes;
        }
    }
}
