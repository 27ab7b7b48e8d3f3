using VecSql.Core.Catalog;
using VecSql.Storage.Contracts;
using VecSql.Storage.Tables;
using VecSql.Storage.Transactions;

namespace VecSql.Storage.Databases;

/// <summary>What happens to a transaction once it is durable: by the thread that leads the log's group, one after another in the log's order.</summary>
internal sealed partial class DatabaseStore
{
    private readonly Dictionary<uint, long> _lastWrites = [];
    private long _lastPosition;

    /// <summary>The position of the commit that is about to be written.</summary>
    internal long NextPosition(Transaction transaction)
    {
        _lastPosition++;
        foreach (Operation operation in transaction.Operations)
        {
            TableStore? table = operation switch
            {
                Operation.Insert insert => insert.Table,
                Operation.Delete delete => delete.Table,
                Operation.Truncate truncate => truncate.Table,
                _ => null,
            };
            if (table is not null) _lastWrites[table.Oid] = _lastPosition;
        }
        return _lastPosition;
    }

    internal bool WasWrittenAfter(IEnumerable<uint> tables, long position)
    {
        foreach (uint table in tables)
            if (_lastWrites.GetValueOrDefault(table) > position)
                return true;
        return false;
    }

    /// <summary>Makes a durable transaction visible: first all stamps, which no snapshot sees yet, then the position.</summary>
    internal void Publish(Transaction transaction, long position)
    {
        foreach (Operation operation in transaction.Operations) Apply(operation, position);
        lock (_stateLock)
        {
            CatalogSnapshot catalog = _state.Catalog;
            foreach (Operation operation in transaction.Operations)
            {
                if (operation is Operation.Put put) catalog = catalog.With(put.Value);
                else if (operation is Operation.Drop drop) catalog = catalog.Without(drop.Value.Oid);
            }
            _state = new CommittedState(position, catalog);
        }
        if (Committed is { } committed)
        {
            CommittedChanges changes = ChangeFeed.Collect(transaction, position, _state.Catalog);
            if (changes.Batches.Count > 0) committed(changes);
        }
    }

    private void Apply(Operation operation, long position)
    {
        switch (operation)
        {
            case Operation.Insert insert:
                insert.Table.AddLiveRows(insert.Memtable.SetCreated(insert.Start, insert.Count, position));
                break;
            case Operation.Delete delete:
                delete.Table.SetDeleted(delete.RowIds, position);
                delete.Table.AddLiveRows(-delete.RowIds.Length);
                if (!delete.IsUpdate) break;
                foreach (long rowId in delete.RowIds) delete.Table.AgeSuccessor(rowId, position);
                break;
            case Operation.Put { Before: null, Value: TableObject } put when put.NewStore is not null:
                _tables[put.Value.Oid] = put.NewStore;
                break;
            case Operation.Drop drop:
                ApplyDrop(drop.Value);
                break;
            case Operation.Truncate truncate:
                RowRange[] dropped = truncate.Table.DropBelow(truncate.BelowRowId);
                truncate.Table.AddLiveRows(-truncate.Table.LiveRows);
                Retire(dropped);
                break;
            case Operation.Build build:
                FinishBuild(build);
                break;
        }
    }

    private void ApplyDrop(CatalogObject value)
    {
        switch (value)
        {
            case TableObject:
                if (_tables.TryRemove(value.Oid, out TableStore? table)) Retire(table.Ranges);
                _statistics.TryRemove(value.Oid, out _);
                _lastWrites.Remove(value.Oid);
                break;
            case SequenceObject:
                _sequences.TryRemove(value.Oid, out _);
                break;
            case IndexObject index:
                if (_tables.TryGetValue(index.Table, out table)) RetireIndex(table, index.Oid);
                break;
        }
    }
}
