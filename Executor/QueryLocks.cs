using System.Runtime.CompilerServices;
using VecSql.Core.Catalog;
using VecSql.Planner;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor;

/// <summary>
/// Table locks of planned statements, as PostgreSQL takes them: ACCESS SHARE on what is read, ROW SHARE on what FOR UPDATE and its kin lock, ROW EXCLUSIVE on what is changed. Held until the
/// transaction ends, so that nobody alters, truncates or drops a table under a statement or a cursor.
/// </summary>
public static class QueryLocks
{
    private static readonly ConditionalWeakTable<QueryPlan, (uint Table, TableLockMode Mode)[]> Known = [];

    /// <returns>True if it had to wait: the plan may be out of date, and a READ COMMITTED snapshot too old.</returns>
    public static bool Take(QueryPlan plan, ITransaction transaction)
    {
        bool hasWaited = false;
        foreach ((uint table, TableLockMode mode) in Known.GetValue(plan, static p => Collect(p)))
            if (transaction.Catalog.Find<TableObject>(table) is not null) hasWaited |= transaction.LockTable(table, mode, LockWaitPolicy.Wait);
        return hasWaited;
    }

    private static (uint, TableLockMode)[] Collect(QueryPlan plan)
    {
        Dictionary<uint, TableLockMode> modes = [];
        foreach (uint relation in plan.Relations) modes[relation] = TableLockMode.AccessShare;
        Visit(plan.Root, modes);
        // In one order for all, so that statements don't deadlock with each other's table locks.
        return [.. modes.OrderBy(m => m.Key).Select(m => (m.Key, m.Value))];
    }

    private static void Visit(PhysicalPlan plan, Dictionary<uint, TableLockMode> modes)
    {
        switch (plan)
        {
            case InsertRows insert:
                modes[insert.Target.Table.Oid] = TableLockMode.RowExclusive;
                break;
            case UpdateRows update:
                modes[update.Target.Table.Oid] = TableLockMode.RowExclusive;
                break;
            case DeleteRows delete:
                modes[delete.Target.Table.Oid] = TableLockMode.RowExclusive;
                break;
            case LockRows rows:
                foreach (PhysicalRowLock row in rows.Locks)
                    if (modes.GetValueOrDefault(row.Table.Oid) < TableLockMode.RowShare) modes[row.Table.Oid] = TableLockMode.RowShare;
                break;
        }
        foreach (PhysicalPlan input in plan.Inputs) Visit(input, modes);
    }
}
