using System.Runtime.InteropServices;
using VecSql.Core.Errors;

namespace VecSql.Vectors.Memory;

/// <summary>Where the bytes of a section lie that is read by blocks. Safe for all threads.</summary>
public interface IBlockSource
{
    /// <summary>Fills the target with the bytes from the offset on.</summary>
    void Read(long offset, Span<byte> target);
}

/// <summary>
/// Copies of blocks of sections that don't fit in memory, as many as a bound allows: what a search reads of a section whose owner has it paged (<see cref="PagedTable"/>). A block that isn't
/// there is read when it is asked for.
/// <list type="number">
/// <item>Blocks leave in the order in which they came. One that leaves waits in limbo first, an eighth of the memory, and comes back from there if it is asked for: so what is used often stays.</item>
/// <item>From limbo memory is given back only when no reader is left that was there when the block left the table: readers count themselves in and out of epochs
/// (<see cref="Enter"/>, <see cref="Exit"/>), and keep no address across.</item>
/// <item>Readers that stay long let the memory exceed the bound rather than wait.</item>
/// </list>
/// </summary>
public sealed unsafe class BlockCache
{
    private const int LimboShare = 8;

    /// <summary>Threads count themselves in apart from each other, each pair of counters in a cache line of its own.</summary>
    private const int Stripes = 16;

    private readonly Lock _lock = new();
    private readonly List<PagedTable?> _tables = [];
    private readonly Queue<(PagedTable Table, int Block)> _present = new();
    private readonly Queue<(PagedTable Table, int Block, long Epoch)> _limbo = new();
    private readonly Dictionary<(PagedTable Table, int Block), (nint Bytes, long Epoch)> _waiting = [];
    private readonly long[] _readers = new long[8 * (Stripes + 1)];
    private long _epoch = 2;
    private long _capacity;
    private long _bytes, _limboBytes;

    /// <summary>Of the process: many indexes share one bound.</summary>
    public static BlockCache Shared { get; } = new();

    /// <summary>The bound; 0 or less: none, and nothing should be paged.</summary>
    public long CapacityBytes
    {
        get => Volatile.Read(ref _capacity);
        set
        {
            lock (_lock)
            {
                Volatile.Write(ref _capacity, value);
                Shrink();
            }
        }
    }

    /// <summary>Memory held.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Blocks that were read so far.</summary>
    public long Reads { get; private set; }

    /// <summary>A reader begins; the result goes to <see cref="Exit"/>.</summary>
    internal long Enter()
    {
        while (true)
        {
            long epoch = Volatile.Read(ref _epoch);
            int stripe = Environment.CurrentManagedThreadId % Stripes;
            Interlocked.Increment(ref Readers(epoch, stripe));
            if (Volatile.Read(ref _epoch) == epoch) return (epoch * Stripes) + stripe;
            Interlocked.Decrement(ref Readers(epoch, stripe));
        }
    }

    /// <summary>The reader has no address any more.</summary>
    internal void Exit(long reader) => Interlocked.Decrement(ref Readers(reader / Stripes, (int)(reader % Stripes)));

    internal int Register(PagedTable table)
    {
        lock (_lock)
        {
            _bytes += table.TableBytes;
            int free = _tables.IndexOf(null);
            if (free < 0)
            {
                _tables.Add(table);
                return _tables.Count - 1;
            }
            _tables[free] = table;
            return free;
        }
    }

    internal void Unregister(PagedTable table, int number)
    {
        lock (_lock)
        {
            _tables[number] = null;
            _bytes -= table.TableBytes;
            for (int block = 0; block < table.Blocks; block++)
            {
                if (table.Present[block] != null) Free(table, table.Present[block]);
                if (TakeBack(table, block) is var waiting && waiting != null) Free(table, waiting);
            }
        }
    }

    /// <summary>The block's bytes, read if need be.</summary>
    internal byte* Load(int number, int block)
    {
        PagedTable table;
        lock (_lock)
        {
            table = _tables[number]!;
            if (table.Present[block] != null) return table.Present[block];
            if (TakeBack(table, block) is var waiting && waiting != null)
            {
                Admit(table, block, waiting);
                // What leaves now is good for as long as this reader is there.
                Shrink();
                return waiting;
            }
        }
        byte* fresh = (byte*)NativeMemoryBlock.Allocate((nuint)table.BlockBytes);
        bool isRead = false;
        try
        {
            table.Read(block, fresh);
            isRead = true;
        }
        finally
        {
            if (!isRead) NativeMemoryBlock.Free(fresh);
        }
        lock (_lock)
        {
            Reads++;
            // Another may have been quicker, and its block may even have left again.
            byte* present = table.Present[block], waiting = present == null ? TakeBack(table, block) : null;
            if (present != null || waiting != null) NativeMemoryBlock.Free(fresh);
            else Volatile.Write(ref _bytes, _bytes + table.BlockBytes);
            if (present != null) return present;
            if (waiting != null) fresh = waiting;
            Admit(table, block, fresh);
            Shrink();
            return fresh;
        }
    }

    private ref long Readers(long epoch, int stripe) => ref _readers[(8 * (stripe + 1)) - 2 + (epoch & 1)];

    private void Admit(PagedTable table, int block, byte* bytes)
    {
        // Published after it was filled.
        Volatile.Write(ref *(nint*)(table.Present + block), (nint)bytes);
        _present.Enqueue((table, block));
    }

    private void Shrink()
    {
        long keep = _capacity - (_capacity / LimboShare);
        while (_bytes - _limboBytes > keep && _present.TryDequeue(out (PagedTable Table, int Block) oldest))
        {
            ref byte* present = ref oldest.Table.Present[oldest.Block];
            if (oldest.Table.IsDisposed || present == null) continue;
            _waiting[oldest] = ((nint)present, _epoch);
            present = null;
            _limboBytes += oldest.Table.BlockBytes;
            _limbo.Enqueue((oldest.Table, oldest.Block, _epoch));
        }
        if (_bytes > _capacity) Advance();
        while (_bytes > _capacity && _limbo.TryPeek(out (PagedTable Table, int Block, long Epoch) first))
        {
            if (first.Epoch + 2 > _epoch && !Advance()) break;
            if (first.Epoch + 2 > _epoch) continue;
            _limbo.Dequeue();
            // It may have come back meanwhile, and left again later.
            if (first.Table.IsDisposed || !_waiting.TryGetValue((first.Table, first.Block), out (nint Bytes, long Epoch) waiting) || waiting.Epoch != first.Epoch) continue;
            Free(first.Table, TakeBack(first.Table, first.Block));
        }
    }

    /// <summary>A block out of limbo; null if it isn't there.</summary>
    private byte* TakeBack(PagedTable table, int block)
    {
        if (!_waiting.Remove((table, block), out (nint Bytes, long Epoch) waiting)) return null;
        _limboBytes -= table.BlockBytes;
        return (byte*)waiting.Bytes;
    }

    private void Free(PagedTable table, byte* bytes)
    {
        NativeMemoryBlock.Free(bytes);
        Volatile.Write(ref _bytes, _bytes - table.BlockBytes);
    }

    /// <summary>The next epoch begins when no reader of the last one is left.</summary>
    private bool Advance()
    {
        for (int stripe = 0; stripe < Stripes; stripe++)
            if (Interlocked.Read(ref Readers(_epoch - 1, stripe)) != 0)
                return false;
        Volatile.Write(ref _epoch, _epoch + 1);
        return true;
    }
}

/// <summary>
/// A section as searches read it while it is paged: addresses of blocks of 2^shift items, null where one isn't in memory. <see cref="ChunkView.At"/> comes to <see cref="Load"/> then. The
/// number of the table stands before its first address.
/// </summary>
internal sealed unsafe class PagedTable : IDisposable
{
    /// <summary>Items lie in no order that searches follow: what comes along with the one asked for is seldom of use.</summary>
    private const int WantedBlockBytes = 512;

    private readonly IBlockSource _source;
    private readonly long[] _offsets;
    private readonly int _runShift;
    private readonly int _items;
    private readonly nint _stride;
    private readonly int _shift;
    private readonly int _number;
    private readonly byte** _memory;

    /// <param name="offsets">Where each run of 2^<paramref name="runShift"/> items lies in the source.</param>
    public PagedTable(IBlockSource source, ReadOnlySpan<long> offsets, int runShift, nint stride, int items)
    {
        (_source, _offsets, _runShift, _stride, _items) = (source, offsets.ToArray(), runShift, stride, items);
        while (_shift < runShift && _stride << (_shift + 1) <= WantedBlockBytes) _shift++;
        Blocks = (int)(((long)items + (1 << _shift) - 1) >> _shift);
        _memory = (byte**)NativeMemory.AllocZeroed((nuint)Blocks + 1, (nuint)sizeof(byte*));
        _number = BlockCache.Shared.Register(this);
        _memory[0] = (byte*)_number;
    }

    public int Blocks { get; }
    public byte** Present => _memory + 1;
    public bool IsDisposed { get; private set; }
    public int BlockBytes => (int)(_stride << _shift);
    public long TableBytes => Blocks * (long)sizeof(byte*);
    public ChunkView View => new(Present, _shift, _stride);

    /// <summary>For a block that isn't in memory.</summary>
    public static byte* Load(byte** blocks, int block) => BlockCache.Shared.Load((int)(nint)blocks[-1], block);

    public void Read(int block, byte* target)
    {
        int item = block << _shift, run = item >> _runShift;
        long offset = _offsets[run] + ((item - ((long)run << _runShift)) * _stride);
        _source.Read(offset, new Span<byte>(target, (int)(Math.Min(1 << _shift, _items - item) * _stride)));
    }

    /// <summary>Only when no reader is left.</summary>
    public void Dispose()
    {
        if (IsDisposed) return;
        BlockCache.Shared.Unregister(this, _number);
        IsDisposed = true;
        NativeMemory.Free(_memory);
    }
}
