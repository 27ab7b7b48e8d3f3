using VecSql.Core.Columns;
using VecSql.Executor.Expressions;

namespace VecSql.Executor.Operators;

/// <summary>Computes the output columns of the selected rows.</summary>
internal sealed class ProjectOperator(ExecutionState state, Operator input, Evaluator[] expressions) : Operator(state)
{
    public override void HintRows(long rows) => input.HintRows(rows);

    protected override void OpenCore() => input.Open();

    protected override ColumnBatch? NextCore()
    {
        ColumnBatch? batch = input.Next();
        if (batch is null) return null;
        Column[] columns = new Column[expressions.Length];
        for (int i = 0; i < columns.Length; i++) columns[i] = expressions[i].Evaluate(batch.Columns, batch.Selection);
        return new ColumnBatch(columns, Selections.Extent(batch.Selection), batch.Selection);
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
