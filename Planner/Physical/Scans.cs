using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.SystemTables;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;

namespace VecSql.Planner.Physical;

/// <summary>Reads a table's pieces. Output: the columns asked for, then the row id (int8) if <paramref name="WithRowId"/>.</summary>
/// <param name="Columns">Attribute numbers.</param>
/// <param name="Filter">Over the output columns.</param>
/// <param name="Bounds">Conditions that zone maps can use, implied by the filter.</param>
public sealed record SequentialScan(TableObject Table, string Alias, IReadOnlyList<short> Columns, bool WithRowId, BoundExpression? Filter, IReadOnlyList<ScanBound> Bounds,
    IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [];
}

public enum BoundComparison { Equal, Less, LessOrEqual, Greater, GreaterOrEqual }

/// <summary>column op value; the value has no columns (constants, parameters, correlated slots) and the column's type.</summary>
public sealed record ScanBound(short Column, BoundComparison Comparison, BoundExpression Value);

/// <summary>
/// Reads rows through a btree or hash index: equality on the first keys, then at most one range on the next. Output as in <see cref="SequentialScan"/>, in index order.
/// </summary>
/// <param name="Equalities">Values for the first keys (key's type, no columns); a NULL one matches nothing.</param>
/// <param name="AnyOf">If set, the last equality is one of this array's elements (key = ANY (array)).</param>
/// <param name="Filter">What the index can't decide, over the output columns.</param>
public sealed record IndexScan(TableObject Table, string Alias, IndexObject Index, IReadOnlyList<BoundExpression> Equalities, BoundExpression? AnyOf, RangeCondition? Range, bool Descending,
    IReadOnlyList<short> Columns, bool WithRowId, BoundExpression? Filter, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [];
}

/// <summary>low ≤ key ≤ high on the key after the equalities.</summary>
public sealed record RangeCondition(BoundExpression? Low, bool LowInclusive, BoundExpression? High, bool HighInclusive);

/// <summary>
/// Rows in the order of their distance by a vector index, nearest first: ORDER BY column op query LIMIT k, with any filter on the table. Gives rows until its consumer has enough, in the
/// end all of them: <paramref name="Limit"/> is what the planner knows will be wanted (LIMIT + OFFSET, no columns; null: unknown), not a bound.
/// Output: the columns, then the row id if asked for.
/// </summary>
/// <param name="Query">The query vector; no columns of this table (constants, parameters, correlated slots).</param>
/// <param name="Filter">Over the columns (and row id).</param>
/// <param name="Matches">The cheapest way to all rows that pass the filter, just their row ids (an index or sequential scan); null without a filter.</param>
/// <param name="Selectivity">The share of rows that is thought to pass.</param>
public sealed record VectorIndexScan(TableObject Table, string Alias, IndexObject Index, BoundExpression Query, BoundExpression? Limit, IReadOnlyList<short> Columns, bool WithRowId,
    BoundExpression? Filter, PhysicalPlan? Matches, double Selectivity, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    /// <summary>True if all rows in the index pass the filter: the index's own predicate says as much. Only rows without a vector have yet to be asked.</summary>
    public bool IsFilterImplied { get; init; }

    /// <summary>Estimates <see cref="Selectivity"/> anew with the values of the statement's parameters; null if it doesn't depend on them.</summary>
    public Func<IReadOnlyList<Column>, double>? SelectivityByParameters { get; init; }

    public override IReadOnlyList<PhysicalPlan> Inputs => [];
}

/// <summary>Reads a system table: places in its columns.</summary>
public sealed record SystemScan(SystemTable Table, string Alias, IReadOnlyList<int> Ordinals, BoundExpression? Filter, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [];
}

/// <summary>Runs set-returning functions side by side; arguments have no columns but correlated slots.</summary>
public sealed record FunctionScan(IReadOnlyList<TableFunctionCall> Functions, bool WithOrdinality, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [];
}

/// <summary>Rows of expressions without columns (but correlated slots).</summary>
public sealed record ValuesScan(IReadOnlyList<IReadOnlyList<BoundExpression>> Rows, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [];
}

/// <summary>Reads a materialized WITH definition.</summary>
public sealed record CteScan(int Number, string Name, IReadOnlyList<int> Ordinals, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [];
}

/// <summary>Reads the rows that the enclosing <see cref="RecursiveUnion"/> added in its last round.</summary>
public sealed record WorkTableScan(int Number, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [];
}
