using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_opclass: operator classes of index methods.</summary>
internal sealed class PgOpclass() : SystemTable("pg_opclass")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        InstalledExtensions extensions = new(context.Catalog);
        foreach (BuiltinOperatorClass c in BuiltinIndexing.Classes)
        {
            if (extensions.SchemaOf(c.Extension) is not { } schema) continue;
            rows.Add(c.Oid).Add(c.Method).Add(c.Name).Add(schema).Add(WellKnownOid.BootstrapRole).Add(c.Family).Add(c.InputType).Add(c.IsDefault).Add(c.KeyType);
            rows.EndRow();
        }
    }
}
