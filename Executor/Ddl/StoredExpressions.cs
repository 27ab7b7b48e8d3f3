using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;
using VecSql.Parser.Deparsing;
using VecSql.Planner.Expressions;

namespace VecSql.Executor.Ddl;

/// <summary>Expressions that the catalog keeps: checked by binding them, stored as text.</summary>
internal sealed class StoredExpressions(DdlContext context)
{
    /// <summary>A DEFAULT: no columns, no subqueries, coerced to the column's type.</summary>
    public string Default(Expression value, SqlType type)
    {
        context.Planner.BindTableExpression(value, null, type, context.Planning());
        return Deparser.ToSql(value);
    }

    /// <summary>A CHECK or an index predicate: boolean over the table's columns.</summary>
    public string Condition(Expression condition, TableObject table)
    {
        context.Planner.BindTableExpression(condition, table, SqlType.Bool, context.Planning());
        return Deparser.ToSql(condition);
    }

    /// <summary>A generated column's expression.</summary>
    public string Generated(Expression expression, TableObject table, SqlType type)
    {
        BoundExpression bound = context.Planner.BindTableExpression(expression, table, type, context.Planning());
        if (!Volatility.IsImmutable(bound)) throw new SqlException(SqlState.InvalidObjectDefinition, "generation expression is not immutable", expression.Span.Start);
        return Deparser.ToSql(expression);
    }

    /// <summary>An index key's expression, with its type.</summary>
    public (string Text, SqlType Type) IndexKey(Expression expression, TableObject table)
    {
        BoundExpression bound = context.Planner.BindTableExpression(expression, table, null, context.Planning());
        if (!Volatility.IsImmutable(bound))
            throw new SqlException(SqlState.InvalidObjectDefinition, "functions in index expression must be marked IMMUTABLE", expression.Span.Start);
        return (Deparser.ToSql(expression), bound.Type);
    }
}

/// <summary>Whether an expression gives the same value for the same input for ever.</summary>
internal sealed class Volatility : ExpressionRewriter
{
    private bool _isImmutable = true;

    private Volatility() { }

    public static bool IsImmutable(BoundExpression expression)
    {
        Volatility visitor = new();
        visitor.Visit(expression);
        return visitor._isImmutable;
    }

    public override BoundExpression Visit(BoundExpression expression)
    {
        if (expression is CallExpression { Signature.Volatility: not 'i' }) _isImmutable = false;
        return base.Visit(expression);
    }
}
