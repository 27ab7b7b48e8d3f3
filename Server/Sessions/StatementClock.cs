using VecSql.Core.Errors;

namespace VecSql.Server.Sessions;

public enum CancelReason { None, UserRequest, StatementTimeout, Termination }

/// <summary>
/// What a session is doing since when, and how it is stopped: the source of pg_stat_activity, statement_timeout and cancel. One statement at a time; safe for all threads.
/// The token is the same from statement to statement until one is cancelled: making one for each would cost as much as a short statement.
/// </summary>
public sealed class StatementClock : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _source;
    private CancellationToken _stop;
    private CancelReason _reason;
    private ITimer? _timeout;

    public string Query { get; private set; } = "";
    public long QueryStartMicros { get; private set; }
    public long StateChangeMicros { get; private set; }
    public bool IsRunning { get; private set; }

    /// <summary>A message that may run a statement begins. Disposing the scope ends it.</summary>
    /// <param name="stop">Fires when the connection ends.</param>
    public StatementScope Begin(SessionState session, string? sql, CancellationToken stop)
    {
        TimeProvider clock = session.Server.Clock;
        session.StatementMicros = PostgresTime.Now(clock);
        lock (_lock)
        {
            if (sql is not null) Query = sql;
            QueryStartMicros = StateChangeMicros = session.StatementMicros;
            if (_source is null || _stop != stop)
            {
                _source?.Dispose();
                _source = CancellationTokenSource.CreateLinkedTokenSource(stop);
                _stop = stop;
            }
            _reason = CancelReason.None;
            IsRunning = true;
            int timeoutMs = session.Settings.Statement.StatementTimeoutMs;
            if (timeoutMs > 0) _timeout = clock.CreateTimer(_ => Cancel(CancelReason.StatementTimeout), null, TimeSpan.FromMilliseconds(timeoutMs), Timeout.InfiniteTimeSpan);
            return new StatementScope(this, clock, _source.Token);
        }
    }

    /// <summary>The next statement of the same message: its own statement_timestamp().</summary>
    public void BeginStatement(SessionState session) => session.StatementMicros = Math.Max(session.StatementMicros, QueryStartMicros);

    /// <summary>Stops what is running; nothing if the session is idle.</summary>
    public void Cancel(CancelReason reason)
    {
        lock (_lock)
        {
            if (!IsRunning) return;
            if (_reason == CancelReason.None) _reason = reason;
            _source!.Cancel();
        }
    }

    /// <summary>The error that a cancelled statement ends with; null if it wasn't cancelled by anyone.</summary>
    internal SqlException? Reason => _reason switch
    {
        CancelReason.UserRequest => new SqlException(SqlState.QueryCanceled, "canceling statement due to user request"),
        CancelReason.StatementTimeout => new SqlException(SqlState.QueryCanceled, "canceling statement due to statement timeout"),
        CancelReason.Termination => new SqlException(SqlState.AdminShutdown, "terminating connection due to administrator command") { IsFatal = true },
        _ => null,
    };

    internal void End(long now)
    {
        lock (_lock)
        {
            IsRunning = false;
            StateChangeMicros = now;
            _timeout?.Dispose();
            _timeout = null;
            if (!_source!.IsCancellationRequested) return;
            _source.Dispose();
            _source = null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timeout?.Dispose();
            _source?.Dispose();
            _source = null;
            IsRunning = false;
        }
    }
}

/// <summary>One message's run: its token is cancelled by cancel requests, by the statement timeout and by the connection's end.</summary>
public readonly struct StatementScope : IDisposable
{
    private readonly StatementClock _owner;
    private readonly TimeProvider _clock;

    internal StatementScope(StatementClock owner, TimeProvider clock, CancellationToken token)
    {
        _owner = owner;
        _clock = clock;
        Token = token;
    }

    public CancellationToken Token { get; }

    /// <summary>The error that a cancelled statement ends with; null if it wasn't cancelled by anyone.</summary>
    public SqlException? Reason => _owner.Reason;

    public void Dispose() => _owner.End(PostgresTime.Now(_clock));
}
