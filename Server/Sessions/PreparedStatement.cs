using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor;
using VecSql.Executor.Ddl;
using VecSql.Parser.Ast;
using VecSql.Planner;
using VecSql.Storage.Contracts;

namespace VecSql.Server.Sessions;

/// <summary>
/// A parsed statement with its plan, planned again when the catalog, the search path or a setting that steers planning changed. Made by Parse, by PREPARE, and for each statement of a query string.
/// </summary>
public sealed class PreparedStatement
{
    private readonly IReadOnlyList<uint> _declaredTypes;
    private QueryPlan? _plan;
    private long _catalogVersion = -1;
    private long _settingsVersion = -1;

    /// <summary>The role whose rights were found to be enough.</summary>
    private string? _checkedAs;

    /// <param name="statement">Null for an empty query string.</param>
    public PreparedStatement(string name, string sql, Statement? statement, IReadOnlyList<uint> declaredTypes, long createdMicros)
    {
        Name = name;
        Sql = sql;
        Statement = statement;
        _declaredTypes = declaredTypes;
        CreatedMicros = createdMicros;
    }

    public string Name { get; }
    public string Sql { get; }
    public Statement? Statement { get; }
    public long CreatedMicros { get; }

    /// <summary>Made by PREPARE rather than by the protocol's Parse.</summary>
    public bool IsFromSql { get; init; }

    /// <summary>True for what the planner plans: SELECT, VALUES, INSERT, UPDATE, DELETE.</summary>
    public bool IsQuery => Statement is { } statement && StatementKinds.IsQuery(statement);

    /// <summary>The query that its parameters belong to: itself, or the one that DECLARE or EXPLAIN holds; null for other statements.</summary>
    public Statement? Query => Statement switch
    {
        DeclareCursorStatement declare => declare.Query,
        ExplainStatement { Statement: { } explained } when StatementKinds.IsQuery(explained) => explained,
        _ => IsQuery ? Statement : null,
    };

    /// <summary>The plan of its <see cref="Query"/> for now.</summary>
    /// <exception cref="SqlException">What planning finds wrong; 0A000 if a plan's result columns are no longer those that were described.</exception>
    public QueryPlan Plan(SessionState session)
    {
        CatalogSnapshot catalog = session.Catalog;
        if (_plan is not null && _catalogVersion == catalog.Version && _settingsVersion == session.Settings.Version && _checkedAs == session.CurrentUser) return _plan;
        QueryPlan plan = session.Server.Planner.Plan(Query!, _plan is null ? _declaredTypes : [.. _plan.ParameterTypes.Select(t => t.Oid)], session.PlanningContext());
        if (_plan is not null && !SameColumns(_plan.Columns, plan.Columns))
        {
            throw new SqlException(SqlState.FeatureNotSupported, "cached plan must not change result type") { Routine = "RevalidateCachedQuery" };
        }
        StatementAccess.Check(Query!, session.Server.Planner, session.PlanningContext(), session.CurrentUser, [.. plan.ParameterTypes.Select(t => t.Oid)]);
        (_plan, _catalogVersion, _settingsVersion, _checkedAs) = (plan, catalog.Version, session.Settings.Version, session.CurrentUser);
        return plan;
    }

    /// <summary>
    /// The plan of its <see cref="Query"/>, with the locks of its tables taken. Where that had to wait, the statement begins anew: by the catalog and, in READ COMMITTED, with the rows of now.
    /// </summary>
    public QueryPlan PlanAndLock(SessionState session)
    {
        bool wasKnown = _plan is not null;
        while (true)
        {
            QueryPlan plan = Plan(session);
            ITransaction transaction = session.Transactions.Current!;
            if (!QueryLocks.Take(plan, transaction) && _catalogVersion == session.Catalog.Version) return plan;
            transaction.BeginStatement(session.Settings.Statement.LockTimeoutMs, session.Cancellation);
            // Nobody was told of this plan's columns yet.
            if (!wasKnown) _plan = null;
        }
    }

    public IReadOnlyList<SqlType> ParameterTypes(SessionState session) =>
        Query is not null ? Plan(session).ParameterTypes : [.. _declaredTypes.Select(oid => new SqlType(oid == TypeOid.Invalid ? TypeOid.Text : oid))];

    private static bool SameColumns(IReadOnlyList<PlanColumn> before, IReadOnlyList<PlanColumn> after) =>
        before.Count == after.Count && before.Zip(after).All(pair => pair.First.Name == pair.Second.Name && pair.First.Type == pair.Second.Type);
}

/// <summary>What kinds of statements there are to a session.</summary>
internal static class StatementKinds
{
    public static bool IsQuery(Statement statement) => statement is InsertStatement or UpdateStatement or DeleteStatement or MergeStatement
        || (statement is SelectStatement select && !IsSelectInto(select));

    public static bool IsSelectInto(SelectStatement select) => InnermostCore(select.Body) is { Into: not null };

    /// <summary>Heard in a failed transaction.</summary>
    public static bool EndsFailedBlock(Statement? statement) => statement is TransactionStatement
    {
        Command: TransactionCommand.Commit or TransactionCommand.Rollback or TransactionCommand.RollbackToSavepoint or TransactionCommand.PrepareTransaction,
    };

    public static SelectCore? InnermostCore(SelectBody body) => body switch
    {
        SelectCore core => core,
        SetOperation operation => InnermostCore(operation.Left),
        NestedSelect nested => InnermostCore(nested.Select.Body),
        _ => null,
    };
}
