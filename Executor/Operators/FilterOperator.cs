using VecSql.Core.Columns;
using VecSql.Executor.Expressions;

namespace VecSql.Executor.Operators;

/// <summary>Selects the rows for which a condition is true; copies nothing.</summary>
internal sealed class FilterOperator(ExecutionState state, Operator input, Evaluator condition) : Operator(state)
{
    protected override void OpenCore() => input.Open();

    protected override ColumnBatch? NextCore()
    {
        while (input.Next() is { } batch)
        {
            Selection passed = condition.Filter(batch.Columns, batch.Selection);
            if (Statistics is { } statistics) statistics.RowsRemoved += batch.Count - passed.Count;
            if (passed.Count > 0) return batch.Select(passed);
        }
        return null;
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
