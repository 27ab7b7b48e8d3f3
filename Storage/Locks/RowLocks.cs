using System.Runtime.InteropServices;
using VecSql.Storage.Contracts;

namespace VecSql.Storage.Locks;

/// <summary>
/// Row locks, in memory, by row number. An uncontended lock is one dictionary entry; several holders (shared locks) share a list.
/// </summary>
internal sealed class RowLocks
{
    private const int Shards = 64;

    private struct State
    {
        public LockOwner Owner;
        public RowLockStrength Strength;
        public List<(LockOwner Owner, RowLockStrength Strength)>? Others;
    }

    private readonly Dictionary<RowKey, State>[] _shards = new Dictionary<RowKey, State>[Shards];

    public RowLocks()
    {
        for (int i = 0; i < Shards; i++) _shards[i] = [];
    }

    /// <summary>Takes the lock, or tells who is in the way (then nothing is taken).</summary>
    public bool TryAcquire(LockOwner owner, RowKey key, RowLockStrength strength, List<Blocker> blockers)
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
            AddIfBlocking(state.Owner, state.Strength, owner, strength, blockers);
            if (state.Others is not null)
                foreach ((LockOwner other, RowLockStrength theirs) in state.Others)
                    AddIfBlocking(other, theirs, owner, strength, blockers);
            if (blockers.Count > 0) return false;
            Grant(ref state, owner, key, strength);
            return true;
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
            if (!shard.TryGetValue(from, out State state) || state.Others is null && state.Owner == owner) return;
            holders = [];
            if (state.Owner != owner) holders.Add((state.Owner, state.Strength));
            if (state.Others is not null) holders.AddRange(state.Others.Where(h => h.Owner != owner));
        }
        shard = ShardOf(to);
        lock (shard)
        {
            ref State state = ref CollectionsMarshal.GetValueRefOrAddDefault(shard, to, out bool exists);
            foreach ((LockOwner holder, RowLockStrength strength) in holders)
            {
                // Their own lists can't be touched from here: such a lock ends when its row is locked next and the holder has ended.
                if (!exists) (state.Owner, state.Strength, exists) = (holder, strength, true);
                else (state.Others ??= []).Add((holder, strength));
            }
            if (!exists) shard.Remove(to);
        }
    }

    /// <summary>Gives back all locks taken after the first <paramref name="count"/>.</summary>
    public void Release(LockOwner owner, int count)
    {
        for (int i = owner.Rows.Count - 1; i >= count; i--)
        {
            HeldRow held = owner.Rows[i];
            Dictionary<RowKey, State> shard = ShardOf(held.Key);
            lock (shard)
            {
                ref State state = ref CollectionsMarshal.GetValueRefOrNullRef(shard, held.Key);
                if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref state)) continue;
                if (held.Previous >= 0) SetStrength(ref state, owner, (RowLockStrength)held.Previous);
                else if (Remove(ref state, owner)) shard.Remove(held.Key);
            }
        }
        if (owner.Rows.Count > count) owner.Rows.RemoveRange(count, owner.Rows.Count - count);
    }

    private static void AddIfBlocking(LockOwner holder, RowLockStrength theirs, LockOwner owner, RowLockStrength strength, List<Blocker> blockers)
    {
        if (holder != owner && !holder.IsEnded && LockConflicts.Conflict(strength, theirs)) blockers.Add(new Blocker(holder, holder.Version));
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
        if (state.Owner.IsEnded)
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

    /// <summary>True if no one holds the row any more.</summary>
    private static bool Remove(ref State state, LockOwner owner)
    {
        state.Others?.RemoveAll(h => h.Owner == owner || h.Owner.IsEnded);
        if (state.Owner != owner) return false;
        if (state.Others is not { Count: > 0 }) return true;
        (state.Owner, state.Strength) = state.Others[^1];
        state.Others.RemoveAt(state.Others.Count - 1);
        return false;
    }

    private Dictionary<RowKey, State> ShardOf(RowKey key) => _shards[(uint)HashCode.Combine(key.Table, key.RowId) % Shards];
}
