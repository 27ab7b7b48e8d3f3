using VecSql.Arrow.FlatBuffers;
using VecSql.Arrow.Ipc;

namespace VecSql.Arrow;

/// <summary>Schemas, record batches and dictionaries → messages. No buffer is copied; a body's bytes are those of the arrays.</summary>
public static class ArrowMessageEncoder
{
    private const short VersionV5 = 4;

    public static ArrowMessage EncodeSchema(ArrowSchema schema)
    {
        var to = new FlatBufferWriter();
        int header = SchemaEncoder.Write(to, schema);
        return new ArrowMessage(Finish(to, ArrowMessageKind.Schema, header, 0, ArrowMetadata.Empty), [], 0);
    }

    /// <summary>The batch without its dictionaries, which go before it (<see cref="EncodeDictionary"/>).</summary>
    public static ArrowMessage EncodeBatch(ArrowRecordBatch batch)
    {
        var to = new FlatBufferWriter();
        var body = new BodyLayout();
        foreach (var column in batch.Columns) body.Add(column);
        int header = body.WriteRecordBatch(to, batch.Length);
        return new ArrowMessage(Finish(to, ArrowMessageKind.RecordBatch, header, body.LengthBytes, batch.Metadata), body.Buffers, body.LengthBytes);
    }

    public static ArrowMessage EncodeDictionary(long id, ArrowArray values)
    {
        var to = new FlatBufferWriter();
        var body = new BodyLayout();
        body.Add(values);
        int data = body.WriteRecordBatch(to, values.Length);
        to.StartTable(3);
        to.Add(0, id);
        to.AddRef(1, data);
        int header = to.EndTable();
        return new ArrowMessage(Finish(to, ArrowMessageKind.DictionaryBatch, header, body.LengthBytes, ArrowMetadata.Empty), body.Buffers, body.LengthBytes);
    }

    private static byte[] Finish(FlatBufferWriter to, ArrowMessageKind kind, int header, long bodyLength, ArrowMetadata metadata)
    {
        int pairs = SchemaEncoder.WriteMetadata(to, metadata);
        to.StartTable(5);
        to.Add(3, bodyLength);
        to.AddRef(2, header);
        to.AddRef(4, pairs);
        to.Add(0, VersionV5);
        to.Add(1, (byte)kind);
        return to.Finish(to.EndTable());
    }

    /// <summary>Collects nodes and buffers of arrays, parents before children, and lays the buffers out.</summary>
    private sealed class BodyLayout
    {
        private static readonly byte[] ZeroOffset = new byte[8];

        private readonly List<long> _nodes = [];
        private readonly List<long> _places = [];
        private readonly List<long> _variadicCounts = [];

        public List<ReadOnlyMemory<byte>> Buffers { get; } = [];
        public long LengthBytes { get; private set; }

        public void Add(ArrowArray array)
        {
            _nodes.Add(array.Length);
            _nodes.Add(array.NullCount);
            if (ArrowLayout.IsView(array.Type)) _variadicCounts.Add(array.Buffers.Length - 2);
            for (int i = 0; i < array.Buffers.Length; i++)
            {
                var buffer = array.Trimmed(i);
                // The format wants rows + 1 offsets even of no rows.
                if (buffer.IsEmpty && i == 1 && array.IndexOf(ArrowBufferKind.Offsets32) == 1) buffer = ZeroOffset.AsMemory(0, 4);
                if (buffer.IsEmpty && i == 1 && array.IndexOf(ArrowBufferKind.Offsets64) == 1) buffer = ZeroOffset;
                _places.Add(LengthBytes);
                _places.Add(buffer.Length);
                Buffers.Add(buffer);
                LengthBytes = ArrowMessage.Padded(LengthBytes + buffer.Length);
            }
            foreach (var child in array.Children) Add(child);
        }

        public int WriteRecordBatch(FlatBufferWriter to, long length)
        {
            int nodes = to.Longs([.. _nodes], 2);
            int places = to.Longs([.. _places], 2);
            int variadic = _variadicCounts.Count == 0 ? 0 : to.Longs([.. _variadicCounts], 1);
            to.StartTable(5);
            to.Add(0, length);
            to.AddRef(1, nodes);
            to.AddRef(2, places);
            to.AddRef(4, variadic);
            return to.EndTable();
        }
    }
}
