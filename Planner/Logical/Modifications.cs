using VecSql.Core.Catalog;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;

namespace VecSql.Planner.Logical;

/// <summary>A CHECK, or another condition that new rows must meet; over InputExpressions: all live columns of the table in attribute order.</summary>
public sealed record RowCheck(string ConstraintName, BoundExpression Condition)
{
    /// <summary>A view's WITH CHECK OPTION; the name is the view's. Unknown isn't enough then.</summary>
    public bool IsViewOption { get; init; }
}

/// <summary>What every change of a table needs to know: computed once by the binder.</summary>
/// <param name="Table">The target.</param>
/// <param name="Checks">CHECK constraints.</param>
/// <param name="Generated">Stored generated columns: place among the live columns, and the expression over InputExpressions (live columns).</param>
public sealed record TargetTable(TableObject Table, IReadOnlyList<RowCheck> Checks, IReadOnlyList<(int Ordinal, BoundExpression Expression)> Generated);

/// <summary>FOR UPDATE and its kin on tables of the query, by their RowId columns.</summary>
public sealed record LockRows(LogicalPlan Input, IReadOnlyList<RowLock> Locks) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Input.Output;
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}

public sealed record RowLock(TableObject Table, int RowIdColumn, Parser.Ast.LockStrength Strength, Parser.Ast.LockWait Wait);

/// <summary>INSERT. The input yields all live columns in attribute order, defaults filled in, but for generated ones (NULL there).</summary>
/// <param name="Returning">Over columns <paramref name="NewColumns"/> (the row as stored), or empty.</param>
public sealed record Insert(TargetTable Target, LogicalPlan Input, ConflictAction? OnConflict, IReadOnlyList<LogicalColumn> NewColumns, IReadOnlyList<ProjectedColumn> Returning) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output { get; } = [.. Returning.Select(r => r.Column)];
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}

/// <summary>ON CONFLICT. Assignments, Condition and their columns: the existing row's <paramref name="ExistingColumns"/>, EXCLUDED's <paramref name="ExcludedColumns"/>.</summary>
/// <param name="Assignments">Null: DO NOTHING. Else one expression for each live column (unchanged ones refer to the existing row).</param>
public sealed record ConflictAction(IReadOnlyList<uint> ArbiterIndexes, IReadOnlyList<LogicalColumn> ExistingColumns, IReadOnlyList<LogicalColumn> ExcludedColumns,
    IReadOnlyList<BoundExpression>? Assignments, BoundExpression? Condition);

/// <summary>
/// UPDATE. The input yields the target's live columns (old row), its RowId, and what FROM brings. Assignments: one expression for each live column, over the input's columns.
/// </summary>
/// <param name="Recheck">The condition on a row that a concurrent transaction changed: WHERE over the input's columns; the target's are refreshed.</param>
public sealed record Update(TargetTable Target, LogicalPlan Input, IReadOnlyList<LogicalColumn> OldColumns, LogicalColumn RowId, IReadOnlyList<BoundExpression> Assignments,
    BoundExpression? Recheck, IReadOnlyList<LogicalColumn> NewColumns, IReadOnlyList<ProjectedColumn> Returning) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output { get; } = [.. Returning.Select(r => r.Column)];
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];

    /// <summary>Attribute numbers that are assigned: for foreign keys, lock strength, triggers.</summary>
    public required IReadOnlyList<short> AssignedColumns { get; init; }
}

/// <summary>DELETE. The input yields the target's live columns, its RowId, and what USING brings.</summary>
public sealed record Delete(TargetTable Target, LogicalPlan Input, IReadOnlyList<LogicalColumn> OldColumns, LogicalColumn RowId, BoundExpression? Recheck,
    IReadOnlyList<ProjectedColumn> Returning) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output { get; } = [.. Returning.Select(r => r.Column)];
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}
