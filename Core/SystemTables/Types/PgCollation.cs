using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_collation: all order by bytes (for UTF-8 that is by code points).</summary>
public sealed class PgCollation() : SystemTable("pg_collation")
{
    private static readonly (uint Oid, string Name, char Provider, int Encoding, string? Locale)[] All =
        [(WellKnownOid.DefaultCollation, "default", 'd', -1, null), (WellKnownOid.CCollation, "C", 'c', -1, "C"), (951, "POSIX", 'c', -1, "POSIX"), (12340, "ucs_basic", 'c', 6, "C")];

    /// <summary>The collation of that name; null if there is none.</summary>
    public static uint? Find(string name) => Array.Find(All, c => c.Name == name) is { Oid: not 0 } found ? found.Oid : null;

    public static string? NameOf(uint oid) => Array.Find(All, c => c.Oid == oid).Name;

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach ((uint oid, string name, char provider, int encoding, string? locale) in All)
        {
            rows.Add(oid).Add(name).Add(WellKnownOid.PgCatalogSchema).Add(WellKnownOid.BootstrapRole).Add(provider).Add(true).Add(encoding).Add(locale).Add(locale).AddNull().AddNull();
            rows.EndRow();
        }
    }
}
