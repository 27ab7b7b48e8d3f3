using System.Buffers;
using System.Runtime.InteropServices;
using VecSql.Arrow;
using VecSql.Core.Errors;
using VecSql.Storage.Files;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;
using VecSql.Vectors;
using VecSql.Vectors.Calibration;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>A vector index over one range: nodes are numbered from 0, those below <see cref="LinkedEnd"/> are in the structure, the others are scanned.</summary>
internal abstract class VectorPart : IndexPart
{
    /// <summary>A graph of fewer rows needs no calibration: keeping many candidates costs next to nothing.</summary>
    private const int MinCalibratedRows = 256;

    private volatile RecallTable? _recall;
    private long _calibratedAt;

    public abstract IVectorStore Store { get; }

    /// <summary>False as long as nothing of its file was read.</summary>
    public virtual bool IsOpen => true;

    /// <summary>When <see cref="Recall"/> was measured, in microseconds since 2000; 0 if it wasn't.</summary>
    public long CalibratedAtMicros => _calibratedAt != 0 ? _calibratedAt : Recall is null ? 0 : BuildFacts?.FinishedAtMicros ?? 0;

    /// <summary>What ef gives; null if it wasn't measured yet.</summary>
    public RecallTable? Recall => _recall ??= BuildFacts?.Graph?.Recall?.ToTable();

    /// <summary>Measures, if nothing is known, or the graph has doubled since. An unopened file is left alone.</summary>
    public void Calibrate(long nowMicros, CancellationToken cancellation)
    {
        if (!IsOpen || Recall is { } known && LinkedEnd < 2L * known.Rows) return;
        int linked = LinkedEnd;
        if (linked < MinCalibratedRows || Structure is not HnswGraph graph) return;
        _recall = RecallCalibration.Measure(graph, linked, 1, cancellation);
        _calibratedAt = nowMicros;
        GC.KeepAlive(this);
    }

    /// <summary>Null as long as no node is linked.</summary>
    public abstract IVectorStructure? Structure { get; }
    public abstract int LinkedEnd { get; }

    /// <summary>Nodes that are complete.</summary>
    public abstract int Count { get; }

    /// <summary>False if some nodes stand for rows without a vector.</summary>
    public virtual bool EveryNodeHasRow => true;

    /// <summary>The row of a node; −1 if it has no vector.</summary>
    public abstract int PositionOf(int node);

    /// <summary>The node of a row; −1 if it has none.</summary>
    public abstract int NodeOf(int position);
}

/// <summary>Over a memtable. Appending takes a lock; readers none.</summary>
internal sealed class GrowingVectorPart(VectorStructures structures, VectorForm form, int threads) : VectorPart
{
    private readonly Lock _lock = new();
    private readonly Lock _linkLock = new();
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

    // Replaced by larger ones, and perhaps still searched.
    private readonly List<IVectorStructure> _retired = [];

    public override IVectorStore Store => _store;
    public override IVectorStructure? Structure => Volatile.Read(ref _structure);
    public override int LinkedEnd => Volatile.Read(ref _linkedEnd);
    public override int Count => Volatile.Read(ref _count);
    public override long MemoryBytes => _store.MemoryBytes + (_sparse?.Bytes ?? 0) + (_structure?.MemoryBytes ?? 0);

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

    private static void Reserve(ref int[] array, int place)
    {
        if (place < array.Length) return;
        int[] grown = new int[Math.Max(array.Length * 2, place + 1)];
        array.CopyTo(grown, 0);
        Volatile.Write(ref array, grown);
    }

    /// <summary>Links rows once there are enough of them. Whoever inserts beyond pays for it: that is the brake on loading.</summary>
    public void Link()
    {
        if (!HasEnough) return;
        lock (_linkLock)
        {
            if (!HasEnough) return;
            int end = Count;
            IVectorStructure grown = structures.Grow(_structure, _store, LinkedEnd, end, threads);
            if (_structure is { } old && old != grown) _retired.Add(old);
            Volatile.Write(ref _structure, grown);
            Volatile.Write(ref _linkedEnd, end);
        }
    }

    private bool HasEnough => Count - LinkedEnd is var unlinked && unlinked >= structures.UnlinkedRows(LinkedEnd);

    ~GrowingVectorPart() => Release();

    protected override void Release()
    {
        _structure?.Dispose();
        foreach (IVectorStructure retired in _retired) retired.Dispose();
        _store.Dispose();
        _sparse?.Dispose();
    }
}

/// <summary>The vectors of a segment's column where they lie in its file. Holds the memory in place until disposed of.</summary>
internal sealed unsafe class SegmentVectors : IDisposable
{
    private readonly List<MemoryHandle> _pins = [];

    private SegmentVectors() { }

    public MappedVectorStore Store { get; private set; } = null!;

    /// <summary>False for a column added later (null or one value in all rows of this segment), or of another type when the segment was made.</summary>
    public static bool LieInPlace(Segment segment, short column, int dimensions) =>
        segment.Layout.PlaceOf(column) is >= 0 and var place && SegmentColumns.DimensionsOf(segment.Layout.Columns[place]) == dimensions;

    public static SegmentVectors Open(Segment segment, short column, int dimensions)
    {
        int place = segment.Layout.PlaceOf(column);
        Invariant.Check(LieInPlace(segment, column, dimensions));
        var vectors = new SegmentVectors();
        var chunks = new nint[segment.BatchCount];
        for (int batch = 0; batch < chunks.Length; batch++)
        {
            MemoryHandle pin = segment.ArrayOf(place, batch).Children[0].Buffers[1].Pin();
            vectors._pins.Add(pin);
            chunks[batch] = (nint)pin.Pointer;
        }
        vectors.Store = new MappedVectorStore(chunks, segment.BatchShift, dimensions * sizeof(float), segment.RowCount, dimensions);
        return vectors;
    }

    public void Dispose()
    {
        Store?.Dispose();
        foreach (MemoryHandle pin in _pins) pin.Dispose();
        _pins.Clear();
    }
}

/// <summary>Over a segment: a node is a position. Opened at the first search: only then are all vectors of the segment needed.</summary>
internal sealed class SegmentVectorPart : VectorPart
{
    private readonly Segment _segment;
    private readonly ObjectReference _file;
    private readonly ArrowSource _source;
    private readonly short _column;
    private readonly int _dimensions;
    private readonly VectorStructures _structures;
    private readonly Lock _openLock = new();
    private readonly Lazy<bool> _everyNodeHasRow;
    private SegmentVectors? _vectors;
    private volatile IVectorStructure? _structure;

    public SegmentVectorPart(ArrowSource source, Segment segment, ObjectReference file, short column, int dimensions, VectorStructures structures)
    {
        (_segment, _file, _column, _dimensions, _structures) = (segment, file, column, dimensions, structures);
        _source = source;
        _everyNodeHasRow = new Lazy<bool>(() =>
        {
            int place = segment.Layout.PlaceOf(column);
            return Enumerable.Range(0, segment.BatchCount).All(batch => segment.ArrayOf(place, batch).NullCount == 0);
        });
    }

    public override bool IsOpen => _structure is not null;
    public override long DiskBytes => _file.SizeBytes;
    public override int Count => _segment.RowCount;
    public override int LinkedEnd => Count;
    public override IVectorStructure? Structure => Open();

    public override bool EveryNodeHasRow => _everyNodeHasRow.Value;

    public override IVectorStore Store
    {
        get
        {
            Open();
            return _vectors!.Store;
        }
    }

    public override int PositionOf(int node)
    {
        if (EveryNodeHasRow) return node;
        ArrowArray vectors = _segment.ArrayOf(_segment.Layout.PlaceOf(_column), node >> _segment.BatchShift);
        return vectors.NullCount == 0 || vectors.IsValid(node & ((1 << _segment.BatchShift) - 1)) ? node : -1;
    }

    public override int NodeOf(int position) => PositionOf(position);

    /// <exception cref="SqlException">XX001: the structure's file or the segment is damaged.</exception>
    private IVectorStructure Open()
    {
        if (_structure is { } open) return open;
        lock (_openLock)
        {
            if (_structure is { } now) return now;
            ObjectFiles.Verify(_source, _file);
            _vectors ??= SegmentVectors.Open(_segment, _column, _dimensions);
            try
            {
                IVectorStructure opened = _structures.Open(_source.Slice(0, checked((int)_source.LengthBytes)), _vectors.Store);
                if (opened.Metric != _structures.Metric || opened.Limit > Count) throw Damage.In(_file.Path, "it is another index's file");
                return _structure = opened;
            }
            catch (VectorFormatException e)
            {
                throw Damage.In(_file.Path, e.Message);
            }
        }
    }

    ~SegmentVectorPart() => Release();

    protected override void Release()
    {
        _structure?.Dispose();
        _vectors?.Dispose();
        (_source as IDisposable)?.Dispose();
    }
}
