using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Server.Sessions;
using VecSql.Server.Settings;
using VecSql.Wire;

namespace VecSql.Server.Utility;

/// <summary>SET, SHOW, RESET, DISCARD.</summary>
internal sealed class SettingCommands(SessionState session) : UtilityFamily(session)
{
    public override IReadOnlyList<ResultColumn>? Describe(Statement statement) => statement switch
    {
        ShowStatement { Name: "all" } => [ResultColumns.Text("name"), ResultColumns.Text("setting"), ResultColumns.Text("description")],
        ShowStatement show => [ResultColumns.Text(SettingDefinitions.Find(show.Name)?.Name ?? show.Name)],
        _ => null,
    };

    public override ValueTask<CommandResult> RunAsync(UtilityCall call, IResultSink sink, CancellationToken stop) => ValueTask.FromResult(call.Statement switch
    {
        SetStatement statement => Set(statement),
        ShowStatement { Name: "all" } => ShowAll(),
        ShowStatement statement => new CommandResult("SHOW", MaterializedRows.OfText(1, [[Show(statement.Name)]])),
        ResetStatement statement => Reset(statement.Name),
        DiscardStatement statement => Discard(statement, call),
        AlterSystemStatement statement => throw SqlException.NotSupported("ALTER SYSTEM", statement.Span.Start),
        _ => throw Invariant.Unreachable(call.Statement),
    });

    private CommandResult Set(SetStatement statement)
    {
        bool isLocal = statement.Scope == SetScope.Local;
        if (isLocal && Session.Transactions.State is BlockState.Idle or BlockState.Implicit)
            Session.Warning(SqlState.NoActiveSqlTransaction, "SET LOCAL can only be used in transaction blocks");
        Session.Transactions.Ensure();
        if (statement.FromCurrent) throw SqlException.NotSupported("SET … FROM CURRENT", statement.Span.Start);
        if (statement.Values is null) Session.Settings.Reset(statement.Name, isLocal);
        else Session.Services.SetSetting(statement.Name, ValueOf(statement), isLocal);
        return new CommandResult("SET");
    }

    /// <summary>Several values become a list; identifiers among them are quoted where the setting is a list of names.</summary>
    private static string ValueOf(SetStatement statement)
    {
        IReadOnlyList<SetValue> values = statement.Values!;
        if (values.Count == 1 && values[0].Interval is not null) throw SqlException.NotSupported("SET TIME ZONE INTERVAL", statement.Span.Start);
        bool isNameList = statement.Name is "search_path" or "temp_tablespaces";
        return string.Join(", ", values.Select(v => isNameList ? QuoteIfNeeded(v.Text) : v.Text));
    }

    private static string QuoteIfNeeded(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') && !char.IsAsciiDigit(name[0])
            ? name
            : "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private string Show(string name) => Session.Services.GetSetting(name)
        ?? throw new SqlException(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");

    private CommandResult ShowAll() => new("SHOW", MaterializedRows.OfText(3,
        Session.Settings.AllNames.Order(StringComparer.OrdinalIgnoreCase).Select(name => new string?[] { name, Show(name), SettingDefinitions.Find(name)?.Description ?? "" })));

    private CommandResult Reset(string name)
    {
        if (name == "all") Session.Settings.ResetAll();
        else
        {
            Session.Settings.Reset(name);
            if (name.Equals("role", StringComparison.OrdinalIgnoreCase)) Session.CurrentUser = Session.Identity.User;
        }
        return new CommandResult("RESET");
    }

    private CommandResult Discard(DiscardStatement statement, UtilityCall call)
    {
        switch (statement.Kind)
        {
            case DiscardKind.All:
                RefuseInBlock(call, "DISCARD ALL");
                foreach ((string name, Portal portal) in Session.Portals.Where(p => p.Key.Length > 0).ToArray())
                {
                    portal.Dispose();
                    Session.Portals.Remove(name);
                }
                Session.Settings.ResetAll();
                Session.CurrentUser = Session.Identity.User;
                Session.Statements.Clear();
                Session.Services.AdvisoryUnlockAll();
                Session.Services.ForgetSequences();
                return new CommandResult("DISCARD ALL");
            case DiscardKind.Plans:
                return new CommandResult("DISCARD PLANS");
            case DiscardKind.Sequences:
                Session.Services.ForgetSequences();
                return new CommandResult("DISCARD SEQUENCES");
            case DiscardKind.Temporary:
                return new CommandResult("DISCARD TEMP");
            default:
                throw Invariant.Unreachable(statement.Kind);
        }
    }
}
