using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Server.Sessions;
using VecSql.Storage.Contracts;
using VecSql.Wire;

namespace VecSql.Server.Utility;

/// <summary>
/// Statements that aren't planned: told apart here, run by the class of their family. Everything else that changes the catalog goes to <see cref="DdlCommands"/>.
/// To add one: its arm in <see cref="FamilyOf"/>; a test proves that every statement of the grammar is handled or refused by name.
/// </summary>
public sealed class UtilityCommands
{
    private readonly SessionState _session;
    private readonly TransactionCommands _transactions;
    private readonly SettingCommands _settings;
    private readonly PreparedCommands _prepared;
    private readonly CursorCommands _cursors;
    private readonly ExplainCommand _explain;
    private readonly CopyCommand _copy;
    private readonly NotificationCommands _notifications;
    private readonly DdlCommands _ddl;

    public UtilityCommands(SessionState session)
    {
        _session = session;
        _transactions = new TransactionCommands(session);
        _settings = new SettingCommands(session);
        _prepared = new PreparedCommands(session, this);
        _cursors = new CursorCommands(session);
        _explain = new ExplainCommand(session);
        _copy = new CopyCommand(session);
        _notifications = new NotificationCommands(session);
        _ddl = new DdlCommands(session);
    }

    /// <summary>The columns that the statement shows; null if none.</summary>
    public IReadOnlyList<ResultColumn>? Describe(Statement statement) => FamilyOf(statement).Describe(statement);

    public Portal CreatePortal(PreparedStatement prepared, BoundValues values, ReadOnlyMemory<short> formats, bool isAlone)
    {
        Statement statement = prepared.Statement!;
        UtilityFamily family = FamilyOf(statement);
        if (family.CreatePortal(statement, values, formats) is { } own) return own;
        IReadOnlyList<ResultColumn>? columns = family.Describe(statement);
        Column[] parameters = values.Values.Length == 0 || prepared.Query is null ? [] : ParameterDecoder.Decode(values, prepared.Plan(_session).ParameterTypes, _session.EvalContext());
        return new CommandPortal((sink, stop) => family.RunAsync(new UtilityCall(statement, prepared, parameters, isAlone), sink, stop))
        {
            Description = columns is null ? null : ResultColumns.Describe(columns, formats),
        };
    }

    /// <summary>Before a commit: cursors WITH HOLD take all their rows.</summary>
    public void KeepHeldCursors(ITransaction transaction) => _cursors.KeepHeld();

    /// <summary>The session ends.</summary>
    public void DropTemporaryObjects() => _ddl.DropTemporaryObjects();

    private UtilityFamily FamilyOf(Statement statement) => statement switch
    {
        TransactionStatement or SetTransactionStatement or SetConstraintsStatement or LockTableStatement => _transactions,
        SetStatement or ShowStatement or ResetStatement or DiscardStatement or AlterSystemStatement => _settings,
        PrepareStatement or ExecuteStatement or DeallocateStatement => _prepared,
        DeclareCursorStatement or FetchStatement or CloseStatement => _cursors,
        ExplainStatement => _explain,
        CopyStatement => _copy,
        ListenStatement or UnlistenStatement or NotifyStatement => _notifications,
        _ => _ddl,
    };
}

/// <summary>Statements of one family.</summary>
public abstract class UtilityFamily(SessionState session)
{
    protected SessionState Session { get; } = session;

    /// <summary>The columns that the statement shows; null if none.</summary>
    public virtual IReadOnlyList<ResultColumn>? Describe(Statement statement) => null;

    /// <summary>A portal of the family's own kind, where running whole isn't right (EXECUTE of a query); null otherwise.</summary>
    public virtual Portal? CreatePortal(Statement statement, BoundValues values, ReadOnlyMemory<short> formats) => null;

    public abstract ValueTask<CommandResult> RunAsync(UtilityCall call, IResultSink sink, CancellationToken stop);

    /// <summary>Begins a statement in the session's transaction, which begins if there is none.</summary>
    protected ITransaction EnterStatement()
    {
        ITransaction transaction = Session.Transactions.Ensure();
        transaction.BeginStatement(Session.Settings.Statement.LockTimeoutMs, Session.Cancellation);
        Session.Transactions.NoteStatement();
        return transaction;
    }

    /// <summary>25001 inside BEGIN or among other statements: what commits by itself.</summary>
    protected void RefuseInBlock(UtilityCall call, string what)
    {
        if (Session.Transactions.State is BlockState.Explicit or BlockState.Failed)
            throw new SqlException(SqlState.ActiveSqlTransaction, $"{what} cannot run inside a transaction block");
        if (Session.Transactions.State is BlockState.Implicit && !call.IsAlone)
            throw new SqlException(SqlState.ActiveSqlTransaction, $"{what} cannot be executed from a function or multi-command string");
    }
}

/// <summary>A utility statement to run.</summary>
/// <param name="Parameters">Bind's, for the query that DECLARE or EXPLAIN holds.</param>
/// <param name="IsAlone">It is the only statement of a query string.</param>
public sealed record UtilityCall(Statement Statement, PreparedStatement Prepared, Column[] Parameters, bool IsAlone)
{
    public string Sql => Prepared.Sql;
}
