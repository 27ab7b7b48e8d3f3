using VecSql.Core.Errors;
using VecSql.Vectors;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>
/// A vector index over a memtable.
/// 1. A row that is appended gets the next node: exact scans find it at once.
/// 2. <see cref="Link"/>, by the background worker or by an inserter, claims the oldest nodes that aren't linked and lets the structure grow by them. Where the structure can, several do so
///    beside each other; it may also be replaced by another, and who searches the old one goes on.
/// 3. When all claims below a node are done, <see cref="LinkedEnd"/> passes it: from then on the structure answers for it.
/// Appending takes a lock, claiming another; readers take none.
/// </summary>
internal sealed class GrowingVectorPart(VectorStructures structures, VectorForm form) : VectorPart
{
    private readonly Lock _lock = new();
    private readonly object _claimLock = new();
    private readonly GrowableVectorStore _store = new(form.Words, normalize: structures.Metric == DistanceMetric.Cosine);
    private readonly SparseRowMemory? _sparse = form.Rows == RowForm.Sparse ? new SparseRowMemory() : null;

    // Of one writer: the row that is being appended.
    private readonly float[] _row = new float[form.Words];
    private int[] _positions = new int[256];

    // Node + 1 by position; 0: the row has no vector.
    private int[] _nodes = new int[256];
    private int _count;
    private int _linkedEnd;
    private IVectorStructure? _structure;

    // Under the claim lock: where the next claim begins, claims that are being worked on, whether the structure is someone's alone.
    private int _claimed;
    private readonly List<int> _openClaims = [];
    private bool _isHeld;

    /// <summary>Nodes from here on can't be linked.</summary>
    private int _unlinkable = int.MaxValue;

    /// <summary>Replaced by others, and perhaps still searched.</summary>
    private readonly List<IVectorStructure> _retired = [];

    public override IVectorStore Store => _store;
    public override IVectorStructure? Structure => Volatile.Read(ref _structure);
    public override int LinkedEnd => Volatile.Read(ref _linkedEnd);
    public override int Count => Volatile.Read(ref _count);
    public override long MemoryBytes => _store.MemoryBytes + (_sparse?.Bytes ?? 0) + (Structure?.MemoryBytes ?? 0);

    /// <summary>Rows that searches have to scan.</summary>
    public int UnlinkedRows => Count - LinkedEnd;

    /// <summary>The structure was taken over into a file that will stand in this part's place: linking more would be in vain.</summary>
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
        int first, end;
        bool isAlone;
        IVectorStructure? before;
        lock (_claimLock)
        {
            if (_isHeld) return 0;
            isAlone = structures.GrowsAlone(_structure, Count);
            if (isAlone) Hold();
            first = _claimed;
            end = (int)Math.Min((long)first + mostRows, Count);
            if (end <= first || first > _unlinkable)
            {
                if (isAlone) Free();
                return 0;
            }
            _claimed = end;
            before = _structure;
            _openClaims.Add(first);
        }
        IVectorStructure? grown = null;
        try
        {
            // Who holds up others doesn't rest.
            grown = structures.Grow(before, _store, first, end, threads, isAlone ? null : breathe);
            return end - first;
        }
        finally
        {
            lock (_claimLock)
            {
                if (grown is null) _unlinkable = Math.Min(_unlinkable, first);
                else if (grown != _structure) Replace(grown);
                _openClaims.Remove(first);
                Volatile.Write(ref _linkedEnd, Math.Min(_unlinkable, _openClaims.Count == 0 ? _claimed : _openClaims.Min()));
                if (isAlone) Free();
                Monitor.PulseAll(_claimLock);
            }
        }
    }

    private void Replace(IVectorStructure grown)
    {
        if (_structure is { } old) _retired.Add(old);
        Volatile.Write(ref _structure, grown);
    }

    /// <summary>Waits until fewer rows than that are unlinked, or a moment has passed.</summary>
    public void WaitForLinks(int unlinkedRows, int milliseconds)
    {
        lock (_claimLock)
            if (UnlinkedRows >= unlinkedRows)
                Monitor.Wait(_claimLock, milliseconds);
    }

    /// <summary>Lets the structure be read as it is, by one who makes a file of it; the rows that it lacks are that one's to link. Null if there is none.</summary>
    public IVectorStructure? Retire(Func<IVectorStructure, IVectorStructure?> read)
    {
        lock (_claimLock)
        {
            IsRetiring = true;
            Hold();
        }
        try
        {
            return _structure is { } structure ? read(structure) : null;
        }
        finally
        {
            Free();
        }
    }

    /// <summary>The file did not come to be.</summary>
    public void Resume() => IsRetiring = false;

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
        _structure?.Dispose();
        foreach (IVectorStructure retired in _retired) retired.Dispose();
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
