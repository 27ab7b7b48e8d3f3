using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_stat_database: sessions of each database. What isn't counted is zero.</summary>
internal sealed class PgStatDatabase() : SystemTable("pg_stat_database")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        IReadOnlyList<SessionInfo> sessions = context.Session.Server.Sessions;
        foreach (DatabaseObject d in context.Catalog.Shared.Databases)
        {
            rows.Add(d.Oid).Add(d.Name).Add(sessions.Count(s => s.DatabaseOid == d.Oid)).AddTimes(13, 0L).AddNull().AddNull().AddTimes(5, 0.0).AddTimes(4, 0L).AddNull();
            rows.EndRow();
        }
    }
}
