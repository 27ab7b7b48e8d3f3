using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Log;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Memtables;

/// <summary>
/// The newest rows of a table, in memory: chunks of 2048 rows, append-only. One thread appends at a time (the table's append lock); readers take no lock: what lies below
/// <see cref="RowCount"/> doesn't change but for its stamps. A frozen memtable gets no more rows and is on its way into a segment.
/// </summary>
internal sealed class Memtable(long firstRowId, TableLayout layout, LogFileName firstLogFile) : RowRange(firstRowId, layout)
{
    private MemtableChunk[] _chunks = new MemtableChunk[4];
    private int _rowCount;
    private long _memoryBytes;
    private int _deadRows;

    /// <summary>The first log file that may hold rows of this memtable: it and later ones are needed until the memtable is flushed.</summary>
    public LogFileName FirstLogFile => firstLogFile;

    /// <summary>Set under the table's append lock.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Rows that no snapshot to come will see: deleted for good, or never created.</summary>
    public override int DeadRows => Volatile.Read(ref _deadRows);

    public override int RowCount => Volatile.Read(ref _rowCount);
    public override long EndRowId => FirstRowId + RowCount;
    public override long MemoryBytes => Volatile.Read(ref _memoryBytes);
    public override long DiskBytes => 0;

    public void Freeze() => IsFrozen = true;

    /// <summary>Appends the rows from place <paramref name="from"/> of the batch's selection on, as many as fit the current chunk; returns how many. They bear the stamp.</summary>
    public int Append(ReadOnlySpan<Column> columns, Selection rows, int from, long createdStamp)
    {
        MemtableChunk chunk = ChunkForAppend(out int start);
        int count = Math.Min(rows.Count - from, MemtableChunk.Rows - start);
        long before = chunk.MemoryBytes;
        for (int i = 0; i < chunk.Columns.Length; i++) chunk.Columns[i].Append(columns[i], rows, from, start, count);
        chunk.Created.AsSpan(start, count).Fill(createdStamp);
        _memoryBytes += chunk.MemoryBytes - before;
        Volatile.Write(ref _rowCount, _rowCount + count);
        return count;
    }

    /// <summary>Appends numbers that no row has: a failed transaction's, met in recovery.</summary>
    public void AppendHoles(long count)
    {
        while (count > 0)
        {
            MemtableChunk chunk = ChunkForAppend(out int start);
            int now = (int)Math.Min(count, MemtableChunk.Rows - start);
            foreach (MemtableColumn column in chunk.Columns) column.AppendHoles(start, now);
            chunk.Created.AsSpan(start, now).Fill(RowStamp.Aborted);
            Volatile.Write(ref _rowCount, _rowCount + now);
            count -= now;
        }
    }

    /// <summary>Replaces the creation stamps but of rows that were given up; returns how many.</summary>
    public int SetCreated(int start, int count, long stamp)
    {
        int changed = 0;
        for (int position = start; position < start + count; position++)
        {
            ref long created = ref Chunk(position).Created[position % MemtableChunk.Rows];
            if (created == RowStamp.Aborted) continue;
            Volatile.Write(ref created, stamp);
            changed++;
        }
        if (stamp == RowStamp.Aborted) Interlocked.Add(ref _deadRows, changed);
        return changed;
    }

    /// <summary>True if no row's creation is still open.</summary>
    public bool IsSettled
    {
        get
        {
            int count = RowCount;
            for (int start = 0; start < count; start += MemtableChunk.Rows)
            {
                ReadOnlySpan<long> created = Chunk(start).Created.AsSpan(0, Math.Min(MemtableChunk.Rows, count - start));
                foreach (long stamp in created)
                    if (RowStamp.IsInProgress(stamp))
                        return false;
            }
            return true;
        }
    }

    public override int PositionOf(long rowId) => (ulong)(rowId - FirstRowId) < (ulong)RowCount ? (int)(rowId - FirstRowId) : -1;
    public override long RowIdAt(int position) => FirstRowId + position;
    public override long CreatedAt(int position) => Volatile.Read(ref Chunk(position).Created[position % MemtableChunk.Rows]);

    public override long DeletedAt(int position) =>
        Volatile.Read(ref Chunk(position).Deleted) is { } deleted ? Volatile.Read(ref deleted[position % MemtableChunk.Rows]) : RowStamp.None;

    public override void SetDeleted(int position, long stamp)
    {
        MemtableChunk chunk = Chunk(position);
        if (chunk.Deleted is null) Volatile.Write(ref chunk.Deleted, new long[MemtableChunk.Rows]);
        Volatile.Write(ref chunk.Deleted[position % MemtableChunk.Rows], stamp);
        if (stamp != RowStamp.None && !RowStamp.IsInProgress(stamp)) Interlocked.Increment(ref _deadRows);
    }

    public override int SelectVisible(int start, int count, in Snapshot snapshot, int[] offsets)
    {
        MemtableChunk chunk = Chunk(start);
        int first = start % MemtableChunk.Rows;
        Invariant.Check(first + count <= MemtableChunk.Rows);
        ReadOnlySpan<long> created = chunk.Created.AsSpan(first, count);
        int selected = 0;
        if (Volatile.Read(ref chunk.Deleted) is { } all)
        {
            ReadOnlySpan<long> deleted = all.AsSpan(first, count);
            for (int i = 0; i < created.Length; i++)
                if (snapshot.Sees(created[i], deleted[i]))
                    offsets[selected++] = i;
            return selected;
        }
        for (int i = 0; i < created.Length; i++)
            if (snapshot.Happened(created[i]))
                offsets[selected++] = i;
        return selected;
    }

    public override Column View(int place, int start, int count) => Chunk(start).Columns[place].View(start % MemtableChunk.Rows, count);

    public override void CopyRowIds(int start, Span<long> rowIds)
    {
        for (int i = 0; i < rowIds.Length; i++) rowIds[i] = FirstRowId + start + i;
    }

    public MemtableColumn ColumnAt(int place, int position) => Chunk(position).Columns[place];

    private MemtableChunk Chunk(int position) => Volatile.Read(ref _chunks)[position / MemtableChunk.Rows];

    private MemtableChunk ChunkForAppend(out int start)
    {
        Invariant.Check(!IsFrozen);
        start = _rowCount % MemtableChunk.Rows;
        int chunk = _rowCount / MemtableChunk.Rows;
        if (start > 0) return _chunks[chunk];
        if (chunk == _chunks.Length)
        {
            var grown = new MemtableChunk[_chunks.Length * 2];
            _chunks.CopyTo(grown, 0);
            Volatile.Write(ref _chunks, grown);
        }
        _chunks[chunk] = new MemtableChunk(Layout);
        _memoryBytes += _chunks[chunk].MemoryBytes;
        return _chunks[chunk];
    }
}
