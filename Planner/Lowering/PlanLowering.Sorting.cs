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

    private Lowered LowerSort(Sort sort, BoundExpression? limit)
    {
        Lowered input = LowerPlan(sort.Input);
        IReadOnlyList<SortKey> keys = LowerKeys(sort.Keys, input);
        return input.With(new SortRows(input.Plan, keys, limit)
        {
            OutputNames = input.Plan.OutputNames, Estimate = _cost.Sort(input.Plan.Estimate, limit is null ? null : LimitRowsOf(limit)),
        });
    }

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
        if (plan is Sort sort) return LowerSort(sort, wanted);
        return LowerPlan(plan);
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
