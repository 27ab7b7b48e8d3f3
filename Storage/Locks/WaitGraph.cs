using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Storage.Locks;

/// <summary>
/// Who waits for whom. A wait that would close a circle fails at once (40P01): the one that closes it is the victim, so the others go on.
/// </summary>
internal sealed class WaitGraph
{
    private readonly Lock _lock = new();

    /// <summary>
    /// Waits until one of the blockers released something since it was seen. The caller then looks again.
    /// </summary>
    /// <exception cref="SqlException">40P01, 55P03 (lock timeout), 57014.</exception>
    public void Wait(LockOwner owner, List<Blocker> blockers, string what)
    {
        lock (_lock)
        {
            foreach (Blocker blocker in blockers)
                if (blocker.Owner.IsEnded || blocker.Owner.Version != blocker.Version)
                    return;
            owner.Signal.Reset();
            owner.WaitingOn = what;
            foreach (Blocker blocker in blockers) owner.WaitsFor.Add(blocker.Owner);
            if (FindCircle(owner) is { } circle)
            {
                StopWaiting(owner);
                throw Deadlock(circle);
            }
            foreach (LockOwner blocker in owner.WaitsFor) blocker.Waiters.Add(owner);
        }
        try
        {
            if (!owner.Signal.Wait(owner.TimeoutMs > 0 ? owner.TimeoutMs : Timeout.Infinite, owner.Cancellation))
                throw new SqlException(SqlState.LockNotAvailable, "canceling statement due to lock timeout");
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

    /// <summary>Something of the owner was released: all that wait for it look again.</summary>
    public void Released(LockOwner owner, bool isEnded)
    {
        lock (_lock)
        {
            owner.Advance();
            owner.IsEnded |= isEnded;
            foreach (LockOwner waiter in owner.Waiters) waiter.Signal.Set();
        }
    }

    private static void StopWaiting(LockOwner owner)
    {
        foreach (LockOwner blocker in owner.WaitsFor) blocker.Waiters.Remove(owner);
        owner.WaitsFor.Clear();
        owner.WaitingOn = null;
    }

    /// <summary>A path from the owner back to itself.</summary>
    private static List<LockOwner>? FindCircle(LockOwner owner)
    {
        // Iterative: the depth is as large as the number of sessions.
        var path = new List<LockOwner> { owner };
        var nextChild = new List<int> { 0 };
        var seen = new HashSet<LockOwner> { owner };
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
            if (next == owner) return path;
            if (!seen.Add(next)) continue;
            path.Add(next);
            nextChild.Add(0);
        }
        return null;
    }

    private static SqlException Deadlock(List<LockOwner> circle)
    {
        var detail = new StringBuilder();
        for (int i = 0; i < circle.Count; i++)
        {
            LockOwner blocker = circle[(i + 1) % circle.Count];
            if (i > 0) detail.Append('\n');
            detail.Append($"Process {circle[i].Process} waits for {circle[i].WaitingOn ?? $"ShareLock on transaction {blocker.Transaction}"}; blocked by process {blocker.Process}.");
        }
        return new SqlException(SqlState.DeadlockDetected, "deadlock detected", detail: detail.ToString(), hint: "See server log for query details.");
    }
}
