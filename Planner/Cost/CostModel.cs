using System.Globalization;
using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;

namespace VecSql.Planner.Cost;

/// <summary>What operators cost, in PostgreSQL's units and with its settings: a page read in sequence is 1.</summary>
internal sealed class CostModel(PlanningContext context)
{
    private const double PageBytes = 8192;

    // What reading columns in memory costs beside PostgreSQL's pages and tuples, relative to joins' and aggregates' work on each row: measured over TPC-H.
    private const double Columnar = 0.25;

    // Fetching a row by number, column by column, beside its page: the same measurement.
    private const double RowFetch = 0.25;

    public double SequentialPage { get; } = Number(context, "seq_page_cost", 1.0);
    public double RandomPage { get; } = Number(context, "random_page_cost", 4.0);
    public double Tuple { get; } = Number(context, "cpu_tuple_cost", 0.01);
    public double IndexTuple { get; } = Number(context, "cpu_index_tuple_cost", 0.005);
    public double Operator { get; } = Number(context, "cpu_operator_cost", 0.0025);

    // The settings are for processes that pass single rows; workers here are threads that pass batches.
    public double ThreadSetup { get; } = Number(context, "parallel_setup_cost", 1000) / 10;
    public double ThreadTuple { get; } = Number(context, "parallel_tuple_cost", 0.1) / 5;

    private static double Number(PlanningContext context, string setting, double otherwise) =>
        context.Setting(setting) is { } text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : otherwise;

    public static double Clamp(double rows) => double.IsFinite(rows) ? Math.Max(1, Math.Round(rows)) : 1;

    /// <summary>Bytes of a row of these columns, about.</summary>
    public static int Width(IEnumerable<SqlType> types)
    {
        long width = 0;
        foreach (SqlType type in types) width += WidthOf(type);
        return (int)Math.Min(width, int.MaxValue);
    }

    public static int WidthOf(SqlType type) => type.Oid switch
    {
        TypeOid.Vector => type.Modifier > 0 ? type.Modifier * 4 + 8 : 1024,
        TypeOid.HalfVec => type.Modifier > 0 ? type.Modifier * 2 + 8 : 512,
        TypeOid.Int8Vec => type.Modifier > 0 ? type.Modifier + 8 : 264,
        TypeOid.Name => 64,
        _ => TypeHandlers.Find(type.Oid)?.Kind is { } kind && kind != PhysicalKind.Bytes ? PhysicalKinds.WidthOf(kind) : 32,
    };

    /// <summary>Evaluating the expression once.</summary>
    public double Evaluate(BoundExpression? expression)
    {
        if (expression is null) return 0;
        double cost = 0;
        ExpressionFacts.Any(expression, e =>
        {
            cost += e switch
            {
                SubplanExpression s => s.Correlations.Count == 0 ? 0 : s.Plan.Estimate.TotalCost,
                CallExpression or QuantifiedArrayExpression or RowCompareExpression => Operator,
                CoercionExpression { Kind: CoercionKind.ThroughText } => Operator,
                _ => 0,
            };
            return false;
        });
        return cost;
    }

    public double EvaluateAll(IEnumerable<BoundExpression> expressions) => expressions.Sum(Evaluate);

    public Estimate Scan(double rows, IReadOnlyList<LogicalColumn> columns)
    {
        int width = Width(columns.Select(c => c.Type));
        return new Estimate(0, (Pages(rows, width) * SequentialPage + rows * Tuple) * Columnar, Clamp(rows), width);
    }

    public static double Pages(double rows, int width) => Math.Max(1, Math.Ceiling(rows * (width + 24) / PageBytes));

    public Estimate Filter(Estimate input, BoundExpression condition, double rows) => input with { TotalCost = input.TotalCost + input.Rows * Evaluate(condition), Rows = Clamp(rows) };

    public Estimate Project(Estimate input, IReadOnlyList<BoundExpression> expressions) =>
        input with { TotalCost = input.TotalCost + input.Rows * EvaluateAll(expressions), Width = Width(expressions.Select(e => e.Type)) };

    public Estimate Function(double rows, IReadOnlyList<LogicalColumn> columns) => new(Operator, Operator + rows * Tuple, Clamp(rows), Width(columns.Select(c => c.Type)));

    public Estimate Values(int rows, IReadOnlyList<LogicalColumn> columns) => new(0, rows == 1 ? Tuple : rows * Operator * 5, Clamp(rows), Width(columns.Select(c => c.Type)));

    public Estimate Sets(Estimate input, double rows) => input with { TotalCost = input.TotalCost + rows * Tuple, Rows = Clamp(rows) };

    public Estimate Sort(Estimate input, double? limit)
    {
        double rows = Math.Max(input.Rows, 2);
        double kept = limit is { } l ? Math.Clamp(l, 1, rows) : rows;
        double compare = 2 * Operator * rows * Math.Log2(Math.Max(2, limit is null ? rows : 2 * kept));
        double bytes = rows * (input.Width + 24);
        double spill = limit is null ? Spill(bytes) : 0;
        double startup = input.TotalCost + compare + spill;
        return new Estimate(startup, startup + Operator * kept, Clamp(kept), input.Width);
    }

    private double WorkMemBytes { get; } = Bytes(context.Setting("work_mem")) ?? 64 << 20;

    /// <summary>A size as SHOW prints it: 64MB.</summary>
    private static double? Bytes(string? text)
    {
        if (text is not { Length: > 2 } || !double.TryParse(text.AsSpan(0, text.Length - 2), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) return null;
        return text[^2..] switch { "kB" => value * 1024, "MB" => value * (1 << 20), "GB" => value * (1 << 30), "TB" => value * (1L << 40), _ => null };
    }

    /// <summary>Beyond work_mem, rows are written and read once.</summary>
    private double Spill(double bytes) => bytes > WorkMemBytes ? 2 * bytes / PageBytes * SequentialPage : 0;

    public Estimate Limit(Estimate input, double? count, double offset)
    {
        double rows = Math.Max(1, input.Rows);
        double wanted = Math.Min(rows, (count ?? rows) + offset);
        double perRow = (input.TotalCost - input.StartupCost) / rows;
        return input with
        {
            StartupCost = input.StartupCost + perRow * Math.Min(offset, rows), TotalCost = input.StartupCost + perRow * wanted, Rows = Clamp(Math.Max(1, wanted - offset)),
        };
    }

    public Estimate Distinct(Estimate input, double rows) => new(input.TotalCost + input.Rows * Operator, input.TotalCost + input.Rows * Operator + rows * Tuple, Clamp(rows), input.Width);

    public Estimate Aggregate(Estimate input, Aggregate aggregate, double rows)
    {
        double perRow = Operator * (aggregate.Groups.Count + aggregate.Aggregates.Count) * (aggregate.GroupingSets?.Count ?? 1);
        int width = Width(aggregate.Output.Select(c => c.Type));
        double startup = input.TotalCost + input.Rows * perRow + Spill(rows * (width + 24));
        return new Estimate(startup, startup + rows * Tuple, Clamp(rows), width);
    }

    public Estimate Window(Estimate input, Window window)
    {
        Estimate sorted = window.PartitionBy.Count + window.OrderBy.Count > 0 ? Sort(input, null) : input;
        return sorted with
        {
            TotalCost = sorted.TotalCost + input.Rows * (Tuple + Operator * window.Calls.Count), Rows = input.Rows, Width = input.Width + Width(window.Calls.Select(c => c.Column.Type)),
        };
    }

    public Estimate SetOperation(Estimate left, Estimate right, double rows)
    {
        double startup = left.TotalCost + right.TotalCost + (left.Rows + right.Rows) * Operator;
        return new Estimate(startup, startup + rows * Tuple, Clamp(rows), left.Width);
    }

    public Estimate Append(IReadOnlyList<PhysicalPlan> branches) => new(branches[0].Estimate.StartupCost, branches.Sum(b => b.Estimate.TotalCost) + branches.Sum(b => b.Estimate.Rows) * Tuple / 2,
        branches.Sum(b => b.Estimate.Rows), branches[0].Estimate.Width);

    public Estimate With(IReadOnlyList<CtePlan> definitions, Estimate body)
    {
        double cost = definitions.Sum(d => d.Plan.Estimate.TotalCost);
        return body with { StartupCost = body.StartupCost + cost, TotalCost = body.TotalCost + cost };
    }

    public Estimate Recursive(Estimate start, Estimate step)
    {
        double rows = start.Rows + 10 * step.Rows;
        return new Estimate(start.StartupCost, start.TotalCost + 10 * step.TotalCost + rows * Tuple, Clamp(rows), start.Width);
    }

    public Estimate HashJoin(Estimate left, Estimate right, int keys, BoundExpression? residual, double rows)
    {
        double bytes = right.Rows * (right.Width + 24);
        double build = right.TotalCost + right.Rows * (Operator * keys + Tuple) + (bytes > WorkMemBytes ? Spill(bytes) + 2 * left.Rows * (left.Width + 24) / PageBytes * SequentialPage : 0);
        double startup = build + left.StartupCost;
        double total = build + left.TotalCost + left.Rows * Operator * keys + rows * (Tuple + Evaluate(residual));
        return new Estimate(startup, total, Clamp(rows), left.Width + right.Width);
    }

    public Estimate NestedLoop(Estimate left, Estimate right, BoundExpression? condition, double rows)
    {
        double pairs = left.Rows * right.Rows;
        double total = left.TotalCost + right.TotalCost + pairs * (Operator + Evaluate(condition)) + rows * Tuple;
        return new Estimate(left.StartupCost + right.StartupCost, total, Clamp(rows), left.Width + right.Width);
    }

    public Estimate Apply(Estimate left, Estimate right, double rows) =>
        new(left.StartupCost + right.StartupCost, left.TotalCost + left.Rows * right.TotalCost + rows * Tuple, Clamp(rows), left.Width + right.Width);

    public Estimate Modify(Estimate input, bool returns) => input with { TotalCost = input.TotalCost + input.Rows * Tuple, Rows = returns ? input.Rows : 0, Width = returns ? input.Width : 0 };

    /// <summary>Fetching rows by an index: a descent, the matching entries, and one random page for each row (or fewer, where the stored order follows the key).</summary>
    public Estimate Index(double tableRows, double matched, double returned, int width, double correlation, BoundExpression? filter)
    {
        double descent = Math.Ceiling(Math.Log2(Math.Max(2, tableRows))) * Operator + 0.25;
        double tablePages = Pages(tableRows, width);
        double scattered = Math.Min(matched, tablePages) * RandomPage;
        double ordered = Math.Max(1, Math.Ceiling(matched / Math.Max(1, tableRows) * tablePages)) * SequentialPage;
        double pages = scattered + correlation * correlation * (ordered - scattered);
        return new Estimate(descent, descent + pages * Columnar + matched * (RowFetch + IndexTuple + Operator + Tuple + Evaluate(filter)), Clamp(returned), width);
    }

    /// <summary>A graph search: about ef × log rows distances, more when a filter turns rows away.</summary>
    public Estimate Vector(double tableRows, double wanted, double selectivity, int width, BoundExpression? filter, double efSearch)
    {
        double visited = Math.Min(tableRows, Math.Max(efSearch, wanted) * Math.Log2(Math.Max(2, tableRows)) / Math.Clamp(selectivity, 0.01, 1));
        double cost = (visited * (4 * Operator + Evaluate(filter)) + wanted * RandomPage) * Columnar;
        return new Estimate(visited * 2 * Operator * Columnar, cost, Clamp(Math.Min(wanted, tableRows * selectivity)), width);
    }

    /// <summary>A search of lists: all centers, then the rows of the nearest lists, or of more when a filter turns rows away.</summary>
    public Estimate Lists(double tableRows, double wanted, double selectivity, int width, BoundExpression? filter, double probes, int lists)
    {
        double visited = Math.Min(tableRows, Math.Max(tableRows * Math.Min(1, probes / lists), wanted / Math.Clamp(selectivity, 0.0001, 1)));
        double cost = (lists * Operator + visited * (2 * Operator + Evaluate(filter)) + wanted * RandomPage) * Columnar;
        return new Estimate((lists + visited) * Operator * Columnar, cost, Clamp(Math.Min(wanted, tableRows * selectivity)), width);
    }
}
