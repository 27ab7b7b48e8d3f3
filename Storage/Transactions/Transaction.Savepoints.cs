using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Storage.Memtables;

namespace VecSql.Storage.Transactions;

/// <summary>Undoing: whole transactions and parts of them, always from the newest operation backwards.</summary>
internal sealed partial class Transaction
{
    // Operations before this one must not grow: a savepoint or the log cuts there.
    private int _sealedOperations;

    public int SetSavepoint()
    {
        ThrowIfEnded();
        _savepoints.Add((_operations.Count, _owner.Rows.Count, _owner.Objects.Count));
        _sealedOperations = _operations.Count;
        return _savepoints.Count - 1;
    }

    public void RollbackTo(int savepoint)
    {
        ThrowIfEnded();
        Invariant.Check((uint)savepoint < (uint)_savepoints.Count);
        (int operations, int rows, int objects) = _savepoints[savepoint];
        _savepoints.RemoveRange(savepoint + 1, _savepoints.Count - savepoint - 1);
        UndoTo(operations);
        _database.RowLocks.Release(_owner, rows);
        _database.ObjectLocks.Release(_owner, objects);
        _database.Waits.Released(_owner, isEnded: false);
        RefreshCatalog();
        // What follows is another command: it must see that the rows are gone, and earlier stamps stay its past.
        _commandWrote = true;
        AdvanceCommand();
    }

    public void Release(int savepoint)
    {
        ThrowIfEnded();
        Invariant.Check((uint)savepoint < (uint)_savepoints.Count);
        _savepoints.RemoveRange(savepoint, _savepoints.Count - savepoint);
    }

    public void Rollback()
    {
        if (_isEnded) return;
        UndoTo(0, isLogged: false);
        End();
    }

    private void UndoTo(int count, bool isLogged = true)
    {
        if (isLogged) UndoInLog(count);
        for (int i = _operations.Count - 1; i >= count; i--) Undo(_operations[i]);
        _operations.RemoveRange(count, _operations.Count - count);
        _sealedOperations = count;
        _catalog = null;
    }

    private void Undo(Operation operation)
    {
        switch (operation)
        {
            case Operation.Insert insert:
                insert.Memtable.SetCreated(insert.Start, insert.Count, RowStamp.Aborted);
                break;
            case Operation.Delete delete:
                if (delete.IsUpdate)
                    foreach (long rowId in delete.RowIds)
                        delete.Table.RemoveSuccessor(rowId);
                delete.Table.SetDeleted(delete.RowIds, RowStamp.None);
                break;
            case Operation.Truncate truncate:
                if (truncate.Before == 0) _truncatedBelow.Remove(truncate.Table.Oid);
                else _truncatedBelow[truncate.Table.Oid] = truncate.Before;
                break;
            case Operation.Put { Before: null, Value: TableObject table }:
                _newStores.Remove(table.Oid);
                break;
            case Operation.Build build:
                _database.DiscardBuild(build);
                break;
            case Operation.Put or Operation.Drop:
                break;
            default:
                throw Invariant.Unreachable(operation);
        }
    }

    private void End()
    {
        _isEnded = true;
        _database.Remove(this);
        _database.RowLocks.Release(_owner, 0);
        _database.ObjectLocks.Release(_owner, 0);
        _database.Waits.Released(_owner, isEnded: true);
    }
}
