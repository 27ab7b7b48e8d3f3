using VecSql.Core.Catalog;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Planner.Expressions;

/// <summary>One key of a sort.</summary>
/// <param name="Equality">The type's equality as a call over InputExpression 0 and 1, where something needs it; the order itself is the type handler's.</param>
public sealed record SortKey(BoundExpression Expression, bool Descending, bool NullsFirst, CallExpression? Equality = null);

/// <summary>A call of an aggregate in an Aggregate node (or over a window).</summary>
/// <param name="DirectArguments">Of ordered-set aggregates.</param>
/// <param name="OrderBy">Within the call; for ordered-set aggregates WITHIN GROUP's.</param>
public sealed record AggregateCall(BuiltinFunction Signature, AggregateFunction Function, IReadOnlyList<BoundExpression> Arguments, bool IsDistinct, BoundExpression? Filter,
    IReadOnlyList<SortKey> OrderBy, IReadOnlyList<BoundExpression> DirectArguments, SqlType ResultType);

public enum FrameMode { Range, Rows, Groups }
public enum FrameBoundKind { UnboundedPreceding, Preceding, CurrentRow, Following, UnboundedFollowing }
public enum FrameExclusion { NoOthers, CurrentRow, Group, Ties }

/// <summary>A frame's end. For RANGE with an offset, <paramref name="InRange"/> is in_range(value, base, offset, subtract, less) as a function.</summary>
public sealed record FrameBound(FrameBoundKind Kind, BoundExpression? Offset, ScalarFunction? InRange = null);

public sealed record WindowFrame(FrameMode Mode, FrameBound Start, FrameBound End, FrameExclusion Exclusion);

/// <summary>A call of a window function or of an aggregate over a window: one of the two functions is set.</summary>
public sealed record WindowCall(BuiltinFunction Signature, WindowFunction? Function, AggregateCall? Aggregate, IReadOnlyList<BoundExpression> Arguments, WindowFrame Frame, SqlType ResultType);

/// <summary>A set-returning function in FROM or in a select list.</summary>
/// <param name="ColumnTypes">One for a scalar result, several for a composite one.</param>
public sealed record TableFunctionCall(BuiltinFunction Signature, TableFunction Function, IReadOnlyList<BoundExpression> Arguments, IReadOnlyList<SqlType> ColumnTypes);
