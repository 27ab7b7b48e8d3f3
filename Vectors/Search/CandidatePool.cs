using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSql.Vectors.Search;

/// <summary>
/// A candidate as one sortable number: the distance's bits, mapped so that unsigned order is float order, above the id and the flag "expanded".
/// Equal distances order by id, so results don't depend on the path that found them.
/// </summary>
internal static class Candidate
{
    public const ulong Expanded = 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Make(float distance, int id)
    {
        int bits = BitConverter.SingleToInt32Bits(distance);
        uint ordered = (uint)(bits ^ ((bits >> 31) | int.MinValue));
        return ((ulong)ordered << 32) | ((uint)id << 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Id(ulong candidate) => (int)((uint)candidate >> 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Distance(ulong candidate)
    {
        int ordered = (int)(candidate >> 32);
        return BitConverter.Int32BitsToSingle(ordered ^ (~(ordered >> 31) | int.MinValue));
    }
}

/// <summary>
/// The nearest candidates so far, sorted, in fixed memory: for the sizes in use a shift of a few cache lines beats a heap, and the next node to
/// expand is found by walking on. <see cref="Cursor"/> never passes an unexpanded candidate.
/// </summary>
internal unsafe struct CandidatePool(ulong* items, int capacity)
{
    /// <summary>Zeros that lie before the items, so that blocks may begin there; as many items' room lies behind.</summary>
    public const int Front = 8;

    /// <summary>So many are gone through whole, rather than from the end to the place.</summary>
    private const int Few = 32;

    public ulong* Items = items;
    public int Capacity = capacity;
    public int Size = 0;
    public int Cursor = 0;

    /// <summary>How many of the nearest are expanded; those behind are kept as results.</summary>
    public int Reach = int.MaxValue;

    /// <summary>Items of room for a pool, with what lies before and behind.</summary>
    public static int Room(int capacity) => capacity + (2 * Front);

    /// <summary>No candidates; where few may come, those that lie beyond the last are no nearer than any.</summary>
    public void Clear()
    {
        Size = Cursor = 0;
        new Span<ulong>(Items, Math.Min(Capacity, Few) + Front).Fill(ulong.MaxValue);
    }

    /// <summary>A candidate must be below this to enter.</summary>
    public readonly ulong Bound
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Size == Capacity ? Items[Size - 1] : ulong.MaxValue;
    }

    /// <summary>Inserts a candidate below <see cref="Bound"/>; returns the one that fell out, or <see cref="ulong.MaxValue"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Insert(ulong candidate)
    {
        ulong evicted = ulong.MaxValue;
        if (Size == Capacity) evicted = Items[Size - 1];
        else Size++;
        int place = Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? Place512(candidate) : Place(candidate);
        if (place < Cursor) Cursor = place;
        return evicted;
    }

    /// <summary>
    /// Puts the candidate in its place among the items up to <see cref="Size"/>, the last of which gives way. From the far end, eight at a time are moved
    /// on until the place is among them: finding and making room are one pass, with one branch that isn't foreseen.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int Place512(ulong candidate)
    {
        Vector512<ulong> fresh = Vector512.Create(candidate);
        if (Size <= Few) return PlaceAmongFew(fresh);
        ulong* block = Items + Size - 1 - Front;
        while (*block > candidate)
        {
            Vector512.Load(block).Store(block + 1);
            block -= Front;
        }
        Vector512<ulong> old = Vector512.Load(block);
        Vector512<ulong> before = Vector512.Shuffle(old, Vector512.Create(0UL, 0, 1, 2, 3, 4, 5, 6));
        Vector512<ulong> isNearer = Vector512.LessThan(old, fresh);
        block[Front] = Math.Max(block[Front - 1], candidate);
        Vector512.ConditionalSelect(isNearer, old, Vector512.Max(before, fresh)).Store(block);
        return (int)(block - Items) + BitOperations.PopCount(isNearer.ExtractMostSignificantBits());
    }

    /// <summary>The same over all items, eight at a time and without a branch on what they are; those beyond the last are no nearer than any (<see cref="Clear"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int PlaceAmongFew(Vector512<ulong> fresh)
    {
        int place = 0, at = (Size - 1) & ~7;
        Vector512<ulong> old = Vector512.Load(Items + at);
        for (; at >= 0; at -= 8)
        {
            Vector512<ulong> lower = at > 0 ? Vector512.Load(Items + at - 8) : default, isNearer = Vector512.LessThan(old, fresh);
            Vector512.ConditionalSelect(isNearer, old, Vector512.Max(Avx512F.AlignRight64(old, lower, 7), fresh)).Store(Items + at);
            place += BitOperations.PopCount(isNearer.ExtractMostSignificantBits());
            old = lower;
        }
        return place;
    }

    /// <summary>The same by halving and moving: a vector wider than the processor's may be copied in parts, which an overlap can't bear.</summary>
    public readonly int Place(ulong candidate)
    {
        ulong* items = Items;
        int low = 0, length = Size - 1;
        while (length > 0)
        {
            int half = length >> 1;
            bool right = items[low + half] < candidate;
            low = right ? low + half + 1 : low;
            length = right ? length - half - 1 : half;
        }
        long moved = (long)(Size - 1 - low) * sizeof(ulong);
        Buffer.MemoryCopy(items + low, items + low + 1, moved, moved);
        items[low] = candidate;
        return low;
    }

    /// <summary>Marks and returns the nearest unexpanded candidate; false if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryExpandNext(out ulong candidate)
    {
        int reach = Math.Min(Size, Reach);
        while (Cursor < reach)
        {
            candidate = Items[Cursor];
            if ((candidate & Candidate.Expanded) == 0)
            {
                Items[Cursor++] = candidate | Candidate.Expanded;
                return true;
            }
            Cursor++;
        }
        candidate = 0;
        return false;
    }
}
