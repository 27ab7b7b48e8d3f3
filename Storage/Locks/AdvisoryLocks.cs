using VecSql.Core.Environment;
using VecSql.Storage.Contracts;

namespace VecSql.Storage.Locks;

/// <inheritdoc cref="IAdvisoryLocks"/>
internal sealed class AdvisoryLocks(WaitGraph waits) : IAdvisoryLocks
{
    private const int SessionDepth = -1;

    /// <summary>One hold; the same session may have several on a key.</summary>
    private readonly record struct Holding(LockOwner Owner, bool IsShared, int Depth);

    private sealed class Entry
    {
        public readonly List<Holding> Holders = [];
        public readonly List<(LockOwner Owner, bool IsShared)> Queue = [];
    }

    private readonly Lock _lock = new();
    private readonly Dictionary<AdvisoryKey, Entry> _entries = [];
    private readonly Dictionary<int, LockOwner> _sessions = [];

    public bool Acquire(int process, AdvisoryKey key, bool isShared, bool isTransaction, int depth, bool isTry, int timeoutMs, CancellationToken cancellation)
    {
        LockOwner owner = OwnerOf(process);
        owner.TimeoutMs = timeoutMs;
        owner.Cancellation = cancellation;
        long deadline = owner.NewDeadline();
        var blockers = new List<Blocker>();
        bool isQueued = false;
        try
        {
            while (true)
            {
                lock (_lock)
                {
                    if (!_entries.TryGetValue(key, out Entry? entry)) _entries.Add(key, entry = new Entry());
                    blockers.Clear();
                    FindBlockers(entry, owner, isShared, blockers);
                    if (blockers.Count == 0)
                    {
                        entry.Holders.Add(new Holding(owner, isShared, isTransaction ? depth : SessionDepth));
                        return true;
                    }
                    if (isTry) return false;
                    if (!isQueued) entry.Queue.Add((owner, isShared));
                    isQueued = true;
                }
                string mode = isShared ? "ShareLock" : "ExclusiveLock";
                waits.Wait(owner, blockers, new WaitTarget("advisory", $"{mode} on advisory lock [{key.Database},{key.Key >> 32},{(uint)key.Key},{(key.IsTwoPart ? 2 : 1)}]", 0), deadline);
            }
        }
        finally
        {
            if (isQueued)
            {
                lock (_lock)
                {
                    _entries[key].Queue.Remove((owner, isShared));
                    RemoveIfUnused(key);
                }
                waits.Released(owner, isEnded: false);
            }
        }
    }

    public bool Release(int process, AdvisoryKey key, bool isShared)
    {
        LockOwner owner = OwnerOf(process);
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out Entry? entry) || !entry.Holders.Remove(new Holding(owner, isShared, SessionDepth))) return false;
            RemoveIfUnused(key);
        }
        waits.Released(owner, isEnded: false);
        return true;
    }

    public void ReleaseDeeperThan(int process, int depth) => ReleaseWhere(process, h => h.Depth > depth);

    public void ReleaseTransaction(int process) => ReleaseWhere(process, h => h.Depth != SessionDepth);

    public void ReleaseSession(int process) => ReleaseWhere(process, h => h.Depth == SessionDepth);

    public void MoveUpTo(int process, int depth)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(process, out LockOwner? owner)) return;
            foreach (Entry entry in _entries.Values)
                for (int i = 0; i < entry.Holders.Count; i++)
                    if (entry.Holders[i].Owner == owner && entry.Holders[i].Depth > depth) entry.Holders[i] = entry.Holders[i] with { Depth = depth };
        }
    }

    public void Forget(int process)
    {
        ReleaseWhere(process, _ => true);
        lock (_lock)
            if (_sessions.Remove(process, out LockOwner? owner)) owner.Dispose();
    }

    public IReadOnlyList<LockInfo> List()
    {
        var all = new List<LockInfo>();
        lock (_lock)
        {
            foreach ((AdvisoryKey key, Entry entry) in _entries)
            {
                foreach ((LockOwner owner, bool isShared) in entry.Holders.Select(h => (h.Owner, h.IsShared)).Distinct()) all.Add(Describe(key, owner, isShared, isGranted: true));
                foreach ((LockOwner owner, bool isShared) in entry.Queue) all.Add(Describe(key, owner, isShared, isGranted: false));
            }
        }
        return all;
    }

    private LockOwner OwnerOf(int process)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(process, out LockOwner? owner)) _sessions.Add(process, owner = new LockOwner(0, process));
            return owner;
        }
    }

    private void ReleaseWhere(int process, Predicate<Holding> condition)
    {
        LockOwner? owner;
        lock (_lock)
        {
            // Nearly every session has none: the end of a transaction costs one look.
            if (!_sessions.TryGetValue(process, out owner)) return;
            foreach ((AdvisoryKey key, Entry entry) in _entries.ToArray())
                if (entry.Holders.RemoveAll(h => h.Owner == owner && condition(h)) > 0) RemoveIfUnused(key);
        }
        waits.Released(owner, isEnded: false);
    }

    private void RemoveIfUnused(AdvisoryKey key)
    {
        if (_entries.TryGetValue(key, out Entry? entry) && entry.Holders.Count == 0 && entry.Queue.Count == 0) _entries.Remove(key);
    }

    private static void FindBlockers(Entry entry, LockOwner owner, bool isShared, List<Blocker> blockers)
    {
        bool isHolder = false;
        foreach (Holding holding in entry.Holders)
        {
            if (holding.Owner == owner) isHolder = true;
            else if (!isShared || !holding.IsShared) blockers.Add(new Blocker(holding.Owner, holding.Owner.Version));
        }
        if (isHolder) return;
        foreach ((LockOwner other, bool theirs) in entry.Queue)
        {
            if (other == owner) break;
            if (!isShared || !theirs) blockers.Add(new Blocker(other, other.Version));
        }
    }

    private static LockInfo Describe(AdvisoryKey key, LockOwner owner, bool isShared, bool isGranted) => new("advisory", key.Database, 0, owner.Process, isShared ? "ShareLock" : "ExclusiveLock",
        isGranted, (uint)(key.Key >> 32), (uint)key.Key, (short)(key.IsTwoPart ? 2 : 1));
}
