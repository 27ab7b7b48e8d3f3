using VecSql.Core.Types;
using VecSql.Planner.Cost;
using VecSql.Planner.Expressions;
using VecSql.Planner.Lowering;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>
/// (SELECT aggregate … WHERE inner = outer) for each of many rows becomes one grouped query and a left join. Where there is no match the aggregates are NULL, as over no rows; a
/// count is set to 0. For few outer rows the subquery stays: it can use an index.
/// </summary>
internal sealed class ScalarDecorrelation : IRule
{
    private const double ManyRows = 100;

    public string Name => "scalar-decorrelation";

    public LogicalPlan Apply(LogicalPlan plan, RuleContext context)
    {
        CardinalityEstimator estimator = new(context.Planning);
        estimator.Learn(plan);
        return Visit(plan, context, estimator);
    }

    private static LogicalPlan Visit(LogicalPlan plan, RuleContext context, CardinalityEstimator estimator)
    {
        Parser.SqlParser.CheckStack();
        plan = PlanExpressions.WithInputs(plan, [.. plan.Inputs.Select(i => Visit(i, context, estimator))]);
        plan = Subqueries.Map(plan, q => Visit(q, context, estimator));
        if (plan is not (Project or Filter) || !PlanExpressions.Of(plan).Any(ExpressionFacts.HasSubquery)) return plan;
        // A select list stands above ORDER BY: the join goes below the sort, since joins keep no order.
        List<Sort> sorts = [];
        LogicalPlan input = plan.Inputs[0];
        for (; input is Sort sort; input = sort.Input) sorts.Add(sort);
        if (CarriesOrder(input) || estimator.Rows(input) < ManyRows) return plan;
        Extractor extractor = new(input, context);
        LogicalPlan rewritten = PlanExpressions.Map(plan, extractor.Visit);
        if (ReferenceEquals(extractor.Input, input)) return plan;
        LogicalPlan below = extractor.Input;
        for (int i = sorts.Count - 1; i >= 0; i--) below = new Sort(below, sorts[i].Keys);
        rewritten = PlanExpressions.WithInputs(rewritten, [below]);
        // A filter must not pass on the columns that were joined for it alone.
        return rewritten is Filter ? ColumnPruning.Exactly(rewritten, plan.Output) : rewritten;
    }

    /// <summary>True if the rows come in an order that was asked for.</summary>
    private static bool CarriesOrder(LogicalPlan plan) => plan is Sort || plan is Project or Filter or Limit or ProjectSet or LockRows or Distinct && CarriesOrder(plan.Inputs[0]);

    /// <summary>Replaces scalar subqueries that it can join to the input; not those in branches that may not be reached.</summary>
    private sealed class Extractor(LogicalPlan input, RuleContext context) : ExpressionRewriter
    {
        public LogicalPlan Input { get; private set; } = input;

        public override BoundExpression Visit(BoundExpression expression) => expression switch
        {
            CaseExpression or CoalesceExpression => expression,
            SubqueryExpression { Kind: SubqueryKind.Scalar } subquery => TryJoin(subquery) ?? subquery,
            _ => base.Visit(expression),
        };

        private BoundExpression? TryJoin(SubqueryExpression subquery)
        {
            HashSet<int> outer = [.. Input.Output.Select(c => c.Id)];
            if (subquery.Query is not Project { Columns: [{ } output], Input: Aggregate { Groups.Count: 0, GroupingSets: null } aggregate }) return null;
            if (!FreeColumns.Of(subquery.Query).Overlaps(outer) || FreeColumns.IsVolatile(subquery.Query)) return null;
            if (ExpressionFacts.Columns(output.Expression).Overlaps(outer) || ExpressionFacts.HasSubquery(output.Expression)) return null;
            foreach (BoundExpression part in PlanExpressions.Of(aggregate))
                if (ExpressionFacts.Columns(part).Overlaps(outer)) return null;
            if (aggregate.Aggregates.Any(a => a.Call.DirectArguments.Count > 0)) return null;
            CorrelationPuller puller = new(outer, isExistence: false, canSubstitute: false);
            if (puller.Pull(aggregate.Input) is not { } below) return null;
            return Join(output, aggregate, below, puller.Pulled, outer);
        }

        private BoundExpression? Join(ProjectedColumn output, Aggregate aggregate, LogicalPlan below, List<BoundExpression> pulled, HashSet<int> outer)
        {
            List<ProjectedColumn> groups = [];
            List<BoundExpression> conditions = [];
            foreach (BoundExpression condition in pulled)
            {
                if (Equalities.Find(condition) is not var (left, right) || condition is not CallExpression call) return null;
                bool isLeftInner = !ExpressionFacts.Columns(left).Overlaps(outer);
                BoundExpression inner = isLeftInner ? left : right, other = isLeftInner ? right : left;
                if (ExpressionFacts.Columns(inner).Overlaps(outer) || ExpressionFacts.Columns(inner).Count == 0) return null;
                if (ExpressionFacts.Columns(other).Any(c => !outer.Contains(c) && below.Output.Any(b => b.Id == c))) return null;
                LogicalColumn group = context.NewColumn("group", inner.Type);
                groups.Add(new ProjectedColumn(group, inner));
                ColumnExpression key = new(group.Id, group.Name, group.Type);
                conditions.Add(call with { Arguments = isLeftInner ? [key, other] : [other, key] });
            }
            if (groups.Count == 0) return null;
            Aggregate grouped = new(below, groups, null, aggregate.Aggregates, []);
            Input = new Join(JoinKind.Left, Input, grouped, ExpressionFacts.Conjunction(conditions));
            HashSet<int> counts = [.. aggregate.Aggregates.Where(a => a.Call.Signature.Name is "count" or "regr_count").Select(a => a.Column.Id)];
            ColumnReplacer zero = new(c => counts.Contains(c.ColumnId) ? new CoalesceExpression([c, Binding.Literals.Int8(0)], SqlType.Int8) : null);
            return zero.Visit(output.Expression);
        }
    }
}
