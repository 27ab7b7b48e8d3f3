using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Locks;
using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Transactions;

/// <summary>
/// Locking rows, as PostgreSQL's heap_lock_tuple: 1. take the lock, waiting for who conflicts; 2. look at what became of the row meanwhile; 3. follow it to its newest version
/// (READ COMMITTED), or give up (40001).
/// </summary>
internal sealed partial class Transaction
{
    private readonly List<Blocker> _blockers = [];

    public void LockRows(uint table, ReadOnlySpan<long> rowIds, RowLockStrength strength, LockWaitPolicy policy, Span<RowLockResult> results, Span<long> currentRowIds)
    {
        ThrowIfEnded();
        TableStore store = FindStoreForWrite(table);
        for (int i = 0; i < rowIds.Length; i++)
        {
            long current = rowIds[i];
            results[i] = LockRow(store, ref current, strength, policy);
            currentRowIds[i] = current;
        }
    }

    private RowLockResult LockRow(TableStore store, ref long rowId, RowLockStrength strength, LockWaitPolicy policy)
    {
        bool hasMoved = false;
        while (true)
        {
            int held = _owner.Rows.Count;
            if (!AcquireRow(store, rowId, strength, policy)) return RowLockResult.Skipped;
            long deleted = store.DeletedAt(rowId);
            if (deleted == RowStamp.None) return hasMoved ? RowLockResult.Moved : RowLockResult.Locked;
            if (RowStamp.IsInProgress(deleted))
            {
                if (RowStamp.TransactionOf(deleted) == Id) return RowLockResult.Gone;
                // Another is updating the row, and our lock doesn't mind (its key stays). The lock holds for the version to come as well.
                long? next = store.SuccessorOf(rowId);
                if (next is not null) AcquireRow(store, next.Value, strength, policy);
                return hasMoved ? RowLockResult.Moved : RowLockResult.Locked;
            }
            // A dead version's lock is no use to anyone, and others may be waiting for it.
            _database.RowLocks.Release(_owner, held);
            _database.Waits.Released(_owner, isEnded: false);
            if (deleted != RowStamp.Aborted && deleted <= SnapshotPosition && !hasMoved) return RowLockResult.Gone;
            long? successor = store.SuccessorOf(rowId);
            if (Isolation != IsolationLevel.ReadCommitted)
            {
                throw new SqlException(SqlState.SerializationFailure,
                    $"could not serialize access due to concurrent {(successor is null ? "delete" : "update")}");
            }
            if (successor is null) return RowLockResult.Gone;
            rowId = successor.Value;
            hasMoved = true;
        }
    }

    private bool AcquireRow(TableStore store, long rowId, RowLockStrength strength, LockWaitPolicy policy)
    {
        var key = new RowKey(store.Oid, rowId);
        while (!_database.RowLocks.TryAcquire(_owner, key, strength, _blockers))
        {
            switch (policy)
            {
                case LockWaitPolicy.SkipLocked: return false;
                case LockWaitPolicy.NoWait:
                    throw new SqlException(SqlState.LockNotAvailable, $"could not obtain lock on row in relation \"{NameOf(store.Oid)}\"");
                default:
                    _database.Waits.Wait(_owner, _blockers, $"ShareLock on transaction {_blockers[0].Owner.Transaction}");
                    break;
            }
        }
        return true;
    }
}
