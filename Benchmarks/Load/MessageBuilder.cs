using System.Buffers.Binary;
using System.Text;

namespace VecSql.Benchmarks.Load;

/// <summary>Frontend messages of protocol 3.0, appended to one growing buffer that is reused between requests.</summary>
internal sealed class MessageBuilder
{
    private byte[] _bytes = new byte[1024];
    private int _length, _start;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);
    public int Length => _length;

    public void Clear() => _length = 0;

    /// <summary>Starts a message ('\0': the startup message, which has no type byte).</summary>
    public MessageBuilder Begin(char type)
    {
        if (type != '\0') Byte((byte)type);
        _start = _length;
        return Int32(0);
    }

    /// <summary>Ends the message that <see cref="Begin"/> started: its length is known now.</summary>
    public void End() => BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_start), _length - _start);

    public MessageBuilder Byte(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    public MessageBuilder Int16(int value)
    {
        BinaryPrimitives.WriteInt16BigEndian(Reserve(2), (short)value);
        return this;
    }

    public MessageBuilder Int32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);
        return this;
    }

    public MessageBuilder Single(float value)
    {
        BinaryPrimitives.WriteSingleBigEndian(Reserve(4), value);
        return this;
    }

    public MessageBuilder Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        return this;
    }

    /// <summary>UTF-8, ended by a zero byte.</summary>
    public MessageBuilder Text(string value)
    {
        Encoding.UTF8.GetBytes(value, Reserve(Encoding.UTF8.GetByteCount(value)));
        return Byte(0);
    }

    /// <summary>A field in vector_send's format: its length, dimensions, flags, then float32s.</summary>
    public MessageBuilder Vector(ReadOnlySpan<float> vector)
    {
        Int32(4 + (4 * vector.Length)).Int16(vector.Length).Int16(0);
        foreach (float element in vector) Single(element);
        return this;
    }

    private Span<byte> Reserve(int count)
    {
        if (_length + count > _bytes.Length) Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + count));
        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}
