using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Catalogs;
using VecSql.Storage.Files;
using VecSql.Storage.Log;
using VecSql.Storage.Manifests;
using VecSql.Storage.Memtables;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;
using VecSql.Storage.Transactions;

namespace VecSql.Storage.Databases;

/// <summary>
/// A checkpoint makes the log short:
/// 1. At one place in the log's order: go on in a new file, and note the catalog, sequences and position as they are there.
/// 2. Flush memtables whose rows are all decided, oldest first; write deletion vectors.
/// 3. Put a manifest that names it all, and the oldest log file that is still needed.
/// 4. Only then delete older log files and the files that no manifest names any more.
/// One at a time; readers and writers go on.
/// </summary>
internal sealed partial class DatabaseStore
{
    private readonly Lock _checkpointLock = new();
    private readonly Lock _publishLock = new();
    private readonly List<string> _garbage = [];
    private long _nextObject;

    public void Checkpoint(CancellationToken cancellation)
    {
        try
        {
            lock (_checkpointLock)
            {
                foreach (TableStore table in _tables.Values)
                    if (table.IsLogged)
                        table.Freeze();
                RunCheckpoint(isLast: false, cancellation);
            }
        }
        catch (DiskFullException e)
        {
            throw new SqlException(SqlState.DiskFull, e.Message, inner: e);
        }
        catch (OperationCanceledException)
        {
            throw new SqlException(SqlState.QueryCanceled, "canceling statement due to user request");
        }
    }

    /// <summary>An orderly end: everything into segments, so that the next start has nothing to replay.</summary>
    private void Close()
    {
        lock (_checkpointLock)
        {
            try
            {
                foreach (TableStore table in _tables.Values)
                    if (table.IsLogged)
                        table.Freeze();
                RunCheckpoint(isLast: true, CancellationToken.None);
            }
            catch (Exception e) when (e is IOException or SqlException)
            {
                // What couldn't be checkpointed is in the log.
            }
            foreach (TableStore table in _tables.Values) DisposeRanges(table.Ranges);
        }
    }

    private void RunCheckpoint(bool isLast, CancellationToken cancellation)
    {
        var barrier = new CheckpointRequest(this, isLast);
        Log.Submit(barrier);
        foreach (TableStore table in _tables.Values)
        {
            if (!table.IsLogged || table.Damage is not null) continue;
            lock (table.FlushLock)
                while (FlushOldest(table, cancellation)) { }
            table.ForgetSuccessors(Horizon);
        }
        // From the deletion vectors to the manifest that names them no compaction may swap segments: their deletions would be in neither.
        lock (_publishLock)
        {
            foreach (TableStore table in _tables.Values)
                if (table.IsLogged && table.Damage is null)
                    WriteDeletions(table);
            PutManifest(barrier);
        }
    }

    /// <summary>Flushes the table's oldest memtable if it can be; false if not. Under its flush lock.</summary>
    private bool FlushOldest(TableStore table, CancellationToken cancellation)
    {
        if (table.HasPendingBuilds) return false;
        Memtable? oldest = table.Ranges.OfType<Memtable>().FirstOrDefault();
        if (oldest is null || !oldest.IsFrozen || !oldest.IsSettled) return false;
        return Rewrite(table, [oldest], cancellation);
    }

    /// <summary>
    /// Writes the living rows of adjacent ranges of one layout into one segment with all its index files, and puts it in their place. False if they are no part of the table
    /// any more. Under the table's flush or compaction lock.
    /// </summary>
    private bool Rewrite(TableStore table, IReadOnlyList<RowRange> old, CancellationToken cancellation)
    {
        long id = Interlocked.Increment(ref _nextObject);
        var created = new List<string>();
        bool isReplaced = false;
        try
        {
            Segment? segment = WriteSegment(table, old, old[0].Layout, id, created, cancellation);
            lock (_publishLock)
            {
                lock (table.StampLock)
                {
                    if (segment is not null) CopyDeletions(old, segment);
                    isReplaced = table.TryReplace(old, segment is null ? [] : [segment]);
                }
            }
            if (isReplaced) Retire([.. old]);
            return isReplaced;
        }
        finally
        {
            if (!isReplaced)
            {
                foreach (string path in created) Files.Delete(path);
                foreach (Indexes.IndexStore index in table.Indexes)
                    foreach (RowRange range in old) index.Resume(range);
            }
        }
    }

    private Segment? WriteSegment(TableStore table, IReadOnlyList<RowRange> old, TableLayout layout, long id, List<string> created, CancellationToken cancellation)
    {
        Files.CreateDirectory($"{Shard}/seg");
        Files.CreateDirectory($"{Shard}/idx");
        Files.CreateDirectory($"{Shard}/del");
        TableObject? definition = Catalog.Find<TableObject>(table.Oid);
        string[] names = [.. layout.Columns.ToArray().Select(c => definition is not null && c.Number <= definition.Columns.Length ? definition.Columns[c.Number - 1].Name : $"column{c.Number}")];
        string data = $"{Shard}/seg/{ObjectName(id)}.arrow", zones = $"{Shard}/seg/{ObjectName(id)}.zones";
        var writer = new SegmentWriter(Files, layout, names, old, Horizon, null, cancellation);
        if (writer.Write(data, zones) is not { } written) return null;
        created.Add(data);
        created.Add(zones);
        Segment segment = Segment.Open(Files, new SegmentManifest
        {
            Id = id, FirstRowId = old[0].FirstRowId, EndRowId = old[^1].EndRowId, RowCount = written.Content.RowCount, Data = written.Data, Zones = written.Zones,
        });
        segment.MarkVerified();
        foreach (Indexes.IndexStore index in table.Indexes)
        {
            AttachedIndex? file = WriteIndexFile(table, index, segment, new Indexes.BuildContext(IndexThreads, _ => _pace.Breathe(), cancellation) { Sources = old });
            if (file is null) continue;
            created.Add(file.File.Path);
            segment.AddIndexFile(file);
            OpenPart(index, segment, file);
        }
        return segment;
    }

    private AttachedIndex? WriteIndexFile(TableStore table, Indexes.IndexStore index, Segment segment, Indexes.BuildContext context)
    {
        long id = Interlocked.Increment(ref _nextObject);
        long started = _options.Clock.GetTimestamp();
        if (index.WriteFile(segment, $"{Shard}/idx/{ObjectName(id)}.{index.Definition.Method}", context) is not { } file) return null;
        var facts = new Indexes.IndexBuildFacts { FinishedAtMicros = NowMicros, DurationMicros = (long)_options.Clock.GetElapsedTime(started).TotalMicroseconds, Structure = context.Facts };
        return new AttachedIndex { Table = table.Oid, Segment = segment.Id, Index = index.Oid, File = file, Build = facts };
    }

    private static void OpenPart(Indexes.IndexStore index, Segment segment, AttachedIndex file)
    {
        Indexes.IndexPart part = index.OpenFile(segment, file.File);
        part.BuildFacts = file.Build;
        segment.SetPart(index.Oid, part);
    }

    private static void CopyDeletions(IReadOnlyList<RowRange> old, Segment segment)
    {
        foreach (RowRange range in old)
        {
            int count = range.RowCount;
            for (int position = 0; position < count; position++)
            {
                long deleted = range.DeletedAt(position);
                if (deleted == RowStamp.None) continue;
                int target = segment.PositionOf(range.RowIdAt(position));
                if (target >= 0) segment.SetDeleted(target, deleted);
            }
        }
    }

    private void WriteDeletions(TableStore table)
    {
        foreach (Segment segment in table.Ranges.OfType<Segment>())
        {
            if (!segment.HasNewDeletions) continue;
            long id = Interlocked.Increment(ref _nextObject);
            if (segment.WriteDeletions($"{Shard}/del/{ObjectName(id)}.del", table.StampLock) is { } replaced) AddGarbage(replaced);
        }
    }

    private void PutManifest(CheckpointRequest barrier)
    {
        LogFileName replay = barrier.OldestNeeded!;
        var tables = new List<TableManifest>();
        foreach (TableObject definition in barrier.Catalog.Relations.OfType<TableObject>())
        {
            if (!_tables.TryGetValue(definition.Oid, out TableStore? table) || !table.IsLogged) continue;
            if (table.Damage is not null)
            {
                // Its last known files stay named: whoever repairs them finds them.
                if (_damaged.TryGetValue(definition.Oid, out TableManifest? known)) tables.Add(known);
                continue;
            }
            tables.Add(Describe(table, ref replay));
        }
        _manifests.Put(new Manifest
        {
            Database = DatabaseOid, Lsn = barrier.Lsn, Position = barrier.Position, ReplayEpoch = replay.Epoch, ReplayFile = replay.Number, NextOid = NextOid,
            Catalog = [.. barrier.Catalog.Objects.Where(Transaction.IsLogged)], Tables = tables, Sequences = barrier.Sequences, Statistics = [.. _statistics.Values],
        });
        DeleteLogsBefore(replay);
        CollectGarbage(tables);
    }

    private static TableManifest Describe(TableStore table, ref LogFileName replay)
    {
        var segments = new List<SegmentManifest>();
        long flushed = table.NextRowId;
        foreach (RowRange range in table.Ranges)
        {
            if (range is Segment segment) segments.Add(segment.Manifest);
            else if (range is Memtable memtable)
            {
                flushed = Math.Min(flushed, memtable.FirstRowId);
                if (memtable.FirstLogFile.CompareTo(replay) < 0) replay = memtable.FirstLogFile;
            }
        }
        return new TableManifest { Table = table.Oid, FlushedRowId = flushed, Segments = segments };
    }

    private void DeleteLogsBefore(LogFileName replay)
    {
        foreach (string epochName in Files.List($"{Shard}/wal"))
        {
            if (!long.TryParse(epochName, NumberStyles.None, CultureInfo.InvariantCulture, out long epoch) || epoch > replay.Epoch) continue;
            foreach (string file in Files.List($"{Shard}/wal/{epochName}"))
                if (long.TryParse(file.AsSpan(0, file.Length - 4), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && new LogFileName(epoch, number).CompareTo(replay) < 0)
                    Files.Delete($"{Shard}/wal/{epochName}/{file}");
            if (epoch < replay.Epoch) Files.DeleteDirectory($"{Shard}/wal/{epochName}");
        }
    }

    /// <summary>Ranges that are no part of a table any more: their files go once no manifest names them.</summary>
    private void Retire(RowRange[] ranges)
    {
        foreach (Segment segment in ranges.OfType<Segment>())
            foreach (ObjectReference file in segment.Objects)
                AddGarbage(file);
    }

    private void AddGarbage(ObjectReference file)
    {
        lock (_garbage) _garbage.Add(file.Path);
    }

    /// <summary>Deletes retired files. Invariant I7: the manifest without them is durable.</summary>
    private void CollectGarbage(List<TableManifest> tables)
    {
        HashSet<string> named = NamedFiles(tables);
        lock (_garbage)
        {
            foreach (string path in _garbage)
                if (!named.Contains(path))
                    Files.Delete(path);
            _garbage.RemoveAll(path => !named.Contains(path));
        }
    }

    internal static HashSet<string> NamedFiles(IEnumerable<TableManifest> tables)
    {
        var named = new HashSet<string>();
        foreach (SegmentManifest segment in tables.SelectMany(t => t.Segments))
        {
            named.Add(segment.Data.Path);
            named.Add(segment.Zones.Path);
            if (segment.Deletions is not null) named.Add(segment.Deletions.Path);
            foreach (AttachedIndex index in segment.Indexes) named.Add(index.File.Path);
        }
        return named;
    }

    // Never used again, also by later processes: the epoch in the upper half, a count in the lower.
    private static string ObjectName(long id) => $"{id >> 32:D20}-{id & uint.MaxValue:D20}";

    private static void DisposeRanges(RowRange[] ranges)
    {
        foreach (RowRange range in ranges)
        {
            foreach ((_, Indexes.IndexPart part) in range.Parts) part.Dispose();
            (range as IDisposable)?.Dispose();
        }
    }

    /// <summary>The place in the log's order that a manifest describes.</summary>
    private sealed class CheckpointRequest(DatabaseStore database, bool isLast) : LogRequest
    {
        public override bool HasBody => false;
        public override bool IsBarrier => true;
        public CatalogSnapshot Catalog { get; private set; } = CatalogSnapshot.Empty;
        public long Position { get; private set; }
        public long Lsn { get; private set; }
        public LogFileName? OldestNeeded { get; private set; }
        public List<SequenceState> Sequences { get; private set; } = [];

        public override void WriteBody(ByteBuffer output) => throw new InvariantException("a checkpoint has no body");

        public override void Apply()
        {
            try
            {
                OldestNeeded = database.Log.Rotate();
            }
            catch (DiskFullException e)
            {
                Fail(e);
                return;
            }
            Lsn = database.Log.DurableLsn;
            Position = database.State.Position;
            Catalog = database.State.Catalog;
            Sequences = [.. database._sequences.Values.Select(s => isLast ? s.Current : s.Logged)];
        }
    }
}
