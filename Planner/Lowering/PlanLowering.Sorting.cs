using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Planner.Binding;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>ORDER BY and LIMIT.</summary>
internal sealed partial class PlanLowering
{
    /// <summary>2^62: more rows than there will be, and two of them still fit into an int8.</summary>
    private const long Plenty = 1L << 62;

    /// <param name="limit">How many of the first rows are wanted; null: all.</param>
    private Lowered LowerSort(Sort sort, BoundExpression? limit)
    {
        if (LowerIndexOrder(sort, limit) is { } ordered) return ordered;
        return SortOf(LowerPlan(sort.Input), sort.Keys, limit);
    }

    private Lowered SortOf(Lowered input, IReadOnlyList<SortKey> sortKeys, BoundExpression? limit)
    {
        IReadOnlyList<SortKey> keys = LowerKeys(sortKeys, input);
        return input.With(new SortRows(input.Plan, keys, limit)
        {
            OutputNames = input.Plan.OutputNames, Estimate = _cost.Sort(input.Plan.Estimate, limit is null ? null : LimitRowsOf(limit)),
        });
    }

    /// <summary>A sort directly over a table (perhaps with a projection between) by an index that gives the order, if that is cheaper.</summary>
    private Lowered? LowerIndexOrder(Sort sort, BoundExpression? limit)
    {
        Project? project = sort.Input as Project;
        (TableScan? scan, BoundExpression? condition) = (project?.Input ?? sort.Input) switch
        {
            TableScan s => (s, null),
            Filter { Input: TableScan s } f => (s, f.Condition),
            _ => (null, (BoundExpression?)null),
        };
        List<SortKey> keys = [.. sort.Keys];
        if (project is not null)
        {
            ColumnReplacer replacer = ColumnReplacer.Of(project.Columns);
            keys = [.. keys.Select(k => k with { Expression = replacer.Visit(k.Expression) })];
        }
        if (scan is null)
        {
            if (limit is null || keys.Count != 1 || !HasVectorIndex(project?.Input ?? sort.Input)) return null;
            Lowered whole = LowerPlan(sort.Input);
            return LowerVectorJoin(sort, project?.Input ?? sort.Input, keys[0], limit, WithDistances(_cost.Sort(whole.Plan.Estimate, LimitRowsOf(limit)), whole.Plan.Estimate));
        }
        Lowered plain = LowerScan(scan, condition);
        Estimate sorted = _cost.Sort(plain.Plan.Estimate, limit is null ? null : LimitRowsOf(limit));
        Lowered? best = LowerOrderedScan(scan, condition, keys) is { } ordered && LimitedCost(ordered.Plan.Estimate, limit) < sorted.TotalCost ? ordered : null;
        if (best is null && limit is not null && keys.Count == 1) best = LowerVectorOrder(scan, condition, keys[0], limit, WithDistances(sorted, plain.Plan.Estimate));
        if (best is null || project is null) return best;
        return ProjectOver(best, project);
    }

    /// <summary>True for joins in which a table has a vector index: only they are worth lowering twice.</summary>
    private bool HasVectorIndex(LogicalPlan plan) => plan switch
    {
        Join join => HasVectorIndex(join.Left) || HasVectorIndex(join.Right),
        TableScan scan => context.Catalog.IndexesOf(scan.Table.Oid).Any(i => VectorSymbol(i) is not null),
        Filter filter => HasVectorIndex(filter.Input),
        _ => false,
    };

    /// <summary>An exact search computes a distance, hundreds of multiplications, for every row.</summary>
    private Estimate WithDistances(Estimate sorted, Estimate input) => sorted with { TotalCost = sorted.TotalCost + input.Rows * _cost.Operator * 5 };

    private static double LimitedCost(Estimate estimate, BoundExpression? limit) =>
        limit is null ? estimate.TotalCost : estimate.StartupCost + (estimate.TotalCost - estimate.StartupCost) * Math.Min(1, LimitRowsOf(limit) / Math.Max(1, estimate.Rows));

    private Lowered LowerLimit(Limit limit)
    {
        Lowered nothing = new(new ValuesScan([[]], []), []);
        BoundExpression? count = LowerOptional(limit.Count, nothing), offset = LowerOptional(limit.Offset, nothing);
        BoundExpression? wanted = limit.Ties is null ? WantedRows(count, offset) : null;
        Lowered input = LowerLimited(limit.Input, wanted);
        return input.With(new LimitRows(input.Plan, count, offset, limit.Ties is null ? null : LowerKeys(limit.Ties, input))
        {
            OutputNames = input.Plan.OutputNames, Estimate = _cost.Limit(input.Plan.Estimate, count is null ? null : LimitRowsOf(count), offset is null ? 0 : LimitRowsOf(offset)),
        });
    }

    /// <summary>A plan of which only the first rows are wanted: a sort below becomes a top-n.</summary>
    private Lowered LowerLimited(LogicalPlan plan, BoundExpression? wanted)
    {
        if (wanted is null) return LowerPlan(plan);
        return plan switch
        {
            Sort sort => LowerSort(sort, wanted),
            // One row in, one row out: the limit holds below, too.
            Project project => ProjectOver(LowerLimited(project.Input, wanted), project),
            _ => LowerPlan(plan),
        };
    }

    /// <summary>count + offset, without overflow; null if there is no count.</summary>
    private static BoundExpression? WantedRows(BoundExpression? count, BoundExpression? offset)
    {
        if (count is null || offset is null) return count;
        if (LiteralOf(count) is { } c && LiteralOf(offset) is { } o) return c < 0 || o < 0 ? count : Literals.Int8(Math.Min(c, Plenty) + Math.Min(o, Plenty));
        BuiltinFunction plus = Builtins.FindFunctions("int8pl")[0];
        ScalarFunction function = FunctionLibrary.Default.FindScalar(plus) ?? throw new InvariantException("int8pl");
        ExtremeExpression Capped(BoundExpression e) => new(false, [e, Literals.Int8(Plenty)], SqlType.Int8);
        return new CallExpression(plus, function, [Capped(count), Capped(offset)], SqlType.Int8, "+");
    }

    private static long? LiteralOf(BoundExpression expression) => expression is LiteralExpression { IsNull: false, Value: Column<long> value } ? value[0] : null;

    /// <summary>Expected rows of a LIMIT: its number, or a tenth of a thousand where it isn't known.</summary>
    private static double LimitRowsOf(BoundExpression expression) => Math.Max(0, LiteralOf(expression) ?? 100);
}
