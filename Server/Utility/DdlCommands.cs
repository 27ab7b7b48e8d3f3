using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Executor.Ddl;
using VecSql.Parser.Ast;
using VecSql.Server.Sessions;
using VecSql.Storage.Contracts;
using VecSql.Wire;
using VecSql.Wire.Authentication;
using IsolationLevel = VecSql.Storage.Contracts.IsolationLevel;

namespace VecSql.Server.Utility;

/// <summary>Everything that changes the catalog: runs in the session's transaction, but for databases, which are made and dropped at once.</summary>
internal sealed class DdlCommands(SessionState session) : UtilityFamily(session)
{
    public override ValueTask<CommandResult> RunAsync(UtilityCall call, IResultSink sink, CancellationToken stop)
    {
        Statement statement = call.Statement is SelectStatement select ? SelectInto(select) : call.Statement;
        if (statement is CreateDatabaseStatement or DropDatabaseStatement or VacuumStatement) RefuseInBlock(call, StatementNames.Of(statement));
        if (ConcurrentForm(statement) is { } concurrent) RefuseInBlock(call, concurrent);
        ITransaction transaction = EnterStatement();
        if (transaction.IsReadOnly && statement is not (AnalyzeStatement or CheckpointStatement))
            throw new SqlException(SqlState.ReadOnlySqlTransaction, $"cannot execute {StatementNames.Of(statement)} in a read-only transaction");
        if (statement is DropDatabaseStatement { Force: true } drop) EndSessionsOf(drop.Name);
        return ValueTask.FromResult(new CommandResult(DdlExecutor.Execute(statement, Context(transaction))));
    }

    /// <summary>What PostgreSQL does in several transactions is heard only outside of one.</summary>
    private static string? ConcurrentForm(Statement statement) => statement switch
    {
        CreateIndexStatement { Concurrently: true } => "CREATE INDEX CONCURRENTLY",
        DropStatement { Concurrently: true } => "DROP INDEX CONCURRENTLY",
        ReindexStatement { Concurrently: true } => "REINDEX CONCURRENTLY",
        ReindexStatement { Kind: ReindexKind.Database or ReindexKind.System or ReindexKind.Schema } reindex => "REINDEX " + reindex.Kind.ToString().ToUpperInvariant(),
        _ => null,
    };

    /// <summary>The session ends: its temporary schema goes with all that is in it.</summary>
    public void DropTemporaryObjects()
    {
        if (Session.TemporarySchema == 0) return;
        using ITransaction transaction = Session.Store.Begin(IsolationLevel.ReadCommitted, isReadOnly: false, Session.Identity.ProcessId);
        transaction.BeginStatement(0, CancellationToken.None);
        foreach (CatalogObject temporary in transaction.Catalog.Objects.Where(o => o.SchemaOid == Session.TemporarySchema).ToArray())
        {
            // A table's indexes go with it.
            if (transaction.Catalog.Find<CatalogObject>(temporary.Oid) is not null) transaction.Drop(temporary.Oid);
        }
        if (transaction.Catalog.Find<SchemaObject>(Session.TemporarySchema) is not null) transaction.Drop(Session.TemporarySchema);
        transaction.Commit();
    }

    private DdlContext Context(ITransaction transaction) => new()
    {
        Transaction = transaction,
        Store = Session.Store,
        Instance = Session.Server.Instance,
        Planner = Session.Server.Planner,
        Planning = () => Session.PlanningContext(),
        Evaluation = () => Session.EvalContext(),
        Execution = Session.ExecutionOptions(),
        Notice = Session.Notice,
        CurrentUser = Session.CurrentUser,
        PasswordVerifier = password => ScramVerifier.Parse(password) is not null ? password : ScramVerifier.Create(password).ToString(),
        TemporarySchema = () => TemporarySchema(transaction),
        IsInUse = table => Session.Portals.Values.Any(p => p.Reads(table)),
    };

    private uint TemporarySchema(ITransaction transaction)
    {
        if (Session.TemporarySchema != 0 && transaction.Catalog.Find<SchemaObject>(Session.TemporarySchema) is not null) return Session.TemporarySchema;
        SchemaObject schema = new() { Oid = transaction.AllocateOid(), Name = $"pg_temp_{Session.Identity.ProcessId}" };
        transaction.Put(schema);
        Session.TemporarySchema = schema.Oid;
        return schema.Oid;
    }

    private void EndSessionsOf(string database)
    {
        foreach (Session other in Session.Server.Sessions.All.Where(s => s.State.Identity.Database.Name == database)) other.Terminate();
        long deadline = Environment.TickCount64 + 5_000;
        while (Session.Server.Sessions.All.Any(s => s.State.Identity.Database.Name == database) && Environment.TickCount64 < deadline) Thread.Sleep(10);
    }

    /// <summary>SELECT … INTO t is CREATE TABLE t AS SELECT ….</summary>
    private static CreateTableAsStatement SelectInto(SelectStatement select)
    {
        IntoClause into = StatementKinds.InnermostCore(select.Body)!.Into!;
        return new CreateTableAsStatement(into.Table, [])
        {
            Persistence = into.Persistence, Query = select with { Body = WithoutInto(select.Body) }, Span = select.Span,
        };
    }

    private static SelectBody WithoutInto(SelectBody body) => body switch
    {
        SelectCore core => core with { Into = null },
        SetOperation operation => operation with { Left = WithoutInto(operation.Left) },
        NestedSelect nested => nested with { Select = nested.Select with { Body = WithoutInto(nested.Select.Body) } },
        _ => body,
    };
}
