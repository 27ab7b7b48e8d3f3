using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_language: what functions are written in.</summary>
internal sealed class PgLanguage() : SystemTable("pg_language")
{
    private static readonly (uint Oid, string Name, bool IsTrusted, uint Validator)[] All = [(12, "internal", false, 2246), (13, "c", false, 2247), (14, "sql", true, 2248)];

    public static uint OidOf(string name) => Array.Find(All, l => l.Name == name).Oid;
    public static string? NameOf(uint oid) => Array.Find(All, l => l.Oid == oid).Name;

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach ((uint oid, string name, bool isTrusted, uint validator) in All)
        {
            rows.Add(oid).Add(name).Add(WellKnownOid.BootstrapRole).Add(false).Add(isTrusted).Add(0u).Add(0u).Add(validator).AddNull();
            rows.EndRow();
        }
    }
}
