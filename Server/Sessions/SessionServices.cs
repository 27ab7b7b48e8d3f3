using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.SystemTables;
using VecSql.Server.Hosting;
using VecSql.Server.Settings;
using VecSql.Wire;

namespace VecSql.Server.Sessions;

/// <summary>What SQL functions may ask of the session.</summary>
public sealed class SessionServices(SessionState session) : ISessionServices, IDisposable
{
    private const int MaxChannelBytes = 63, MaxPayloadBytes = 7999;

    private long _askedTransaction;
    private readonly Dictionary<uint, long> _lastValues = [];
    private uint _lastSequence;

    public string CurrentUser => session.CurrentUser;
    public string SessionUser => session.Identity.User;
    public string DatabaseName => session.Identity.Database.Name;
    public uint DatabaseOid => session.Identity.Database.Oid;
    public int ProcessId => session.Identity.ProcessId;
    public IReadOnlyList<uint> SearchPath => session.SearchPath(session.Catalog);
    public IServerState Server => session.Server.View(session.Store, session.Settings);

    public string? GetSetting(string name) => name.ToLowerInvariant() switch
    {
        "transaction_isolation" when session.Transactions.Current is { } transaction => TransactionBlock.NameOf(transaction.Isolation),
        "transaction_isolation" => session.Settings.Find("default_transaction_isolation"),
        "transaction_read_only" when session.Transactions.Current is { } transaction => transaction.IsReadOnly ? "on" : "off",
        "transaction_deferrable" when session.Transactions.Current is not null => session.Transactions.IsDeferrable ? "on" : "off",
        "session_authorization" => session.Identity.User,
        _ => session.Settings.Find(name) is null ? null : session.Settings.Show(name),
    };

    public string SetSetting(string name, string value, bool isLocal)
    {
        if (SettingDefinitions.Find(name) is { Context: SettingContext.Superuser } definition && session.Catalog.Shared.FindRole(CurrentUser) is not { IsSuperuser: true })
            throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied to set parameter \"{definition.Name}\"");
        switch (name.ToLowerInvariant())
        {
            case "transaction_isolation":
                session.Transactions.SetCharacteristics(TransactionBlock.Level(SettingDefinitions.Find(name)!.Check(value)), null);
                return value;
            case "transaction_read_only":
                session.Transactions.SetCharacteristics(null, SettingDefinitions.Find(name)!.Check(value) == "on");
                return value;
            case "transaction_deferrable":
                session.Transactions.SetCharacteristics(null, null, SettingDefinitions.Find(name)!.Check(value) == "on");
                return value;
            case "session_authorization":
                if (value != session.Identity.User && value != "default") throw SqlException.NotSupported("SET SESSION AUTHORIZATION");
                return value;
            case "role":
                SetRole(value);
                break;
        }
        session.Settings.Set(name, value, isLocal);
        return session.Settings.Show(name);
    }

    public long NextValue(uint sequence)
    {
        SequenceObject found = Find(sequence);
        if (session.Transactions.Current is { IsReadOnly: true }) throw new SqlException(SqlState.ReadOnlySqlTransaction, "cannot execute nextval() in a read-only transaction");
        long value = session.Store.NextValue(found);
        _lastValues[sequence] = value;
        _lastSequence = sequence;
        return value;
    }

    public long CurrentValue(uint sequence) => _lastValues.TryGetValue(sequence, out long value) ? value
        : throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"currval of sequence \"{Find(sequence).Name}\" is not yet defined in this session");

    public long LastValue() => _lastSequence != 0 && _lastValues.TryGetValue(_lastSequence, out long value) ? value
        : throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session");

    public void SetValue(uint sequence, long value, bool isCalled)
    {
        SequenceObject found = Find(sequence);
        if (value < found.Minimum || value > found.Maximum)
        {
            throw new SqlException(SqlState.NumericValueOutOfRange,
                $"setval: value {value} is out of bounds for sequence \"{found.Name}\" ({found.Minimum}..{found.Maximum})");
        }
        session.Store.SetValue(found, value, isCalled);
        if (!isCalled) return;
        _lastValues[sequence] = value;
        _lastSequence = sequence;
    }

    public (long LastValue, bool IsCalled, int LogCount) ReadSequence(uint sequence) => session.Store.ReadSequence(Find(sequence));

    public IReadOnlyList<PreparedStatementInfo> PreparedStatements =>
        [.. session.Statements.Values.Where(p => p.Name.Length > 0).Select(p => new PreparedStatementInfo(p.Name, p.Sql, p.CreatedMicros, [.. p.ParameterTypes(session).Select(t => t.Oid)], p.IsFromSql))];

    public IReadOnlyList<CursorInfo> Cursors =>
        [.. session.Portals.Where(p => p.Value is CursorPortal).Select(p => (p.Key, Cursor: (CursorPortal)p.Value))
            .Select(p => new CursorInfo(p.Key, p.Cursor.Sql, p.Cursor.IsHeld, p.Cursor.IsBinary, p.Cursor.IsScrollable, p.Cursor.CreatedMicros))];

    public long TransactionId => _askedTransaction = session.Transactions.Current?.Id ?? 0;
    public long AssignedTransactionId => session.Transactions.Current is { } current && (current.HasWrites || current.Id == _askedTransaction) ? current.Id : 0;

    /// <summary>DISCARD SEQUENCES.</summary>
    public void ForgetSequences() => _lastValues.Clear();

    public void Notice(Notice notice) => session.Notice(notice);

    public void Notify(string channel, string payload)
    {
        if (channel.Length == 0) throw new SqlException(SqlState.InvalidParameterValue, "channel name cannot be empty");
        if (Encoding.UTF8.GetByteCount(channel) > MaxChannelBytes) throw new SqlException(SqlState.InvalidParameterValue, "channel name too long");
        if (Encoding.UTF8.GetByteCount(payload) > MaxPayloadBytes) throw new SqlException(SqlState.InvalidParameterValue, "payload string too long");
        Notification message = new(session.Identity.ProcessId, channel, payload);
        if (!session.Outgoing.Contains(message)) session.Outgoing.Add(message);
    }

    public bool AdvisoryLock(AdvisoryKey key, bool isShared, bool isTransaction, bool isTry) =>
        session.Server.Instance.AdvisoryLocks.Acquire(session.Identity.ProcessId, key, isShared, isTransaction, session.Transactions.SavepointDepth, isTry, session.Settings.Statement.LockTimeoutMs,
            session.Cancellation);

    public bool AdvisoryUnlock(AdvisoryKey key, bool isShared)
    {
        if (session.Server.Instance.AdvisoryLocks.Release(session.Identity.ProcessId, key, isShared)) return true;
        session.Warning(SqlState.Warning, "you don't own a lock of type " + (isShared ? "ShareLock" : "ExclusiveLock"));
        return false;
    }

    public void AdvisoryUnlockAll() => session.Server.Instance.AdvisoryLocks.ReleaseSession(session.Identity.ProcessId);

    public void Dispose() => session.Server.Instance.AdvisoryLocks.Forget(session.Identity.ProcessId);

    private void SetRole(string name)
    {
        if (name is "none" or "default")
        {
            session.CurrentUser = session.Identity.User;
            return;
        }
        if (session.Catalog.Shared.FindRole(name) is null) throw new SqlException(SqlState.InvalidParameterValue, $"role \"{name}\" does not exist");
        session.CurrentUser = name;
    }

    private SequenceObject Find(uint oid)
    {
        if (session.Catalog.Find<SequenceObject>(oid) is { } sequence) return sequence;
        if (session.Catalog.Find<RelationObject>(oid) is { } other) throw new SqlException(SqlState.WrongObjectType, $"\"{other.Name}\" is not a sequence");
        throw new SqlException(SqlState.UndefinedTable, $"could not open relation with OID {oid}");
    }
}
