using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Rules;

/// <summary>What every rule must keep: each column used is produced below (or by an enclosing query), types agree, no id is produced twice side by side.</summary>
internal static class PlanChecker
{
    /// <param name="after">The rule that ran last, for the message.</param>
    public static void Check(string after, LogicalPlan plan) => Check(plan, [], after);

    private static void Check(LogicalPlan plan, Dictionary<int, SqlType> outer, string after)
    {
        Dictionary<int, SqlType> visible = new(outer);
        foreach (LogicalPlan input in plan.Inputs)
            foreach (LogicalColumn column in input.Output) visible[column.Id] = column.Type;
        foreach (LogicalColumn column in ExtraColumns(plan)) visible[column.Id] = column.Type;
        foreach (BoundExpression expression in PlanExpressions.Of(plan)) CheckExpression(expression, visible, after, plan);
        CheckShape(plan, after);
        switch (plan)
        {
            case Apply apply:
                Check(apply.Left, outer, after);
                Dictionary<int, SqlType> inner = new(outer);
                foreach (LogicalColumn column in apply.Left.Output) inner[column.Id] = column.Type;
                Check(apply.Right, inner, after);
                break;
            default:
                foreach (LogicalPlan input in plan.Inputs) Check(input, outer, after);
                break;
        }
    }

    private static IEnumerable<LogicalColumn> ExtraColumns(LogicalPlan plan) => plan switch
    {
        Insert insert => insert.OnConflict is { } conflict ? [.. insert.NewColumns, .. conflict.ExistingColumns, .. conflict.ExcludedColumns] : insert.NewColumns,
        Update update => update.NewColumns,
        _ => [],
    };

    private static void CheckExpression(BoundExpression expression, Dictionary<int, SqlType> visible, string after, LogicalPlan plan)
    {
        ExpressionFacts.Any(expression, e =>
        {
            switch (e)
            {
                case ColumnExpression column:
                    if (!visible.TryGetValue(column.ColumnId, out SqlType type))
                        throw new InvariantException($"after {after}: {plan.GetType().Name} uses column {column.Name}#{column.ColumnId}, which is not produced below");
                    if (type.Oid != column.Type.Oid)
                        throw new InvariantException($"after {after}: column {column.Name}#{column.ColumnId} is of type {type} below and {column.Type} above");
                    break;
                case SubqueryExpression subquery:
                    Check(subquery.Query, visible, after);
                    break;
            }
            return false;
        });
    }

    private static void CheckShape(LogicalPlan plan, string after)
    {
        HashSet<int> seen = [];
        foreach (LogicalColumn column in plan.Output)
            if (!seen.Add(column.Id))
                throw new InvariantException($"after {after}: {plan.GetType().Name} yields column {column.Name}#{column.Id} twice");
        if (plan is SetOperation operation)
        {
            for (int i = 0; i < operation.Columns.Count; i++)
                if (operation.Left.Output[i].Type.Oid != operation.Columns[i].Type.Oid || operation.Right.Output[i].Type.Oid != operation.Columns[i].Type.Oid)
                    throw new InvariantException($"after {after}: column {i} of a set operation has other types on its sides");
        }
        if (plan is Project project)
            foreach (ProjectedColumn column in project.Columns)
                if (column.Column.Type.Oid != column.Expression.Type.Oid)
                    throw new InvariantException($"after {after}: projected column {column.Column.Name} has type {column.Column.Type}, its expression {column.Expression.Type}");
        if (plan is Filter { Condition.Type.Oid: not TypeOid.Bool }) throw new InvariantException($"after {after}: a condition is not boolean");
    }
}
