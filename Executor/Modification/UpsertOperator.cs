using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Executor.Expressions;
using VecSql.Executor.Operators;
using VecSql.Executor.Rows;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Modification;

/// <summary>
/// INSERT … ON CONFLICT. Rows that conflict with none are inserted; for the others, DO NOTHING leaves them out, DO UPDATE locks the existing row and changes it. If that row is gone by then,
/// the insert is tried again.
/// </summary>
internal sealed class UpsertOperator : ModificationOperator
{
    private readonly InsertRows _plan;
    private readonly PhysicalConflictAction _action;
    private readonly RowChecks _checks;
    private readonly Evaluator[]? _assignments;
    private readonly Evaluator? _condition;
    private readonly ForeignKeyChecks _foreignKeys;
    private readonly short[] _attributes;
    private readonly RowBuffer _pairs, _returned, _sorted;
    private readonly List<int> _origins = [];
    private readonly HashSet<long> _own = [];
    private long[] _outcome = [];

    public UpsertOperator(ExecutionState state, InsertRows plan, PhysicalConflictAction action, Operator input, RowChecks checks, Evaluator[]? assignments, Evaluator? condition,
        ForeignKeyChecks foreignKeys, Evaluator[] returning) : base(state, input, returning)
    {
        _plan = plan;
        _action = action;
        _checks = checks;
        _assignments = assignments;
        _condition = condition;
        _foreignKeys = foreignKeys;
        _attributes = [.. checks.Columns.Select(c => c.Number)];
        PhysicalKind[] kinds = state.KindsOf([.. checks.Columns.Select(c => c.Type)]);
        _pairs = new RowBuffer([.. kinds, .. kinds], 16);
        _returned = new RowBuffer(kinds, 16);
        _sorted = new RowBuffer(kinds, 1);
    }

    private uint Table => _plan.Target.Table.Oid;

    protected override ColumnBatch? Change(ColumnBatch batch)
    {
        _returned.Reset();
        _origins.Clear();
        // Updated rows go through the same checks, so what is tried again starts from the rows as they came.
        while (batch.Count > 0) batch = batch.Select(Attempt(_checks.Apply(batch)));
        return InInputOrder();
    }

    private ColumnBatch InInputOrder()
    {
        int[] places = [.. Enumerable.Range(0, _origins.Count)];
        Array.Sort(_origins.ToArray(), places);
        _sorted.Reset();
        _sorted.Append(_returned.Columns, Selection.Of(places, places.Length));
        return _sorted.ToBatch();
    }

    private void Return(ColumnBatch rows, Selection origins)
    {
        _returned.Append(rows);
        for (int i = 0; i < origins.Count; i++) _origins.Add(origins[i]);
    }

    /// <summary>Inserts or updates; returns the rows to try again.</summary>
    private Selection Attempt(ColumnBatch rows)
    {
        if (_outcome.Length < rows.Count) _outcome = new long[Math.Max(rows.Count, 64)];
        State.Transaction.InsertUnlessConflict(Table, rows, _action.ArbiterIndexes, _outcome);
        int[] inserted = new int[rows.Count], conflicting = new int[rows.Count];
        long[] existing = new long[rows.Count];
        int insertedCount = 0, conflictCount = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            if (_outcome[i] >= 0)
            {
                inserted[insertedCount++] = rows.Selection[i];
                if (_assignments is not null) _own.Add(_outcome[i]);
                continue;
            }
            existing[conflictCount] = ~_outcome[i];
            conflicting[conflictCount++] = rows.Selection[i];
        }
        ColumnBatch insertedRows = rows.Select(Selection.Of(inserted, insertedCount));
        RowsAffected += insertedCount;
        _foreignKeys.Inserted(insertedRows);
        Return(insertedRows, insertedRows.Selection);
        return _assignments is null || conflictCount == 0
            ? Selection.Of([], 0)
            : Update(rows.Select(Selection.Of(conflicting, conflictCount)), existing.AsSpan(0, conflictCount), _assignments);
    }

    private Selection Update(ColumnBatch excluded, Span<long> existing, Evaluator[] assignments)
    {
        HashSet<long> seen = [];
        foreach (long id in existing)
        {
            if (!_own.Contains(id) && seen.Add(id)) continue;
            throw new SqlException(SqlState.CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time",
                hint: "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.");
        }
        RowLockResult[] results = new RowLockResult[existing.Length];
        long[] current = new long[existing.Length];
        State.Transaction.LockRows(Table, existing, RowLockStrength.NoKeyUpdate, LockWaitPolicy.Wait, results, current);
        int[] locked = new int[existing.Length], again = new int[existing.Length];
        int lockedCount = 0, againCount = 0;
        for (int i = 0; i < existing.Length; i++)
        {
            if (results[i] is RowLockResult.Gone or RowLockResult.Skipped)
            {
                again[againCount++] = excluded.Selection[i];
                continue;
            }
            existing[lockedCount] = results[i] == RowLockResult.Moved ? current[i] : existing[i];
            locked[lockedCount++] = excluded.Selection[i];
        }
        if (lockedCount > 0) UpdateLocked(excluded, Selection.Of(locked, lockedCount), existing[..lockedCount], assignments);
        return Selection.Of(again, againCount);
    }

    /// <summary>Leaves out the rows that the statement itself changed after they were locked: an assignment read a data-modifying WITH, which runs when it is read.</summary>
    private Selection KeepUnchanged(Selection rows, Span<long> ids)
    {
        if (!State.Results.HaveModifying) return rows;
        RowLockResult[] results = new RowLockResult[rows.Count];
        State.Transaction.LockRows(Table, ids[..rows.Count], RowLockStrength.NoKeyUpdate, LockWaitPolicy.Wait, results, new long[rows.Count]);
        int[] kept = new int[rows.Count];
        int count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            if (results[i] == RowLockResult.Gone) continue;
            ids[count] = ids[i];
            kept[count++] = rows[i];
        }
        return Selection.Of(kept, count);
    }

    private void UpdateLocked(ColumnBatch excluded, Selection rows, Span<long> ids, Evaluator[] assignments)
    {
        int width = _attributes.Length;
        _pairs.Reset();
        State.Reader(Table).Fetch(ids, _attributes, _pairs.Builders[..width]);
        for (int i = 0; i < width; i++) _pairs.Builders[width + i].AppendFrom(excluded[i], rows);
        _pairs.AddRows(ids.Length);
        ColumnBatch pairs = _pairs.ToBatch();
        Selection passed = _condition is null ? pairs.Selection : _condition.Filter(pairs.Columns, pairs.Selection);
        if (passed.Count == 0) return;
        for (int i = 0; i < passed.Count; i++) ids[i] = ids[passed[i]];
        Column[] columns = new Column[width];
        for (int i = 0; i < width; i++) columns[i] = assignments[i].Evaluate(pairs.Columns, passed);
        passed = KeepUnchanged(passed, ids);
        if (passed.Count == 0) return;
        ColumnBatch changed = _checks.Apply(new ColumnBatch(columns, Selections.Extent(passed), passed));
        long[] newIds = new long[passed.Count];
        ColumnBatch old = new(pairs.Columns[..width].ToArray(), pairs.RowCount, passed);
        _foreignKeys.Updating(old, changed);
        State.Transaction.Update(Table, ids[..passed.Count], changed, newIds);
        _own.UnionWith(newIds);
        RowsAffected += passed.Count;
        int[] origins = new int[passed.Count];
        for (int i = 0; i < origins.Length; i++) origins[i] = rows[passed[i]];
        Return(changed, Selection.Of(origins, origins.Length));
    }
}
