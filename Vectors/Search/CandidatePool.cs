using System.Runtime.CompilerServices;

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
    public ulong* Items = items;
    public int Capacity = capacity;
    public int Size = 0;
    public int Cursor = 0;

    /// <summary>A candidate must be below this to enter.</summary>
    public readonly ulong Bound
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Size == Capacity ? Items[Size - 1] : ulong.MaxValue;
    }

    /// <summary>Inserts a candidate below <see cref="Bound"/>; returns the one that fell out, or <see cref="ulong.MaxValue"/>.</summary>
    public ulong Insert(ulong candidate)
    {
        ulong* items = Items;
        int low = 0, length = Size;
        while (length > 0)
        {
            int half = length >> 1;
            bool right = items[low + half] < candidate;
            low = right ? low + half + 1 : low;
            length = right ? length - half - 1 : half;
        }
        ulong evicted = ulong.MaxValue;
        if (Size == Capacity) evicted = items[Size - 1];
        else Size++;
        Buffer.MemoryCopy(items + low, items + low + 1, (long)(Size - low) * sizeof(ulong), (long)(Size - low - 1) * sizeof(ulong));
        items[low] = candidate;
        if (low < Cursor) Cursor = low;
        return evicted;
    }

    /// <summary>Marks and returns the nearest unexpanded candidate; false if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryExpandNext(out ulong candidate)
    {
        while (Cursor < Size)
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
