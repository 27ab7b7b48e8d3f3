using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSql.Storage.Contracts;

namespace VecSql.Storage.Locks;

/// <summary>
/// Row locks, in memory, by row number. An uncontended lock is one dictionary entry; several holders (shared locks) share a list. Who must wait stands in the row's queue and comes
/// in turn; a lock that doesn't conflict with those who hold the row passes the queue, as in PostgreSQL.
/// </summary>
internal sealed class RowLocks
{
    private const int Shards = 64;

    private struct State
    {
        /// <summary>Null if no one holds the row, but some wait.</summary>
        public LockOwner? Owner;
        public RowLockStrength Strength;
        public List<(LockOwner Owner, RowLockStrength Strength)>? Others;
        public List<(LockOwner Owner, RowLockStrength Strength)>? Queue;
    }

    private readonly Dictionary<RowKey, State>[] _shards = new Dictionary<RowKey, State>[Shards];

    public RowLocks()
    {
        for (int i = 0; i < Shards; i++) _shards[i] = [];
    }

    /// <summary>Takes the lock, or tells who is in the way (then nothing is taken).</summary>
    /// <param name="mayQueue">If not taken, the owner stands in the queue from now on, until it takes the lock or calls <see cref="LeaveQueue"/>.</param>
    public bool TryAcquire(LockOwner owner, RowKey key, RowLockStrength strength, bool mayQueue, List<Blocker> blockers)
    {
        blockers.Clear();
        Dictionary<RowKey, State> shard = ShardOf(key);
        lock (shard)
        {
            ref State state = ref CollectionsMarshal.GetValueRefOrAddDefault(shard, key, out bool exists);
            if (!exists)
            {
                state.Owner = owner;
                state.Strength = strength;
                owner.Rows.Add(new HeldRow(key, -1));
                return true;
            }
            FindBlockers(ref state, owner, strength, blockers);
            if (blockers.Count == 0)
            {
                Grant(ref state, owner, key, strength);
                state.Queue?.RemoveAll(w => w.Owner == owner);
                return true;
            }
            if (mayQueue && (state.Queue is null || !state.Queue.Exists(w => w.Owner == owner))) (state.Queue ??= []).Add((owner, strength));
            return false;
        }
    }

    /// <summary>The owner gave up waiting. Those behind it look again when the caller tells the wait graph.</summary>
    public void LeaveQueue(LockOwner owner, RowKey key)
    {
        Dictionary<RowKey, State> shard = ShardOf(key);
        lock (shard)
        {
            ref State state = ref CollectionsMarshal.GetValueRefOrNullRef(shard, key);
            if (Unsafe.IsNullRef(ref state)) return;
            state.Queue?.RemoveAll(w => w.Owner == owner);
            if (IsUnused(ref state)) shard.Remove(key);
        }
    }

    /// <summary>The owner's own lock on the row; −1 if it has none.</summary>
    public int HeldBy(LockOwner owner, RowKey key)
    {
        Dictionary<RowKey, State> shard = ShardOf(key);
        lock (shard)
        {
            if (!shard.TryGetValue(key, out State state)) return -1;
            if (state.Owner == owner) return (int)state.Strength;
            int place = state.Others?.FindIndex(h => h.Owner == owner) ?? -1;
            return place < 0 ? -1 : (int)state.Others![place].Strength;
        }
    }

    /// <summary>Those that share the row with the owner, with their strengths: they keep their hold on the row's next version.</summary>
    public void CopyOthers(LockOwner owner, RowKey from, RowKey to)
    {
        List<(LockOwner Owner, RowLockStrength Strength)>? holders = null;
        Dictionary<RowKey, State> shard = ShardOf(from);
        lock (shard)
        {
            if (!shard.TryGetValue(from, out State state) || state.Others is null && (state.Owner is null || state.Owner == owner)) return;
            holders = [];
            if (state.Owner is not null && state.Owner != owner) holders.Add((state.Owner, state.Strength));
            if (state.Others is not null) holders.AddRange(state.Others.Where(h => h.Owner != owner));
        }
        shard = ShardOf(to);
        lock (shard)
        {
            ref State state = ref CollectionsMarshal.GetValueRefOrAddDefault(shard, to, out _);
            foreach ((LockOwner holder, RowLockStrength strength) in holders)
            {
                // Their own lists can't be touched from here: such a lock ends when its row is locked next and the holder has ended.
                if (state.Owner is null) (state.Owner, state.Strength) = (holder, strength);
                else (state.Others ??= []).Add((holder, strength));
            }
            if (IsUnused(ref state)) shard.Remove(to);
        }
    }

    /// <summary>Gives back all locks taken after the first <paramref name="count"/>.</summary>
    public void Release(LockOwner owner, int count)
    {
        for (int i = owner.Rows.Count - 1; i >= count; i--) Release(owner, owner.Rows[i]);
        if (owner.Rows.Count > count) owner.Rows.RemoveRange(count, owner.Rows.Count - count);
    }

    /// <summary>Gives back the one lock at the place, if there is one.</summary>
    public void ReleaseAt(LockOwner owner, int place)
    {
        Release(owner, owner.Rows[place]);
        owner.Rows.RemoveAt(place);
    }

    private void Release(LockOwner owner, HeldRow held)
    {
        Dictionary<RowKey, State> shard = ShardOf(held.Key);
        lock (shard)
        {
            ref State state = ref CollectionsMarshal.GetValueRefOrNullRef(shard, held.Key);
            if (Unsafe.IsNullRef(ref state)) return;
            if (held.Previous >= 0) SetStrength(ref state, owner, (RowLockStrength)held.Previous);
            else
            {
                Remove(ref state, owner);
                if (IsUnused(ref state)) shard.Remove(held.Key);
            }
        }
    }

    /// <summary>Holders that conflict; behind those in the queue that conflict and come first, only the nearest of them counts, for it waits for the rest.</summary>
    private static void FindBlockers(ref State state, LockOwner owner, RowLockStrength strength, List<Blocker> blockers)
    {
        bool isShared = false, holds = state.Owner == owner;
        if (state.Owner is not null) AddIfBlocking(state.Owner, state.Strength, owner, strength, blockers, ref isShared);
        if (state.Others is not null)
        {
            foreach ((LockOwner other, RowLockStrength theirs) in state.Others)
            {
                holds |= other == owner;
                AddIfBlocking(other, theirs, owner, strength, blockers, ref isShared);
            }
        }
        // A holder goes first: those in the queue wait for it. So does who can share the row with the present holders.
        if (state.Queue is null || holds || (blockers.Count == 0 && isShared)) return;
        int place = state.Queue.FindIndex(w => w.Owner == owner);
        for (int i = (place < 0 ? state.Queue.Count : place) - 1; i >= 0; i--)
        {
            (LockOwner ahead, RowLockStrength theirs) = state.Queue[i];
            if (ahead.IsEnded || !LockConflicts.Conflict(strength, theirs)) continue;
            blockers.Clear();
            blockers.Add(new Blocker(ahead, ahead.Version));
            return;
        }
    }

    private static void AddIfBlocking(LockOwner holder, RowLockStrength theirs, LockOwner owner, RowLockStrength strength, List<Blocker> blockers, ref bool isShared)
    {
        if (holder == owner || holder.IsEnded) return;
        if (LockConflicts.Conflict(strength, theirs)) blockers.Add(new Blocker(holder, holder.Version));
        else isShared = true;
    }

    private static void Grant(ref State state, LockOwner owner, RowKey key, RowLockStrength strength)
    {
        if (state.Owner == owner)
        {
            if (strength <= state.Strength) return;
            owner.Rows.Add(new HeldRow(key, (sbyte)state.Strength));
            state.Strength = strength;
            return;
        }
        int place = state.Others?.FindIndex(h => h.Owner == owner) ?? -1;
        if (place >= 0)
        {
            RowLockStrength before = state.Others![place].Strength;
            if (strength <= before) return;
            owner.Rows.Add(new HeldRow(key, (sbyte)before));
            state.Others[place] = (owner, strength);
            return;
        }
        owner.Rows.Add(new HeldRow(key, -1));
        if (state.Owner is null || state.Owner.IsEnded)
        {
            state.Owner = owner;
            state.Strength = strength;
            return;
        }
        state.Others?.RemoveAll(h => h.Owner.IsEnded);
        (state.Others ??= []).Add((owner, strength));
    }

    private static void SetStrength(ref State state, LockOwner owner, RowLockStrength strength)
    {
        if (state.Owner == owner) state.Strength = strength;
        else if (state.Others?.FindIndex(h => h.Owner == owner) is int place and >= 0) state.Others[place] = (owner, strength);
    }

    private static void Remove(ref State state, LockOwner owner)
    {
        state.Others?.RemoveAll(h => h.Owner == owner || h.Owner.IsEnded);
        if (state.Owner != owner) return;
        state.Owner = null;
        if (state.Others is not { Count: > 0 }) return;
        (state.Owner, state.Strength) = state.Others[^1];
        state.Others.RemoveAt(state.Others.Count - 1);
    }

    private static bool IsUnused(ref State state) => state is { Owner: null, Others: null or { Count: 0 }, Queue: null or { Count: 0 } };

    private Dictionary<RowKey, State> ShardOf(RowKey key) => _shards[(uint)HashCode.Combine(key.Table, key.RowId) % Shards];
}
