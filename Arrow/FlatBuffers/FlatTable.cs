using System.Buffers.Binary;
using System.Text;

namespace VecSql.Arrow.FlatBuffers;

/// <summary>
/// A table in a FlatBuffer that nobody vouches for: each access checks that what it reads lies inside the buffer, so nothing is verified
/// ahead. Reading a FlatBuffer may meet one table many times over (references can share a target), so whoever follows references without
/// a bound of their own charges a <see cref="FlatBudget"/>.
/// </summary>
internal readonly ref struct FlatTable
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _at;
    private readonly int _size;
    private readonly ReadOnlySpan<byte> _vtable;

    private FlatTable(ReadOnlySpan<byte> bytes, long at)
    {
        Within(bytes, at, 4, "table");
        long vtable = at - BinaryPrimitives.ReadInt32LittleEndian(bytes[(int)at..]);
        Within(bytes, vtable, 4, "vtable");
        int vtableSize = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(int)vtable..]);
        if (vtableSize < 4 || (vtableSize & 1) != 0) throw new ArrowFormatException($"metadata: vtable of {vtableSize} bytes");
        Within(bytes, vtable, vtableSize, "vtable");
        _bytes = bytes;
        _at = (int)at;
        _vtable = bytes.Slice((int)vtable, vtableSize);
        _size = BinaryPrimitives.ReadUInt16LittleEndian(_vtable[2..]);
        if (_size < 4) throw new ArrowFormatException($"metadata: table of {_size} bytes");
        Within(bytes, at, _size, "table");
    }

    public static FlatTable Root(ReadOnlySpan<byte> bytes)
    {
        Within(bytes, 0, 4, "root");
        return new FlatTable(bytes, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
    }

    /// <summary>Bytes of the whole buffer: the scale for budgets.</summary>
    public int BufferSizeBytes => _bytes.Length;

    public bool Has(int field) => Slot(field, 1) != 0;

    public byte Byte(int field, byte absent = 0) => Slot(field, 1) is var at && at == 0 ? absent : _bytes[at];
    public bool Bool(int field) => Byte(field) != 0;
    public short Int16(int field, short absent = 0) => Slot(field, 2) is var at && at == 0 ? absent : BinaryPrimitives.ReadInt16LittleEndian(_bytes[at..]);
    public int Int32(int field, int absent = 0) => Slot(field, 4) is var at && at == 0 ? absent : BinaryPrimitives.ReadInt32LittleEndian(_bytes[at..]);
    public long Int64(int field, long absent = 0) => Slot(field, 8) is var at && at == 0 ? absent : BinaryPrimitives.ReadInt64LittleEndian(_bytes[at..]);

    /// <summary>The table that a field refers to; false if the field is absent.</summary>
    public bool TryTable(int field, out FlatTable table)
    {
        int at = Slot(field, 4);
        table = at == 0 ? default : new FlatTable(_bytes, Target(at));
        return at != 0;
    }

    /// <summary>A field that the format requires.</summary>
    public FlatTable Table(int field, string name) => TryTable(field, out var table) ? table : throw new ArrowFormatException($"metadata: {name} is missing");

    /// <summary>A string, or null if the field is absent. Charges its bytes.</summary>
    public string? String(int field, FlatBudget budget)
    {
        int at = Slot(field, 4);
        if (at == 0) return null;
        var bytes = Vector(at, 1, out int length);
        budget.Charge(length);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException notText)
        {
            throw new ArrowFormatException("metadata: a string is not UTF-8", notText);
        }
    }

    /// <summary>The elements' bytes of a vector of scalars or structs; empty if absent.</summary>
    public ReadOnlySpan<byte> Structs(int field, int elementSize)
    {
        int at = Slot(field, 4);
        return at == 0 ? default : Vector(at, elementSize, out _);
    }

    /// <summary>Number of tables in a vector of references; 0 if absent.</summary>
    public int Count(int field) => Slot(field, 4) is var at && at != 0 && !Vector(at, 4, out int count).IsEmpty ? count : 0;

    /// <summary>Table number <paramref name="index"/> below <see cref="Count"/>.</summary>
    public FlatTable Element(int field, int index)
    {
        long vector = Target(Slot(field, 4));
        return new FlatTable(_bytes, Target((int)(vector + 4 + 4L * index)));
    }

    private ReadOnlySpan<byte> Vector(int referenceAt, int elementSize, out int count)
    {
        long at = Target(referenceAt);
        Within(_bytes, at, 4, "vector");
        long declared = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[(int)at..]);
        Within(_bytes, at + 4, declared * elementSize, "vector");
        count = (int)declared;
        return _bytes.Slice((int)at + 4, count * elementSize);
    }

    /// <summary>Where the u32 reference at a checked position points; its target is checked by whoever reads it.</summary>
    private long Target(int at) => at + (long)BinaryPrimitives.ReadUInt32LittleEndian(_bytes[at..]);

    /// <summary>Position of a field's value, inside the table; 0 if absent.</summary>
    private int Slot(int field, int size)
    {
        int entry = 4 + 2 * field;
        if (entry + 2 > _vtable.Length) return 0;
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(_vtable[entry..]);
        if (offset == 0) return 0;
        if (offset < 4 || offset + size > _size) throw new ArrowFormatException($"metadata: field {field} at {offset} of a table of {_size} bytes");
        return _at + offset;
    }

    private static void Within(ReadOnlySpan<byte> bytes, long at, long size, string what)
    {
        if (at < 0 || size > bytes.Length || at > bytes.Length - size)
        {
            throw new ArrowFormatException($"metadata: {what} of {size} bytes at {at} of {bytes.Length}");
        }
    }
}

/// <summary>
/// A bound on what a FlatBuffer may unfold to: a few bytes can describe a huge tree by referring to one table from many places. Honest metadata
/// unfolds to less than its own size; a writer that shares strings to a few times that.
/// </summary>
internal sealed class FlatBudget(int bufferSizeBytes)
{
    private long _left = 16L * bufferSizeBytes;

    public void Charge(long sizeBytes)
    {
        _left -= sizeBytes;
        if (_left < 0) throw new ArrowFormatException("metadata refers to the same bytes too often");
    }
}
