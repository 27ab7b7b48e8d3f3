using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// One array value opened for reading: its shape, and its elements as a column. One view is opened on many values, one after another; what it shows is valid until the
/// next <see cref="Open(BytesColumn, int)"/> and as long as the value's buffer. Used by one thread.
/// </summary>
public sealed class ArrayView
{
    [ThreadStatic]
    private static Stack<ArrayView>? _spare;

    private readonly int[] _lengths = new int[ArrayFormat.MaxDimensions];
    private readonly int[] _lowerBounds = new int[ArrayFormat.MaxDimensions];
    private readonly Column?[] _columns = new Column?[(int)PhysicalKind.Bytes + 1];
    private uint _packedElement;

    /// <param name="arrayType">The array's type: int2vector and oidvector are stored in a form of their own.</param>
    public ArrayView(uint arrayType) => SetType(arrayType);

    public int Dimensions { get; private set; }
    public ReadOnlySpan<int> Lengths => _lengths.AsSpan(0, Dimensions);
    public ReadOnlySpan<int> LowerBounds => _lowerBounds.AsSpan(0, Dimensions);

    /// <summary>Elements in all dimensions.</summary>
    public int Count { get; private set; }
    public uint ElementType { get; private set; }
    public PhysicalKind Kind { get; private set; }

    /// <summary>All elements in row-major order.</summary>
    public Column Elements { get; private set; } = null!;
    public bool MayHaveNulls => Elements.MayHaveNulls;

    /// <summary>A view out of this thread's spare ones; <see cref="Return"/> gives it back.</summary>
    internal static ArrayView Rent(uint arrayType)
    {
        if (_spare is not { Count: > 0 } spare) return new ArrayView(arrayType);
        ArrayView view = spare.Pop();
        view.SetType(arrayType);
        return view;
    }

    internal void Return()
    {
        _spare ??= [];
        if (_spare.Count < 16) _spare.Push(this);
    }

    /// <summary>Opens a row that is not null.</summary>
    public void Open(BytesColumn column, int row) => Open(column.MemoryOf(row));

    public void Open(ReadOnlyMemory<byte> value)
    {
        if (_packedElement != 0)
        {
            OpenPacked(value);
            return;
        }
        ReadOnlySpan<byte> bytes = value.Span;
        Invariant.Check(bytes.Length >= ArrayFormat.HeaderBytes && bytes[0] <= ArrayFormat.MaxDimensions);
        Dimensions = bytes[0];
        Kind = (PhysicalKind)bytes[2];
        ElementType = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        int at = ArrayFormat.HeaderBytes;
        for (int d = 0; d < Dimensions; d++, at += 8)
        {
            _lengths[d] = BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
            _lowerBounds[d] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(at + 4)..]);
        }
        Count = ArrayFormat.CountOf(Lengths);
        ReadOnlyMemory<byte> validity = default;
        if (bytes[1] != 0)
        {
            int size = ArrayFormat.BitmapBytes(Count);
            validity = value.Slice(at, size);
            at += size;
        }
        Elements = _columns[(int)Kind] ??= ColumnBuilder.Create(Kind, 1).Build();
        if (Kind != PhysicalKind.Bytes) Elements.PointTo(default, value[at..], validity, Count);
        else if (Count == 0) Elements.PointTo(new byte[sizeof(int)], default, default, 0);
        else
        {
            int offsets = (Count + 1) * sizeof(int);
            Elements.PointTo(value.Slice(at, offsets), value[(at + offsets)..], validity, Count);
        }
    }

    /// <summary>Length of a dimension counted from 1; null if there is none.</summary>
    public int? LengthOf(int dimension) => dimension >= 1 && dimension <= Dimensions ? _lengths[dimension - 1] : null;

    public int? LowerBoundOf(int dimension) => dimension >= 1 && dimension <= Dimensions ? _lowerBounds[dimension - 1] : null;
    public int? UpperBoundOf(int dimension) => dimension >= 1 && dimension <= Dimensions ? _lowerBounds[dimension - 1] + _lengths[dimension - 1] - 1 : null;

    /// <summary>Place of the element with these subscripts; -1 if there is none.</summary>
    public int PlaceOf(ReadOnlySpan<int> subscripts)
    {
        if (subscripts.Length != Dimensions || Dimensions == 0) return -1;
        int place = 0;
        for (int d = 0; d < Dimensions; d++)
        {
            long offset = (long)subscripts[d] - _lowerBounds[d];
            if (offset < 0 || offset >= _lengths[d]) return -1;
            place = place * _lengths[d] + (int)offset;
        }
        return place;
    }

    private void SetType(uint arrayType) => _packedElement = arrayType switch { TypeOid.Int2Vector => TypeOid.Int2, TypeOid.OidVector => TypeOid.Oid, _ => 0 };

    private void OpenPacked(ReadOnlyMemory<byte> value)
    {
        ElementType = _packedElement;
        Kind = _packedElement == TypeOid.Int2 ? PhysicalKind.Int16 : PhysicalKind.UInt32;
        Count = value.Length / PhysicalKinds.WidthOf(Kind);
        Dimensions = 1;
        _lengths[0] = Count;
        _lowerBounds[0] = 0;
        Elements = _columns[(int)Kind] ??= ColumnBuilder.Create(Kind, 1).Build();
        Elements.PointTo(default, value, default, Count);
    }
}
