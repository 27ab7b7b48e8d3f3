using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor;
using VecSql.Planner;
using VecSql.Server.Hosting;
using VecSql.Server.Settings;
using VecSql.Storage.Contracts;
using VecSql.Wire;

namespace VecSql.Server.Sessions;

/// <summary>What the parts of one session share: its settings, transaction, statements, portals, and the contexts that planning and running take from them.</summary>
public sealed class SessionState
{
    private readonly Queue<Notice> _notices = [];
    private ExecutionOptions? _execution;
    private StatementSettings? _executionSettings;

    public SessionState(ServerState server, IDatabaseStore store, SessionIdentity identity, SessionSettings settings)
    {
        Server = server;
        Store = store;
        Identity = identity;
        Settings = settings;
        CurrentUser = identity.User;
        Transactions = new TransactionBlock(store, settings, identity.ProcessId, server.Clock);
        Services = new SessionServices(this);
        Inbox = new NotificationHub.Inbox(store.DatabaseOid);
        Random = new SeedableRandom();
    }

    public ServerState Server { get; }
    public IDatabaseStore Store { get; }
    public SessionIdentity Identity { get; }
    public SessionSettings Settings { get; }
    public TransactionBlock Transactions { get; }
    public SessionServices Services { get; }

    /// <summary>NOTIFY messages that came in.</summary>
    public NotificationHub.Inbox Inbox { get; }

    /// <summary>What the transaction notifies when it commits.</summary>
    public List<Notification> Outgoing { get; } = [];
    public Random Random { get; set; }

    /// <summary>SET ROLE's user; the session user otherwise.</summary>
    public string CurrentUser { get; set; }

    /// <summary>This session's temporary schema; 0 until something temporary is made.</summary>
    public uint TemporarySchema { get; set; }

    public Dictionary<string, PreparedStatement> Statements { get; } = [];
    public Dictionary<string, Portal> Portals { get; } = [];

    /// <summary>When the running statement arrived.</summary>
    public long StatementMicros { get; set; }

    /// <summary>Ends the running statement.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>The catalog as the next statement sees it.</summary>
    public CatalogSnapshot Catalog => Transactions.Current?.Catalog ?? Store.Catalog;

    public void Notice(Notice notice) => _notices.Enqueue(notice);

    public void Warning(string sqlState, string message) => Notice(new Notice("WARNING", sqlState, message));

    public IReadOnlyList<Notice> TakeNotices()
    {
        if (_notices.Count == 0) return [];
        Notice[] taken = [.. _notices];
        _notices.Clear();
        return taken;
    }

    /// <summary>Schemas of search_path that exist: the temporary one first, then pg_catalog unless it is named, then the others.</summary>
    public IReadOnlyList<uint> SearchPath(CatalogSnapshot catalog)
    {
        List<uint> path = [];
        // The transaction that made the temporary schema may have been rolled back.
        uint temporary = catalog.Find<SchemaObject>(TemporarySchema) is null ? 0 : TemporarySchema;
        foreach (string name in SearchPathNames())
        {
            if (name == "pg_catalog") path.Add(WellKnownOid.PgCatalogSchema);
            else if (name == "pg_temp") AddIfMissing(path, temporary);
            else if (catalog.FindSchema(name == "$user" ? CurrentUser : name) is { } schema) AddIfMissing(path, schema.Oid);
        }
        if (!path.Contains(WellKnownOid.PgCatalogSchema)) path.Insert(0, WellKnownOid.PgCatalogSchema);
        if (temporary != 0 && !path.Contains(temporary)) path.Insert(0, temporary);
        return path;
    }

    /// <summary>The entries of search_path as written, unquoted.</summary>
    public IEnumerable<string> SearchPathNames() => Lists.SplitIdentifiers(Settings.Find("search_path") ?? "");

    public EvalContext EvalContext(Column[]? parameters = null)
    {
        ITransaction? transaction = Transactions.Current;
        return new EvalContext
        {
            Display = Settings.Display,
            Catalog = Catalog,
            TransactionTimestampMicros = transaction is null ? StatementMicros : Transactions.StartMicros,
            StatementTimestampMicros = StatementMicros,
            Clock = Server.Clock,
            Random = Random,
            Cancellation = Cancellation,
            Session = Services,
            Parameters = parameters ?? [],
        };
    }

    public PlanningContext PlanningContext(EvalContext? constants = null)
    {
        CatalogSnapshot catalog = Catalog;
        return new PlanningContext
        {
            Catalog = catalog,
            SearchPath = SearchPath(catalog),
            Statistics = Store,
            Constants = constants ?? EvalContext(),
            Setting = Settings.Find,
            MaxWorkers = Math.Min(Settings.Statement.MaxWorkersPerGather, Server.Options.Parallelism),
        };
    }

    /// <summary>How the next statement is run: by the session's settings, with the transaction's deferred constraints.</summary>
    public ExecutionOptions ExecutionOptions()
    {
        if (_execution is null || !ReferenceEquals(_executionSettings, Settings.Statement))
        {
            _executionSettings = Settings.Statement;
            _execution = Server.ExecutionOptions(_executionSettings) with
            {
                Deferred = Transactions.Deferred,
                DescribeTarget = table => QueryPlanner.DescribeTarget(table, PlanningContext()),
                DescribeDefaults = table => QueryPlanner.DescribeDefaults(table, PlanningContext()),
            };
        }
        return _execution;
    }

    private static void AddIfMissing(List<uint> path, uint schema)
    {
        if (schema != 0 && !path.Contains(schema)) path.Add(schema);
    }
}

/// <summary>Who is connected, and as what.</summary>
public sealed record SessionIdentity(int ProcessId, byte[] CancelSecret, string User, DatabaseObject Database, System.Net.EndPoint? Client, long StartMicros);

/// <summary>Lists in settings: search_path = a, "B c".</summary>
internal static class Lists
{
    public static IEnumerable<string> SplitIdentifiers(string list)
    {
        int at = 0;
        while (at < list.Length)
        {
            if (char.IsWhiteSpace(list[at]) || list[at] == ',')
            {
                at++;
                continue;
            }
            int start = at;
            if (list[at] == '"')
            {
                System.Text.StringBuilder name = new();
                for (at++; at < list.Length; at++)
                {
                    if (list[at] == '"' && (at + 1 >= list.Length || list[at + 1] != '"')) break;
                    if (list[at] == '"') at++;
                    name.Append(list[at]);
                }
                at++;
                yield return name.ToString();
                continue;
            }
            while (at < list.Length && list[at] != ',' && !char.IsWhiteSpace(list[at])) at++;
            yield return list[start..at].ToLower(CultureInfo.InvariantCulture);
        }
    }
}
