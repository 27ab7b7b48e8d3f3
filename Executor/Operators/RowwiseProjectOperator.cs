using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;
using VecSql.Planner.Expressions;

namespace VecSql.Executor.Operators;

/// <summary>A projection computed row by row: currval must see the nextval of its own row, not of the batch's last one.</summary>
internal sealed class RowwiseProjectOperator(ExecutionState state, Operator input, Evaluator[] expressions, PhysicalKind[] kinds) : Operator(state)
{
    private readonly RowBuffer _output = new(kinds, 16);
    private readonly SelectionBuffer _selection = new();

    protected override void OpenCore() => input.Open();

    protected override ColumnBatch? NextCore()
    {
        if (input.Next() is not { } batch) return null;
        _output.Reset();
        int[] one = _selection.Take(1);
        for (int i = 0; i < batch.Count; i++)
        {
            one[0] = batch.Selection[i];
            Selection row = Selection.Of(one, 1);
            for (int column = 0; column < expressions.Length; column++) _output.Builders[column].AppendFrom(expressions[column].Evaluate(batch.Columns, row), one[0]);
        }
        _output.AddRows(batch.Count);
        return _output.ToBatch();
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}

/// <summary>Which expressions depend on each other through a sequence.</summary>
internal static class SequenceCalls
{
    private static readonly string[] Functions = ["nextval", "setval", "currval", "lastval"];

    /// <summary>True if one call changes a sequence and another one reads or changes one.</summary>
    public static bool Interact(IReadOnlyList<BoundExpression> expressions)
    {
        int calls = 0;
        bool changes = false;
        foreach (BoundExpression expression in expressions)
        {
            ExpressionFacts.Any(expression, e =>
            {
                if (e is not CallExpression { Signature.Volatility: 'v' } call || !Functions.Contains(call.Signature.Name)) return false;
                calls++;
                changes |= call.Signature.Name is "nextval" or "setval";
                return false;
            });
        }
        return changes && calls > 1;
    }
}
