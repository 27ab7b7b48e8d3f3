using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_shdescription: comments on databases and roles.</summary>
internal sealed class PgShdescription() : SystemTable("pg_shdescription")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (CatalogObject item in context.Catalog.Shared.Objects)
        {
            if (item.Comment is not { } text) continue;
            rows.Add(item.Oid).Add(item.ClassOid).Add(text);
            rows.EndRow();
        }
    }
}
