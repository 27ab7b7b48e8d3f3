using VecSql.Parser;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>An outer join whose null-filled rows a condition above rejects anyway becomes an inner (or a less outer) join.</summary>
internal sealed class OuterJoinSimplification : IRule
{
    public string Name => "outer-join-simplification";

    public LogicalPlan Apply(LogicalPlan plan, RuleContext context) => Visit(plan, []);

    /// <param name="rejected">Columns whose NULL makes the row fail somewhere above.</param>
    private static LogicalPlan Visit(LogicalPlan plan, HashSet<int> rejected)
    {
        SqlParser.CheckStack();
        plan = Subqueries.Map(plan, q => Visit(q, []));
        switch (plan)
        {
            case Filter p:
                return PlanExpressions.WithInputs(p, [Visit(p.Input, [.. rejected, .. Nulls.RejectedBy(p.Condition)])]);
            case Project p:
                HashSet<int> below = [];
                foreach (ProjectedColumn column in p.Columns)
                    if (rejected.Contains(column.Column.Id)) below.UnionWith(Nulls.StrictIn(column.Expression));
                return PlanExpressions.WithInputs(p, [Visit(p.Input, below)]);
            case Sort or LockRows: return PlanExpressions.WithInputs(plan, [Visit(plan.Inputs[0], rejected)]);
            case Join p: return VisitJoin(p, rejected);
            case Apply { Kind: JoinKind.Inner or JoinKind.Cross } p: return PlanExpressions.WithInputs(p, [Visit(p.Left, rejected), Visit(p.Right, rejected)]);
            case Apply p: return PlanExpressions.WithInputs(p, [Visit(p.Left, rejected), Visit(p.Right, [])]);
            default: return PlanExpressions.WithInputs(plan, [.. plan.Inputs.Select(i => Visit(i, []))]);
        }
    }

    private static Join VisitJoin(Join join, HashSet<int> rejected)
    {
        bool rejectsLeft = join.Left.Output.Any(c => rejected.Contains(c.Id)), rejectsRight = join.Right.Output.Any(c => rejected.Contains(c.Id));
        JoinKind kind = join.Kind switch
        {
            JoinKind.Left when rejectsRight => JoinKind.Inner,
            JoinKind.Right when rejectsLeft => JoinKind.Inner,
            JoinKind.Full when rejectsLeft && rejectsRight => JoinKind.Inner,
            JoinKind.Full when rejectsLeft => JoinKind.Left,
            JoinKind.Full when rejectsRight => JoinKind.Right,
            _ => join.Kind,
        };
        HashSet<int> on = join.Condition is null ? [] : Nulls.RejectedBy(join.Condition);
        HashSet<int> left = kind switch
        {
            JoinKind.Inner or JoinKind.Cross or JoinKind.Semi => [.. rejected, .. on],
            JoinKind.Left or JoinKind.Anti => rejected,
            JoinKind.Right => on,
            _ => [],
        };
        HashSet<int> right = kind switch
        {
            JoinKind.Inner or JoinKind.Cross => [.. rejected, .. on],
            JoinKind.Right => rejected,
            JoinKind.Left or JoinKind.Semi => on,
            _ => [],
        };
        return new Join(kind, Visit(join.Left, left), Visit(join.Right, right), join.Condition) { IsNullAware = join.IsNullAware };
    }
}

/// <summary>What nulls do to expressions.</summary>
internal static class Nulls
{
    /// <summary>Columns that can't be NULL where the condition is true.</summary>
    public static HashSet<int> RejectedBy(BoundExpression condition)
    {
        switch (condition)
        {
            case AndExpression and: return [.. and.Operands.SelectMany(RejectedBy)];
            case OrExpression or:
                HashSet<int> common = RejectedBy(or.Operands[0]);
                foreach (BoundExpression operand in or.Operands.Skip(1)) common.IntersectWith(RejectedBy(operand));
                return common;
            case NotExpression not: return StrictIn(not.Operand);
            case IsNullExpression { IsNegated: true, IsRowTest: false } test: return StrictIn(test.Operand);
            case IsBooleanExpression { IsNegated: false, Test: not BooleanTest.Unknown } test: return StrictIn(test.Operand);
            case QuantifiedArrayExpression { IsAll: false, Comparison.Signature.IsStrict: true } any: return StrictIn(any.Left);
            default: return StrictIn(condition);
        }
    }

    /// <summary>Columns whose NULL makes the expression NULL.</summary>
    public static HashSet<int> StrictIn(BoundExpression expression) => expression switch
    {
        ColumnExpression column => [column.ColumnId],
        CallExpression { Signature.IsStrict: true } call => [.. call.Arguments.SelectMany(StrictIn)],
        CoercionExpression { Kind: not CoercionKind.Domain } coercion => StrictIn(coercion.Operand),
        NotExpression not => StrictIn(not.Operand),
        _ => [],
    };
}
