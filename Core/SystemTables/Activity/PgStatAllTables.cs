using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_stat_all_tables: the database's own tables with their live rows. Scans and changes aren't counted: zero.</summary>
internal sealed class PgStatAllTables() : SystemTable("pg_stat_all_tables")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (TableObject t in context.Catalog.Relations.OfType<TableObject>())
        {
            if (t.RelationKind is not (RelationKind.Table or RelationKind.MaterializedView)) continue;
            rows.Add(t.Oid).Add(SystemRelations.SchemaName(t.Schema, context.Catalog)).Add(t.Name).AddTimes(8, 0L).Add(context.Session.Server.SizeOf(t.Oid).Rows).AddTimes(3, 0L).AddNulls(4).AddTimes(4, 0L);
            rows.EndRow();
        }
    }
}
