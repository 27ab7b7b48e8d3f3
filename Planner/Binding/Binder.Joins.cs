using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Joins: ON, USING, NATURAL.</summary>
internal sealed partial class Binder
{
    private BoundFrom BindJoin(Ast.JoinRef join, QueryLevel level)
    {
        BoundFrom left = BindFromItem(join.Left, level);
        bool isLateralAllowed = join.Kind is Ast.JoinKind.Inner or Ast.JoinKind.Left or Ast.JoinKind.Cross;
        int count = level.Namespace.Count;
        foreach (NamespaceItem item in left.Items)
        {
            item.IsLateralOnly = true;
            item.IsLateralAllowed = isLateralAllowed;
        }
        level.Namespace.AddRange(left.Items);
        BoundFrom right = BindFromItem(join.Right, level);
        level.Namespace.RemoveRange(count, level.Namespace.Count - count);
        CheckAliases(left.Items, right.Items);
        foreach (NamespaceItem item in left.Items.Concat(right.Items)) (item.IsLateralOnly, item.IsLateralAllowed) = (false, true);

        List<NamedColumn> leftColumns = VisibleColumns(left.Items), rightColumns = VisibleColumns(right.Items);
        IReadOnlyList<string> shared = join.IsNatural ? [.. leftColumns.Select(c => c.Name).Where(n => rightColumns.Exists(r => r.Name == n)).Distinct()] : join.Using;
        if (join.IsNatural && Resolutions is not null) Resolutions.NaturalJoins[join] = shared;
        List<NamedColumn> columns = [];
        BoundExpression? condition = null;
        if (join.IsNatural || join.Using.Count > 0)
        {
            if (join.Kind == Ast.JoinKind.Right) MarkNullable(left.Items);
            if (join.Kind == Ast.JoinKind.Left) MarkNullable(right.Items);
            condition = MergeColumns(join, shared, leftColumns, rightColumns, columns);
        }
        else if (join.On is not null) condition = BindJoinCondition(join.On, [.. left.Items, .. right.Items], level);
        int merged = columns.Count;
        columns.AddRange(leftColumns.Where(c => !shared.Contains(c.Name)));
        columns.AddRange(rightColumns.Where(c => !shared.Contains(c.Name)));
        if (join.Kind is Ast.JoinKind.Left or Ast.JoinKind.Full) MarkNullable(right.Items);
        if (join.Kind is Ast.JoinKind.Right or Ast.JoinKind.Full) MarkNullable(left.Items);

        JoinKind kind = join.Kind switch
        {
            Ast.JoinKind.Left => JoinKind.Left,
            Ast.JoinKind.Right => JoinKind.Right,
            Ast.JoinKind.Full => JoinKind.Full,
            Ast.JoinKind.Cross => JoinKind.Cross,
            _ => condition is null ? JoinKind.Cross : JoinKind.Inner,
        };
        LogicalPlan plan = JoinPlans(kind, left.Plan, right.Plan, condition ?? (kind is JoinKind.Cross ? null : Literals.Bool(true)));
        return new BoundFrom(plan, NameJoin(join, columns, merged, left.Items, right.Items, level));
    }

    private static List<NamespaceItem> NameJoin(Ast.JoinRef join, List<NamedColumn> columns, int merged, List<NamespaceItem> left, List<NamespaceItem> right, QueryLevel level)
    {
        List<NamespaceItem> items = [];
        if (join.Alias is null)
        {
            foreach (NamespaceItem item in left.Concat(right))
            {
                item.AreColumnsVisible = false;
                items.Add(item);
            }
            if (join.UsingAlias is { } usingAlias) items.Add(new NamespaceItem(usingAlias, columns.GetRange(0, merged)) { AreColumnsVisible = false });
            items.Add(new NamespaceItem("", columns) { IsRelationVisible = false });
            return items;
        }
        NamespaceItem named = new(join.Alias.Name, Rename(columns, join.Alias, join.Alias.Name));
        level.AllItems.Add(named);
        items.Add(named);
        return items;
    }

    private static List<NamedColumn> VisibleColumns(List<NamespaceItem> items) => [.. items.Where(i => i.AreColumnsVisible).SelectMany(i => i.Columns)];

    private static void MarkNullable(List<NamespaceItem> items)
    {
        foreach (NamespaceItem item in items) item.IsNullable = true;
    }

    private BoundExpression BindJoinCondition(Ast.Expression on, List<NamespaceItem> items, QueryLevel level)
    {
        List<NamespaceItem> saved = level.Namespace;
        level.Namespace = items;
        BoundExpression condition = CoerceToBool(BindAt(on, level, ExpressionPlace.JoinOn), "JOIN/ON");
        level.Namespace = saved;
        return condition;
    }

    /// <summary>Equality of the shared columns; each becomes one column: the left's, the right's, or (full join) the one that is there.</summary>
    private BoundExpression? MergeColumns(Ast.JoinRef join, IReadOnlyList<string> shared, List<NamedColumn> left, List<NamedColumn> right, List<NamedColumn> merged)
    {
        List<BoundExpression> equalities = [];
        for (int i = 0; i < shared.Count; i++)
        {
            string name = shared[i];
            for (int j = 0; j < i; j++)
                if (shared[j] == name)
                    throw Error(SqlState.DuplicateColumn, $"column name \"{name}\" appears more than once in USING clause", -1);
            NamedColumn l = OneOf(left, name, "left"), r = OneOf(right, name, "right");
            CallExpression equality = BindOperator(new Ast.OperatorName(null, "="), l.Expression, r.Expression, join.Span.Start);
            equalities.Add(CoerceToBool(equality, "JOIN/USING"));
            uint type = CommonType([l.Expression, r.Expression], "JOIN/USING");
            BoundExpression fromLeft = CoerceToCommon(l.Expression, type, "JOIN/USING"), fromRight = CoerceToCommon(r.Expression, type, "JOIN/USING");
            SqlType common = new(type, CommonModifier([l.Expression, r.Expression], type));
            BoundExpression value = join.Kind switch
            {
                Ast.JoinKind.Right => WithModifier(fromRight, common),
                Ast.JoinKind.Full => new CoalesceExpression([fromLeft, fromRight], common),
                _ => WithModifier(fromLeft, common),
            };
            NamedColumn origin = join.Kind == Ast.JoinKind.Right ? r : l;
            merged.Add(new NamedColumn(name, value) { TableOid = join.Kind == Ast.JoinKind.Full ? 0 : origin.TableOid, TableColumn = join.Kind == Ast.JoinKind.Full ? (short)0 : origin.TableColumn });
        }
        return ExpressionFacts.Conjunction(equalities);
    }

    /// <summary>Columns of different lengths or scales merge into one without.</summary>
    private static BoundExpression WithModifier(BoundExpression expression, SqlType type) => expression.Type == type ? expression : Relabel(expression, type);

    private static NamedColumn OneOf(List<NamedColumn> columns, string name, string side)
    {
        List<NamedColumn> found = [.. columns.Where(c => c.Name == name)];
        return found.Count switch
        {
            1 => found[0],
            0 => throw Error(SqlState.UndefinedColumn, $"column \"{name}\" specified in USING clause does not exist in {side} table", -1),
            _ => throw Error(SqlState.AmbiguousColumn, $"common column name \"{name}\" appears more than once in {side} table", -1),
        };
    }
}
