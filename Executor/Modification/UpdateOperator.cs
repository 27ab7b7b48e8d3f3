using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Executor.Operators;
using VecSql.Planner.Physical;

namespace VecSql.Executor.Modification;

/// <summary>UPDATE: locks, re-checks what moved, computes the new rows, replaces.</summary>
internal sealed class UpdateOperator(ExecutionState state, UpdateRows plan, Operator input, RowLocker locker, Evaluator[] assignments, RowChecks checks, ForeignKeyChecks foreignKeys,
    Evaluator[] returning) : ModificationOperator(state, input, returning)
{
    protected override ColumnBatch? Change(ColumnBatch batch)
    {
        ColumnBatch old = locker.Lock(batch);
        if (old.Count == 0) return null;
        Column[] columns = new Column[assignments.Length];
        for (int i = 0; i < columns.Length; i++) columns[i] = assignments[i].Evaluate(old.Columns, old.Selection);
        old = locker.KeepUnchanged(old);
        if (old.Count == 0) return null;
        ColumnBatch rows = checks.Apply(new ColumnBatch(columns, Selections.Extent(old.Selection), old.Selection));
        foreignKeys.Updating(old.Reorder(plan.OldOrdinals), rows);
        State.Transaction.Update(plan.Target.Table.Oid, locker.RowIds, rows);
        RowsAffected += rows.Count;
        return new ColumnBatch([.. rows.Columns, .. old.Columns], rows.RowCount, rows.Selection);
    }
}
