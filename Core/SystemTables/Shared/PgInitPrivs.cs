using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_init_privs: rights that the engine's own objects have from the start, so that dumps don't repeat them.</summary>
internal sealed class PgInitPrivs() : SystemTable("pg_init_privs")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (SystemRelation relation in SystemRelations.All) Add(rows, relation.Oid, WellKnownOid.PgClass, PgClass.ReadableByAll);
        foreach ((uint oid, _, _) in SystemRelations.Schemas)
            if (oid != WellKnownOid.PgToastSchema) Add(rows, oid, WellKnownOid.PgNamespace, PgNamespace.BuiltInAcl);
        Add(rows, WellKnownOid.PublicSchema, WellKnownOid.PgNamespace, PgNamespace.PublicAcl);
    }

    private static void Add(SystemRows rows, uint oid, uint classOid, IReadOnlyList<string> acl)
    {
        rows.Add(oid).Add(classOid).Add(0).Add('i').AddArray(acl);
        rows.EndRow();
    }
}
