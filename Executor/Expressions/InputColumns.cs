using VecSql.Planner.Expressions;

namespace VecSql.Executor.Expressions;

/// <summary>Which input columns an expression reads, and the same expression over just these.</summary>
internal sealed class InputColumns : ExpressionRewriter
{
    private readonly List<int> _ordinals = [];

    /// <summary>The columns read, in the order of their new places.</summary>
    public IReadOnlyList<int> Ordinals => _ordinals;

    public override BoundExpression Visit(BoundExpression expression)
    {
        if (expression is not InputExpression input) return base.Visit(expression);
        int place = _ordinals.IndexOf(input.Ordinal);
        if (place < 0)
        {
            place = _ordinals.Count;
            _ordinals.Add(input.Ordinal);
        }
        return input with { Ordinal = place };
    }
}
