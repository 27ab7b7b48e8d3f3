using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_attrdef: defaults and generated columns' expressions. adbin is the expression's SQL text, which pg_get_expr shows.</summary>
internal sealed class PgAttrdef() : SystemTable("pg_attrdef")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (TableObject table in context.Catalog.Relations.OfType<TableObject>())
            foreach (ColumnObject column in table.LiveColumns)
            {
                if (column.Default is not { } text) continue;
                rows.Add(OidOf(table.Oid, column.Number)).Add(table.Oid).Add(column.Number).Add(text);
                rows.EndRow();
            }
    }

    /// <summary>Defaults are part of their table here and have no number of their own; one is made that stays the same (a table has at most 1600 columns).</summary>
    public static uint OidOf(uint table, short column) => 0x8000_0000u | unchecked(table << 11) | (ushort)column;
}
