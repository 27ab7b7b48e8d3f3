using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>
/// Moves conditions to where their columns come from: through projections, joins, grouping, windows' partitions, unions; comma lists with WHERE become joins with conditions.
/// Volatile conditions stay where they are.
/// </summary>
internal sealed class PredicatePushdown(string name) : IRule
{
    public string Name { get; } = name;

    public LogicalPlan Apply(LogicalPlan plan, RuleContext context) => Push(plan, []);

    private LogicalPlan Push(LogicalPlan plan, List<BoundExpression> conditions)
    {
        SqlParser.CheckStack();
        plan = Subqueries.Map(plan, q => Push(q, []));
        switch (plan)
        {
            case Filter p:
                List<BoundExpression> own = Disjunctions.Factored(ExpressionFacts.Conjuncts(p.Condition));
                List<BoundExpression> volatiles = [.. own.Where(ExpressionFacts.IsVolatile)];
                // A volatile condition sees the rows that it saw: nothing is moved past it.
                if (volatiles.Count > 0) return Filtered(new Filter(Push(p.Input, []), p.Condition), conditions);
                return Push(p.Input, [.. own, .. conditions]);
            case Project p: return PushProject(p, conditions);
            case Join p: return PushJoin(p, conditions);
            case Apply p: return PushApply(p, conditions);
            case Aggregate p: return PushAggregate(p, conditions);
            case Window p:
                HashSet<int> partition = [.. p.PartitionBy.OfType<ColumnExpression>().Select(c => c.ColumnId)];
                HashSet<int> windowInput = [.. p.Input.Output.Select(c => c.Id)];
                return Through(p, conditions, c => ExpressionFacts.Columns(c).Where(id => windowInput.Contains(id) || Made(p, id)).All(partition.Contains));
            case Distinct p:
                HashSet<int> on = [.. (p.On ?? []).OfType<ColumnExpression>().Select(c => c.ColumnId)];
                HashSet<int> distinctOutput = [.. p.Output.Select(c => c.Id)];
                return Through(p, conditions, c => p.On is null || ExpressionFacts.Columns(c).Where(distinctOutput.Contains).All(on.Contains));
            case Sort p: return Through(p, conditions, _ => true);
            case ProjectSet p: return Through(p, conditions, c => !p.Sets.Any(s => ExpressionFacts.Columns(c).Contains(s.Column.Id)));
            case SetOperation p: return PushSetOperation(p, conditions);
            case With p: return PlanExpressions.WithInputs(p, [.. p.Definitions.Select(d => Push(d.Plan, [])), Push(p.Body, conditions)]);
            default: return Filtered(PlanExpressions.WithInputs(plan, [.. plan.Inputs.Select(i => Push(i, []))]), conditions);
        }
    }

    private static bool Made(LogicalPlan plan, int id) => plan.Output.Any(c => c.Id == id);

    /// <summary>A condition that came twice (implied by an OR above, and here already) is tested once.</summary>
    private static LogicalPlan Filtered(LogicalPlan plan, List<BoundExpression> conditions) =>
        ExpressionFacts.Conjunction([.. conditions.Distinct(ExpressionEquality.Instance)]) is { } condition ? new Filter(plan, condition) : plan;

    /// <summary>A node with one input and its columns: conditions that may pass go below, the others stay above.</summary>
    private LogicalPlan Through(LogicalPlan plan, List<BoundExpression> conditions, Func<BoundExpression, bool> mayPass)
    {
        List<BoundExpression> below = [.. conditions.Where(mayPass)], above = [.. conditions.Where(c => !below.Contains(c))];
        return Filtered(PlanExpressions.WithInputs(plan, [Push(plan.Inputs[0], below)]), above);
    }

    private LogicalPlan PushProject(Project project, List<BoundExpression> conditions)
    {
        Dictionary<int, BoundExpression> expressions = project.Columns.ToDictionary(c => c.Column.Id, c => c.Expression);
        ColumnReplacer replacer = ColumnReplacer.Of(project.Columns);
        List<BoundExpression> below = [], above = [];
        foreach (BoundExpression condition in conditions)
        {
            bool isSafe = ExpressionFacts.Columns(condition).All(id => !expressions.TryGetValue(id, out BoundExpression? e) || !ExpressionFacts.IsVolatile(e) && !ExpressionFacts.HasSubquery(e));
            if (isSafe) below.Add(replacer.Visit(condition));
            else above.Add(condition);
        }
        return Filtered(new Project(Push(project.Input, below), project.Columns), above);
    }

    private LogicalPlan PushJoin(Join join, List<BoundExpression> conditions)
    {
        HashSet<int> left = [.. join.Left.Output.Select(c => c.Id)], right = [.. join.Right.Output.Select(c => c.Id)];
        List<BoundExpression> toLeft = [], toRight = [], on = [], above = [];
        foreach (BoundExpression condition in Disjunctions.Factored(ExpressionFacts.Conjuncts(join.Condition)))
        {
            (bool usesLeft, bool usesRight) = Uses(condition, left, right);
            bool isVolatile = ExpressionFacts.IsVolatile(condition);
            if (isVolatile || join.IsNullAware) on.Add(condition);
            else if (usesLeft && !usesRight && join.Kind is JoinKind.Inner or JoinKind.Cross or JoinKind.Semi or JoinKind.Right) toLeft.Add(condition);
            else if (usesRight && !usesLeft && join.Kind is JoinKind.Inner or JoinKind.Cross or JoinKind.Semi or JoinKind.Anti or JoinKind.Left) toRight.Add(condition);
            else on.Add(condition);
        }
        foreach (BoundExpression condition in conditions)
        {
            (bool usesLeft, bool usesRight) = Uses(condition, left, right);
            bool isInner = join.Kind is JoinKind.Inner or JoinKind.Cross;
            bool keepsLeft = isInner || join.Kind is JoinKind.Left or JoinKind.Semi or JoinKind.Anti, keepsRight = isInner || join.Kind == JoinKind.Right;
            if (!usesRight && keepsLeft) toLeft.Add(condition);
            else if (!usesLeft && keepsRight) toRight.Add(condition);
            else if (isInner) on.Add(condition);
            else above.Add(condition);
        }
        if (join.Kind is JoinKind.Inner or JoinKind.Cross)
        {
            foreach (BoundExpression condition in on)
            {
                if (Disjunctions.ImpliedFor(left, condition) is { } forLeft) toLeft.Add(forLeft);
                if (Disjunctions.ImpliedFor(right, condition) is { } forRight) toRight.Add(forRight);
            }
        }
        JoinKind kind = join.Kind == JoinKind.Cross && on.Count > 0 ? JoinKind.Inner : join.Kind == JoinKind.Inner && on.Count == 0 ? JoinKind.Cross : join.Kind;
        BoundExpression? joined = ExpressionFacts.Conjunction(on) ?? (kind == JoinKind.Cross ? null : Binding.Literals.Bool(true));
        return Filtered(new Join(kind, Push(join.Left, toLeft), Push(join.Right, toRight), joined) { IsNullAware = join.IsNullAware }, above);
    }

    private static (bool Left, bool Right) Uses(BoundExpression condition, HashSet<int> left, HashSet<int> right)
    {
        HashSet<int> columns = ExpressionFacts.Columns(condition);
        return (columns.Overlaps(left), columns.Overlaps(right));
    }

    /// <summary>The right side of a dependent join may refer to the left, so the whole condition can go into it.</summary>
    private LogicalPlan PushApply(Apply apply, List<BoundExpression> conditions)
    {
        HashSet<int> left = [.. apply.Left.Output.Select(c => c.Id)], right = [.. apply.Right.Output.Select(c => c.Id)];
        List<BoundExpression> toLeft = [], toRight = [], above = [], on = [];
        foreach (BoundExpression condition in ExpressionFacts.Conjuncts(apply.Condition)) (ExpressionFacts.IsVolatile(condition) ? on : toRight).Add(condition);
        foreach (BoundExpression condition in conditions)
        {
            (_, bool usesRight) = Uses(condition, left, right);
            if (!usesRight) toLeft.Add(condition);
            else if (apply.Kind is JoinKind.Inner or JoinKind.Cross) toRight.Add(condition);
            else above.Add(condition);
        }
        return Filtered(new Apply(apply.Kind, Push(apply.Left, toLeft), Push(apply.Right, toRight), ExpressionFacts.Conjunction(on)), above);
    }

    private LogicalPlan PushAggregate(Aggregate aggregate, List<BoundExpression> conditions)
    {
        HashSet<int> made = [.. aggregate.Output.Select(c => c.Id)];
        Dictionary<int, BoundExpression> groups = aggregate.Groups.ToDictionary(g => g.Column.Id, g => g.Expression);
        ColumnReplacer replacer = ColumnReplacer.Of(aggregate.Groups);
        List<BoundExpression> below = [], above = [];
        foreach (BoundExpression condition in conditions)
        {
            List<int> own = [.. ExpressionFacts.Columns(condition).Where(made.Contains)];
            bool mayPass = aggregate.GroupingSets is null && own.Count > 0
                && own.TrueForAll(id => groups.TryGetValue(id, out BoundExpression? e) && !ExpressionFacts.IsVolatile(e) && !ExpressionFacts.HasSubquery(e));
            if (mayPass) below.Add(replacer.Visit(condition));
            else above.Add(condition);
        }
        return Filtered(PlanExpressions.WithInputs(aggregate, [Push(aggregate.Input, below)]), above);
    }

    private LogicalPlan PushSetOperation(SetOperation operation, List<BoundExpression> conditions)
    {
        LogicalPlan Side(LogicalPlan side)
        {
            Dictionary<int, LogicalColumn> map = [];
            for (int i = 0; i < operation.Columns.Count; i++) map[operation.Columns[i].Id] = side.Output[i];
            ColumnReplacer replacer = new(c => map.TryGetValue(c.ColumnId, out LogicalColumn? column) ? new ColumnExpression(column.Id, column.Name, column.Type) { Position = c.Position } : null);
            return Push(side, [.. conditions.Select(replacer.Visit)]);
        }
        return new SetOperation(operation.Operator, operation.IsAll, Side(operation.Left), Side(operation.Right), operation.Columns);
    }
}
