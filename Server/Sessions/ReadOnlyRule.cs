using VecSql.Core.Errors;
using VecSql.Planner;
using VecSql.Planner.Physical;

namespace VecSql.Server.Sessions;

/// <summary>What a read-only transaction may not run: changing rows, or locking them, but for temporary tables.</summary>
internal static class ReadOnlyRule
{
    /// <exception cref="SqlException">25006.</exception>
    public static void Check(QueryPlan plan, SessionState session)
    {
        if (session.Transactions.Current is { IsReadOnly: true } && FindWrite(plan.Root) is { } command)
            throw new SqlException(SqlState.ReadOnlySqlTransaction, $"cannot execute {command} in a read-only transaction");
    }

    private static string? FindWrite(PhysicalPlan plan)
    {
        string? own = plan switch
        {
            InsertRows { Target.Table.Persistence: not 't' } => "INSERT",
            UpdateRows { Target.Table.Persistence: not 't' } => "UPDATE",
            DeleteRows { Target.Table.Persistence: not 't' } => "DELETE",
            LockRows rows when rows.Locks.FirstOrDefault(l => l.Table.Persistence != 't') is { } locked => "SELECT FOR " + locked.Strength switch
            {
                Parser.Ast.LockStrength.Update => "UPDATE",
                Parser.Ast.LockStrength.NoKeyUpdate => "NO KEY UPDATE",
                Parser.Ast.LockStrength.Share => "SHARE",
                _ => "KEY SHARE",
            },
            _ => null,
        };
        if (own is not null) return own;
        foreach (PhysicalPlan input in plan.Inputs)
            if (FindWrite(input) is { } found) return found;
        return null;
    }
}
