using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Storage.Contracts;
using VecSql.Storage.Tables;
using VecSql.Storage.Transactions;

namespace VecSql.Storage.Databases;

/// <summary>Turns a commit's operations into whole rows with weights. A row that came and went in the same transaction shows up nowhere.</summary>
internal static class ChangeFeed
{
    public static CommittedChanges Collect(Transaction transaction, long position, CatalogSnapshot catalog)
    {
        var batches = new List<ChangeBatch>();
        var byTable = new Dictionary<uint, List<(long RowId, sbyte Weight)>>();
        var order = new List<TableStore>();
        foreach (Operation operation in transaction.Operations)
        {
            switch (operation)
            {
                case Operation.Insert insert:
                    for (int i = insert.Start; i < insert.Start + insert.Count; i++)
                        if (insert.Memtable.CreatedAt(i) == position && insert.Memtable.DeletedAt(i) != position)
                            RowsOf(insert.Table).Add((insert.Memtable.RowIdAt(i), 1));
                    break;
                case Operation.Delete delete:
                    foreach (long rowId in delete.RowIds)
                        if (delete.Table.FindRange(rowId) is { } range && range.PositionOf(rowId) is int at and >= 0 && range.CreatedAt(at) != position)
                            RowsOf(delete.Table).Add((rowId, -1));
                    break;
            }
        }
        foreach (TableStore table in order)
            if (catalog.Find<TableObject>(table.Oid) is { } definition)
                AddBatches(table, definition, catalog, byTable[table.Oid], batches);
        return new CommittedChanges(position, batches);

        List<(long RowId, sbyte Weight)> RowsOf(TableStore table)
        {
            if (byTable.TryGetValue(table.Oid, out List<(long, sbyte)>? rows)) return rows;
            order.Add(table);
            return byTable[table.Oid] = [];
        }
    }

    private static void AddBatches(TableStore table, TableObject definition, CatalogSnapshot catalog, List<(long RowId, sbyte Weight)> rows, List<ChangeBatch> result)
    {
        short[] numbers = [.. definition.LiveColumns.Select(c => c.Number)];
        var reader = new TableReader(table, definition, catalog, default, 0, [], null);
        for (int start = 0; start < rows.Count; start += ColumnBatch.MaxRows)
        {
            int count = Math.Min(ColumnBatch.MaxRows, rows.Count - start);
            var rowIds = new long[count];
            var weights = new sbyte[count];
            for (int i = 0; i < count; i++) (rowIds[i], weights[i]) = rows[start + i];
            ColumnBuilder[] builders = [.. definition.LiveColumns.Select(c => ColumnBuilder.Create(Core.Types.TypeHandlers.KindOf(c.Type.Oid, catalog), count))];
            reader.Fetch(rowIds, numbers, builders);
            result.Add(new ChangeBatch(table.Oid, new ColumnBatch([.. builders.Select(b => b.Build())], count), weights, rowIds));
        }
    }
}
