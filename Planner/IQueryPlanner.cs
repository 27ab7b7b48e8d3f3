using VecSql.Core.Catalog;
using VecSql.Core.Statistics;
using VecSql.Core.Types;
using VecSql.Parser.Ast;
using VecSql.Planner.Binding;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;

namespace VecSql.Planner;

/// <summary>What planning depends on besides the statement. A cached plan is valid while the catalog's version, the search path and these settings stay.</summary>
public sealed record PlanningContext
{
    public required CatalogSnapshot Catalog { get; init; }

    /// <summary>Schemas in the search path that exist, in order, pg_catalog included.</summary>
    public required IReadOnlyList<uint> SearchPath { get; init; }
    public required IStatisticsSource Statistics { get; init; }
    public required Core.Environment.EvalContext Constants { get; init; }

    /// <summary>SET enable_…, hnsw.*, vecsql.* that steer choices; by name, SHOW's text.</summary>
    public required Func<string, string?> Setting { get; init; }
    public int MaxWorkers { get; init; } = 1;
}

/// <summary>A planned SELECT, INSERT, UPDATE, DELETE or VALUES.</summary>
/// <param name="Columns">Result columns; empty if it returns no rows.</param>
/// <param name="ParameterTypes">Of $1 …, declared or inferred.</param>
/// <param name="SlotCount">Correlated slots that the executor provides.</param>
public sealed record QueryPlan(PhysicalPlan Root, IReadOnlyList<PlanColumn> Columns, IReadOnlyList<SqlType> ParameterTypes, int SlotCount, QueryKind Kind)
{
    /// <summary>False for plain SELECT without locking, data-modifying WITH or volatile writers.</summary>
    public bool ModifiesData { get; init; }
    public IReadOnlyList<uint> Relations { get; init; } = [];
}

public enum QueryKind { Select, Insert, Update, Delete }

/// <summary>A result column.</summary>
public sealed record PlanColumn(string Name, SqlType Type, uint TableOid, short TableColumn);

/// <summary>Statement → plan. Stateless.</summary>
public interface IQueryPlanner
{
    /// <param name="parameterTypes">Declared types by place; Invalid (0) or beyond the end: to be inferred.</param>
    QueryPlan Plan(Statement statement, IReadOnlyList<uint> parameterTypes, PlanningContext context);

    /// <summary>Binds a stored expression (default, check, index key) over a table's live columns as InputExpressions, coerced to a type by assignment if given.</summary>
    BoundExpression BindTableExpression(Expression expression, TableObject? table, SqlType? target, PlanningContext context);

    /// <summary>What the names in a query mean, without planning it.</summary>
    /// <param name="parameterTypes">As for <see cref="Plan"/>.</param>
    NameResolutions ResolveNames(Statement statement, PlanningContext context, IReadOnlyList<uint>? parameterTypes = null);

    /// <summary>The type that a name denotes.</summary>
    SqlType ResolveType(TypeName name, PlanningContext context);
}
