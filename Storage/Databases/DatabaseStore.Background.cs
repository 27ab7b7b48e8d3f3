using VecSql.Core.Errors;
using VecSql.Storage.Indexes;
using VecSql.Storage.Log;
using VecSql.Storage.Memtables;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Databases;

/// <summary>
/// Three threads: one flushes frozen memtables and shortens the log, one compacts, one does what inserts left to do in indexes. None holds a lock that readers or writers wait for while
/// it writes files. What costs processor time gives way to statements (<see cref="WorkPace"/>).
/// A failure (a full disk) is not lost: it comes again with the next round, and the log keeps what wasn't flushed.
/// </summary>
internal sealed partial class DatabaseStore
{
    private const int FlushIntervalMs = 50;
    private const int CompactionIntervalMs = 500;
    private const int IndexIntervalMs = 5;
    private const int PauseAfterFailureMs = 2000;

    /// <summary>So many adjacent segments of about one size become one.</summary>
    private const int MergedSegments = 4;
    private const long LargestSegmentRows = 64L << 20;
    private const double DeadShare = 0.3;

    private readonly List<Thread> _workers = [];
    private readonly WorkPace _pace;

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
        if (!Compact(_stop.Token)) return;
        lock (_checkpointLock) RunCheckpoint(isLast: false, _stop.Token);
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

    /// <summary>Adjacent segments to be made one: four or more of about one size, or one with many dead rows that no snapshot sees.</summary>
    private List<RowRange>? ChooseMerge(TableStore table)
    {
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

    private static int TierOf(Segment segment) => int.Log2(Math.Max(1, segment.RowCount / RowRange.BlockRows)) / 2;
}
