using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Statistics;
using VecSql.Planner;

namespace VecSql.Server.Hosting;

/// <summary>
/// The session of work that no client asked for: index expressions during recovery and compaction. Such expressions are immutable, so anything that asks for a session is refused.
/// </summary>
internal sealed class BackgroundServices : ISessionServices
{
    private static readonly SqlException NoSession = new(SqlState.ObjectNotInPrerequisiteState, "this function needs a session");

    public string CurrentUser => "postgres";
    public string SessionUser => "postgres";
    public string DatabaseName => throw NoSession;
    public uint DatabaseOid => throw NoSession;
    public int ProcessId => 0;
    public IReadOnlyList<uint> SearchPath => [WellKnownOid.PgCatalogSchema];
    public IReadOnlyList<PreparedStatementInfo> PreparedStatements => [];
    public IReadOnlyList<CursorInfo> Cursors => [];
    public long TransactionId => throw NoSession;
    public long AssignedTransactionId => throw NoSession;
    public IServerState Server => throw NoSession;

    /// <summary>How expressions stored in the catalog are bound outside of sessions: names in them are qualified.</summary>
    public static PlanningContext Planning(CatalogSnapshot catalog) => new()
    {
        Catalog = catalog,
        SearchPath = [WellKnownOid.PgCatalogSchema, .. catalog.Schemas.Select(s => s.Oid)],
        Statistics = new NoStatistics(),
        Constants = new EvalContext
        {
            Display = new DisplaySettings(), Catalog = catalog, Clock = TimeProvider.System, Random = new Random(0), Session = new BackgroundServices(),
        },
        Setting = name => Settings.SettingDefinitions.Find(name)?.Default,
    };

    public string? GetSetting(string name) => throw NoSession;
    public string SetSetting(string name, string value, bool isLocal) => throw NoSession;
    public long NextValue(uint sequence) => throw NoSession;
    public long CurrentValue(uint sequence) => throw NoSession;
    public long LastValue() => throw NoSession;
    public void SetValue(uint sequence, long value, bool isCalled) => throw NoSession;
    public (long LastValue, bool IsCalled, int LogCount) ReadSequence(uint sequence) => throw NoSession;

    public void Notice(Notice notice)
    {
        // Nobody listens.
    }

    public bool AdvisoryLock(AdvisoryKey key, bool isShared, bool isTransaction, bool isTry) => throw NoSession;
    public bool AdvisoryUnlock(AdvisoryKey key, bool isShared) => throw NoSession;
    public void AdvisoryUnlockAll() => throw NoSession;
    public void Notify(string channel, string payload) => throw NoSession;

    private sealed class NoStatistics : IStatisticsSource
    {
        public double EstimateRows(uint table) => 0;
        public ColumnStatistics? FindColumn(uint table, short column) => null;
    }
}
