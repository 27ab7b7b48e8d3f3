using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Server.Hosting;

/// <summary>Advisory locks of all sessions: shared or exclusive, re-entrant by count, held by the session or by its transaction. Waiters block their own thread; a cycle of waits is 40P01.</summary>
public sealed class AdvisoryLocks
{
    private readonly object _gate = new();
    private readonly List<Holding> _held = [];
    private readonly Dictionary<int, (AdvisoryKey Key, bool IsShared)> _waiting = [];

    /// <returns>False if <paramref name="isTry"/> and it is held by another.</returns>
    public bool Acquire(int owner, AdvisoryKey key, bool isShared, bool isTransaction, bool isTry, int timeoutMs, CancellationToken cancellation)
    {
        long deadline = timeoutMs > 0 ? Environment.TickCount64 + timeoutMs : long.MaxValue;
        using CancellationTokenRegistration wake = cancellation.Register(() => { lock (_gate) Monitor.PulseAll(_gate); });
        lock (_gate)
        {
            while (IsBlocked(owner, key, isShared))
            {
                if (isTry) return false;
                _waiting[owner] = (key, isShared);
                try
                {
                    if (Cycles(owner)) throw new SqlException(SqlState.DeadlockDetected, "deadlock detected");
                    long left = deadline - Environment.TickCount64;
                    if (left <= 0) throw new SqlException(SqlState.LockNotAvailable, "canceling statement due to lock timeout");
                    Monitor.Wait(_gate, (int)Math.Min(left, 60_000));
                    cancellation.ThrowIfCancellationRequested();
                }
                finally
                {
                    _waiting.Remove(owner);
                }
            }
            _held.Add(new Holding(owner, key, isShared, isTransaction));
            return true;
        }
    }

    /// <returns>False if the session doesn't hold it.</returns>
    public bool Release(int owner, AdvisoryKey key, bool isShared)
    {
        lock (_gate)
        {
            int at = _held.FindLastIndex(h => h.Owner == owner && h.Key == key && h.IsShared == isShared && !h.IsTransaction);
            if (at < 0) return false;
            _held.RemoveAt(at);
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>At a transaction's end its own; at a session's end all.</summary>
    public void ReleaseAll(int owner, bool includeSession)
    {
        lock (_gate)
        {
            if (_held.RemoveAll(h => h.Owner == owner && (includeSession || h.IsTransaction)) > 0) Monitor.PulseAll(_gate);
        }
    }

    /// <summary>For pg_locks.</summary>
    public IReadOnlyList<LockInfo> Snapshot()
    {
        lock (_gate)
        {
            return [.. _held.Select(h => Info(h.Owner, h.Key, h.IsShared, true)), .. _waiting.Select(w => Info(w.Key, w.Value.Key, w.Value.IsShared, false))];
        }
    }

    private bool IsBlocked(int owner, AdvisoryKey key, bool isShared) => _held.Exists(h => h.Owner != owner && h.Key == key && !(h.IsShared && isShared));

    /// <summary>True if the waits, followed from holder to holder, come back to the start.</summary>
    private bool Cycles(int start)
    {
        HashSet<int> seen = [];
        Stack<int> open = new([start]);
        while (open.TryPop(out int owner))
        {
            if (!_waiting.TryGetValue(owner, out (AdvisoryKey Key, bool IsShared) wanted)) continue;
            foreach (Holding holding in _held.Where(h => h.Owner != owner && h.Key == wanted.Key && !(h.IsShared && wanted.IsShared)))
            {
                if (holding.Owner == start) return true;
                if (seen.Add(holding.Owner)) open.Push(holding.Owner);
            }
        }
        return false;
    }

    private static LockInfo Info(int owner, AdvisoryKey key, bool isShared, bool granted) => new("advisory", key.Database, 0, owner, isShared ? "ShareLock" : "ExclusiveLock", granted,
        (uint)(key.Key >> 32), (uint)key.Key, (short)(key.IsTwoPart ? 2 : 1));

    private sealed record Holding(int Owner, AdvisoryKey Key, bool IsShared, bool IsTransaction);
}
