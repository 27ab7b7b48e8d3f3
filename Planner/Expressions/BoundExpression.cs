using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Planner.Expressions;

/// <summary>
/// An expression whose names, types and functions are resolved. Immutable; shared by logical plans (columns by id), physical plans (columns by position) and circuits.
/// A new kind is added here, in the evaluator's builder (Executor/Expressions) and in <see cref="ExpressionRewriter"/>; a test proves that none is forgotten.
/// </summary>
public abstract record BoundExpression(SqlType Type)
{
    /// <summary>Offset of the source text, for errors at run time; -1 if there is none.</summary>
    public int Position { get; init; } = -1;
}

/// <summary>A constant: one stored row (constant column of length 1; null row for NULL).</summary>
public sealed record LiteralExpression(Column Value, SqlType ValueType) : BoundExpression(ValueType)
{
    public bool IsNull => Value.IsNull(0);
}

/// <summary>$n of the statement, by number from 0.</summary>
public sealed record ParameterExpression(int Index, SqlType ValueType) : BoundExpression(ValueType);

/// <summary>A column by id: logical plans only.</summary>
public sealed record ColumnExpression(int ColumnId, string Name, SqlType ValueType) : BoundExpression(ValueType);

/// <summary>A column by its place in the operator's input: physical plans only. For joins: left columns first, then right.</summary>
public sealed record InputExpression(int Ordinal, SqlType ValueType) : BoundExpression(ValueType);

/// <summary>A value of the enclosing query's current row, handed down by an <c>Apply</c> or a subplan: physical plans only. Slots are numbered through the whole plan.</summary>
public sealed record CorrelatedExpression(int Slot, SqlType ValueType) : BoundExpression(ValueType);

/// <summary>A call of a scalar function or operator.</summary>
/// <param name="Signature">The row of pg_proc, for EXPLAIN, volatility and errors.</param>
/// <param name="Function">Specialized for the argument types.</param>
/// <param name="OperatorSymbol">Set if it was written as an operator.</param>
public sealed record CallExpression(BuiltinFunction Signature, ScalarFunction Function, IReadOnlyList<BoundExpression> Arguments, SqlType ResultType, string? OperatorSymbol = null)
    : BoundExpression(ResultType);

/// <summary>AND over two or more operands, with three-valued logic and left-to-right short circuit by selection.</summary>
public sealed record AndExpression(IReadOnlyList<BoundExpression> Operands) : BoundExpression(SqlType.Bool);

public sealed record OrExpression(IReadOnlyList<BoundExpression> Operands) : BoundExpression(SqlType.Bool);

public sealed record NotExpression(BoundExpression Operand) : BoundExpression(SqlType.Bool);

/// <summary>IS [NOT] NULL. Of a row: all fields null (or, negated, all not null), as SQL has it, if <paramref name="IsRowTest"/>.</summary>
public sealed record IsNullExpression(BoundExpression Operand, bool IsNegated, bool IsRowTest) : BoundExpression(SqlType.Bool);

public enum BooleanTest { True, False, Unknown }

/// <summary>IS [NOT] TRUE, FALSE, UNKNOWN.</summary>
public sealed record IsBooleanExpression(BoundExpression Operand, BooleanTest Test, bool IsNegated) : BoundExpression(SqlType.Bool);

/// <summary>IS [NOT] DISTINCT FROM; <paramref name="Equality"/> is a call over InputExpression 0 (left) and 1 (right).</summary>
public sealed record DistinctFromExpression(BoundExpression Left, BoundExpression Right, CallExpression Equality, bool IsNegated) : BoundExpression(SqlType.Bool);

/// <summary>CASE; conditions are boolean. In CASE x WHEN …, x is <paramref name="Operand"/> and the conditions use <see cref="CaseOperandExpression"/>.</summary>
public sealed record CaseExpression(BoundExpression? Operand, IReadOnlyList<CaseBranch> Branches, BoundExpression? Else, SqlType ResultType) : BoundExpression(ResultType);

public sealed record CaseBranch(BoundExpression Condition, BoundExpression Result);

/// <summary>The value of the innermost enclosing CASE's operand.</summary>
public sealed record CaseOperandExpression(SqlType ValueType) : BoundExpression(ValueType);

public sealed record CoalesceExpression(IReadOnlyList<BoundExpression> Operands, SqlType ResultType) : BoundExpression(ResultType);

/// <summary>NULLIF; <paramref name="Equality"/> is a call over InputExpression 0 (left) and 1 (right).</summary>
public sealed record NullIfExpression(BoundExpression Left, BoundExpression Right, CallExpression Equality, SqlType ResultType) : BoundExpression(ResultType);

/// <summary>GREATEST, LEAST: by the type's order; nulls are passed over.</summary>
public sealed record ExtremeExpression(bool IsGreatest, IReadOnlyList<BoundExpression> Operands, SqlType ResultType) : BoundExpression(ResultType);

public enum CoercionKind
{
    /// <summary>The same bytes under another type (text → varchar).</summary>
    Relabel,

    /// <summary>Output function of the source, then input function of the target.</summary>
    ThroughText,

    /// <summary>Each element of an array by <see cref="CoercionExpression.ElementCoercion"/>.</summary>
    ArrayElements,

    /// <summary>To a domain: its NOT NULL and CHECKs are tested.</summary>
    Domain,

    /// <summary>A row to a composite type, field by field.</summary>
    Row,
}

/// <summary>A conversion that isn't a function call.</summary>
public sealed record CoercionExpression(BoundExpression Operand, CoercionKind Kind, SqlType ResultType) : BoundExpression(ResultType)
{
    /// <summary>For arrays: how one element (an <see cref="InputExpression"/> 0) is converted.</summary>
    public BoundExpression? ElementCoercion { get; init; }

    /// <summary>For domains: checks over the value as <see cref="InputExpression"/> 0, with their constraints' names.</summary>
    public IReadOnlyList<(string Name, BoundExpression Check)> DomainChecks { get; init; } = [];
    public bool DomainNotNull { get; init; }
}

/// <summary>ARRAY[…]; with <paramref name="IsNested"/> the elements are arrays that become its inner dimensions.</summary>
public sealed record ArrayExpression(IReadOnlyList<BoundExpression> Elements, bool IsNested, SqlType ResultType) : BoundExpression(ResultType);

/// <summary>array[i][j] or, if any bound is a slice, array[l:u][l:u]. A null bound of a slice is open.</summary>
public sealed record SubscriptExpression(BoundExpression Array, IReadOnlyList<SubscriptBounds> Subscripts, SqlType ResultType) : BoundExpression(ResultType)
{
    public bool IsSlice => Subscripts.Any(s => s.IsSlice);
}

/// <summary>One subscript: an index (Upper), or a slice.</summary>
public sealed record SubscriptBounds(bool IsSlice, BoundExpression? Lower, BoundExpression? Upper);

/// <summary>ROW(…): an anonymous record, or of a named composite type.</summary>
public sealed record RowExpression(IReadOnlyList<BoundExpression> Fields, IReadOnlyList<string> FieldNames, SqlType ResultType) : BoundExpression(ResultType);

/// <summary>(row).field, by place from 0.</summary>
public sealed record FieldExpression(BoundExpression Row, int Field, string Name, SqlType ResultType) : BoundExpression(ResultType);

public enum RowComparison { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual }

/// <summary>(a, b) op (c, d): pairs compared left to right. Each pair has its equality and, for orders, its less-than, as calls over InputExpression 0 and 1.</summary>
public sealed record RowCompareExpression(RowComparison Comparison, IReadOnlyList<BoundExpression> Left, IReadOnlyList<BoundExpression> Right,
    IReadOnlyList<CallExpression> Equalities, IReadOnlyList<CallExpression> LessThans) : BoundExpression(SqlType.Bool);

/// <summary>left op ANY (array) or ALL: <paramref name="Comparison"/> is a call over InputExpression 0 (left) and 1 (element). IN (list) of constants is bound to this.</summary>
public sealed record QuantifiedArrayExpression(BoundExpression Left, CallExpression Comparison, bool IsAll, BoundExpression Array) : BoundExpression(SqlType.Bool);

public enum SubqueryKind { Exists, Scalar, Any, All, Array, RowScalar }

/// <summary>
/// A subquery in an expression: logical plans only, until decorrelation or lowering to <see cref="SubplanExpression"/>.
/// Any/All: <paramref name="Left"/> against the query's columns by <paramref name="Comparison"/>, a boolean expression over InputExpressions 0 … n-1 (left) and n … 2n-1 (row).
/// </summary>
public sealed record SubqueryExpression(SubqueryKind Kind, Logical.LogicalPlan Query, IReadOnlyList<BoundExpression> Left, BoundExpression? Comparison, SqlType ResultType)
    : BoundExpression(ResultType);

/// <summary>
/// A subquery run by the executor: once per statement if no slot is correlated, else for each row (results kept by slot values).
/// </summary>
/// <param name="Correlations">Slots to set from the current row before a run.</param>
public sealed record SubplanExpression(SubqueryKind Kind, Physical.PhysicalPlan Plan, IReadOnlyList<BoundExpression> Left, BoundExpression? Comparison,
    IReadOnlyList<CorrelationBinding> Correlations, SqlType ResultType) : BoundExpression(ResultType);

/// <summary>Slot := value of the expression in the current row.</summary>
public sealed record CorrelationBinding(int Slot, BoundExpression Value);
