using VecSql.Core.Environment;
using VecSql.Executor;
using VecSql.Planner;
using VecSql.Server.Sessions;
using VecSql.Server.Settings;
using VecSql.Storage.Contracts;

namespace VecSql.Server.Hosting;

/// <summary>What a server decides at its start.</summary>
public sealed record ServerOptions
{
    /// <summary>The data folder.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Threads for one query or index build.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>What may change while the server runs.</summary>
    public Storage.StorageTuning Tuning { get; init; } = new();
    public int MaxConnections { get; init; } = 1000;

    /// <summary>Rows in the executor's batches; smaller ones are for tests.</summary>
    public int BatchSize { get; init; } = Core.Columns.ColumnBatch.MaxRows;

    /// <summary>Every operator that can spill does at once: for tests.</summary>
    public bool ForceSpill { get; init; }
}

/// <summary>One running server: its store, its sessions, what they share. Safe for all threads.</summary>
public sealed class ServerState(ServerOptions options, IInstanceStore instance, IQueryPlanner planner, TimeProvider clock)
{
    public ServerOptions Options { get; } = options;
    public ServerSettings Settings { get; } = new(options.Tuning);
    public IInstanceStore Instance { get; } = instance;
    public IQueryPlanner Planner { get; } = planner;
    public TimeProvider Clock { get; } = clock;
    public SessionRegistry Sessions { get; } = new();
    public NotificationHub Notifications { get; } = new();
    public long StartMicros { get; } = PostgresTime.Now(clock);

    /// <summary>The server as virtual tables of one session see it.</summary>
    public IServerState View(IDatabaseStore store, SessionSettings settings) => new ServerView(this, store, settings);

    /// <summary>How a session's statements are run.</summary>
    public ExecutionOptions ExecutionOptions(StatementSettings settings) => new()
    {
        LockTimeoutMs = settings.LockTimeoutMs,
        WorkMemBytes = settings.WorkMemBytes,
        TempDirectory = Path.Combine(Options.DataDirectory, "tmp"),
        BatchSize = Options.BatchSize,
        ForceSpill = Options.ForceSpill,
        MaxWorkers = Math.Max(1, Math.Min(settings.MaxWorkersPerGather, Options.Parallelism)),
        EfSearch = settings.EfSearch,
        Probes = settings.Probes,
        TargetRecall = settings.TargetRecall,
    };
}

/// <summary>The server's facts for virtual tables.</summary>
internal sealed class ServerView(ServerState server, IDatabaseStore store, SessionSettings settings) : IServerState
{
    public long StartTimeMicros => server.StartMicros;
    public IReadOnlyList<LockInfo> Locks => server.Instance.Locks;
    public IReadOnlyList<LockWait> LockWaits => server.Instance.LockWaits;

    public IReadOnlyList<SessionInfo> Sessions
    {
        get
        {
            Dictionary<int, string> waits = server.Instance.LockWaits.ToDictionary(w => w.ProcessId, w => w.Event);
            return [.. server.Sessions.All.Select(s => s.Describe(waits.GetValueOrDefault(s.ProcessId)))];
        }
    }
    public IReadOnlyList<IndexProgress> IndexBuilds => server.Instance.IndexBuilds;

    public IReadOnlyList<SettingInfo> Settings => [.. SettingDefinitions.All.Select(d => new SettingInfo(d.Name, settings.Find(d.Name) ?? d.Default, d.Unit, d.Category, d.Description,
        d.Context == SettingContext.SuperuserBackend ? "superuser-backend" : d.Context.ToString().ToLowerInvariant(),
        d.Type switch { SettingType.Bool => "bool", SettingType.Integer => "integer", SettingType.Real => "real", SettingType.Enum => "enum", _ => "string" },
        Bound(d, d.Minimum), Bound(d, d.Maximum), d.Values.Count > 0 ? d.Values : null, d.Default, settings.ResetValue(d.Name) ?? d.Default, settings.SourceOf(d.Name)))];

    private static string? Bound(SettingDefinition definition, double bound) => definition.Type switch
    {
        SettingType.Integer => bound.ToString("0"),
        SettingType.Real => SettingValue.Real(bound),
        _ => null,
    };

    public (long Rows, long Bytes) SizeOf(uint relation) => ((long)store.EstimateRows(relation), store.SizeOf(relation).DiskBytes);

    public IndexState? DescribeIndex(uint index) => store.DescribeIndex(index, settings.Statement.EfSearch);

    public double? MeasureRecall(uint index, int k, int sample, CancellationToken cancellation)
    {
        StatementSettings statement = settings.Statement;
        return store.MeasureRecall(index, sample, new VectorSearchRequest
        {
            Query = null, Limit = k, EfSearch = statement.EfSearch, Probes = statement.Probes, TargetRecall = statement.TargetRecall, Cancellation = cancellation,
        });
    }

    public void Prewarm(uint relation, long offset, long lengthBytes, CancellationToken cancellation) => store.Prewarm(relation, offset, lengthBytes, cancellation);

    public bool Cancel(int processId)
    {
        if (server.Sessions.Find(processId) is not { } session) return false;
        session.Cancel();
        return true;
    }

    public bool Terminate(int processId)
    {
        if (server.Sessions.Find(processId) is not { } session) return false;
        session.Terminate();
        return true;
    }
}
