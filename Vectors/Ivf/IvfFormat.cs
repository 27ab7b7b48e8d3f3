using System.Buffers.Binary;
using VecSql.Core.Checksums;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Ivf;

/// <summary>The header of a file of lists (docs/formats/ivf.md): 192 bytes, little-endian, its own CRC-32C last.</summary>
internal sealed record IvfHeader
{
    public const int Size = 192;
    public const int MaxRows = 1 << 30;
    private const int FirstSection = 56, Version = 1, ChecksumOffset = Size - sizeof(uint);
    private const ulong Magic = 0x0054_5349_4C43_4556; // "VECLIST\0"

    public required DistanceMetric Metric { get; init; }
    public required int Words { get; init; }
    public required int Lists { get; init; }
    public required int WantedLists { get; init; }
    public required int Count { get; init; }
    public required int Listed { get; init; }
    public required int CenterStride { get; init; }
    public required ulong Seed { get; init; }
    public required FileSection Origin { get; init; }
    public required FileSection Centers { get; init; }
    public required FileSection Offsets { get; init; }
    public required FileSection Ids { get; init; }

    public long FileLength => Ids.End;

    /// <summary>Where the sections lie, by their lengths; without checksums.</summary>
    public static (FileSection Origin, FileSection Centers, FileSection Offsets, FileSection Ids) LayOut(long origin, long centers, int lists, int listed)
    {
        long centersAt = FileSection.Align(Size + origin), offsetsAt = FileSection.Align(centersAt + centers), offsets = (lists + 1L) * sizeof(int), idsAt = FileSection.Align(offsetsAt + offsets);
        return (new(Size, origin, 0), new(centersAt, centers, 0), new(offsetsAt, offsets, 0), new(idsAt, (long)listed * sizeof(int), 0));
    }

    public void Write(Span<byte> target)
    {
        target[..Size].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        ReadOnlySpan<int> fields = [Version, Size, (int)Metric, Words, Lists, WantedLists, Count, Listed, CenterStride];
        for (int i = 0; i < fields.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(target[(8 + (4 * i))..], fields[i]);
        BinaryPrimitives.WriteUInt64LittleEndian(target[48..], Seed);
        ReadOnlySpan<FileSection> sections = [Origin, Centers, Offsets, Ids];
        for (int i = 0; i < sections.Length; i++) sections[i].Write(target[(FirstSection + (i * FileSection.Size))..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumOffset..], Crc32C.Compute(target[..ChecksumOffset]));
    }

    /// <summary>Reads and checks all that can be checked without touching the sections' pages.</summary>
    public static IvfHeader Read(ReadOnlySpan<byte> source, long availableBytes)
    {
        Require(source.Length >= Size, "the file is shorter than its header");
        Require(BinaryPrimitives.ReadUInt64LittleEndian(source) == Magic, "not a file of lists");
        Require(Field(source, 0) == Version, $"list format version {Field(source, 0)} is not known");
        Require(Field(source, 1) == Size, "header size");
        Require(BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]) == Crc32C.Compute(source[..ChecksumOffset]), "header checksum");
        IvfHeader header = new()
        {
            Metric = (DistanceMetric)Field(source, 2),
            Words = Field(source, 3),
            Lists = Field(source, 4),
            WantedLists = Field(source, 5),
            Count = Field(source, 6),
            Listed = Field(source, 7),
            CenterStride = Field(source, 8),
            Seed = BinaryPrimitives.ReadUInt64LittleEndian(source[48..]),
            Origin = FileSection.Read(source[FirstSection..]),
            Centers = FileSection.Read(source[(FirstSection + FileSection.Size)..]),
            Offsets = FileSection.Read(source[(FirstSection + (2 * FileSection.Size))..]),
            Ids = FileSection.Read(source[(FirstSection + (3 * FileSection.Size))..]),
        };
        header.Check(availableBytes);
        return header;
    }

    public static void Require(bool condition, string what)
    {
        if (!condition) throw new VectorFormatException("damaged vector lists: " + what);
    }

    private void Check(long availableBytes)
    {
        Require(IvfOptions.Supports(Metric), "metric");
        Require(Words is >= 1 and <= 1 << 20, "words of a row");
        Require(WantedLists is >= IvfOptions.MinLists and <= IvfOptions.MaxLists && Lists >= 1 && Lists <= WantedLists, "number of lists");
        Require(Count is >= 0 and <= MaxRows && Listed >= 0 && Listed <= Count, "row count");
        Require(CenterStride == IvfCenters.StrideOf(Metric, Words), "center stride");
        Require(Origin.Length == 0 || (Origin.Length == CenterStride && Metric is DistanceMetric.L2 or DistanceMetric.HalfL2), "origin");
        (FileSection origin, FileSection centers, FileSection offsets, FileSection ids) = LayOut(Origin.Length, (long)Lists * CenterStride, Lists, Listed);
        Require(Origin.IsAt(origin.Offset, origin.Length), "place of the origin");
        Require(Centers.IsAt(centers.Offset, centers.Length), "place of the centers");
        Require(Offsets.IsAt(offsets.Offset, offsets.Length), "place of the offsets");
        Require(Ids.IsAt(ids.Offset, ids.Length), "place of the ids");
        Require(FileLength <= availableBytes, "the file is cut short");
    }

    private static int Field(ReadOnlySpan<byte> source, int index) => BinaryPrimitives.ReadInt32LittleEndian(source[(8 + (4 * index))..]);
}
