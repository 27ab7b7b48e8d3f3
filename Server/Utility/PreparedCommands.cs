using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Executor;
using VecSql.Parser.Ast;
using VecSql.Planner;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;
using VecSql.Server.Sessions;
using VecSql.Wire;

namespace VecSql.Server.Utility;

/// <summary>PREPARE, EXECUTE, DEALLOCATE: the same prepared statements that Parse makes.</summary>
internal sealed class PreparedCommands(SessionState session, UtilityCommands utility) : UtilityFamily(session)
{
    public override IReadOnlyList<ResultColumn>? Describe(Statement statement)
    {
        if (statement is not ExecuteStatement execute) return null;
        PreparedStatement prepared = Find(execute.Name);
        if (!prepared.IsQuery) return prepared.Statement is null ? null : utility.Describe(prepared.Statement);
        QueryPlan plan = prepared.Plan(Session);
        return plan.Columns.Count > 0 || plan.Kind == QueryKind.Select ? ResultColumns.Of(plan.Columns, Session.Catalog) : null;
    }

    /// <summary>EXECUTE runs as its statement does.</summary>
    public override Portal? CreatePortal(Statement statement, BoundValues values, ReadOnlyMemory<short> formats)
    {
        if (statement is not ExecuteStatement execute) return null;
        PreparedStatement prepared = Find(execute.Name);
        if (!prepared.IsQuery) return prepared.Statement is null ? null : utility.CreatePortal(prepared, values, formats, isAlone: false);
        EnterStatement();
        QueryPlan plan = prepared.PlanAndLock(Session);
        ReadOnlyRule.Check(plan, Session);
        bool returnsRows = plan.Columns.Count > 0 || plan.Kind == QueryKind.Select;
        return new QueryPortal(Session, plan, Arguments(execute, plan, Session)) { Description = returnsRows ? ResultColumns.Describe(plan.Columns, Session.Catalog, formats) : null };
    }

    public override ValueTask<CommandResult> RunAsync(UtilityCall call, IResultSink sink, CancellationToken stop) => ValueTask.FromResult(call.Statement switch
    {
        PrepareStatement statement => Prepare(statement, call.Sql),
        DeallocateStatement statement => Deallocate(statement),
        _ => throw Invariant.Unreachable(call.Statement),
    });

    private CommandResult Prepare(PrepareStatement statement, string sql)
    {
        if (Session.Statements.ContainsKey(statement.Name))
            throw new SqlException(SqlState.DuplicatePreparedStatement, $"prepared statement \"{statement.Name}\" already exists");
        EnterStatement();
        PlanningContext planning = Session.PlanningContext();
        uint[] types = [.. statement.ParameterTypes.Select(t => Session.Server.Planner.ResolveType(t, planning).Oid)];
        PreparedStatement prepared = new(statement.Name, sql, statement.Query, types, Session.StatementMicros) { IsFromSql = true };
        if (prepared.IsQuery) prepared.Plan(Session);
        Session.Statements.Add(statement.Name, prepared);
        return new CommandResult("PREPARE");
    }

    private CommandResult Deallocate(DeallocateStatement statement)
    {
        if (statement.Name is null)
        {
            Session.Statements.Clear();
            return new CommandResult("DEALLOCATE ALL");
        }
        if (!Session.Statements.Remove(statement.Name)) throw Missing(statement.Name);
        return new CommandResult("DEALLOCATE");
    }

    /// <summary>The values of EXECUTE's arguments, in the types of the plan's parameters.</summary>
    internal static Column[] Arguments(ExecuteStatement execute, QueryPlan plan, SessionState session)
    {
        if (execute.Arguments.Count != plan.ParameterTypes.Count)
        {
            throw new SqlException(SqlState.SyntaxError, $"wrong number of parameters for prepared statement \"{execute.Name}\"",
                detail: $"Expected {plan.ParameterTypes.Count} parameters but got {execute.Arguments.Count}.");
        }
        PlanningContext planning = session.PlanningContext();
        BoundExpression[] bound = [.. execute.Arguments.Select((a, i) => session.Server.Planner.BindTableExpression(a, null, plan.ParameterTypes[i], planning))];
        // The arguments are a one-row query of their own.
        QueryPlan row = new(new ValuesScan([bound], plan.ParameterTypes), [], [], 0, QueryKind.Select);
        using QueryExecution execution = QueryExecution.Open(row, session.Transactions.Current!, session.EvalContext(), session.ExecutionOptions());
        ColumnBatch values = execution.Next()!;
        Column[] parameters = new Column[bound.Length];
        for (int i = 0; i < parameters.Length; i++)
        {
            ColumnBuilder value = ColumnBuilder.Create(values[i].Kind, 1);
            value.AppendFrom(values[i], values.Selection[0]);
            parameters[i] = value.BuildConstant(1);
        }
        return parameters;
    }

    private PreparedStatement Find(string name) => Session.Statements.TryGetValue(name, out PreparedStatement? found) ? found : throw Missing(name);

    private static SqlException Missing(string name) => new(SqlState.InvalidSqlStatementName, $"prepared statement \"{name}\" does not exist");
}
