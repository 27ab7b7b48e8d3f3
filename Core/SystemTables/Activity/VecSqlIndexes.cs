using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>vecsql.indexes: the database's indexes with their size.</summary>
internal sealed class VecSqlIndexes() : SystemTable(13501, WellKnownOid.VecSqlSchema, "indexes",
    new SystemColumn("schema_name", new SqlType(TypeOid.Name)), new SystemColumn("index_name", new SqlType(TypeOid.Name)), new SystemColumn("table_name", new SqlType(TypeOid.Name)),
    new SystemColumn("method", new SqlType(TypeOid.Name)), new SystemColumn("rows", SqlType.Int8), new SystemColumn("bytes", SqlType.Int8), new SystemColumn("is_valid", SqlType.Bool),
    new SystemColumn("options", new SqlType(TypeOid.TextArray), NotNull: false))
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (IndexObject i in context.Catalog.Relations.OfType<IndexObject>())
        {
            (long count, long bytes) = context.Session.Server.SizeOf(i.Oid);
            rows.Add(SystemRelations.SchemaName(i.Schema, context.Catalog)).Add(i.Name).Add(context.Catalog.Find<TableObject>(i.Table)?.Name).Add(i.Method)
                .Add(count != 0 ? count : context.Session.Server.SizeOf(i.Table).Rows).Add(bytes).Add(i.IsValid).AddArrayOrNull([.. i.Options.Select(o => $"{o.Key}={o.Value}")]);
            rows.EndRow();
        }
    }
}
