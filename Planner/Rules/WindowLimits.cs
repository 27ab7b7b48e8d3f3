using VecSql.Core.Columns;
using VecSql.Planner.Binding;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>
/// <c>SELECT …, rank() OVER (ORDER BY x) … ORDER BY x LIMIT k</c>: ranks of the first k rows depend on these rows only, so the limit holds below the window, too, where an index may serve it.
/// </summary>
internal sealed class WindowLimits : PlanRule
{
    public override string Name => "window-limit";

    protected override LogicalPlan Rewrite(LogicalPlan plan, RuleContext context)
    {
        if (plan is not Limit { Ties: null, Count: not null } limit || WantedRows(limit) is not { } wanted) return plan;
        return Below(limit.Input, wanted, [], sorts: null) is { } input ? limit with { Input = input } : plan;
    }

    /// <param name="wanted">Rows.</param>
    /// <param name="passed">The projections between the sort and here, the lowest last.</param>
    /// <param name="sorts">The sort's keys; null above it.</param>
    private static LogicalPlan? Below(LogicalPlan plan, BoundExpression wanted, List<Project> passed, IReadOnlyList<SortKey>? sorts)
    {
        switch (plan)
        {
            case Project project:
                return Below(project.Input, wanted, sorts is null ? passed : [.. passed, project], sorts) is { } input ? new Project(input, project.Columns) : null;
            case Sort sort when sorts is null:
                return Below(sort.Input, wanted, passed, sort.Keys) is { } sorted ? new Sort(sorted, sort.Keys) : null;
            case Window { PartitionBy.Count: 0 } window when sorts is not null && window.Calls.All(c => IsRank(c.Call)) && KeysBelow(window, passed, sorts) is { } keys:
                return new Window(new Limit(new Sort(window.Input, keys), wanted, null, null), window.PartitionBy, window.OrderBy, window.Calls);
            default:
                return null;
        }
    }

    /// <summary>The sort's keys over the window's input if they begin with the window's order; null if not.</summary>
    private static List<SortKey>? KeysBelow(Window window, List<Project> passed, IReadOnlyList<SortKey> sorts)
    {
        List<SortKey> keys = [];
        foreach (SortKey key in sorts)
        {
            BoundExpression expression = key.Expression;
            foreach (Project project in passed) expression = ColumnReplacer.Of(project.Columns).Visit(expression);
            // The rank itself, ascending, is the window's order.
            if (keys.Count == 0 && !key.Descending && expression is ColumnExpression rank && window.Calls.Any(c => c.Column.Id == rank.ColumnId)) keys.AddRange(window.OrderBy);
            else keys.Add(key with { Expression = expression });
        }
        HashSet<int> made = [.. window.Calls.Select(c => c.Column.Id)];
        bool isOrder = window.OrderBy.Count > 0 && keys.Count >= window.OrderBy.Count && window.OrderBy.Zip(keys).All(p => IsSame(p.First, p.Second));
        bool isBelow = keys.TrueForAll(k => !ExpressionFacts.IsVolatile(k.Expression) && !ExpressionFacts.Columns(k.Expression).Overlaps(made));
        return isOrder && isBelow ? keys : null;
    }

    private static bool IsSame(SortKey a, SortKey b) => a.Descending == b.Descending && a.NullsFirst == b.NullsFirst && ExpressionEquality.Instance.Equals(a.Expression, b.Expression);

    /// <summary>Functions whose value for a row depends on the rows before it only.</summary>
    private static bool IsRank(WindowCall call) => call.Signature.Name is "row_number" or "rank" or "dense_rank" && call.Function is not null;

    /// <summary>LIMIT plus OFFSET; null where that isn't known before the query runs.</summary>
    private static BoundExpression? WantedRows(Limit limit)
    {
        if (limit.Offset is null) return limit.Count;
        return limit is { Count: LiteralExpression { IsNull: false, Value: Column<long> count }, Offset: LiteralExpression { IsNull: false, Value: Column<long> offset } }
            && count[0] is >= 0 and < int.MaxValue && offset[0] is >= 0 and < int.MaxValue ? Literals.Int8(count[0] + offset[0]) : null;
    }
}
