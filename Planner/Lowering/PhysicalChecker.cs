using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;
using Physical = VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>
/// What every physical plan must keep, tested in Debug builds: an expression finds in its input a column that is stored as its type says, functions get the kinds that they are declared for, and
/// whatever is put into one column (branches, join keys, new rows) is of one kind. Without this a dropped coercion shows only when rows come.
/// </summary>
internal sealed class PhysicalChecker(CatalogSnapshot catalog)
{
    public void Check(PhysicalPlan plan)
    {
        CheckNode(plan);
        foreach (PhysicalPlan input in plan.Inputs) Check(input);
    }

    private PhysicalKind? KindOf(SqlType type) => TypeHandlers.Find(type.Oid, catalog)?.Kind;

    /// <summary>The one switch over nodes: their expressions against what these are computed over, and columns that must be alike.</summary>
    private void CheckNode(PhysicalPlan plan)
    {
        switch (plan)
        {
            case FilterRows p: Expressions(p, [p.Condition], p.Input.OutputTypes); break;
            case ProjectRows p: Expressions(p, p.Expressions, p.Input.OutputTypes); break;
            case ProjectSets p: foreach (TableFunctionCall call in p.Calls) Expressions(p, call.Arguments, p.Input.OutputTypes); break;
            case HashJoin p: Keys(p, p.LeftKeys, p.RightKeys, p.Left, p.Right, p.Residual); break;
            case NestedLoopJoin p: Keys(p, [], [], p.Left, p.Right, p.Condition); break;
            case ApplyJoin p:
                Keys(p, [], [], p.Left, p.Right, p.Condition);
                Expressions(p, p.Correlations.Select(c => c.Value), p.Left.OutputTypes);
                break;
            case HashAggregate p:
                Expressions(p, p.Groups, p.Input.OutputTypes);
                foreach (AggregateCall call in p.Aggregates) Aggregate(p, call, p.Input.OutputTypes);
                break;
            case WindowAggregate p:
                Expressions(p, p.PartitionBy.Concat(p.OrderBy.Select(k => k.Expression)).Concat(p.Calls.SelectMany(c => c.Arguments)), p.Input.OutputTypes);
                foreach (WindowCall call in p.Calls)
                    if (call.Aggregate is { } aggregate) Aggregate(p, aggregate, p.Input.OutputTypes);
                break;
            case DistinctRows p: Expressions(p, p.On ?? [], p.Input.OutputTypes); break;
            case SortRows p: Expressions(p, p.Keys.Select(k => k.Expression), p.Input.OutputTypes); break;
            case LimitRows p: Expressions(p, p.Ties?.Select(k => k.Expression) ?? [], p.Input.OutputTypes); break;
            case AppendRows p: foreach (PhysicalPlan branch in p.Branches) Alike(p, branch.OutputTypes, p.OutputTypes); break;
            case HashSetOperation p: Alike(p, p.Right.OutputTypes, p.Left.OutputTypes); break;
            case Physical.RecursiveUnion p: Alike(p, p.Step.OutputTypes, p.Start.OutputTypes); break;
            case ValuesScan p:
                foreach (IReadOnlyList<BoundExpression> row in p.Rows)
                {
                    Expressions(p, row, []);
                    Alike(p, [.. row.Select(e => e.Type)], p.OutputTypes);
                }
                break;
            case SequentialScan p: Expressions(p, p.Filter is null ? [] : [p.Filter], p.OutputTypes); break;
            case SystemScan p: Expressions(p, p.Filter is null ? [] : [p.Filter], p.OutputTypes); break;
            case VectorIndexScan p: Expressions(p, p.Filter is null ? [] : [p.Filter], p.OutputTypes); break;
            case IndexScan p:
                Expressions(p, p.Filter is null ? [] : [p.Filter], p.OutputTypes);
                Alike(p, [.. p.Equalities.Select(e => e.Type)], [.. p.Index.Keys.Take(p.Equalities.Count).Select(k => k.Type)]);
                break;
            case Physical.FunctionScan p: foreach (TableFunctionCall call in p.Functions) Expressions(p, call.Arguments, []); break;
            case InsertRows p: Inserted(p); break;
            case UpdateRows p:
                Expressions(p, p.Assignments.Concat(p.Recheck is null ? [] : [p.Recheck]), p.Input.OutputTypes);
                Alike(p, [.. p.Assignments.Select(a => a.Type)], LiveTypes(p.Target));
                Expressions(p, p.Returning, [.. LiveTypes(p.Target), .. p.Input.OutputTypes]);
                break;
            case DeleteRows p: Expressions(p, p.Returning.Concat(p.Recheck is null ? [] : [p.Recheck]), p.Input.OutputTypes); break;
            case Physical.LockRows or WithCtes or Gather or Physical.CteScan or Physical.WorkTableScan: break;
            default: throw Invariant.Unreachable(plan);
        }
    }

    private static SqlType[] LiveTypes(TargetTable target) => [.. target.Table.LiveColumns.Select(c => c.Type)];

    private void Inserted(InsertRows plan)
    {
        SqlType[] types = LiveTypes(plan.Target);
        Alike(plan, plan.Input.OutputTypes, types);
        Expressions(plan, plan.Returning, types);
        if (plan.OnConflict is not { } conflict) return;
        Expressions(plan, [.. conflict.Assignments ?? [], .. conflict.Condition is null ? [] : new[] { conflict.Condition }], [.. types, .. types]);
        if (conflict.Assignments is { } assignments) Alike(plan, [.. assignments.Select(a => a.Type)], types);
    }

    private void Keys(PhysicalPlan plan, IReadOnlyList<BoundExpression> leftKeys, IReadOnlyList<BoundExpression> rightKeys, PhysicalPlan left, PhysicalPlan right, BoundExpression? condition)
    {
        Expressions(plan, leftKeys, left.OutputTypes);
        Expressions(plan, rightKeys, right.OutputTypes);
        Alike(plan, [.. leftKeys.Select(k => k.Type)], [.. rightKeys.Select(k => k.Type)]);
        if (condition is not null) Expressions(plan, [condition], [.. left.OutputTypes, .. right.OutputTypes]);
    }

    private void Aggregate(PhysicalPlan plan, AggregateCall call, IReadOnlyList<SqlType> input) =>
        Expressions(plan, [.. call.Arguments, .. call.DirectArguments, .. call.OrderBy.Select(k => k.Expression), .. call.Filter is null ? [] : new[] { call.Filter }], input);

    private void Alike(PhysicalPlan plan, IReadOnlyList<SqlType> found, IReadOnlyList<SqlType> declared)
    {
        if (found.Count != declared.Count) throw new InvariantException($"{plan.GetType().Name}: {found.Count} columns instead of {declared.Count}");
        for (int i = 0; i < found.Count; i++)
            if (KindOf(found[i]) != KindOf(declared[i])) throw new InvariantException($"{plan.GetType().Name}: column {i} is stored as {found[i]}, not as {declared[i]}");
    }

    private void Expressions(PhysicalPlan plan, IEnumerable<BoundExpression> expressions, IReadOnlyList<SqlType> input)
    {
        foreach (BoundExpression expression in expressions)
            ExpressionFacts.Any(expression, e =>
            {
                CheckExpression(plan, e, input);
                return false;
            });
    }

    private void CheckExpression(PhysicalPlan plan, BoundExpression expression, IReadOnlyList<SqlType> input)
    {
        switch (expression)
        {
            case InputExpression e:
                if (e.Ordinal >= input.Count) throw new InvariantException($"{plan.GetType().Name}: column {e.Ordinal} of {input.Count}");
                if (KindOf(input[e.Ordinal]) != KindOf(e.Type)) throw new InvariantException($"{plan.GetType().Name}: column {e.Ordinal} is stored as {input[e.Ordinal]} and used as {e.Type}");
                break;
            case CallExpression e:
                for (int i = 0; i < Math.Min(e.Arguments.Count, e.Signature.ArgumentTypes.Length); i++)
                {
                    uint declared = e.Signature.ArgumentTypes[i];
                    if (Builtins.FindType(declared) is { Kind: 'p' } || e.Signature.Variadic != 0) continue;
                    Same(plan, e, e.Arguments[i].Type, new SqlType(declared));
                }
                break;
            case CaseExpression e:
                foreach (CaseBranch branch in e.Branches) Same(plan, e, branch.Result.Type, e.Type);
                if (e.Else is not null) Same(plan, e, e.Else.Type, e.Type);
                break;
            case CoalesceExpression e: foreach (BoundExpression operand in e.Operands) Same(plan, e, operand.Type, e.Type); break;
            case ExtremeExpression e: foreach (BoundExpression operand in e.Operands) Same(plan, e, operand.Type, e.Type); break;
            case NullIfExpression e: Expressions(plan, [e.Equality], [e.Left.Type, e.Right.Type]); break;
            case DistinctFromExpression e: Expressions(plan, [e.Equality], [e.Left.Type, e.Right.Type]); break;
            case CoercionExpression e: foreach ((_, BoundExpression check) in e.DomainChecks) Expressions(plan, [check], [e.Operand.Type]); break;
            case RowCompareExpression e:
                for (int i = 0; i < e.Equalities.Count; i++) Expressions(plan, [e.Equalities[i]], [e.Left[i].Type, e.Right[i].Type]);
                for (int i = 0; i < e.LessThans.Count; i++) Expressions(plan, [e.LessThans[i]], [e.Left[i].Type, e.Right[i].Type]);
                break;
            case SubplanExpression e:
                if (e.Comparison is not null) Expressions(plan, [e.Comparison], [.. e.Left.Select(l => l.Type), .. e.Plan.OutputTypes]);
                Check(e.Plan);
                break;
        }
    }

    private void Same(PhysicalPlan plan, BoundExpression expression, SqlType found, SqlType declared)
    {
        if (KindOf(found) is { } kind && KindOf(declared) is { } wanted && kind != wanted)
            throw new InvariantException($"{plan.GetType().Name}: {expression.GetType().Name} over {found}, where {declared} is meant");
    }
}
