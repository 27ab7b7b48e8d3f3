using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// How an array lies in a <see cref="BytesColumn"/>, whatever its element type. All numbers little-endian; every part begins at a multiple of 4 from the value's start.
/// <code>
///   0   byte    number of dimensions, 0 (empty) … 6
///   1   byte    1 if there is a null bitmap
///   2   byte    PhysicalKind of the elements
///   3   byte    0
///   4   uint32  element type's OID
///   8   int32 length, int32 lower bound      for each dimension
///       bitmap  bit = 1: not null; padded to a multiple of 8 bytes
///       values  fixed width: packed, null elements are zeros
///               bytes: (count + 1) int32 offsets from the first data byte, then the data
/// </code>
/// Elements stand in row-major order. float4[] and int4[] can so be read as spans, and any array as a <see cref="Column"/> (<see cref="ArrayView"/>).
/// int2vector and oidvector are not stored so, but as their bare numbers; <see cref="ArrayView"/> reads them as well.
/// </summary>
public static class ArrayFormat
{
    public const int MaxDimensions = 6;

    /// <summary>PostgreSQL's MaxArraySize.</summary>
    public const int MaxElements = 134217727;
    internal const int HeaderBytes = 8;

    /// <summary>Writes an array of all rows of <paramref name="elements"/> (dense or constant). No element: the empty array, without dimensions.</summary>
    /// <exception cref="SqlException">54000.</exception>
    public static void Write(ByteBuffer output, uint elementType, Column elements, ReadOnlySpan<int> lengths, ReadOnlySpan<int> lowerBounds)
    {
        int count = elements.Length;
        if (count == 0)
        {
            WriteHeader(output, 0, false, elements.Kind, elementType);
            return;
        }
        CheckDimensions(lengths.Length);
        if (CountOf(lengths) != count) Invariant.Fail("array shape and number of elements differ");
        bool hasNulls = HasNulls(elements);
        WriteHeader(output, lengths.Length, hasNulls, elements.Kind, elementType);
        for (int d = 0; d < lengths.Length; d++)
        {
            output.WriteInt32LittleEndian(lengths[d]);
            output.WriteInt32LittleEndian(lowerBounds[d]);
        }
        if (hasNulls) WriteBitmap(output, elements);
        if (elements.Kind == PhysicalKind.Bytes) WriteBytes(output, (BytesColumn)elements);
        else WriteFixed(output, elements, hasNulls);
    }

    /// <summary>Writes a one-dimensional array that counts from 1.</summary>
    public static void WriteVector(ByteBuffer output, uint elementType, Column elements) => Write(output, elementType, elements, [elements.Length], [1]);

    public static void WriteEmpty(ByteBuffer output, uint elementType, PhysicalKind kind) => WriteHeader(output, 0, false, kind, elementType);

    /// <summary>The number of elements of a shape.</summary>
    /// <exception cref="SqlException">54000: too many, or a negative length.</exception>
    public static int CountOf(ReadOnlySpan<int> lengths)
    {
        if (lengths.IsEmpty) return 0;
        long count = 1;
        foreach (int length in lengths)
        {
            if (length < 0) throw TooManyElements();
            count *= length;
            if (count > MaxElements) throw TooManyElements();
        }
        return (int)count;
    }

    /// <exception cref="SqlException">54000.</exception>
    public static void CheckDimensions(int dimensions)
    {
        if (dimensions > MaxDimensions)
            throw new SqlException(SqlState.ProgramLimitExceeded, $"number of array dimensions ({dimensions}) exceeds the maximum allowed ({MaxDimensions})");
    }

    /// <summary>Throws if an upper bound would not fit 32 bits.</summary>
    /// <exception cref="SqlException">54000.</exception>
    internal static void CheckBounds(ReadOnlySpan<int> lengths, ReadOnlySpan<int> lowerBounds)
    {
        for (int d = 0; d < lengths.Length; d++)
            if ((long)lowerBounds[d] + lengths[d] > int.MaxValue)
                throw new SqlException(SqlState.ProgramLimitExceeded, $"array lower bound is too large: {lowerBounds[d]}");
    }

    internal static SqlException TooManyElements() => new(SqlState.ProgramLimitExceeded, $"array size exceeds the maximum allowed ({MaxElements})");

    private static bool HasNulls(Column elements)
    {
        if (!elements.MayHaveNulls) return false;
        for (int i = 0; i < elements.Length; i++)
            if (elements.IsNull(i)) return true;
        return false;
    }

    private static void WriteHeader(ByteBuffer output, int dimensions, bool hasNulls, PhysicalKind kind, uint elementType)
    {
        Span<byte> header = output.Take(HeaderBytes);
        header[0] = (byte)dimensions;
        header[1] = hasNulls ? (byte)1 : (byte)0;
        header[2] = (byte)kind;
        header[3] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], elementType);
    }

    internal static int BitmapBytes(int count) => (count + 63) / 64 * 8;

    private static void WriteBitmap(ByteBuffer output, Column elements)
    {
        Span<byte> bitmap = output.Take(BitmapBytes(elements.Length));
        bitmap.Clear();
        for (int i = 0; i < elements.Length; i++)
            if (!elements.IsNull(i)) bitmap[i >> 3] |= (byte)(1 << (i & 7));
    }

    private static void WriteFixed(ByteBuffer output, Column elements, bool hasNulls)
    {
        int width = PhysicalKinds.WidthOf(elements.Kind);
        ReadOnlySpan<byte> source = elements.FixedBytes;
        Span<byte> target = output.Take(checked(elements.Length * width));
        if (!elements.IsConstant) source[..target.Length].CopyTo(target);
        else
            for (int i = 0; i < elements.Length; i++) source[..width].CopyTo(target[(i * width)..]);
        if (!hasNulls) return;
        for (int i = 0; i < elements.Length; i++)
            if (elements.IsNull(i)) target.Slice(i * width, width).Clear();
    }

    private static void WriteBytes(ByteBuffer output, BytesColumn elements)
    {
        BytesValues values = elements.Values;
        int count = elements.Length;
        int offsetsAt = output.Length;
        output.Take((count + 1) * sizeof(int));
        int dataAt = output.Length;
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(output.Written[(offsetsAt + i * sizeof(int))..], output.Length - dataAt);
            if (!elements.IsNull(i)) output.Write(values[i]);
        }
        BinaryPrimitives.WriteInt32LittleEndian(output.Written[(offsetsAt + count * sizeof(int))..], output.Length - dataAt);
    }
}
