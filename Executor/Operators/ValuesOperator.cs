using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>Rows of expressions.</summary>
internal sealed class ValuesOperator(ExecutionState state, Evaluator[][] rows, PhysicalKind[] kinds) : Operator(state)
{
    private readonly RowBuffer _output = new(kinds, 1);
    private int _next;

    protected override void OpenCore() => _next = 0;

    protected override ColumnBatch? NextCore()
    {
        if (_next == rows.Length) return null;
        int count = Math.Min(rows.Length - _next, State.Options.BatchSize);
        _output.Reset();
        Selection one = Selection.All(1);
        for (int i = 0; i < count; i++)
        {
            Evaluator[] row = rows[_next++];
            for (int column = 0; column < row.Length; column++) _output.Builders[column].AppendFrom(row[column].Evaluate([], one), 0);
        }
        _output.AddRows(count);
        return _output.ToBatch();
    }
}
