using System.Collections.Concurrent;
using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Storage.Files;
using VecSql.Storage.Indexes;
using VecSql.Storage.Manifests;
using VecSql.Storage.Memtables;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;
using VecSql.Storage.Transactions;

namespace VecSql.Storage.Databases;

/// <summary>Building indexes over rows that are there already.</summary>
internal sealed partial class DatabaseStore
{
    private readonly ConcurrentDictionary<uint, BuildProgress> _builds = new();

    internal IReadOnlyList<IndexProgress> IndexBuilds => [.. _builds.Values.Select(b => b.ToInfo(DatabaseOid))];

    /// <summary>
    /// Builds the parts of an index for a table's ranges. The caller's table lock keeps writers away until the transaction ends. Memtables are flushed first, and for a vector
    /// index segments merged, so that few large parts are built, each on all threads.
    /// </summary>
    internal Operation.Build Build(IndexStore index, TableStore table, Transaction transaction, long belowRowId, int process, CancellationToken cancellation)
    {
        var files = new List<AttachedIndex>();
        var build = new Operation.Build(table, index, files);
        var progress = new BuildProgress(process, table.Oid, index.Oid);
        _builds[index.Oid] = progress;
        bool hasBegun = false, isBuilt = false;
        try
        {
            if (table.IsLogged) PrepareForBuild(index, table, cancellation);
            table.BeginBuild();
            hasBegun = true;
            RowRange[] ranges = [.. table.Ranges.Where(r => r.EndRowId > belowRowId)];
            progress.Start(ranges.Sum(r => (long)r.RowCount));
            foreach (RowRange range in ranges) BuildPart(index, table, range, files, progress, cancellation);
            TableReader reader = transaction.ReadForBuild(table, index);
            if (index.FindDuplicate(reader) is { } duplicate) throw transaction.DuplicateKey(index.Definition, reader, duplicate);
            isBuilt = true;
            return build;
        }
        catch (OperationCanceledException)
        {
            throw new SqlException(SqlState.QueryCanceled, "canceling statement due to user request");
        }
        catch (DiskFullException e)
        {
            throw new SqlException(SqlState.DiskFull, e.Message, inner: e);
        }
        finally
        {
            _builds.TryRemove(index.Oid, out _);
            if (hasBegun && !isBuilt) DiscardBuild(build);
        }
    }

    private void PrepareForBuild(IndexStore index, TableStore table, CancellationToken cancellation)
    {
        table.Freeze();
        lock (table.FlushLock)
            while (FlushOldest(table, cancellation)) { }
        if (!index.WantsFewSegments) return;
        lock (table.CompactionLock)
        {
            RowRange[] segments = [.. table.Ranges.TakeWhile(r => r is Segment && r.Layout.IsSameAs(table.Ranges[0].Layout))];
            if (segments.Length > 1 && !table.HasPendingBuilds && segments.Sum(s => (long)s.RowCount) <= LargestSegmentRows) Rewrite(table, segments, cancellation);
        }
    }

    private void BuildPart(IndexStore index, TableStore table, RowRange range, List<AttachedIndex> files, BuildProgress progress, CancellationToken cancellation)
    {
        if (range is Memtable memtable)
        {
            index.EnsurePart(memtable);
            int count = memtable.RowCount;
            for (int start = 0; start < count; start += RowRange.BlockRows)
            {
                cancellation.ThrowIfCancellationRequested();
                index.Add(memtable, start, Math.Min(RowRange.BlockRows, count - start), null);
                progress.Add(Math.Min(RowRange.BlockRows, count - start));
            }
            index.FinishMemtable(memtable);
        }
        else if (range is Segment segment && WriteIndexFile(table, index, segment, new BuildContext(_options.BuildThreads, progress.Add, cancellation) { Phase = progress.Begin }) is { } file)
        {
            files.Add(file);
            OpenPart(index, segment, file);
        }
    }

    internal void DiscardBuild(Operation.Build build)
    {
        foreach (RowRange range in build.Table.Ranges) range.RemovePart(build.Index.Oid)?.Dispose();
        foreach (AttachedIndex file in build.Files) Files.Delete(file.File.Path);
        build.Index.Dispose();
        build.Table.EndBuild();
    }

    private static void FinishBuild(Operation.Build build)
    {
        // No lock: the builds that are pending keep maintenance away from the ranges until the last line.
        foreach (AttachedIndex file in build.Files)
            foreach (Segment segment in build.Table.Ranges.OfType<Segment>())
                if (segment.Id == file.Segment)
                    segment.AddIndexFile(file);
        build.Table.AddIndex(build.Index);
        build.Table.EndBuild();
    }

    private void RestoreIndex(TableStore store, IndexObject definition, TableObject table, CatalogSnapshot catalog)
    {
        if (store.Damage is not null) return;
        IndexStore index = Indexes.Open(definition, table, catalog);
        try
        {
            foreach (RowRange range in store.Ranges)
            {
                if (range is Memtable memtable)
                {
                    index.EnsurePart(memtable);
                    index.Add(memtable, 0, memtable.RowCount, null);
                }
                else if (range is Segment segment) RestorePart(store, index, segment);
            }
            store.AddIndex(index);
        }
        catch (SqlException e) when (e.SqlState == SqlState.DataCorrupted)
        {
            store.Damage = e;
        }
    }

    private void RestorePart(TableStore store, IndexStore index, Segment segment)
    {
        AttachedIndex? file = segment.Manifest.Indexes.FirstOrDefault(i => i.Index == index.Oid);
        if (file is null)
        {
            // The segment was rewritten while the index was in the making elsewhere: nothing but the rows is needed to make the file.
            file = WriteIndexFile(store, index, segment, new BuildContext(_options.BuildThreads, null, CancellationToken.None));
            if (file is null) return;
            segment.AddIndexFile(file);
        }
        OpenPart(index, segment, file);
    }

    private void RetireIndex(TableStore table, uint index)
    {
        table.RemoveIndex(index);
        foreach (Segment segment in table.Ranges.OfType<Segment>())
            if (segment.RemoveIndexFile(index) is { } file)
                AddGarbage(file.File);
        // Readers may still hold parts: they go with the last of them.
        foreach (RowRange range in table.Ranges) range.RemovePart(index);
    }
}

/// <summary>A build in progress, for pg_stat_progress_create_index. Phases are pgvector's.</summary>
internal sealed class BuildProgress(int process, uint table, uint index)
{
    private long _total;
    private long _done;
    private volatile string _phase = "loading tuples";

    public void Start(long total) => Volatile.Write(ref _total, total);

    public void Begin(string phase) => _phase = phase;

    public void Add(long rows) => Interlocked.Add(ref _done, rows);

    public IndexProgress ToInfo(uint database)
    {
        long total = Volatile.Read(ref _total);
        return new IndexProgress(process, database, table, index, "CREATE INDEX", total == 0 ? "initializing" : _phase, total, Volatile.Read(ref _done), 0, 0);
    }
}
