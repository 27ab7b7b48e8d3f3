using System.Diagnostics.CodeAnalysis;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Planner;
using VecSql.Server.Utility;
using VecSql.Storage.Contracts;
using VecSql.Wire;

namespace VecSql.Server.Sessions;

/// <summary>
/// One connection's session: the wire's calls become statements, portals and transactions. Statement kinds are told apart in <see cref="UtilityCommands"/>; queries go to the planner and executor.
/// </summary>
public sealed class Session : ISqlSession
{
    private readonly SessionState _state;
    private readonly UtilityCommands _utility;
    private readonly StatementClock _clock = new();
    private readonly IdleTimeout _idle;

    public Session(SessionState state)
    {
        _state = state;
        _utility = new UtilityCommands(state);
        _idle = new IdleTimeout(state.Server.Clock, End);
        _state.Transactions.Ended += committed => DropPortals(p => p is not CursorPortal { IsKept: true });
        _state.Transactions.Failing += () => DropPortals(p => p is not CursorPortal { IsKept: true });
        _state.Transactions.Released += depth => MoveCursorsUpTo(depth);
        _state.Transactions.Committing += _utility.KeepHeldCursors;
        _state.Transactions.Committing += CheckDeferredConstraints;
        _state.Transactions.RolledBackTo += DropPortalsDeeperThan;
        IAdvisoryLocks advisory = state.Server.Instance.AdvisoryLocks;
        _state.Transactions.Ended += _ => advisory.ReleaseTransaction(ProcessId);
        _state.Transactions.Failing += () => advisory.ReleaseTransaction(ProcessId);
        _state.Transactions.RolledBackTo += depth => advisory.ReleaseDeeperThan(ProcessId, depth);
        _state.Transactions.Released += depth => advisory.MoveUpTo(ProcessId, depth);
        _idle.Start(_state);
    }

    public SessionState State => _state;
    public StatementClock Activity => _clock;
    public string? StatementText => _clock.Query;
    public SqlException? Termination { get; private set; }

    public Action? WakeUp
    {
        private get => _state.Inbox.Arrived;
        set => _state.Inbox.Arrived = value;
    }
    public int ProcessId => _state.Identity.ProcessId;
    public ReadOnlyMemory<byte> CancelSecret => _state.Identity.CancelSecret;
    public char TransactionStatus => _state.Transactions.StatusLetter;
    public EvalContext Formatting => _state.EvalContext();

    public async ValueTask QueryAsync(string sql, IResultSink sink, CancellationToken stop)
    {
        using StatementScope scope = Begin(sql, stop);
        try
        {
            IReadOnlyList<ParsedStatement> statements = SqlParser.Parse(sql);
            if (statements.Count == 0)
            {
                await sink.EmptyQueryAsync(stop);
                return;
            }
            foreach (ParsedStatement parsed in statements)
            {
                _clock.BeginStatement(_state);
                PreparedStatement statement = new("", sql, parsed.Statement, [], _state.StatementMicros);
                CheckAllowed(statement.Statement);
                using Portal portal = Prepare(statement, default, default, statements.Count == 1);
                await portal.RunAsync(0, parsed == statements[^1] ? new CommittingSink(sink, _state.Transactions) : sink, scope.Token);
            }
            if (_state.Transactions.State == BlockState.Implicit) _state.Transactions.Commit();
        }
        catch (Exception e)
        {
            _state.Transactions.Fail();
            Rethrow(e, scope);
        }
        finally
        {
            _idle.Start(_state);
        }
    }

    public ValueTask ParseAsync(string statement, string sql, ReadOnlyMemory<uint> parameterTypes, CancellationToken stop)
    {
        using StatementScope scope = Begin(sql, stop);
        try
        {
            IReadOnlyList<ParsedStatement> parsed = SqlParser.Parse(sql);
            if (parsed.Count > 1) throw new SqlException(SqlState.SyntaxError, "cannot insert multiple commands into a prepared statement");
            Statement? only = parsed.Count == 0 ? null : parsed[0].Statement;
            CheckAllowed(only);
            if (statement.Length > 0 && _state.Statements.ContainsKey(statement))
                throw new SqlException(SqlState.DuplicatePreparedStatement, $"prepared statement \"{statement}\" already exists");
            PreparedStatement prepared = new(statement, sql, only, parameterTypes.ToArray(), _state.StatementMicros);
            if (prepared.Query is not null)
            {
                EnterStatement();
                prepared.PlanAndLock(_state);
            }
            _state.Statements[statement] = prepared;
        }
        catch (Exception e)
        {
            Rethrow(e, scope);
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask<StatementDescription> DescribeStatementAsync(string statement, CancellationToken stop)
    {
        PreparedStatement prepared = FindStatement(statement);
        if (prepared.Statement is not null && !StatementKinds.EndsFailedBlock(prepared.Statement)) _state.Transactions.CheckUsable();
        IReadOnlyList<ResultColumn>? columns = null;
        if (prepared.IsQuery)
        {
            QueryPlan plan = prepared.Plan(_state);
            if (plan.Columns.Count > 0 || plan.Kind == QueryKind.Select) columns = ResultColumns.Of(plan.Columns, _state.Catalog);
        }
        else if (prepared.Statement is not null) columns = _utility.Describe(prepared.Statement);
        return ValueTask.FromResult(new StatementDescription([.. prepared.ParameterTypes(_state).Select(t => t.Oid)], columns));
    }

    public ValueTask BindAsync(string portal, string statement, BoundValues values, ReadOnlyMemory<short> resultFormats, CancellationToken stop)
    {
        PreparedStatement prepared = FindStatement(statement);
        using StatementScope scope = Begin(prepared.Sql, stop);
        try
        {
            CheckAllowed(prepared.Statement);
            if (portal.Length > 0 && _state.Portals.ContainsKey(portal)) throw new SqlException(SqlState.DuplicateCursor, $"cursor \"{portal}\" already exists");
            if (portal.Length == 0 && _state.Portals.Remove("", out Portal? previous)) previous.Dispose();
            if (prepared.Query is not null) EnterStatement();
            _state.Portals[portal] = Prepare(prepared, values, resultFormats, isAlone: false);
        }
        catch (Exception e)
        {
            Rethrow(e, scope);
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask<RowDescription?> DescribePortalAsync(string portal, CancellationToken stop) => ValueTask.FromResult(FindPortal(portal).Description);

    public async ValueTask ExecuteAsync(string portal, int maxRows, IResultSink sink, CancellationToken stop)
    {
        Portal running = FindPortal(portal);
        using StatementScope scope = Begin(null, stop);
        try
        {
            _clock.BeginStatement(_state);
            await running.RunAsync(maxRows, sink, scope.Token);
        }
        catch (Exception e)
        {
            Rethrow(e, scope);
        }
    }

    public ValueTask CloseStatementAsync(string statement)
    {
        _state.Statements.Remove(statement);
        return ValueTask.CompletedTask;
    }

    public ValueTask ClosePortalAsync(string portal)
    {
        if (_state.Portals.Remove(portal, out Portal? closed)) closed.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask SyncAsync(CancellationToken stop)
    {
        if (_state.Transactions.State == BlockState.Implicit) _state.Transactions.Commit();
        _idle.Start(_state);
        return ValueTask.CompletedTask;
    }

    public ValueTask FailAsync(CancellationToken stop)
    {
        _state.Transactions.Fail();
        return ValueTask.CompletedTask;
    }

    public void Cancel() => _clock.Cancel(CancelReason.UserRequest);

    public IReadOnlyList<KeyValuePair<string, string>> TakeChangedParameters() => _state.Settings.TakeReported();

    public IReadOnlyList<Notice> TakeNotices() => _state.TakeNotices();

    public IReadOnlyList<Notification> TakeNotifications() => _state.Transactions.State == BlockState.Idle ? _state.Inbox.Take() : [];

    /// <summary>pg_terminate_backend, DROP DATABASE … WITH (FORCE): ends the session from another one.</summary>
    public void Terminate() => End(new SqlException(SqlState.AdminShutdown, "terminating connection due to administrator command") { IsFatal = true });

    private void End(SqlException reason)
    {
        Termination = reason;
        _clock.Cancel(CancelReason.Termination);
        WakeUp?.Invoke();
    }

    /// <summary>The session as pg_stat_activity shows it.</summary>
    /// <param name="waitEvent">What lock it waits for, if any.</param>
    public SessionInfo Describe(string? waitEvent)
    {
        SessionIdentity identity = _state.Identity;
        string state = _clock.IsRunning ? "active" : _state.Transactions.State switch
        {
            BlockState.Failed => "idle in transaction (aborted)",
            BlockState.Explicit => "idle in transaction",
            _ => "idle",
        };
        System.Net.IPEndPoint? client = identity.Client as System.Net.IPEndPoint;
        return new SessionInfo(identity.ProcessId, identity.Database.Oid, identity.Database.Name, identity.User, _state.Settings.Find("application_name") ?? "", client?.Address.ToString(),
            client?.Port ?? -1, identity.StartMicros, _state.Transactions.State == BlockState.Idle ? 0 : _state.Transactions.StartMicros, _clock.QueryStartMicros, _clock.StateChangeMicros, state,
            _clock.Query, waitEvent is not null ? "Lock" : _clock.IsRunning ? null : "Client", waitEvent ?? (_clock.IsRunning ? null : "ClientRead"));
    }

    public ValueTask DisposeAsync()
    {
        _idle.Dispose();
        _clock.Cancel(CancelReason.Termination);
        _state.Transactions.Rollback();
        DropPortals(_ => true);
        _utility.DropTemporaryObjects();
        _state.Server.Notifications.Unlisten(_state.Inbox, null);
        _state.Services.Dispose();
        _clock.Dispose();
        _state.Server.Sessions.Remove(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A portal for the statement, its transaction begun where it needs one.</summary>
    private Portal Prepare(PreparedStatement prepared, BoundValues values, ReadOnlyMemory<short> formats, bool isAlone)
    {
        if (prepared.Statement is null) return new EmptyPortal();
        if (!prepared.IsQuery) return _utility.CreatePortal(prepared, values, formats, isAlone);
        EnterStatement();
        QueryPlan plan = prepared.PlanAndLock(_state);
        ReadOnlyRule.Check(plan, _state);
        Column[] parameters = ParameterDecoder.Decode(values, plan.ParameterTypes, _state.EvalContext());
        bool returnsRows = plan.Columns.Count > 0 || plan.Kind == QueryKind.Select;
        return new QueryPortal(_state, plan, parameters) { Description = returnsRows ? ResultColumns.Describe(plan.Columns, _state.Catalog, formats) : null };
    }

    private void EnterStatement()
    {
        _state.Transactions.Ensure().BeginStatement(_state.Settings.Statement.LockTimeoutMs, _state.Cancellation);
        _state.Transactions.NoteStatement();
    }

    private StatementScope Begin(string? sql, CancellationToken stop)
    {
        _idle.Stop();
        StatementScope scope = _clock.Begin(_state, sql, stop);
        _state.Cancellation = scope.Token;
        _state.Transactions.Current?.SetCancellation(scope.Token);
        return scope;
    }

    private void CheckAllowed(Statement? statement)
    {
        if (!StatementKinds.EndsFailedBlock(statement)) _state.Transactions.CheckUsable();
    }

    private PreparedStatement FindStatement(string name) => _state.Statements.TryGetValue(name, out PreparedStatement? found) ? found
        : throw new SqlException(SqlState.InvalidSqlStatementName, name.Length == 0 ? "unnamed prepared statement does not exist" : $"prepared statement \"{name}\" does not exist");

    private Portal FindPortal(string name) => _state.Portals.TryGetValue(name, out Portal? found) ? found
        : throw new SqlException(SqlState.InvalidCursorName, $"portal \"{name}\" does not exist");

    private void CheckDeferredConstraints(Storage.Contracts.ITransaction transaction)
    {
        if (_state.Transactions.Deferred.HasPending) _state.Transactions.Deferred.Check(transaction, _state.EvalContext(), _state.ExecutionOptions(), isCommit: true);
    }

    private void DropPortalsDeeperThan(int depth)
    {
        foreach ((string name, Portal portal) in _state.Portals.Where(p => p.Value is CursorPortal cursor && cursor.SavepointDepth > depth).ToArray())
        {
            _state.Portals.Remove(name);
            portal.Dispose();
        }
    }

    /// <summary>RELEASE: what was made within the savepoint belongs to what is around it.</summary>
    private void MoveCursorsUpTo(int depth)
    {
        foreach (CursorPortal cursor in _state.Portals.Values.OfType<CursorPortal>()) cursor.SavepointDepth = Math.Min(cursor.SavepointDepth, depth);
    }

    private void DropPortals(Func<Portal, bool> condition)
    {
        foreach ((string name, Portal portal) in _state.Portals.ToArray())
        {
            if (!condition(portal)) continue;
            _state.Portals.Remove(name);
            portal.Dispose();
        }
    }

    [DoesNotReturn]
    private static void Rethrow(Exception e, StatementScope scope)
    {
        // A wait for a lock that was cut short only knows that it was.
        if (e is OperationCanceledException or SqlException { SqlState: SqlState.QueryCanceled } && scope.Reason is { } reason) throw reason;
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e);
    }

    private sealed class EmptyPortal : Portal
    {
        public override async ValueTask RunAsync(int maxRows, IResultSink sink, CancellationToken stop)
        {
            IsFinished = true;
            await sink.EmptyQueryAsync(stop);
        }
    }
}

/// <summary>Result columns as the wire describes them.</summary>
internal static class ResultColumns
{
    /// <summary>A domain's values show as its base type's: clients know no domains.</summary>
    public static IReadOnlyList<ResultColumn> Of(IReadOnlyList<PlanColumn> columns, CatalogSnapshot catalog) => [.. columns.Select(c =>
    {
        SqlType type = c.Type;
        while (catalog.Find<TypeObject>(type.Oid) is { Kind: 'd' } domain) type = domain.BaseType;
        return new ResultColumn(c.Name, type, c.TableOid, c.TableColumn, LengthOf(type.Oid));
    })];

    public static RowDescription Describe(IReadOnlyList<PlanColumn> columns, CatalogSnapshot catalog, ReadOnlyMemory<short> formats) => Describe(Of(columns, catalog), formats);

    public static RowDescription Describe(IReadOnlyList<ResultColumn> columns, ReadOnlyMemory<short> formats)
    {
        if (formats.Length > 1 && formats.Length != columns.Count)
            throw new SqlException(SqlState.ProtocolViolation, $"bind message has {formats.Length} result formats but query has {columns.Count} columns");
        return new RowDescription(columns, [.. columns.Select((_, place) => ParameterDecoder.FormatOf(formats.Span, place))]);
    }

    public static ResultColumn Text(string name) => new(name, SqlType.Text, 0, 0, -1);

    public static short LengthOf(uint typeOid) => Builtins.FindType(typeOid)?.Length ?? -1;
}
