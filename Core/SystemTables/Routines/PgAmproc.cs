using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_amproc: functions that index methods call.</summary>
internal sealed class PgAmproc() : SystemTable("pg_amproc")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        InstalledExtensions extensions = new(context.Catalog);
        foreach (BuiltinFamilyFunction f in BuiltinIndexing.Functions)
        {
            if (!extensions.Has(f.Extension)) continue;
            rows.Add(f.Oid).Add(f.Family).Add(f.Left).Add(f.Right).Add(f.Number).Add(f.Function);
            rows.EndRow();
        }
    }
}
