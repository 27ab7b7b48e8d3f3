using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Graph;

/// <summary>
/// A navigable small-world graph in layers (HNSW; Malkov &amp; Yashunin, arXiv 1603.09320) over the rows of an <see cref="IVectorStore"/>.
/// <list type="bullet">
/// <item>Layer 0 is flat: one 64-byte aligned record of 2m ids per node. A node of level L has L further blocks of m ids.</item>
/// <item>Levels are drawn by hashing the id with the seed: they don't depend on the order of inserts or on threads.</item>
/// <item>Several threads may insert, and any number search meanwhile without a lock. A search sees the nodes that were linked when it began, and perhaps
/// some newer.</item>
/// <item>Equal vectors hang on a chain behind the first of them, so thousands of duplicates neither crowd out neighbours nor form an island.</item>
/// <item>Nothing is ever unlinked: the caller filters dead nodes, which go on to serve as bridges, until a rebuild.</item>
/// </list>
/// Owns its native memory until <see cref="Dispose"/> (which must not race with searches); never owns the store.
/// </summary>
public sealed unsafe partial class HnswGraph : IDisposable
{
    private const long NoEntry = -1;
    private const int LockStripes = 4096;
    internal const int MaxLevel = 30;

    private readonly HnswOptions _options;
    private readonly IVectorStore _store;
    private readonly NativeChunks _records;
    private readonly NativeChunks _upperIndex;
    private readonly NativeChunks _upperBlocks;
    private readonly QuantizedRows? _codes;
    private EntryPoints? _entryPoints;
    private int _entryPointLimit;
    private NeighborCodes? _neighborCodes;
    private readonly int[] _locks;
    private readonly Lock _entryLock = new();
    private readonly bool _isMutable;
    private long _entry = NoEntry;
    private int _limit;
    private int _upperBlockCount;
    private int _linked;

    /// <summary>An empty mutable graph.</summary>
    /// <param name="store">Holds the row of an id before the id is inserted; outlives the graph.</param>
    public HnswGraph(HnswOptions options, IVectorStore store)
        : this(options, store, QuantizedRows.Create(GrowingKind(options.Quantization), options.Metric, store, store.Count, options.ExpectedNodes))
    {
    }

    private HnswGraph(HnswOptions options, IVectorStore store, QuantizedRows? codes)
    {
        options.Validate();
        _options = options;
        _store = store;
        _isMutable = true;
        _locks = new int[LockStripes];
        int behind = codes is not null && codes.Kind.HasNeighborCodes() ? NeighborCodes.BytesOf(store.Dimensions, 2 * options.M) : 0;
        _records = new NativeChunks(ListBytes(2 * options.M) + behind, fill: 0xFF, options.ExpectedNodes);
        _upperIndex = new NativeChunks(sizeof(int), fill: 0xFF, options.ExpectedNodes);
        _upperBlocks = new NativeChunks(ListBytes(options.M), fill: 0xFF, options.ExpectedNodes / options.M);
        _codes = codes;
    }

    /// <summary>What is left to a build, to choose or to write, a graph that grows from nothing does without.</summary>
    private static VectorQuantization GrowingKind(VectorQuantization kind) =>
        kind == VectorQuantization.Auto || kind.HasNeighborCodes() ? VectorQuantization.RaBitQ4 : kind;

    public HnswOptions Options => _options;
    public IVectorStore Store => _store;
    internal QuantizedRows? Codes => _codes;

    /// <summary>What walks read: what was asked for, or something finer where that would cost recall, or nothing where there is no gain.</summary>
    public VectorQuantization Quantization => _codes?.Kind ?? VectorQuantization.None;

    /// <summary>Bytes that a walk reads of each node it scores.</summary>
    public int WalkBytes => _codes is { } codes ? (int)codes.Items.Stride : _store.Dimensions * sizeof(float);

    /// <summary>Bytes of codes, in memory or in the file: the nodes', and their neighbours' beside the lists.</summary>
    public long CodeBytes => (long)Limit * ((_codes?.Items.Stride ?? 0) + _records.Stride - ListBytes(2 * _options.M));

    /// <summary>Ids below this may be in the graph; one more than the highest that was inserted.</summary>
    public int Limit => Volatile.Read(ref _limit);

    /// <summary>Nodes that were linked (or chained as duplicates): those that a search can find.</summary>
    public int LinkedCount => Volatile.Read(ref _linked);

    /// <summary>True if nodes can be inserted; false for a graph opened over bytes.</summary>
    public bool IsMutable => _isMutable;

    /// <summary>Native bytes held, without the store's and the searches' scratch.</summary>
    public long MemoryBytes => _records.Bytes + _upperIndex.Bytes + _upperBlocks.Bytes + (_codes?.MemoryBytes ?? 0) + (_entryPoints?.MemoryBytes ?? 0);

    /// <summary>
    /// What a search needs, read in the order that makes it consistent: the entry, then the limit (which covers it), then the tables (which cover
    /// all below the limit), then the rows. False in an empty graph.
    /// </summary>
    internal bool TrySnapshot(out GraphView view, out VectorRows rows, out int entry, out int entryLevel)
    {
        bool any = TryGetEntry(out entry, out entryLevel);
        view = View;
        rows = _store.Rows;
        return any;
    }

    /// <summary>Finds a better place to begin than the top, where there are entry points: for the query whose codes the context has bound.</summary>
    internal void ChooseEntry(SearchContext context, ref int entry, ref int level)
    {
        if (CurrentEntryPoints is not { } points) return;
        int nearest = points.Nearest(context.Rotated.Pointer, context.SignTable);
        // Damaged bytes may name any node.
        if ((uint)nearest < (uint)Limit) (entry, level) = (nearest, points.Level - 1);
    }

    /// <summary>Null once rows were inserted after they were chosen: newer ones may lie where none of them is near.</summary>
    private EntryPoints? CurrentEntryPoints => Limit == _entryPointLimit ? _entryPoints : null;

    private GraphView View
    {
        get
        {
            int limit = Limit;
            int blocks = Math.Min(Volatile.Read(ref _upperBlockCount), _upperBlocks.Capacity);
            return new(_records.SearchView, _upperIndex.View, _upperBlocks.View, limit, blocks, 2 * _options.M, _options.M);
        }
    }

    /// <summary>The top node and its level; false in an empty graph.</summary>
    private bool TryGetEntry(out int id, out int level)
    {
        long entry = Volatile.Read(ref _entry);
        (id, level) = ((int)entry, (int)(entry >> 32));
        return entry != NoEntry;
    }

    public void Dispose()
    {
        _records.Dispose();
        _upperIndex.Dispose();
        _upperBlocks.Dispose();
        _codes?.Dispose();
        _entryPoints?.Dispose();
        _pinned.Dispose();
    }

    /// <summary>Level l or more has probability m^−l. Integers only, so that every machine draws the same.</summary>
    internal int LevelOf(int id)
    {
        ulong hash = Mix(_options.Seed ^ Mix((ulong)id + 1));
        ulong threshold = ulong.MaxValue / (uint)_options.M;
        int level = 0;
        while (hash < threshold && level < MaxLevel)
        {
            threshold /= (uint)_options.M;
            level++;
        }
        return level;
    }

    /// <summary>Bytes of a list, in whole cache lines.</summary>
    internal static int ListBytes(int degree) => ((degree * sizeof(int)) + NativeMemoryBlock.CacheLine - 1) & ~(NativeMemoryBlock.CacheLine - 1);

    /// <summary>The finalizer of SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static long PackEntry(int id, int level) => ((long)level << 32) | (uint)id;
}
