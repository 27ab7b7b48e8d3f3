using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Storage.Indexes;
using VecSql.Storage.Memtables;
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
        foreach (RowRange range in table.Ranges)
        {
            if (range.EndRowId <= belowRowId) continue;
            index.EnsurePart(range);
            if (range is Memtable memtable) index.Add(memtable, 0, memtable.RowCount, null);
        }
        return new Operation.Build(table, index, []);
    }

    internal void DiscardBuild(Operation.Build build)
    {
        foreach (RowRange range in build.Table.Ranges) range.RemovePart(build.Index.Oid)?.Dispose();
        build.Index.Dispose();
    }

    private void FinishBuild(Operation.Build build) => build.Table.AddIndex(build.Index);

    private void RestoreIndex(TableStore store, IndexObject definition, TableObject table, CatalogSnapshot catalog)
    {
        IndexStore index = Indexes.Open(definition, table, catalog);
        foreach (RowRange range in store.Ranges)
        {
            index.EnsurePart(range);
            if (range is Memtable memtable) index.Add(memtable, 0, memtable.RowCount, null);
        }
        store.AddIndex(index);
    }

    private static void RetireIndex(TableStore table, uint index)
    {
        IndexStore? removed = table.RemoveIndex(index);
        removed?.Dispose();
    }
}
