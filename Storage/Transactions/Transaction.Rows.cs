using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Indexes;
using VecSql.Storage.Locks;
using VecSql.Storage.Log;
using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Transactions;

/// <summary>Writing rows.</summary>
internal sealed partial class Transaction
{
    private (uint Table, TableObject Definition, TableLayout Layout) _lastLayout;

    public void Insert(uint table, ColumnBatch rows, long[]? rowIds = null)
    {
        ThrowIfEnded();
        InsertRows(FindStoreForWrite(table), rows, rowIds, new ThrowingArbiter(this, table));
        LogIfLarge();
    }

    public void InsertUnlessConflict(uint table, ColumnBatch rows, IReadOnlyList<uint> arbiterIndexes, long[] outcome)
    {
        ThrowIfEnded();
        TableStore store = FindStoreForWrite(table);
        var arbiter = new RecordingArbiter(this, table, arbiterIndexes);
        var rowIds = new long[rows.Count];
        InsertRows(store, rows, rowIds, arbiter);
        rowIds.CopyTo(outcome, 0);
        foreach ((long rowId, long other) in arbiter.Conflicts) outcome[Array.BinarySearch(rowIds, rowId)] = ~other;
        LogIfLarge();
    }

    public void Delete(uint table, ReadOnlySpan<long> rowIds)
    {
        ThrowIfEnded();
        if (rowIds.IsEmpty) return;
        DeleteRows(FindStoreForWrite(table), rowIds, isUpdate: false);
        LogIfLarge();
    }

    public void Update(uint table, ReadOnlySpan<long> rowIds, ColumnBatch rows, long[]? newRowIds = null)
    {
        ThrowIfEnded();
        Invariant.Check(rowIds.Length == rows.Count);
        if (rowIds.IsEmpty) return;
        TableStore store = FindStoreForWrite(table);
        DeleteRows(store, rowIds, isUpdate: true);
        newRowIds ??= new long[rowIds.Length];
        // Linked before the unique checks can fail: the old rows' operation, when undone, unlinks them.
        InsertRows(store, rows, newRowIds, new ThrowingArbiter(this, table));
        for (int i = 0; i < rowIds.Length; i++)
        {
            store.SetSuccessor(rowIds[i], newRowIds[i]);
            _database.RowLocks.CopyOthers(_owner, new RowKey(table, rowIds[i]), new RowKey(table, newRowIds[i]));
        }
        LogIfLarge();
    }

    public void Truncate(uint table)
    {
        ThrowIfEnded();
        TableStore store = FindStoreForWrite(table);
        long before = _truncatedBelow.GetValueOrDefault(table);
        long below = store.Cut();
        _truncatedBelow[table] = below;
        _operations.Add(new Operation.Truncate(store, below, before));
        _commandWrote = true;
    }

    private void InsertRows(TableStore store, ColumnBatch rows, long[]? rowIds, IUniqueArbiter arbiter)
    {
        TableLayout layout = LayoutOf(store.Oid);
        Invariant.Check(rows.ColumnCount == layout.Count);
        long stamp = WriteStamp;
        LogFileName logFile = _database.Log.CurrentFile;
        List<IndexStore> indexes = IndexesOf(store);
        if (store.IsLogged) _database.WaitForRoom(store, _owner.Cancellation);
        for (int from = 0; from < rows.Count;)
        {
            (Memtable memtable, int start, int count) run;
            lock (store.AppendLock) run = store.Append(layout, rows.Columns, rows.Selection, from, stamp, logFile);
            NoteInsert(store, run.memtable, run.start, run.count);
            if (rowIds is not null)
                for (int i = 0; i < run.count; i++)
                    rowIds[from + i] = run.memtable.RowIdAt(run.start + i);
            foreach (IndexStore index in indexes)
            {
                index.EnsurePart(run.memtable);
                index.Add(run.memtable, run.start, run.count, arbiter);
            }
            from += run.count;
        }
    }

    private void NoteInsert(TableStore store, Memtable memtable, int start, int count)
    {
        if (store.IsLogged) _unloggedBytes += OperationCodec.EncodedBytes(memtable, start, count);
        int last = _operations.Count - 1;
        if (last >= _sealedOperations && _operations[last] is Operation.Insert insert && insert.Memtable == memtable && insert.Start + insert.Count == start)
            insert.Count += count;
        else
            _operations.Add(new Operation.Insert(store, memtable, start, count));
    }

    private void DeleteRows(TableStore store, ReadOnlySpan<long> rowIds, bool isUpdate)
    {
        long stamp = WriteStamp;
        long[] copy = rowIds.ToArray();
        lock (store.StampLock)
            foreach (long rowId in copy)
                Invariant.Check(store.DeletedAt(rowId) == RowStamp.None);
        store.SetDeleted(copy, stamp);
        _operations.Add(new Operation.Delete(store, copy, isUpdate));
        _unloggedBytes += 8L * copy.Length;
    }

    private TableStore FindStoreForWrite(uint table)
    {
        TableStore store = FindStore(table);
        if (store.Damage is { } damage) throw new SqlException(damage.SqlState, damage.Message, inner: damage);
        return store;
    }

    private TableLayout LayoutOf(uint table)
    {
        TableObject definition = FindTable(table);
        if (_lastLayout.Table != table || !ReferenceEquals(_lastLayout.Definition, definition)) _lastLayout = (table, definition, TableLayout.Of(definition, Catalog));
        return _lastLayout.Layout;
    }
}
