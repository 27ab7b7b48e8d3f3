using System.Buffers;
using System.Runtime.InteropServices;
using VecSql.Arrow;
using VecSql.Core.Errors;
using VecSql.Storage.Files;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;
using VecSql.Vectors;
using VecSql.Vectors.Calibration;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>A vector index over one range: nodes are numbered from 0, those below <see cref="LinkedEnd"/> are in the structure, the others are scanned.</summary>
internal abstract class VectorPart : IndexPart
{
    /// <summary>A structure of fewer rows needs no calibration: looking far costs next to nothing.</summary>
    private const int MinCalibratedRows = 256;

    private volatile RecallTable? _recall;
    private IVectorStructure? _measured;
    private long _calibratedAt;

    public abstract IVectorStore Store { get; }

    /// <summary>False as long as nothing of its file was read, and once it is known to be damaged.</summary>
    public virtual bool IsOpen => true;

    /// <summary>When <see cref="Recall"/> was measured, in microseconds since 2000; 0 if it wasn't.</summary>
    public long CalibratedAtMicros => _calibratedAt != 0 ? _calibratedAt : Recall is null ? 0 : BuildFacts?.FinishedAtMicros ?? 0;

    /// <summary>What effort gives; null if it wasn't measured yet, or isn't.</summary>
    public RecallTable? Recall => _recall ??= BuildFacts?.Structure?.Recall?.ToTable();

    /// <summary>Measures, if nothing is known, or the structure has doubled since, or another took its place. An unopened file is left alone.</summary>
    public void Calibrate(VectorStructures structures, long nowMicros, Action breathe, CancellationToken cancellation)
    {
        if (!IsOpen) return;
        // In this order: a structure has at least the rows that were linked before it was asked for.
        int linked = LinkedEnd;
        if (linked < MinCalibratedRows || Structure is not { } structure) return;
        if (Recall is { } known && linked < 2L * known.Rows && (_measured is null || _measured == structure)) return;
        if (structures.MeasureRecall(structure, linked, 1, breathe, cancellation) is not { } table) return;
        _recall = table;
        _measured = structure;
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

    /// <summary>Whether searches read files by blocks, as many as the bound of memory allows (<see cref="StorageTuning.IndexMemoryBytes"/>), or where they are mapped. Called again and again.</summary>
    public virtual void KeepWithin(bool isBounded) { }
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

    /// <summary>Where each batch's vectors lie in the file; empty if it isn't mapped.</summary>
    private long[] _offsets = [];

    public void Page(bool isPaged, MappedFile file)
    {
        if (_offsets.Length > 0) Store.Page(isPaged, new PagedFile(file), _offsets);
    }

    public static SegmentVectors Open(Segment segment, short column, int dimensions)
    {
        int place = segment.Layout.PlaceOf(column);
        Invariant.Check(LieInPlace(segment, column, dimensions));
        var vectors = new SegmentVectors();
        var chunks = new nint[segment.BatchCount];
        for (int batch = 0; batch < chunks.Length; batch++)
        {
            ReadOnlyMemory<byte> rows = segment.ArrayOf(place, batch).Children[0].Buffers[1];
            if (segment.File is { } file) vectors._offsets = [.. vectors._offsets, PagedFile.OffsetOf(rows, file)];
            MemoryHandle pin = rows.Pin();
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

/// <summary>
/// Over a segment: a node is a position. Opened at the first search, by its header: every id is checked when it is read, so the rest is verified in the background while searches go on
/// already. Damage that is found then makes the part refuse.
/// </summary>
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
    private readonly LaterChecks _laterChecks;
    private volatile SqlException? _damage;

    public SegmentVectorPart(ArrowSource source, Segment segment, ObjectReference file, short column, int dimensions, VectorStructures structures, LaterChecks laterChecks)
    {
        (_segment, _file, _column, _dimensions, _structures, _laterChecks) = (segment, file, column, dimensions, structures, laterChecks);
        _source = source;
        _everyNodeHasRow = new Lazy<bool>(() =>
        {
            int place = segment.Layout.PlaceOf(column);
            return Enumerable.Range(0, segment.BatchCount).All(batch => segment.ArrayOf(place, batch).NullCount == 0);
        });
    }

    public override bool IsOpen => _structure is not null && _damage is null;
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
        ThrowIfDamaged();
        if (_structure is { } open) return open;
        lock (_openLock)
        {
            if (_structure is { } now) return now;
            _vectors ??= SegmentVectors.Open(_segment, _column, _dimensions);
            try
            {
                IVectorStructure opened = _structures.Open(_source.Slice(0, checked((int)_source.LengthBytes)), _vectors.Store);
                if (opened.Metric != _structures.Metric || opened.Limit > Count) throw Damage.In(_file.Path, "it is another index's file");
                _structure = opened;
            }
            catch (VectorFormatException e)
            {
                throw Damage.In(_file.Path, e.Message);
            }
        }
        _laterChecks.Add(VerifyAll);
        ThrowIfDamaged();
        return _structure;
    }

    public override void KeepWithin(bool isBounded)
    {
        if (_structure is not { } structure || _source is not MappedFile file || _segment.File is not { } segment) return;
        _structures.Page(structure, isBounded, new PagedFile(file), 0);
        _vectors!.Page(isBounded, segment);
        if (!isBounded) return;
        PagedFile.Release(file);
        PagedFile.Release(segment);
    }

    /// <summary>What opening left: every byte of the structure and of the segment.</summary>
    private void VerifyAll()
    {
        try
        {
            ObjectFiles.Verify(_source, _file);
            _segment.EnsureVerified();
        }
        catch (SqlException e)
        {
            _damage = e;
        }
    }

    private void ThrowIfDamaged()
    {
        if (_damage is { } damage) throw new SqlException(damage.SqlState, damage.Message, inner: damage);
    }

    ~SegmentVectorPart() => Release();

    protected override void Release()
    {
        _structure?.Dispose();
        _vectors?.Dispose();
        (_source as IDisposable)?.Dispose();
    }
}
