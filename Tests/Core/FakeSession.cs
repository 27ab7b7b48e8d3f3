using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Tests.Core;

/// <summary>A session without a server: sequences, settings and locks in memory, with the contract's behaviour.</summary>
internal sealed class FakeSession : ISessionServices
{
    private readonly Dictionary<uint, long> _sequences = [];
    private readonly Dictionary<uint, long> _current = [];
    private readonly Dictionary<string, string> _settings = new() { ["search_path"] = "public" };
    private readonly Dictionary<AdvisoryKey, int> _locks = [];
    private long? _last;

    public string CurrentUser => "alice";
    public string SessionUser => "bob";
    public string DatabaseName => "shop";
    public uint DatabaseOid => 20000;
    public int ProcessId => 4242;
    public IReadOnlyList<uint> SearchPath => [WellKnownOid.PgCatalogSchema, WellKnownOid.PublicSchema];
    public List<Notice> Notices { get; } = [];

    public string? GetSetting(string name) => _settings.GetValueOrDefault(name);
    public string SetSetting(string name, string value, bool isLocal) => _settings[name] = value;

    public long NextValue(uint sequence)
    {
        long next = _sequences.GetValueOrDefault(sequence) + 1;
        _sequences[sequence] = next;
        _current[sequence] = next;
        _last = next;
        return next;
    }

    public long CurrentValue(uint sequence) => _current.TryGetValue(sequence, out long value)
        ? value
        : throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "currval of sequence is not yet defined in this session");

    public long LastValue() => _last ?? throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session");
    public void SetValue(uint sequence, long value, bool isCalled) => _sequences[sequence] = isCalled ? value : value - 1;
    public (long LastValue, bool IsCalled, int LogCount) ReadSequence(uint sequence) => (_sequences.GetValueOrDefault(sequence, 1), _sequences.ContainsKey(sequence), 0);
    public IReadOnlyList<PreparedStatementInfo> PreparedStatements => [];
    public IReadOnlyList<CursorInfo> Cursors => [];
    public long TransactionId => 700;
    public long AssignedTransactionId => 700;
    public void Notice(Notice notice) => Notices.Add(notice);

    public List<(string Channel, string Payload)> Notified { get; } = [];

    public void Notify(string channel, string payload) => Notified.Add((channel, payload));

    public bool AdvisoryLock(AdvisoryKey key, bool isShared, bool isTransaction, bool isTry)
    {
        _locks[key] = _locks.GetValueOrDefault(key) + 1;
        return true;
    }

    public bool AdvisoryUnlock(AdvisoryKey key, bool isShared)
    {
        if (_locks.GetValueOrDefault(key) == 0) return false;
        _locks[key]--;
        return true;
    }

    public void AdvisoryUnlockAll() => _locks.Clear();
    public IServerState Server { get; } = new IdleServer();
}

internal static class Contexts
{
    public static EvalContext Default(DisplaySettings? display = null, CancellationToken cancellation = default) => new()
    {
        Display = display ?? new DisplaySettings(), Catalog = CatalogSnapshot.Empty, Clock = TimeProvider.System, Random = new Random(42), Session = new FakeSession(),
        Cancellation = cancellation,
    };
}

/// <summary>A server that started at the epoch's second microsecond and has nothing to do.</summary>
internal sealed class IdleServer : IServerState
{
    public long StartTimeMicros => 1;
    public IReadOnlyList<SessionInfo> Sessions => [];
    public IReadOnlyList<LockInfo> Locks => [];
    public IReadOnlyList<LockWait> LockWaits => [];
    public IReadOnlyList<SettingInfo> Settings => [];
    public IReadOnlyList<IndexProgress> IndexBuilds => [];
    public (long Rows, long Bytes) SizeOf(uint relation) => (0, 0);
    public IndexState? DescribeIndex(uint index) => null;
    public double? MeasureRecall(uint index, int k, int sample, CancellationToken cancellation) => null;
    public void Prewarm(uint relation, long offset, long lengthBytes, CancellationToken cancellation) { }
    public bool Cancel(int processId) => false;
    public bool Terminate(int processId) => false;
}
