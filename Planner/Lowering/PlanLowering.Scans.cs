using VecSql.Core.Catalog;
using VecSql.Core.Types;
using VecSql.Planner.Cost;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>Reading tables: the cheapest of the ways there are.</summary>
internal sealed partial class PlanLowering
{
    /// <summary>Added to the cost of what a setting switches off, as in PostgreSQL: it is still there if nothing else can do it.</summary>
    private const double Disabled = 1e10;

    private bool IsOn(string setting) => context.Setting(setting) is not ("off" or "false" or "no" or "0");

    private Lowered LowerScan(TableScan scan, BoundExpression? condition)
    {
        Lowered sequential = LowerSequentialScan(scan, condition);
        return condition is not null && LowerBestIndex(scan, condition) is { } indexed ? Cheaper(sequential, indexed) : sequential;
    }

    /// <summary>The cheapest index scan that decides part of the condition; null if none does.</summary>
    private Lowered? LowerBestIndex(TableScan scan, BoundExpression condition)
    {
        Lowered? best = null;
        List<BoundExpression> conjuncts = ExpressionFacts.Conjuncts(condition);
        IndexMatcher matcher = new(context, binder, scan);
        foreach (IndexObject index in context.Catalog.IndexesOf(scan.Table.Oid))
        {
            if (matcher.Match(index, conjuncts) is not { Used.Count: > 0 } match) continue;
            Lowered candidate = LowerIndexScan(scan, match, descending: false);
            best = best is null ? candidate : Cheaper(best, candidate);
        }
        return best;
    }

    private Lowered LowerSequentialScan(TableScan scan, BoundExpression? condition)
    {
        Lowered columns = Over(scan.Output);
        BoundExpression? filter = LowerOptional(condition, columns);
        double tableRows = cardinality.TableRows(scan.Table);
        double rows = condition is null ? tableRows : tableRows * cardinality.SelectivityOf(condition);
        Estimate estimate = _cost.Scan(tableRows, scan.Output);
        if (filter is not null) estimate = _cost.Filter(estimate, filter, rows);
        if (!IsOn("enable_seqscan")) estimate = estimate with { StartupCost = estimate.StartupCost + Disabled, TotalCost = estimate.TotalCost + Disabled };
        PhysicalPlan plan = new SequentialScan(scan.Table, scan.Alias, [.. scan.Columns.Select(c => c.TableColumn)], scan.RowId is not null, filter, BoundsOf(scan, condition, columns), columns.Plan.OutputTypes)
        {
            Estimate = estimate,
        };
        return Named(plan, scan.Output);
    }

    /// <summary>What of a condition zone maps can use: comparisons of a stored column with a value of its own type.</summary>
    private IReadOnlyList<ScanBound> BoundsOf(TableScan scan, BoundExpression? condition, Lowered columns)
    {
        List<ScanBound> bounds = [];
        if (condition is null) return bounds;
        IndexMatcher matcher = new(context, binder, scan);
        foreach (BoundExpression conjunct in ExpressionFacts.Conjuncts(condition))
        {
            foreach (LogicalColumn column in scan.Columns)
            {
                if (matcher.Compare(conjunct, new ColumnExpression(column.Id, column.Name, column.Type), column.Type) is not ({ } value, { } comparison)) continue;
                bounds.Add(new ScanBound(column.TableColumn, comparison, Lower(value, columns)));
                break;
            }
        }
        return bounds;
    }

    private Lowered LowerIndexScan(TableScan scan, IndexMatch match, bool descending)
    {
        Lowered columns = Over(scan.Output);
        BoundExpression? rest = ExpressionFacts.Conjunction(match.Filter);
        BoundExpression? filter = LowerOptional(rest, columns);
        double tableRows = cardinality.TableRows(scan.Table);
        double matched = match.Used.Count == 0 ? tableRows : Math.Max(1, tableRows * cardinality.SelectivityOf(ExpressionFacts.Conjunction(match.Used)!));
        if (match.AnyOf is null && match.Index.IsUnique && match.Equalities.Count == match.Index.Keys.Length) matched = 1;
        double rows = rest is null ? matched : Math.Max(1, matched * cardinality.SelectivityOf(rest));
        short first = match.Index.Keys[0].Column;
        double correlation = first == 0 ? 0 : context.Statistics.FindColumn(scan.Table.Oid, first)?.Correlation ?? 0;
        Estimate estimate = _cost.Index(tableRows, matched, rows, CostModel.Width(columns.Plan.OutputTypes), correlation, filter);
        if (!IsOn("enable_indexscan")) estimate = estimate with { StartupCost = estimate.StartupCost + Disabled, TotalCost = estimate.TotalCost + Disabled };
        RangeCondition? range = match.Range is null ? null : match.Range with { Low = LowerOptional(match.Range.Low, columns), High = LowerOptional(match.Range.High, columns) };
        IndexScan plan = new(scan.Table, scan.Alias, match.Index, LowerAll(match.Equalities, columns), LowerOptional(match.AnyOf, columns), range, descending,
            [.. scan.Columns.Select(c => c.TableColumn)], scan.RowId is not null, filter, columns.Plan.OutputTypes) { Estimate = estimate };
        return Named(plan, scan.Output);
    }

    /// <summary>The cheapest index scan that gives the rows in the order of the keys; null if none does.</summary>
    private Lowered? LowerOrderedScan(TableScan scan, BoundExpression? condition, IReadOnlyList<SortKey> keys)
    {
        Lowered? best = null;
        List<BoundExpression> conjuncts = ExpressionFacts.Conjuncts(condition);
        IndexMatcher matcher = new(context, binder, scan);
        foreach (IndexObject index in context.Catalog.IndexesOf(scan.Table.Oid))
        {
            if (index.Method != "btree" || matcher.Match(index, conjuncts) is not { AnyOf: null } match) continue;
            if (OrderGiven(match, matcher, keys) is not { } descending) continue;
            Lowered candidate = LowerIndexScan(scan, match, descending);
            if (best is null || candidate.Plan.Estimate.TotalCost < best.Plan.Estimate.TotalCost) best = candidate;
        }
        return best;
    }

    /// <summary>Whether the index is to be read backwards for the order; null if it doesn't give it.</summary>
    private static bool? OrderGiven(IndexMatch match, IndexMatcher matcher, IReadOnlyList<SortKey> keys)
    {
        bool? backwards = null;
        int place = 0;
        foreach (SortKey key in keys)
        {
            // Keys fixed by equality don't matter to the order.
            while (place < match.FixedKeys && !IsSame(match, matcher, place, key)) place++;
            if (place >= match.Index.Keys.Length || !IsSame(match, matcher, place, key)) return null;
            IndexKey indexKey = match.Index.Keys[place];
            if (place >= match.FixedKeys)
            {
                bool turned = key.Descending != indexKey.Descending;
                bool nullsTurned = key.NullsFirst != indexKey.NullsFirst;
                if (turned != nullsTurned || backwards is { } before && before != turned) return null;
                backwards = turned;
            }
            place++;
        }
        return backwards ?? false;
    }

    private static bool IsSame(IndexMatch match, IndexMatcher matcher, int place, SortKey key) =>
        matcher.KeyExpression(match.Index.Keys[place]) is { } expression && ExpressionEquality.Instance.Equals(expression, key.Expression);
}
