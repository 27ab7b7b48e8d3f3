using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VecSql.Core.Columns;

/// <summary>
/// Values of one column for the rows of a batch, in Arrow's layout: an optional validity bitmap (bit = 1: not null, least significant bit first) and
/// value buffers. A constant column stores one value that stands for every row.
/// Ownership: a column is a view. It stays valid until the producer that handed it out is asked for its next batch; who keeps rows copies them
/// (<see cref="ColumnBuilder"/>).
/// </summary>
public abstract class Column
{
    private protected ReadOnlyMemory<byte> ValidityMemory;

    /// <summary>Rows that the column stands for.</summary>
    public int Length { get; private protected set; }

    /// <summary>One stored value for all rows.</summary>
    public bool IsConstant { get; private protected set; }

    public abstract PhysicalKind Kind { get; }

    /// <summary>And-mask from a row number to the place of its value: 0 for constants, all ones otherwise.</summary>
    public int IndexMask => IsConstant ? 0 : -1;

    /// <summary>The validity bitmap; empty if no row is null.</summary>
    public ReadOnlySpan<byte> Validity => ValidityMemory.Span;

    /// <summary>False if certainly no row is null.</summary>
    public bool MayHaveNulls => !ValidityMemory.IsEmpty;

    public bool IsNull(int row)
    {
        if (ValidityMemory.IsEmpty) return false;
        int place = row & IndexMask;
        return (ValidityMemory.Span[place >> 3] >> (place & 7) & 1) == 0;
    }

    /// <summary>Rows <paramref name="start"/> … start+length-1 as a view of the same buffers. <paramref name="start"/> is a multiple of 8 unless there are no nulls.</summary>
    public abstract Column Slice(int start, int length);

    /// <summary>The same single value for another number of rows; only for constants.</summary>
    public abstract Column Repeat(int length);

    /// <summary>The values' bytes of a column of fixed width (one value if constant); empty for <see cref="PhysicalKind.Bytes"/>.</summary>
    internal virtual ReadOnlySpan<byte> FixedBytes => default;

    /// <summary>Makes this object a view of other buffers of the same kind, so that one object serves many values. Offsets are for <see cref="PhysicalKind.Bytes"/>.</summary>
    internal abstract void PointTo(ReadOnlyMemory<byte> offsets, ReadOnlyMemory<byte> values, ReadOnlyMemory<byte> validity, int length);

    private protected ReadOnlyMemory<byte> SliceValidity(int start, int length)
    {
        if (ValidityMemory.IsEmpty) return default;
        Errors.Invariant.Check((start & 7) == 0);
        return ValidityMemory.Slice(start >> 3, (length + 7) >> 3);
    }
}

/// <summary>A column of fixed-width values. <typeparamref name="T"/> is one of the types of <see cref="PhysicalKinds.Of{T}"/>.</summary>
public sealed class Column<T> : Column where T : unmanaged
{
    private ReadOnlyMemory<byte> _values;

    /// <param name="values">Little-endian values, at least <paramref name="length"/> of them (one if constant).</param>
    /// <param name="validity">Bitmap of at least that many bits, or empty.</param>
    public Column(ReadOnlyMemory<byte> values, ReadOnlyMemory<byte> validity, int length, bool isConstant = false) => Set(values, validity, length, isConstant);

    public override PhysicalKind Kind => PhysicalKinds.Of<T>();

    /// <summary>All values; at null rows an unspecified one. One value if constant.</summary>
    public ReadOnlySpan<T> Values => MemoryMarshal.Cast<byte, T>(_values.Span);

    public T this[int row] => Values[row & IndexMask];

    internal override ReadOnlySpan<byte> FixedBytes => _values.Span;

    internal override void PointTo(ReadOnlyMemory<byte> offsets, ReadOnlyMemory<byte> values, ReadOnlyMemory<byte> validity, int length) =>
        Set(values, validity, length, isConstant: false);

    internal void Set(ReadOnlyMemory<byte> values, ReadOnlyMemory<byte> validity, int length, bool isConstant)
    {
        int stored = isConstant ? 1 : length;
        Errors.Invariant.Check(values.Length >= stored * Unsafe.SizeOf<T>());
        Errors.Invariant.Check(validity.IsEmpty || validity.Length >= (stored + 7) >> 3);
        _values = values[..(stored * Unsafe.SizeOf<T>())];
        ValidityMemory = validity;
        Length = length;
        IsConstant = isConstant;
    }

    public override Column Slice(int start, int length) => IsConstant
        ? Repeat(length)
        : new Column<T>(_values.Slice(start * Unsafe.SizeOf<T>(), length * Unsafe.SizeOf<T>()), SliceValidity(start, length), length);

    public override Column Repeat(int length)
    {
        Errors.Invariant.Check(IsConstant);
        return new Column<T>(_values, ValidityMemory, length, isConstant: true);
    }
}

/// <summary>A column of variable-length values: text, numeric, vectors, arrays, json … Each type says what its bytes mean.</summary>
public sealed class BytesColumn : Column
{
    private ReadOnlyMemory<byte> _offsets;
    private ReadOnlyMemory<byte> _data;
    private int _stride;

    /// <summary>Values between consecutive 32-bit offsets into <paramref name="data"/>.</summary>
    public BytesColumn(ReadOnlyMemory<byte> offsets, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> validity, int length, bool isConstant = false) =>
        Set(offsets, data, validity, length, isConstant);

    private BytesColumn(int stride, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> validity, int length, bool isConstant)
    {
        Errors.Invariant.Check(data.Length >= (isConstant ? 1 : length) * (long)stride);
        _stride = stride;
        _data = data;
        ValidityMemory = validity;
        Length = length;
        IsConstant = isConstant;
    }

    /// <summary>Values of <paramref name="stride"/> bytes each, one after another (an Arrow fixed-size list, such as vector(n)).</summary>
    public static BytesColumn WithStride(int stride, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> validity, int length, bool isConstant = false) =>
        new(stride, data, validity, length, isConstant);

    public override PhysicalKind Kind => PhysicalKind.Bytes;

    /// <summary>The values, with spans taken once: use it around a loop.</summary>
    public BytesValues Values => new(MemoryMarshal.Cast<byte, int>(_offsets.Span), _data.Span, _stride, IndexMask);

    public ReadOnlySpan<byte> this[int row] => Values[row];

    /// <summary>A row's bytes, as memory: for views of what lies inside a value.</summary>
    public ReadOnlyMemory<byte> MemoryOf(int row)
    {
        int place = row & IndexMask;
        if (_stride > 0) return _data.Slice(place * _stride, _stride);
        ReadOnlySpan<int> offsets = MemoryMarshal.Cast<byte, int>(_offsets.Span);
        return _data[offsets[place]..offsets[place + 1]];
    }

    internal override void PointTo(ReadOnlyMemory<byte> offsets, ReadOnlyMemory<byte> values, ReadOnlyMemory<byte> validity, int length) =>
        Set(offsets, values, validity, length, isConstant: false);

    internal void Set(ReadOnlyMemory<byte> offsets, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> validity, int length, bool isConstant)
    {
        int stored = isConstant ? 1 : length;
        Errors.Invariant.Check(offsets.Length >= (stored + 1) * sizeof(int));
        Errors.Invariant.Check(validity.IsEmpty || validity.Length >= (stored + 7) >> 3);
        _offsets = offsets;
        _data = data;
        _stride = 0;
        ValidityMemory = validity;
        Length = length;
        IsConstant = isConstant;
    }

    public override Column Slice(int start, int length)
    {
        if (IsConstant) return Repeat(length);
        return _stride > 0
            ? new BytesColumn(_stride, _data.Slice(start * _stride, length * _stride), SliceValidity(start, length), length, false)
            : new BytesColumn(_offsets.Slice(start * sizeof(int), (length + 1) * sizeof(int)), _data, SliceValidity(start, length), length);
    }

    public override Column Repeat(int length)
    {
        Errors.Invariant.Check(IsConstant);
        return _stride > 0
            ? new BytesColumn(_stride, _data, ValidityMemory, length, true)
            : new BytesColumn(_offsets, _data, ValidityMemory, length, true);
    }
}

/// <summary>Random access to a <see cref="BytesColumn"/>'s values without taking its spans again for each.</summary>
public readonly ref struct BytesValues
{
    private readonly ReadOnlySpan<int> _offsets;
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _stride;
    private readonly int _mask;

    internal BytesValues(ReadOnlySpan<int> offsets, ReadOnlySpan<byte> data, int stride, int mask)
    {
        _offsets = offsets;
        _data = data;
        _stride = stride;
        _mask = mask;
    }

    public ReadOnlySpan<byte> this[int row]
    {
        get
        {
            int place = row & _mask;
            if (_stride > 0) return _data.Slice(place * _stride, _stride);
            int start = _offsets[place];
            return _data[start.._offsets[place + 1]];
        }
    }
}
