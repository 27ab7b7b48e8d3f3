using VecSql.Arrow.Ipc;

namespace VecSql.Arrow;

/// <summary>
/// Writes the IPC stream format: schema, dictionaries as they are needed or change, record batches, end mark. Buffers start at multiples
/// of 64 from the stream's start. Nothing is buffered here; the caller's stream decides about that and about durability.
/// </summary>
public sealed class ArrowStreamWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly MessageOutput _output;
    private readonly DictionaryTracker _dictionaries;
    private bool _finished;

    /// <summary>Writes the schema at once.</summary>
    public ArrowStreamWriter(Stream stream, ArrowSchema schema, bool leaveOpen = false)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
        Schema = schema;
        _output = new MessageOutput(stream);
        _dictionaries = new DictionaryTracker(schema, mayReplace: true);
        _output.Write(ArrowMessageEncoder.EncodeSchema(schema));
    }

    public ArrowSchema Schema { get; }

    /// <exception cref="ArgumentException">The batch has another schema.</exception>
    public void Write(ArrowRecordBatch batch)
    {
        if (_finished) throw new InvalidOperationException("the stream is finished");
        if (!batch.Schema.Equals(Schema)) throw new ArgumentException("the batch has another schema than the stream");
        foreach (var (id, values) in _dictionaries.Missing(batch)) _output.Write(ArrowMessageEncoder.EncodeDictionary(id, values));
        _output.Write(ArrowMessageEncoder.EncodeBatch(batch));
    }

    /// <summary>Writes the end mark. Without it a reader takes the end of the bytes for the end, so a cut stream goes unnoticed by it.</summary>
    public void Finish()
    {
        if (_finished) return;
        _finished = true;
        _output.WriteEndOfStream();
    }

    /// <summary>Closes the stream unless told to leave it; does not <see cref="Finish"/>, so a failure half-way leaves no whole-looking stream.</summary>
    public void Dispose()
    {
        if (!_leaveOpen) _stream.Dispose();
    }
}
