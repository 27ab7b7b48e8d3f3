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
        BoundExpression coerced = context.Planner.BindTableExpression(value, null, type, context.Planning());
        // The conversion to the column's type is left to the column, but a bare string is read as a value of it.
        return Text(value, value is StringLiteral ? coerced : context.Planner.BindTableExpression(value, null, null, context.Planning()), null);
    }

    /// <summary>A CHECK or an index predicate: boolean over the table's columns.</summary>
    public string Condition(Expression condition, TableObject table)
    {
        return Text(condition, context.Planner.BindTableExpression(condition, table, SqlType.Bool, context.Planning()), table);
    }

    /// <summary>A generated column's expression.</summary>
    public string Generated(Expression expression, TableObject table, SqlType type)
    {
        BoundExpression bound = context.Planner.BindTableExpression(expression, table, type, context.Planning());
        if (!Volatility.IsImmutable(bound)) throw new SqlException(SqlState.InvalidObjectDefinition, "generation expression is not immutable", expression.Span.Start);
        return Text(expression, context.Planner.BindTableExpression(expression, table, null, context.Planning()), table);
    }

    /// <summary>An index key's expression, with its type.</summary>
    public (string Text, SqlType Type) IndexKey(Expression expression, TableObject table)
    {
        BoundExpression bound = context.Planner.BindTableExpression(expression, table, null, context.Planning());
        if (!Volatility.IsImmutable(bound))
            throw new SqlException(SqlState.InvalidObjectDefinition, "functions in index expression must be marked IMMUTABLE", expression.Span.Start);
        return (Text(expression, bound, table), bound.Type);
    }

    /// <summary>As PostgreSQL would show it; as it was written where it has syntax of SQL's own (CURRENT_TIMESTAMP, EXTRACT, AT TIME ZONE) or anything else that the bound form doesn't keep.</summary>
    private string Text(Expression written, BoundExpression bound, TableObject? table)
    {
        string[] columns = table is null ? [] : [.. table.LiveColumns.Select(c => c.Name)];
        return (SpecialSyntax.IsIn(written) ? null : ExpressionText.Format(bound, columns, context.Eval)) ?? Deparser.ToSql(written);
    }
}

/// <summary>Whether an expression has syntax that only its written form keeps, by reflection over the tree.</summary>
internal static class SpecialSyntax
{
    public static bool IsIn(SyntaxNode node)
    {
        if (node is SpecialFunctionCall or SqlValueFunctionCall or AtTimeZone or CollateExpression or IndirectionExpression or RowConstructor) return true;
        foreach (System.Reflection.PropertyInfo property in node.GetType().GetProperties())
        {
            if (property.GetIndexParameters().Length > 0) continue;
            object? value = property.GetValue(node);
            if (value is SyntaxNode child && IsIn(child) || value is IEnumerable<SyntaxNode> children && children.Any(IsIn)) return true;
        }
        return false;
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
