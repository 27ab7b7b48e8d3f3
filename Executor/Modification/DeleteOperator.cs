using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Executor.Operators;
using VecSql.Planner.Physical;

namespace VecSql.Executor.Modification;

/// <summary>DELETE: locks, re-checks what moved, deletes.</summary>
internal sealed class DeleteOperator(ExecutionState state, DeleteRows plan, Operator input, RowLocker locker, ForeignKeyChecks foreignKeys, Evaluator[] returning) : ModificationOperator(state, input, returning)
{
    protected override ColumnBatch? Change(ColumnBatch batch)
    {
        ColumnBatch old = locker.Lock(batch);
        if (old.Count == 0) return null;
        foreignKeys.Deleting(old.Reorder(plan.OldOrdinals));
        State.Transaction.Delete(plan.Target.Table.Oid, locker.RowIds);
        RowsAffected += old.Count;
        return old;
    }
}
