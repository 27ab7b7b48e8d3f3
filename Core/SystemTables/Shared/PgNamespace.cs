using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_namespace: schemas, built-in ones included.</summary>
internal sealed class PgNamespace() : SystemTable("pg_namespace")
{
    internal static readonly string[] BuiltInAcl = ["postgres=UC/postgres", "=U/postgres"];
    internal static readonly string[] PublicAcl = ["pg_database_owner=UC/pg_database_owner", "=U/pg_database_owner"];

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach ((uint oid, string name, _) in SystemRelations.Schemas)
        {
            rows.Add(oid).Add(name).Add(WellKnownOid.BootstrapRole).AddArrayOrNull(oid == WellKnownOid.PgToastSchema ? [] : BuiltInAcl);
            rows.EndRow();
        }
        foreach (SchemaObject schema in context.Catalog.Schemas)
        {
            if (SystemRelations.Schemas.Any(s => s.Oid == schema.Oid)) continue;
            bool isPublic = schema.Oid == WellKnownOid.PublicSchema;
            rows.Add(schema.Oid).Add(schema.Name).Add(isPublic && schema.Owner == WellKnownOid.BootstrapRole ? PgAuthId.DatabaseOwner : schema.Owner)
                .AddArrayOrNull(isPublic && schema.Acl.IsEmpty ? PublicAcl : schema.Acl);
            rows.EndRow();
        }
    }
}
