using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;

namespace VecSql.Storage.Locks;

/// <summary>Locks on tables, names and catalog objects, with PostgreSQL's eight modes. First come, first served, but for those that hold a lock on the object already.</summary>
internal sealed class ObjectLocks(uint database, WaitGraph waits)
{
    private sealed class Entry
    {
        public readonly List<(LockOwner Owner, TableLockMode Mode)> Holders = [];
        public readonly List<(LockOwner Owner, TableLockMode Mode)> Queue = [];
    }

    private const int MaxIdleEntries = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<LockTag, Entry> _entries = [];

    /// <summary>Takes the lock; false if it would have to wait and may not.</summary>
    public bool Acquire(LockOwner owner, LockTag tag, TableLockMode mode, bool mayWait) => Acquire(owner, tag, mode, mayWait, out _);

    /// <param name="hasWaited">Others may have changed the object meanwhile.</param>
    public bool Acquire(LockOwner owner, LockTag tag, TableLockMode mode, bool mayWait, out bool hasWaited)
    {
        hasWaited = false;
        byte held = owner.HeldModes.GetValueOrDefault(tag);
        if ((held >> (int)mode & 1) != 0) return true;
        List<Blocker>? blockers = null;
        bool isQueued = false;
        long deadline = owner.NewDeadline();
        try
        {
            while (true)
            {
                lock (_lock)
                {
                    if (!_entries.TryGetValue(tag, out Entry? entry)) _entries.Add(tag, entry = new Entry());
                    blockers?.Clear();
                    FindBlockers(entry, owner, mode, held != 0, ref blockers);
                    if (blockers is not { Count: > 0 })
                    {
                        entry.Holders.Add((owner, mode));
                        owner.Objects.Add((tag, mode));
                        owner.HeldModes[tag] = (byte)(held | 1 << (int)mode);
                        return true;
                    }
                    if (!mayWait) return false;
                    if (!isQueued) entry.Queue.Add((owner, mode));
                    isQueued = true;
                }
                hasWaited = true;
                waits.Wait(owner, blockers, new WaitTarget(tag.Kind == LockKind.Relation ? "relation" : "object", $"{LockConflicts.NameOf(mode)} on {tag.Describe(database)}", 0), deadline);
            }
        }
        finally
        {
            if (isQueued)
            {
                lock (_lock) _entries[tag].Queue.Remove((owner, mode));
                // Those behind in the queue waited for this one too.
                waits.Released(owner, isEnded: false);
            }
        }
    }

    /// <summary>Gives back all locks taken after the first <paramref name="count"/>.</summary>
    public void Release(LockOwner owner, int count)
    {
        if (owner.Objects.Count <= count) return;
        lock (_lock)
        {
            for (int i = owner.Objects.Count - 1; i >= count; i--)
            {
                (LockTag tag, TableLockMode mode) = owner.Objects[i];
                Entry entry = _entries[tag];
                entry.Holders.Remove((owner, mode));
                // A table's entry stays: the next statement wants it again.
                if (entry.Holders.Count == 0 && entry.Queue.Count == 0 && (tag.Kind != LockKind.Relation || _entries.Count > MaxIdleEntries)) _entries.Remove(tag);
                byte rest = (byte)(owner.HeldModes[tag] & ~(1 << (int)mode));
                if (rest == 0) owner.HeldModes.Remove(tag);
                else owner.HeldModes[tag] = rest;
            }
        }
        owner.Objects.RemoveRange(count, owner.Objects.Count - count);
    }

    public IReadOnlyList<LockInfo> List()
    {
        var all = new List<LockInfo>();
        lock (_lock)
        {
            foreach ((LockTag tag, Entry entry) in _entries)
            {
                foreach ((LockOwner owner, TableLockMode mode) in entry.Holders) all.Add(Describe(tag, owner, mode, isGranted: true));
                foreach ((LockOwner owner, TableLockMode mode) in entry.Queue) all.Add(Describe(tag, owner, mode, isGranted: false));
            }
        }
        return all;
    }

    private LockInfo Describe(LockTag tag, LockOwner owner, TableLockMode mode, bool isGranted) => tag.Kind == LockKind.Relation
        ? new LockInfo("relation", database, tag.Oid, owner.Process, LockConflicts.NameOf(mode), isGranted, null, null, null)
        : new LockInfo("object", database, 0, owner.Process, LockConflicts.NameOf(mode), isGranted, tag.Class, tag.Oid, 0);

    private static void FindBlockers(Entry entry, LockOwner owner, TableLockMode mode, bool isHolder, ref List<Blocker>? blockers)
    {
        byte conflicts = LockConflicts.Of(mode);
        foreach ((LockOwner other, TableLockMode theirs) in entry.Holders)
            if (other != owner && (conflicts >> (int)theirs & 1) != 0)
                (blockers ??= []).Add(new Blocker(other, other.Version));
        // A holder passes the queue: those in it wait for the holder itself.
        if (isHolder) return;
        foreach ((LockOwner other, TableLockMode theirs) in entry.Queue)
        {
            if (other == owner) break;
            if ((conflicts >> (int)theirs & 1) != 0) (blockers ??= []).Add(new Blocker(other, other.Version));
        }
    }
}
