using VecSql.Core.Catalog;
using VecSql.Core.Types;

namespace VecSql.Executor.Modification;

/// <summary>A FOREIGN KEY with both its tables.</summary>
internal sealed record ForeignKey(ConstraintObject Constraint, TableObject Child, TableObject Parent)
{
    public short[] ChildColumns { get; } = [.. Constraint.Columns];
    public short[] ParentColumns { get; } = [.. Constraint.ReferencedColumns];
    public SqlType[] ChildTypes { get; } = [.. Constraint.Columns.Select(c => Child.Columns[c - 1].Type)];
    public SqlType[] ParentTypes { get; } = [.. Constraint.ReferencedColumns.Select(c => Parent.Columns[c - 1].Type)];

    /// <summary>The constraints on a table's own columns.</summary>
    public static ForeignKey[] Outgoing(TableObject table, CatalogSnapshot catalog) =>
        [.. table.Constraints.Where(c => c.Kind == ConstraintKind.ForeignKey).Select(c => new ForeignKey(c, table, catalog.Find<TableObject>(c.ReferencedTable)!)).Where(k => k.Parent is not null)];

    /// <summary>The constraints of other tables (and its own) that refer to a table.</summary>
    public static ForeignKey[] Incoming(TableObject table, CatalogSnapshot catalog)
    {
        List<ForeignKey> keys = [];
        foreach (TableObject child in catalog.TablesReferencing(table.Oid))
        {
            foreach (ConstraintObject constraint in child.Constraints)
                if (constraint.Kind == ConstraintKind.ForeignKey && constraint.ReferencedTable == table.Oid) keys.Add(new ForeignKey(constraint, child, table));
        }
        return [.. keys];
    }

    /// <summary>"(a, b)=(1, 2)" as error details show a key.</summary>
    public static string Describe(TableObject table, IReadOnlyList<short> columns, string values) =>
        $"Key ({string.Join(", ", columns.Select(c => table.Columns[c - 1].Name))})=({values})";
}
