using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>SQL functions made by users: inlined where they are called.</summary>
internal sealed partial class Binder
{
    private const int MaxFunctionDepth = 16;
    private int _functionDepth;

    /// <summary>A built-in function that is defined in SQL: its expression over the arguments. Null if the library has it, or it isn't one.</summary>
    private BoundExpression? TryBody(BuiltinFunction function, IReadOnlyList<BoundExpression> arguments, SqlType result, int position)
    {
        if (Library.FindScalar(function) is not null || FunctionBodies.Find(function) is not { } body) return null;
        _functionArguments.Push(arguments);
        BoundExpression value = BindExpression(SqlParser.ParseExpression(body), new QueryLevel(null));
        _functionArguments.Pop();
        return TryCoerce(value, result, CoercionContext.Assignment, position) is { } converted ? converted with { Position = position } : throw new InvariantException($"body of {function.Name}");
    }

    private BoundExpression BindBody(FunctionObject user, IReadOnlyList<BoundExpression> arguments, QueryLevel level, int position)
    {
        if (++_functionDepth > MaxFunctionDepth) throw SqlException.NotSupported($"recursion of function {user.Name}", position);
        BoundQuery query = BindFunctionQuery(user, arguments, level, position);
        _functionDepth--;
        if (query.Columns.Count != 1) throw SqlException.NotSupported($"function {user.Name} with several result columns in this place", position);
        if (SimpleBody(query.Plan, arguments) is { } simple) return ConvertResult(simple, user, position);
        // LIMIT 1: only the first row of a function's last query counts.
        Limit first = new(query.Plan, Literals.Int8(1), null, null);
        BoundExpression value = new SubqueryExpression(SubqueryKind.Scalar, first, [], null, query.Columns[0].Type) { Position = position };
        return ConvertResult(value, user, position);
    }

    private BoundExpression ConvertResult(BoundExpression value, FunctionObject user, int position) => TryCoerce(value, user.ReturnType, CoercionContext.Assignment, position)
        ?? throw Error(SqlState.InvalidFunctionDefinition, $"return type mismatch in function declared to return {Format(user.ReturnType.Oid)}", position);

    /// <summary>The expression of a body that is just SELECT expression (LIMIT n); null for others, and where an argument must not be computed more than once.</summary>
    private static BoundExpression? SimpleBody(LogicalPlan plan, IReadOnlyList<BoundExpression> arguments)
    {
        if (WithoutLimit(plan) is not Project { Columns: [var only] } project || WithoutLimit(project.Input) is not Values { Rows: [[]] }) return null;
        return arguments.Any(a => ExpressionFacts.IsVolatile(a) || ExpressionFacts.HasSubquery(a)) ? null : only.Expression;
    }

    private static LogicalPlan WithoutLimit(LogicalPlan plan) =>
        plan is Limit { Offset: null, Ties: null, Count: LiteralExpression { IsNull: false, Value: Column<long> count } } limit && count[0] > 0 ? WithoutLimit(limit.Input) : plan;

    /// <summary>The body's query, as if the parameters were columns of an enclosing query.</summary>
    private BoundQuery BindFunctionQuery(FunctionObject user, IReadOnlyList<BoundExpression> arguments, QueryLevel level, int position)
    {
        IReadOnlyList<ParsedStatement> body = SqlParser.Parse(user.Body);
        if (body.Count != 1 || body[0].Statement is not Ast.SelectStatement select) throw SqlException.NotSupported($"function {user.Name}, whose body isn't one SELECT,", position);
        QueryLevel parameters = new(level);
        List<NamedColumn> columns = [];
        for (int i = 0; i < arguments.Count; i++)
            columns.Add(new NamedColumn(i < user.ArgumentNames.Length ? user.ArgumentNames[i] : "", arguments[i]));
        parameters.Namespace.Add(new NamespaceItem(user.Name, columns));
        _functionArguments.Push(arguments);
        BoundQuery query = BindQuery(select, parameters, new QueryOptions { ResolveUnknowns = true });
        _functionArguments.Pop();
        return query;
    }

    /// <summary>While a function's body is bound, what $n means there.</summary>
    private readonly Stack<IReadOnlyList<BoundExpression>> _functionArguments = new();
}
