using VecSql.Core.Errors;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>Expressions over an operator's input: columns by id become places, columns of enclosing queries become slots, subqueries become subplans.</summary>
internal sealed partial class PlanLowering
{
    private readonly Stack<CorrelationScope> _scopes = new();
    private int _nextSlot;

    /// <summary>Slots used so far.</summary>
    public int SlotCount => _nextSlot;

    private BoundExpression Lower(BoundExpression expression, Lowered input) => new InputRewriter(this, input).Visit(expression);

    private BoundExpression? LowerOptional(BoundExpression? expression, Lowered input) => expression is null ? null : Lower(expression, input);

    private IReadOnlyList<BoundExpression> LowerAll(IEnumerable<BoundExpression> expressions, Lowered input) => [.. expressions.Select(e => Lower(e, input))];

    private IReadOnlyList<SortKey> LowerKeys(IEnumerable<SortKey> keys, Lowered input) => [.. keys.Select(k => k with { Expression = Lower(k.Expression, input) })];

    private AggregateCall LowerCall(AggregateCall call, Lowered input) => call with
    {
        Arguments = LowerAll(call.Arguments, input),
        DirectArguments = LowerAll(call.DirectArguments, input),
        Filter = LowerOptional(call.Filter, input),
        OrderBy = LowerKeys(call.OrderBy, input),
    };

    private WindowCall LowerCall(WindowCall call, Lowered input) => call with
    {
        Arguments = LowerAll(call.Arguments, input),
        Aggregate = call.Aggregate is null ? null : LowerCall(call.Aggregate, input),
        Frame = call.Frame with
        {
            Start = call.Frame.Start with { Offset = LowerOptional(call.Frame.Start.Offset, input) },
            End = call.Frame.End with { Offset = LowerOptional(call.Frame.End.Offset, input) },
        },
    };

    private TableFunctionCall LowerCall(TableFunctionCall call, Lowered input) => call with { Arguments = LowerAll(call.Arguments, input) };

    /// <summary>A column of an enclosing query's current row.</summary>
    private CorrelatedExpression Correlate(ColumnExpression column)
    {
        List<CorrelationScope> between = [];
        foreach (CorrelationScope scope in _scopes)
        {
            if (!scope.Outer.Has(column.ColumnId))
            {
                between.Add(scope);
                continue;
            }
            CorrelatedExpression slot = scope.Use(column.ColumnId, column.Type, ref _nextSlot);
            foreach (CorrelationScope inner in between) inner.Pass(slot.Slot, slot.Type);
            return slot with { Position = column.Position };
        }
        throw new InvariantException($"column {column.Name}#{column.ColumnId} is not produced below its use");
    }

    private SubplanExpression LowerSubquery(SubqueryExpression subquery, Lowered input, InputRewriter rewriter)
    {
        CorrelationScope scope = new(input);
        _scopes.Push(scope);
        Lowered plan = Arrange(LowerPlan(subquery.Query), subquery.Query.Output);
        _scopes.Pop();
        return new SubplanExpression(subquery.Kind, plan.Plan, rewriter.VisitAll(subquery.Left), subquery.Comparison, scope.BindingsWithPassed, subquery.Type) { Position = subquery.Position };
    }

    private sealed class InputRewriter(PlanLowering lowering, Lowered input) : ExpressionRewriter
    {
        public override BoundExpression Visit(BoundExpression expression)
        {
            Parser.SqlParser.CheckStack(expression.Position);
            return expression switch
            {
                ColumnExpression column when input.PlaceOf(column.ColumnId) is >= 0 and int place => new InputExpression(place, column.Type) { Position = column.Position },
                ColumnExpression column => lowering.Correlate(column),
                SubqueryExpression subquery => lowering.LowerSubquery(subquery, input, this),
                _ => base.Visit(expression),
            };
        }
    }
}
