using VecSql.Core.Columns;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>WITH: owns the definitions' results and runs the body.</summary>
internal sealed class WithOperator(ExecutionState state, (CteResult Result, bool IsCorrelated)[] definitions, Operator body) : Operator(state)
{
    public Operator Body => body;

    protected override void OpenCore()
    {
        foreach ((CteResult result, bool isCorrelated) in definitions)
            if (isCorrelated) result.Restart();
        body.Open();
    }

    protected override ColumnBatch? NextCore() => body.Next();

    public override void Dispose()
    {
        body.Dispose();
        foreach ((CteResult result, _) in definitions) result.Dispose();
        base.Dispose();
    }
}

/// <summary>Reads a WITH definition.</summary>
internal sealed class CteScanOperator(ExecutionState state, CteResult cte, int[] ordinals) : Operator(state)
{
    private RowStore.Cursor _cursor = cte.Read();

    protected override void OpenCore() => _cursor = cte.Read();

    protected override ColumnBatch? NextCore()
    {
        ColumnBatch? batch = cte.Next(_cursor);
        if (batch is null) return null;
        Column[] columns = new Column[ordinals.Length];
        for (int i = 0; i < columns.Length; i++) columns[i] = batch[ordinals[i]];
        return new ColumnBatch(columns, batch.RowCount, batch.Selection);
    }
}
