using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSql.Arrow;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Files;
using VecSql.Storage.Segments;
using VecSql.Storage.Tables;
using VecSql.Vectors;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>
/// The index file over a segment whose vectors can't be searched where they lie: keys are expressions, a predicate leaves rows out, or the segment was stored without the column.
/// It has the vectors itself, and for each its row's position (docs/formats/hnsw.md, "File with vectors").
/// </summary>
internal static class StoredVectors
{
    public const int HeaderBytes = 64;

    /// <summary>Files with float32 rows are as they always were.</summary>
    private static int VersionOf(VectorForm form) => form.Rows == RowForm.Float32 ? 1 : 2;

    public static ReadOnlySpan<byte> Magic => "VECROWS\0"u8;

    public static ObjectReference Write(Segment segment, IndexKeySource source, VectorIndex index, IFileSystem files, string path, BuildContext context)
    {
        VectorForm form = index.Form;
        using var store = new GrowableVectorStore(form.Words);
        using SparseRowMemory? sparse = form.Rows == RowForm.Sparse ? new SparseRowMemory() : null;
        var collector = new Collector(store, form, sparse, new float[form.Words], []);
        for (int start = 0; start < segment.RowCount; start += RowRange.BlockRows)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            source.Visit(segment, start, Math.Min(RowRange.BlockRows, segment.RowCount - start), ref collector);
        }
        int count = collector.Positions.Count;
        using IVectorStructure built = index.BuildStructure(store, count, row => Math.Max(-1, collector.Positions.BinarySearch(segment.PositionOf(row))), context);
        context.Progress?.Invoke(segment.RowCount - count);
        using var writer = new ObjectWriter(files, path);
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), VersionOf(form));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), form.Words);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), count);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), (int)form.Rows);
        if (sparse is not null) BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), SparseRowFile.LengthOf(store, count));
        writer.Write(header);
        writer.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(collector.Positions)));
        Pad(writer);
        if (sparse is not null) SparseRowFile.Write(store, count, writer);
        else for (int node = 0; node < count; node++) writer.Write(MemoryMarshal.AsBytes(store[node]));
        Pad(writer);
        using var stream = new ObjectStream(writer);
        built.WriteTo(stream);
        stream.Flush();
        context.Facts = index.Structures.FactsOf(built, count, context);
        return writer.Publish();
    }

    /// <summary>Where the sections lie; all three are as long as the header says.</summary>
    /// <exception cref="SqlException">XX001.</exception>
    public static (int Count, long Vectors, long VectorBytes, long Structure) ReadHeader(ArrowSource file, string path, VectorForm form)
    {
        if (file.LengthBytes < HeaderBytes) throw Damage.In(path, "it is too short for a header");
        ReadOnlySpan<byte> header = file.Slice(0, HeaderBytes).Span;
        int version = VersionOf(form);
        if (!header.StartsWith(Magic) || BinaryPrimitives.ReadInt32LittleEndian(header[8..]) != version) throw Damage.In(path, $"it is no file with vectors of version {version}");
        int words = BinaryPrimitives.ReadInt32LittleEndian(header[12..]), count = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        if (words != form.Words || count < 0) throw Damage.In(path, $"it has {count} vectors of {words} words");
        if (BinaryPrimitives.ReadInt32LittleEndian(header[20..]) != (int)form.Rows) throw Damage.In(path, "its vectors are of another form");
        long bytes = form.Rows == RowForm.Sparse ? BinaryPrimitives.ReadInt64LittleEndian(header[24..]) : (long)count * words * sizeof(float);
        if (bytes < 0 || bytes > int.MaxValue) throw Damage.In(path, $"it has {bytes} bytes of vectors");
        long vectors = Aligned(HeaderBytes + (long)count * sizeof(int)), structure = Aligned(vectors + bytes);
        if (structure > file.LengthBytes || file.LengthBytes - structure > int.MaxValue) throw Damage.In(path, $"it is too short for {count} vectors");
        return (count, vectors, bytes, structure);
    }

    private static long Aligned(long offset) => (offset + 63) & ~63L;

    private static void Pad(ObjectWriter writer)
    {
        Span<byte> zeros = stackalloc byte[64];
        zeros.Clear();
        writer.Write(zeros[..(int)(Aligned(writer.Length) - writer.Length)]);
    }

    private readonly struct Collector(GrowableVectorStore store, VectorForm form, SparseRowMemory? sparse, float[] row, List<int> positions) : IKeyVisitor
    {
        public List<int> Positions => positions;

        public void Visit(Column[] keys, Selection rows, int first)
        {
            var vectors = (BytesColumn)keys[0];
            for (int i = 0; i < rows.Count; i++)
            {
                if (vectors.IsNull(rows[i])) continue;
                store.Append(form.Read(vectors[rows[i]], row, sparse));
                positions.Add(first + rows[i]);
            }
        }
    }
}

/// <summary>Over a segment, with vectors of its own. Opened at the first search.</summary>
internal sealed unsafe class StoredVectorPart : VectorPart
{
    private readonly ObjectReference _file;
    private readonly ArrowSource _source;
    private readonly VectorForm _form;
    private readonly int _rowCount;
    private readonly VectorStructures _structures;
    private readonly Lock _openLock = new();
    private readonly LaterChecks _laterChecks;
    private volatile Opened? _opened;
    private volatile SqlException? _damage;

    private sealed record Opened(MemoryHandle Pin, SparseRowFile? Sparse, MappedVectorStore Store, IVectorStructure Structure, ReadOnlyMemory<byte> PositionBytes, long VectorsAt, long StructureAt)
    {
        public ReadOnlySpan<int> Positions => MemoryMarshal.Cast<byte, int>(PositionBytes.Span);
    }

    public StoredVectorPart(ArrowSource source, ObjectReference file, VectorForm form, int rowCount, VectorStructures structures, LaterChecks laterChecks) =>
        (_source, _file, _form, _rowCount, _structures, _laterChecks) = (source, file, form, rowCount, structures, laterChecks);

    public override bool IsOpen => _opened is not null && _damage is null;
    public override long DiskBytes => _file.SizeBytes;
    public override int Count => Open().Store.Count;
    public override int LinkedEnd => Count;
    public override IVectorStructure? Structure => Open().Structure;
    public override IVectorStore Store => Open().Store;

    public override int PositionOf(int node) => Open().Positions[node];

    public override int NodeOf(int position)
    {
        int node = Open().Positions.BinarySearch(position);
        return node < 0 ? -1 : node;
    }

    /// <exception cref="SqlException">XX001: the file is damaged.</exception>
    private Opened Open()
    {
        ThrowIfDamaged();
        if (_opened is { } open) return open;
        lock (_openLock)
        {
            if (_opened is { } now) return now;
            (int count, long vectors, long vectorBytes, long structureAt) = StoredVectors.ReadHeader(_source, _file.Path, _form);
            ReadOnlyMemory<byte> positions = _source.Slice(StoredVectors.HeaderBytes, count * sizeof(int));
            CheckPositions(MemoryMarshal.Cast<byte, int>(positions.Span));
            MemoryHandle pin = _source.Slice(vectors, (int)vectorBytes).Pin();
            MappedVectorStore? store = null;
            SparseRowFile? sparse = null;
            try
            {
                if (_form.Rows == RowForm.Sparse) sparse = SparseRowFile.Open((byte*)pin.Pointer, vectorBytes, count, _form.Dimensions, _file.Path);
                store = new MappedVectorStore(sparse is null ? (float*)pin.Pointer : sparse.Rows, count, _form.Words);
                IVectorStructure structure = _structures.Open(_source.Slice(structureAt, (int)(_source.LengthBytes - structureAt)), store);
                if (structure.Metric != _structures.Metric || structure.Limit > count) throw Damage.In(_file.Path, "it is another index's file");
                _opened = new Opened(pin, sparse, store, structure, positions, vectors, structureAt);
            }
            catch (VectorFormatException e)
            {
                throw Damage.In(_file.Path, e.Message);
            }
            finally
            {
                if (_opened is null)
                {
                    store?.Dispose();
                    sparse?.Dispose();
                    pin.Dispose();
                }
            }
        }
        _laterChecks.Add(VerifyAll);
        ThrowIfDamaged();
        return _opened;
    }

    public override void KeepWithin(bool isBounded)
    {
        if (_opened is not { } opened || _source is not MappedFile file) return;
        var source = new PagedFile(file);
        _structures.Page(opened.Structure, isBounded, source, opened.StructureAt);
        // Rows of sparse vectors are addresses, made when the file was opened.
        if (opened.Sparse is null) opened.Store.Page(isBounded, source, opened.VectorsAt);
        if (isBounded) PagedFile.Release(file);
    }

    /// <summary>What opening left: every byte.</summary>
    private void VerifyAll()
    {
        try
        {
            ObjectFiles.Verify(_source, _file);
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

    private void CheckPositions(ReadOnlySpan<int> positions)
    {
        int last = -1;
        foreach (int position in positions)
        {
            if (position <= last || position >= _rowCount) throw Damage.In(_file.Path, "its positions are not ascending rows of the segment");
            last = position;
        }
    }

    ~StoredVectorPart() => Release();

    protected override void Release()
    {
        if (_opened is { } opened)
        {
            opened.Structure.Dispose();
            opened.Store.Dispose();
            opened.Sparse?.Dispose();
            opened.Pin.Dispose();
        }
        (_source as IDisposable)?.Dispose();
    }
}
