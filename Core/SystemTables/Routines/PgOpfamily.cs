using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_opfamily: families of operator classes.</summary>
internal sealed class PgOpfamily() : SystemTable("pg_opfamily")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        InstalledExtensions extensions = new(context.Catalog);
        foreach (BuiltinOperatorFamily f in BuiltinIndexing.Families)
        {
            if (extensions.SchemaOf(f.Extension) is not { } schema) continue;
            rows.Add(f.Oid).Add(f.Method).Add(f.Name).Add(schema).Add(WellKnownOid.BootstrapRole);
            rows.EndRow();
        }
    }
}
