using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_stat_progress_create_index: index builds that are running.</summary>
internal sealed class PgStatProgressCreateIndex() : SystemTable("pg_stat_progress_create_index")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (IndexProgress build in context.Session.Server.IndexBuilds)
        {
            rows.Add(build.ProcessId).Add(build.DatabaseOid).Add(build.DatabaseOid == context.Session.DatabaseOid ? context.Session.DatabaseName : null).Add(build.TableOid).Add(build.IndexOid)
                .Add(build.Command).Add(build.Phase).Add(0L).Add(0L).Add(0L).Add(build.BlocksTotal).Add(build.BlocksDone).Add(build.TuplesTotal).Add(build.TuplesDone).Add(0L).Add(0L);
            rows.EndRow();
        }
    }
}
