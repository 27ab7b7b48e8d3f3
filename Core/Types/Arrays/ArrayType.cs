using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>An array of any type, by its element's handler. Layout: <see cref="ArrayFormat"/>.</summary>
internal sealed class ArrayType(uint elementType, TypeHandler element, char delimiter) : TypeHandler
{
    public override PhysicalKind Kind => PhysicalKind.Bytes;
    public override bool IsOrderable => element.IsOrderable;
    public TypeHandler Element => element;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) =>
        ArrayText.Parse(utf8, new SqlType(elementType, type.Modifier), element, delimiter, (BytesColumnBuilder)result, context);

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        ArrayView view = ArrayView.Rent(type.Oid);
        view.Open((BytesColumn)column, row);
        ArrayText.Write(view, new SqlType(view.ElementType, type.Modifier), element, delimiter, output, context);
        view.Return();
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        int dimensions = ReadInt32(ref bytes), flags = ReadInt32(ref bytes);
        uint given = (uint)ReadInt32(ref bytes);
        if (dimensions < 0) throw new SqlException(SqlState.InvalidBinaryRepresentation, $"invalid number of dimensions: {dimensions}");
        ArrayFormat.CheckDimensions(dimensions);
        if (flags is not (0 or 1)) throw new SqlException(SqlState.InvalidBinaryRepresentation, "invalid array flags");
        if (given != elementType) throw WrongElement(given, context);
        Span<int> lengths = stackalloc int[dimensions], lowerBounds = stackalloc int[dimensions];
        for (int d = 0; d < dimensions; d++)
        {
            lengths[d] = ReadInt32(ref bytes);
            lowerBounds[d] = ReadInt32(ref bytes);
        }
        int count = ArrayFormat.CountOf(lengths);
        ArrayFormat.CheckBounds(lengths, lowerBounds);
        // Each element has a length word: what isn't there is not allocated.
        if (count > bytes.Length / sizeof(int)) throw InsufficientData();
        ArrayBuilder builder = new(elementType, element.Kind);
        SqlType elementSqlType = new(elementType, type.Modifier);
        for (int i = 0; i < count; i++)
        {
            int size = ReadInt32(ref bytes);
            if (size == -1)
            {
                builder.AppendNull();
                continue;
            }
            if (size < 0 || size > bytes.Length) throw new SqlException(SqlState.InvalidBinaryRepresentation, "insufficient data left in message");
            element.ReadBinary(bytes[..size], elementSqlType, builder.Elements, context);
            bytes = bytes[size..];
        }
        if (!bytes.IsEmpty) throw new SqlException(SqlState.InvalidBinaryRepresentation, "incorrect binary data format");
        builder.WriteTo((BytesColumnBuilder)result, lengths, lowerBounds);
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        ArrayView view = ArrayView.Rent(type.Oid);
        view.Open((BytesColumn)column, row);
        output.WriteInt32BigEndian(view.Dimensions);
        output.WriteInt32BigEndian(view.MayHaveNulls ? 1 : 0);
        output.WriteUInt32BigEndian(elementType);
        for (int d = 0; d < view.Dimensions; d++)
        {
            output.WriteInt32BigEndian(view.Lengths[d]);
            output.WriteInt32BigEndian(view.LowerBounds[d]);
        }
        SqlType elementSqlType = new(elementType, type.Modifier);
        for (int i = 0; i < view.Count; i++)
        {
            if (view.Elements.IsNull(i))
            {
                output.WriteInt32BigEndian(-1);
                continue;
            }
            int lengthAt = output.Length;
            output.WriteInt32BigEndian(0);
            element.WriteBinary(view.Elements, i, elementSqlType, output, context);
            BinaryPrimitives.WriteInt32BigEndian(output.Written[lengthAt..], output.Length - lengthAt - sizeof(int));
        }
        view.Return();
    }

    public override int Compare(Column left, int leftRow, Column right, int rightRow)
    {
        ArrayView a = ArrayView.Rent(TypeOid.AnyArray), b = ArrayView.Rent(TypeOid.AnyArray);
        a.Open((BytesColumn)left, leftRow);
        b.Open((BytesColumn)right, rightRow);
        int order = Compare(a, b, element);
        b.Return();
        a.Return();
        return order;
    }

    /// <summary>PostgreSQL's order: elements first (null above all), then their number, then the shape.</summary>
    public static int Compare(ArrayView a, ArrayView b, TypeHandler element)
    {
        int common = Math.Min(a.Count, b.Count);
        for (int i = 0; i < common; i++)
        {
            bool leftNull = a.Elements.IsNull(i), rightNull = b.Elements.IsNull(i);
            int order = leftNull || rightNull ? leftNull.CompareTo(rightNull) : element.Compare(a.Elements, i, b.Elements, i);
            if (order != 0) return order;
        }
        if (a.Count != b.Count) return a.Count.CompareTo(b.Count);
        if (a.Dimensions != b.Dimensions) return a.Dimensions.CompareTo(b.Dimensions);
        int shape = a.Lengths.SequenceCompareTo(b.Lengths);
        return shape != 0 ? shape : a.LowerBounds.SequenceCompareTo(b.LowerBounds);
    }

    public override ulong Hash(Column column, int row)
    {
        ArrayView view = ArrayView.Rent(TypeOid.AnyArray);
        view.Open((BytesColumn)column, row);
        ulong hash = (ulong)view.Count;
        for (int i = 0; i < view.Count; i++) hash = KeyHash.Combine(hash, view.Elements.IsNull(i) ? 0 : element.Hash(view.Elements, i));
        view.Return();
        return KeyHash.Of(unchecked((long)hash));
    }

    /// <summary>Elements as 1 and their key, or 2 if null; 0 ends them; then the shape.</summary>
    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        ArrayView view = ArrayView.Rent(TypeOid.AnyArray);
        view.Open((BytesColumn)column, row);
        for (int i = 0; i < view.Count; i++)
        {
            bool isNull = view.Elements.IsNull(i);
            key.WriteByte(isNull ? (byte)2 : (byte)1);
            if (!isNull) element.EncodeKey(view.Elements, i, key);
        }
        key.WriteByte(0);
        key.WriteByte((byte)view.Dimensions);
        foreach (int length in view.Lengths) key.WriteInt32BigEndian(length);
        foreach (int lowerBound in view.LowerBounds) key.WriteUInt32BigEndian((uint)lowerBound ^ 0x8000_0000);
        view.Return();
    }

    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName) => element.ParseModifier(arguments, typeName);
    public override string FormatModifier(int modifier) => element.FormatModifier(modifier);

    private SqlException WrongElement(uint given, EvalContext context) => new(SqlState.DatatypeMismatch,
        $"binary data has array element type {given} ({TypeNames.Display(new SqlType(given), context.Catalog)}) instead of expected "
        + $"{elementType} ({TypeNames.Display(new SqlType(elementType), context.Catalog)})");

    private static int ReadInt32(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(int)) throw InsufficientData();
        int value = BinaryPrimitives.ReadInt32BigEndian(bytes);
        bytes = bytes[sizeof(int)..];
        return value;
    }

    private static SqlException InsufficientData() => new(SqlState.ProtocolViolation, "insufficient data left in message");
}
