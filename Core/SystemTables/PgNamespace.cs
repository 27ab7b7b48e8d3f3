using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_namespace: schemas, built-in ones included.</summary>
internal sealed class PgNamespace() : SystemTable("pg_namespace")
{
    private static readonly (uint Oid, string Name)[] BuiltIn =
        [(WellKnownOid.PgCatalogSchema, "pg_catalog"), (WellKnownOid.PgToastSchema, "pg_toast"), (WellKnownOid.InformationSchema, "information_schema"), (WellKnownOid.VecSqlSchema, "vecsql")];

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach ((uint oid, string name) in BuiltIn) Add(rows, oid, name, WellKnownOid.BootstrapRole);
        foreach (SchemaObject schema in context.Catalog.Schemas.Where(s => !BuiltIn.Any(b => b.Oid == s.Oid))) Add(rows, schema.Oid, schema.Name, schema.Owner);
    }

    private static void Add(SystemRows rows, uint oid, string name, uint owner)
    {
        rows.Add(oid).Add(name).Add(owner).AddNull();
        rows.EndRow();
    }
}
