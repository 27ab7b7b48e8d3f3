using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace VecSql.Core.Columns;

/// <summary>A growing array of bytes to write into: text and binary output of types, row encoders, keys. Cleared and used again by its owner.</summary>
public sealed class ByteBuffer : IBufferWriter<byte>
{
    private byte[] _bytes;

    public ByteBuffer(int capacity = 256) => _bytes = new byte[capacity];

    public int Length { get; private set; }
    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, Length);
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>The bytes already written, to patch a length or a count.</summary>
    public Span<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Forgets all bytes from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>Room for <paramref name="count"/> bytes, counted as written.</summary>
    public Span<byte> Take(int count)
    {
        Ensure(count);
        Span<byte> span = _bytes.AsSpan(Length, count);
        Length += count;
        return span;
    }

    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void WriteByte(byte value)
    {
        Ensure(1);
        _bytes[Length++] = value;
    }

    /// <summary>Writes text as UTF-8.</summary>
    public void WriteText(ReadOnlySpan<char> text)
    {
        Ensure(Encoding.UTF8.GetMaxByteCount(text.Length));
        Length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(Length));
    }

    /// <summary>Writes a value's text, such as a number's, without making a string.</summary>
    public void WriteFormatted<T>(T value, ReadOnlySpan<char> format = default) where T : IUtf8SpanFormattable
    {
        Ensure(64);
        int written;
        while (!value.TryFormat(_bytes.AsSpan(Length), out written, format, null)) Ensure(_bytes.Length - Length + 1);
        Length += written;
    }

    public void WriteInt16BigEndian(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(2), value);
    public void WriteInt32BigEndian(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);
    public void WriteInt64BigEndian(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);
    public void WriteUInt32BigEndian(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);
    public void WriteInt16LittleEndian(short value) => BinaryPrimitives.WriteInt16LittleEndian(Take(2), value);
    public void WriteInt32LittleEndian(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);
    public void WriteInt64LittleEndian(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);
    public void WriteUInt32LittleEndian(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Length);
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void Ensure(int more)
    {
        int needed = checked(Length + more);
        if (needed <= _bytes.Length) return;
        uint size = BitOperations.RoundUpToPowerOf2((uint)needed);
        Array.Resize(ref _bytes, size > Array.MaxLength ? Array.MaxLength : (int)size);
    }
}
