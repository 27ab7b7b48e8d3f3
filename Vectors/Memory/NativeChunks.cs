using System.Numerics;
using System.Runtime.InteropServices;

namespace VecSql.Vectors.Memory;

/// <summary>
/// Fixed-size items in native chunks that never move. Growth is serialized; readers use a <see cref="ChunkView"/>. When the chunk table
/// itself is outgrown, a longer copy replaces it and the old one lives until <see cref="Dispose"/>, so older views stay valid.
/// Also wraps memory that others own (a mapped file): then it neither grows nor frees it.
/// </summary>
internal sealed unsafe class NativeChunks : IDisposable
{
    private const int SmallChunkBytes = 256 << 10;
    private const int LargeChunkBytes = 32 << 20;

    private readonly Lock _growth = new();
    private readonly List<nint> _retiredTables = [];
    private readonly bool _ownsChunks;
    private readonly byte _fill;
    private readonly int _shift;
    private volatile byte** _table;
    private PagedTable? _paged;
    private volatile bool _isPaged;
    private int _tableLength;
    private int _chunkCount;
    private int _capacity;

    /// <param name="stride">Bytes from item to item.</param>
    /// <param name="fill">The byte that new chunks are filled with.</param>
    /// <param name="expectedItems">Sizes the chunks: large ones for millions of items, small ones for a young memtable.</param>
    public NativeChunks(nint stride, byte fill, int expectedItems)
    {
        Stride = stride;
        _fill = fill;
        _ownsChunks = true;
        long target = Math.Clamp((long)stride * expectedItems, SmallChunkBytes, LargeChunkBytes);
        _shift = Math.Min(30, BitOperations.Log2((ulong)Math.Max(1, target / stride)));
        AllocateTable(16);
    }

    /// <summary>Wraps existing memory of <paramref name="items"/> items; the caller keeps it alive.</summary>
    public NativeChunks(ReadOnlySpan<nint> chunks, int shift, nint stride, int items)
    {
        Stride = stride;
        _shift = shift;
        AllocateTable(Math.Max(1, chunks.Length));
        for (int i = 0; i < chunks.Length; i++) _table[i] = (byte*)chunks[i];
        _chunkCount = chunks.Length;
        _capacity = items;
    }

    public nint Stride { get; }

    /// <summary>Items that may be addressed.</summary>
    public int Capacity => Volatile.Read(ref _capacity);

    public long Bytes => _ownsChunks ? (long)_chunkCount * ChunkBytes : 0;
    public ChunkView View => new(_table, _shift, Stride);

    /// <summary>What searches read: blocks in memory of bounded size if the items are paged, else the items themselves.</summary>
    public ChunkView SearchView => Volatile.Read(ref _paged) is { } paged && _isPaged ? paged.View : View;

    /// <summary>Whether searches read blocks of a file rather than the mapped memory that these chunks wrap.</summary>
    /// <param name="offsets">Where each chunk lies in the source.</param>
    public void Page(bool isPaged, IBlockSource source, params ReadOnlySpan<long> offsets)
    {
        if (isPaged && _paged is null && _capacity > 0) Volatile.Write(ref _paged, new PagedTable(source, offsets, _shift, Stride, _capacity));
        _isPaged = isPaged;
    }
    public byte* At(int item) => View.At(item);
    private nint ChunkBytes => Stride << _shift;

    /// <summary>
    /// The bytes of the items from <paramref name="item"/> on that lie together, up to <paramref name="end"/> and a gigabyte; moves on past them.
    /// </summary>
    public ReadOnlySpan<byte> Run(ref int item, int end)
    {
        long inChunk = (1L << _shift) - (item & ((1 << _shift) - 1));
        int count = (int)Math.Min(Math.Min(inChunk, end - item), Math.Max(1, (1 << 30) / Stride));
        ReadOnlySpan<byte> run = new(At(item), (int)(count * Stride));
        item += count;
        return run;
    }

    public void EnsureCapacity(int items)
    {
        if (items <= Capacity) return;
        lock (_growth)
        {
            while (_capacity < items)
            {
                if (_chunkCount == _tableLength) AllocateTable(_tableLength * 2);
                byte* chunk = (byte*)NativeMemoryBlock.Allocate((nuint)ChunkBytes);
                NativeMemory.Fill(chunk, (nuint)ChunkBytes, _fill);
                _table[_chunkCount++] = chunk;
                Volatile.Write(ref _capacity, (int)Math.Min(int.MaxValue, (long)_chunkCount << _shift));
            }
        }
    }

    public void Dispose()
    {
        _paged?.Dispose();
        if (_ownsChunks)
            for (int i = 0; i < _chunkCount; i++) NativeMemoryBlock.Free(_table[i]);
        foreach (nint table in _retiredTables) NativeMemory.Free((void*)table);
        NativeMemory.Free(_table);
        _retiredTables.Clear();
        _table = null;
        _chunkCount = _capacity = _tableLength = 0;
    }

    private void AllocateTable(int length)
    {
        byte** table = (byte**)NativeMemory.AllocZeroed((nuint)length, (nuint)sizeof(byte*));
        for (int i = 0; i < _chunkCount; i++) table[i] = _table[i];
        if (_table != null) _retiredTables.Add((nint)_table);
        _table = table;
        _tableLength = length;
    }
}
