using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// Makes a jsonb value from events. Payloads are gathered in one buffer; when a container ends, its table is put before its children. Used again after
/// it is finished; by one thread.
/// </summary>
internal sealed class JsonbBuilder
{
    private struct Item
    {
        public JsonbTag Tag;
        public int KeyStart, KeyLength, Start, Length;
    }

    private readonly record struct Frame(int FirstItem, int DataStart, bool IsObject, int KeyStart, int KeyLength);

    private readonly ByteBuffer _data = new();
    private readonly ByteBuffer _scratch = new();
    private readonly List<Item> _items = [];
    private readonly Stack<Frame> _frames = new();
    private int _keyStart;
    private int _keyLength;

    public void Reset()
    {
        _data.Clear();
        _items.Clear();
        _frames.Clear();
    }

    /// <summary>The decoded bytes of an object's next key.</summary>
    public void Key(ReadOnlySpan<byte> key)
    {
        _keyStart = _data.Length;
        _keyLength = key.Length;
        if (key.Length > JsonbValue.MaxBytes) throw new SqlException(SqlState.ProgramLimitExceeded, "string too long to represent as jsonb string");
        _data.Write(key);
    }

    public void Null() => Scalar(JsonbTag.Null, default);
    public void Bool(bool value) => Scalar(value ? JsonbTag.True : JsonbTag.False, default);
    public void String(ReadOnlySpan<byte> text) => Scalar(JsonbTag.String, text);

    /// <summary>A finite number.</summary>
    public void Number(in NumericValue value)
    {
        int start = _data.Length;
        value.WriteTo(_data);
        Push(JsonbTag.Number, start);
    }

    public void Number(ReadOnlySpan<byte> stored) => Scalar(JsonbTag.Number, stored);

    /// <summary>A copy of another value.</summary>
    public void Value(JsonbValue value) => Scalar(value.Tag, value.Payload);

    public void BeginArray() => Begin(isObject: false);
    public void BeginObject() => Begin(isObject: true);

    public void End()
    {
        Frame frame = _frames.Pop();
        if (frame.IsObject) Arrange(frame);
        int count = _items.Count - frame.FirstItem, entries = frame.IsObject ? 2 * count : count;
        int head = sizeof(uint) * (1 + entries), size = _data.Length - frame.DataStart;
        if ((long)head + size > JsonbValue.MaxBytes)
            throw new SqlException(SqlState.ProgramLimitExceeded,
                $"total size of jsonb {(frame.IsObject ? "object" : "array")} elements exceeds the maximum of {JsonbValue.MaxBytes} bytes");
        _data.Take(head);
        Span<byte> all = _data.Written[frame.DataStart..];
        all[..size].CopyTo(all[head..]);
        BinaryPrimitives.WriteUInt32LittleEndian(all, (uint)count);
        uint end = 0;
        int at = sizeof(uint);
        if (frame.IsObject)
            for (int i = frame.FirstItem; i < _items.Count; i++) Entry(all, JsonbTag.String, _items[i].KeyLength);
        for (int i = frame.FirstItem; i < _items.Count; i++) Entry(all, _items[i].Tag, _items[i].Length);
        _items.RemoveRange(frame.FirstItem, count);
        (_keyStart, _keyLength) = (frame.KeyStart, frame.KeyLength);
        Push(frame.IsObject ? JsonbTag.Object : JsonbTag.Array, frame.DataStart);

        void Entry(Span<byte> target, JsonbTag tag, int length)
        {
            end += (uint)length;
            BinaryPrimitives.WriteUInt32LittleEndian(target[at..], end << 3 | (uint)tag);
            at += sizeof(uint);
        }
    }

    /// <summary>Writes the one value that was made and forgets it.</summary>
    public void Finish(ByteBuffer output)
    {
        Invariant.Check(_frames.Count == 0 && _items.Count == 1);
        Item root = _items[0];
        output.WriteUInt32LittleEndian((uint)root.Tag);
        output.Write(_data.WrittenSpan.Slice(root.Start, root.Length));
        Reset();
    }

    public void Finish(ColumnBuilder result)
    {
        BytesColumnBuilder bytes = (BytesColumnBuilder)result;
        Finish(bytes.Output);
        bytes.EndValue();
    }

    /// <summary>Parses JSON text into one value (or an element or a pair's value of the open container).</summary>
    /// <exception cref="SqlException">22P02 and others.</exception>
    public void Parse(ReadOnlySpan<byte> utf8)
    {
        JsonReader reader = new(utf8, decodes: true);
        while (true)
        {
            switch (reader.Next())
            {
                case JsonToken.BeginObject: BeginObject(); break;
                case JsonToken.BeginArray: BeginArray(); break;
                case JsonToken.EndObject or JsonToken.EndArray: End(); break;
                case JsonToken.Key: Key(Decoded(reader)); break;
                case JsonToken.String: String(Decoded(reader)); break;
                case JsonToken.Number: Number(NumericText.Parse(reader.Token)); break;
                case JsonToken.True: Bool(true); break;
                case JsonToken.False: Bool(false); break;
                case JsonToken.Null: Null(); break;
                default: return;
            }
        }
    }

    private ReadOnlySpan<byte> Decoded(JsonReader reader)
    {
        if (reader.RawString.IndexOf((byte)'\\') < 0) return reader.RawString;
        _scratch.Clear();
        reader.Decode(reader.RawString, _scratch);
        return _scratch.WrittenSpan;
    }

    private void Begin(bool isObject) => _frames.Push(new Frame(_items.Count, _data.Length, isObject, _keyStart, _keyLength));

    private void Scalar(JsonbTag tag, ReadOnlySpan<byte> payload)
    {
        int start = _data.Length;
        _data.Write(payload);
        Push(tag, start);
    }

    private void Push(JsonbTag tag, int start) =>
        _items.Add(new Item { Tag = tag, KeyStart = _keyStart, KeyLength = _keyLength, Start = start, Length = _data.Length - start });

    /// <summary>Sorts an object's pairs, drops all but the last of equal keys, and puts all keys before all values.</summary>
    private void Arrange(Frame frame)
    {
        int count = _items.Count - frame.FirstItem;
        _scratch.Clear();
        _scratch.Write(_data.WrittenSpan[frame.DataStart..]);
        Item[] sorted = [.. _items.GetRange(frame.FirstItem, count)];
        int origin = frame.DataStart;
        // The sort isn't stable; of equal keys the later one in the buffer comes last.
        Array.Sort(sorted, (a, b) =>
        {
            ReadOnlySpan<byte> bytes = _scratch.WrittenSpan;
            int order = JsonbValue.CompareKeys(bytes.Slice(a.KeyStart - origin, a.KeyLength), bytes.Slice(b.KeyStart - origin, b.KeyLength));
            return order != 0 ? order : a.KeyStart.CompareTo(b.KeyStart);
        });
        ReadOnlySpan<byte> old = _scratch.WrittenSpan;
        _items.RemoveRange(frame.FirstItem, count);
        _data.Truncate(frame.DataStart);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> key = old.Slice(sorted[i].KeyStart - origin, sorted[i].KeyLength);
            if (i + 1 < count && key.SequenceEqual(old.Slice(sorted[i + 1].KeyStart - origin, sorted[i + 1].KeyLength))) continue;
            _items.Add(sorted[i]);
            _data.Write(key);
        }
        for (int i = frame.FirstItem; i < _items.Count; i++) _data.Write(old.Slice(_items[i].Start - origin, _items[i].Length));
    }
}
