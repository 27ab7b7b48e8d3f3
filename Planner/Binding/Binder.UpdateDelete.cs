using VecSql.Core.Catalog;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>UPDATE and DELETE.</summary>
internal sealed partial class Binder
{
    private BoundStatement BindUpdate(Ast.UpdateStatement update, QueryLevel? parent)
    {
        QueryLevel level = new(parent);
        List<CteDefinition> definitions = update.With is null ? [] : BindWith(update.With, level);
        (ChangeTarget target, LogicalPlan input) = BindModified(update.Table, update.From, ViewChange.Update, level);
        (TableScan scan, TableObject table) = (target.Scan, target.Table);
        BoundExpression? where = BindChangedRows(update.Where, target, level);
        (List<BoundExpression> values, List<short> assigned) = BindAssignments(update.Assignments, target, scan.Columns, level);
        if (where is not null) input = new Filter(input, where);
        List<LogicalColumn> newColumns = [.. table.LiveColumns.Select(c => NewColumn(c.Name, c.Type, table.Oid, c.Number))];
        string name = update.Table.Alias?.Name ?? target.Relation.Name;
        QueryLevel returning = new(level);
        returning.Namespace.Add(new NamespaceItem(name, target.IsView ? ShownOf(target, newColumns) : Named(newColumns))
        {
            Table = target.Relation, RelationOid = target.Relation.Oid, Schema = update.Table.Alias is null ? target.Relation.Schema : 0,
        });
        returning.Namespace.AddRange(level.Namespace.Skip(1));
        Update plan = new(MakeTarget(target), input, scan.Columns, scan.RowId!, values, where, newColumns, BindReturning(update.Returning, returning)) { AssignedColumns = assigned };
        return Modified(plan, definitions, QueryKind.Update);
    }

    private BoundStatement BindDelete(Ast.DeleteStatement delete, QueryLevel? parent)
    {
        QueryLevel level = new(parent);
        List<CteDefinition> definitions = delete.With is null ? [] : BindWith(delete.With, level);
        (ChangeTarget target, LogicalPlan input) = BindModified(delete.Table, delete.Using, ViewChange.Delete, level);
        TableScan scan = target.Scan;
        BoundExpression? where = BindChangedRows(delete.Where, target, level);
        if (where is not null) input = new Filter(input, where);
        QueryLevel returning = new(level);
        returning.Namespace.AddRange(level.Namespace);
        Delete plan = new(MakeTarget(scan.Table), input, scan.Columns, scan.RowId!, where, BindReturning(delete.Returning, returning));
        return Modified(plan, definitions, QueryKind.Delete);
    }

    /// <summary>WHERE, with the conditions of the views that the table is changed through.</summary>
    private BoundExpression? BindChangedRows(Ast.Expression? written, ChangeTarget target, QueryLevel level)
    {
        BoundExpression? where = written is null ? null : CoerceToBool(BindAt(written, level, ExpressionPlace.Where), "WHERE");
        return target.Condition is null ? where : ExpressionFacts.Conjunction([.. ExpressionFacts.Conjuncts(target.Condition), .. where is null ? [] : new[] { where }]);
    }

    /// <summary>The target's scan, crossed with what FROM or USING brings; its item stands first in the namespace.</summary>
    private (ChangeTarget Target, LogicalPlan Input) BindModified(Ast.TableRef written, IReadOnlyList<Ast.FromItem> others, ViewChange change, QueryLevel level)
    {
        ChangeTarget target = FindChangeTarget(written.Name, written.Alias?.Name, change);
        string name = written.Alias?.Name ?? target.Relation.Name;
        NamespaceItem item = new(name, Rename([.. target.Columns], written.Alias, name))
        {
            Schema = written.Alias is null ? target.Relation.Schema : 0, Table = target.Relation, RelationOid = target.Relation.Oid, RowId = target.Scan.RowId,
        };
        level.AllItems.Add(item);
        Own(target.Scan.Output, level);
        // Hidden while FROM is bound: its subqueries don't see the target.
        item.IsLateralOnly = true;
        level.Namespace.Add(item);
        LogicalPlan? joined = others.Count == 0 ? null : BindFrom(others, level);
        item.IsLateralOnly = false;
        return (target, joined is null ? target.Scan : JoinPlans(JoinKind.Cross, target.Scan, joined, null));
    }
}
