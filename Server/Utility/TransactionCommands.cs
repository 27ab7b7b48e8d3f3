using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Server.Sessions;
using VecSql.Storage.Contracts;
using VecSql.Wire;
using IsolationLevel = VecSql.Storage.Contracts.IsolationLevel;

namespace VecSql.Server.Utility;

/// <summary>BEGIN, COMMIT, ROLLBACK, savepoints, SET TRANSACTION, SET CONSTRAINTS, LOCK TABLE.</summary>
internal sealed class TransactionCommands(SessionState session) : UtilityFamily(session)
{
    public override ValueTask<CommandResult> RunAsync(UtilityCall call, IResultSink sink, CancellationToken stop) => ValueTask.FromResult(new CommandResult(call.Statement switch
    {
        TransactionStatement statement => Run(statement),
        SetTransactionStatement statement => SetTransaction(statement),
        SetConstraintsStatement statement => SetConstraints(statement),
        LockTableStatement statement => LockTable(statement),
        _ => throw Invariant.Unreachable(call.Statement),
    }));

    private string Run(TransactionStatement statement)
    {
        TransactionBlock block = Session.Transactions;
        switch (statement.Command)
        {
            case TransactionCommand.Begin or TransactionCommand.Start:
                if (!block.Begin(LevelOf(statement.Modes), statement.Modes?.IsReadOnly, statement.Modes?.IsDeferrable))
                    Session.Warning(SqlState.ActiveSqlTransaction, "there is already a transaction in progress");
                return statement.Command == TransactionCommand.Begin ? "BEGIN" : "START TRANSACTION";
            case TransactionCommand.Commit:
                return Commit(statement);
            case TransactionCommand.Rollback:
                if (statement.Chain) RequireBlock("ROLLBACK AND CHAIN");
                WarnUnlessInBlock();
                (IsolationLevel Level, bool ReadOnly, bool Deferrable) characteristics = Characteristics();
                block.Rollback();
                if (statement.Chain) Chain(characteristics);
                return "ROLLBACK";
            case TransactionCommand.Savepoint:
                RequireBlock("SAVEPOINT");
                block.SetSavepoint(statement.Name!);
                return "SAVEPOINT";
            case TransactionCommand.ReleaseSavepoint:
                RequireBlock("RELEASE SAVEPOINT");
                block.Release(statement.Name!);
                return "RELEASE";
            case TransactionCommand.RollbackToSavepoint:
                RequireBlock("ROLLBACK TO SAVEPOINT");
                block.RollbackTo(statement.Name!);
                return "ROLLBACK";
            case TransactionCommand.PrepareTransaction or TransactionCommand.CommitPrepared or TransactionCommand.RollbackPrepared:
                throw SqlException.NotSupported("two-phase commit by SQL (PREPARE TRANSACTION)", statement.Span.Start);
            default:
                throw Invariant.Unreachable(statement.Command);
        }
    }

    private string Commit(TransactionStatement statement)
    {
        if (statement.Chain) RequireBlock("COMMIT AND CHAIN");
        WarnUnlessInBlock();
        (IsolationLevel Level, bool ReadOnly, bool Deferrable) characteristics = Characteristics();
        bool committed = Session.Transactions.Commit();
        if (statement.Chain) Chain(characteristics);
        return committed ? "COMMIT" : "ROLLBACK";
    }

    private void Chain((IsolationLevel Level, bool ReadOnly, bool Deferrable) characteristics) =>
        Session.Transactions.Begin(characteristics.Level, characteristics.ReadOnly, characteristics.Deferrable);

    private (IsolationLevel Level, bool ReadOnly, bool Deferrable) Characteristics() =>
        Session.Transactions.Current is { } current ? (current.Isolation, current.IsReadOnly, Session.Transactions.IsDeferrable) : (IsolationLevel.ReadCommitted, false, false);

    private string SetTransaction(SetTransactionStatement statement)
    {
        if (statement.Snapshot is not null) throw SqlException.NotSupported("SET TRANSACTION SNAPSHOT", statement.Span.Start);
        if (statement.IsSessionCharacteristics)
        {
            if (LevelOf(statement.Modes) is { } level) Session.Settings.Set("default_transaction_isolation", TransactionBlock.NameOf(level), isLocal: false);
            if (statement.Modes.IsReadOnly is { } readOnly) Session.Settings.Set("default_transaction_read_only", readOnly ? "on" : "off", isLocal: false);
            if (statement.Modes.IsDeferrable is { } deferrable) Session.Settings.Set("default_transaction_deferrable", deferrable ? "on" : "off", isLocal: false);
            return "SET";
        }
        if (Session.Transactions.State is BlockState.Idle or BlockState.Implicit)
            Session.Warning(SqlState.NoActiveSqlTransaction, "SET TRANSACTION can only be used in transaction blocks");
        else Session.Transactions.SetCharacteristics(LevelOf(statement.Modes), statement.Modes.IsReadOnly, statement.Modes.IsDeferrable);
        return "SET";
    }

    private string SetConstraints(SetConstraintsStatement statement)
    {
        if (Session.Transactions.State is BlockState.Idle or BlockState.Implicit)
            Session.Warning(SqlState.NoActiveSqlTransaction, "SET CONSTRAINTS can only be used in transaction blocks");
        ITransaction transaction = EnterStatement();
        Session.Transactions.Deferred.SetMode(statement.Constraints.Count == 0 ? null : [.. statement.Constraints.SelectMany(FindConstraints)], statement.Deferred);
        if (!statement.Deferred) Session.Transactions.Deferred.Check(transaction, Session.EvalContext(), Session.ExecutionOptions(), isCommit: false);
        return "SET CONSTRAINTS";
    }

    /// <summary>All constraints of that name in the schema named, or in the search path.</summary>
    private IEnumerable<uint> FindConstraints(QualifiedName name)
    {
        CatalogSnapshot catalog = Session.Catalog;
        IReadOnlyList<uint> schemas = name.Schema is { } schema ? [catalog.FindSchema(schema)?.Oid ?? 0] : Session.SearchPath(catalog);
        ConstraintObject[] found = [.. catalog.Relations.OfType<TableObject>().Where(t => schemas.Contains(t.Schema)).SelectMany(t => t.Constraints).Where(c => c.Name == name.Name)];
        if (found.Length == 0) throw new SqlException(SqlState.UndefinedObject, $"constraint \"{name.Name}\" does not exist", name.Span.Start);
        if (found.FirstOrDefault(c => !c.IsDeferrable) is { } fixedOne) throw new SqlException(SqlState.WrongObjectType, $"constraint \"{fixedOne.Name}\" is not deferrable", name.Span.Start);
        return found.Select(c => c.Oid);
    }

    private string LockTable(LockTableStatement statement)
    {
        RequireBlock("LOCK TABLE");
        ITransaction transaction = EnterStatement();
        NameResolver names = new(Session);
        foreach (TableRef table in statement.Tables)
        {
            RelationObject relation = names.Relation(table.Name);
            if (relation is not TableObject) throw new SqlException(SqlState.WrongObjectType, $"\"{relation.Name}\" is not a table or view", table.Span.Start);
            transaction.LockTable(relation.Oid, (TableLockMode)statement.Mode, statement.NoWait ? LockWaitPolicy.NoWait : LockWaitPolicy.Wait);
        }
        return "LOCK TABLE";
    }

    private void WarnUnlessInBlock()
    {
        if (Session.Transactions.State is BlockState.Idle or BlockState.Implicit)
            Session.Warning(SqlState.NoActiveSqlTransaction, "there is no transaction in progress");
    }

    private void RequireBlock(string what)
    {
        if (Session.Transactions.State is BlockState.Idle or BlockState.Implicit)
            throw new SqlException(SqlState.NoActiveSqlTransaction, $"{what} can only be used in transaction blocks");
    }

    private static IsolationLevel? LevelOf(TransactionModes? modes) => modes?.Isolation switch
    {
        null => null,
        Parser.Ast.IsolationLevel.Serializable => IsolationLevel.Serializable,
        Parser.Ast.IsolationLevel.RepeatableRead => IsolationLevel.RepeatableRead,
        _ => IsolationLevel.ReadCommitted,
    };
}
