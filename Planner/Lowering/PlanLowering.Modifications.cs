using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;
using Logical = VecSql.Planner.Logical;
using Physical = VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>INSERT, UPDATE, DELETE, row locks.</summary>
internal sealed partial class PlanLowering
{
    private Lowered LowerLockRows(Logical.LockRows locks)
    {
        Lowered input = LowerPlan(locks.Input);
        return input.With(new Physical.LockRows(input.Plan, [.. locks.Locks.Select(l => new PhysicalRowLock(l.Table, input.PlaceOf(l.RowIdColumn), l.Strength, l.Wait))])
        {
            OutputNames = input.Plan.OutputNames, Estimate = input.Plan.Estimate,
        });
    }

    private static Lowered Over(IEnumerable<LogicalColumn> columns)
    {
        List<LogicalColumn> all = [.. columns];
        return new Lowered(new ValuesScan([], TypesOf(all)), [.. all.Select(c => c.Id)]);
    }

    private static Lowered Over(IEnumerable<LogicalColumn> columns, Lowered then)
    {
        List<LogicalColumn> all = [.. columns];
        return new Lowered(new ValuesScan([], [.. TypesOf(all), .. then.Plan.OutputTypes]), [.. all.Select(c => c.Id), .. then.Columns]);
    }

    private Lowered LowerInsert(Insert insert)
    {
        Lowered input = Arrange(LowerPlan(insert.Input), insert.Input.Output);
        PhysicalConflictAction? conflict = null;
        if (insert.OnConflict is { } action)
        {
            Lowered rows = Over(action.ExistingColumns.Concat(action.ExcludedColumns));
            conflict = new PhysicalConflictAction(action.ArbiterIndexes, action.Assignments is null ? null : LowerAll(action.Assignments, rows), LowerOptional(action.Condition, rows));
        }
        Lowered stored = Over(insert.NewColumns);
        IReadOnlyList<BoundExpression> returning = LowerAll(insert.Returning.Select(r => r.Expression), stored);
        return Named(new InsertRows(insert.Target, input.Plan, conflict, returning, TypesOf(insert.Output)) { Estimate = _cost.Modify(input.Plan.Estimate, returning.Count > 0) }, insert.Output);
    }

    private Lowered LowerUpdate(Update update)
    {
        Lowered input = LowerPlan(update.Input);
        IReadOnlyList<int> old = [.. update.OldColumns.Select(c => Place(input, c))];
        IReadOnlyList<BoundExpression> assignments = LowerAll(update.Assignments, input);
        BoundExpression? recheck = LowerOptional(update.Recheck, input);
        IReadOnlyList<BoundExpression> returning = LowerAll(update.Returning.Select(r => r.Expression), Over(update.NewColumns, input));
        return Named(new UpdateRows(update.Target, input.Plan, old, Place(input, update.RowId), assignments, update.AssignedColumns, recheck, returning, TypesOf(update.Output))
        {
            Estimate = _cost.Modify(input.Plan.Estimate, returning.Count > 0),
        }, update.Output);
    }

    private Lowered LowerDelete(Delete delete)
    {
        Lowered input = LowerPlan(delete.Input);
        IReadOnlyList<BoundExpression> returning = LowerAll(delete.Returning.Select(r => r.Expression), input);
        return Named(new DeleteRows(delete.Target, input.Plan, [.. delete.OldColumns.Select(c => Place(input, c))], Place(input, delete.RowId), LowerOptional(delete.Recheck, input), returning,
            TypesOf(delete.Output)) { Estimate = _cost.Modify(input.Plan.Estimate, returning.Count > 0) }, delete.Output);
    }
}
