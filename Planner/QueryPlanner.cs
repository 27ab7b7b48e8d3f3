using System.Diagnostics;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;
using VecSql.Planner.Binding;
using VecSql.Planner.Cost;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Lowering;
using VecSql.Planner.Physical;
using VecSql.Planner.Rules;

namespace VecSql.Planner;

/// <summary>A bound and optimized query, before algorithms are chosen: what circuits are compiled from.</summary>
/// <param name="Columns">Of the result.</param>
public sealed record LogicalQuery(LogicalPlan Plan, IReadOnlyList<PlanColumn> Columns, IReadOnlyList<SqlType> ParameterTypes, QueryKind Kind)
{
    public bool ModifiesData { get; init; }
    public IReadOnlyList<uint> Relations { get; init; } = [];

    /// <summary>Column ids in the plan are below this.</summary>
    public int NextColumn { get; init; }
}

/// <summary>The planner: bind, apply the rules, lower.</summary>
public sealed class QueryPlanner : IQueryPlanner
{
    /// <summary>The meaning of a statement, without any rule applied but those that lowering needs.</summary>
    public static LogicalQuery Bind(Statement statement, IReadOnlyList<uint> parameterTypes, PlanningContext context)
    {
        Binder binder = new(context, new ParameterTypes(parameterTypes));
        BoundStatement bound = binder.Bind(statement);
        return new LogicalQuery(bound.Plan, bound.Columns, binder.Parameters.Types, bound.Kind)
        {
            ModifiesData = binder.ModifiesData, Relations = [.. binder.Relations], NextColumn = binder.NextColumn,
        };
    }

    /// <summary>Binds and applies the rules.</summary>
    public static LogicalQuery BindAndOptimize(Statement statement, IReadOnlyList<uint> parameterTypes, PlanningContext context)
    {
        LogicalQuery query = Bind(statement, parameterTypes, context);
        Optimizer optimizer = new(context, query.NextColumn);
        LogicalPlan plan = optimizer.Run(query.Plan);
        return query with { Plan = plan, NextColumn = optimizer.NextColumn };
    }

    public QueryPlan Plan(Statement statement, IReadOnlyList<uint> parameterTypes, PlanningContext context) => Lower(BindAndOptimize(statement, parameterTypes, context), context);

    /// <summary>Chooses algorithms.</summary>
    public static QueryPlan Lower(LogicalQuery query, PlanningContext context)
    {
        CardinalityEstimator cardinality = new(context);
        cardinality.Learn(query.Plan);
        PlanLowering lowering = new(context, new Binder(context, new ParameterTypes([])), cardinality);
        PhysicalPlan root = lowering.LowerStatement(query.Plan);
        CheckInDebug(root, context);
        return new QueryPlan(root, query.Columns, query.ParameterTypes, lowering.SlotCount, query.Kind) { ModifiesData = query.ModifiesData, Relations = query.Relations };
    }

    [Conditional("DEBUG")]
    private static void CheckInDebug(PhysicalPlan plan, PlanningContext context) => new PhysicalChecker(context.Catalog).Check(plan);

    public BoundExpression BindTableExpression(Expression expression, Core.Catalog.TableObject? table, SqlType? target, PlanningContext context) =>
        new Binder(context, new ParameterTypes([]) { AreAllowed = false }).BindStoredAs(expression, table, target);

    /// <summary>The rules that vecsql.disabled_rules can switch off.</summary>
    public static IReadOnlyList<string> RuleNames { get; } = [.. Rules.Optimizer.All.Select(r => r.Name)];

    public NameResolutions ResolveNames(Statement statement, PlanningContext context, IReadOnlyList<uint>? parameterTypes = null)
    {
        NameResolutions resolutions = new();
        new Binder(context, new ParameterTypes(parameterTypes ?? [])) { Resolutions = resolutions }.Bind(statement);
        return resolutions;
    }

    /// <summary>A table as the target of changes: its CHECKs and generated columns, bound.</summary>
    public static TargetTable DescribeTarget(Core.Catalog.TableObject table, PlanningContext context) =>
        new Binder(context, new ParameterTypes([]) { AreAllowed = false }).MakeTarget(table);

    /// <summary>What each live column of a table gets when an insert doesn't name it: its default coerced to its type, the sequence of an identity column, or NULL.</summary>
    public static IReadOnlyList<BoundExpression> DescribeDefaults(Core.Catalog.TableObject table, PlanningContext context)
    {
        Binder binder = new(context, new ParameterTypes([]) { AreAllowed = false });
        return [.. table.LiveColumns.Select(binder.DefaultOf)];
    }

    /// <summary>Why a view can't be changed through, in PostgreSQL's words; null if it can.</summary>
    public static string? WhyNotUpdatable(Core.Catalog.TableObject view, PlanningContext context) => new Binder(context, new ParameterTypes([])).ProblemOf(view);

    /// <summary>COPY FROM's WHERE over the table's live columns as InputExpressions.</summary>
    /// <exception cref="Core.Errors.SqlException">42804, 42P10, 0A000 …</exception>
    public static BoundExpression BindCopyCondition(Expression condition, Core.Catalog.TableObject table, PlanningContext context) =>
        new Binder(context, new ParameterTypes([]) { AreAllowed = false }).BindCopyCondition(condition, table);

    public SqlType ResolveType(TypeName name, PlanningContext context) => new Binder(context, new ParameterTypes([])).ResolveType(name);
}
