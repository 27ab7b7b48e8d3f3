using System.Runtime.CompilerServices;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Statistics;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Cost;

/// <summary>How many rows a logical plan will yield, about. Remembers what it was asked; lives for one planning.</summary>
internal sealed class CardinalityEstimator(PlanningContext context)
{
    private const double DefaultDistinct = 200;
    private readonly ConditionalWeakTable<LogicalPlan, StrongBox<double>> _known = [];
    private readonly Dictionary<int, (TableObject Table, short Column)> _origins = [];
    private readonly Dictionary<int, double> _cteRows = [];
    private Selectivity? _selectivity;

    public PlanningContext Context => context;

    /// <summary>Planning of a large statement can be cancelled like its run.</summary>
    public void CheckCancelled() => context.Constants.Cancellation.ThrowIfCancellationRequested();

    private Selectivity Conditions => _selectivity ??= new Selectivity(this, context);

    public double TableRows(TableObject table) => Math.Max(1, context.Statistics.EstimateRows(table.Oid));

    public double Rows(LogicalPlan plan)
    {
        if (_known.TryGetValue(plan, out StrongBox<double>? known)) return known.Value;
        double rows = CostModel.Clamp(Estimate(plan));
        _known.AddOrUpdate(plan, new StrongBox<double>(rows));
        return rows;
    }

    /// <summary>Share of the input's rows that pass.</summary>
    public double SelectivityOf(BoundExpression condition) => Conditions.Of(condition);

    /// <summary>The same once the parameters' values are known; null if the condition has none.</summary>
    public Func<IReadOnlyList<Column>, double>? SelectivityByParameters(BoundExpression condition) =>
        ExpressionFacts.Any(condition, e => e is ParameterExpression) ? values => SelectivityOf(new ParameterValues(values).Visit(condition)) : null;

    /// <param name="sides">The columns of each input of the join.</param>
    public double SelectivityOf(BoundExpression condition, IReadOnlyList<HashSet<int>> sides) => Conditions.OfJoin(condition, sides);

    /// <summary>Of conditions whose selectivities are multiplied: <see cref="Cost.Selectivity.KeyCorrection"/>.</summary>
    public double KeyCorrection(IReadOnlyList<BoundExpression> conditions) => Conditions.KeyCorrection(conditions);

    /// <summary>The stored column that a column is a copy of.</summary>
    public (TableObject Table, short Column)? OriginOf(int column) => _origins.TryGetValue(column, out (TableObject, short) origin) ? origin : null;

    public ColumnStatistics? StatisticsOf(int column) => OriginOf(column) is { } origin ? context.Statistics.FindColumn(origin.Table.Oid, origin.Column) : null;

    /// <summary>Distinct values of an expression among so many rows.</summary>
    public double DistinctValues(BoundExpression expression, double rows)
    {
        if (expression is LiteralExpression or ParameterExpression) return 1;
        if (expression is not ColumnExpression column) return expression.Type.Oid == TypeOid.Bool ? Math.Min(2, rows) : Math.Min(DefaultDistinct, rows);
        if (OriginOf(column.ColumnId) is not { } origin) return Math.Min(DefaultDistinct, rows);
        double tableRows = TableRows(origin.Table);
        if (IsUnique(origin.Table, origin.Column)) return Math.Min(tableRows, rows);
        if (context.Statistics.FindColumn(origin.Table.Oid, origin.Column) is { } statistics && statistics.DistinctCount != 0)
        {
            double distinct = statistics.DistinctCount < 0 ? -statistics.DistinctCount * tableRows : statistics.DistinctCount;
            return Math.Max(1, Math.Min(distinct, rows));
        }
        return expression.Type.Oid == TypeOid.Bool ? Math.Min(2, rows) : Math.Min(Math.Min(DefaultDistinct, tableRows), rows);
    }

    public bool IsUnique(TableObject table, short column) =>
        context.Catalog.IndexesOf(table.Oid).Any(i => i is { IsUnique: true, IsValid: true, Predicate: null, Keys: [{ } key] } && key.Column == column);

    /// <summary>Learns where a plan's columns come from; needed before it is estimated.</summary>
    public void Learn(LogicalPlan plan)
    {
        Parser.SqlParser.CheckStack();
        foreach (LogicalPlan input in plan.Inputs) Learn(input);
        switch (plan)
        {
            case TableScan scan:
                foreach (LogicalColumn column in scan.Columns) _origins[column.Id] = (scan.Table, column.TableColumn);
                break;
            case Project project: LearnCopies(project.Columns); break;
            case Aggregate aggregate: LearnCopies(aggregate.Groups); break;
            case With with:
                foreach (CteDefinition definition in with.Definitions) _cteRows[definition.Number] = Rows(definition.Plan);
                break;
        }
        foreach (BoundExpression expression in PlanExpressions.Of(plan))
            ExpressionFacts.Any(expression, e =>
            {
                if (e is SubqueryExpression subquery) Learn(subquery.Query);
                return false;
            });
    }

    private void LearnCopies(IReadOnlyList<ProjectedColumn> columns)
    {
        foreach (ProjectedColumn column in columns)
            if (column.Expression is ColumnExpression source && _origins.TryGetValue(source.ColumnId, out (TableObject, short) origin))
                _origins[column.Column.Id] = origin;
    }

    private double Estimate(LogicalPlan plan)
    {
        switch (plan)
        {
            case TableScan p: return TableRows(p.Table);
            case SystemTableScan: return 200;
            case FunctionScan p: return p.Functions.Max(FunctionRows);
            case Values p: return p.Rows.Count;
            case Filter p: return Rows(p.Input) * SelectivityOf(p.Condition);
            case Project p: return Rows(p.Input);
            case ProjectSet p: return Rows(p.Input) * p.Sets.Max(s => FunctionRows(s.Call));
            case Join p: return JoinRows(p.Kind, Rows(p.Left), Rows(p.Right), p.Condition, IsInner(p) ? [IdsOf(p.Left), IdsOf(p.Right)] : []);
            case Apply p: return JoinRows(p.Kind, Rows(p.Left), Rows(p.Right), p.Condition, []);
            case Aggregate p: return AggregateRows(p);
            case Window p: return Rows(p.Input);
            case Distinct p: return Math.Min(Rows(p.Input), Groups(p.On ?? [.. p.Output.Select(c => (BoundExpression)new ColumnExpression(c.Id, c.Name, c.Type))], Rows(p.Input)));
            case Sort p: return Rows(p.Input);
            case Limit p: return LimitRows(p);
            case SetOperation p:
                double left = Rows(p.Left), right = Rows(p.Right);
                return p.Operator switch { SetOperator.Union => p.IsAll ? left + right : (left + right) * 0.8, SetOperator.Intersect => Math.Min(left, right), _ => left };
            case With p: return Rows(p.Body);
            case CteScan p: return _cteRows.GetValueOrDefault(p.Number, 100);
            case RecursiveUnion p: return Rows(p.Start) * 10;
            case WorkTableScan: return 100;
            case LockRows p: return Rows(p.Input);
            case Insert p: return Rows(p.Input);
            case Update p: return Rows(p.Input);
            case Delete p: return Rows(p.Input);
            default: throw Invariant.Unreachable(plan);
        }
    }

    private static double FunctionRows(TableFunctionCall call)
    {
        if (call.Signature.Name == "generate_series" && call.Arguments is [LiteralExpression { IsNull: false } from, LiteralExpression { IsNull: false } to, ..])
        {
            if (from.Value is Column<int> a && to.Value is Column<int> b) return Math.Max(0, (double)b[0] - a[0] + 1);
            if (from.Value is Column<long> c && to.Value is Column<long> d) return Math.Max(0, (double)d[0] - c[0] + 1);
        }
        return call.Signature.Rows > 0 ? call.Signature.Rows : 1;
    }

    private static bool IsInner(Join join) => join.Kind is JoinKind.Inner or JoinKind.Cross;

    private static HashSet<int> IdsOf(LogicalPlan plan) => [.. plan.Output.Select(c => c.Id)];

    private double JoinRows(JoinKind kind, double left, double right, BoundExpression? condition, IReadOnlyList<HashSet<int>> sides)
    {
        double selectivity = condition is null ? 1 : SelectivityOf(condition, sides);
        double inner = left * right * selectivity;
        return kind switch
        {
            JoinKind.Left => Math.Max(inner, left),
            JoinKind.Right => Math.Max(inner, right),
            JoinKind.Full => Math.Max(inner, left + right),
            JoinKind.Semi => Math.Min(left, Math.Max(inner, left * Math.Min(1, right * selectivity))),
            JoinKind.Anti => Math.Max(1, left - Math.Min(left * 0.9, inner)),
            _ => inner,
        };
    }

    private double AggregateRows(Aggregate aggregate)
    {
        double input = Rows(aggregate.Input);
        if (aggregate.GroupingSets is null) return aggregate.Groups.Count == 0 ? 1 : Groups([.. aggregate.Groups.Select(g => g.Expression)], input);
        return aggregate.GroupingSets.Sum(s => s.Count == 0 ? 1 : Groups([.. s.Select(i => aggregate.Groups[i].Expression)], input));
    }

    public double Groups(IReadOnlyList<BoundExpression> keys, double rows)
    {
        double groups = 1;
        foreach (BoundExpression key in keys) groups = Math.Min(rows, groups * DistinctValues(key, rows));
        return Math.Max(1, groups);
    }

    private double LimitRows(Limit limit)
    {
        double rows = Rows(limit.Input);
        if (limit.Offset is LiteralExpression { IsNull: false, Value: Column<long> offset }) rows = Math.Max(1, rows - offset[0]);
        if (limit.Count is null) return rows;
        return limit.Count is LiteralExpression { IsNull: false, Value: Column<long> count } ? Math.Min(rows, Math.Max(1, count[0])) : Math.Min(rows, Math.Max(1, rows * 0.1));
    }
}

/// <summary>Puts values in the place of parameters.</summary>
internal sealed class ParameterValues(IReadOnlyList<Column> values) : ExpressionRewriter
{
    public override BoundExpression Visit(BoundExpression expression) =>
        expression is ParameterExpression parameter && parameter.Index < values.Count && values[parameter.Index] is { } value ? new LiteralExpression(value, parameter.Type) : base.Visit(expression);
}
