using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Tests.Planner;

/// <summary>A session for planning alone: it has a name and a search path, and nothing that runs.</summary>
internal sealed class PlannerSession : ISessionServices
{
    public string CurrentUser => "postgres";
    public string SessionUser => "postgres";
    public string DatabaseName => "test";
    public uint DatabaseOid => 5;
    public int ProcessId => 1;
    public IReadOnlyList<uint> SearchPath { get; } = [WellKnownOid.PgCatalogSchema, WellKnownOid.PublicSchema];
    public IServerState Server => throw Invariant.Unreachable(this);
    public string? GetSetting(string name) => null;
    public string SetSetting(string name, string value, bool isLocal) => throw Invariant.Unreachable(name);
    public long NextValue(uint sequence) => throw Invariant.Unreachable(sequence);
    public long CurrentValue(uint sequence) => throw Invariant.Unreachable(sequence);
    public long LastValue() => throw Invariant.Unreachable(this);
    public void SetValue(uint sequence, long value, bool isCalled) => throw Invariant.Unreachable(sequence);
    public (long LastValue, bool IsCalled, int LogCount) ReadSequence(uint sequence) => throw Invariant.Unreachable(sequence);
    public IReadOnlyList<PreparedStatementInfo> PreparedStatements => throw Invariant.Unreachable(this);
    public IReadOnlyList<CursorInfo> Cursors => throw Invariant.Unreachable(this);
    public long TransactionId => throw Invariant.Unreachable(this);
    public long AssignedTransactionId => throw Invariant.Unreachable(this);
    public void Notify(string channel, string payload) => throw Invariant.Unreachable(channel);
    public void Notice(Notice notice) => throw Invariant.Unreachable(notice);
    public bool AdvisoryLock(AdvisoryKey key, bool isShared, bool isTransaction, bool isTry) => throw Invariant.Unreachable(key);
    public bool AdvisoryUnlock(AdvisoryKey key, bool isShared) => throw Invariant.Unreachable(key);
    public void AdvisoryUnlockAll() => throw Invariant.Unreachable(this);
}
