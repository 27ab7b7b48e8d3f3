using System.Buffers.Binary;

namespace VecSql.Arrow.Ipc;

/// <summary>Where a message stands in a file, as the footer records it.</summary>
internal readonly record struct MessageBlock(long Offset, int MetadataLengthBytes, long BodyLengthBytes);

/// <summary>
/// Frames messages onto a stream, so that each body, and so each buffer, starts at a multiple of 64 from the start:
/// <code>
/// │ FFFFFFFF │ int32 n │ FlatBuffer, zeros to n │ body: buffers, each padded with zeros to 64 │
/// ^ multiple of 64                              ^ multiple of 64
/// </code>
/// </summary>
internal sealed class MessageOutput(Stream stream)
{
    private static readonly byte[] Zeros = new byte[ArrowMessage.Alignment];

    public long Position { get; private set; }

    public MessageBlock Write(ArrowMessage message)
    {
        long start = Position;
        int metadataLength = checked((int)(ArrowMessage.Padded(start + 8 + message.Metadata.Length) - start));
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, uint.MaxValue);
        BinaryPrimitives.WriteInt32LittleEndian(prefix[4..], metadataLength - 8);
        Write(prefix);
        Write(message.Metadata.Span);
        Pad();
        foreach (var buffer in message.Body)
        {
            Write(buffer.Span);
            Pad();
        }
        return new MessageBlock(start, metadataLength, message.BodyLengthBytes);
    }

    public void WriteEndOfStream() => Write([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        Position += bytes.Length;
    }

    private void Pad() => Write(Zeros.AsSpan(0, (int)(-Position & (ArrowMessage.Alignment - 1))));
}

/// <summary>Which dictionaries a batch needs written before it, inner ones first.</summary>
internal sealed class DictionaryTracker(ArrowSchema schema, bool mayReplace)
{
    private readonly Dictionary<long, ArrowArray> _written = [];

    public List<(long Id, ArrowArray Values)> Missing(ArrowRecordBatch batch)
    {
        var missing = new List<(long, ArrowArray)>();
        var inBatch = new Dictionary<long, ArrowArray>();
        for (int i = 0; i < schema.Fields.Length; i++) Collect(schema.Fields[i], batch.Columns[i], inBatch, missing);
        foreach (var (id, values) in missing) _written[id] = values;
        return missing;
    }

    private void Collect(ArrowField field, ArrowArray array, Dictionary<long, ArrowArray> inBatch, List<(long, ArrowArray)> missing)
    {
        var values = field.Dictionary is null ? array : array.Dictionary!;
        for (int i = 0; i < field.Children.Length; i++) Collect(field.Children[i], values.Children[i], inBatch, missing);
        if (field.Dictionary is not { } encoding) return;
        if (inBatch.TryGetValue(encoding.Id, out var other))
        {
            if (!Same(other, values))
            {
                throw new ArgumentException($"field \"{field.Name}\": dictionary {encoding.Id} has other values in another field of the batch");
            }
            return;
        }
        inBatch.Add(encoding.Id, values);
        if (_written.TryGetValue(encoding.Id, out var before))
        {
            if (Same(before, values)) return;
            if (!mayReplace)
            {
                throw new ArgumentException($"field \"{field.Name}\": dictionary {encoding.Id} differs from the one in the file, and a file holds each once");
            }
        }
        missing.Add((encoding.Id, values));
    }

    private static bool Same(ArrowArray one, ArrowArray other)
    {
        if (ReferenceEquals(one, other)) return true;
        if (one.Type != other.Type || one.Length != other.Length || one.NullCount != other.NullCount || one.Buffers.Length != other.Buffers.Length)
        {
            return false;
        }
        for (int i = 0; i < one.Buffers.Length; i++)
        {
            if (!one.Trimmed(i).Span.SequenceEqual(other.Trimmed(i).Span)) return false;
        }
        if (one.Children.Length != other.Children.Length || one.Dictionary is null != other.Dictionary is null) return false;
        for (int i = 0; i < one.Children.Length; i++)
        {
            if (!Same(one.Children[i], other.Children[i])) return false;
        }
        return one.Dictionary is null || Same(one.Dictionary, other.Dictionary!);
    }
}
