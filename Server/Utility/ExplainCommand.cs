using VecSql.Executor.Ddl;
using System.Diagnostics;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor;
using VecSql.Executor.Operators;
using VecSql.Parser.Ast;
using VecSql.Planner;
using VecSql.Planner.Explain;
using VecSql.Planner.Physical;
using VecSql.Server.Settings;
using VecSql.Server.Sessions;
using VecSql.Wire;

namespace VecSql.Server.Utility;

/// <summary>EXPLAIN [ANALYZE]: the plan, and with ANALYZE what each node did when it was run.</summary>
internal sealed class ExplainCommand(SessionState session) : UtilityFamily(session)
{
    public override IReadOnlyList<ResultColumn>? Describe(Statement statement)
    {
        bool isJson = Read((ExplainStatement)statement).Format == ExplainFormat.Json;
        return [new ResultColumn("QUERY PLAN", isJson ? new SqlType(TypeOid.Json) : SqlType.Text, 0, 0, -1)];
    }

    public override ValueTask<CommandResult> RunAsync(UtilityCall call, IResultSink sink, CancellationToken stop)
    {
        ExplainStatement statement = (ExplainStatement)call.Statement;
        Settings settings = Read(statement);
        EnterStatement();
        IReadOnlyList<string> lines = QueryOf(statement.Statement) is { } query ? Explain(query, call, settings) : ["Utility statements have no plan structure"];
        return ValueTask.FromResult(new CommandResult("EXPLAIN", MaterializedRows.OfText(1, lines.Select(line => new string?[] { line }))));
    }

    private IReadOnlyList<string> Explain(Statement query, UtilityCall call, Settings settings)
    {
        PlanningContext planning = Session.PlanningContext();
        long started = Stopwatch.GetTimestamp();
        if (query is not ExecuteStatement) StatementAccess.Check(query, Session.Server.Planner, planning, Session.CurrentUser);
        QueryPlan plan = query switch
        {
            ExecuteStatement execute => PlanOf(execute),
            _ when ReferenceEquals(query, call.Prepared.Query) => call.Prepared.Plan(Session),
            _ => Session.Server.Planner.Plan(query, [], planning),
        };
        double planningMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        ExplainOptions options = new()
        {
            Format = settings.Format, Verbose = settings.Verbose, Costs = settings.Costs, Timing = settings.Timing, PlanningMs = settings.Summary ? planningMs : null,
        };
        QueryLocks.Take(plan, Session.Transactions.Current!);
        Column[] parameters = query is ExecuteStatement executed ? PreparedCommands.Arguments(executed, plan, Session) : call.Parameters;
        if (!settings.Analyze) return PlanExplainer.Explain(plan, planning, options);
        ReadOnlyRule.Check(plan, Session);
        ExecutionOptions execution = Session.ExecutionOptions() with { Instrument = true, InstrumentTiming = settings.Timing };
        using QueryExecution run = QueryExecution.Open(plan, Session.Transactions.Current!, Session.EvalContext(parameters), execution);
        started = Stopwatch.GetTimestamp();
        while (run.Next() is not null)
        {
            // Only the counts are wanted.
        }
        double executionMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return PlanExplainer.Explain(plan, planning, options with
        {
            Actuals = node => run.StatisticsOf(node) is { } found ? Actuals(found) : null, ExecutionMs = settings.Summary ? executionMs : null,
        });
    }

    private static NodeActuals Actuals(OperatorStatistics statistics) =>
        new(statistics.Rows, statistics.Loops, statistics.Milliseconds, statistics.FirstBatchMilliseconds, statistics.RowsRemoved, statistics.RowsRemovedAtRuntime, statistics.Details);

    private QueryPlan PlanOf(ExecuteStatement execute) => Session.Statements.TryGetValue(execute.Name, out PreparedStatement? prepared)
        ? prepared.Plan(Session)
        : throw new SqlException(SqlState.InvalidSqlStatementName, $"prepared statement \"{execute.Name}\" does not exist");

    /// <summary>What is planned of a statement; null if nothing is.</summary>
    private static Statement? QueryOf(Statement statement) => statement switch
    {
        DeclareCursorStatement declare => declare.Query,
        CreateTableAsStatement create => create.Query,
        CreateMaterializedViewStatement create => create.Query,
        ExecuteStatement => statement,
        _ => StatementKinds.IsQuery(statement) ? statement : null,
    };

    private static Settings Read(ExplainStatement statement)
    {
        Settings settings = new(false, false, true, null, null, ExplainFormat.Text);
        foreach (Option option in statement.Options)
        {
            string? value = option.Value?.Text;
            settings = option.Name switch
            {
                "analyze" => settings with { Analyze = Flag(option) },
                "verbose" => settings with { Verbose = Flag(option) },
                "costs" => settings with { Costs = Flag(option) },
                "timing" => settings with { TimingGiven = Flag(option) },
                "summary" => settings with { SummaryGiven = Flag(option) },
                "buffers" or "wal" or "settings" or "generic_plan" or "memory" or "serialize" => settings,
                "format" => settings with { Format = FormatOf(value, option) },
                _ => throw new SqlException(SqlState.SyntaxError, $"unrecognized EXPLAIN option \"{option.Name}\"", option.Span.Start),
            };
        }
        if (settings is { TimingGiven: true, Analyze: false })
            throw new SqlException(SqlState.InvalidParameterValue, "EXPLAIN option TIMING requires ANALYZE");
        return settings;
    }

    private static ExplainFormat FormatOf(string? value, Option option) => value?.ToLowerInvariant() switch
    {
        "text" => ExplainFormat.Text,
        "json" => ExplainFormat.Json,
        "xml" or "yaml" => throw SqlException.NotSupported($"EXPLAIN (FORMAT {value!.ToUpperInvariant()})", option.Span.Start),
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized value for EXPLAIN option \"format\": \"{value}\"", option.Span.Start),
    };

    private static bool Flag(Option option) => option.Value is null || (SettingValue.TryParseBool(option.Value.Text, out bool flag)
        ? flag
        : throw new SqlException(SqlState.SyntaxError, $"{option.Name} requires a Boolean value", option.Span.Start));

    private sealed record Settings(bool Analyze, bool Verbose, bool Costs, bool? TimingGiven, bool? SummaryGiven, ExplainFormat Format)
    {
        public bool Timing => TimingGiven ?? Analyze;
        public bool Summary => SummaryGiven ?? Analyze;
    }
}
