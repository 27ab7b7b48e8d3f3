using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Planner.Cost;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;
using SortKey = VecSql.Planner.Expressions.SortKey;

namespace VecSql.Planner.Lowering;

/// <summary>ORDER BY column &lt;op&gt; query LIMIT k through a vector index.</summary>
internal sealed partial class PlanLowering
{
    /// <summary>Which operator an operator class orders by.</summary>
    private static readonly (string Suffix, string Symbol)[] VectorOrders =
        [("_l2_ops", "<->"), ("_ip_ops", "<#>"), ("_cosine_ops", "<=>"), ("_l1_ops", "<+>"), ("_hamming_ops", "<~>"), ("_jaccard_ops", "<%>")];

    /// <summary>The operator by which a vector index orders; null if it isn't a vector index.</summary>
    internal static string? VectorSymbol(IndexObject index)
    {
        if (index.Method is not ("hnsw" or "ivfflat") || index.Keys.Length != 1) return null;
        string operatorClass = index.Keys[0].OperatorClass ?? "vector_l2_ops";
        foreach ((string suffix, string symbol) in VectorOrders)
            if (operatorClass.EndsWith(suffix, StringComparison.Ordinal))
                return symbol;
        return null;
    }

    /// <summary>The sort's rows, nearest first, from a vector index; null if none fits or another way is cheaper.</summary>
    /// <param name="exact">The same rows by sorting.</param>
    private Lowered? LowerVectorOrder(TableScan scan, BoundExpression? condition, SortKey key, BoundExpression wanted, Estimate exact)
    {
        if (key.Descending || key.NullsFirst || !IsOn("enable_indexscan")) return null;
        if (key.Expression is not CallExpression { OperatorSymbol: { } symbol, Arguments: [var left, var right] }) return null;
        foreach (IndexObject index in context.Catalog.IndexesOf(scan.Table.Oid))
        {
            if (!index.IsValid || VectorSymbol(index) != symbol) continue;
            IndexMatcher matcher = new(context, binder, scan);
            if (matcher.KeyExpression(index.Keys[0]) is not { } indexed) continue;
            BoundExpression? query = ExpressionEquality.Instance.Equals(left, indexed) ? right : ExpressionEquality.Instance.Equals(right, indexed) ? left : null;
            if (query is null || !IsQuery(query, scan)) continue;
            if (index.Predicate is not null && !matcher.Implies(index, ExpressionFacts.Conjuncts(condition))) continue;
            Lowered candidate = MakeVectorScan(scan, condition, index, query, wanted);
            if (candidate.Plan.Estimate.TotalCost <= exact.TotalCost || !IsOn("enable_sort") || !IsOn("enable_seqscan")) return candidate;
        }
        return null;
    }

    /// <summary>Of another row, or none: constants, parameters, enclosing queries' columns, subqueries without this table's columns.</summary>
    private static bool IsQuery(BoundExpression query, TableScan scan)
    {
        if (query is LiteralExpression { IsNull: true } || ExpressionFacts.IsVolatile(query)) return false;
        HashSet<int> columns = ExpressionFacts.Columns(query);
        return !scan.Output.Any(c => columns.Contains(c.Id));
    }

    private Lowered MakeVectorScan(TableScan scan, BoundExpression? condition, IndexObject index, BoundExpression query, BoundExpression wanted)
    {
        Lowered columns = Over(scan.Output);
        BoundExpression? filter = LowerOptional(condition, columns);
        double selectivity = condition is null ? 1 : cardinality.SelectivityOf(condition);
        double efSearch = double.TryParse(context.Setting("hnsw.ef_search"), NumberStyles.Float, CultureInfo.InvariantCulture, out double ef) ? ef : 40;
        Estimate estimate = _cost.Vector(cardinality.TableRows(scan.Table), LimitRowsOf(wanted), selectivity, CostModel.Width(columns.Plan.OutputTypes), filter, efSearch);
        VectorIndexScan plan = new(scan.Table, scan.Alias, index, Lower(query, columns), wanted, [.. scan.Columns.Select(c => c.TableColumn)], scan.RowId is not null, false, filter,
            condition is null ? null : LowerMatches(scan, condition), selectivity, columns.Plan.OutputTypes) { Estimate = estimate };
        return Named(plan, scan.Output);
    }

    /// <summary>Just the row numbers of the rows that pass the filter, where an index finds them; null if they would have to be read one by one.</summary>
    private PhysicalPlan? LowerMatches(TableScan scan, BoundExpression condition)
    {
        HashSet<int> needed = ExpressionFacts.Columns(condition);
        LogicalColumn rowId = scan.RowId ?? new LogicalColumn(int.MaxValue, "rowid", Core.Types.SqlType.Int8);
        TableScan narrow = new(scan.Table, [.. scan.Columns.Where(c => needed.Contains(c.Id))], rowId, scan.Alias);
        return LowerBestIndex(narrow, condition) is { } best ? Arrange(best, [rowId]).Plan : null;
    }
}
