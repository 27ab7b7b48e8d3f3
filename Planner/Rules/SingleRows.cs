using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>
/// A side of a join that is one row of expressions (<c>FROM docs, to_tsquery('…') AS q</c>, a WITH of values that the query is about) is no join: its columns become the expressions, so that conditions
/// and orders over them can use indexes. The columns are put above the other side by a projection, which is lifted over joins and filters and dissolved in the next projection.
/// </summary>
internal sealed class SingleRows : PlanRule
{
    public override string Name => "single-row";

    /// <summary>True for one row that costs nothing to make as often as it is wanted.</summary>
    public static bool IsOne(LogicalPlan plan) => RowOf(plan) is not null;

    protected override LogicalPlan Rewrite(LogicalPlan plan, RuleContext context)
    {
        switch (plan)
        {
            case Join { Kind: JoinKind.Inner or JoinKind.Cross } join:
                if (RowOf(join.Right) is { } right) return Added(join.Left, right, join);
                if (RowOf(join.Left) is { } left) return Added(join.Right, left, join);
                return Lifted(join);
            case Filter { Input: Project inner } filter when IsLiftable(inner) && !ExpressionFacts.IsVolatile(filter.Condition):
                return new Project(new Filter(inner.Input, ColumnReplacer.Of(inner.Columns).Visit(filter.Condition)), inner.Columns);
            case Project { Input: Project inner } outer when IsLiftable(inner):
                return new Project(inner.Input, ((Project)PlanExpressions.Map(outer, ColumnReplacer.Of(inner.Columns).Visit)).Columns);
            default:
                return plan;
        }
    }

    /// <summary>The columns of a plan that gives one row, as expressions without columns of that plan; null for any other plan.</summary>
    private static List<ProjectedColumn>? RowOf(LogicalPlan plan)
    {
        switch (plan)
        {
            case Values { Rows: [var row] } values:
                return row.Any(IsCostly) ? null : [.. values.Columns.Select((c, i) => new ProjectedColumn(c, row[i]))];
            case Project project when RowOf(project.Input) is { } below && !project.Columns.Any(c => IsCostly(c.Expression)):
                ColumnReplacer replacer = ColumnReplacer.Of(below);
                return [.. project.Columns.Select(c => c with { Expression = replacer.Visit(c.Expression) })];
            default:
                return null;
        }
    }

    private static bool IsCostly(BoundExpression expression) => ExpressionFacts.IsVolatile(expression) || ExpressionFacts.HasSubquery(expression);

    private static Project Added(LogicalPlan other, List<ProjectedColumn> row, Join join)
    {
        LogicalPlan input = join.Condition is null ? other : new Filter(other, ColumnReplacer.Of(row).Visit(join.Condition));
        Dictionary<int, ProjectedColumn> own = row.ToDictionary(c => c.Column.Id);
        return new Project(input, [.. join.Output.Select(c => own.GetValueOrDefault(c.Id) ?? Same(c))]);
    }

    /// <summary>The projections below a join, above it.</summary>
    private static LogicalPlan Lifted(Join join)
    {
        Project? left = join.Left as Project, right = join.Right as Project;
        if (left is null || !IsLiftable(left)) left = null;
        if (right is null || !IsLiftable(right)) right = null;
        if (left is null && right is null) return join;
        List<ProjectedColumn> columns = [.. left?.Columns ?? [.. join.Left.Output.Select(Same)], .. right?.Columns ?? [.. join.Right.Output.Select(Same)]];
        return new Project(new Join(join.Kind, left?.Input ?? join.Left, right?.Input ?? join.Right, join.Condition is null ? null : ColumnReplacer.Of(columns).Visit(join.Condition)), columns);
    }

    /// <summary>A projection as this rule makes it: the input's columns as they are, and at least one expression without columns of the input.</summary>
    private static bool IsLiftable(Project project)
    {
        HashSet<int> input = [.. project.Input.Output.Select(c => c.Id)];
        bool anyRow = false;
        foreach (ProjectedColumn column in project.Columns)
        {
            if (column.Expression is ColumnExpression same && same.ColumnId == column.Column.Id) continue;
            if (IsCostly(column.Expression) || ExpressionFacts.Columns(column.Expression).Overlaps(input)) return false;
            anyRow = true;
        }
        return anyRow;
    }

    private static ProjectedColumn Same(LogicalColumn column) => new(column, new ColumnExpression(column.Id, column.Name, column.Type));
}
