using VecSql.Core.Types;
using VecSql.Planner.Cost;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>Reading tables.</summary>
internal sealed partial class PlanLowering
{
    private Lowered LowerScan(TableScan scan, BoundExpression? condition) => LowerSequentialScan(scan, condition);

    private Lowered LowerSequentialScan(TableScan scan, BoundExpression? condition)
    {
        Lowered columns = ScanOutput(scan);
        BoundExpression? filter = LowerOptional(condition, columns);
        double tableRows = cardinality.TableRows(scan.Table);
        double rows = condition is null ? tableRows : tableRows * cardinality.SelectivityOf(condition);
        Estimate estimate = _cost.Scan(tableRows, scan.Output);
        if (filter is not null) estimate = _cost.Filter(estimate, filter, rows);
        SequentialScan plan = new(scan.Table, scan.Alias, [.. scan.Columns.Select(c => c.TableColumn)], scan.RowId is not null, filter, ScanBounds.Of(scan, filter), columns.Plan.OutputTypes)
        {
            Estimate = estimate,
        };
        return Named(plan, scan.Output);
    }

    /// <summary>The shape of a scan's output, for lowering its conditions.</summary>
    private static Lowered ScanOutput(TableScan scan) => Over(scan.Output);
}

/// <summary>What of a filter zone maps can use: comparisons of a stored column with a value of its own type.</summary>
internal static class ScanBounds
{
    public static IReadOnlyList<ScanBound> Of(TableScan scan, BoundExpression? filter)
    {
        List<ScanBound> bounds = [];
        foreach (BoundExpression conjunct in ExpressionFacts.Conjuncts(filter))
        {
            if (AsBound(conjunct) is not ({ } column, { } comparison, { } value) || column.Ordinal >= scan.Columns.Count) continue;
            if (ExpressionFacts.IsVolatile(value)) continue;
            bounds.Add(new ScanBound(scan.Columns[column.Ordinal].TableColumn, comparison, value));
        }
        return bounds;
    }

    /// <summary>input column op value of the column's type, where op is the type's own comparison.</summary>
    public static (InputExpression? Column, BoundComparison? Comparison, BoundExpression? Value) AsBound(BoundExpression expression)
    {
        if (expression is not CallExpression { Arguments: [var left, var right] } call) return default;
        if (Comparisons.Find(call.Signature.Oid) is not { } comparison) return default;
        if (left is not InputExpression && right is InputExpression)
        {
            (left, right) = (right, left);
            comparison = Comparisons.Turned(comparison);
        }
        if (left is not InputExpression column || left.Type.Oid != right.Type.Oid) return default;
        if (ExpressionFacts.HasColumns(right) || ExpressionFacts.HasSubquery(right)) return default;
        return (column, comparison, right);
    }
}
