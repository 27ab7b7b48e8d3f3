namespace VecSql.Parser.Ast;

/// <summary>
/// An expression. <see cref="SyntaxNode.Span"/> is its whole extent, <see cref="Location"/> where PostgreSQL points its errors about it.
/// No tree that the parser returns is higher than <see cref="SqlParser.MaxTreeHeight"/>.
/// </summary>
public abstract record Expression : SyntaxNode
{
    /// <summary>Offset of the operator from the span's start; 0 where the errors point at the start.</summary>
    public int OperatorOffset { get; init; }

    /// <summary>The UTF-16 offset for an error's position.</summary>
    public int Location => Span.Start + OperatorOffset;
}

/// <summary>An operator's name, possibly written OPERATOR(schema.op). "!=" arrives as "&lt;&gt;".</summary>
public sealed record OperatorName(string? Schema, string Symbol) : SyntaxNode;

public abstract record Literal : Expression;

/// <summary>Decimal digits of any length, with a minus sign if a unary minus stood before them.</summary>
public sealed record IntegerLiteral(string Text) : Literal;

/// <summary>A number with a point or an exponent, with a minus sign if a unary minus stood before it.</summary>
public sealed record NumericLiteral(string Text) : Literal;

/// <summary>Any form of string constant, decoded.</summary>
public sealed record StringLiteral(string Value) : Literal;

/// <summary>B'01' or X'1F': the digits as written.</summary>
public sealed record BitStringLiteral(string Digits, bool IsHexadecimal) : Literal;

public sealed record NullLiteral : Literal;

public sealed record BooleanLiteral(bool Value) : Literal;

/// <summary>$n, counted from 1.</summary>
public sealed record ParameterRef(int Number) : Expression;

/// <summary>a, t.a, s.t.a, and with <paramref name="IsStar"/> *, t.*, s.t.* (then <paramref name="Parts"/> is what stands before the star).</summary>
public sealed record ColumnRef(IReadOnlyList<string> Parts, bool IsStar) : Expression;

/// <summary>Subscripts and field selections applied from left to right.</summary>
public sealed record IndirectionExpression(Expression Operand, IReadOnlyList<Indirection> Steps) : Expression;

public abstract record Indirection : SyntaxNode;

/// <summary>.name</summary>
public sealed record FieldSelection(string Name) : Indirection;

/// <summary>.*</summary>
public sealed record AllFields : Indirection;

/// <summary>[index]</summary>
public sealed record Subscript(Expression Index) : Indirection;

/// <summary>[lower:upper]; either may be missing.</summary>
public sealed record Slice(Expression? Lower, Expression? Upper) : Indirection;

public sealed record UnaryExpression(OperatorName Operator, Expression Operand) : Expression;

public sealed record BinaryExpression(Expression Left, OperatorName Operator, Expression Right) : Expression;

/// <summary>Two or more operands: a chain is one node, as in PostgreSQL.</summary>
public sealed record AndExpression(IReadOnlyList<Expression> Operands) : Expression;

/// <summary>Two or more operands: a chain is one node, as in PostgreSQL.</summary>
public sealed record OrExpression(IReadOnlyList<Expression> Operands) : Expression;

public sealed record NotExpression(Expression Operand) : Expression;

public enum IsTestKind { Null, True, False, Unknown, Document, Normalized, NfcNormalized, NfdNormalized, NfkcNormalized, NfkdNormalized }

/// <summary>x IS [NOT] NULL, TRUE, FALSE, UNKNOWN, DOCUMENT, [form] NORMALIZED; also ISNULL and NOTNULL.</summary>
public sealed record IsTest(Expression Operand, IsTestKind Kind, bool IsNegated) : Expression;

/// <summary>x IS [NOT] DISTINCT FROM y.</summary>
public sealed record IsDistinctFrom(Expression Left, Expression Right, bool IsNegated) : Expression;

public sealed record BetweenExpression(Expression Operand, Expression Low, Expression High, bool IsSymmetric, bool IsNegated) : Expression;

public sealed record InList(Expression Operand, IReadOnlyList<Expression> Items, bool IsNegated) : Expression;

public sealed record InSubquery(Expression Operand, SelectStatement Query, bool IsNegated) : Expression;

public enum LikeKind { Like, ILike, SimilarTo }

public sealed record LikeExpression(Expression Operand, Expression Pattern, Expression? Escape, LikeKind Kind, bool IsNegated) : Expression;

/// <summary>SOME is ANY.</summary>
public enum Quantifier { Any, All }

/// <summary>x op ANY (array). [NOT] LIKE and ILIKE arrive as the operators ~~, !~~, ~~*, !~~*.</summary>
public sealed record QuantifiedArray(Expression Left, OperatorName Operator, Quantifier Quantifier, Expression Array) : Expression;

/// <summary>x op ANY (SELECT …).</summary>
public sealed record QuantifiedSubquery(Expression Left, OperatorName Operator, Quantifier Quantifier, SelectStatement Query) : Expression;

public sealed record ExistsExpression(SelectStatement Query) : Expression;

public sealed record ScalarSubquery(SelectStatement Query) : Expression;

/// <summary>ARRAY(SELECT …)</summary>
public sealed record ArraySubquery(SelectStatement Query) : Expression;

/// <summary>ARRAY[…]; a nested [ … ] without the word is the same node.</summary>
public sealed record ArrayConstructor(IReadOnlyList<Expression> Elements) : Expression;

/// <summary>ROW(…) if explicit, else (a, b, …).</summary>
public sealed record RowConstructor(IReadOnlyList<Expression> Elements, bool IsExplicit) : Expression;

public sealed record WhenClause(Expression Condition, Expression Result) : SyntaxNode;

public sealed record CaseExpression(Expression? Operand, IReadOnlyList<WhenClause> Whens, Expression? Else) : Expression;

public enum CastSyntax
{
    /// <summary>x::type</summary>
    Colons,
    /// <summary>CAST(x AS type)</summary>
    Cast,
    /// <summary>type 'x': the operand is a <see cref="StringLiteral"/>.</summary>
    TypedLiteral,
}

public sealed record CastExpression(Expression Operand, TypeName Type, CastSyntax Syntax) : Expression;

public sealed record CollateExpression(Expression Operand, QualifiedName Collation) : Expression;

public sealed record AtTimeZone(Expression Operand, Expression Zone) : Expression;

/// <summary>An argument, with its name in name =&gt; value and name := value.</summary>
public sealed record FunctionArgument(string? Name, Expression Value) : SyntaxNode;

public sealed record FunctionCall(QualifiedName Name, IReadOnlyList<FunctionArgument> Arguments) : Expression
{
    /// <summary>f(*)</summary>
    public bool IsStar { get; init; }
    public bool IsDistinct { get; init; }

    /// <summary>The last argument is marked VARIADIC.</summary>
    public bool IsVariadic { get; init; }

    /// <summary>ORDER BY inside the parentheses, or after WITHIN GROUP.</summary>
    public IReadOnlyList<SortItem> OrderBy { get; init; } = [];
    public bool IsWithinGroup { get; init; }
    public Expression? Filter { get; init; }
    public WindowSpecification? Over { get; init; }
}

/// <summary>Functions with a grammar of their own. Arguments stand in the order in which they are written, unless said.</summary>
public enum SpecialFunction
{
    /// <summary>EXTRACT(word FROM source); the word is <see cref="SpecialFunctionCall.Word"/>.</summary>
    Extract,
    /// <summary>SUBSTRING(x FROM start)</summary>
    SubstringFrom,
    /// <summary>SUBSTRING(x FOR count)</summary>
    SubstringFor,
    /// <summary>SUBSTRING(x FROM start FOR count): the arguments are (x, start, count) also if FOR is written first.</summary>
    SubstringFromFor,
    /// <summary>SUBSTRING(x SIMILAR pattern ESCAPE escape)</summary>
    SubstringSimilar,
    /// <summary>TRIM([BOTH] [characters] [FROM] x): the first argument is x, then the characters if written.</summary>
    TrimBoth,
    TrimLeading,
    TrimTrailing,
    /// <summary>OVERLAY(x PLACING y FROM start [FOR count])</summary>
    Overlay,
    /// <summary>POSITION(part IN whole)</summary>
    Position,
    /// <summary>NORMALIZE(x [, form]); the form is <see cref="SpecialFunctionCall.Word"/>.</summary>
    Normalize,
    /// <summary>COLLATION FOR (x)</summary>
    CollationFor,
    /// <summary>(a, b) OVERLAPS (c, d): four arguments.</summary>
    Overlaps,
    Coalesce,
    NullIf,
    Greatest,
    Least,
    Grouping,
}

public sealed record SpecialFunctionCall(SpecialFunction Function, IReadOnlyList<Expression> Arguments) : Expression
{
    public string? Word { get; init; }
}

public enum SqlValueFunction
{
    CurrentDate, CurrentTime, CurrentTimestamp, LocalTime, LocalTimestamp, CurrentRole, CurrentUser, User, SessionUser, CurrentCatalog, CurrentSchema,
}

/// <summary>CURRENT_DATE and its like, with the precision if one is written.</summary>
public sealed record SqlValueFunctionCall(SqlValueFunction Function, int? Precision) : Expression;

/// <summary>TREAT(x AS type)</summary>
public sealed record TreatExpression(Expression Operand, TypeName Type) : Expression;

/// <summary>XMLELEMENT, XMLFOREST, XMLPARSE … : accepted, without a tree; whoever binds it refuses it by <paramref name="Name"/>.</summary>
public sealed record XmlExpression(string Name, string Text) : Expression;

/// <summary>DEFAULT, in VALUES of INSERT and in SET of UPDATE.</summary>
public sealed record DefaultExpression : Expression;

/// <summary>WHERE CURRENT OF cursor.</summary>
public sealed record CurrentOf(string Cursor) : Expression;
