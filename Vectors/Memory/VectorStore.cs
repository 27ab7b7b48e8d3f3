using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSql.Vectors.Kernels;

namespace VecSql.Vectors.Memory;

/// <summary>
/// A snapshot of where rows lie. <see cref="KernelDimensions"/> is what kernels loop over: padded rows end in zeros, which change no distance.
/// </summary>
public readonly unsafe struct VectorRows(ChunkView rows, int dimensions, int kernelDimensions)
{
    public int Dimensions => dimensions;
    public int KernelDimensions => kernelDimensions;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row(int id) => (float*)rows.At(id);
}

/// <summary>
/// Node id (dense from 0) → row of float32. Rows never move and never change. A store outlives every graph and search over it; it is disposed by
/// who made it, and not before its graphs.
/// </summary>
public interface IVectorStore
{
    /// <summary>Floats of a row; of rows of another form their words (<see cref="RowForms"/>).</summary>
    int Dimensions { get; }

    /// <summary>Ids below this are addressable.</summary>
    int Count { get; }

    /// <summary>True if every row has length one (or is NaN, for want of a direction): cosine then needs only the product.</summary>
    bool RowsAreUnit { get; }

    VectorRows Rows { get; }
}

/// <summary>
/// A memtable's rows: native chunks that grow and never move; each row 64-byte aligned and zero-padded to sixteen floats. Several writers may append;
/// readers take no lock, and see a row from the moment that its id reaches them through a published structure (the graph).
/// </summary>
public sealed unsafe class GrowableVectorStore : IVectorStore, IDisposable
{
    private readonly NativeChunks _chunks;
    private readonly int _paddedDimensions;
    private int _appended;

    /// <param name="dimensions">1 or more.</param>
    /// <param name="normalize">Rows are scaled to length one as they come in (for cosine). A zero row becomes NaN: infinitely far from everything.</param>
    /// <param name="expectedRows">A hint that sizes the chunks; any number of rows fits.</param>
    public GrowableVectorStore(int dimensions, bool normalize = false, int expectedRows = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        Dimensions = dimensions;
        RowsAreUnit = normalize;
        _paddedDimensions = (dimensions + 15) & ~15;
        _chunks = new NativeChunks(_paddedDimensions * sizeof(float), fill: 0, expectedRows);
    }

    public int Dimensions { get; }

    /// <summary>Rows appended so far; the newest may still be in the writing.</summary>
    public int Count => Math.Min(Volatile.Read(ref _appended), _chunks.Capacity);
    public bool RowsAreUnit { get; }
    public VectorRows Rows => new(_chunks.View, Dimensions, _paddedDimensions);

    /// <summary>Native bytes held.</summary>
    public long MemoryBytes => _chunks.Bytes;

    /// <summary>Copies one row in and returns its id.</summary>
    public int Append(ReadOnlySpan<float> row)
    {
        if (row.Length != Dimensions) throw new ArgumentException($"expected {Dimensions} dimensions, not {row.Length}");
        int id = Interlocked.Increment(ref _appended) - 1;
        _chunks.EnsureCapacity(id + 1);
        Span<float> target = new(_chunks.At(id), Dimensions);
        if (!RowsAreUnit) row.CopyTo(target);
        else if (VectorMath.Norm(row) > 0) VectorMath.Normalize(row, target);
        else target.Fill(float.NaN);
        return id;
    }

    /// <summary>The stored row (normalised if the store normalises).</summary>
    public ReadOnlySpan<float> this[int id]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)Count, nameof(id));
            return new(_chunks.At(id), Dimensions);
        }
    }

    public void Dispose() => _chunks.Dispose();
}

/// <summary>
/// Rows that lie in memory of others, typically a mapped Arrow FixedSizeList buffer: the caller keeps the memory alive and unchanged while the
/// store is used. Rows may be unpadded and unaligned beyond four bytes.
/// </summary>
public sealed unsafe class MappedVectorStore : IVectorStore, IDisposable
{
    private readonly NativeChunks _chunks;

    /// <param name="chunks">Base address of each chunk of <c>2^rowsPerChunkShift</c> rows (the last may be shorter).</param>
    /// <param name="rowsPerChunkShift">0 … 30; one contiguous buffer takes 30 with up to 2^30 rows.</param>
    /// <param name="strideBytes">From row to row, at least <c>4 · dimensions</c>, a multiple of 4.</param>
    /// <param name="count">Rows in all.</param>
    /// <param name="dimensions">Floats per row.</param>
    /// <param name="rowsAreUnit">The caller's word that each row has length one.</param>
    public MappedVectorStore(ReadOnlySpan<nint> chunks, int rowsPerChunkShift, int strideBytes, int count, int dimensions, bool rowsAreUnit = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)rowsPerChunkShift, 30u, nameof(rowsPerChunkShift));
        if (strideBytes < 4L * dimensions || strideBytes % 4 != 0) throw new ArgumentOutOfRangeException(nameof(strideBytes));
        if (count < 0 || count > (long)chunks.Length << rowsPerChunkShift) throw new ArgumentOutOfRangeException(nameof(count));
        Dimensions = dimensions;
        Count = count;
        RowsAreUnit = rowsAreUnit;
        _chunks = new NativeChunks(chunks, rowsPerChunkShift, strideBytes, count);
    }

    /// <summary>One contiguous buffer of unpadded rows.</summary>
    public MappedVectorStore(float* rows, int count, int dimensions, bool rowsAreUnit = false)
        : this([(nint)rows], 30, checked(dimensions * sizeof(float)), count, dimensions, rowsAreUnit)
    {
    }

    public int Dimensions { get; }
    public int Count { get; }
    public bool RowsAreUnit { get; }
    public VectorRows Rows => new(_chunks.SearchView, Dimensions, Dimensions);

    /// <summary>Whether searches read rows by blocks (<see cref="BlockCache"/>), and not where they are mapped.</summary>
    /// <param name="offsets">Where each chunk lies in the source.</param>
    public void Page(bool isPaged, IBlockSource source, params ReadOnlySpan<long> offsets) => _chunks.Page(isPaged, source, offsets);

    public void Dispose() => _chunks.Dispose();
}

public static class VectorStoreRows
{
    /// <summary>A copy of a row, also where rows are paged (<see cref="BlockCache"/>) and no search of the caller's reads.</summary>
    /// <param name="id">Below the store's count.</param>
    public static unsafe float[] CopyRow(this IVectorStore store, int id)
    {
        long reader = BlockCache.Shared.Enter();
        try
        {
            return new ReadOnlySpan<float>(store.Rows.Row(id), store.Dimensions).ToArray();
        }
        finally
        {
            BlockCache.Shared.Exit(reader);
        }
    }
}
