using VecSql.Storage.Contracts;

namespace VecSql.Storage.Locks;

/// <summary>Who takes locks: a transaction, or a session that takes advisory ones. What it holds, in the order of taking, and whom it waits for.</summary>
/// <param name="transaction">0 for a session.</param>
/// <param name="process">The session: it waits for one thing at a time, whoever of its owners asks.</param>
internal sealed class LockOwner(long transaction, int process) : IDisposable
{
    public readonly List<HeldRow> Rows = [];
    public readonly List<(LockTag Tag, TableLockMode Mode)> Objects = [];

    /// <summary>Modes held by tag, one bit each: the owner's own thread asks here first.</summary>
    public readonly Dictionary<LockTag, byte> HeldModes = [];

    /// <summary>Set when something that this owner waits for was released.</summary>
    public readonly ManualResetEventSlim Signal = new(false);

    /// <summary>Of the running statement.</summary>
    public int TimeoutMs;
    public CancellationToken Cancellation;

    // The rest is guarded by the wait graph's lock.
    public readonly List<LockOwner> WaitsFor = [];
    public readonly List<LockOwner> Waiters = [];
    public WaitTarget Target;
    public bool IsEnded;
    private int _version;

    public long Transaction => transaction;
    public int Process => process;

    /// <summary>Grows whenever this owner releases anything. Who finds itself blocked notes it before it looks, so that no release is missed.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Until when a wait that begins now may take, by lock_timeout.</summary>
    public long NewDeadline() => TimeoutMs > 0 ? Environment.TickCount64 + TimeoutMs : long.MaxValue;

    public void Advance() => Volatile.Write(ref _version, _version + 1);

    public void Dispose() => Signal.Dispose();
}

/// <summary>A row lock held, and what was held before (−1: nothing).</summary>
internal readonly record struct HeldRow(RowKey Key, sbyte Previous);

/// <summary>Someone in the way, and its version when that was seen.</summary>
internal readonly record struct Blocker(LockOwner Owner, int Version);

/// <summary>What is waited for: pg_stat_activity's wait_event, the words of a deadlock report, and the transaction if it is one's end that counts.</summary>
internal readonly record struct WaitTarget(string Event, string Description, long Transaction)
{
    public static WaitTarget EndOf(long transaction) => new("transactionid", $"ShareLock on transaction {transaction}", transaction);
}
