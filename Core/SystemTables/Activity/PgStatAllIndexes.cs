using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_stat_all_indexes: the database's own indexes. Scans aren't counted: zero.</summary>
internal sealed class PgStatAllIndexes() : SystemTable("pg_stat_all_indexes")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (IndexObject i in context.Catalog.Relations.OfType<IndexObject>())
        {
            rows.Add(i.Table).Add(i.Oid).Add(SystemRelations.SchemaName(i.Schema, context.Catalog)).Add(context.Catalog.Find<TableObject>(i.Table)?.Name).Add(i.Name).AddTimes(3, 0L);
            rows.EndRow();
        }
    }
}
