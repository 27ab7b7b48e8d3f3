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
        (TableScan scan, LogicalPlan input) = BindModified(update.Table, update.From, "UPDATE of", level);
        TableObject table = scan.Table;
        BoundExpression? where = update.Where is null ? null : CoerceToBool(BindAt(update.Where, level, ExpressionPlace.Where), "WHERE");
        (List<BoundExpression> values, List<short> assigned) = BindAssignments(update.Assignments, table, scan.Columns, level);
        if (where is not null) input = new Filter(input, where);
        List<LogicalColumn> newColumns = [.. table.LiveColumns.Select(c => NewColumn(c.Name, c.Type, table.Oid, c.Number))];
        string name = update.Table.Alias?.Name ?? table.Name;
        QueryLevel returning = new(level);
        returning.Namespace.Add(new NamespaceItem(name, Named(newColumns)) { Table = table, RelationOid = table.Oid, Schema = update.Table.Alias is null ? table.Schema : 0 });
        returning.Namespace.AddRange(level.Namespace.Skip(1));
        Update plan = new(MakeTarget(table), input, scan.Columns, scan.RowId!, values, where, newColumns, BindReturning(update.Returning, returning)) { AssignedColumns = assigned };
        return Modified(plan, definitions, QueryKind.Update);
    }

    private BoundStatement BindDelete(Ast.DeleteStatement delete, QueryLevel? parent)
    {
        QueryLevel level = new(parent);
        List<CteDefinition> definitions = delete.With is null ? [] : BindWith(delete.With, level);
        (TableScan scan, LogicalPlan input) = BindModified(delete.Table, delete.Using, "DELETE from", level);
        BoundExpression? where = delete.Where is null ? null : CoerceToBool(BindAt(delete.Where, level, ExpressionPlace.Where), "WHERE");
        if (where is not null) input = new Filter(input, where);
        QueryLevel returning = new(level);
        returning.Namespace.AddRange(level.Namespace);
        Delete plan = new(MakeTarget(scan.Table), input, scan.Columns, scan.RowId!, where, BindReturning(delete.Returning, returning));
        return Modified(plan, definitions, QueryKind.Delete);
    }

    /// <summary>The target's scan, crossed with what FROM or USING brings; its item stands first in the namespace.</summary>
    private (TableScan Scan, LogicalPlan Input) BindModified(Ast.TableRef target, IReadOnlyList<Ast.FromItem> others, string verb, QueryLevel level)
    {
        TableObject table = FindTarget(target.Name, verb);
        TableScan scan = MakeScan(table, target.Alias?.Name ?? table.Name);
        NamespaceItem item = ItemOf(scan, target);
        level.AllItems.Add(item);
        Own(scan.Output, level);
        // Hidden while FROM is bound: its subqueries don't see the target.
        item.IsLateralOnly = true;
        level.Namespace.Add(item);
        LogicalPlan? joined = others.Count == 0 ? null : BindFrom(others, level);
        item.IsLateralOnly = false;
        return (scan, joined is null ? scan : JoinPlans(JoinKind.Cross, scan, joined, null));
    }
}
