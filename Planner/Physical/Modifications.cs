using VecSql.Core.Catalog;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Physical;

/// <summary>Locks the rows whose ids stand in columns of the input; passes on what could be locked (re-read if a concurrent transaction changed it).</summary>
public sealed record LockRows(PhysicalPlan Input, IReadOnlyList<PhysicalRowLock> Locks) : PhysicalPlan(Input.OutputTypes)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}

public sealed record PhysicalRowLock(TableObject Table, int RowIdOrdinal, Parser.Ast.LockStrength Strength, Parser.Ast.LockWait Wait);

/// <summary>Input: all live columns. Returning: over the stored row's live columns. Output: the returning columns (none: no rows, only a count).</summary>
public sealed record InsertRows(TargetTable Target, PhysicalPlan Input, PhysicalConflictAction? OnConflict, IReadOnlyList<BoundExpression> Returning, IReadOnlyList<SqlType> Types)
    : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}

/// <summary>Assignments and condition over: the existing row's live columns, then EXCLUDED's. Null assignments: DO NOTHING.</summary>
public sealed record PhysicalConflictAction(IReadOnlyList<uint> ArbiterIndexes, IReadOnlyList<BoundExpression>? Assignments, BoundExpression? Condition);

/// <summary>
/// Input columns: the target's live columns at <paramref name="OldOrdinals"/>, its row id at <paramref name="RowIdOrdinal"/>, others. Assignments and recheck over the input's columns;
/// returning over the new row's live columns, then the input's columns.
/// </summary>
public sealed record UpdateRows(TargetTable Target, PhysicalPlan Input, IReadOnlyList<int> OldOrdinals, int RowIdOrdinal, IReadOnlyList<BoundExpression> Assignments,
    IReadOnlyList<short> AssignedColumns, BoundExpression? Recheck, IReadOnlyList<BoundExpression> Returning, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}

/// <summary>As <see cref="UpdateRows"/>; returning over the input's columns.</summary>
public sealed record DeleteRows(TargetTable Target, PhysicalPlan Input, IReadOnlyList<int> OldOrdinals, int RowIdOrdinal, BoundExpression? Recheck,
    IReadOnlyList<BoundExpression> Returning, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}
