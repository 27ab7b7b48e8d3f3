using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_locks: locks held and waited for.</summary>
internal sealed class PgLocks() : SystemTable("pg_locks")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (LockInfo l in context.Session.Server.Locks)
        {
            rows.Add(l.LockType).Add(l.DatabaseOid).Add<uint>(l.RelationOid == 0 ? null : l.RelationOid).AddNulls(3).Add((uint?)l.TransactionId).Add((uint?)l.ClassId).Add((uint?)l.ObjectId).Add(l.ObjectSubId)
                .AddNull().Add(l.ProcessId).Add(l.Mode).Add(l.Granted).Add(false).AddNull();
            rows.EndRow();
        }
    }
}
