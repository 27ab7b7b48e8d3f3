using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Storage.Tables;

/// <summary>For reading values that were stored as text: fixed settings, and no session that a type could ask.</summary>
internal sealed class StoredTextContext : EvalContext
{
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public StoredTextContext(CatalogSnapshot catalog)
    {
        Display = new DisplaySettings();
        Catalog = catalog;
        Clock = TimeProvider.System;
        Random = new Random(0);
        Session = NoSession.Instance;
    }

    private sealed class NoSession : ISessionServices
    {
        public static readonly NoSession Instance = new();

        public string CurrentUser => throw None();
        public string SessionUser => throw None();
        public string DatabaseName => throw None();
        public uint DatabaseOid => throw None();
        public int ProcessId => throw None();
        public IReadOnlyList<uint> SearchPath => [WellKnownOid.PgCatalogSchema];
        public IServerState Server => throw None();
        public string? GetSetting(string name) => null;
        public string SetSetting(string name, string value, bool isLocal) => throw None();
        public long NextValue(uint sequence) => throw None();
        public long CurrentValue(uint sequence) => throw None();
        public long LastValue() => throw None();
        public void SetValue(uint sequence, long value, bool isCalled) => throw None();
        public (long LastValue, bool IsCalled, int LogCount) ReadSequence(uint sequence) => throw None();
        public IReadOnlyList<PreparedStatementInfo> PreparedStatements => [];
        public IReadOnlyList<CursorInfo> Cursors => [];
        public long TransactionId => throw None();
        public long AssignedTransactionId => throw None();
        public void Notify(string channel, string payload) => throw None();
        public void Notice(Notice notice) { }
        public bool AdvisoryLock(AdvisoryKey key, bool isShared, bool isTransaction, bool isTry) => throw None();
        public bool AdvisoryUnlock(AdvisoryKey key, bool isShared) => throw None();
        public void AdvisoryUnlockAll() => throw None();

        private static InvariantException None() => new("a stored value's text depends on a session");
    }
}
