using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_extension: installed extensions.</summary>
internal sealed class PgExtension() : SystemTable("pg_extension")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (ExtensionObject e in context.Catalog.Objects.OfType<ExtensionObject>())
        {
            rows.Add(e.Oid).Add(e.Name).Add(e.Owner).Add(e.Schema).Add(e.Relocatable).Add(e.Version).AddNull().AddNull();
            rows.EndRow();
        }
    }
}
