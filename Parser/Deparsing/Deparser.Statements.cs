using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Parser.Deparsing;

/// <summary>Statements by kind; transactions, settings, cursors, maintenance.</summary>
public sealed partial class Deparser
{
    private Deparser Write(Statement statement) => statement switch
    {
        SelectStatement s => Write(s),
        InsertStatement s => Write(s),
        UpdateStatement s => Write(s),
        DeleteStatement s => Write(s),
        MergeStatement s => Write(s),
        OtherStatement s => Add(s.Text),
        CreateTableStatement or CreateTableAsStatement or AlterTableStatement or CreateIndexStatement => WriteTableStatement(statement),
        TransactionStatement or SetConstraintsStatement or SetStatement or SetTransactionStatement or ShowStatement or ResetStatement or AlterSystemStatement
            or DiscardStatement => WriteSession(statement),
        PrepareStatement or ExecuteStatement or DeallocateStatement or DeclareCursorStatement or FetchStatement or CloseStatement or ExplainStatement
            => WriteQueryHandling(statement),
        CopyStatement or TruncateStatement or LockTableStatement or CallStatement or VacuumStatement or AnalyzeStatement or ClusterStatement or ReindexStatement
            or CheckpointStatement or LoadStatement or ListenStatement or UnlistenStatement or NotifyStatement or DoStatement => WriteUtility(statement),
        _ => WriteObjectStatement(statement),
    };

    // Transactions and settings

    private Deparser WriteSession(Statement statement)
    {
        switch (statement)
        {
            case TransactionStatement s:
                return Write(s);
            case SetConstraintsStatement s:
                Add("SET CONSTRAINTS ");
                if (s.Constraints.Count == 0) Add("ALL");
                else List(s.Constraints, c => Name(c));
                return Add(s.Deferred ? " DEFERRED" : " IMMEDIATE");
            case SetStatement s:
                Add("SET ").If(s.Scope == SetScope.Local, "LOCAL ");
                return Assigned(s);
            case SetTransactionStatement { Snapshot: { } snapshot }:
                return Add("SET TRANSACTION SNAPSHOT ").Literal(snapshot);
            case SetTransactionStatement s:
                return Add(s.IsSessionCharacteristics ? "SET SESSION CHARACTERISTICS AS TRANSACTION" : "SET TRANSACTION").Modes(s.Modes);
            case ShowStatement s:
                return Add("SHOW ").Setting(s.Name);
            case ResetStatement s:
                return Add("RESET ").Setting(s.Name);
            case AlterSystemStatement { Setting: SetStatement set }:
                return Add("ALTER SYSTEM SET ").Assigned(set);
            case AlterSystemStatement s:
                return Add("ALTER SYSTEM ").Write(s.Setting);
            case DiscardStatement s:
                return Add("DISCARD ").Add(s.Kind.ToString().ToUpperInvariant());
            default:
                throw Invariant.Unreachable(statement);
        }
    }

    private Deparser Setting(string name) => name == "all" ? Add("ALL") : List(name.Split('.'), p => Name(p), ".");

    private Deparser Assigned(SetStatement s)
    {
        if (s.Values is [{ Interval: { } interval }]) return Add("TIME ZONE ").Write(interval);
        List(s.Name.Split('.'), p => Name(p), ".");
        if (s.FromCurrent) return Add(" FROM CURRENT");
        return s.Values is null ? Add(" TO DEFAULT") : Add(" TO ").List(s.Values, v => Write(new OptionValue(v.Kind, v.Text)));
    }

    private Deparser Modes(TransactionModes modes)
    {
        List<string> words = [];
        if (modes.Isolation is { } level)
        {
            words.Add(" ISOLATION LEVEL " + level switch
            {
                IsolationLevel.ReadUncommitted => "READ UNCOMMITTED",
                IsolationLevel.ReadCommitted => "READ COMMITTED",
                IsolationLevel.RepeatableRead => "REPEATABLE READ",
                _ => "SERIALIZABLE",
            });
        }
        if (modes.IsReadOnly is { } isReadOnly) words.Add(isReadOnly ? " READ ONLY" : " READ WRITE");
        if (modes.IsDeferrable is { } isDeferrable) words.Add(isDeferrable ? " DEFERRABLE" : " NOT DEFERRABLE");
        return List(words, w => Add(w), ",");
    }

    private Deparser Write(TransactionStatement s)
    {
        Add(s.Command switch
        {
            TransactionCommand.Begin => "BEGIN",
            TransactionCommand.Start => "START TRANSACTION",
            TransactionCommand.Commit => "COMMIT",
            TransactionCommand.Rollback => "ROLLBACK",
            TransactionCommand.Savepoint => "SAVEPOINT ",
            TransactionCommand.ReleaseSavepoint => "RELEASE SAVEPOINT ",
            TransactionCommand.RollbackToSavepoint => "ROLLBACK TO SAVEPOINT ",
            TransactionCommand.PrepareTransaction => "PREPARE TRANSACTION ",
            TransactionCommand.CommitPrepared => "COMMIT PREPARED ",
            TransactionCommand.RollbackPrepared => "ROLLBACK PREPARED ",
            _ => throw Invariant.Unreachable(s.Command),
        });
        if (s.Command is TransactionCommand.PrepareTransaction or TransactionCommand.CommitPrepared or TransactionCommand.RollbackPrepared) Literal(s.Name!);
        else if (s.Name is not null) Name(s.Name);
        if (s.Modes is not null) Modes(s.Modes);
        return If(s.Chain, " AND CHAIN");
    }

    // Prepared statements, cursors, EXPLAIN

    private Deparser WriteQueryHandling(Statement statement)
    {
        switch (statement)
        {
            case PrepareStatement s:
                Add("PREPARE ").Name(s.Name);
                if (s.ParameterTypes.Count > 0) Add(" ").Parenthesized(s.ParameterTypes, t => Write(t));
                return Add(" AS ").Write(s.Query);
            case ExecuteStatement s:
                Add("EXECUTE ").Name(s.Name);
                return s.Arguments.Count == 0 ? this : Add("(").Expressions(s.Arguments).Add(")");
            case DeallocateStatement s:
                return s.Name is null ? Add("DEALLOCATE ALL") : Add("DEALLOCATE ").Name(s.Name);
            case DeclareCursorStatement s:
                Add("DECLARE ").Name(s.Name).If(s.IsBinary, " BINARY").Add(s.Insensitive switch { true => " INSENSITIVE", false => " ASENSITIVE", _ => "" });
                Add(s.Scroll switch { true => " SCROLL", false => " NO SCROLL", _ => "" }).Add(" CURSOR").If(s.WithHold, " WITH HOLD");
                return Add(" FOR ").Write(s.Query);
            case FetchStatement s:
                string count = s.Count == FetchStatement.All ? "ALL" : s.Count.ToString();
                return Add(s.IsMove ? "MOVE " : "FETCH ").Add(s.Direction.ToString().ToUpperInvariant()).Add(" ").Add(count).Add(" FROM ").Name(s.Cursor);
            case CloseStatement s:
                return s.Name is null ? Add("CLOSE ALL") : Add("CLOSE ").Name(s.Name);
            case ExplainStatement s:
                Add("EXPLAIN ");
                if (s.Options.Count > 0) Parenthesized(s.Options, o => WriteSpaced(o)).Add(" ");
                return Write(s.Statement);
            default:
                throw Invariant.Unreachable(statement);
        }
    }

    // Maintenance and data transfer

    private Deparser WriteUtility(Statement statement)
    {
        switch (statement)
        {
            case CopyStatement s:
                return Write(s);
            case TruncateStatement s:
                return Add("TRUNCATE ").List(s.Tables, t => Table(t)).If(s.RestartIdentity, " RESTART IDENTITY").Behavior(s.Behavior);
            case LockTableStatement s:
                return Add("LOCK TABLE ").List(s.Tables, t => Table(t)).Add(" IN ").Add(Words(s.Mode)).Add(" MODE").If(s.NoWait, " NOWAIT");
            case CallStatement s:
                return Add("CALL ").Write((Expression)s.Call);
            case VacuumStatement s:
                return Maintenance("VACUUM", s.Options, s.Targets);
            case AnalyzeStatement s:
                return Maintenance("ANALYZE", s.Options, s.Targets);
            case ClusterStatement s:
                Add("CLUSTER");
                // Without a table only the old form may stand.
                if (s.Table is null) return If(s.Options.Count > 0, " VERBOSE");
                if (s.Options.Count > 0) Add(" ").Parenthesized(s.Options, o => WriteSpaced(o));
                return Add(" ").Name(s.Table).Optional(" USING ", s.Index);
            case ReindexStatement s:
                Add("REINDEX ");
                if (s.Options.Count > 0) Parenthesized(s.Options, o => WriteSpaced(o)).Add(" ");
                return Add(s.Kind.ToString().ToUpperInvariant()).Add(" ").If(s.Concurrently, "CONCURRENTLY ").Name(s.Name);
            case CheckpointStatement:
                return Add("CHECKPOINT");
            case LoadStatement s:
                return Add("LOAD ").Literal(s.Library);
            case ListenStatement s:
                return Add("LISTEN ").Name(s.Channel);
            case UnlistenStatement s:
                return s.Channel is null ? Add("UNLISTEN *") : Add("UNLISTEN ").Name(s.Channel);
            case NotifyStatement s:
                Add("NOTIFY ").Name(s.Channel);
                return s.Payload is null ? this : Add(", ").Literal(s.Payload);
            case DoStatement s:
                return Add("DO ").If(s.Language is not null, "LANGUAGE " + Quoting.Identifier(s.Language ?? "") + " ").Literal(s.Code);
            default:
                throw Invariant.Unreachable(statement);
        }
    }

    private Deparser Maintenance(string verb, IReadOnlyList<Option> options, IReadOnlyList<MaintenanceTarget> targets)
    {
        Add(verb);
        if (options.Count > 0) Add(" ").Parenthesized(options, o => WriteSpaced(o));
        return targets.Count == 0 ? this : Add(" ").List(targets, t => Name(t.Table).OptionalNames(t.Columns));
    }

    private static string Words(LockMode mode) => mode switch
    {
        LockMode.AccessShare => "ACCESS SHARE",
        LockMode.RowShare => "ROW SHARE",
        LockMode.RowExclusive => "ROW EXCLUSIVE",
        LockMode.ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
        LockMode.Share => "SHARE",
        LockMode.ShareRowExclusive => "SHARE ROW EXCLUSIVE",
        LockMode.Exclusive => "EXCLUSIVE",
        _ => "ACCESS EXCLUSIVE",
    };

    private Deparser Write(CopyStatement s)
    {
        Add("COPY ");
        if (s.Query is not null) Add("(").Write(s.Query).Add(")");
        else Name(s.Table!).OptionalNames(s.Columns);
        Add(s.IsFrom ? " FROM " : " TO ");
        switch (s.Target)
        {
            case CopyTarget.Stdin:
                Add("STDIN");
                break;
            case CopyTarget.Stdout:
                Add("STDOUT");
                break;
            default:
                If(s.Target == CopyTarget.Program, "PROGRAM ").Literal(s.FileName!);
                break;
        }
        if (s.Options.Count > 0) Add(" WITH ").Parenthesized(s.Options, o => WriteSpaced(o));
        return Optional(" WHERE ", s.Where);
    }
}
