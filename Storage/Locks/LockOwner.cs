using VecSql.Storage.Contracts;

namespace VecSql.Storage.Locks;

/// <summary>A transaction as the lock tables know it: what it holds, in the order of taking, and whom it waits for.</summary>
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
    public string? WaitingOn;
    public bool IsEnded;
    private int _version;

    public long Transaction => transaction;
    public int Process => process;

    /// <summary>Grows whenever this owner releases anything. Who finds itself blocked notes it before it looks, so that no release is missed.</summary>
    public int Version => Volatile.Read(ref _version);

    public void Advance() => Volatile.Write(ref _version, _version + 1);

    public void Dispose() => Signal.Dispose();
}

/// <summary>A row lock held, and what was held before (−1: nothing).</summary>
internal readonly record struct HeldRow(RowKey Key, sbyte Previous);

/// <summary>Someone in the way, and its version when that was seen.</summary>
internal readonly record struct Blocker(LockOwner Owner, int Version);
