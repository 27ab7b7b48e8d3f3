using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
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
    internal IReadOnlyList<IndexProgress> IndexBuilds => [];

    /// <summary>Builds the parts of an index for a table's ranges. The caller's table lock keeps writers away until the transaction ends.</summary>
    internal Operation.Build Build(IndexStore index, TableStore table, Transaction transaction, long belowRowId, int process, CancellationToken cancellation)
    {
        var files = new List<AttachedIndex>();
        table.BeginBuild();
        var build = new Operation.Build(table, index, files);
        bool isBuilt = false;
        try
        {
            foreach (RowRange range in table.Ranges)
            {
                if (range.EndRowId <= belowRowId) continue;
                if (range is Memtable memtable)
                {
                    index.EnsurePart(memtable);
                    index.Add(memtable, 0, memtable.RowCount, null);
                }
                else if (range is Segment segment && WriteIndexFile(table, index, segment, new BuildContext(_options.BuildThreads, null, cancellation)) is { } file)
                {
                    files.Add(file);
                    segment.SetPart(index.Oid, index.OpenFile(segment, file.File));
                }
            }
            TableReader reader = transaction.ReadForBuild(table, index);
            if (index.FindDuplicate(reader) is { } duplicate) throw transaction.DuplicateKey(index.Definition, reader, duplicate);
            isBuilt = true;
            return build;
        }
        catch (OperationCanceledException)
        {
            throw new SqlException(SqlState.QueryCanceled, "canceling statement due to user request");
        }
        finally
        {
            if (!isBuilt) DiscardBuild(build);
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
        segment.SetPart(index.Oid, index.OpenFile(segment, file.File));
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
