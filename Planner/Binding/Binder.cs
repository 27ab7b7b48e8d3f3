using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>
/// Gives a statement its meaning: names become columns by id, types and functions are chosen by PostgreSQL's rules, and the query becomes a logical plan.
/// One binder binds one statement. Split by facet: names, types, expressions, functions, operators, coercion, FROM, SELECT, grouping, windows, set operations, WITH, DML.
/// </summary>
/// <remarks>
/// Invariants: column ids are unique in the statement; a subquery refers to an enclosing query's columns by their ids (free columns); aggregates, window functions and
/// set-returning functions met in an expression are put down in their <see cref="QueryLevel"/> and stand in the expression as columns of the node that will compute them.
/// </remarks>
internal sealed partial class Binder
{
    private readonly PlanningContext _context;
    private readonly TypeCatalog _types;
    private readonly CoercionRules _rules;
    private readonly OverloadResolver _overloads;
    private readonly FunctionLookup _functions;
    private readonly HashSet<uint> _relations = [];
    private int _nextColumn = 1;
    private int _nextCte = 1;
    private int _viewDepth;

    public Binder(PlanningContext context, ParameterTypes parameters)
    {
        _context = context;
        Parameters = parameters;
        _types = new TypeCatalog(context.Catalog, context.SearchPath);
        _rules = new CoercionRules(_types, context.Catalog);
        _overloads = new OverloadResolver(_types, _rules);
        _functions = new FunctionLookup(context.Catalog, context.SearchPath);
    }

    public ParameterTypes Parameters { get; }

    /// <summary>Relations that the statement reads or writes, views included: the cached plan depends on them.</summary>
    public IReadOnlyCollection<uint> Relations => _relations;

    /// <summary>True once a locking clause or a data-modifying WITH was bound.</summary>
    public bool ModifiesData { get; private set; }

    /// <summary>Receives what names turn out to mean, if anyone wants to know.</summary>
    public NameResolutions? Resolutions { get; init; }

    public TypeCatalog Types => _types;

    /// <summary>Ids handed out so far are below this.</summary>
    public int NextColumn => _nextColumn;

    /// <summary>Binds a whole statement.</summary>
    public BoundStatement Bind(Ast.Statement statement)
    {
        BoundStatement bound = statement switch
        {
            Ast.SelectStatement select => BindTopSelect(select),
            Ast.InsertStatement insert => BindInsert(insert, null),
            Ast.UpdateStatement update => BindUpdate(update, null),
            Ast.DeleteStatement delete => BindDelete(delete, null),
            Ast.MergeStatement => throw SqlException.NotSupported("MERGE", statement.Span.Start),
            _ => throw SqlException.NotSupported($"planning of {statement.GetType().Name}", statement.Span.Start),
        };
        Parameters.CheckResolved();
        return bound;
    }

    private BoundStatement BindTopSelect(Ast.SelectStatement select)
    {
        BoundQuery query = BindQuery(select, null, new QueryOptions { ResolveUnknowns = true });
        return new BoundStatement(query.Plan, [.. query.Columns.Select(c => new PlanColumn(c.Name, c.Type, c.TableOid, c.TableColumn))], QueryKind.Select);
    }

    private LogicalColumn NewColumn(string name, SqlType type, uint table = 0, short number = 0) => new(_nextColumn++, name, type) { TableOid = table, TableColumn = number };

    private static ColumnExpression Reference(LogicalColumn column, int position = -1) => new(column.Id, column.Name, column.Type) { Position = position };

    private string Format(uint type) => _types.Format(type);

    private static SqlException Error(string state, string message, int position, string? detail = null, string? hint = null) => new(state, message, position, detail, hint);

    private static SqlException Unsupported(BuiltinFunction function, int position) => SqlException.NotSupported("function " + function.Name, position);

    private FunctionLibrary Library => FunctionLibrary.Default;

    private static void CheckStack(int position) => SqlParser.CheckStack(position);
}

/// <summary>A statement with its meaning.</summary>
internal sealed record BoundStatement(LogicalPlan Plan, IReadOnlyList<PlanColumn> Columns, QueryKind Kind);

/// <summary>A bound query: its plan gives exactly these columns, in this order.</summary>
internal sealed record BoundQuery(LogicalPlan Plan, IReadOnlyList<LogicalColumn> Columns)
{
    /// <summary>The plan that gives the columns first, whatever else it passes on.</summary>
    public static BoundQuery Of(LogicalPlan plan) => new(plan, plan.Output);
}

/// <summary>How a query is bound in its surroundings.</summary>
internal sealed record QueryOptions
{
    /// <summary>Untyped literals in the select list become text (not in INSERT … SELECT and operands of set operations, which have types of their own).</summary>
    public bool ResolveUnknowns { get; init; }
}

/// <summary>Where an expression stands: what PostgreSQL allows in it, and how its errors call the place.</summary>
internal enum ExpressionPlace
{
    Other, SelectList, Where, Having, GroupBy, OrderBy, DistinctOn, JoinOn, FromFunction, FromSubquery, Limit, Offset, Values, InsertValues, UpdateSet, Returning, Filter,
    WindowPartition, WindowOrder, WindowFrame, CheckConstraint, ColumnDefault, GeneratedColumn, IndexExpression, IndexPredicate, Policy, Call, ConflictWhere, CopyWhere,
}

internal static class ExpressionPlaces
{
    /// <summary>The words of "… are not allowed in …".</summary>
    public static string Words(this ExpressionPlace place) => place switch
    {
        ExpressionPlace.Where or ExpressionPlace.ConflictWhere => "WHERE",
        ExpressionPlace.Having => "HAVING",
        ExpressionPlace.GroupBy => "GROUP BY",
        ExpressionPlace.OrderBy => "ORDER BY",
        ExpressionPlace.DistinctOn => "DISTINCT ON",
        ExpressionPlace.JoinOn => "JOIN conditions",
        ExpressionPlace.FromFunction => "functions in FROM",
        ExpressionPlace.FromSubquery => "FROM clause of their own query level",
        ExpressionPlace.Limit => "LIMIT",
        ExpressionPlace.Offset => "OFFSET",
        ExpressionPlace.Values or ExpressionPlace.InsertValues => "VALUES",
        ExpressionPlace.UpdateSet => "UPDATE",
        ExpressionPlace.Returning => "RETURNING",
        ExpressionPlace.Filter => "FILTER",
        ExpressionPlace.WindowPartition or ExpressionPlace.WindowOrder => "window definitions",
        ExpressionPlace.WindowFrame => "window frame offsets",
        ExpressionPlace.CheckConstraint => "check constraints",
        ExpressionPlace.ColumnDefault => "DEFAULT expressions",
        ExpressionPlace.GeneratedColumn => "column generation expressions",
        ExpressionPlace.IndexExpression => "index expressions",
        ExpressionPlace.IndexPredicate => "index predicates",
        ExpressionPlace.Policy => "policy expressions",
        ExpressionPlace.CopyWhere => "COPY FROM WHERE conditions",
        ExpressionPlace.Call => "CALL arguments",
        _ => "this place",
    };

    public static bool AllowsAggregates(this ExpressionPlace place) => place is ExpressionPlace.SelectList or ExpressionPlace.Having or ExpressionPlace.OrderBy or ExpressionPlace.DistinctOn
        or ExpressionPlace.WindowPartition or ExpressionPlace.WindowOrder;

    public static bool AllowsWindows(this ExpressionPlace place) => place is ExpressionPlace.SelectList or ExpressionPlace.OrderBy or ExpressionPlace.DistinctOn;

    public static bool AllowsSets(this ExpressionPlace place) => place is ExpressionPlace.SelectList or ExpressionPlace.OrderBy or ExpressionPlace.DistinctOn or ExpressionPlace.GroupBy
        or ExpressionPlace.InsertValues;

    public static bool AllowsSubqueries(this ExpressionPlace place) => place is not (ExpressionPlace.CheckConstraint or ExpressionPlace.ColumnDefault or ExpressionPlace.GeneratedColumn
        or ExpressionPlace.IndexExpression or ExpressionPlace.IndexPredicate or ExpressionPlace.CopyWhere);
}
