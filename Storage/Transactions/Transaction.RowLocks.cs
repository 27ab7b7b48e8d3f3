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

    public void LockRows(uint table, ReadOnlySpan<long> rowIds, RowLockStrength strength, LockWaitPolicy policy, Span<RowLockResult> results, Span<long> currentRowIds, bool isSelect = false)
    {
        ThrowIfEnded();
        TableStore store = FindStoreForWrite(table);
        for (int i = 0; i < rowIds.Length; i++)
        {
            long current = rowIds[i];
            results[i] = LockRow(store, ref current, strength, policy, isSelect);
            currentRowIds[i] = current;
        }
    }

    private RowLockResult LockRow(TableStore store, ref long rowId, RowLockStrength strength, LockWaitPolicy policy, bool isSelect)
    {
        bool hasMoved = false;
        // The lock on an earlier version is given back only with the lock on a later one in hand: so those who wait for the row stay in turn.
        int passed = -1;
        while (true)
        {
            int held = _owner.Rows.Count;
            long deleted = store.DeletedAt(rowId);
            if (deleted == RowStamp.None || RowStamp.IsInProgress(deleted))
            {
                RowLockResult? result = RowStamp.IsInProgress(deleted) && RowStamp.TransactionOf(deleted) == Id ? RowLockResult.Gone
                    : AcquireRow(store, rowId, strength, policy) ? null : RowLockResult.Skipped;
                if (passed >= 0) held--;
                Leave(ref passed);
                if (result is { } final) return final;
                deleted = store.DeletedAt(rowId);
            }
            if (deleted == RowStamp.None) return hasMoved ? RowLockResult.Moved : RowLockResult.Locked;
            if (RowStamp.IsInProgress(deleted))
            {
                // Another is updating the row, and our lock doesn't mind (its key stays). The lock holds for the version to come as well.
                long? next = store.SuccessorOf(rowId);
                if (next is not null) AcquireRow(store, next.Value, strength, policy);
                return hasMoved ? RowLockResult.Moved : RowLockResult.Locked;
            }
            // A dead version's lock is no use to its holder. A version that was dead before needed none.
            if (_owner.Rows.Count > held)
            {
                Leave(ref passed);
                passed = held;
            }
            long? successor = store.SuccessorOf(rowId);
            bool wasGone = deleted != RowStamp.Aborted && deleted <= SnapshotPosition && !hasMoved;
            if (wasGone || successor is null || Isolation != IsolationLevel.ReadCommitted)
            {
                Leave(ref passed);
                if (wasGone || Isolation == IsolationLevel.ReadCommitted) return RowLockResult.Gone;
                throw new SqlException(SqlState.SerializationFailure, $"could not serialize access due to concurrent {(successor is null && !isSelect ? "delete" : "update")}");
            }
            rowId = successor.Value;
            hasMoved = true;
        }
    }

    private bool AcquireRow(TableStore store, long rowId, RowLockStrength strength, LockWaitPolicy policy)
    {
        var key = new RowKey(store.Oid, rowId);
        bool mayWait = policy == LockWaitPolicy.Wait;
        if (_database.RowLocks.TryAcquire(_owner, key, strength, mayWait, _blockers)) return true;
        if (policy == LockWaitPolicy.SkipLocked) return false;
        if (!mayWait) throw new SqlException(SqlState.LockNotAvailable, $"could not obtain lock on row in relation \"{NameOf(store.Oid)}\"");
        long deadline = _owner.NewDeadline();
        try
        {
            do _database.Waits.Wait(_owner, _blockers, WaitTarget.EndOf(_blockers[0].Owner.Transaction), deadline);
            while (!_database.RowLocks.TryAcquire(_owner, key, strength, mayQueue: true, _blockers));
            return true;
        }
        catch
        {
            _database.RowLocks.LeaveQueue(_owner, key);
            _database.Waits.Released(_owner, isEnded: false);
            throw;
        }
    }

    /// <summary>Gives back the lock on a version that was passed by, if there is one.</summary>
    private void Leave(ref int place)
    {
        if (place < 0) return;
        _database.RowLocks.ReleaseAt(_owner, place);
        _database.Waits.Released(_owner, isEnded: false);
        place = -1;
    }
}
