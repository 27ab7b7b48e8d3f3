using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>GROUP BY, grouping sets, and the rule that what isn't grouped must be aggregated. Window and set-returning nodes above.</summary>
internal sealed partial class Binder
{
    private const int MaxGroupingSets = 4096;

    /// <summary>Distinct grouping expressions; sets of their places, or null for a plain GROUP BY.</summary>
    private sealed record GroupingClause(List<BoundExpression> Expressions, List<List<int>>? Sets);

    private GroupingClause BindGroupBy(Ast.GroupByClause clause, List<Target> targets, QueryLevel level)
    {
        List<BoundExpression> expressions = [];
        bool hasSets = clause.Elements.Any(e => e is not Ast.GroupingExpression);
        List<List<int>> sets = [[]];
        foreach (Ast.GroupingElement element in clause.Elements)
        {
            List<List<int>> own = ExpandElement(element, targets, level, expressions);
            if ((long)sets.Count * own.Count > MaxGroupingSets)
                throw Error(SqlState.StatementTooComplex, $"too many grouping sets present (maximum {MaxGroupingSets})", element.Span.Start);
            sets = [.. sets.SelectMany(a => own.Select(b => (List<int>)[.. a.Union(b)]))];
        }
        if (!hasSets) return new GroupingClause(expressions, null);
        if (clause.IsDistinct) sets = [.. sets.DistinctBy(s => string.Join(',', s.Order()))];
        return new GroupingClause(expressions, sets);
    }

    private List<List<int>> ExpandElement(Ast.GroupingElement element, List<Target> targets, QueryLevel level, List<BoundExpression> expressions)
    {
        List<int> Places(Ast.Expression expression) => expression is Ast.RowConstructor { IsExplicit: false } row
            ? [.. row.Elements.Select(e => AddGroup(e, targets, level, expressions)).Distinct()]
            : [AddGroup(expression, targets, level, expressions)];
        switch (element)
        {
            case Ast.GroupingExpression e: return [Places(e.Expression)];
            case Ast.EmptyGroupingSet: return [[]];
            case Ast.Rollup e:
                List<List<int>> parts = [.. e.Expressions.Select(Places)];
                return [.. Enumerable.Range(0, parts.Count + 1).Select(i => (List<int>)[.. parts.Take(parts.Count - i).SelectMany(p => p).Distinct()])];
            case Ast.Cube e:
                if (e.Expressions.Count > 12) throw Error(SqlState.TooManyColumns, "CUBE is limited to 12 elements", e.Span.Start);
                List<List<int>> dimensions = [.. e.Expressions.Select(Places)];
                int all = 1 << dimensions.Count;
                return [.. Enumerable.Range(0, all).Select(mask => (List<int>)[.. dimensions.Where((_, i) => (all - 1 - mask >> dimensions.Count - 1 - i & 1) == 1).SelectMany(p => p).Distinct()])];
            case Ast.GroupingSets e: return [.. e.Elements.SelectMany(inner => ExpandElement(inner, targets, level, expressions))];
            default: throw Invariant.Unreachable(element);
        }
    }

    private int AddGroup(Ast.Expression expression, List<Target> targets, QueryLevel level, List<BoundExpression> expressions)
    {
        BoundExpression bound = BindTargetReference(expression, targets, level, ExpressionPlace.GroupBy, "GROUP BY");
        foreach (int column in ExpressionFacts.Columns(bound))
        {
            if (level.HasAggregateColumn(column)) throw Error(SqlState.GroupingError, "aggregate functions are not allowed in GROUP BY", bound.Position);
            if (level.HasWindowColumn(column)) throw Error(SqlState.WindowingError, "window functions are not allowed in GROUP BY", bound.Position);
            if (level.HasSetColumn(column)) throw SqlException.NotSupported("a set-returning function in GROUP BY", bound.Position);
        }
        CheckComparable(bound, isOrder: false);
        int index = expressions.FindIndex(e => ExpressionEquality.Instance.Equals(e, bound));
        if (index >= 0) return index;
        expressions.Add(bound);
        return expressions.Count - 1;
    }

    private void AddAggregation(SelectParts parts, GroupingClause? grouping, BoundExpression? having, QueryLevel level)
    {
        List<ProjectedColumn> groups = [.. (grouping?.Expressions ?? []).Select(e => new ProjectedColumn(NewColumn(e is ColumnExpression c ? c.Name : "group", e.Type), e))];
        GroupedRewriter rewriter = new(this, level, groups, canAdd: grouping is not null && (grouping.Sets is null || grouping.Sets.Count == 1));
        parts.Rewrite(rewriter.Visit);
        having = having is null ? null : rewriter.Visit(having);
        for (int i = 0; i < level.Windows.Count; i++) level.Windows[i] = RewriteWindow(level.Windows[i], rewriter.Visit);
        for (int i = 0; i < level.Sets.Count; i++)
            level.Sets[i] = level.Sets[i] with { Call = level.Sets[i].Call with { Arguments = rewriter.VisitAll(level.Sets[i].Call.Arguments) } };
        List<GroupingColumn> groupings = [.. level.Groupings.Select(g => new GroupingColumn(g.Column, GroupingPlaces(g, groups)))];
        List<List<int>>? sets = grouping?.Sets;
        // Columns added because a grouped key determines them belong to the only set.
        if (sets is not null && groups.Count > grouping!.Expressions.Count) sets = [[.. sets[0], .. Enumerable.Range(grouping.Expressions.Count, groups.Count - grouping.Expressions.Count)]];
        parts.Plan = new Aggregate(parts.Plan, groups, sets, level.Aggregates, groupings);
        if (having is not null) parts.Plan = new Filter(parts.Plan, having);
    }

    private static List<int> GroupingPlaces(PendingGrouping pending, List<ProjectedColumn> groups)
    {
        List<int> places = [];
        foreach (BoundExpression argument in pending.Arguments)
        {
            int place = groups.FindIndex(g => ExpressionEquality.Instance.Equals(g.Expression, argument));
            if (place < 0) throw Error(SqlState.GroupingError, "arguments to GROUPING must be grouping expressions of the associated query level", argument.Position);
            places.Add(place);
        }
        return places;
    }

    private static PendingWindow RewriteWindow(PendingWindow window, Func<BoundExpression, BoundExpression> rewrite)
    {
        SortKey Key(SortKey k) => k with { Expression = rewrite(k.Expression) };
        AggregateCall? aggregate = window.Call.Aggregate is not { } call ? null : call with
        {
            Arguments = [.. call.Arguments.Select(rewrite)], Filter = call.Filter is null ? null : rewrite(call.Filter), OrderBy = [.. call.OrderBy.Select(Key)],
        };
        return window with
        {
            Call = window.Call with { Arguments = [.. window.Call.Arguments.Select(rewrite)], Aggregate = aggregate },
            PartitionBy = [.. window.PartitionBy.Select(rewrite)],
            OrderBy = [.. window.OrderBy.Select(Key)],
        };
    }

    /// <summary>Above aggregation: grouping expressions become group columns; any other column of FROM is an error, unless a grouped primary key determines it.</summary>
    private sealed class GroupedRewriter(Binder binder, QueryLevel level, List<ProjectedColumn> groups, bool canAdd) : ExpressionRewriter
    {
        private bool _isInSubquery;

        public override BoundExpression Visit(BoundExpression expression)
        {
            CheckStack(expression.Position);
            foreach (ProjectedColumn group in groups)
                if (ExpressionEquality.Instance.Equals(group.Expression, expression))
                    return Reference(group.Column, expression.Position);
            if (expression is ColumnExpression column) return VisitColumn(column);
            BoundExpression visited = base.Visit(expression);
            if (visited is not SubqueryExpression subquery) return visited;
            bool before = _isInSubquery;
            _isInSubquery = true;
            visited = subquery with { Query = PlanExpressions.MapDeep(subquery.Query, Visit) };
            _isInSubquery = before;
            return visited;
        }

        private BoundExpression VisitColumn(ColumnExpression column)
        {
            if (!level.FromColumns.Contains(column.ColumnId)) return column;
            if (canAdd && IsDetermined(column))
            {
                LogicalColumn added = binder.NewColumn(column.Name, column.Type);
                groups.Add(new ProjectedColumn(added, column));
                return Reference(added, column.Position);
            }
            string name = binder.LabelOf(column, level);
            throw _isInSubquery
                ? Error(SqlState.GroupingError, $"subquery uses ungrouped column \"{name}\" from outer query", column.Position)
                : Error(SqlState.GroupingError, $"column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate function", column.Position);
        }

        private bool IsDetermined(ColumnExpression column)
        {
            foreach (NamespaceItem item in level.AllItems)
            {
                if (item.Table is not { } table || item.RowId is null || !item.Columns.Any(c => c.Expression is ColumnExpression known && known.ColumnId == column.ColumnId)) continue;
                ConstraintObject? key = table.Constraints.FirstOrDefault(c => c.Kind == ConstraintKind.PrimaryKey && !c.IsDeferrable);
                if (key is null) return false;
                List<ColumnObject> live = [.. table.LiveColumns];
                return key.Columns.All(number => item.Columns[live.FindIndex(c => c.Number == number)].Expression is ColumnExpression part
                    && groups.Exists(g => g.Expression is ColumnExpression grouped && grouped.ColumnId == part.ColumnId));
            }
            return false;
        }
    }

    /// <summary>table.column as written in errors.</summary>
    private string LabelOf(ColumnExpression column, QueryLevel level)
    {
        foreach (NamespaceItem item in level.AllItems)
            foreach (NamedColumn named in item.Columns)
                if (named.Expression is ColumnExpression known && known.ColumnId == column.ColumnId)
                    return $"{item.Name}.{named.Name}";
        return column.Name;
    }

    /// <summary>One Window node for each partitioning and order.</summary>
    private static void AddWindows(SelectParts parts, QueryLevel level)
    {
        List<PendingWindow> waiting = [.. level.Windows];
        while (waiting.Count > 0)
        {
            PendingWindow first = waiting[0];
            List<PendingWindow> same = [.. waiting.Where(w => ExpressionEquality.Instance.All(w.PartitionBy, first.PartitionBy) && SameKeys(w.OrderBy, first.OrderBy))];
            parts.Plan = new Window(parts.Plan, first.PartitionBy, first.OrderBy, [.. same.Select(w => new WindowColumn(w.Column, w.Call))]);
            waiting.RemoveAll(same.Contains);
        }
    }

    private HashSet<int> SetColumns(QueryLevel level)
    {
        HashSet<int> columns = [];
        foreach (ProjectedSet set in level.Sets)
        {
            columns.Add(set.Column.Id);
            if (_setFields.TryGetValue(set.Column.Id, out List<LogicalColumn>? fields)) columns.UnionWith(fields.Select(f => f.Id));
        }
        return columns;
    }

    /// <summary>ProjectSet nodes: inner calls first, those side by side in one node. Composite results run as functions of a dependent join, which pads alike.</summary>
    private LogicalPlan AddSets(LogicalPlan plan, QueryLevel level)
    {
        List<ProjectedSet> waiting = [.. level.Sets];
        while (waiting.Count > 0)
        {
            HashSet<int> unready = [];
            foreach (ProjectedSet set in waiting)
            {
                unready.Add(set.Column.Id);
                if (_setFields.TryGetValue(set.Column.Id, out List<LogicalColumn>? fields)) unready.UnionWith(fields.Select(f => f.Id));
            }
            List<ProjectedSet> ready = [.. waiting.Where(s => !s.Call.Arguments.Any(a => ExpressionFacts.Columns(a).Overlaps(unready)))];
            Invariant.Check(ready.Count > 0);
            plan = ready.Exists(s => _setFields.ContainsKey(s.Column.Id))
                ? new Apply(JoinKind.Cross, plan, new FunctionScan([.. ready.Select(s => s.Call)], null,
                    [.. ready.SelectMany(s => _setFields.TryGetValue(s.Column.Id, out List<LogicalColumn>? fields) ? fields : [s.Column])]), null)
                : new ProjectSet(plan, ready);
            waiting.RemoveAll(ready.Contains);
        }
        return plan;
    }
}
