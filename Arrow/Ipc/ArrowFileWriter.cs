using System.Buffers.Binary;
using VecSql.Arrow.FlatBuffers;
using VecSql.Arrow.Ipc;

namespace VecSql.Arrow;

/// <summary>
/// Writes the IPC file format, which allows random access to batches:
/// <code>
/// "ARROW1" 00 00 │ schema message │ dictionaries and batches │ FFFFFFFF 00000000 │ footer │ int32 its size │ "ARROW1"
/// </code>
/// Each buffer starts at a multiple of 64 in the file. The bytes depend on schema, batches and metadata alone. Needs no seeking.
/// </summary>
public sealed class ArrowFileWriter : IDisposable
{
    internal static ReadOnlySpan<byte> Magic => "ARROW1"u8;

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly MessageOutput _output;
    private readonly DictionaryTracker _dictionaries;
    private readonly List<MessageBlock> _dictionaryBlocks = [];
    private readonly List<MessageBlock> _batchBlocks = [];
    private bool _finished;

    /// <summary>Writes the start and the schema at once.</summary>
    /// <param name="stream">Written from its present position, which counts as 0 in the file.</param>
    public ArrowFileWriter(Stream stream, ArrowSchema schema, bool leaveOpen = false)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
        Schema = schema;
        _output = new MessageOutput(stream);
        _dictionaries = new DictionaryTracker(schema, mayReplace: false);
        _output.Write("ARROW1\0\0"u8);
        _output.Write(ArrowMessageEncoder.EncodeSchema(schema));
    }

    public ArrowSchema Schema { get; }

    /// <exception cref="ArgumentException">The batch has another schema, or another dictionary under an id than a batch before.</exception>
    public void Write(ArrowRecordBatch batch)
    {
        if (_finished) throw new InvalidOperationException("the file is finished");
        if (!batch.Schema.Equals(Schema)) throw new ArgumentException("the batch has another schema than the file");
        foreach (var (id, values) in _dictionaries.Missing(batch)) _dictionaryBlocks.Add(_output.Write(ArrowMessageEncoder.EncodeDictionary(id, values)));
        _batchBlocks.Add(_output.Write(ArrowMessageEncoder.EncodeBatch(batch)));
    }

    /// <summary>Writes the footer: what is not finished is not an Arrow file.</summary>
    /// <param name="metadata">The footer's own key-value pairs, for what is known only at the end.</param>
    public void Finish(ArrowMetadata? metadata = null)
    {
        if (_finished) return;
        _finished = true;
        _output.WriteEndOfStream();
        var to = new FlatBufferWriter();
        int schema = SchemaEncoder.Write(to, Schema);
        int dictionaries = to.Longs(Flatten(_dictionaryBlocks), 3);
        int batches = to.Longs(Flatten(_batchBlocks), 3);
        int pairs = SchemaEncoder.WriteMetadata(to, metadata ?? ArrowMetadata.Empty);
        to.StartTable(5);
        to.AddRef(1, schema);
        to.AddRef(2, dictionaries);
        to.AddRef(3, batches);
        to.AddRef(4, pairs);
        to.Add(0, (short)4);
        byte[] footer = to.Finish(to.EndTable());
        _output.Write(footer);
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, footer.Length);
        _output.Write(size);
        _output.Write(Magic);
    }

    /// <summary>Closes the stream unless told to leave it; does not <see cref="Finish"/>, so a failure half-way leaves no whole-looking file.</summary>
    public void Dispose()
    {
        if (!_leaveOpen) _stream.Dispose();
    }

    /// <summary>The struct <c>Block</c>: int64 offset, int32 metadata length, 4 bytes of padding, int64 body length.</summary>
    private static long[] Flatten(List<MessageBlock> blocks)
    {
        var longs = new long[3 * blocks.Count];
        for (int i = 0; i < blocks.Count; i++)
        {
            longs[3 * i] = blocks[i].Offset;
            longs[3 * i + 1] = blocks[i].MetadataLengthBytes;
            longs[3 * i + 2] = blocks[i].BodyLengthBytes;
        }
        return longs;
    }
}
