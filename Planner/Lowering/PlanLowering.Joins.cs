using VecSql.Core.Catalog;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>Joins.</summary>
internal sealed partial class PlanLowering
{
    /// <summary>A right side of fewer rows is quickly hashed whole; of so many times the left's rows, most find no partner.</summary>
    private const double LeastFilteredRows = 10_000, LeftFirstRatio = 4;

    /// <summary>A join condition taken apart: equalities between the sides, and the rest.</summary>
    private sealed record JoinKeys(List<BoundExpression> Left, List<BoundExpression> Right, List<BoundExpression> Residual);

    private Lowered LowerJoin(Join join)
    {
        Lowered left = LowerPlan(join.Left), right = LowerPlan(join.Right);
        double rows = cardinality.Rows(join);
        JoinKeys keys = SplitCondition(join.Condition, left, right);
        Lowered best = keys.Left.Count == 0 || !IsOn("enable_hashjoin") ? MakeNestedLoop(join, left, right, rows) : MakeHashJoin(join, left, right, keys, rows);
        if (join.IsNullAware || !IsOn("enable_nestloop")) return best;
        if (join.Kind is JoinKind.Inner or JoinKind.Left or JoinKind.Semi or JoinKind.Anti) best = Cheaper(best, LowerIndexLoop(join.Kind, left, join.Right, join.Condition, rows));
        if (join.Kind == JoinKind.Semi) best = Cheaper(best, LowerDistinctLoop(join, right, rows));
        if (join.Kind == JoinKind.Inner) best = Cheaper(best, LowerIndexLoop(JoinKind.Inner, right, join.Left, join.Condition, rows));
        return best;
    }

    private static Lowered Cheaper(Lowered a, Lowered? b) => b is not null && b.Plan.Estimate.TotalCost < a.Plan.Estimate.TotalCost ? b : a;

    /// <summary>Builds the table on the smaller side where the kind allows.</summary>
    private Lowered MakeHashJoin(Join join, Lowered left, Lowered right, JoinKeys keys, double rows, bool keepsLeftOrder = false)
    {
        JoinKind kind = join.Kind == JoinKind.Cross ? JoinKind.Inner : join.Kind;
        (List<BoundExpression> leftKeys, List<BoundExpression> rightKeys) = (keys.Left, keys.Right);
        bool canSwap = !keepsLeftOrder && kind is JoinKind.Inner or JoinKind.Left or JoinKind.Right or JoinKind.Full;
        if (canSwap && left.Plan.Estimate.Rows * left.Plan.Estimate.Width < right.Plan.Estimate.Rows * right.Plan.Estimate.Width)
        {
            kind = kind switch { JoinKind.Left => JoinKind.Right, JoinKind.Right => JoinKind.Left, _ => kind };
            (left, right, leftKeys, rightKeys) = (right, left, rightKeys, leftKeys);
        }
        Lowered both = Both(left, right);
        BoundExpression? residual = LowerOptional(ExpressionFacts.Conjunction(keys.Residual), both);
        (IReadOnlyList<SqlType> types, IReadOnlyList<string> names, IReadOnlyList<int> columns) = OutputOf(kind, left, right, both);
        bool readsLeftFirst = !keepsLeftOrder && !join.IsNullAware && kind is JoinKind.Inner or JoinKind.Left or JoinKind.Semi or JoinKind.Anti
            && right.Plan.Estimate.Rows >= LeastFilteredRows && left.Plan.Estimate.Rows * LeftFirstRatio <= right.Plan.Estimate.Rows;
        HashJoin hash = new(kind, left.Plan, right.Plan, LowerAll(leftKeys, left), LowerAll(rightKeys, right), residual, join.IsNullAware, types)
        {
            OutputNames = names, Estimate = _cost.HashJoin(left.Plan.Estimate, right.Plan.Estimate, leftKeys.Count, residual, rows), KeepsLeftOrder = keepsLeftOrder,
            ReadsLeftFirst = readsLeftFirst,
        };
        return new Lowered(hash, columns);
    }

    private Lowered MakeNestedLoop(Join join, Lowered left, Lowered right, double rows, bool keepsLeftOrder = false)
    {
        Lowered both = Both(left, right);
        BoundExpression? condition = LowerOptional(join.Condition, both);
        // NOT IN: a comparison that comes out null keeps the row from passing just as a match does.
        if (join.IsNullAware && condition is not null) condition = new IsBooleanExpression(condition, BooleanTest.False, IsNegated: true);
        JoinKind kind = join.Kind == JoinKind.Inner && condition is null ? JoinKind.Cross : join.Kind == JoinKind.Cross && condition is not null ? JoinKind.Inner : join.Kind;
        (IReadOnlyList<SqlType> types, IReadOnlyList<string> names, IReadOnlyList<int> columns) = OutputOf(kind, left, right, both);
        NestedLoopJoin loop = new(kind, left.Plan, right.Plan, condition, types)
        {
            OutputNames = names, Estimate = _cost.NestedLoop(left.Plan.Estimate, right.Plan.Estimate, condition, rows), KeepsLeftOrder = keepsLeftOrder,
        };
        return new Lowered(loop, columns);
    }

    private static (IReadOnlyList<SqlType>, IReadOnlyList<string>, IReadOnlyList<int>) OutputOf(JoinKind kind, Lowered left, Lowered right, Lowered both) => kind is JoinKind.Semi or JoinKind.Anti
        ? (left.Plan.OutputTypes, left.Plan.OutputNames, left.Columns)
        : (both.Plan.OutputTypes, [.. left.Plan.OutputNames, .. right.Plan.OutputNames], both.Columns);

    /// <summary>A semi join from the other end: each distinct value of the right side looks up its rows on the left.</summary>
    private Lowered? LowerDistinctLoop(Join join, Lowered right, double rows)
    {
        if (join.Condition is null || join.Left is not (TableScan or Filter { Input: TableScan })) return null;
        HashSet<int> used = ExpressionFacts.Columns(join.Condition);
        List<LogicalColumn> keys = [.. join.Right.Output.Where(c => used.Contains(c.Id))];
        if (keys.Count == 0) return null;
        Lowered values = Arrange(right, keys);
        double distinct = cardinality.Groups([.. keys.Select(k => (BoundExpression)new ColumnExpression(k.Id, k.Name, k.Type))], values.Plan.Estimate.Rows);
        DistinctRows unique = new(values.Plan, null) { OutputNames = values.Plan.OutputNames, Estimate = _cost.Distinct(values.Plan.Estimate, distinct) };
        // Two different values find different rows only if each key is compared by itself, for equality.
        HashSet<int> ids = [.. keys.Select(k => k.Id)];
        bool IsPlain(BoundExpression key, BoundExpression other) => key is ColumnExpression c && ids.Contains(c.ColumnId) && key.Type.Oid == other.Type.Oid && !ExpressionFacts.Columns(other).Overlaps(ids);
        bool isByEquality = ExpressionFacts.Conjuncts(join.Condition).TrueForAll(c => !ExpressionFacts.Columns(c).Overlaps(ids)
            || Equalities.Find(c) is var (l, r) && (IsPlain(l, r) || IsPlain(r, l)));
        return isByEquality ? LowerIndexLoop(JoinKind.Inner, values.With(unique), join.Left, join.Condition, rows) : null;
    }

    /// <summary>For each outer row, a search in an index of the inner table; null if no index helps.</summary>
    private Lowered? LowerIndexLoop(JoinKind kind, Lowered outer, LogicalPlan inner, BoundExpression? condition, double rows)
    {
        (TableScan? scan, BoundExpression? own) = inner switch
        {
            TableScan s => (s, null),
            Filter { Input: TableScan s } f => (s, f.Condition),
            _ => (null, (BoundExpression?)null),
        };
        if (scan is null || condition is null || !context.Catalog.IndexesOf(scan.Table.Oid).Any()) return null;
        List<BoundExpression> conjuncts = [.. ExpressionFacts.Conjuncts(own), .. ExpressionFacts.Conjuncts(condition)];
        if (conjuncts.Exists(ExpressionFacts.IsVolatile)) return null;
        CorrelationScope scope = new(outer);
        _scopes.Push(scope);
        Lowered search = LowerScan(scan, ExpressionFacts.Conjunction(conjuncts));
        _scopes.Pop();
        if (search.Plan is not IndexScan || scope.Bindings.Count == 0) return null;
        Lowered both = Both(outer, search);
        (IReadOnlyList<SqlType> types, IReadOnlyList<string> names, IReadOnlyList<int> columns) = OutputOf(kind, outer, search, both);
        ApplyJoin plan = new(kind, outer.Plan, search.Plan, scope.Bindings, null, types)
        {
            OutputNames = names, Estimate = _cost.Apply(outer.Plan.Estimate, search.Plan.Estimate, rows),
        };
        return new Lowered(plan, columns);
    }

    private static Lowered Both(Lowered left, Lowered right) =>
        new(new ValuesScan([], [.. left.Plan.OutputTypes, .. right.Plan.OutputTypes]), [.. left.Columns, .. right.Columns]);

    private JoinKeys SplitCondition(BoundExpression? condition, Lowered left, Lowered right)
    {
        JoinKeys keys = new([], [], []);
        foreach (BoundExpression conjunct in ExpressionFacts.Conjuncts(condition))
        {
            if (Equalities.Find(conjunct) is { } equality && MakeKey(equality.Left, equality.Right, left, right) is { } key)
            {
                keys.Left.Add(key.Left);
                keys.Right.Add(key.Right);
            }
            else keys.Residual.Add(conjunct);
        }
        return keys;
    }

    /// <summary>The two sides as keys of one type, left first; null if they don't belong to one side each.</summary>
    private (BoundExpression Left, BoundExpression Right)? MakeKey(BoundExpression a, BoundExpression b, Lowered left, Lowered right)
    {
        if (!IsOver(a, left) || !IsOver(b, right))
        {
            (a, b) = (b, a);
            if (!IsOver(a, left) || !IsOver(b, right)) return null;
        }
        if (a.Type.Oid == b.Type.Oid) return (a, b);
        if (binder.TryConvertImplicitly(a, b.Type.Oid) is { } convertedLeft) return (convertedLeft, b);
        return binder.TryConvertImplicitly(b, a.Type.Oid) is { } convertedRight ? (a, convertedRight) : null;
    }

    /// <summary>True if the expression has columns, all of that input, and no subquery.</summary>
    private static bool IsOver(BoundExpression expression, Lowered input)
    {
        if (ExpressionFacts.HasSubquery(expression)) return false;
        HashSet<int> columns = ExpressionFacts.Columns(expression);
        return columns.Count > 0 && columns.All(input.Has);
    }

    private Lowered LowerApply(Apply apply)
    {
        Lowered left = LowerPlan(apply.Left);
        CorrelationScope scope = new(left);
        _scopes.Push(scope);
        Lowered right = LowerPlan(apply.Right);
        _scopes.Pop();
        Lowered both = Both(left, right);
        bool isOneSided = apply.Kind is JoinKind.Semi or JoinKind.Anti;
        BoundExpression? condition = LowerOptional(apply.Condition, both);
        ApplyJoin plan = new(apply.Kind, left.Plan, right.Plan, scope.Bindings, condition, isOneSided ? left.Plan.OutputTypes : both.Plan.OutputTypes)
        {
            OutputNames = isOneSided ? left.Plan.OutputNames : [.. left.Plan.OutputNames, .. right.Plan.OutputNames],
            Estimate = _cost.Apply(left.Plan.Estimate, right.Plan.Estimate, cardinality.Rows(apply)),
        };
        return new Lowered(plan, isOneSided ? left.Columns : both.Columns);
    }
}

/// <summary>Which calls are equalities that agree with their types' order (so that hashing and sorting find the same pairs).</summary>
internal static class Equalities
{
    private static readonly Lazy<HashSet<uint>> Functions = new(() => [.. Builtins.Operators.Where(o => o.Name == "=" && (o.CanHash || o.CanMerge)).Select(o => o.Function)]);

    public static (BoundExpression Left, BoundExpression Right)? Find(BoundExpression expression) =>
        expression is CallExpression { Arguments: [var left, var right] } call && Functions.Value.Contains(call.Signature.Oid) ? (left, right) : null;
}
