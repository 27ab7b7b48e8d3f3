using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Planner.Binding;
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

    /// <summary>Of an ivfflat index that doesn't say.</summary>
    private const int DefaultLists = 100;

    /// <summary>A hash table that has to stay in memory isn't planned to be larger.</summary>
    private const double MaxTableBytes = 64 << 20;

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
    /// <param name="exact">The same rows by sorting; null: whoever asks compares.</param>
    private Lowered? LowerVectorOrder(TableScan scan, BoundExpression? condition, SortKey key, BoundExpression wanted, Estimate? exact)
    {
        // A volatile condition is asked once for each row, no more.
        if (condition is not null && ExpressionFacts.IsVolatile(condition)) return null;
        if (key.Descending || key.NullsFirst || !IsOn("enable_indexscan")) return null;
        if (key.Expression is not CallExpression { OperatorSymbol: { } symbol, Arguments: [var left, var right] }) return null;
        Lowered? best = null;
        foreach (IndexObject index in context.Catalog.IndexesOf(scan.Table.Oid))
        {
            if (!index.IsValid || VectorSymbol(index) != symbol) continue;
            IndexMatcher matcher = new(context, binder, scan);
            if (matcher.KeyExpression(index.Keys[0]) is not { } indexed) continue;
            BoundExpression? query = ExpressionEquality.Instance.Equals(left, indexed) ? right : ExpressionEquality.Instance.Equals(right, indexed) ? left : null;
            if (query is null || !IsQuery(query, scan)) continue;
            if (index.Predicate is not null && !matcher.Implies(index, ExpressionFacts.Conjuncts(condition))) continue;
            Lowered candidate = MakeVectorScan(scan, condition, index, query, wanted, matcher.IsImpliedBy(index, ExpressionFacts.Conjuncts(condition)));
            if (best is null || candidate.Plan.Estimate.TotalCost < best.Plan.Estimate.TotalCost) best = candidate;
        }
        return exact is null || best is null || best.Plan.Estimate.TotalCost <= exact.Value.TotalCost || !IsOn("enable_sort") || !IsOn("enable_seqscan") ? best : null;
    }

    /// <summary>
    /// The first rows of a join in the order of one side's distance: the index gives that side row by row, and the joins above pass the order on, until there are enough. Null if it can't
    /// be, or sorting the whole join is cheaper. The rows are sorted once more, since an index that is asked on may find a nearer row late.
    /// </summary>
    private Lowered? LowerVectorJoin(Sort sort, LogicalPlan plan, SortKey key, BoundExpression limit, Estimate exact)
    {
        if (plan is not Join || LowerOrderedSide(plan, key, Math.Max(1, LimitRowsOf(limit)), plan) is not { } ordered) return null;
        Estimate estimate = ordered.Plan.Estimate;
        if (estimate.TotalCost > exact.TotalCost && IsOn("enable_sort")) return null;
        Lowered limited = ordered.With(new LimitRows(ordered.Plan, limit, null, null) { OutputNames = ordered.Plan.OutputNames, Estimate = estimate });
        return SortOf(sort.Input is Project project ? ProjectOver(limited, project) : limited, sort.Keys, limit);
    }

    /// <param name="wanted">Rows of the plan that will be asked for, about.</param>
    /// <param name="whole">What is sorted: no column of it is a query.</param>
    private Lowered? LowerOrderedSide(LogicalPlan plan, SortKey key, double wanted, LogicalPlan whole)
    {
        switch (plan)
        {
            case TableScan scan:
                return IsBesideQuery(scan, key, whole) ? LowerVectorOrder(scan, null, key, Literals.Int8((long)Math.Ceiling(wanted)), null) : null;
            case Filter { Input: TableScan scan } filter:
                return IsBesideQuery(scan, key, whole) ? LowerVectorOrder(scan, filter.Condition, key, Literals.Int8((long)Math.Ceiling(wanted)), null) : null;
            case Join { IsNullAware: false } join:
                Join turned = new(join.Kind == JoinKind.Right ? JoinKind.Left : join.Kind, join.Right, join.Left, join.Condition);
                return (join.Kind is JoinKind.Inner or JoinKind.Cross or JoinKind.Left or JoinKind.Semi or JoinKind.Anti ? LowerOrderedJoin(join, key, wanted, whole) : null)
                    ?? (join.Kind is JoinKind.Inner or JoinKind.Cross or JoinKind.Right ? LowerOrderedJoin(turned, key, wanted, whole) : null);
            default:
                return null;
        }
    }

    private Lowered? LowerOrderedJoin(Join join, SortKey key, double wanted, LogicalPlan whole)
    {
        double rows = Math.Max(1, cardinality.Rows(join)), leftRows = Math.Max(1, cardinality.Rows(join.Left));
        double leftWanted = Math.Clamp(wanted * leftRows / rows, 1, leftRows);
        if (LowerOrderedSide(join.Left, key, leftWanted, whole) is not { } left) return null;
        double given = Math.Min(wanted, rows);
        Lowered? best = join.Kind == JoinKind.Cross ? null : LowerIndexLoop(join.Kind, left, join.Right, join.Condition, given);
        Lowered right = LowerPlan(join.Right);
        if (right.Plan.Estimate.Rows * right.Plan.Estimate.Width > MaxTableBytes) return best;
        JoinKeys keys = SplitCondition(join.Condition, left, right);
        Lowered hashed = keys.Left.Count == 0 ? MakeNestedLoop(join, left, right, given, keepsLeftOrder: true) : MakeHashJoin(join, left, right, keys, given, keepsLeftOrder: true);
        return best is null ? hashed : Cheaper(best, hashed);
    }

    /// <summary>True if the key's other columns are no other table's of the join.</summary>
    private static bool IsBesideQuery(TableScan scan, SortKey key, LogicalPlan whole)
    {
        HashSet<int> own = [.. scan.Output.Select(c => c.Id)];
        HashSet<int> used = ExpressionFacts.Columns(key.Expression);
        return used.Overlaps(own) && !ColumnsBelow(whole).Any(c => used.Contains(c) && !own.Contains(c));
    }

    private static IEnumerable<int> ColumnsBelow(LogicalPlan plan) => plan.Output.Select(c => c.Id).Concat(plan.Inputs.SelectMany(ColumnsBelow));

    /// <summary>Of another row, or none: constants, parameters, enclosing queries' columns, subqueries without this table's columns.</summary>
    private static bool IsQuery(BoundExpression query, TableScan scan)
    {
        if (query is LiteralExpression { IsNull: true } || ExpressionFacts.IsVolatile(query)) return false;
        HashSet<int> columns = ExpressionFacts.Columns(query);
        return !scan.Output.Any(c => columns.Contains(c.Id));
    }

    private Lowered MakeVectorScan(TableScan scan, BoundExpression? condition, IndexObject index, BoundExpression query, BoundExpression wanted, bool isImplied)
    {
        Lowered columns = Over(scan.Output);
        BoundExpression? filter = LowerOptional(condition, columns);
        double selectivity = condition is null ? 1 : cardinality.SelectivityOf(condition);
        double rows = cardinality.TableRows(scan.Table) * (isImplied ? selectivity : 1), wantedRows = LimitRowsOf(wanted);
        if (isImplied) selectivity = 1;
        int width = CostModel.Width(columns.Plan.OutputTypes);
        Estimate estimate = index.Method == "ivfflat"
            ? _cost.Lists(rows, wantedRows, selectivity, width, filter, NumberOf("ivfflat.probes", 1), StorageParameters.Read(index, "lists", DefaultLists))
            : _cost.Vector(rows, wantedRows, selectivity, width, filter, EfSearch());
        VectorIndexScan plan = new(scan.Table, scan.Alias, index, Lower(query, columns), wanted, [.. scan.Columns.Select(c => c.TableColumn)], scan.RowId is not null, filter,
            condition is null ? null : LowerMatches(scan, condition), selectivity, columns.Plan.OutputTypes) 
        {
            Estimate = estimate,
            IsFilterImplied = isImplied,
            SelectivityByParameters = condition is null || isImplied ? null : cardinality.SelectivityByParameters(condition),
        };
        return Named(plan, scan.Output);
    }

    /// <summary>Candidates of a walk; what a target of recall will take is guessed.</summary>
    private double EfSearch()
    {
        double target = NumberOf("vecsql.target_recall", 0);
        return target > 0 ? 5 / (1.05 - target) : NumberOf("hnsw.ef_search", 40);
    }

    private double NumberOf(string setting, double @default) =>
        double.TryParse(context.Setting(setting), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : @default;

    /// <summary>Just the row numbers of the rows that pass the filter.</summary>
    private PhysicalPlan LowerMatches(TableScan scan, BoundExpression condition)
    {
        HashSet<int> needed = ExpressionFacts.Columns(condition);
        LogicalColumn rowId = scan.RowId ?? new LogicalColumn(int.MaxValue, "rowid", Core.Types.SqlType.Int8);
        TableScan narrow = new(scan.Table, [.. scan.Columns.Where(c => needed.Contains(c.Id))], rowId, scan.Alias);
        Lowered sequential = LowerSequentialScan(narrow, condition);
        // What the scan really costs decides at run time; switching sequential scans off is about this table's plan, not about that.
        Estimate scanned = Free(sequential.Plan.Estimate);
        if (LowerBestIndex(narrow, condition) is not { } indexed) return Arrange(sequential.With(sequential.Plan with { Estimate = scanned }), [rowId]).Plan;
        Estimate found = Free(indexed.Plan.Estimate);
        // Row numbers that an index alone decides are had without the rows' pages.
        if (indexed.Plan is IndexScan { Filter: null }) found = found with { TotalCost = Math.Min(found.TotalCost, found.StartupCost + found.Rows * (_cost.IndexTuple + _cost.Operator + _cost.Tuple)) };
        Lowered best = found.TotalCost < scanned.TotalCost ? indexed.With(indexed.Plan with { Estimate = found }) : sequential.With(sequential.Plan with { Estimate = scanned });
        return Arrange(best, [rowId]).Plan;
    }

    private static Estimate Free(Estimate estimate) => estimate.TotalCost < Disabled ? estimate : estimate with { StartupCost = estimate.StartupCost - Disabled, TotalCost = estimate.TotalCost - Disabled };
}
