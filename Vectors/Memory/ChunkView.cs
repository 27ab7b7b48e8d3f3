using System.Runtime.CompilerServices;

namespace VecSql.Vectors.Memory;

/// <summary>
/// Where item i lies: <c>chunks[i &gt;&gt; shift] + (i &amp; mask) · stride</c>. A snapshot of the chunk table: valid for the items that existed when it
/// was taken, for as long as their owner lives. Chunks never move, so readers take no lock. Those of a section that is paged come and go: their addresses are good until the reader's
/// search context rests (<see cref="BlockCache"/>).
/// </summary>
public readonly unsafe struct ChunkView
{
    private readonly byte** _chunks;
    private readonly int _shift;
    private readonly int _mask;
    private readonly nint _stride;

    public ChunkView(byte** chunks, int shift, nint stride)
    {
        _chunks = chunks;
        _shift = shift;
        _mask = (int)((1u << shift) - 1);
        _stride = stride;
    }

    public nint Stride => _stride;

    /// <summary>Null if the item's block isn't in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* IfPresent(int item)
    {
        byte* chunk = _chunks[item >> _shift];
        return chunk == null ? null : chunk + ((item & _mask) * _stride);
    }

    /// <summary>The caller has checked that the item exists.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* At(int item)
    {
        byte* chunk = _chunks[item >> _shift];
        if (chunk == null) chunk = PagedTable.Load(_chunks, item >> _shift);
        return chunk + ((item & _mask) * _stride);
    }
}
