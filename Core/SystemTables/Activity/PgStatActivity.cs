using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_stat_activity: sessions and what they do.</summary>
internal sealed class PgStatActivity() : SystemTable("pg_stat_activity")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (SessionInfo s in context.Session.Server.Sessions)
        {
            uint user = PgAuthId.OidOf(s.User, context.Catalog);
            rows.Add(s.DatabaseOid).Add(s.DatabaseName).Add(s.ProcessId).AddNull().Add(user).Add(s.User).Add(s.ApplicationName).Add(s.ClientAddress).AddNull().Add(s.ClientAddress is null ? -1 : s.ClientPort)
                .AddTime(s.StartedMicros).AddTime(s.TransactionStartMicros).AddTime(s.QueryStartMicros).AddTime(s.StateChangeMicros).Add(s.WaitEventType).Add(s.WaitEvent).Add(s.State)
                .AddNull().AddNull().AddNull().Add(s.Query).Add("client backend");
            rows.EndRow();
        }
    }
}
