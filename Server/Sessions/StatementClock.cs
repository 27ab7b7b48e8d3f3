using VecSql.Core.Errors;

namespace VecSql.Server.Sessions;

public enum CancelReason { None, UserRequest, StatementTimeout, Termination }

// The running scope belongs to whoever began it: it is disposed there.
#pragma warning disable CA1001
/// <summary>What a session is doing since when, and how it is stopped: the source of pg_stat_activity, statement_timeout and cancel. Safe for all threads.</summary>
public sealed class StatementClock
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();
    private StatementScope? _running;

    public string Query { get; private set; } = "";
    public long QueryStartMicros { get; private set; }
    public long StateChangeMicros { get; private set; }
    public bool IsRunning => _running is not null;

    /// <summary>A message that may run a statement begins. Dispose ends it.</summary>
    public StatementScope Begin(SessionState session, string? sql, CancellationToken stop)
    {
        session.StatementMicros = PostgresTime.Now(session.Server.Clock);
        lock (_lock)
        {
            if (sql is not null) Query = sql;
            QueryStartMicros = StateChangeMicros = session.StatementMicros;
            _running = new StatementScope(this, session.Server.Clock, session.Settings.GetInt("statement_timeout"), stop);
            return _running;
        }
    }

    /// <summary>The next statement of the same message: its own statement_timestamp().</summary>
    public void BeginStatement(SessionState session) => session.StatementMicros = Math.Max(session.StatementMicros, QueryStartMicros);

    /// <summary>Stops what is running; nothing if the session is idle.</summary>
    public void Cancel(CancelReason reason)
    {
        lock (_lock) _running?.Cancel(reason);
    }

    internal void End(StatementScope scope, long now)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_running, scope)) return;
            _running = null;
            StateChangeMicros = now;
        }
    }
}

/// <summary>One message's run: its token is cancelled by cancel requests, by the statement timeout and by the connection's end.</summary>
public sealed class StatementScope : IDisposable
{
    private readonly StatementClock _owner;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _source;
    private readonly ITimer? _timeout;
    private CancelReason _reason;

    internal StatementScope(StatementClock owner, TimeProvider clock, int timeoutMs, CancellationToken stop)
    {
        _owner = owner;
        _clock = clock;
        _source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (timeoutMs > 0)
            _timeout = clock.CreateTimer(_ => owner.Cancel(CancelReason.StatementTimeout), null, TimeSpan.FromMilliseconds(timeoutMs), Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>The error that a cancelled statement ends with; null if it wasn't cancelled by anyone.</summary>
    public SqlException? Reason => _reason switch
    {
        CancelReason.UserRequest => new SqlException(SqlState.QueryCanceled, "canceling statement due to user request"),
        CancelReason.StatementTimeout => new SqlException(SqlState.QueryCanceled, "canceling statement due to statement timeout"),
        CancelReason.Termination => new SqlException(SqlState.AdminShutdown, "terminating connection due to administrator command") { IsFatal = true },
        _ => null,
    };

    public void Dispose()
    {
        _owner.End(this, PostgresTime.Now(_clock));
        _timeout?.Dispose();
        _source.Dispose();
    }

    internal void Cancel(CancelReason reason)
    {
        if (_reason == CancelReason.None) _reason = reason;
        _source.Cancel();
    }
}
