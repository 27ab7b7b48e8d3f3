using System.Buffers.Binary;
using VecSql.Storage.Files;

namespace VecSql.Storage.Segments;

/// <summary>
/// Deleted positions of a segment as a file: <c>"VECSQLDV" | u16 version | u16 0 | u32 count | count × u32 position, ascending</c>. A new one replaces the old one.
/// </summary>
internal static class DeletionVector
{
    private const int HeaderBytes = 16;
    private static ReadOnlySpan<byte> Magic => "VECSQLDV"u8;

    public static byte[] Write(ReadOnlySpan<int> positions)
    {
        var bytes = new byte[HeaderBytes + positions.Length * sizeof(int)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), positions.Length);
        for (int i = 0; i < positions.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(HeaderBytes + i * sizeof(int)), positions[i]);
        return bytes;
    }

    public static int[] Read(string path, ReadOnlySpan<byte> bytes, int rowCount)
    {
        if (bytes.Length < HeaderBytes || !bytes[..8].SequenceEqual(Magic) || BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != 1)
            throw Damage.In(path, "it is no deletion vector");
        int count = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (count < 0 || bytes.Length - HeaderBytes != (long)count * sizeof(int)) throw Damage.In(path, $"it has not room for {count} positions");
        var positions = new int[count];
        int last = -1;
        for (int i = 0; i < count; i++)
        {
            int position = BinaryPrimitives.ReadInt32LittleEndian(bytes[(HeaderBytes + i * sizeof(int))..]);
            if (position <= last || position >= rowCount) throw Damage.In(path, $"position {position} after {last} of {rowCount}");
            positions[i] = last = position;
        }
        return positions;
    }
}
