using System.Text;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Storage.Locks;

/// <summary>
/// Who waits for whom, for all locks of all databases. A wait that would close a circle fails at once (40P01): the one that closes it is the victim, so the others go on.
/// A session (process) waits for one thing at a time; being in the way of its own is nobody's fault, so circles are looked for among sessions.
/// </summary>
internal sealed class WaitGraph
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, LockOwner> _waiting = [];

    /// <summary>
    /// Waits until one of the blockers released something since it was seen. The caller then looks again.
    /// </summary>
    /// <param name="deadline">By <see cref="Environment.TickCount64"/>.</param>
    /// <exception cref="SqlException">40P01, 55P03 (lock timeout), 57014.</exception>
    public void Wait(LockOwner owner, List<Blocker> blockers, WaitTarget target, long deadline)
    {
        lock (_lock)
        {
            foreach (Blocker blocker in blockers)
                if (blocker.Owner.IsEnded || blocker.Owner.Version != blocker.Version)
                    return;
            owner.Signal.Reset();
            owner.Target = target;
            foreach (Blocker blocker in blockers)
                if (!owner.WaitsFor.Contains(blocker.Owner)) owner.WaitsFor.Add(blocker.Owner);
            if (FindCircle(owner) is { } circle)
            {
                owner.WaitsFor.Clear();
                throw Deadlock(circle);
            }
            foreach (LockOwner blocker in owner.WaitsFor) blocker.Waiters.Add(owner);
            _waiting[owner.Process] = owner;
        }
        try
        {
            int left = deadline == long.MaxValue ? Timeout.Infinite : (int)Math.Max(0, deadline - Environment.TickCount64);
            if (!owner.Signal.Wait(left, owner.Cancellation)) throw new SqlException(SqlState.LockNotAvailable, "canceling statement due to lock timeout");
        }
        catch (OperationCanceledException)
        {
            throw new SqlException(SqlState.QueryCanceled, "canceling statement due to user request");
        }
        finally
        {
            lock (_lock) StopWaiting(owner);
        }
    }

    /// <summary>Something of the owner was released: all that wait for it look again. Until they have, they count as not waiting.</summary>
    public void Released(LockOwner owner, bool isEnded)
    {
        lock (_lock)
        {
            owner.Advance();
            owner.IsEnded |= isEnded;
            while (owner.Waiters.Count > 0)
            {
                LockOwner waiter = owner.Waiters[^1];
                StopWaiting(waiter);
                waiter.Signal.Set();
            }
        }
    }

    /// <summary>For pg_stat_activity and pg_blocking_pids.</summary>
    public IReadOnlyList<LockWait> List()
    {
        lock (_lock) return [.. _waiting.Values.Select(w => new LockWait(w.Process, w.Target.Event, [.. w.WaitsFor.Select(b => b.Process).Distinct()]))];
    }

    /// <summary>For pg_locks: waits for the end of a transaction, which holds a lock on itself.</summary>
    public IReadOnlyList<LockInfo> ListTransactionWaits()
    {
        lock (_lock)
        {
            return [.. _waiting.Values.Where(w => w.Target.Transaction != 0).Select(w =>
                new LockInfo("transactionid", 0, 0, w.Process, "ShareLock", false, null, null, null) { TransactionId = w.Target.Transaction })];
        }
    }

    private void StopWaiting(LockOwner owner)
    {
        foreach (LockOwner blocker in owner.WaitsFor) blocker.Waiters.Remove(owner);
        owner.WaitsFor.Clear();
        if (_waiting.TryGetValue(owner.Process, out LockOwner? waiting) && waiting == owner) _waiting.Remove(owner.Process);
    }

    /// <summary>A path from the owner back to its session.</summary>
    private List<LockOwner>? FindCircle(LockOwner owner)
    {
        // Iterative: the depth is as large as the number of sessions.
        var path = new List<LockOwner> { owner };
        var nextChild = new List<int> { 0 };
        var seen = new HashSet<int> { owner.Process };
        while (path.Count > 0)
        {
            LockOwner current = path[^1];
            if (nextChild[^1] == current.WaitsFor.Count)
            {
                path.RemoveAt(path.Count - 1);
                nextChild.RemoveAt(nextChild.Count - 1);
                continue;
            }
            LockOwner next = current.WaitsFor[nextChild[^1]++];
            if (next.Process == owner.Process) return path;
            if (!seen.Add(next.Process) || !_waiting.TryGetValue(next.Process, out LockOwner? waiting)) continue;
            path.Add(waiting);
            nextChild.Add(0);
        }
        return null;
    }

    private static SqlException Deadlock(List<LockOwner> circle)
    {
        var detail = new StringBuilder();
        for (int i = 0; i < circle.Count; i++)
        {
            if (i > 0) detail.Append('\n');
            detail.Append($"Process {circle[i].Process} waits for {circle[i].Target.Description}; blocked by process {circle[(i + 1) % circle.Count].Process}.");
        }
        return new SqlException(SqlState.DeadlockDetected, "deadlock detected", detail: detail.ToString(), hint: "See server log for query details.");
    }
}
