using System.Buffers.Binary;

namespace VecSql.Arrow;

/// <summary>
/// Reads the IPC stream format, message by message. Each batch has memory of its own, so it stays good after the next is read; a declared
/// length is believed only as far as bytes arrive. Not safe for use by several threads; the stream is the caller's.
/// </summary>
public sealed class ArrowStreamReader
{
    private const int FirstChunkBytes = 1 << 20;

    private readonly Stream _stream;
    private readonly long _maxMessageBytes;
    private readonly ArrowMessageDecoder _decoder;
    private bool _ended;

    /// <summary>Reads the schema.</summary>
    /// <param name="maxMessageBytes">Limit of one message's metadata or body; above it the stream is refused.</param>
    /// <exception cref="ArrowFormatException">No Arrow stream.</exception>
    public ArrowStreamReader(Stream stream, long maxMessageBytes = int.MaxValue)
    {
        _stream = stream;
        _maxMessageBytes = Math.Min(maxMessageBytes, Array.MaxLength);
        byte[] metadata = ReadMetadata() ?? throw new ArrowFormatException("Arrow stream is empty");
        _decoder = new ArrowMessageDecoder(ArrowMessageDecoder.ReadSchema(metadata));
    }

    public ArrowSchema Schema => _decoder.Schema;

    /// <summary>The next batch, or null at the end. Dictionaries on the way are taken in.</summary>
    public ArrowRecordBatch? ReadBatch()
    {
        while (!_ended)
        {
            if (ReadMetadata() is not { } metadata) break;
            byte[] body = ReadBytes(ArrowMessageHeader.Read(metadata).BodyLengthBytes, "message body");
            if (_decoder.Read(metadata, body) is { } batch) return batch;
        }
        _ended = true;
        return null;
    }

    /// <summary>Null at the end mark, or where the bytes end between two messages (the format allows both).</summary>
    private byte[]? ReadMetadata()
    {
        Span<byte> word = stackalloc byte[4];
        int got = _stream.ReadAtLeast(word, 4, throwOnEndOfStream: false);
        if (got == 0) return null;
        if (got < 4) throw new ArrowFormatException("Arrow stream ends within a message's length");
        int length = BinaryPrimitives.ReadInt32LittleEndian(word);
        // Before version 0.15 of Arrow there was no FFFFFFFF in front of the length.
        if (length == -1)
        {
            if (_stream.ReadAtLeast(word, 4, throwOnEndOfStream: false) < 4) throw new ArrowFormatException("Arrow stream ends within a message's length");
            length = BinaryPrimitives.ReadInt32LittleEndian(word);
        }
        return length == 0 ? null : ReadBytes(length, "message metadata");
    }

    private byte[] ReadBytes(long length, string what)
    {
        if (length < 0 || length > _maxMessageBytes) throw new ArrowFormatException($"{what} of {length} bytes, the limit is {_maxMessageBytes}");
        var bytes = new byte[Math.Min(length, FirstChunkBytes)];
        int have = 0;
        while (have < length)
        {
            if (have == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(length, 2L * bytes.Length));
            int got = _stream.Read(bytes, have, bytes.Length - have);
            if (got == 0) throw new ArrowFormatException($"Arrow stream ends within {what}: {have} of {length} bytes");
            have += got;
        }
        return bytes;
    }
}
