using System.Buffers.Binary;

namespace VecSql.Vectors.Memory;

/// <summary>Where a section lies in a file of a graph or of lists, and its checksum: as in docs/formats, 24 bytes with the last four zero.</summary>
/// <param name="Length">In bytes, without padding.</param>
internal readonly record struct FileSection(long Offset, long Length, uint Checksum)
{
    public const int Size = 24;

    /// <summary>Sections begin at multiples of it.</summary>
    public const int Alignment = 64;

    /// <summary>Where the next section begins.</summary>
    public long End => Align(Offset + Length);

    public static long Align(long offset) => (offset + Alignment - 1) & ~(Alignment - 1L);

    public bool IsAt(long offset, long length) => Offset == offset && Length == length;

    public static FileSection Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadInt64LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[8..]), BinaryPrimitives.ReadUInt32LittleEndian(source[16..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, Offset);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], Checksum);
    }
}
