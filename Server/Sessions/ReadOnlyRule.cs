using VecSql.Core.Errors;
using VecSql.Planner;

namespace VecSql.Server.Sessions;

/// <summary>What a read-only transaction may not run.</summary>
internal static class ReadOnlyRule
{
    /// <exception cref="SqlException">25006.</exception>
    public static void Check(QueryPlan plan, SessionState session)
    {
        if (plan is { ModifiesData: false, Kind: QueryKind.Select } || session.Transactions.Current is not { IsReadOnly: true }) return;
        throw new SqlException(SqlState.ReadOnlySqlTransaction, $"cannot execute {plan.Kind.ToString().ToUpperInvariant()} in a read-only transaction");
    }
}
