using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Parser.Deparsing;
using VecSql.Planner.Expressions;

namespace VecSql.Executor.Ddl;

/// <summary>
/// Expressions that the catalog keeps (defaults, checks, index keys): checked by binding them, stored as text that is independent of the search path, in the form in which PostgreSQL shows them.
/// </summary>
internal sealed class StoredExpressions(DdlContext context)
{
    private static readonly string[] SequenceFunctions = ["nextval", "currval", "setval"];

    /// <summary>A DEFAULT: no columns, no subqueries, coerced to the column's type. Null for NULL, which is no default.</summary>
    public string? Default(Expression value, SqlType type, string column)
    {
        if (value is NullLiteral) return null;
        try
        {
            context.Planner.BindTableExpression(value, null, type, context.Planning());
        }
        catch (SqlException e) when (e.SqlState == SqlState.DatatypeMismatch && e.Message.StartsWith("expression is of type ", StringComparison.Ordinal))
        {
            string given = TypeNames.Display(context.Planner.BindTableExpression(value, null, null, context.Planning()).Type, context.Catalog);
            throw new SqlException(SqlState.DatatypeMismatch, $"column \"{column}\" is of type {TypeNames.Display(new SqlType(type.Oid), context.Catalog)} but default expression is of type {given}", -1,
                hint: "You will need to rewrite or cast the expression.");
        }
        // The conversion to the column's type is left to the column, but a bare string is read as a value of it.
        if (value is not StringLiteral) return Text(value, context.Planner.BindTableExpression(value, null, null, context.Planning()), null);
        // The column applies its length or precision itself; only an interval is read by it.
        SqlType plain = type.Oid == TypeOid.Interval ? type : new SqlType(type.Oid);
        return Text(new CastExpression(value, TypeNodes.Of(new SqlType(type.Oid), context.Catalog), CastSyntax.Colons), context.Planner.BindTableExpression(value, null, plain, context.Planning()), null);
    }

    /// <summary>A parameter's DEFAULT.</summary>
    public string ArgumentDefault(Expression value, SqlType type)
    {
        BoundExpression given = context.Planner.BindTableExpression(value, null, null, context.Planning());
        try
        {
            return Default(value, type, "") ?? "NULL::" + Deparser.ToSql(TypeNodes.Of(type, context.Catalog));
        }
        catch (SqlException e) when (e.SqlState == SqlState.DatatypeMismatch)
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"argument of DEFAULT must be type {TypeNames.Display(type, context.Catalog)}, not type {TypeNames.Display(given.Type, context.Catalog)}", given.Position);
        }
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
        foreach (ColumnObject other in table.LiveColumns.Where(c => c.IsGenerated))
        {
            if (NamesColumn(expression, other.Name))
            {
                throw new SqlException(SqlState.InvalidObjectDefinition, $"cannot use generated column \"{other.Name}\" in column generation expression", expression.Span.Start,
                    "A generated column cannot reference another generated column.");
            }
        }
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
        bool isSpecial = false;
        SyntaxRewriter.Walk(written, n => isSpecial |= n is SpecialFunctionCall or SqlValueFunctionCall or AtTimeZone or CollateExpression or IndirectionExpression or RowConstructor);
        string[] columns = table is null ? [] : [.. table.LiveColumns.Select(c => c.Name)];
        string? shown = isSpecial ? null : StoredExpressionText.Format(bound, columns, context.Eval);
        return Deparser.ToSql(Normalize(shown is null ? written : SqlParser.ParseExpression(shown)));
    }

    /// <summary>The expression without anything that the search path or a table's name decides.</summary>
    public T Normalize<T>(T expression) where T : SyntaxNode
    {
        CatalogNames names = new(context);
        return new SyntaxRewriter((_, copy) => copy switch
        {
            // Only the table's own columns can be meant.
            ColumnRef { IsStar: false, Parts.Count: > 1 } column => column with { Parts = [column.Parts[^1]] },
            CastExpression { Operand: StringLiteral text } cast when IsRegClass(cast.Type) => cast with { Operand = Qualified(text), Syntax = CastSyntax.Colons },
            CastExpression cast => cast with { Type = QualifiedType(cast.Type), Syntax = CastSyntax.Colons },
            FunctionCall { Arguments.Count: > 0 } call when SequenceFunctions.Contains(call.Name.Name) && call.Arguments[0].Value is StringLiteral text =>
                call with { Arguments = [call.Arguments[0] with { Value = new CastExpression(Qualified(text), RegClass, CastSyntax.Colons) }, .. call.Arguments.Skip(1)] },
            FunctionCall call when Builtins.FindFunctions(call.Name.Name).Count == 0 && names.FindFunctions(call.Name) is [{ } own, ..] =>
                call with { Name = new QualifiedName([context.Catalog.Find<SchemaObject>(own.Schema)!.Name, own.Name]) },
            IntegerLiteral { Text: ['-', ..] } negative => Typed(negative.Text, IntegerType(negative.Text)),
            NumericLiteral { Text: ['-', ..] } negative => Typed(negative.Text, "numeric"),
            _ => copy,
        }).Rewrite<SyntaxNode>(expression) as T ?? throw Invariant.Unreachable(expression);

        StringLiteral Qualified(StringLiteral text) => SqlIdentifier.Split(text.Value) is { } parts && names.FindRelation(new QualifiedName(parts)) is { } relation
            ? text with { Value = QualifiedText(relation) } : text;
        TypeName QualifiedType(TypeName type) => !type.IsColumnType && names.FindType(type.Name) is { } own
            ? type with { Name = new QualifiedName([context.Catalog.Find<SchemaObject>(own.Schema)!.Name, own.Name]) } : type;
    }

    private string QualifiedText(RelationObject relation) => SqlIdentifier.Quote(context.Catalog.Find<SchemaObject>(relation.Schema)!.Name) + "." + SqlIdentifier.Quote(relation.Name);

    /// <summary>True if the stored text names the relation as a regclass.</summary>
    public bool NamesRelation(string text, RelationObject relation)
    {
        string name = QualifiedText(relation);
        bool found = false;
        SyntaxRewriter.Walk(SqlParser.ParseExpression(text), n => found |= n is CastExpression { Operand: StringLiteral literal } cast && IsRegClass(cast.Type) && literal.Value == name);
        return found;
    }

    /// <summary>The stored text after a relation it names as a regclass was renamed or moved.</summary>
    public static string RenameRelation(string text, string oldSchema, string oldName, string newSchema, string newName)
    {
        string before = SqlIdentifier.Quote(oldSchema) + "." + SqlIdentifier.Quote(oldName), after = SqlIdentifier.Quote(newSchema) + "." + SqlIdentifier.Quote(newName);
        return Rewrite(text, n => n is CastExpression { Operand: StringLiteral literal } cast && IsRegClass(cast.Type) && literal.Value == before
            ? cast with { Operand = literal with { Value = after } } : n);
    }

    public static string RenameColumn(string text, string oldName, string newName) =>
        Rewrite(text, n => n is ColumnRef { IsStar: false } column && column.Parts[^1] == oldName ? column with { Parts = [newName] } : n);

    /// <summary>The stored text after a type or function it names was renamed or moved.</summary>
    public static string RenameObject(string text, string oldSchema, string oldName, string newSchema, string newName)
    {
        return Rewrite(text, n => n switch
        {
            TypeName type when Names(type.Name) => type with { Name = new QualifiedName([newSchema, newName]) },
            FunctionCall call when Names(call.Name) => call with { Name = new QualifiedName([newSchema, newName]) },
            _ => n,
        });

        bool Names(QualifiedName name) => name.Parts is [{ } schema, { } own] && schema == oldSchema && own == oldName;
    }

    /// <summary>The stored text after a schema was renamed.</summary>
    public static string RenameSchema(string text, string oldName, string newName) => Rewrite(text, n => n switch
    {
        QualifiedName { Parts: [{ } schema, { } name] } when schema == oldName => new QualifiedName([newName, name]),
        CastExpression { Operand: StringLiteral literal } cast when IsRegClass(cast.Type) && SqlIdentifier.Split(literal.Value) is [{ } schema, { } name] && schema == oldName =>
            cast with { Operand = literal with { Value = SqlIdentifier.Quote(newName) + "." + SqlIdentifier.Quote(name) } },
        _ => n,
    });

    public static bool NamesColumn(string text, string column) => NamesColumn(SqlParser.ParseExpression(text), column);

    public static bool NamesFunction(string text, string function)
    {
        bool found = false;
        SyntaxRewriter.Walk(SqlParser.ParseExpression(text), n => found |= n is FunctionCall call && call.Name.Name == function && call.Name.Schema is not (null or "pg_catalog"));
        return found;
    }

    /// <summary>The text's tree with nodes replaced; the very text if nothing was.</summary>
    private static string Rewrite(string text, Func<SyntaxNode, SyntaxNode> replace)
    {
        Expression before = SqlParser.ParseExpression(text), after = new SyntaxRewriter((_, copy) => replace(copy)).Rewrite(before);
        return ReferenceEquals(before, after) ? text : Deparser.ToSql(after);
    }

    private static bool NamesColumn(Expression expression, string column)
    {
        bool found = false;
        SyntaxRewriter.Walk(expression, n => found |= n is ColumnRef { IsStar: false } reference && reference.Parts[^1] == column);
        return found;
    }

    private static TypeName RegClass => new(new QualifiedName(["regclass"]), [], []);

    private static bool IsRegClass(TypeName type) => type.Name.Name == "regclass" && type.Name.Schema is null or "pg_catalog" && type.ArrayBounds.Count == 0;

    private static string IntegerType(string digits) => !long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? "numeric"
        : value is >= int.MinValue and <= int.MaxValue ? "int4" : "int8";

    private static CastExpression Typed(string text, string type) => new(new StringLiteral(text), new TypeName(new QualifiedName(["pg_catalog", type]), [], []), CastSyntax.Colons);
}

/// <summary>A resolved type as a syntax node, so that it can go through statements that expect one.</summary>
internal static class TypeNodes
{
    public static TypeName Of(SqlType type, CatalogSnapshot catalog)
    {
        // "character" and "bit" without a length would be read as having length 1.
        if (type.Modifier < 0 && Builtins.FindType(type.Oid) is { Extension: null, Name: "bpchar" or "bit" or "_bpchar" or "_bit" } known) return new TypeName(new QualifiedName([known.Name]), [], []);
        return SqlParser.ParseTypeName(TypeNames.Display(type, catalog, []));
    }
}

/// <summary>Whether an expression gives the same value for the same input for ever.</summary>
internal sealed class Volatility : ExpressionRewriter
{
    private char _worst = 'i';

    private Volatility() { }

    public static bool IsImmutable(BoundExpression expression) => Of(expression) == 'i';

    /// <summary>True if it may give another value for each row.</summary>
    public static bool IsVolatile(BoundExpression expression) => Of(expression) == 'v';

    private static char Of(BoundExpression expression)
    {
        Volatility visitor = new();
        visitor.Visit(expression);
        return visitor._worst;
    }

    public override BoundExpression Visit(BoundExpression expression)
    {
        if (expression is CallExpression { Signature.Volatility: var volatility } && volatility > _worst) _worst = volatility;
        return base.Visit(expression);
    }
}
