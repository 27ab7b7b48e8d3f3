using System.Buffers.Binary;
using VecSql.Arrow.FlatBuffers;
using VecSql.Arrow.Ipc;

namespace VecSql.Arrow;

/// <summary>
/// Reads the IPC file format in place. Opening touches the footer only; a batch touches its own message's metadata (and, once, the
/// dictionaries), its arrays are views of the source. The source outlives the reader and every array. Safe for use by several threads.
/// </summary>
public sealed class ArrowFileReader
{
    private const int TailBytes = 10;
    private const int BlockBytes = 24;

    private readonly ArrowSource _source;
    private readonly ArrowMessageDecoder _decoder;
    private readonly MessageBlock[] _dictionaryBlocks;
    private readonly MessageBlock[] _batchBlocks;
    private readonly Lock _loading = new();
    private volatile bool _dictionariesLoaded;

    public ArrowFileReader(ReadOnlyMemory<byte> file) : this(ArrowSource.Of(file)) { }

    /// <exception cref="ArrowFormatException">Not a whole Arrow file.</exception>
    public ArrowFileReader(ArrowSource source)
    {
        _source = source;
        var footer = FlatTable.Root(ReadFooter(source, out long footerStart));
        ArrowMessageHeader.CheckVersion(footer.Int16(0));
        Schema = SchemaDecoder.Read(footer.Table(1, "schema of the footer"));
        Metadata = SchemaDecoder.ReadMetadata(footer, 4, new FlatBudget(footer.BufferSizeBytes));
        _dictionaryBlocks = ReadBlocks(footer.Structs(2, BlockBytes), footerStart);
        _batchBlocks = ReadBlocks(footer.Structs(3, BlockBytes), footerStart);
        _decoder = new ArrowMessageDecoder(Schema);
    }

    public ArrowSchema Schema { get; }

    /// <summary>The footer's own key-value pairs.</summary>
    public ArrowMetadata Metadata { get; }

    public int BatchCount => _batchBlocks.Length;

    /// <summary>Batch number <paramref name="index"/>, without touching the others.</summary>
    public ArrowRecordBatch ReadBatch(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)BatchCount, nameof(index));
        LoadDictionaries();
        var block = _batchBlocks[index];
        return _decoder.ReadBatch(MessageMetadata(block).Span, _source, block.Offset + block.MetadataLengthBytes, block.BodyLengthBytes);
    }

    private void LoadDictionaries()
    {
        if (_dictionariesLoaded || !_decoder.HasDictionaries) return;
        lock (_loading)
        {
            if (_dictionariesLoaded) return;
            foreach (var block in _dictionaryBlocks)
            {
                _decoder.ReadDictionary(MessageMetadata(block).Span, _source, block.Offset + block.MetadataLengthBytes, block.BodyLengthBytes);
            }
            _dictionariesLoaded = true;
        }
    }

    /// <summary>The FlatBuffer of the message in a block.</summary>
    private ReadOnlyMemory<byte> MessageMetadata(MessageBlock block)
    {
        var framed = _source.Slice(block.Offset, block.MetadataLengthBytes);
        int first = BinaryPrimitives.ReadInt32LittleEndian(framed.Span);
        // Before version 0.15 of Arrow there was no FFFFFFFF in front of the length.
        int prefix = first == -1 ? 8 : 4;
        int length = first == -1 ? BinaryPrimitives.ReadInt32LittleEndian(framed.Span[4..]) : first;
        if (length <= 0 || length > framed.Length - prefix) throw new ArrowFormatException($"message metadata of {length} bytes in {framed.Length}");
        return framed.Slice(prefix, length);
    }

    private static ReadOnlySpan<byte> ReadFooter(ArrowSource source, out long start)
    {
        if (source.LengthBytes < 8 + TailBytes || !source.Slice(0, 6).Span.SequenceEqual(ArrowFileWriter.Magic))
        {
            throw new ArrowFormatException("not an Arrow file");
        }
        var tail = source.Slice(source.LengthBytes - TailBytes, TailBytes).Span;
        if (!tail[4..].SequenceEqual(ArrowFileWriter.Magic)) throw new ArrowFormatException("Arrow file without its end: cut off, or not finished");
        int length = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (length <= 0 || length > source.LengthBytes - TailBytes - 8)
        {
            throw new ArrowFormatException($"footer of {length} bytes in a file of {source.LengthBytes}");
        }
        start = source.LengthBytes - TailBytes - length;
        return source.Slice(start, length).Span;
    }

    private static MessageBlock[] ReadBlocks(ReadOnlySpan<byte> bytes, long footerStart)
    {
        var blocks = new MessageBlock[bytes.Length / BlockBytes];
        for (int i = 0; i < blocks.Length; i++)
        {
            var from = bytes[(BlockBytes * i)..];
            var block = new MessageBlock(BinaryPrimitives.ReadInt64LittleEndian(from), BinaryPrimitives.ReadInt32LittleEndian(from[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(from[16..]));
            if (block.Offset < 8 || block.MetadataLengthBytes < 8 || block.BodyLengthBytes < 0 || block.BodyLengthBytes > footerStart
                || block.Offset > footerStart - block.BodyLengthBytes - block.MetadataLengthBytes)
            {
                throw new ArrowFormatException($"block {i} of {block.MetadataLengthBytes} + {block.BodyLengthBytes} bytes at {block.Offset} does not lie "
                    + $"before the footer at {footerStart}");
            }
            blocks[i] = block;
        }
        return blocks;
    }
}
