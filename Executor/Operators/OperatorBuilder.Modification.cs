using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Executor.Expressions;
using VecSql.Executor.Modification;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Operators;

/// <summary>Nodes that change or lock rows.</summary>
internal sealed partial class OperatorBuilder
{
    private readonly RowRecheck? _recheck;
    private readonly HashSet<uint> _lockedTables = [];

    /// <summary>A builder for the second run of a query below a row lock: scans of the locked tables are reduced to one row each.</summary>
    private OperatorBuilder(ExecutionState state, RowRecheck recheck, IEnumerable<uint> lockedTables) : this(state, null)
    {
        _recheck = recheck;
        _lockedTables.UnionWith(lockedTables);
    }

    private bool IsLocked(TableObject table) => _lockedTables.Contains(table.Oid);

    private SingleRowOperator BuildSingleRow(TableObject table, IReadOnlyList<short> columns, bool withRowId, BoundExpression? filter, PhysicalPlan plan, IndexScan? index)
    {
        if (index is not null && !IndexRangeTest.CanTest(index)) throw new SqlException(SqlState.SerializationFailure, "could not serialize access due to concurrent update");
        IndexRangeTest? range = index is null ? null : new IndexRangeTest(_state, index, BuildKeyRange(index));
        return new SingleRowOperator(_state, table.Oid, _recheck!, new RowFetcher(columns, Kinds(plan), withRowId, _expressions.BuildOptional(filter)), range);
    }

    private LockRowsOperator BuildLockRows(LockRows plan)
    {
        uint[] tables = [.. plan.Locks.Select(l => l.Table.Oid)];
        RowRecheck recheck = new(_state, source => new OperatorBuilder(_state, source, tables).Build(plan.Input));
        return new LockRowsOperator(_state, plan, Build(plan.Input), recheck, Kinds(plan));
    }

    private Operator BuildInsert(InsertRows plan)
    {
        Operator input = Build(plan.Input);
        RowChecks checks = new(_state, plan.Target, _expressions);
        ForeignKeyChecks foreignKeys = new(_state, plan.Target.Table);
        Evaluator[] returning = _expressions.BuildAll(plan.Returning);
        if (plan.OnConflict is not { } action) return new InsertOperator(_state, plan, input, checks, foreignKeys, returning);
        Evaluator[]? assignments = action.Assignments is null ? null : _expressions.BuildAll(action.Assignments);
        return new UpsertOperator(_state, plan, action, input, checks, assignments, _expressions.BuildOptional(action.Condition), foreignKeys, returning);
    }

    private UpdateOperator BuildUpdate(UpdateRows plan)
    {
        // An update of columns that others may refer to conflicts with their KEY SHARE locks.
        bool changesKey = _state.Catalog.IndexesOf(plan.Target.Table.Oid).Any(i => i.IsUnique && i.Predicate is null && i.Keys.Any(k => plan.AssignedColumns.Contains(k.Column)));
        RowLocker locker = BuildLocker(plan.Target.Table, plan.Input, plan.OldOrdinals, plan.RowIdOrdinal, plan.Recheck, changesKey ? RowLockStrength.Update : RowLockStrength.NoKeyUpdate);
        return new UpdateOperator(_state, plan, Build(plan.Input), locker, _expressions.BuildAll(plan.Assignments), new RowChecks(_state, plan.Target, _expressions),
            new ForeignKeyChecks(_state, plan.Target.Table), _expressions.BuildAll(plan.Returning));
    }

    private DeleteOperator BuildDelete(DeleteRows plan)
    {
        RowLocker locker = BuildLocker(plan.Target.Table, plan.Input, plan.OldOrdinals, plan.RowIdOrdinal, plan.Recheck, RowLockStrength.Update);
        return new DeleteOperator(_state, plan, Build(plan.Input), locker, new ForeignKeyChecks(_state, plan.Target.Table), _expressions.BuildAll(plan.Returning));
    }

    private RowLocker BuildLocker(TableObject table, PhysicalPlan input, IReadOnlyList<int> oldOrdinals, int rowId, BoundExpression? recheck, RowLockStrength strength) =>
        new(_state, table, oldOrdinals, rowId, _expressions.BuildOptional(recheck), Kinds(input), strength);
}
