using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_database: the instance's databases. Templates are not among them: CREATE DATABASE copies nothing.</summary>
internal sealed class PgDatabase() : SystemTable("pg_database")
{
    private const int Utf8 = 6;

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (DatabaseObject d in context.Catalog.Shared.Databases)
        {
            rows.Add(d.Oid).Add(d.Name).Add(d.Owner).Add(Utf8).Add('c').Add(d.IsTemplate).Add(d.AllowConnections).Add(d.ConnectionLimit).Add(0u).Add(0u).Add(WellKnownOid.DefaultTablespace)
                .Add("C.UTF-8").Add("C.UTF-8").AddNull().AddNull().AddArrayOrNull(d.Acl);
            rows.EndRow();
        }
    }
}
