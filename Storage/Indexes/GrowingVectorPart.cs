using VecSql.Core.Errors;
using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;

namespace VecSql.Storage.Indexes;

/// <summary>
/// A vector index over a memtable.
/// 1. A row that is appended gets the next node: exact scans find it at once.
/// 2. <see cref="Link"/>, by the background worker or by an inserter, claims the oldest nodes that aren't linked and inserts them into the graph. Several may link beside each other.
/// 3. When all claims below a node are done, <see cref="LinkedEnd"/> passes it: from then on the graph answers for it.
/// 4. A graph that has got <see cref="QuantizedRows"/> nodes is copied with codes chosen by them; who searches the old one goes on.
/// Appending takes a lock, claiming another; readers take none.
/// </summary>
internal sealed class GrowingVectorPart(HnswOptions options, VectorForm form) : VectorPart
{
    /// <summary>So many newest rows are scanned rather than linked: below, linking isn't worth its overhead.</summary>
    public const int FewRows = 64;

    /// <summary>A graph of so many nodes gets codes, chosen by them.</summary>
    private const int QuantizedRows = 4096;

    private readonly Lock _lock = new();
    private readonly object _claimLock = new();
    private readonly GrowableVectorStore _store = new(form.Words, normalize: options.Metric == DistanceMetric.Cosine);
    private readonly SparseRowMemory? _sparse = form.Rows == RowForm.Sparse ? new SparseRowMemory() : null;

    // Of one writer: the row that is being appended.
    private readonly float[] _row = new float[form.Words];
    private int[] _positions = new int[256];

    // Node + 1 by position; 0: the row has no vector.
    private int[] _nodes = new int[256];
    private int _count;
    private int _linkedEnd;
    private HnswGraph? _graph;

    // Under the claim lock: where the next claim begins, claims that are being worked on, whether the graph is someone's alone.
    private int _claimed;
    private readonly List<int> _openClaims = [];
    private bool _isHeld;
    private bool _hasTriedCodes;

    /// <summary>Nodes from here on can't be linked.</summary>
    private int _unlinkable = int.MaxValue;
    private HnswGraph? _outgrown;

    public override IVectorStore Store => _store;
    public override HnswGraph? Graph => Volatile.Read(ref _graph);
    public override int LinkedEnd => Volatile.Read(ref _linkedEnd);
    public override int Count => Volatile.Read(ref _count);
    public override long MemoryBytes => _store.MemoryBytes + (_sparse?.Bytes ?? 0) + (Graph?.MemoryBytes ?? 0);

    /// <summary>Rows that searches have to scan.</summary>
    public int UnlinkedRows => Count - LinkedEnd;

    /// <summary>The graph was taken over into a file that will stand in this part's place: linking more would be in vain.</summary>
    public bool IsRetiring { get; private set; }

    public override int PositionOf(int node) => Volatile.Read(ref _positions)[node];

    public override int NodeOf(int position)
    {
        int[] nodes = Volatile.Read(ref _nodes);
        return position < nodes.Length ? nodes[position] - 1 : -1;
    }

    public void Append(int position, ReadOnlySpan<byte> vector)
    {
        lock (_lock)
        {
            int node = _store.Append(form.Read(vector, _row, _sparse));
            Invariant.Check(node == _count);
            Reserve(ref _positions, node);
            Reserve(ref _nodes, position);
            _positions[node] = position;
            _nodes[position] = node + 1;
            Volatile.Write(ref _count, node + 1);
        }
    }

    /// <summary>Links up to so many of the oldest rows that aren't linked; returns how many: 0 if there are none, or others are at the last of them.</summary>
    public int Link(int mostRows, int threads, Action? breathe = null)
    {
        if (WantsCodes()) GiveCodes(threads);
        int first, end;
        HnswGraph? graph;
        lock (_claimLock)
        {
            if (_isHeld) return 0;
            first = _claimed;
            end = (int)Math.Min((long)first + mostRows, Count);
            if (end <= first || first > _unlinkable) return 0;
            _claimed = end;
            if (_graph is null && end < QuantizedRows) _graph = new HnswGraph(options with { Quantization = VectorQuantization.None }, _store);
            graph = _graph;
            if (graph is null) Hold();
            _openClaims.Add(first);
        }
        bool isLinked = false;
        try
        {
            if (graph is null) Volatile.Write(ref _graph, HnswGraph.Build(_store, end, options, threads));
            else graph.InsertRange(first, end, threads, breathe is null ? null : _ => breathe());
            isLinked = true;
        }
        finally
        {
            lock (_claimLock)
            {
                // Out of memory, say: these rows and those behind go on being scanned.
                if (!isLinked) _unlinkable = Math.Min(_unlinkable, first);
                _openClaims.Remove(first);
                Volatile.Write(ref _linkedEnd, Math.Min(_unlinkable, _openClaims.Count == 0 ? _claimed : _openClaims.Min()));
                if (graph is null) _isHeld = false;
                Monitor.PulseAll(_claimLock);
            }
        }
        return end - first;
    }

    /// <summary>Waits until fewer rows than that are unlinked, or a moment has passed.</summary>
    public void WaitForLinks(int unlinkedRows, int milliseconds)
    {
        lock (_claimLock)
            if (UnlinkedRows >= unlinkedRows)
                Monitor.Wait(_claimLock, milliseconds);
    }

    /// <summary>Lets the graph be read as it is, by one who makes a file of it; the rows that it lacks are that one's to link. Null if there is none.</summary>
    public T? Retire<T>(Func<HnswGraph, T?> read)
        where T : class
    {
        lock (_claimLock)
        {
            IsRetiring = true;
            Hold();
        }
        try
        {
            return _graph is { } graph ? read(graph) : null;
        }
        finally
        {
            Free();
        }
    }

    /// <summary>The file did not come to be.</summary>
    public void Resume() => IsRetiring = false;

    private bool WantsCodes() =>
        !_hasTriedCodes && LinkedEnd >= QuantizedRows && options.Quantization != VectorQuantization.None && Graph is { Quantization: VectorQuantization.None };

    private void GiveCodes(int threads)
    {
        lock (_claimLock)
        {
            if (_hasTriedCodes) return;
            _hasTriedCodes = true;
            Hold();
        }
        try
        {
            int[] ids = new int[_linkedEnd];
            for (int i = 0; i < ids.Length; i++) ids[i] = i;
            HnswGraph old = _graph!;
            Volatile.Write(ref _graph, HnswGraph.BuildFrom(old, ids, _store, ids.Length, options, threads));
            _outgrown = old;
        }
        finally
        {
            Free();
        }
    }

    /// <summary>Under the claim lock: waits until no one links, and keeps it so until <see cref="Free"/>.</summary>
    private void Hold()
    {
        while (_isHeld) Monitor.Wait(_claimLock);
        _isHeld = true;
        while (_openClaims.Count > 0) Monitor.Wait(_claimLock);
    }

    private void Free()
    {
        lock (_claimLock)
        {
            _isHeld = false;
            Monitor.PulseAll(_claimLock);
        }
    }

    ~GrowingVectorPart() => Release();

    protected override void Release()
    {
        _graph?.Dispose();
        _outgrown?.Dispose();
        _store.Dispose();
        _sparse?.Dispose();
    }

    private static void Reserve(ref int[] array, int place)
    {
        if (place < array.Length) return;
        int[] grown = new int[Math.Max(array.Length * 2, place + 1)];
        array.CopyTo(grown, 0);
        Volatile.Write(ref array, grown);
    }
}
