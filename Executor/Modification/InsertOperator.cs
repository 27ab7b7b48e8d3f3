using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Executor.Operators;
using VecSql.Planner.Physical;

namespace VecSql.Executor.Modification;

/// <summary>INSERT without ON CONFLICT. Streams: the scan never sees what the statement writes.</summary>
internal sealed class InsertOperator(ExecutionState state, InsertRows plan, Operator input, RowChecks checks, ForeignKeyChecks foreignKeys, Evaluator[] returning) : ModificationOperator(state, input, returning)
{
    protected override ColumnBatch? Change(ColumnBatch batch)
    {
        ColumnBatch rows = checks.Apply(batch);
        State.Transaction.Insert(plan.Target.Table.Oid, rows);
        foreignKeys.Inserted(rows);
        RowsAffected += rows.Count;
        return rows;
    }
}
