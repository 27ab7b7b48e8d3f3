using VecSql.Core.Errors;
using VecSql.Storage.Indexes;
using VecSql.Storage.Log;
using VecSql.Storage.Memtables;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;
using VecSql.Vectors.Memory;

namespace VecSql.Storage.Databases;

/// <summary>
/// Five threads: one flushes frozen memtables and shortens the log, one compacts, one does what inserts left to do in indexes, one measures the recall of structures that grow, one keeps
/// indexes within their memory. None holds a lock that readers or writers wait for while it writes files. What costs processor time gives way to statements (<see cref="WorkPace"/>).
/// A failure (a full disk) is not lost: it comes again with the next round, and the log keeps what wasn't flushed.
/// </summary>
internal sealed partial class DatabaseStore
{
    private const int FlushIntervalMs = 50;
    private const int CompactionIntervalMs = 500;
    private const int IndexIntervalMs = 5;
    private const int MemoryIntervalMs = 100;
    private const int ReleaseIntervalMs = 10;
    private const int PauseAfterFailureMs = 2000;

    /// <summary>So many adjacent segments of about one size become one.</summary>
    private const int MergedSegments = 4;
    private const long LargestSegmentRows = 64L << 20;
    private const double DeadShare = 0.3;

    /// <summary>Shares of a searched segment's rows: of younger ones, or of dead ones, from which on it is written anew; while its table is written to, and when it isn't.</summary>
    private const double AddedShare = 0.25, IdleShare = 0.05;

    private readonly List<Thread> _workers = [];
    private readonly WorkPace _pace;
    private bool _isBounded;

    /// <summary>Merges what should be merged now; false if there was nothing to do.</summary>
    internal bool Compact(CancellationToken cancellation)
    {
        bool changed = false;
        foreach (TableStore table in _tables.Values)
        {
            if (!table.IsLogged || table.Damage is not null) continue;
            lock (table.CompactionLock)
                while (!table.HasPendingBuilds && ChooseMerge(table) is { } chosen && Rewrite(table, chosen, cancellation)) changed = true;
        }
        return changed;
    }

    /// <summary>Back-pressure: waits while too many memtables of the table wait for their flush. Not for what an open transaction holds up: it might be this one.</summary>
    internal void WaitForRoom(TableStore table, CancellationToken cancellation)
    {
        if (!_options.HasBackgroundWork) return;
        while (table.FlushableMemtables > _options.MaxFrozenMemtables)
        {
            if (cancellation.IsCancellationRequested) throw new SqlException(SqlState.QueryCanceled, "canceling statement due to user request");
            Thread.Sleep(5);
        }
    }

    private void StartBackgroundWork()
    {
        if (!_options.HasBackgroundWork) return;
        Start("flush", FlushIntervalMs, FlushIfNeeded);
        Start("compaction", CompactionIntervalMs, CompactAndPublish);
        Start("index", IndexIntervalMs, DoIndexWork);
        Start("calibration", CompactionIntervalMs, Calibrate);
        Start("memory", MemoryIntervalMs, BoundMemory);
    }

    private void StopBackgroundWork()
    {
        _stop.Cancel();
        foreach (Thread worker in _workers) worker.Join();
        _workers.Clear();
    }

    private void Start(string what, int intervalMs, Action work)
    {
        var thread = new Thread(() => Repeat(work, intervalMs)) { IsBackground = true, Name = $"{what} {DatabaseOid}" };
        _workers.Add(thread);
        thread.Start();
    }

    private void Repeat(Action work, int intervalMs)
    {
        int wait = intervalMs;
        while (!_stop.Token.WaitHandle.WaitOne(wait))
        {
            wait = intervalMs;
            try
            {
                work();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or SqlException)
            {
                wait = PauseAfterFailureMs;
            }
            catch (Exception e)
            {
                // A broken invariant here is as grave as in a commit.
                _options.FailStop(e);
                return;
            }
        }
    }

    private void FlushIfNeeded()
    {
        bool isLogLong = Log.CurrentFileBytes > _options.CheckpointLogBytes;
        if (!isLogLong && !_tables.Values.Any(t => t.IsLogged && t.Damage is null && t.FlushableMemtables > 0)) return;
        lock (_checkpointLock)
        {
            if (isLogLong)
                foreach (TableStore table in _tables.Values)
                    if (table.IsLogged)
                        table.Freeze();
            RunCheckpoint(isLast: false, _stop.Token);
        }
    }

    private void CompactAndPublish()
    {
        FreezeIdle();
        if (!Compact(_stop.Token)) return;
        lock (_checkpointLock) RunCheckpoint(isLast: false, _stop.Token);
    }

    /// <summary>
    /// Keeps vector indexes within their bound of memory as long as there is one. Searches read blocks then; what else touches mapped files (fetching rows, compaction, verification) leaves
    /// pages behind, which are given back again and again: the system maps many around each that is touched.
    /// </summary>
    private void BoundMemory()
    {
        long bound = _options.Tuning.IndexMemoryBytes;
        for (bool isBounded = bound > 0; isBounded; isBounded = bound > 0 && !_stop.Token.WaitHandle.WaitOne(ReleaseIntervalMs))
        {
            if (BlockCache.Shared.CapacityBytes != bound) BlockCache.Shared.CapacityBytes = bound;
            KeepWithin(isBounded: true);
            _isBounded = true;
            bound = _options.Tuning.IndexMemoryBytes;
        }
        if (!_isBounded || _stop.IsCancellationRequested) return;
        KeepWithin(isBounded: false);
        BlockCache.Shared.CapacityBytes = 0;
        _isBounded = false;
    }

    private void KeepWithin(bool isBounded)
    {
        foreach (TableStore table in _tables.Values)
            foreach (RowRange range in table.Ranges)
                foreach ((_, IndexPart part) in range.Parts)
                    (part as VectorPart)?.KeepWithin(isBounded);
    }

    /// <summary>Threads for what isn't waited for.</summary>
    private int IndexThreads => Math.Min(_options.Tuning.IndexThreads, _options.BuildThreads);

    /// <summary>A part of the work for each memtable in turn, as long as there is any.</summary>
    private void DoIndexWork()
    {
        for (bool isDone = false; !isDone && !_stop.IsCancellationRequested;)
        {
            isDone = true;
            foreach (TableStore table in _tables.Values)
            {
                if (table.Damage is not null) continue;
                foreach (Memtable memtable in table.Ranges.OfType<Memtable>())
                    foreach (IndexStore index in table.Indexes)
                        if (index.DoLeftWork(memtable, IndexThreads, _pace.Breathe))
                            isDone = false;
            }
        }
    }

    /// <summary>Structures that grow, and files that were written without, are measured once and again when they have doubled.</summary>
    internal void Calibrate()
    {
        foreach (TableStore table in _tables.Values)
            if (table.Damage is null)
                foreach (IndexStore index in table.Indexes) index.Calibrate(table.Ranges, _pace.Breathe, _stop.Token);
    }

    /// <summary>Adjacent segments to be made one: four or more of about one size, or one with many dead rows that no snapshot sees.</summary>
    private List<RowRange>? ChooseMerge(TableStore table)
    {
        if (table.Indexes.Any(i => i.WantsFewSegments)) return ChooseSearchedMerge(table);
        RowRange[] ranges = table.Ranges;
        long horizon = Horizon;
        for (int first = 0; first < ranges.Length; first++)
        {
            if (ranges[first] is not Segment segment) break;
            if (segment.DeletedBefore(horizon) > segment.RowCount * DeadShare) return [segment];
            int tier = TierOf(segment);
            long rows = 0;
            int end = first;
            while (end < ranges.Length && ranges[end] is Segment next && TierOf(next) <= tier && next.Layout.IsSameAs(segment.Layout) && rows + next.RowCount <= LargestSegmentRows)
            {
                rows += next.RowCount;
                end++;
            }
            if (end - first >= MergedSegments) return [.. ranges[first..end]];
        }
        return null;
    }

    /// <summary>
    /// The same where each segment costs every search: younger segments are added to an older one once they are a fair part of it, so that their number grows with the logarithm of the
    /// rows only. The older one's graph is taken over: what is paid for is the younger rows' way into it, and the writing of both. When no one writes, smaller parts will do.
    /// </summary>
    private List<RowRange>? ChooseSearchedMerge(TableStore table)
    {
        RowRange[] ranges = table.Ranges;
        long horizon = Horizon;
        double share = table.IsIdle ? IdleShare : AddedShare;
        for (int first = 0; first < ranges.Length; first++)
        {
            if (ranges[first] is not Segment segment) break;
            long younger = 0;
            int end = first + 1;
            while (end < ranges.Length && ranges[end] is Segment next && next.Layout.IsSameAs(segment.Layout) && segment.RowCount + younger + next.RowCount <= LargestSegmentRows)
            {
                younger += next.RowCount;
                end++;
            }
            if (younger > segment.RowCount * share || segment.DeletedBefore(horizon) > segment.RowCount * share) return [.. ranges[first..end]];
        }
        return null;
    }

    /// <summary>Rows of a memtable that gets no more are better searched in a segment with others.</summary>
    private void FreezeIdle()
    {
        foreach (TableStore table in _tables.Values)
        {
            table.NoteTime();
            if (!table.IsLogged || !table.IsIdle || table.Damage is not null || !table.Indexes.Any(i => i.WantsFewSegments)) continue;
            RowRange[] ranges = table.Ranges;
            if (ranges.Length < 2 || ranges[^1] is not Memtable { IsFrozen: false } active) continue;
            if (active.RowCount > IdleShare * ranges.Sum(r => (long)r.RowCount)) table.Freeze();
        }
    }

    private static int TierOf(Segment segment) => int.Log2(Math.Max(1, segment.RowCount / RowRange.BlockRows)) / 2;
}
