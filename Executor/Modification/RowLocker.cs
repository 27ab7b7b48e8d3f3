using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Modification;

/// <summary>
/// Locks the target rows of UPDATE and DELETE. A row that a concurrent transaction changed is read again and must meet the condition again; one that is gone is left out;
/// one that comes twice (a join) counts once.
/// </summary>
internal sealed class RowLocker(ExecutionState state, TableObject table, IReadOnlyList<int> oldOrdinals, int rowIdOrdinal, Evaluator? recheck, PhysicalKind[] inputKinds, RowLockStrength strength)
{
    private readonly short[] _attributes = [.. table.LiveColumns.Select(c => c.Number)];
    private readonly RowBuffer _rebuilt = new(inputKinds, 1);
    private readonly SelectionBuffer _kept = new();
    private readonly HashSet<long> _seen = [];
    private long[] _ids = [], _currentIds = [];
    private RowLockResult[] _results = [];

    /// <summary>Numbers of the locked rows, parallel to the returned batch's selection.</summary>
    public ReadOnlySpan<long> RowIds => _ids.AsSpan(0, _count);

    private int _count;

    /// <summary>Locks the batch's rows; returns those that are to be changed, with fresh values. Valid until the next call or as long as the input.</summary>
    public ColumnBatch Lock(ColumnBatch batch)
    {
        ColumnBatch rows = CollectIds(batch);
        if (_count == 0) return rows;
        state.Transaction.LockRows(table.Oid, _ids.AsSpan(0, _count), strength, LockWaitPolicy.Wait, _results.AsSpan(0, _count), _currentIds.AsSpan(0, _count));
        bool anyMoved = false, allLocked = true;
        for (int i = 0; i < _count; i++)
        {
            anyMoved |= _results[i] == RowLockResult.Moved;
            allLocked &= _results[i] == RowLockResult.Locked;
        }
        if (allLocked) return rows;
        return anyMoved ? Refresh(rows) : Keep(rows, i => _results[i] == RowLockResult.Locked);
    }

    /// <summary>Leaves out the locked rows that the statement itself changed after they were locked: an expression read a data-modifying WITH, which runs when it is read.</summary>
    public ColumnBatch KeepUnchanged(ColumnBatch rows)
    {
        if (!state.Results.HaveModifying || _count == 0) return rows;
        state.Transaction.LockRows(table.Oid, _ids.AsSpan(0, _count), strength, LockWaitPolicy.Wait, _results.AsSpan(0, _count), _currentIds.AsSpan(0, _count));
        return _results.AsSpan(0, _count).IndexOf(RowLockResult.Gone) < 0 ? rows : Keep(rows, i => _results[i] != RowLockResult.Gone);
    }

    private ColumnBatch CollectIds(ColumnBatch batch)
    {
        if (_ids.Length < batch.Count)
        {
            _ids = new long[batch.Count];
            _currentIds = new long[batch.Count];
            _results = new RowLockResult[batch.Count];
        }
        Column<long> ids = (Column<long>)batch[rowIdOrdinal];
        int[] kept = _kept.Take(batch.Count);
        _seen.Clear();
        _count = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            int row = batch.Selection[i];
            if (!_seen.Add(ids[row])) continue;
            kept[_count] = row;
            _ids[_count++] = ids[row];
        }
        return _count == batch.Count ? batch : batch.Select(Selection.Of(kept, _count));
    }

    private ColumnBatch Keep(ColumnBatch rows, Func<int, bool> isKept)
    {
        int[] kept = new int[rows.Count];
        int count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            if (!isKept(i)) continue;
            kept[count] = rows.Selection[i];
            _ids[count++] = _ids[i];
        }
        _count = count;
        return rows.Select(Selection.Of(kept, count));
    }

    /// <summary>Copies the rows, with the target's columns of moved ones read anew, and tests the condition on these.</summary>
    private ColumnBatch Refresh(ColumnBatch rows)
    {
        int moved = 0;
        long[] movedIds = new long[rows.Count];
        for (int i = 0; i < rows.Count; i++)
            if (_results[i] == RowLockResult.Moved) movedIds[moved++] = _currentIds[i];
        RowBuffer fresh = new([.. oldOrdinals.Select(o => inputKinds[o])], moved);
        state.Reader(table.Oid).Fetch(movedIds.AsSpan(0, moved), _attributes, fresh.Builders);
        fresh.AddRows(moved);

        _rebuilt.Reset();
        int[] source = new int[inputKinds.Length];
        Array.Fill(source, -1);
        for (int i = 0; i < oldOrdinals.Count; i++) source[oldOrdinals[i]] = i;
        List<int> changed = [];
        int next = 0, count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            if (_results[i] is RowLockResult.Gone or RowLockResult.Skipped) continue;
            bool isMoved = _results[i] == RowLockResult.Moved;
            for (int column = 0; column < inputKinds.Length; column++)
            {
                ColumnBuilder builder = _rebuilt.Builders[column];
                if (isMoved && column == rowIdOrdinal) ((ColumnBuilder<long>)builder).Append(_currentIds[i]);
                else if (isMoved && source[column] >= 0) builder.AppendFrom(fresh.Columns[source[column]], next);
                else builder.AppendFrom(rows[column], rows.Selection[i]);
            }
            if (isMoved)
            {
                changed.Add(count);
                next++;
            }
            _ids[count++] = isMoved ? _currentIds[i] : _ids[i];
        }
        _rebuilt.AddRows(count);
        _count = count;
        ColumnBatch batch = _rebuilt.ToBatch();
        if (recheck is null) return batch;
        Selection passed = recheck.Filter(batch.Columns, Selection.Of([.. changed], changed.Count));
        HashSet<int> failed = [.. changed];
        for (int i = 0; i < passed.Count; i++) failed.Remove(passed[i]);
        return failed.Count == 0 ? batch : Keep(batch, i => !failed.Contains(i));
    }
}
