using System.Buffers.Binary;
using VecSql.Arrow.FlatBuffers;
using VecSql.Arrow.Ipc;

namespace VecSql.Arrow;

/// <summary>
/// Messages → record batches, under one schema; remembers the dictionaries met so far. Arrays are views of the body. Everything that
/// needs no scan is checked; call <see cref="ArrowRecordBatch.Validate"/> for the rest.
/// Not safe for use by several threads, except that <see cref="ReadBatch(ReadOnlySpan{byte}, ArrowSource, long, long)"/> is once no more dictionaries come.
/// </summary>
public sealed class ArrowMessageDecoder
{
    private readonly Dictionary<long, ArrowField> _dictionaryFields = [];
    private readonly Dictionary<long, ArrowArray> _dictionaries = [];

    /// <exception cref="ArrowFormatException">Two fields share a dictionary and differ in its type.</exception>
    public ArrowMessageDecoder(ArrowSchema schema)
    {
        Schema = schema;
        foreach (var field in schema.Fields) CollectDictionaries(field);
    }

    public ArrowSchema Schema { get; }

    internal bool HasDictionaries => _dictionaryFields.Count > 0;

    /// <summary>The schema of a message's FlatBuffer (the first of a stream; Flight's too).</summary>
    public static ArrowSchema ReadSchema(ReadOnlySpan<byte> metadata)
    {
        var message = ArrowMessageHeader.Read(metadata);
        return message.Kind == ArrowMessageKind.Schema ? SchemaDecoder.Read(message.Header)
            : throw new ArrowFormatException($"{message.Kind} message where the schema should be");
    }

    /// <summary>Takes one message that follows the schema: a record batch, or null for a dictionary, which is remembered.</summary>
    public ArrowRecordBatch? Read(ReadOnlySpan<byte> metadata, ReadOnlyMemory<byte> body) => Read(metadata, ArrowSource.Of(body), 0, body.Length);

    internal ArrowRecordBatch? Read(ReadOnlySpan<byte> metadata, ArrowSource source, long bodyOffset, long bodyLength)
    {
        if (ArrowMessageHeader.Read(metadata).Kind == ArrowMessageKind.RecordBatch) return ReadBatch(metadata, source, bodyOffset, bodyLength);
        ReadDictionary(metadata, source, bodyOffset, bodyLength);
        return null;
    }

    internal ArrowRecordBatch ReadBatch(ReadOnlySpan<byte> metadata, ArrowSource source, long bodyOffset, long bodyLength)
    {
        var message = Open(metadata, ArrowMessageKind.RecordBatch, bodyLength);
        var cursor = new Cursor(message.Header, message.IsV4, source, bodyOffset, message.BodyLengthBytes);
        var columns = new ArrowArray[Schema.Fields.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = ReadArray(Schema.Fields[i], ref cursor);
            if (columns[i].Length != cursor.Length)
            {
                throw new ArrowFormatException($"field \"{Schema.Fields[i].Name}\" has {columns[i].Length} rows in a batch of {cursor.Length}");
            }
        }
        cursor.CheckUsedUp();
        var pairs = SchemaDecoder.ReadMetadata(message.Message, 4, new FlatBudget(metadata.Length));
        return new ArrowRecordBatch(Schema, cursor.Length, columns, pairs);
    }

    internal void ReadDictionary(ReadOnlySpan<byte> metadata, ArrowSource source, long bodyOffset, long bodyLength)
    {
        var message = Open(metadata, ArrowMessageKind.DictionaryBatch, bodyLength);
        long id = message.Header.Int64(0);
        if (!_dictionaryFields.TryGetValue(id, out var field)) throw new ArrowFormatException($"dictionary {id} belongs to no field");
        if (message.Header.Bool(2)) throw new ArrowUnsupportedException("delta dictionary");
        var cursor = new Cursor(message.Header.Table(1, "dictionary data"), message.IsV4, source, bodyOffset, message.BodyLengthBytes);
        var values = ReadArray(field, ref cursor);
        if (values.Length != cursor.Length) throw new ArrowFormatException($"dictionary {id} has {values.Length} rows in a batch of {cursor.Length}");
        cursor.CheckUsedUp();
        _dictionaries[id] = values;
    }

    private static ArrowMessageHeader Open(ReadOnlySpan<byte> metadata, ArrowMessageKind kind, long bodyLength)
    {
        var message = ArrowMessageHeader.Read(metadata);
        if (message.Kind != kind) throw new ArrowFormatException($"{message.Kind} message where {kind} should be");
        if (message.BodyLengthBytes > bodyLength)
        {
            throw new ArrowFormatException($"message has a body of {message.BodyLengthBytes} bytes, {bodyLength} are there");
        }
        return message;
    }

    private ArrowArray ReadArray(ArrowField field, ref Cursor cursor)
    {
        var (length, nullCount) = cursor.NextNode();
        var type = field.StorageType;
        if (cursor.IsV4 && type.Id == ArrowTypeId.Union) throw new ArrowUnsupportedException("union of format version V4");
        int fixedCount = ArrowLayout.Buffers(type).Length;
        var buffers = new ReadOnlyMemory<byte>[fixedCount + (ArrowLayout.IsView(type) ? cursor.NextVariadicCount(fixedCount) : 0)];
        for (int i = 0; i < buffers.Length; i++) buffers[i] = cursor.NextBuffer();
        if (field.Dictionary is { } encoding)
        {
            if (!_dictionaries.TryGetValue(encoding.Id, out var dictionary))
            {
                throw new ArrowFormatException($"field \"{field.Name}\": dictionary {encoding.Id} is missing");
            }
            return ArrowArray.FromInput(type, length, nullCount, buffers, [], dictionary);
        }
        var children = new ArrowArray[field.Children.Length];
        for (int i = 0; i < children.Length; i++) children[i] = ReadArray(field.Children[i], ref cursor);
        return ArrowArray.FromInput(type, length, nullCount, buffers, children, null);
    }

    private void CollectDictionaries(ArrowField field)
    {
        foreach (var child in field.Children) CollectDictionaries(child);
        if (field.Dictionary is not { } encoding) return;
        var values = field.ValueField;
        if (!_dictionaryFields.TryAdd(encoding.Id, values) && !SameShape(_dictionaryFields[encoding.Id], values))
        {
            throw new ArrowFormatException($"field \"{field.Name}\": dictionary {encoding.Id} has another type in another field");
        }
    }

    private static bool SameShape(ArrowField one, ArrowField other)
    {
        if (one.Type != other.Type || one.Dictionary?.Id != other.Dictionary?.Id || one.StorageType != other.StorageType) return false;
        if (one.Children.Length != other.Children.Length) return false;
        for (int i = 0; i < one.Children.Length; i++)
        {
            if (!SameShape(one.Children[i], other.Children[i])) return false;
        }
        return true;
    }

    /// <summary>Walks a <c>RecordBatch</c> table's nodes and buffers in order.</summary>
    private ref struct Cursor
    {
        private readonly ReadOnlySpan<byte> _nodes;
        private readonly ReadOnlySpan<byte> _places;
        private readonly ReadOnlySpan<byte> _variadicCounts;
        private readonly ArrowSource _source;
        private readonly long _bodyOffset;
        private readonly long _bodyLength;
        private int _node;
        private int _place;
        private int _variadic;

        public Cursor(FlatTable batch, bool isV4, ArrowSource source, long bodyOffset, long bodyLength)
        {
            if (batch.TryTable(3, out var compression))
            {
                throw new ArrowUnsupportedException("body compression " + compression.Byte(0) switch
                {
                    0 => "LZ4_FRAME",
                    1 => "ZSTD",
                    var other => $"number {other}",
                });
            }
            long length = batch.Int64(0);
            if (length is < 0 or > int.MaxValue) throw new ArrowFormatException($"batch of {length} rows");
            Length = (int)length;
            IsV4 = isV4;
            _nodes = batch.Structs(1, 16);
            _places = batch.Structs(2, 16);
            _variadicCounts = batch.Structs(4, 8);
            _source = source;
            _bodyOffset = bodyOffset;
            _bodyLength = bodyLength;
        }

        public int Length { get; }
        public bool IsV4 { get; }

        public (int Length, int NullCount) NextNode()
        {
            if (_node == _nodes.Length) throw new ArrowFormatException("batch has fewer nodes than its schema needs");
            long length = BinaryPrimitives.ReadInt64LittleEndian(_nodes[_node..]), nullCount = BinaryPrimitives.ReadInt64LittleEndian(_nodes[(_node + 8)..]);
            _node += 16;
            if (length is < 0 or > int.MaxValue || nullCount < 0 || nullCount > length)
            {
                throw new ArrowFormatException($"node of length {length} with null count {nullCount}");
            }
            return ((int)length, (int)nullCount);
        }

        public ReadOnlyMemory<byte> NextBuffer()
        {
            if (_place == _places.Length) throw new ArrowFormatException("batch has fewer buffers than its schema needs");
            long offset = BinaryPrimitives.ReadInt64LittleEndian(_places[_place..]), length = BinaryPrimitives.ReadInt64LittleEndian(_places[(_place + 8)..]);
            _place += 16;
            if (length < 0 || offset < 0 || length > _bodyLength || offset > _bodyLength - length)
            {
                throw new ArrowFormatException($"buffer of {length} bytes at {offset} of a body of {_bodyLength}");
            }
            if (length > int.MaxValue) throw new ArrowUnsupportedException($"buffer of {length} bytes, over 2 GiB,");
            return length == 0 ? default : _source.Slice(_bodyOffset + offset, (int)length);
        }

        /// <summary>Data buffers of a view column, at most as many as are left.</summary>
        public int NextVariadicCount(int fixedCount)
        {
            if (_variadic == _variadicCounts.Length) throw new ArrowFormatException("batch has fewer variadic counts than its schema needs");
            long count = BinaryPrimitives.ReadInt64LittleEndian(_variadicCounts[_variadic..]);
            _variadic += 8;
            int left = (_places.Length - _place) / 16 - fixedCount;
            return count >= 0 && count <= left ? (int)count : throw new ArrowFormatException($"view column with {count} data buffers, {left} are left");
        }

        public readonly void CheckUsedUp()
        {
            if (_node != _nodes.Length || _place != _places.Length) throw new ArrowFormatException("batch has more nodes or buffers than its schema needs");
        }
    }
}
