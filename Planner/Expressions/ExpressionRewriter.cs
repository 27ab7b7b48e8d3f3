using VecSql.Core.Errors;

namespace VecSql.Planner.Expressions;

/// <summary>
/// Rebuilds expressions bottom-up; unchanged parts are shared. Comparisons over InputExpression 0 and 1 (equality, quantified, row) are left alone: their inputs aren't the operator's.
/// Override <see cref="Visit"/> for the kinds of interest and call the base for the rest.
/// </summary>
public abstract class ExpressionRewriter
{
    public virtual BoundExpression Visit(BoundExpression expression) => expression switch
    {
        LiteralExpression or ParameterExpression or ColumnExpression or InputExpression or CorrelatedExpression or CaseOperandExpression => expression,
        CallExpression e => Same(e.Arguments, out IReadOnlyList<BoundExpression> arguments) ? e : e with { Arguments = arguments },
        AndExpression e => Same(e.Operands, out IReadOnlyList<BoundExpression> operands) ? e : e with { Operands = operands },
        OrExpression e => Same(e.Operands, out IReadOnlyList<BoundExpression> operands) ? e : e with { Operands = operands },
        NotExpression e => Visit(e.Operand) is var operand && ReferenceEquals(operand, e.Operand) ? e : e with { Operand = operand },
        IsNullExpression e => Visit(e.Operand) is var operand && ReferenceEquals(operand, e.Operand) ? e : e with { Operand = operand },
        IsBooleanExpression e => Visit(e.Operand) is var operand && ReferenceEquals(operand, e.Operand) ? e : e with { Operand = operand },
        DistinctFromExpression e => e with { Left = Visit(e.Left), Right = Visit(e.Right) },
        CaseExpression e => e with
        {
            Operand = e.Operand is null ? null : Visit(e.Operand),
            Branches = [.. e.Branches.Select(b => new CaseBranch(Visit(b.Condition), Visit(b.Result)))],
            Else = e.Else is null ? null : Visit(e.Else),
        },
        CoalesceExpression e => Same(e.Operands, out IReadOnlyList<BoundExpression> operands) ? e : e with { Operands = operands },
        NullIfExpression e => e with { Left = Visit(e.Left), Right = Visit(e.Right) },
        ExtremeExpression e => Same(e.Operands, out IReadOnlyList<BoundExpression> operands) ? e : e with { Operands = operands },
        CoercionExpression e => Visit(e.Operand) is var operand && ReferenceEquals(operand, e.Operand) ? e : e with { Operand = operand },
        ArrayExpression e => Same(e.Elements, out IReadOnlyList<BoundExpression> elements) ? e : e with { Elements = elements },
        SubscriptExpression e => e with
        {
            Array = Visit(e.Array),
            Subscripts = [.. e.Subscripts.Select(s => s with { Lower = s.Lower is null ? null : Visit(s.Lower), Upper = s.Upper is null ? null : Visit(s.Upper) })],
        },
        RowExpression e => Same(e.Fields, out IReadOnlyList<BoundExpression> fields) ? e : e with { Fields = fields },
        FieldExpression e => Visit(e.Row) is var row && ReferenceEquals(row, e.Row) ? e : e with { Row = row },
        RowCompareExpression e => e with { Left = VisitAll(e.Left), Right = VisitAll(e.Right) },
        QuantifiedArrayExpression e => e with { Left = Visit(e.Left), Array = Visit(e.Array) },
        SubqueryExpression e => e with { Left = VisitAll(e.Left) },
        SubplanExpression e => e with
        {
            Left = VisitAll(e.Left),
            Correlations = [.. e.Correlations.Select(c => c with { Value = Visit(c.Value) })],
        },
        _ => throw Invariant.Unreachable(expression),
    };

    public IReadOnlyList<BoundExpression> VisitAll(IReadOnlyList<BoundExpression> expressions) => Same(expressions, out IReadOnlyList<BoundExpression> visited) ? expressions : visited;

    private bool Same(IReadOnlyList<BoundExpression> expressions, out IReadOnlyList<BoundExpression> visited)
    {
        BoundExpression[]? changed = null;
        for (int i = 0; i < expressions.Count; i++)
        {
            BoundExpression result = Visit(expressions[i]);
            if (changed is null && ReferenceEquals(result, expressions[i])) continue;
            changed ??= [.. expressions];
            changed[i] = result;
        }
        visited = changed ?? expressions;
        return changed is null;
    }
}
