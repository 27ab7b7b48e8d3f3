using System.Buffers;
using System.Runtime.InteropServices;
using VecSql.Core.Checksums;
using VecSql.Core.Errors;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Ivf;

/// <summary>
/// Files of lists (docs/formats/ivf.md). Sections hold the bytes as memory does, so an opened file is searched where it lies. Opening checks the header, the sizes and the lists'
/// bounds; searches check every row number they read; <see cref="Verify"/> checks the rest.
/// </summary>
public sealed unsafe partial class IvfLists
{
    /// <summary>Opens lists where they lie, read-only; the memory stays pinned until they are disposed of.</summary>
    /// <param name="store">The rows that were divided.</param>
    /// <exception cref="VectorFormatException">No lists, damaged, of an unknown version, or not of this store.</exception>
    public static IvfLists Open(ReadOnlyMemory<byte> memory, IVectorStore store)
    {
        MemoryHandle pinned = memory.Pin();
        IvfLists? lists = null;
        try
        {
            return lists = Open(memory, (byte*)pinned.Pointer, store, pinned);
        }
        finally
        {
            if (lists is null) pinned.Dispose();
        }
    }

    private static IvfLists Open(ReadOnlyMemory<byte> memory, byte* bytes, IVectorStore store, MemoryHandle pinned)
    {
        IvfHeader.Require(BitConverter.IsLittleEndian, "these files are little-endian and so must the processor be");
        IvfHeader.Require(((nint)bytes & 3) == 0, "unaligned memory");
        IvfHeader header = IvfHeader.Read(memory.Span[..Math.Min(memory.Length, IvfHeader.Size)], memory.Length);
        IvfHeader.Require(header.Words == store.Dimensions, $"rows have {header.Words} words, the store's {store.Dimensions}");
        IvfHeader.Require(header.Count <= store.Count, $"it names {header.Count} rows of {store.Count}");
        ReadOnlyMemory<byte> offsets = Slice(memory, header.Offsets);
        int last = 0;
        foreach (int offset in MemoryMarshal.Cast<byte, int>(offsets.Span))
        {
            IvfHeader.Require(offset >= last && offset <= header.Listed, "bounds of the lists");
            last = offset;
        }
        IvfHeader.Require(MemoryMarshal.Read<int>(offsets.Span) == 0 && last == header.Listed, "bounds of the lists");
        byte* centers = bytes + header.Centers.Offset;
        float[] origin = MemoryMarshal.Cast<byte, float>(Slice(memory, header.Origin).Span).ToArray();
        IvfCenters opened = RowForms.Of(header.Metric) == RowForm.Bits
            ? new BitCenters(header.Lists, header.Words, centers, null)
            : new FloatCenters(header.Metric, header.Lists, header.Words, centers, null, origin);
        IvfOptions options = new() { Metric = header.Metric, Lists = header.WantedLists, Seed = header.Seed };
        return new IvfLists(options, store, opened, offsets, Slice(memory, header.Ids), header.Count, header.Count, header, pinned);
    }

    /// <summary>Writes the lists as a file.</summary>
    public void WriteTo(Stream stream)
    {
        Invariant.Check(Limit <= IvfHeader.MaxRows);
        ReadOnlySpan<byte> originBytes = MemoryMarshal.AsBytes(_centers.Origin);
        (FileSection origin, FileSection centers, FileSection offsets, FileSection ids) = IvfHeader.LayOut(originBytes.Length, _centers.Bytes, Lists, LinkedCount);
        Span<byte> head = stackalloc byte[IvfHeader.Size];
        new IvfHeader
        {
            Metric = Metric,
            Words = _store.Dimensions,
            Lists = Lists,
            WantedLists = _options.Lists,
            Count = Limit,
            Listed = LinkedCount,
            CenterStride = _centers.Stride,
            Seed = _options.Seed,
            Origin = origin with { Checksum = Crc32C.Compute(originBytes) },
            Centers = centers with { Checksum = CentersChecksum() },
            Offsets = offsets with { Checksum = Crc32C.Compute(_offsets.Span) },
            Ids = ids with { Checksum = Crc32C.Compute(_ids.Span) },
        }.Write(head);
        stream.Write(head);
        stream.Write(originBytes);
        Pad(stream, IvfHeader.Size + originBytes.Length);
        for (int list = 0; list < Lists; list++) stream.Write(CenterBytes(list));
        Pad(stream, _centers.Bytes);
        stream.Write(_offsets.Span);
        Pad(stream, _offsets.Length);
        stream.Write(_ids.Span);
        Pad(stream, _ids.Length);
    }

    /// <summary>Checks the checksums of an opened file, that each row is in one list at most and below the limit, and that rows ascend within lists. Reads all of it.</summary>
    /// <exception cref="VectorFormatException">Names the first thing found wrong.</exception>
    public void Verify()
    {
        if (_header is not null)
        {
            IvfHeader.Require(Crc32C.Compute(MemoryMarshal.AsBytes(_centers.Origin)) == _header.Origin.Checksum, "checksum of the origin");
            IvfHeader.Require(CentersChecksum() == _header.Centers.Checksum, "checksum of the centers");
            IvfHeader.Require(Crc32C.Compute(_offsets.Span) == _header.Offsets.Checksum, "checksum of the offsets");
            IvfHeader.Require(Crc32C.Compute(_ids.Span) == _header.Ids.Checksum, "checksum of the ids");
        }
        ulong[] seen = new ulong[(Limit + 63) / 64];
        for (int list = 0; list < Lists; list++)
        {
            int last = -1;
            foreach (int id in RowsOf(list))
            {
                IvfHeader.Require(id > last && id < Limit, $"row {id} in list {list}");
                IvfHeader.Require((seen[id >> 6] & (1UL << id)) == 0, $"row {id} is in two lists");
                seen[id >> 6] |= 1UL << id;
                last = id;
            }
        }
    }

    private ReadOnlySpan<byte> CenterBytes(int list) => new(_centers.Pointer + ((nint)list * _centers.Stride), _centers.Stride);

    private uint CentersChecksum()
    {
        uint crc = 0;
        for (int list = 0; list < Lists; list++) crc = Crc32C.Append(crc, CenterBytes(list));
        return crc;
    }

    private static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> memory, FileSection section) => memory.Slice((int)section.Offset, (int)section.Length);

    private static void Pad(Stream stream, long written)
    {
        Span<byte> zeros = stackalloc byte[64];
        zeros.Clear();
        stream.Write(zeros[..(int)(FileSection.Align(written) - written)]);
    }
}
