using System.Buffers.Binary;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>Kinds of a jsonb value; the numbers are stored. PostgreSQL's order is another (<see cref="JsonbOrder"/>).</summary>
internal enum JsonbTag : byte { Null, False, True, Number, String, Array, Object }

/// <summary>
/// A jsonb value, or one inside another, read where it lies.
/// <code>
/// A value in a BytesColumn (numbers little-endian):
///   0   uint32   tag
///   4   payload
/// Payloads:
///   null, false, true   nothing
///   number              as numeric is stored (NumericValue)
///   string              UTF-8
///   array               uint32 count; count entries; the elements' payloads
///   object              uint32 count; count entries of keys, count entries of values; keys' UTF-8; values' payloads
/// An entry is a uint32: end of the payload from the first payload's start, × 8, + tag.
/// </code>
/// An object's keys are sorted by length, then by bytes, and are distinct. So a key is found by halving, and an element at once.
/// </summary>
internal readonly ref struct JsonbValue
{
    /// <summary>PostgreSQL's limit, also of a container inside.</summary>
    public const int MaxBytes = 0x0FFF_FFFF;
    private const int EntryBytes = sizeof(uint);

    private readonly ReadOnlySpan<byte> _payload;

    public JsonbValue(JsonbTag tag, ReadOnlySpan<byte> payload)
    {
        Tag = tag;
        _payload = payload;
    }

    /// <summary>Opens a stored value.</summary>
    public static JsonbValue Open(ReadOnlySpan<byte> stored)
    {
        uint tag = BinaryPrimitives.ReadUInt32LittleEndian(stored);
        Invariant.Check(tag <= (uint)JsonbTag.Object);
        return new JsonbValue((JsonbTag)tag, stored[sizeof(uint)..]);
    }

    public JsonbTag Tag { get; }
    public ReadOnlySpan<byte> Payload => _payload;
    public bool IsArray => Tag == JsonbTag.Array;
    public bool IsObject => Tag == JsonbTag.Object;
    public bool IsContainer => Tag >= JsonbTag.Array;
    public ReadOnlySpan<byte> Text => _payload;
    public NumericValue Number => NumericValue.Read(_payload);

    /// <summary>Elements or pairs; 0 of a scalar.</summary>
    public int Count => IsContainer ? (int)BinaryPrimitives.ReadUInt32LittleEndian(_payload) : 0;

    public JsonbValue Element(int index) => At(index, Count);
    public ReadOnlySpan<byte> Key(int index) => At(index, 2 * Count)._payload;
    public JsonbValue ValueAt(int index) => At(Count + index, 2 * Count);

    /// <summary>An array's element, negative indexes counted from the end; false if there is none.</summary>
    public bool TryElement(int index, out JsonbValue value)
    {
        // The caller may assign the result to the very variable that this is called on.
        long place = index < 0 ? (long)Count + index : index;
        bool isFound = IsArray && place >= 0 && place < Count;
        value = isFound ? Element((int)place) : default;
        return isFound;
    }

    /// <summary>An object's value; false if it has no such key.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out JsonbValue value)
    {
        int index = IndexOf(key);
        value = index < 0 ? default : ValueAt(index);
        return index >= 0;
    }

    /// <summary>Place of a key; -1 if there is none.</summary>
    public int IndexOf(ReadOnlySpan<byte> key)
    {
        int low = 0, high = IsObject ? Count : 0;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int order = CompareKeys(Key(middle), key);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle;
        }
        return -1;
    }

    public static int CompareKeys(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);

    private JsonbValue At(int entry, int entries)
    {
        ReadOnlySpan<byte> table = _payload.Slice(sizeof(uint), entries * EntryBytes);
        ReadOnlySpan<byte> data = _payload[(sizeof(uint) + entries * EntryBytes)..];
        uint here = BinaryPrimitives.ReadUInt32LittleEndian(table[(entry * EntryBytes)..]);
        int start = entry == 0 ? 0 : (int)(BinaryPrimitives.ReadUInt32LittleEndian(table[((entry - 1) * EntryBytes)..]) >> 3);
        return new JsonbValue((JsonbTag)(here & 7), data[start..(int)(here >> 3)]);
    }
}
