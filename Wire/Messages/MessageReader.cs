using System.Buffers.Binary;
using System.Text;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Wire.Messages;

/// <summary>
/// Reads the fields of one message's payload. Every read is bounds-checked; what is malformed is 08P01 (or 22021 for text that isn't UTF-8), worded as PostgreSQL's.
/// </summary>
internal ref struct MessageReader(ReadOnlyMemory<byte> payload)
{
    private readonly ReadOnlyMemory<byte> _payload = payload;
    private int _position;

    public readonly int Remaining => _payload.Length - _position;

    public byte ReadByte() => Take(1).Span[0];

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2).Span);

    /// <summary>A count of things: 0 … 65535.</summary>
    public int ReadCount() => BinaryPrimitives.ReadUInt16BigEndian(Take(2).Span);

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4).Span);
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4).Span);

    /// <summary>The next bytes, borrowed from the payload. A negative count is an error, as a too large one.</summary>
    public ReadOnlyMemory<byte> ReadBytes(int count) => Take(count);

    public ReadOnlyMemory<byte> ReadRest() => Take(Remaining);

    /// <summary>Text up to a zero byte.</summary>
    public string ReadText() => ReadText("");

    /// <summary>Text up to a zero byte, which is likely to be <paramref name="expected"/>: clients send the same names again and again.</summary>
    public string ReadText(string expected)
    {
        ReadOnlySpan<byte> rest = _payload.Span[_position..];
        int length = rest.IndexOf((byte)0);
        if (length < 0) throw Violation("invalid string in message");
        _position += length + 1;
        ReadOnlySpan<byte> text = rest[..length];
        if (Ascii.Equals(text, expected)) return expected;
        Utf8Text.Verify(text);
        return Encoding.UTF8.GetString(text);
    }

    /// <summary>A list of 16-bit numbers after its count, written into <paramref name="list"/>, which grows; the count. Memory is taken only for what is there.</summary>
    public int ReadInt16List(ref short[] list)
    {
        int count = ReadCount();
        ReadOnlySpan<byte> bytes = Take(count * sizeof(short)).Span;
        if (list.Length < count) list = new short[count];
        for (int i = 0; i < count; i++) list[i] = BinaryPrimitives.ReadInt16BigEndian(bytes[(i * sizeof(short))..]);
        return count;
    }

    /// <summary>A list of type numbers after its count.</summary>
    public uint[] ReadUInt32List()
    {
        int count = ReadCount();
        ReadOnlySpan<byte> bytes = Take(count * sizeof(uint)).Span;
        if (count == 0) return [];
        uint[] list = new uint[count];
        for (int i = 0; i < count; i++) list[i] = BinaryPrimitives.ReadUInt32BigEndian(bytes[(i * sizeof(uint))..]);
        return list;
    }

    /// <summary>Nothing may be left over.</summary>
    public readonly void End()
    {
        if (Remaining != 0) throw Violation("invalid message format");
    }

    private ReadOnlyMemory<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining) throw Violation("insufficient data left in message");
        ReadOnlyMemory<byte> bytes = _payload.Slice(_position, count);
        _position += count;
        return bytes;
    }

    public static SqlException Violation(string message) => new(SqlState.ProtocolViolation, message);
}
