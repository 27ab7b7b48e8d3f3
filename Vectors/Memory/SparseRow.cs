using System.Runtime.CompilerServices;

namespace VecSql.Vectors.Memory;

/// <summary>
/// A sparse row in native memory: its count of elements (32 bits), their places (32 bits each, ascending), their values (32-bit floats). What a store holds of it is its address.
/// </summary>
public readonly unsafe ref struct SparseRow
{
    private SparseRow(byte* bytes)
    {
        int count = *(int*)bytes;
        Places = new ReadOnlySpan<int>(bytes + sizeof(int), count);
        Values = new ReadOnlySpan<float>(bytes + sizeof(int) + ((long)count * sizeof(int)), count);
        Bytes = new ReadOnlySpan<byte>(bytes, SizeOf(count));
    }

    public ReadOnlySpan<int> Places { get; }
    public ReadOnlySpan<float> Values { get; }

    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <param name="words">The words of a store's row, or of a query: an address that <see cref="SparseRowMemory"/> gave, or that of a row in a checked file.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SparseRow At(float* words) => new((byte*)Unsafe.ReadUnaligned<nint>(words));

    public static int SizeOf(int count) => sizeof(int) + (count * (sizeof(int) + sizeof(float)));
}

/// <summary>Native memory of sparse rows: they never move, until all are freed. For one writer at a time.</summary>
public sealed unsafe class SparseRowMemory : IDisposable
{
    private const int BlockBytes = 1 << 18;

    private readonly List<nint> _blocks = [];
    private int _used = BlockBytes;

    /// <summary>Native bytes held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Copies a row in and gives its address. A row is at most as large as a block.</summary>
    public nint Add(ReadOnlySpan<int> places, ReadOnlySpan<float> values)
    {
        int size = SparseRow.SizeOf(places.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, BlockBytes);
        if (_used + size > BlockBytes)
        {
            _blocks.Add((nint)NativeMemoryBlock.Allocate(BlockBytes));
            Bytes += BlockBytes;
            _used = 0;
        }
        byte* target = (byte*)_blocks[^1] + _used;
        _used += size;
        *(int*)target = places.Length;
        places.CopyTo(new Span<int>(target + sizeof(int), places.Length));
        values.CopyTo(new Span<float>(target + sizeof(int) + ((long)places.Length * sizeof(int)), places.Length));
        return (nint)target;
    }

    public void Dispose()
    {
        foreach (nint block in _blocks) NativeMemoryBlock.Free((void*)block);
        _blocks.Clear();
        _used = BlockBytes;
    }
}
