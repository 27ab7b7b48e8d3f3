using System.Globalization;
using System.Text.Json;
using VecSql.Arrow;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Storage.Catalogs;
using VecSql.Storage.Files;
using VecSql.Storage.Log;
using VecSql.Storage.Manifests;
using VecSql.Storage.Memtables;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Databases;

/// <summary>
/// Opening a database:
/// 1. Read the current manifest: catalog, sequences, segments.
/// 2. Replay the log from the manifest's position on, whole transactions only; cut a torn tail.
/// 3. Put the replayed rows into memtables, in the order of their numbers; apply deletions.
/// 4. Start a log file of this epoch.
/// Replaying is idempotent: rows below a table's flushed number, and all else up to the manifest's frame, are skipped.
/// </summary>
internal sealed partial class DatabaseStore
{
    private readonly Dictionary<uint, TableManifest> _damaged = [];

    private LogWriter Recover()
    {
        Manifest manifest = _manifests.Load() ?? throw Damage.In($"{Shard}/man", "there is no manifest");
        CatalogSnapshot catalog = CatalogSnapshot.Empty.WithShared(_instance.Shared);
        foreach (CatalogObject value in manifest.Catalog) catalog = catalog.With(value);
        foreach (SequenceState state in manifest.Sequences) _sequences[state.Oid] = new SequenceStore(state.Oid, state.LastValue, state.IsCalled);
        foreach (StoredStatistics statistics in manifest.Statistics) _statistics[statistics.Table] = statistics;
        var replay = new LogReplay(manifest, catalog);
        var sources = new List<ArrowSource>();
        try
        {
            foreach (LogFileName name in ListLogFiles(manifest)) ReplayFile(replay, name, sources);
            foreach (SequenceState state in replay.Sequences.Values)
                if (replay.Catalog.Find<SequenceObject>(state.Oid) is not null)
                    _sequences[state.Oid] = new SequenceStore(state.Oid, state.LastValue, state.IsCalled);
            foreach (StoredStatistics statistics in replay.Statistics) _statistics[statistics.Table] = statistics;
            _lastPosition = Math.Max(manifest.Position, replay.LastPosition);
            _nextOid = Math.Max(manifest.NextOid, replay.NextOid);
            _state = new CommittedState(_lastPosition, replay.Catalog);
            RestoreTables(manifest, replay);
            RemoveStrays(manifest, replay);
        }
        finally
        {
            foreach (ArrowSource source in sources) (source as IDisposable)?.Dispose();
        }
        return new LogWriter(Files, Shard, new LogFileName(_manifests.Epoch, 0), replay.NextLsn, _options.FailStop);
    }

    private List<LogFileName> ListLogFiles(Manifest manifest)
    {
        var names = new List<LogFileName>();
        var first = new LogFileName(manifest.ReplayEpoch, manifest.ReplayFile);
        foreach (string epochName in Files.List($"{Shard}/wal"))
        {
            if (!long.TryParse(epochName, NumberStyles.None, CultureInfo.InvariantCulture, out long epoch)) continue;
            foreach (string file in Files.List($"{Shard}/wal/{epochName}"))
            {
                if (!file.EndsWith(".log", StringComparison.Ordinal) || !long.TryParse(file[..^4], NumberStyles.None, CultureInfo.InvariantCulture, out long number)) continue;
                var name = new LogFileName(epoch, number);
                if (name.CompareTo(first) >= 0) names.Add(name);
            }
        }
        names.Sort();
        if (manifest.ReplayEpoch != 0 && (names.Count == 0 || names[0] != first)) throw Damage.In(first.Path(Shard), "the file is missing");
        return names;
    }

    private void ReplayFile(LogReplay replay, LogFileName name, List<ArrowSource> sources)
    {
        string path = name.Path(Shard);
        // A file whose head didn't get to the disk holds nothing: the head is synced before the first frame.
        if (Files.LengthOf(path) <= LogFormat.FileHeaderBytes && !HasHeader(path, name))
        {
            Files.Delete(path);
            return;
        }
        ArrowSource source = Files.Map(path);
        sources.Add(source);
        var scanner = new LogScanner(source, path, name);
        replay.BeginFile(name, scanner.FirstLsn, path);
        while (scanner.TryRead(out FrameHeader header, out long bodyOffset))
        {
            try
            {
                replay.Read(header, source.Slice(bodyOffset, header.BodyLength));
            }
            catch (Exception e) when (e is LogFormatException or JsonException)
            {
                throw Damage.In(path, $"frame {header.Lsn}: {e.Message}");
            }
        }
        replay.EndFile(scanner.NextLsn);
        if (!scanner.HasTornTail) return;
        using IWritableFile file = Files.OpenForRepair(path);
        file.Truncate(scanner.Offset);
        file.Sync();
    }

    private bool HasHeader(string path, LogFileName name)
    {
        ArrowSource source = Files.Map(path);
        try
        {
            return LogFormat.TryReadFileHeader(source.Slice(0, (int)source.LengthBytes).Span, name.Epoch, name.Number, out _);
        }
        finally
        {
            (source as IDisposable)?.Dispose();
        }
    }

    private void RestoreTables(Manifest manifest, LogReplay replay)
    {
        Dictionary<uint, TableManifest> flushed = manifest.Tables.ToDictionary(t => t.Table);
        foreach (TableObject table in replay.Catalog.Relations.OfType<TableObject>())
        {
            if (table.Kind is not (RelationKind.Table or RelationKind.MaterializedView)) continue;
            var store = new TableStore(table.Oid, isLogged: table.Persistence == 'p', _options);
            _tables[table.Oid] = store;
            RestoreTable(store, flushed.GetValueOrDefault(table.Oid), replay.RowsOf(table.Oid));
            foreach (AttachedIndex attached in replay.AttachedIndexes)
                if (attached.Table == table.Oid)
                    store.Ranges.OfType<Segment>().FirstOrDefault(s => s.Id == attached.Segment)?.AddIndexFile(attached);
            foreach (IndexObject index in replay.Catalog.IndexesOf(table.Oid)) RestoreIndex(store, index, table, replay.Catalog);
        }
    }

    private void RestoreTable(TableStore store, TableManifest? manifest, ReplayedRows? rows)
    {
        try
        {
            if (manifest is not null) OpenSegments(store, manifest, rows);
            if (rows is null) return;
            LogFileName oldest = rows.FirstFile;
            foreach (ReplayedInsert insert in rows.InsertsInOrder(manifest?.FlushedRowId ?? 0)) Restore(store, insert, oldest);
            store.SetNextRowId(rows.TruncatedBelow);
            // Recovered rows are flushed by themselves: new ones go elsewhere.
            store.Freeze();
            foreach ((long[] rowIds, long position) in rows.Deletes) RestoreDeletes(store, rowIds, position);
        }
        catch (SqlException e) when (e.SqlState == SqlState.DataCorrupted)
        {
            // One table's damage is no reason to withhold the others.
            store.Damage = e;
            if (manifest is not null) _damaged[store.Oid] = manifest;
        }
    }

    /// <summary>Files of builds and flushes that a crash cut short: no manifest and no commit names them.</summary>
    private void RemoveStrays(Manifest manifest, LogReplay replay)
    {
        HashSet<string> named = NamedFiles(manifest.Tables);
        // An index file over a segment that no manifest names is of no use: the segment's rows were replayed.
        HashSet<long> segments = [.. manifest.Tables.SelectMany(t => t.Segments).Select(s => s.Id)];
        foreach (AttachedIndex attached in replay.AttachedIndexes)
            if (segments.Contains(attached.Segment))
                named.Add(attached.File.Path);
        foreach (string directory in new[] { "seg", "idx", "del" })
            foreach (string name in Files.List($"{Shard}/{directory}"))
                if (!named.Contains($"{Shard}/{directory}/{name}"))
                    Files.Delete($"{Shard}/{directory}/{name}");
    }

    private void OpenSegments(TableStore store, TableManifest manifest, ReplayedRows? rows)
    {
        _damaged[store.Oid] = manifest;
        foreach (SegmentManifest described in manifest.Segments)
        {
            if (rows is not null && described.EndRowId <= rows.TruncatedBelow)
            {
                foreach (string path in NamedFiles([manifest with { Segments = [described] }])) _garbage.Add(path);
                continue;
            }
            Segment segment = Segment.Open(Files, described);
            store.AddRecovered(segment, segment.EndRowId);
            store.AddLiveRows(segment.RowCount - described.DeletedCount);
        }
        store.SetNextRowId(manifest.FlushedRowId);
        _damaged.Remove(store.Oid);
    }

    private static void Restore(TableStore store, ReplayedInsert insert, LogFileName oldest)
    {
        const int LargestHole = 8 * MemtableChunk.Rows;
        LoggedOperation.Insert rows = insert.Operation;
        int from = insert.From;
        while (from < rows.Count)
        {
            lock (store.AppendLock)
            {
                (_, _, int count) = store.AppendRecovered(rows.FirstRowId + from, LargestHole, rows.Layout, rows.Columns, rows.Count, from, insert.Position, oldest);
                store.AddLiveRows(count);
                from += count;
            }
        }
    }

    private static void RestoreDeletes(TableStore store, long[] rowIds, long position)
    {
        foreach (long rowId in rowIds)
        {
            // Rows that a flush or a compaction dropped, and deletions that a deletion vector holds already, need nothing.
            if (store.DeletedAt(rowId) != RowStamp.None) continue;
            store.SetDeleted([rowId], position);
            store.AddLiveRows(-1);
        }
    }
}
