using VecSql.Core.Errors;

namespace VecSql.Server.Sessions;

/// <summary>Ends a session whose client is silent for too long: idle_session_timeout, and idle_in_transaction_session_timeout inside a transaction. Safe for all threads.</summary>
internal sealed class IdleTimeout(TimeProvider clock, Action<SqlException> end) : IDisposable
{
    private readonly Lock _lock = new();
    private ITimer? _timer;

    /// <summary>The session begins to wait for its client.</summary>
    public void Start(SessionState session)
    {
        bool isInTransaction = session.Transactions.State is BlockState.Explicit or BlockState.Failed;
        int limitMs = session.Settings.GetInt(isInTransaction ? "idle_in_transaction_session_timeout" : "idle_session_timeout");
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = limitMs <= 0 ? null : clock.CreateTimer(Expire, isInTransaction, TimeSpan.FromMilliseconds(limitMs), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The client was heard.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    public void Dispose() => Stop();

    private void Expire(object? isInTransaction)
    {
        lock (_lock)
        {
            // Stopped in the moment in which it ran out.
            if (_timer is null) return;
            _timer.Dispose();
            _timer = null;
        }
        end(isInTransaction is true
            ? new SqlException(SqlState.IdleInTransactionSessionTimeout, "terminating connection due to idle-in-transaction timeout") { IsFatal = true }
            : new SqlException(SqlState.IdleSessionTimeout, "terminating connection due to idle-session timeout") { IsFatal = true });
    }
}
