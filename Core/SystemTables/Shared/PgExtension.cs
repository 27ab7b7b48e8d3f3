using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_extension: installed extensions. The schema vecsql counts as one that is always there: so dumps leave it out.</summary>
internal sealed class PgExtension() : SystemTable("pg_extension")
{
    public const uint Own = 13499;

    public override void Fill(SystemRows rows, EvalContext context)
    {
        rows.Add(Own).Add("vecsql").Add(WellKnownOid.BootstrapRole).Add(WellKnownOid.VecSqlSchema).Add(false).Add("1.0").AddNull().AddNull();
        rows.EndRow();
        foreach (ExtensionObject e in context.Catalog.Objects.OfType<ExtensionObject>())
        {
            rows.Add(e.Oid).Add(e.Name).Add(e.Owner).Add(e.Schema).Add(e.Relocatable).Add(e.Version).AddNull().AddNull();
            rows.EndRow();
        }
    }
}
