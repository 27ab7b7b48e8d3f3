using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Modification;

/// <summary>
/// What foreign keys do at a statement's end: first the actions of parents' changes (CASCADE, SET NULL …), which may change further tables, until nothing is left to do; then the checks.
/// Reads with a snapshot of its own in READ COMMITTED, so that rows which other transactions have committed meanwhile count.
/// </summary>
internal sealed class ReferentialActions(ExecutionState state)
{
    private readonly List<ForeignKeyChecks> _tables = [];
    private readonly Dictionary<uint, ITableReader> _readers = [];
    private readonly Dictionary<uint, RowChecks> _rowChecks = [];

    public void Add(ForeignKeyChecks table) => _tables.Add(table);

    /// <summary>Runs actions and checks of the statement.</summary>
    /// <exception cref="SqlException">23503, and whatever the changes of child rows raise.</exception>
    public void Finish()
    {
        if (!_tables.Exists(HasWork)) return;
        foreach (ForeignKeyChecks table in _tables)
        {
            foreach (ForeignKeyChecks.Outgoing key in table.ChildKeys) state.Transaction.LockTable(key.Key.Parent.Oid, TableLockMode.RowShare, LockWaitPolicy.Wait);
            foreach (ForeignKeyChecks.Incoming key in table.ParentKeys) state.Transaction.LockTable(key.Key.Child.Oid, TableLockMode.RowExclusive, LockWaitPolicy.Wait);
        }
        state.Transaction.BeginStatement(state.Options.LockTimeoutMs, state.Context.Cancellation);
        bool didWork;
        do
        {
            didWork = false;
            for (int i = 0; i < _tables.Count; i++)
                foreach (ForeignKeyChecks.Incoming key in _tables[i].ParentKeys) didWork |= Act(key);
        }
        while (didWork);
        foreach (ForeignKeyChecks table in _tables)
        {
            foreach (ForeignKeyChecks.Outgoing key in table.ChildKeys)
            {
                if (key.Keys.Count > 0 && !TryDefer(key.Key, key.Keys)) CheckParents(key.Key, key.Keys);
                key.Clear();
            }
        }
    }

    /// <summary>At commit: keys that have no parent row, but still a child row.</summary>
    /// <param name="isParentKey">They are keys that left the parent, not keys that came to the child.</param>
    public void CheckDeferred(ForeignKey key, RowBuffer keys, bool isParentKey)
    {
        state.Transaction.AdvanceCommand();
        IReadOnlyList<SqlType> types = isParentKey ? key.ParentTypes : key.ChildTypes;
        bool[] hasParent = FindParents(key, keys.Columns, types, keys.Count, locks: !isParentKey);
        Lookup(key.Child, key.ChildColumns).Find(isParentKey ? NewestReader(key.Child.Oid) : Reader(key.Child.Oid), keys.Columns, types, keys.Count, (place, _) =>
        {
            if (!hasParent[place]) throw isParentKey ? StillReferenced(key, keys.Columns, place) : MissingParent(key, keys.Columns, place);
        });
    }

    private static bool HasWork(ForeignKeyChecks table) =>
        table.ChildKeys.Any(k => k.Keys.Count > 0) || table.ParentKeys.Any(k => k.Deleted.Count > 0 || k.Updated.Count > 0);

    private bool TryDefer(ForeignKey key, RowBuffer keys)
    {
        if (state.Options.Deferred is not { } deferred || !deferred.IsDeferred(key.Constraint)) return false;
        deferred.Add(key, keys.Columns, keys.Count, isParentKey: false, state);
        return true;
    }

    private void CheckParents(ForeignKey key, RowBuffer keys)
    {
        bool[] hasParent = FindParents(key, keys.Columns, key.ChildTypes, keys.Count, locks: true);
        int missing = Array.IndexOf(hasParent, false);
        if (missing >= 0) throw MissingParent(key, keys.Columns, missing);
    }

    /// <summary>Which keys have a parent row; with <paramref name="locks"/> that row is kept from being deleted until the transaction's end.</summary>
    private bool[] FindParents(ForeignKey key, Column[] keys, IReadOnlyList<SqlType> types, int count, bool locks)
    {
        while (true)
        {
            bool[] hasParent = new bool[count];
            List<(int Place, long Row)> found = [];
            ITableReader parents = locks ? Reader(key.Parent.Oid) : NewestReader(key.Parent.Oid);
            Lookup(key.Parent, key.ParentColumns).Find(parents, keys, types, count, (place, row) => found.Add((place, row)));
            foreach ((int place, _) in found) hasParent[place] = true;
            if (!locks || TryLock(key.Parent.Oid, [.. found.Select(f => f.Row)], RowLockStrength.KeyShare)) return hasParent;
        }
    }

    /// <summary>
    /// Locks the rows; false if one of them was changed or deleted by another transaction meanwhile. Then the search must be done again, in the rows of now: the key may be another.
    /// </summary>
    private bool TryLock(uint table, long[] rows, RowLockStrength strength)
    {
        if (rows.Length == 0) return true;
        long[] current = new long[rows.Length];
        RowLockResult[] results = new RowLockResult[rows.Length];
        state.Transaction.LockRows(table, rows, strength, LockWaitPolicy.Wait, results, current, isSelect: true);
        if (Array.TrueForAll(results, r => r == RowLockResult.Locked)) return true;
        state.Transaction.BeginStatement(state.Options.LockTimeoutMs, state.Context.Cancellation);
        _readers.Clear();
        return false;
    }

    private bool Act(ForeignKeyChecks.Incoming key)
    {
        if (key.Deleted.Count == 0 && key.Updated.Count == 0) return false;
        // The lists may grow again while the actions run (a table that refers to itself), so they are taken over first.
        (Column[] deleted, int deletedCount) = TakeOver(key.Deleted, key.Key.ParentTypes);
        (Column[] updated, int updatedCount) = TakeOver(key.Updated, key.Key.ParentTypes);
        (Column[] updatedTo, _) = TakeOver(key.UpdatedTo, key.Key.ParentTypes);
        key.Clear();
        if (deletedCount > 0) Act(key.Key, key.Key.Constraint.OnDelete, deleted, null, deletedCount);
        if (updatedCount > 0) Act(key.Key, key.Key.Constraint.OnUpdate, updated, updatedTo, updatedCount);
        return true;
    }

    private (Column[], int) TakeOver(RowBuffer rows, IReadOnlyList<SqlType> types)
    {
        RowBuffer copy = new(state.KindsOf(types), 16);
        copy.Append(rows.Columns, Selection.All(rows.Count));
        return (copy.Columns, rows.Count);
    }

    private void Act(ForeignKey key, ReferentialAction action, Column[] keys, Column[]? newKeys, int count)
    {
        bool[]? hasParent = null;
        // NO ACTION is content if another row has taken the key's place.
        if (action is ReferentialAction.NoAction) hasParent = FindParents(key, keys, key.ParentTypes, count, locks: false);
        bool defers = action == ReferentialAction.NoAction && state.Options.Deferred?.IsDeferred(key.Constraint) == true;
        if (defers)
        {
            state.Options.Deferred!.Add(key, keys, count, isParentKey: true, state);
            return;
        }
        List<int> places = [];
        List<long> rows = [];
        do
        {
            places.Clear();
            rows.Clear();
            Lookup(key.Child, key.ChildColumns).Find(NewestReader(key.Child.Oid), keys, key.ParentTypes, count, (place, row) =>
            {
                if (hasParent?[place] == true) return;
                if (action is ReferentialAction.NoAction or ReferentialAction.Restrict) throw StillReferenced(key, keys, place);
                places.Add(place);
                rows.Add(row);
            });
            CheckSeen(key.Child.Oid, rows);
        }
        while (!TryLock(key.Child.Oid, [.. rows], action == ReferentialAction.Cascade && newKeys is null ? RowLockStrength.Update : RowLockStrength.NoKeyUpdate));
        if (rows.Count > 0) ChangeChildren(key, action, newKeys, places, rows);
    }

    /// <summary>A transaction of one snapshot may not change rows that it can't see.</summary>
    private void CheckSeen(uint table, List<long> rows)
    {
        if (state.Transaction.Isolation == IsolationLevel.ReadCommitted || rows.TrueForAll(Reader(table).IsVisible)) return;
        throw new SqlException(SqlState.SerializationFailure, "could not serialize access due to concurrent update");
    }

    private void ChangeChildren(ForeignKey key, ReferentialAction action, Column[]? newKeys, List<int> places, List<long> locked)
    {
        bool deletes = action == ReferentialAction.Cascade && newKeys is null;
        ColumnObject[] columns = [.. key.Child.LiveColumns];
        PhysicalKind[] kinds = state.KindsOf([.. columns.Select(c => c.Type)]);
        RowBuffer old = new(kinds, locked.Count);
        Reader(key.Child.Oid).Fetch([.. locked], [.. columns.Select(c => c.Number)], old.Builders);
        old.AddRows(locked.Count);
        ForeignKeyChecks further = ChecksOf(key.Child);
        if (deletes)
        {
            further.Deleting(old.ToBatch());
            state.Transaction.Delete(key.Child.Oid, [.. locked]);
        }
        else
        {
            ColumnBatch changed = ChecksOfRows(key.Child).Apply(NewChildRows(key, action, newKeys, places, columns, kinds, old));
            further.Updating(old.ToBatch(), changed);
            state.Transaction.Update(key.Child.Oid, [.. locked], changed);
        }
        // What was written must be seen by the actions that follow.
        state.Transaction.AdvanceCommand();
        _readers.Clear();
    }

    private ColumnBatch NewChildRows(ForeignKey key, ReferentialAction action, Column[]? newKeys, List<int> places, ColumnObject[] columns, PhysicalKind[] kinds, RowBuffer old)
    {
        RowBuffer rows = new(kinds, old.Count);
        for (int i = 0; i < columns.Length; i++)
        {
            int place = Array.IndexOf(key.ChildColumns, columns[i].Number);
            if (place < 0) rows.Builders[i].AppendFrom(old.Columns[i], Selection.All(old.Count));
            else if (action == ReferentialAction.Cascade)
                rows.Builders[i].AppendFrom(newKeys![place], Selection.Of([.. places], places.Count));
            else if (action == ReferentialAction.SetDefault) AppendDefaults(key.Child, i, rows.Builders[i], old.Count);
            else for (int row = 0; row < old.Count; row++) rows.Builders[i].AppendNull();
        }
        rows.AddRows(old.Count);
        return rows.ToBatch();
    }

    /// <summary>A column's default, computed for each row.</summary>
    private void AppendDefaults(TableObject table, int column, ColumnBuilder result, int count)
    {
        if (state.Options.DescribeDefaults is not { } describe) throw SqlException.NotSupported("SET DEFAULT of a foreign key in this place");
        BoundExpression value = describe(table)[column];
        Evaluator evaluator = new EvaluatorBuilder(state) { BuildSubplan = _ => throw Invariant.Unreachable(value) }.Build(value);
        for (int row = 0; row < count; row++) result.AppendFrom(evaluator.Evaluate([], Selection.All(1)), 0);
    }

    private ForeignKeyChecks ChecksOf(TableObject table) => new(state, table);

    private RowChecks ChecksOfRows(TableObject table)
    {
        if (_rowChecks.TryGetValue(table.Oid, out RowChecks? checks)) return checks;
        bool needsExpressions = table.Constraints.Any(c => c.Kind == ConstraintKind.Check) || table.LiveColumns.Any(c => c.IsGenerated);
        if (needsExpressions && state.Options.DescribeTarget is null) throw SqlException.NotSupported("a referential action on a table with CHECK constraints or generated columns");
        TargetTable target = state.Options.DescribeTarget?.Invoke(table) ?? new TargetTable(table, [], []);
        EvaluatorBuilder expressions = new(state) { BuildSubplan = _ => throw Invariant.Unreachable(target) };
        checks = new RowChecks(state, target, expressions);
        _rowChecks.Add(table.Oid, checks);
        return checks;
    }

    private KeyLookup Lookup(TableObject table, short[] columns) => new(state, table, columns);

    /// <summary>The rows of now, also in REPEATABLE READ: what another transaction has committed holds for all.</summary>
    private ITableReader NewestReader(uint table) => state.Transaction.Isolation == IsolationLevel.ReadCommitted ? Reader(table) : state.Transaction.ReadNewest(table);

    private ITableReader Reader(uint table)
    {
        if (_readers.TryGetValue(table, out ITableReader? reader)) return reader;
        reader = state.Transaction.Read(table);
        _readers.Add(table, reader);
        return reader;
    }

    private SqlException MissingParent(ForeignKey key, Column[] keys, int place) =>
        new(SqlState.ForeignKeyViolation, $"insert or update on table \"{key.Child.Name}\" violates foreign key constraint \"{key.Constraint.Name}\"",
            detail: $"{ForeignKey.Describe(key.Child, key.ChildColumns, RowText.Format(keys, place, key.ChildTypes, state))} is not present in table \"{key.Parent.Name}\".")
        { SchemaName = state.Catalog.Find<SchemaObject>(key.Child.Schema)?.Name, TableName = key.Child.Name, ConstraintName = key.Constraint.Name };

    private SqlException StillReferenced(ForeignKey key, Column[] keys, int place) =>
        new(SqlState.ForeignKeyViolation, $"update or delete on table \"{key.Parent.Name}\" violates foreign key constraint \"{key.Constraint.Name}\" on table \"{key.Child.Name}\"",
            detail: $"{ForeignKey.Describe(key.Parent, key.ParentColumns, RowText.Format(keys, place, key.ParentTypes, state))} is still referenced from table \"{key.Child.Name}\".")
        { SchemaName = state.Catalog.Find<SchemaObject>(key.Child.Schema)?.Name, TableName = key.Child.Name, ConstraintName = key.Constraint.Name };
}
