using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace VecSql.Arrow;

/// <summary>
/// A column of one type over buffers that it does not own and never copies: whoever made the buffers keeps them alive and unchanged
/// while the array is in use. Immutable. Rows start at the first value of each buffer (there is no slice offset).
/// A dictionary-encoded array has its index type as <see cref="Type"/> and its values in <see cref="Dictionary"/>.
/// </summary>
/// <remarks>
/// What is known of an array that exists: buffers and children are long enough for <see cref="Length"/>, and the first and last offset lie
/// in the data. What only a scan can tell is <see cref="Validate"/>'s; accessors check what they touch, so they throw rather than read elsewhere.
/// </remarks>
public sealed class ArrowArray
{
    private readonly ReadOnlyMemory<byte>[] _buffers;
    private readonly ArrowArray[] _children;

    /// <param name="nullCount">Rows that are null, or -1: counted from the validity bitmap.</param>
    /// <param name="buffers">As <see cref="ArrowLayout"/> orders them; longer than needed is fine (the rest is not written).</param>
    /// <exception cref="ArgumentException">Buffers or children do not fit the type and length.</exception>
    public ArrowArray(ArrowType type, int length, int nullCount, ReadOnlyMemory<byte>[] buffers, ArrowArray[]? children = null, ArrowArray? dictionary = null)
    {
        Type = type;
        Length = length;
        _buffers = buffers;
        _children = children ?? [];
        Dictionary = dictionary;
        NullCount = nullCount == -1 ? CountNulls() : nullCount;
        string? problem = ArrowLayout.Problem(type, length, NullCount, _buffers, _children);
        if (dictionary is not null && type is not ArrowType.Int) problem = $"dictionary index of type {type}";
        if (problem is not null) throw new ArgumentException(problem);
    }

    /// <summary>As the constructor, for bytes that were read: what does not fit is <see cref="ArrowFormatException"/>.</summary>
    internal static ArrowArray FromInput(ArrowType type, int length, int nullCount, ReadOnlyMemory<byte>[] buffers, ArrowArray[] children,
        ArrowArray? dictionary)
    {
        if (ArrowLayout.Problem(type, length, nullCount, buffers, children) is { } problem) throw new ArrowFormatException(problem);
        return new ArrowArray(type, length, nullCount, buffers, children, dictionary);
    }

    public ArrowType Type { get; }
    public int Length { get; }
    public int NullCount { get; }
    public ReadOnlySpan<ReadOnlyMemory<byte>> Buffers => _buffers;
    public ReadOnlySpan<ArrowArray> Children => _children;
    public ArrowArray? Dictionary { get; }

    /// <summary>The validity bitmap, least significant bit first; empty if no row is null or the type has none.</summary>
    public ReadOnlySpan<byte> Validity => NullCount > 0 && IndexOf(ArrowBufferKind.Validity) == 0 ? _buffers[0].Span : default;

    /// <summary>Whether a row is not null, by the array's own validity (a union's or run-end encoded array's rows have none: true).</summary>
    public bool IsValid(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
        if (Type.Id == ArrowTypeId.Null) return false;
        var validity = Validity;
        return validity.IsEmpty || (validity[index >> 3] >> (index & 7) & 1) != 0;
    }

    /// <summary>The values of a fixed-width type, <see cref="Length"/> of them; those of null rows are whatever was written. No copy.</summary>
    /// <typeparam name="T">Of the type's width: float for float32, Int128 for decimal128, byte for uint8, …</typeparam>
    /// <exception cref="InvalidOperationException">The type has no values of that width.</exception>
    public ReadOnlySpan<T> GetValues<T>() where T : unmanaged
    {
        int at = IndexOf(ArrowBufferKind.Values);
        if (at < 0 || ArrowLayout.BitsPerValue(Type) != 8L * Unsafe.SizeOf<T>())
        {
            throw new InvalidOperationException($"a {Type} array has no values of {Unsafe.SizeOf<T>()} bytes");
        }
        return MemoryMarshal.Cast<byte, T>(_buffers[at].Span)[..Length];
    }

    /// <summary>The values' bytes of a fixed-width type, no copy; to get at a mapped buffer's address (<see cref="MappedFile.TryGetAddress"/>).</summary>
    public ReadOnlyMemory<byte> GetValueBytes()
    {
        int at = IndexOf(ArrowBufferKind.Values);
        if (at < 0) throw new InvalidOperationException($"a {Type} array has no values buffer");
        return Trimmed(at);
    }

    /// <summary>The bit of a bool row.</summary>
    public bool GetBool(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
        if (Type.Id != ArrowTypeId.Bool) throw new InvalidOperationException($"a {Type} array has no bits");
        return (_buffers[1].Span[index >> 3] >> (index & 7) & 1) != 0;
    }

    /// <summary>The offsets of utf8, binary, list and map: <see cref="Length"/> + 1 of them (an empty array may have none).</summary>
    public ReadOnlySpan<int> Offsets32 => Cast<int>(ArrowBufferKind.Offsets32);

    /// <summary>The offsets of the large types.</summary>
    public ReadOnlySpan<long> Offsets64 => Cast<long>(ArrowBufferKind.Offsets64);

    /// <summary>The type id of each row of a union, one of <see cref="ArrowType.Union.TypeIds"/>.</summary>
    public ReadOnlySpan<sbyte> UnionTypeIds => Cast<sbyte>(ArrowBufferKind.TypeIds);

    /// <summary>A dense union's or list view's position in the child, by row.</summary>
    public ReadOnlySpan<int> Starts32 => Cast<int>(ArrowBufferKind.Starts32);
    public ReadOnlySpan<long> Starts64 => Cast<long>(ArrowBufferKind.Starts64);

    /// <summary>A list view's length, by row.</summary>
    public ReadOnlySpan<int> Sizes32 => Cast<int>(ArrowBufferKind.Sizes32);
    public ReadOnlySpan<long> Sizes64 => Cast<long>(ArrowBufferKind.Sizes64);

    /// <summary>The bytes of a row of text, binary, their large and view forms, or fixed-size binary; no copy. A null row's bytes mean nothing.</summary>
    /// <exception cref="ArrowFormatException">The row's offsets point outside the data (an array that was read and not validated).</exception>
    public ReadOnlySpan<byte> GetBytes(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
        switch (Type.Id)
        {
            case ArrowTypeId.Utf8 or ArrowTypeId.Binary:
                var offsets = Offsets32;
                return Range(_buffers[2].Span, offsets[index], offsets[index + 1]);
            case ArrowTypeId.LargeUtf8 or ArrowTypeId.LargeBinary:
                var large = Offsets64;
                return Range(_buffers[2].Span, large[index], large[index + 1]);
            case ArrowTypeId.Utf8View or ArrowTypeId.BinaryView:
                return View(index);
            case ArrowTypeId.FixedSizeBinary:
                int width = ((ArrowType.FixedSizeBinary)Type).ByteWidth;
                return _buffers[1].Span.Slice(index * width, width);
            default:
                throw new InvalidOperationException($"a {Type} array has no bytes by row");
        }
    }

    /// <summary>A row of text as a string; null if the row is.</summary>
    public string? GetString(int index) => IsValid(index) ? Encoding.UTF8.GetString(GetBytes(index)) : null;

    /// <summary>The full check of what was read, one scan over offsets, bitmaps, indexes and text.</summary>
    /// <exception cref="ArrowFormatException">What is wrong, and where.</exception>
    public void Validate() => ArrowValidation.Check(this, Type.ToString());

    /// <summary>A buffer without what its rows don't use: what is written to a file.</summary>
    internal ReadOnlyMemory<byte> Trimmed(int at)
    {
        var kinds = ArrowLayout.Buffers(Type);
        if (at >= kinds.Length) return _buffers[at];
        var kind = kinds[at];
        if (kind == ArrowBufferKind.Validity && NullCount == 0) return default;
        if (kind == ArrowBufferKind.Data)
        {
            return _buffers[at - 1].IsEmpty ? default : _buffers[at][..(int)ArrowLayout.Offset(kinds[at - 1], _buffers[at - 1].Span, Length)];
        }
        return _buffers[at].IsEmpty ? default : _buffers[at][..(int)ArrowLayout.SizeBytes(kind, Type, Length)];
    }

    /// <summary>Whether this array can be a column of that field; null, or what does not fit.</summary>
    internal string? Mismatch(ArrowField field)
    {
        if (Type != field.StorageType) return $"field \"{field.Name}\" is {field.StorageType}, its array {Type}";
        if (field.Dictionary is not null)
        {
            return Dictionary is null ? $"field \"{field.Name}\" is dictionary-encoded, its array has no dictionary" : Dictionary.Mismatch(field.ValueField);
        }
        if (Dictionary is not null) return $"field \"{field.Name}\" is not dictionary-encoded, its array is";
        if (_children.Length != field.Children.Length) return $"field \"{field.Name}\" has {field.Children.Length} children, its array {_children.Length}";
        for (int i = 0; i < _children.Length; i++)
        {
            if (_children[i].Mismatch(field.Children[i]) is { } mismatch) return mismatch;
        }
        return null;
    }

    internal int IndexOf(ArrowBufferKind kind) => ArrowLayout.Buffers(Type).IndexOf(kind);

    /// <summary>A buffer of that kind as values; empty if it is left out (an array without rows).</summary>
    internal ReadOnlySpan<T> Cast<T>(ArrowBufferKind kind) where T : unmanaged
    {
        int at = IndexOf(kind);
        if (at < 0) throw new InvalidOperationException($"a {Type} array has no {kind} buffer");
        return MemoryMarshal.Cast<byte, T>(Trimmed(at).Span);
    }

    private static ReadOnlySpan<byte> Range(ReadOnlySpan<byte> data, long start, long end)
    {
        if (start < 0 || end < start || end > data.Length)
        {
            throw new ArrowFormatException($"offsets {start} to {end} do not lie in data of {data.Length} bytes");
        }
        return data[(int)start..(int)end];
    }

    private ReadOnlySpan<byte> View(int index)
    {
        var view = _buffers[1].Span.Slice(16 * index, 16);
        var words = MemoryMarshal.Cast<byte, int>(view);
        int length = words[0];
        if (length is >= 0 and <= 12) return view.Slice(4, length);
        int buffer = words[2], offset = words[3];
        if (length < 0 || buffer < 0 || buffer >= _buffers.Length - 2)
        {
            throw new ArrowFormatException($"view {index} has length {length} in buffer {buffer} of {_buffers.Length - 2}");
        }
        return Range(_buffers[2 + buffer].Span, offset, (long)offset + length);
    }

    private int CountNulls()
    {
        if (Type.Id == ArrowTypeId.Null) return Length;
        if (IndexOf(ArrowBufferKind.Validity) < 0 || _buffers.Length == 0 || _buffers[0].IsEmpty) return 0;
        if (_buffers[0].Length < (Length + 7L) / 8) throw new ArgumentException($"validity bitmap of {_buffers[0].Length} bytes for {Length} rows");
        return Length - CountBits(_buffers[0].Span, Length);
    }

    internal static int CountBits(ReadOnlySpan<byte> bitmap, int bits)
    {
        int count = 0, whole = bits >> 3, at = 0;
        for (; at + 8 <= whole; at += 8) count += BitOperations.PopCount(MemoryMarshal.Read<ulong>(bitmap[at..]));
        for (; at < whole; at++) count += BitOperations.PopCount(bitmap[at]);
        if ((bits & 7) != 0) count += BitOperations.PopCount((uint)bitmap[whole] & ((1u << (bits & 7)) - 1));
        return count;
    }
}
