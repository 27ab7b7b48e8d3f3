using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>A rule that looks at one node at a time, inputs first; plans of subqueries in expressions are visited too.</summary>
internal abstract class PlanRule : IRule
{
    public abstract string Name { get; }

    public LogicalPlan Apply(LogicalPlan plan, RuleContext context)
    {
        SqlParser.CheckStack();
        LogicalPlan[] inputs = [.. plan.Inputs.Select(i => Apply(i, context))];
        LogicalPlan visited = PlanExpressions.WithInputs(plan, inputs);
        visited = Subqueries.Map(visited, q => Apply(q, context));
        return Rewrite(visited, context);
    }

    /// <summary>The node, or what stands in its place with the same output columns; its inputs are done.</summary>
    protected abstract LogicalPlan Rewrite(LogicalPlan plan, RuleContext context);
}

/// <summary>Plans inside expressions.</summary>
internal static class Subqueries
{
    /// <summary>The node with the plans of the subqueries in its own expressions mapped.</summary>
    public static LogicalPlan Map(LogicalPlan plan, Func<LogicalPlan, LogicalPlan> map)
    {
        QueryMapper mapper = new(map);
        return PlanExpressions.Of(plan).Any(ExpressionFacts.HasSubquery) ? PlanExpressions.Map(plan, mapper.Visit) : plan;
    }

    private sealed class QueryMapper(Func<LogicalPlan, LogicalPlan> map) : ExpressionRewriter
    {
        public override BoundExpression Visit(BoundExpression expression)
        {
            SqlParser.CheckStack(expression.Position);
            BoundExpression visited = base.Visit(expression);
            return visited is SubqueryExpression subquery && map(subquery.Query) is var query && !ReferenceEquals(query, subquery.Query) ? subquery with { Query = query } : visited;
        }
    }
}
