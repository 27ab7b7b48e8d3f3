using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_tablespace: the two that tools expect; all data lies in the data folder.</summary>
internal sealed class PgTablespace() : SystemTable("pg_tablespace")
{
    public const uint Global = 1664;

    public static string? NameOf(uint oid) => oid switch { WellKnownOid.DefaultTablespace => "pg_default", Global => "pg_global", _ => null };

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (uint oid in (uint[])[WellKnownOid.DefaultTablespace, Global])
        {
            rows.Add(oid).Add(NameOf(oid)).Add(WellKnownOid.BootstrapRole).AddNull().AddNull();
            rows.EndRow();
        }
    }
}
