using VecSql.Core.Errors;
using VecSql.Planner.Expressions;

namespace VecSql.Planner.Logical;

/// <summary>Access to the expressions and inputs of any logical node: the one place (with lowering and the checker) that knows all kinds.</summary>
public static class PlanExpressions
{
    /// <summary>The node with its own expressions mapped; inputs untouched.</summary>
    public static LogicalPlan Map(LogicalPlan plan, Func<BoundExpression, BoundExpression> map)
    {
        SortKey Key(SortKey k) => map(k.Expression) is var e && ReferenceEquals(e, k.Expression) ? k : k with { Expression = e };
        ProjectedColumn Column(ProjectedColumn c) => map(c.Expression) is var e && ReferenceEquals(e, c.Expression) ? c : c with { Expression = e };
        TableFunctionCall Table(TableFunctionCall c) => c with { Arguments = MapAll(c.Arguments, map) };
        BoundExpression? Maybe(BoundExpression? e) => e is null ? null : map(e);
        AggregateCall Call(AggregateCall c) => c with
        {
            Arguments = MapAll(c.Arguments, map), DirectArguments = MapAll(c.DirectArguments, map), Filter = Maybe(c.Filter), OrderBy = [.. c.OrderBy.Select(Key)],
        };
        return plan switch
        {
            TableScan or SystemTableScan or CteScan or WorkTableScan or SetOperation or With or RecursiveUnion or LockRows => plan,
            FunctionScan p => p with { Functions = [.. p.Functions.Select(Table)] },
            Values p => p with { Rows = [.. p.Rows.Select(r => MapAll(r, map))] },
            Filter p => p with { Condition = map(p.Condition) },
            Project p => new Project(p.Input, [.. p.Columns.Select(Column)]),
            ProjectSet p => new ProjectSet(p.Input, [.. p.Sets.Select(s => s with { Call = Table(s.Call) })]),
            Join p => p with { Condition = Maybe(p.Condition) },
            Apply p => p with { Condition = Maybe(p.Condition) },
            Aggregate p => new Aggregate(p.Input, [.. p.Groups.Select(Column)], p.GroupingSets, [.. p.Aggregates.Select(a => a with { Call = Call(a.Call) })], p.Groupings),
            Window p => new Window(p.Input, MapAll(p.PartitionBy, map), [.. p.OrderBy.Select(Key)], [.. p.Calls.Select(c => c with { Call = MapWindow(c.Call) })]),
            Distinct p => p.On is null ? p : p with { On = MapAll(p.On, map) },
            Sort p => p with { Keys = [.. p.Keys.Select(Key)] },
            Limit p => p with { Count = Maybe(p.Count), Offset = Maybe(p.Offset), Ties = p.Ties is null ? null : [.. p.Ties.Select(Key)] },
            Insert p => new Insert(p.Target, p.Input, p.OnConflict is null ? null : p.OnConflict with
            {
                Assignments = p.OnConflict.Assignments is null ? null : MapAll(p.OnConflict.Assignments, map), Condition = Maybe(p.OnConflict.Condition),
            }, p.NewColumns, [.. p.Returning.Select(Column)]),
            Update p => new Update(p.Target, p.Input, p.OldColumns, p.RowId, MapAll(p.Assignments, map), Maybe(p.Recheck), p.NewColumns, [.. p.Returning.Select(Column)]) { AssignedColumns = p.AssignedColumns },
            Delete p => new Delete(p.Target, p.Input, p.OldColumns, p.RowId, Maybe(p.Recheck), [.. p.Returning.Select(Column)]),
            _ => throw Invariant.Unreachable(plan),
        };
        WindowCall MapWindow(WindowCall c) => c with
        {
            Arguments = MapAll(c.Arguments, map), Aggregate = c.Aggregate is null ? null : Call(c.Aggregate),
            Frame = c.Frame with { Start = c.Frame.Start with { Offset = Maybe(c.Frame.Start.Offset) }, End = c.Frame.End with { Offset = Maybe(c.Frame.End.Offset) } },
        };
    }

    /// <summary>The node over other inputs, which give at least the columns that it needs.</summary>
    public static LogicalPlan WithInputs(LogicalPlan plan, IReadOnlyList<LogicalPlan> inputs)
    {
        if (plan.Inputs.Count == inputs.Count && plan.Inputs.Zip(inputs).All(p => ReferenceEquals(p.First, p.Second))) return plan;
        return plan switch
        {
            Filter p => new Filter(inputs[0], p.Condition),
            Project p => new Project(inputs[0], p.Columns),
            ProjectSet p => new ProjectSet(inputs[0], p.Sets),
            Join p => new Join(p.Kind, inputs[0], inputs[1], p.Condition) { IsNullAware = p.IsNullAware },
            Apply p => new Apply(p.Kind, inputs[0], inputs[1], p.Condition),
            Aggregate p => new Aggregate(inputs[0], p.Groups, p.GroupingSets, p.Aggregates, p.Groupings),
            Window p => new Window(inputs[0], p.PartitionBy, p.OrderBy, p.Calls),
            Distinct p => new Distinct(inputs[0], p.On),
            Sort p => new Sort(inputs[0], p.Keys),
            Limit p => new Limit(inputs[0], p.Count, p.Offset, p.Ties),
            SetOperation p => new SetOperation(p.Operator, p.IsAll, inputs[0], inputs[1], p.Columns),
            With p => new With([.. p.Definitions.Select((d, i) => d with { Plan = inputs[i] })], inputs[^1]),
            RecursiveUnion p => new RecursiveUnion(p.Number, inputs[0], inputs[1], p.IsAll, p.Columns),
            LockRows p => new LockRows(inputs[0], p.Locks),
            Insert p => new Insert(p.Target, inputs[0], p.OnConflict, p.NewColumns, p.Returning),
            Update p => new Update(p.Target, inputs[0], p.OldColumns, p.RowId, p.Assignments, p.Recheck, p.NewColumns, p.Returning) { AssignedColumns = p.AssignedColumns },
            Delete p => new Delete(p.Target, inputs[0], p.OldColumns, p.RowId, p.Recheck, p.Returning),
            _ => throw Invariant.Unreachable(plan),
        };
    }

    /// <summary>The node's own expressions.</summary>
    public static IReadOnlyList<BoundExpression> Of(LogicalPlan plan)
    {
        List<BoundExpression> found = [];
        Map(plan, e =>
        {
            found.Add(e);
            return e;
        });
        return found;
    }

    /// <summary>Maps every expression of the whole plan, those of subqueries inside expressions too; columns' ids and shapes stay.</summary>
    public static LogicalPlan MapDeep(LogicalPlan plan, Func<BoundExpression, BoundExpression> map)
    {
        Parser.SqlParser.CheckStack();
        LogicalPlan[] inputs = [.. plan.Inputs.Select(i => MapDeep(i, map))];
        return Map(WithInputs(plan, inputs), map);
    }

    private static IReadOnlyList<BoundExpression> MapAll(IReadOnlyList<BoundExpression> expressions, Func<BoundExpression, BoundExpression> map)
    {
        BoundExpression[]? changed = null;
        for (int i = 0; i < expressions.Count; i++)
        {
            BoundExpression mapped = map(expressions[i]);
            if (changed is null && ReferenceEquals(mapped, expressions[i])) continue;
            changed ??= [.. expressions];
            changed[i] = mapped;
        }
        return changed ?? expressions;
    }
}

/// <summary>Columns that a plan needs from outside: those of enclosing queries.</summary>
public static class FreeColumns
{
    public static HashSet<int> Of(LogicalPlan plan)
    {
        HashSet<int> used = [], made = [];
        Collect(plan, used, made);
        used.ExceptWith(made);
        return used;
    }

    public static bool IsVolatile(LogicalPlan plan)
    {
        foreach (BoundExpression expression in PlanExpressions.Of(plan))
            if (ExpressionFacts.IsVolatile(expression))
                return true;
        if (plan is Insert or Update or Delete or LockRows) return true;
        if (plan is FunctionScan scan && scan.Functions.Any(f => f.Signature.Volatility == 'v')) return true;
        if (plan is ProjectSet sets && sets.Sets.Any(s => s.Call.Signature.Volatility == 'v')) return true;
        foreach (LogicalPlan input in plan.Inputs)
            if (IsVolatile(input))
                return true;
        return false;
    }

    private static void Collect(LogicalPlan plan, HashSet<int> used, HashSet<int> made)
    {
        Parser.SqlParser.CheckStack();
        foreach (BoundExpression expression in PlanExpressions.Of(plan)) ExpressionFacts.AddColumns(expression, used);
        foreach (LogicalColumn column in plan.Output) made.Add(column.Id);
        if (plan is Insert insert)
        {
            made.UnionWith(insert.NewColumns.Select(c => c.Id));
            if (insert.OnConflict is { } conflict) made.UnionWith(conflict.ExistingColumns.Concat(conflict.ExcludedColumns).Select(c => c.Id));
        }
        if (plan is Update update) made.UnionWith(update.NewColumns.Select(c => c.Id));
        foreach (LogicalPlan input in plan.Inputs) Collect(input, used, made);
    }
}

/// <summary>Replaces columns by expressions, inside subqueries too.</summary>
public sealed class ColumnReplacer(Func<ColumnExpression, BoundExpression?> replace) : ExpressionRewriter
{
    public override BoundExpression Visit(BoundExpression expression)
    {
        Parser.SqlParser.CheckStack(expression.Position);
        if (expression is ColumnExpression column) return replace(column) ?? column;
        BoundExpression visited = base.Visit(expression);
        if (visited is SubqueryExpression subquery) return subquery with { Query = PlanExpressions.MapDeep(subquery.Query, Visit) };
        return visited;
    }

    /// <summary>Replaces columns by the expressions of a projection.</summary>
    public static ColumnReplacer Of(IReadOnlyList<ProjectedColumn> columns)
    {
        Dictionary<int, BoundExpression> map = columns.ToDictionary(c => c.Column.Id, c => c.Expression);
        return new ColumnReplacer(c => map.GetValueOrDefault(c.ColumnId));
    }
}
