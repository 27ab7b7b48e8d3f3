using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_am: how tables and indexes are stored.</summary>
internal sealed class PgAm() : SystemTable("pg_am")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        InstalledExtensions extensions = new(context.Catalog);
        foreach (BuiltinAccessMethod method in BuiltinIndexing.Methods)
        {
            if (!extensions.Has(method.Extension)) continue;
            rows.Add(method.Oid).Add(method.Name).Add(method.Handler).Add(method.Kind);
            rows.EndRow();
        }
    }
}
