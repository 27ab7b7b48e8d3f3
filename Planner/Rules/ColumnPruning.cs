using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>Leaves out columns, aggregates and window calls that nobody asks for.</summary>
internal sealed class ColumnPruning : IRule
{
    public string Name => "column-pruning";

    public LogicalPlan Apply(LogicalPlan plan, RuleContext context) => Prune(plan, [.. plan.Output.Select(c => c.Id)]);

    private static LogicalPlan Prune(LogicalPlan plan, HashSet<int> needed)
    {
        SqlParser.CheckStack();
        plan = Subqueries.Map(plan, q => Prune(q, [.. q.Output.Select(c => c.Id)]));
        switch (plan)
        {
            case TableScan p:
                return new TableScan(p.Table, [.. p.Columns.Where(c => needed.Contains(c.Id))], p.RowId is { } id && needed.Contains(id.Id) ? id : null, p.Alias);
            case SystemTableScan p:
                List<int> places = Kept(p.Columns, needed);
                return new SystemTableScan(p.Table, [.. places.Select(i => p.Columns[i])], [.. places.Select(i => p.Ordinals[i])]);
            case CteScan p:
                List<int> ctePlaces = Kept(p.Columns, needed);
                return new CteScan(p.Number, p.Name, [.. ctePlaces.Select(i => p.Columns[i])], [.. ctePlaces.Select(i => p.Ordinals[i])]);
            case Values p:
                List<int> valuePlaces = Kept(p.Columns, needed);
                return new Values([.. p.Rows.Select(r => (IReadOnlyList<BoundExpression>)[.. valuePlaces.Select(i => r[i])])], [.. valuePlaces.Select(i => p.Columns[i])]);
            case Project p:
                List<ProjectedColumn> columns = [.. p.Columns.Where(c => needed.Contains(c.Column.Id) || ExpressionFacts.IsVolatile(c.Expression))];
                return new Project(Prune(p.Input, NeededBy(columns.Select(c => c.Expression))), columns);
            case Aggregate p:
                List<AggregateColumn> aggregates = [.. p.Aggregates.Where(a => needed.Contains(a.Column.Id))];
                Aggregate kept = new(p.Input, p.Groups, p.GroupingSets, aggregates, [.. p.Groupings.Where(g => needed.Contains(g.Column.Id))]);
                return PlanExpressions.WithInputs(kept, [Prune(p.Input, NeededBy(PlanExpressions.Of(kept)))]);
            case Window p:
                List<WindowColumn> calls = [.. p.Calls.Where(c => needed.Contains(c.Column.Id))];
                if (calls.Count == 0) return Prune(p.Input, needed);
                Window window = new(p.Input, p.PartitionBy, p.OrderBy, calls);
                return PlanExpressions.WithInputs(window, [Prune(p.Input, [.. needed, .. NeededBy(PlanExpressions.Of(window))])]);
            case Distinct { On: null } p: return PlanExpressions.WithInputs(p, [Exactly(Prune(p.Input, [.. p.Output.Select(c => c.Id)]), p.Output)]);
            case SetOperation p: return PruneSetOperation(p, needed);
            case With p:
                return PlanExpressions.WithInputs(p, [.. p.Definitions.Select(d => Prune(d.Plan, [.. d.Plan.Output.Select(c => c.Id)])), Prune(p.Body, needed)]);
            case RecursiveUnion p:
                return PlanExpressions.WithInputs(p, [Exactly(Prune(p.Start, All(p.Start)), p.Start.Output), Exactly(Prune(p.Step, All(p.Step)), p.Step.Output)]);
            case Insert p: return PlanExpressions.WithInputs(p, [Exactly(Prune(p.Input, All(p.Input)), p.Input.Output)]);
            case Update p: return PlanExpressions.WithInputs(p, [Prune(p.Input, [.. p.OldColumns.Select(c => c.Id), p.RowId.Id, .. NeededBy(PlanExpressions.Of(p))])]);
            case Delete p: return PlanExpressions.WithInputs(p, [Prune(p.Input, [.. p.OldColumns.Select(c => c.Id), p.RowId.Id, .. NeededBy(PlanExpressions.Of(p))])]);
            case LockRows p: return PlanExpressions.WithInputs(p, [Prune(p.Input, [.. needed, .. p.Locks.Select(l => l.RowIdColumn)])]);
            case Join p: return PruneBoth(p, needed);
            case Apply p: return PruneBoth(p, [.. needed, .. FreeColumns.Of(p.Right)]);
            default:
                HashSet<int> below = [.. needed, .. NeededBy(PlanExpressions.Of(plan))];
                return PlanExpressions.WithInputs(plan, [.. plan.Inputs.Select(i => Prune(i, below))]);
        }
    }

    private static LogicalPlan PruneBoth(LogicalPlan plan, HashSet<int> needed)
    {
        HashSet<int> below = [.. needed, .. NeededBy(PlanExpressions.Of(plan))];
        return PlanExpressions.WithInputs(plan, [.. plan.Inputs.Select(i => Prune(i, below))]);
    }

    private static HashSet<int> All(LogicalPlan plan) => [.. plan.Output.Select(c => c.Id)];

    private static List<int> Kept(IReadOnlyList<LogicalColumn> columns, HashSet<int> needed) => [.. Enumerable.Range(0, columns.Count).Where(i => needed.Contains(columns[i].Id))];

    private static HashSet<int> NeededBy(IEnumerable<BoundExpression> expressions)
    {
        HashSet<int> columns = [];
        foreach (BoundExpression expression in expressions) ExpressionFacts.AddColumns(expression, columns);
        return columns;
    }

    /// <summary>UNION ALL loses columns on both sides; the other set operations compare whole rows.</summary>
    private static SetOperation PruneSetOperation(SetOperation operation, HashSet<int> needed)
    {
        bool canDrop = operation is { Operator: SetOperator.Union, IsAll: true };
        List<int> places = canDrop ? Kept(operation.Columns, needed) : [.. Enumerable.Range(0, operation.Columns.Count)];
        LogicalPlan Side(LogicalPlan side)
        {
            List<LogicalColumn> columns = [.. places.Select(i => side.Output[i])];
            return Exactly(Prune(side, [.. columns.Select(c => c.Id)]), columns);
        }
        return new SetOperation(operation.Operator, operation.IsAll, Side(operation.Left), Side(operation.Right), [.. places.Select(i => operation.Columns[i])]);
    }

    /// <summary>The plan with just these columns, in this order.</summary>
    internal static LogicalPlan Exactly(LogicalPlan plan, IReadOnlyList<LogicalColumn> columns) =>
        plan.Output.Select(c => c.Id).SequenceEqual(columns.Select(c => c.Id))
            ? plan
            : new Project(plan, [.. columns.Select(c => new ProjectedColumn(c, new ColumnExpression(c.Id, c.Name, c.Type)))]);
}
