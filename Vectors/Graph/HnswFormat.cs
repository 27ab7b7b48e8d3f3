using System.Buffers.Binary;
using VecSql.Core.Checksums;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;

namespace VecSql.Vectors.Graph;

/// <summary>The header of a graph file (docs/formats/hnsw.md): 256 bytes, little-endian, its own CRC-32C last.</summary>
internal sealed record HnswHeader
{
    public const int Size = 256;
    public const int MaxNodes = 1 << 30;
    private const ulong Magic = 0x0057_534E_4843_4556; // "VECHNSW\0"
    private const int PlainVersion = 1;
    private const int QuantizedVersion = 2;
    private const int EntryPointVersion = 3;
    private const int ChecksumOffset = Size - sizeof(uint);

    public required DistanceMetric Metric { get; init; }
    public required int Dimensions { get; init; }
    public required int M { get; init; }
    public required int EfConstruction { get; init; }
    public required int Count { get; init; }
    public required int Linked { get; init; }
    public required int Entry { get; init; }
    public required int EntryLevel { get; init; }
    public required ulong Seed { get; init; }
    public required int RecordStride { get; init; }
    public required int BlockStride { get; init; }
    public required int BlockCount { get; init; }
    public required FileSection Records { get; init; }
    public required FileSection UpperIndex { get; init; }
    public required FileSection UpperBlocks { get; init; }
    public VectorQuantization Quantization { get; init; }
    public int CodeStride { get; init; }
    public FileSection Center { get; init; }
    public FileSection Codes { get; init; }

    /// <summary>How many there are; 0: none, and no section.</summary>
    public int EntryPointCount { get; init; }
    public int EntryPointLevel { get; init; }
    public FileSection EntryPoints { get; init; }

    public long FileLength => Version switch
    {
        PlainVersion => UpperBlocks.End,
        QuantizedVersion => Codes.End,
        _ => EntryPoints.End,
    };

    /// <summary>The oldest that can say it all.</summary>
    private int Version => Quantization == VectorQuantization.None ? PlainVersion
        : Quantization.IsRaBitQ() || EntryPointCount > 0 ? EntryPointVersion
        : QuantizedVersion;

    public void Write(Span<byte> target)
    {
        target[..Size].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        ReadOnlySpan<int> fields =
        [
            Version, Size, (int)Metric, Dimensions, M, EfConstruction, Count, Linked, Entry, EntryLevel, RecordStride, BlockStride, BlockCount,
        ];
        for (int i = 0; i < fields.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(target[(8 + (4 * i))..], fields[i]);
        BinaryPrimitives.WriteUInt64LittleEndian(target[64..], Seed);
        Records.Write(target[72..]);
        UpperIndex.Write(target[96..]);
        UpperBlocks.Write(target[120..]);
        if (Quantization != VectorQuantization.None)
        {
            BinaryPrimitives.WriteInt32LittleEndian(target[144..], (int)Quantization);
            BinaryPrimitives.WriteInt32LittleEndian(target[148..], CodeStride);
            Center.Write(target[152..]);
            Codes.Write(target[176..]);
        }
        if (Version == EntryPointVersion)
        {
            BinaryPrimitives.WriteInt32LittleEndian(target[200..], EntryPointCount);
            BinaryPrimitives.WriteInt32LittleEndian(target[204..], EntryPointLevel);
            EntryPoints.Write(target[208..]);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumOffset..], Crc32C.Compute(target[..ChecksumOffset]));
    }

    /// <summary>Reads and checks all that can be checked without touching the sections' pages.</summary>
    public static HnswHeader Read(ReadOnlySpan<byte> source, long availableBytes)
    {
        Require(source.Length >= Size, "the file is shorter than its header");
        Require(BinaryPrimitives.ReadUInt64LittleEndian(source) == Magic, "not a graph file");
        int version = Field(source, 0);
        Require(version is PlainVersion or QuantizedVersion or EntryPointVersion, $"graph format version {version} is not known");
        Require(Field(source, 1) == Size, "header size");
        Require(BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]) == Crc32C.Compute(source[..ChecksumOffset]), "header checksum");
        HnswHeader header = new()
        {
            Metric = (DistanceMetric)Field(source, 2),
            Dimensions = Field(source, 3),
            M = Field(source, 4),
            EfConstruction = Field(source, 5),
            Count = Field(source, 6),
            Linked = Field(source, 7),
            Entry = Field(source, 8),
            EntryLevel = Field(source, 9),
            RecordStride = Field(source, 10),
            BlockStride = Field(source, 11),
            BlockCount = Field(source, 12),
            Seed = BinaryPrimitives.ReadUInt64LittleEndian(source[64..]),
            Records = FileSection.Read(source[72..]),
            UpperIndex = FileSection.Read(source[96..]),
            UpperBlocks = FileSection.Read(source[120..]),
            Quantization = (VectorQuantization)BinaryPrimitives.ReadInt32LittleEndian(source[144..]),
            CodeStride = BinaryPrimitives.ReadInt32LittleEndian(source[148..]),
            Center = FileSection.Read(source[152..]),
            Codes = FileSection.Read(source[176..]),
            EntryPointCount = BinaryPrimitives.ReadInt32LittleEndian(source[200..]),
            EntryPointLevel = BinaryPrimitives.ReadInt32LittleEndian(source[204..]),
            EntryPoints = FileSection.Read(source[208..]),
        };
        Require(header.Version == version, "quantization of this version");
        header.Check(availableBytes);
        return header;
    }

    public static void Require(bool condition, string what)
    {
        if (!condition) throw new VectorFormatException("damaged vector graph: " + what);
    }

    private void Check(long availableBytes)
    {
        Require(Enum.IsDefined(Metric), "metric");
        Require(Dimensions >= 1, "dimensions");
        Require(M is >= HnswOptions.MinM and <= HnswOptions.MaxM, "m");
        Require(EfConstruction is >= HnswOptions.MinEfConstruction and <= HnswOptions.MaxEfConstruction, "ef_construction");
        Require(Count is >= 0 and <= MaxNodes && Linked >= 0 && Linked <= Count, "node count");
        Require(Entry >= -1 && Entry < Count && EntryLevel is >= 0 and <= HnswGraph.MaxLevel, "entry");
        Require(Entry >= 0 == Linked > 0, "entry of an empty graph");
        Require(RecordStride >= 2 * M * sizeof(int) && RecordStride % FileSection.Alignment == 0, "record stride");
        Require(BlockStride >= M * sizeof(int) && BlockStride % FileSection.Alignment == 0, "block stride");
        Require(BlockCount is >= 0 and <= MaxNodes, "block count");
        Require(Records.Offset == Size && Records.Length == (long)Count * RecordStride, "records");
        Require(UpperIndex.Offset == Records.End && UpperIndex.Length == (long)Count * sizeof(int), "upper index");
        Require(
            UpperBlocks.Offset == UpperIndex.End && UpperBlocks.Length == (long)BlockCount * BlockStride,
            "upper blocks");
        if (Quantization != VectorQuantization.None) CheckCodes();
        if (Version == EntryPointVersion) CheckEntryPoints();
        Require(FileLength <= availableBytes, "the file is cut short");
    }

    private void CheckCodes()
    {
        Require(Quantization.IsStored() && QuantizedRows.Supports(Metric), "quantization");
        Require(Dimensions <= QuantizedRows.MaxDimensions, "dimensions of quantized rows");
        Require(
            !Quantization.HasNeighborCodes() || RecordStride == HnswGraph.ListBytes(2 * M) + NeighborCodes.BytesOf(Dimensions, 2 * M), "record stride with neighbours' codes");
        Require(CodeStride == QuantizedRows.Stride(Quantization, Dimensions), "code stride");
        Require(Center.Offset == UpperBlocks.End && Center.Length == Dimensions * sizeof(float), "center");
        Require(Codes.Offset == Center.End && Codes.Length == (long)Count * CodeStride, "codes");
    }

    private void CheckEntryPoints()
    {
        Require(EntryPointCount is >= 0 and <= Graph.EntryPoints.Most && EntryPointCount <= Linked, "entry points");
        Require(EntryPointCount == 0 ? EntryPointLevel == 0 : EntryPointLevel >= 1 && EntryPointLevel <= EntryLevel, "level of the entry points");
        Require(
            EntryPoints.Offset == Codes.End && EntryPoints.Length == (EntryPointCount == 0 ? 0 : Graph.EntryPoints.Size(EntryPointCount, RandomRotation.PaddedDimensions(Dimensions))), "entry points");
    }

    private static int Field(ReadOnlySpan<byte> source, int index) => BinaryPrimitives.ReadInt32LittleEndian(source[(8 + (4 * index))..]);
}
