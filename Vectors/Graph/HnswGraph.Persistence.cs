using System.Buffers;
using System.Runtime.InteropServices;
using VecSql.Core.Checksums;
using VecSql.Core.Errors;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;

namespace VecSql.Vectors.Graph;

/// <summary>
/// Graph files. The sections hold the same bytes as memory does, so an opened graph reads them where they lie. Opening checks the header and the sizes;
/// searches check every id they read; <see cref="Verify"/> checks the rest.
/// </summary>
public sealed unsafe partial class HnswGraph
{
    private readonly HnswHeader? _header;
    private MemoryHandle _pinned;

    private HnswGraph(HnswHeader header, byte* bytes, IVectorStore store, MemoryHandle pinned)
    {
        _header = header;
        _pinned = pinned;
        _store = store;
        _options = new HnswOptions
        {
            Metric = header.Metric,
            M = header.M,
            EfConstruction = header.EfConstruction,
            Seed = header.Seed,
            ExpectedNodes = header.Count,
            Quantization = header.Quantization,
        };
        _locks = [];
        _records = Wrap(bytes, header.Records, header.RecordStride, header.Count);
        _upperIndex = Wrap(bytes, header.UpperIndex, sizeof(int), header.Count);
        _upperBlocks = Wrap(bytes, header.UpperBlocks, header.BlockStride, header.BlockCount);
        if (header.Quantization != VectorQuantization.None)
        {
            float[] center = new ReadOnlySpan<float>(bytes + header.Center.Offset, header.Dimensions).ToArray();
            _codes = new QuantizedRows(header.Quantization, header.Metric, center, bytes + header.Codes.Offset, header.Count);
            if (header.Quantization.HasNeighborCodes()) _neighborCodes = new NeighborCodes(header.Metric, center);
            if (header.EntryPointCount > 0)
                _entryPoints = EntryPoints.Wrap(header.EntryPointLevel, header.EntryPointCount, new SignCodes(header.Metric, center), bytes + header.EntryPoints.Offset);
            _entryPointLimit = header.Count;
        }
        _limit = header.Count;
        _linked = header.Linked;
        _upperBlockCount = header.BlockCount;
        if (header.Entry >= 0) _entry = PackEntry(header.Entry, header.EntryLevel);
    }

    /// <summary>Opens a graph where it lies, read-only. The caller keeps the memory mapped, and unchanged, until the graph is disposed.</summary>
    /// <param name="bytes">4-byte aligned; 64 is best.</param>
    /// <param name="store">The rows that the graph was built over.</param>
    /// <exception cref="VectorFormatException">Not a graph, damaged, of an unknown version, or not of this store.</exception>
    public static HnswGraph Open(byte* bytes, long length, IVectorStore store) => Open(bytes, length, store, default);

    /// <summary>Opens a graph over managed or owned memory, which stays pinned until the graph is disposed.</summary>
    public static HnswGraph Open(ReadOnlyMemory<byte> memory, IVectorStore store)
    {
        MemoryHandle pinned = memory.Pin();
        HnswGraph? graph = null;
        try
        {
            graph = Open((byte*)pinned.Pointer, memory.Length, store, pinned);
            return graph;
        }
        finally
        {
            if (graph is null) pinned.Dispose();
        }
    }

    private static HnswGraph Open(byte* bytes, long length, IVectorStore store, MemoryHandle pinned)
    {
        HnswHeader.Require(BitConverter.IsLittleEndian, "graph files are little-endian and so must the processor be");
        HnswHeader.Require(((nint)bytes & 3) == 0, "unaligned memory");
        HnswHeader header = HnswHeader.Read(new ReadOnlySpan<byte>(bytes, (int)Math.Min(length, HnswHeader.Size)), length);
        HnswHeader.Require(header.Dimensions == store.Dimensions, $"it is of {header.Dimensions} dimensions, its rows of {store.Dimensions}");
        HnswHeader.Require(header.Count <= store.Count, $"it names {header.Count} rows of {store.Count}");
        return new HnswGraph(header, bytes, store, pinned);
    }

    /// <summary>Whether searches of an opened graph read lists and codes by blocks (<see cref="BlockCache"/>), and not where they are mapped. Upper layers stay mapped.</summary>
    /// <param name="source">The file that the graph was opened from.</param>
    /// <param name="offset">Where the graph begins in it.</param>
    public void Page(bool isPaged, IBlockSource source, long offset)
    {
        if (_header is not { } header) throw new InvalidOperationException("only a graph in a file can be paged");
        _records.Page(isPaged, source, offset + header.Records.Offset);
        _codes?.Items.Page(isPaged, source, offset + header.Codes.Offset);
    }

    /// <summary>Bytes that <see cref="WriteTo(Stream)"/> writes.</summary>
    public long FileLength => LayOut(default, default, default, default, default, default).FileLength;

    /// <summary>Writes the graph. No insert may run meanwhile.</summary>
    public void WriteTo(Stream stream) => Write(stream.Write);

    /// <inheritdoc cref="WriteTo(Stream)"/>
    public void WriteTo(IBufferWriter<byte> writer) => Write(bytes => writer.Write(bytes));

    /// <summary>
    /// Checks everything that a reader relies on: checksums of an opened file, every id in range, lists without gaps, chains without cycles, every
    /// node's upper blocks. Reads all of the graph.
    /// </summary>
    /// <exception cref="VectorFormatException">Names the first thing found wrong.</exception>
    public void Verify()
    {
        if (_header is not null)
        {
            VerifyChecksum(_records, _limit, _header.Records, "records");
            VerifyChecksum(_upperIndex, _limit, _header.UpperIndex, "upper index");
            VerifyChecksum(_upperBlocks, _upperBlockCount, _header.UpperBlocks, "upper blocks");
            if (_codes is { } codes)
            {
                HnswHeader.Require(Crc32C.Compute(CenterBytes(codes)) == _header.Center.Checksum, "checksum of the center");
                VerifyChecksum(codes.Items, _limit, _header.Codes, "codes");
            }
            if (_entryPoints is { } opened) HnswHeader.Require(Crc32C.Compute(opened.Bytes) == _header.EntryPoints.Checksum, "checksum of the entry points");
        }
        int limit = _limit;
        ulong[] chained = new ulong[(limit + 63) / 64];
        for (int id = 0; id < limit; id++) VerifyChain(id, limit, chained);
        byte[] levels = LevelsByBlock();
        if (_entryPoints is { } points) VerifyEntryPoints(points, limit, levels);
        for (int id = 0; id < limit; id++)
        {
            int* list = (int*)_records.At(id);
            VerifyList(list, GraphView.IsChainLink(list[0]) ? 1 : 0, 2 * _options.M, id, 0, limit);
            int block = *(int*)_upperIndex.At(id);
            if (block < 0) continue;
            for (int layer = 1; layer <= levels[block]; layer++) VerifyList((int*)_upperBlocks.At(block + layer - 1), 0, _options.M, id, layer, limit);
        }
    }

    private void VerifyEntryPoints(EntryPoints points, int limit, byte[] levels)
    {
        foreach (int id in points.Ids)
            HnswHeader.Require((uint)id < (uint)limit && LevelOf(id, levels) >= points.Level, $"entry point {id}");
    }

    private void VerifyChain(int id, int limit, ulong[] chained)
    {
        int link = *(int*)_records.At(id);
        if (!GraphView.IsChainLink(link)) return;
        // With one predecessor each, the members reachable from a head form a line; a loop that no head leads to is never walked.
        int next = GraphView.DecodeChainLink(link);
        HnswHeader.Require((uint)next < (uint)limit && next != id, $"duplicate chain of node {id}");
        ulong bit = 1UL << next;
        HnswHeader.Require((chained[next >> 6] & bit) == 0, $"node {next} is on two duplicate chains");
        chained[next >> 6] |= bit;
    }

    private void VerifyList(int* list, int start, int capacity, int id, int layer, int limit)
    {
        int i = start;
        for (; i < capacity && list[i] != GraphView.End; i++)
        {
            HnswHeader.Require((uint)list[i] < (uint)limit && list[i] != id, $"neighbour {list[i]} of node {id} in layer {layer}");
            HnswHeader.Require(layer == 0 || *(int*)_upperIndex.At(list[i]) >= 0, $"neighbour {list[i]} of node {id} doesn't reach layer {layer}");
        }
        for (; i < capacity; i++) HnswHeader.Require(list[i] == GraphView.End, $"gap in the list of node {id} in layer {layer}");
    }

    private delegate void ByteSink(ReadOnlySpan<byte> bytes);

    private void Write(ByteSink sink)
    {
        int limit = _limit, linked = _linked;
        EntryPoints? entryPoints = CurrentEntryPoints;
        HnswHeader header = LayOut(
            Checksum(_records, limit), Checksum(_upperIndex, limit), Checksum(_upperBlocks, _upperBlockCount),
            _codes is null ? 0 : Crc32C.Compute(CenterBytes(_codes)), _codes is null ? 0 : Checksum(_codes.Items, limit),
            entryPoints is null ? 0 : Crc32C.Compute(entryPoints.Bytes));
        Span<byte> head = stackalloc byte[HnswHeader.Size];
        header.Write(head);
        sink(head);
        WriteSection(sink, _records, limit);
        WriteSection(sink, _upperIndex, limit);
        WriteSection(sink, _upperBlocks, header.BlockCount);
        if (_codes is not null)
        {
            ReadOnlySpan<byte> center = CenterBytes(_codes);
            sink(center);
            sink(stackalloc byte[(int)(FileSection.Align(center.Length) - center.Length)]);
            WriteSection(sink, _codes.Items, limit);
        }
        if (entryPoints is { } points)
        {
            sink(points.Bytes);
            sink(stackalloc byte[(int)(FileSection.Align(points.Bytes.Length) - points.Bytes.Length)]);
        }
        if (limit != _limit || linked != _linked) throw new InvalidOperationException("the graph changed while it was written");
    }

    private HnswHeader LayOut(uint records, uint upperIndex, uint upperBlocks, uint center, uint codes, uint entryPoints)
    {
        int limit = _limit;
        Invariant.Check(limit <= HnswHeader.MaxNodes);
        bool any = TryGetEntry(out int entry, out int entryLevel);
        FileSection recordSection = new(HnswHeader.Size, limit * (long)_records.Stride, records);
        FileSection indexSection = new(recordSection.End, limit * (long)sizeof(int), upperIndex);
        FileSection blockSection = new(
            indexSection.End, _upperBlockCount * (long)_upperBlocks.Stride, upperBlocks);
        FileSection centerSection = default, codeSection = default, entryPointSection = default;
        if (_codes is not null)
        {
            long centerAt = blockSection.End, centerLength = _store.Dimensions * (long)sizeof(float);
            centerSection = new(centerAt, centerLength, center);
            codeSection = new(FileSection.Align(centerAt + centerLength), limit * (long)_codes.Items.Stride, codes);
            if (_codes.Kind.IsRaBitQ() || CurrentEntryPoints is not null)
                entryPointSection = new(codeSection.End, CurrentEntryPoints?.Bytes.Length ?? 0, entryPoints);
        }
        return new HnswHeader
        {
            Quantization = Quantization,
            CodeStride = (int)(_codes?.Items.Stride ?? 0),
            Center = centerSection,
            Codes = codeSection,
            EntryPointCount = CurrentEntryPoints?.Count ?? 0,
            EntryPointLevel = CurrentEntryPoints?.Level ?? 0,
            EntryPoints = entryPointSection,
            Metric = _options.Metric,
            Dimensions = _store.Dimensions,
            M = _options.M,
            EfConstruction = _options.EfConstruction,
            Count = limit,
            Linked = _linked,
            Entry = any ? entry : -1,
            EntryLevel = any ? entryLevel : 0,
            Seed = _options.Seed,
            RecordStride = (int)_records.Stride,
            BlockStride = (int)_upperBlocks.Stride,
            BlockCount = _upperBlockCount,
            Records = recordSection,
            UpperIndex = indexSection,
            UpperBlocks = blockSection,
        };
    }

    private static ReadOnlySpan<byte> CenterBytes(QuantizedRows codes) => MemoryMarshal.AsBytes(codes.CenterPoint);

    private static void WriteSection(ByteSink sink, NativeChunks items, int count)
    {
        long written = 0;
        for (int i = 0; i < count;)
        {
            ReadOnlySpan<byte> run = items.Run(ref i, count);
            sink(run);
            written += run.Length;
        }
        sink(stackalloc byte[(int)(FileSection.Align(written) - written)]);
    }

    private static uint Checksum(NativeChunks items, int count)
    {
        uint crc = 0;
        for (int i = 0; i < count;) crc = Crc32C.Append(crc, items.Run(ref i, count));
        return crc;
    }

    private static void VerifyChecksum(NativeChunks items, int count, FileSection section, string name) =>
        HnswHeader.Require(Checksum(items, count) == section.Checksum, $"checksum of the {name}");

    private static NativeChunks Wrap(byte* bytes, FileSection section, int stride, int count) =>
        new([(nint)(bytes + section.Offset)], 30, stride, count);
}
