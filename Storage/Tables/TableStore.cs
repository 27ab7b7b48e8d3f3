using System.Collections.Concurrent;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Indexes;
using VecSql.Storage.Log;
using VecSql.Storage.Memtables;

namespace VecSql.Storage.Tables;

/// <summary>
/// A table's rows: an ordered list of ranges, the last of which may be the active memtable, and its indexes.
/// Locks, in this order: <see cref="AppendLock"/> for appending and for the list of ranges, <see cref="StampLock"/> for deletion stamps. Readers take none: they hold a list.
/// </summary>
internal sealed class TableStore(uint oid, bool isLogged, StorageOptions options)
{
    private const int MemtableRows = 1 << 20;

    /// <summary>Old versions of rows that are changed again and again are passed over by every scan: a memtable that is mostly they ends early, and its flush leaves them behind.</summary>
    private const int MostDeadRows = 4 * RowRange.BlockRows;

    private const int QuietTimes = 4;

    private readonly ConcurrentDictionary<long, long> _successors = new();
    private readonly ConcurrentQueue<(long Position, long RowId)> _successorsByAge = new();
    private volatile RowRange[] _ranges = [];
    private volatile IndexStore[] _indexes = [];
    private Memtable? _active;
    private long _nextRowId;
    private long _liveRows;
    private int _pendingBuilds;

    // Of the thread that compacts.
    private (long NextRowId, long LiveRows) _lastWritten;
    private int _quietTimes;

    public uint Oid => oid;

    /// <summary>False for temporary and unlogged tables: their rows live in memory only.</summary>
    public bool IsLogged => isLogged;
    public Lock AppendLock { get; } = new();
    public Lock StampLock { get; } = new();

    /// <summary>One flush at a time; before <see cref="AppendLock"/>.</summary>
    public Lock FlushLock { get; } = new();

    /// <summary>One compaction at a time; before <see cref="AppendLock"/>. Runs beside flushes: they touch other ranges.</summary>
    public Lock CompactionLock { get; } = new();

    /// <summary>True while index builds of open transactions need the ranges as they are: then nothing is flushed or compacted.</summary>
    public bool HasPendingBuilds => Volatile.Read(ref _pendingBuilds) > 0;

    /// <summary>Waits for maintenance that runs, and keeps it away until <see cref="EndBuild"/>.</summary>
    public void BeginBuild()
    {
        lock (CompactionLock)
            lock (FlushLock)
                Interlocked.Increment(ref _pendingBuilds);
    }

    public void EndBuild() => Interlocked.Decrement(ref _pendingBuilds);

    public RowRange[] Ranges => _ranges;

    /// <summary>Frozen memtables that wait, if the oldest of them can be flushed; else 0.</summary>
    public int FlushableMemtables
    {
        get
        {
            int count = 0;
            foreach (RowRange range in _ranges)
            {
                if (range is not Memtable { IsFrozen: true } memtable) continue;
                if (count == 0 && (HasPendingBuilds || !memtable.IsSettled)) return 0;
                count++;
            }
            return count;
        }
    }
    /// <summary>True if nothing was written for a while (<see cref="NoteTime"/>).</summary>
    public bool IsIdle => _quietTimes >= QuietTimes;

    /// <summary>Called twice a second.</summary>
    public void NoteTime()
    {
        (long, long) written = (NextRowId, LiveRows);
        _quietTimes = written == _lastWritten ? _quietTimes + 1 : 0;
        _lastWritten = written;
    }

    public IndexStore[] Indexes => _indexes;
    public long LiveRows => Math.Max(0, Volatile.Read(ref _liveRows));

    /// <summary>What made the table unusable; null if it is fine.</summary>
    public SqlException? Damage { get; set; }

    public long NextRowId
    {
        get
        {
            lock (AppendLock) return _nextRowId;
        }
    }

    public void AddLiveRows(long change) => Interlocked.Add(ref _liveRows, change);

    /// <summary>Appends rows of one chunk; under <see cref="AppendLock"/>. Returns where they are.</summary>
    public (Memtable Memtable, int Start, int Count) Append(TableLayout layout, ReadOnlySpan<Column> columns, Selection rows, int from, long stamp, LogFileName logFile)
    {
        // A memtable in its making may end at any chunk's end; its numbers go on in the next.
        if (_active is { } full && (full.MemoryBytes >= options.MemtableBytes || full.RowCount >= MemtableRows || IsMostlyDead(full) || !full.Layout.IsSameAs(layout))) FreezeActive();
        if (_active is null) StartMemtable(new Memtable(_nextRowId, layout, logFile));
        int start = _active!.RowCount;
        int count = _active.Append(columns, rows, from, stamp);
        _nextRowId += count;
        return (_active, start, count);
    }

    /// <summary>
    /// Appends rows that have their numbers already, in ascending order; numbers left out become holes, or the end of a memtable. Under <see cref="AppendLock"/>.
    /// </summary>
    public (Memtable Memtable, int Start, int Count) AppendRecovered(long rowId, int largestHole, TableLayout layout, ReadOnlySpan<Column> columns, int rowCount, int from,
        long position, LogFileName logFile)
    {
        Invariant.Check(rowId >= _nextRowId);
        if (rowId - _nextRowId > largestHole) FreezeActive();
        else if (rowId > _nextRowId) _active?.AppendHoles(rowId - _nextRowId);
        _nextRowId = rowId;
        return Append(layout, columns, Selection.All(rowCount), from, position, logFile);
    }

    /// <summary>The active memtable gets no more rows. Takes <see cref="AppendLock"/>.</summary>
    public void Freeze()
    {
        lock (AppendLock) FreezeActive();
    }

    /// <summary>Numbers from here on are of rows still to come; the active memtable is frozen, so that the number is a boundary between ranges.</summary>
    public long Cut()
    {
        lock (AppendLock)
        {
            FreezeActive();
            return _nextRowId;
        }
    }

    /// <summary>Takes over a memtable or segment in recovery: in ascending order.</summary>
    public void AddRecovered(RowRange range, long endRowId)
    {
        lock (AppendLock)
        {
            Invariant.Check(range.FirstRowId >= _nextRowId || _ranges.Length == 0);
            FreezeActive();
            _ranges = [.. _ranges, range];
            _nextRowId = Math.Max(_nextRowId, endRowId);
        }
    }

    public void SetNextRowId(long next)
    {
        lock (AppendLock) _nextRowId = Math.Max(_nextRowId, next);
    }

    /// <summary>Puts other ranges in the place of adjacent ones; false if they are gone (truncated meanwhile).</summary>
    public bool TryReplace(IReadOnlyList<RowRange> old, IReadOnlyList<RowRange> with)
    {
        lock (AppendLock)
        {
            RowRange[] ranges = _ranges;
            int first = Array.IndexOf(ranges, old[0]);
            if (first < 0) return false;
            for (int i = 0; i < old.Count; i++) Invariant.Check(ranges[first + i] == old[i]);
            _ranges = [.. ranges[..first], .. with, .. ranges[(first + old.Count)..]];
            return true;
        }
    }

    /// <summary>Drops all ranges below a boundary made by <see cref="Cut"/>; returns them.</summary>
    public RowRange[] DropBelow(long rowId)
    {
        lock (AppendLock)
        {
            RowRange[] dropped = [.. _ranges.Where(r => r.EndRowId <= rowId)];
            _ranges = [.. _ranges.Where(r => r.EndRowId > rowId)];
            return dropped;
        }
    }

    public RowRange? FindRange(long rowId) => FindRange(_ranges, rowId);

    public static RowRange? FindRange(RowRange[] ranges, long rowId)
    {
        int low = 0, high = ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            RowRange range = ranges[middle];
            if (rowId < range.FirstRowId) high = middle - 1;
            else if (rowId >= range.EndRowId) low = middle + 1;
            else return range;
        }
        return null;
    }

    /// <summary>The deletion stamp of a row that exists. Under <see cref="StampLock"/> where it decides what is written.</summary>
    public long DeletedAt(long rowId)
    {
        RowRange? range = FindRange(rowId);
        int position = range?.PositionOf(rowId) ?? -1;
        // A row that compaction dropped was dead for all.
        return position < 0 ? RowStamp.Aborted : range!.DeletedAt(position);
    }

    public void SetDeleted(ReadOnlySpan<long> rowIds, long stamp)
    {
        lock (StampLock)
        {
            foreach (long rowId in rowIds)
            {
                RowRange? range = FindRange(rowId);
                int position = range?.PositionOf(rowId) ?? -1;
                if (position >= 0) range!.SetDeleted(position, stamp);
            }
        }
    }

    public long? SuccessorOf(long rowId) => _successors.TryGetValue(rowId, out long next) ? next : null;
    public void SetSuccessor(long rowId, long next) => _successors[rowId] = next;
    public void RemoveSuccessor(long rowId) => _successors.TryRemove(rowId, out _);

    /// <summary>The update was committed: its link is needed as long as a snapshot is older.</summary>
    public void AgeSuccessor(long rowId, long position) => _successorsByAge.Enqueue((position, rowId));

    public void ForgetSuccessors(long horizon)
    {
        while (_successorsByAge.TryPeek(out (long Position, long RowId) oldest) && oldest.Position < horizon && _successorsByAge.TryDequeue(out oldest))
            _successors.TryRemove(oldest.RowId, out _);
    }

    public void AddIndex(IndexStore index)
    {
        lock (AppendLock)
        {
            _indexes = [.. _indexes.Where(i => i.Oid != index.Oid), index];
            foreach (RowRange range in _ranges) index.EnsurePart(range);
        }
    }

    public IndexStore? RemoveIndex(uint index)
    {
        lock (AppendLock)
        {
            IndexStore? removed = _indexes.FirstOrDefault(i => i.Oid == index);
            _indexes = [.. _indexes.Where(i => i.Oid != index)];
            return removed;
        }
    }

    private bool IsMostlyDead(Memtable memtable) => isLogged && memtable.DeadRows > MostDeadRows && memtable.DeadRows > memtable.RowCount / 2;

    private void StartMemtable(Memtable memtable)
    {
        foreach (IndexStore index in _indexes) index.EnsurePart(memtable);
        _active = memtable;
        _ranges = [.. _ranges, memtable];
    }

    private void FreezeActive()
    {
        if (_active is null) return;
        _active.Freeze();
        _active = null;
    }
}
