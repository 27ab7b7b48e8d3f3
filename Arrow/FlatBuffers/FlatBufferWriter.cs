using System.Buffers.Binary;
using System.Text;

namespace VecSql.Arrow.FlatBuffers;

/// <summary>
/// Writes one FlatBuffer (flatbuffers.dev, "Internals"). The bytes grow from the end towards the front, so that whatever is referred to is
/// already there; a reference is its distance from the end. Children before parents: strings, vectors and inner tables are finished before
/// the table that holds them is started.
/// <code>
/// u32 root offset │ … vtable: u16 its size, u16 table size, u16 per field (0 = absent)
///                 │ … table:  i32 distance back to its vtable, fields (each aligned to its size)
///                 │ … vector: u32 count, elements      string: u32 length, UTF-8, 0
/// </code>
/// </summary>
internal sealed class FlatBufferWriter
{
    private byte[] _bytes = new byte[1024];
    private int _used;
    private readonly int[] _slots = new int[8];
    private int _fieldCount;
    private int _tableStart;
    private readonly List<int> _vtables = [];

    public int String(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        Align(4, length + 1);
        Take(1)[0] = 0;
        Encoding.UTF8.GetBytes(text, Take(length));
        Put32((uint)length);
        return _used;
    }

    /// <summary>A vector of references to tables or strings.</summary>
    public int Refs(ReadOnlySpan<int> refs)
    {
        Align(4, 4 * refs.Length);
        for (int i = refs.Length - 1; i >= 0; i--) Put32((uint)(_used + 4 - refs[i]));
        Put32((uint)refs.Length);
        return _used;
    }

    public int Int32s(ReadOnlySpan<int> values)
    {
        Align(4, 4 * values.Length);
        for (int i = values.Length - 1; i >= 0; i--) Put32((uint)values[i]);
        Put32((uint)values.Length);
        return _used;
    }

    /// <summary>A vector of structs of <paramref name="longsPerElement"/> int64 each (or of plain int64).</summary>
    public int Longs(ReadOnlySpan<long> values, int longsPerElement)
    {
        Align(4, 8 * values.Length);
        Align(8, 8 * values.Length);
        for (int i = values.Length - 1; i >= 0; i--) BinaryPrimitives.WriteInt64LittleEndian(Take(8), values[i]);
        Put32((uint)(values.Length / longsPerElement));
        return _used;
    }

    public void StartTable(int fieldCount)
    {
        _fieldCount = fieldCount;
        _slots.AsSpan(0, fieldCount).Clear();
        _tableStart = _used;
    }

    public void Add(int field, byte value)
    {
        Align(1, 0);
        Take(1)[0] = value;
        _slots[field] = _used;
    }

    public void Add(int field, bool value) => Add(field, value ? (byte)1 : (byte)0);

    public void Add(int field, short value)
    {
        Align(2, 0);
        BinaryPrimitives.WriteInt16LittleEndian(Take(2), value);
        _slots[field] = _used;
    }

    public void Add(int field, int value)
    {
        Align(4, 0);
        Put32((uint)value);
        _slots[field] = _used;
    }

    public void Add(int field, long value)
    {
        Align(8, 0);
        BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);
        _slots[field] = _used;
    }

    /// <summary>A reference; 0 leaves the field absent.</summary>
    public void AddRef(int field, int reference)
    {
        if (reference == 0) return;
        Align(4, 0);
        Put32((uint)(_used + 4 - reference));
        _slots[field] = _used;
    }

    public int EndTable()
    {
        Align(4, 0);
        Put32(0);
        int table = _used;
        for (int i = _fieldCount - 1; i >= 0; i--) BinaryPrimitives.WriteUInt16LittleEndian(Take(2), (ushort)(_slots[i] == 0 ? 0 : table - _slots[i]));
        BinaryPrimitives.WriteUInt16LittleEndian(Take(2), (ushort)(table - _tableStart));
        BinaryPrimitives.WriteUInt16LittleEndian(Take(2), (ushort)(4 + 2 * _fieldCount));
        int vtable = Shared(_used, 4 + 2 * _fieldCount);
        if (vtable != _used) _used = table;
        else _vtables.Add(vtable);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_bytes.Length - table, 4), vtable - table);
        return table;
    }

    /// <summary>Closes the buffer; its length is a multiple of 8.</summary>
    public byte[] Finish(int root)
    {
        Align(8, 4);
        Put32((uint)(_used + 4 - root));
        return _bytes.AsSpan(_bytes.Length - _used).ToArray();
    }

    /// <summary>An equal vtable that was written before, else the one just written.</summary>
    private int Shared(int vtable, int size)
    {
        var written = _bytes.AsSpan(_bytes.Length - vtable, size);
        foreach (int other in _vtables)
        {
            if (other >= size && _bytes.AsSpan(_bytes.Length - other, size).SequenceEqual(written)) return other;
        }
        return vtable;
    }

    /// <summary>
    /// Pads so that what is written after <paramref name="following"/> more bytes is aligned, counted from the end; <see cref="Finish"/> makes the whole
    /// a multiple of 8, so that it holds from the start too.
    /// </summary>
    private void Align(int size, int following)
    {
        Take(-(_used + following) & (size - 1)).Clear();
    }

    private void Put32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    private Span<byte> Take(int size)
    {
        if (_used + size > _bytes.Length)
        {
            var grown = new byte[Math.Max(checked(_bytes.Length * 2), checked(_used + size))];
            _bytes.AsSpan(_bytes.Length - _used).CopyTo(grown.AsSpan(grown.Length - _used));
            _bytes = grown;
        }
        _used += size;
        return _bytes.AsSpan(_bytes.Length - _used, size);
    }
}
