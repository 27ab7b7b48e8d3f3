using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>int2vector and oidvector, of catalogs: numbers one after another (little-endian, 2 or 4 bytes each); as text, between spaces.</summary>
internal sealed class NumberVectorType(uint elementType) : BytesType
{
    private readonly int _width = elementType == TypeOid.Int2 ? 2 : 4;

    public static long At(ReadOnlySpan<byte> stored, int index, int width) =>
        width == 2 ? BinaryPrimitives.ReadInt16LittleEndian(stored[(2 * index)..]) : BinaryPrimitives.ReadUInt32LittleEndian(stored[(4 * index)..]);

    public override bool IsOrderable => elementType == TypeOid.Oid;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        int start = builder.Output.Length;
        try
        {
            ReadOnlySpan<byte> rest = utf8.Trim((byte)' ');
            while (!rest.IsEmpty)
            {
                int end = rest.IndexOf((byte)' ');
                ReadOnlySpan<byte> number = end < 0 ? rest : rest[..end];
                if (_width == 2) builder.Output.WriteInt16LittleEndian((short)IntegerText.Parse(number, short.MinValue, short.MaxValue, "smallint"));
                else builder.Output.WriteUInt32LittleEndian(OidType.Parse(number));
                rest = rest[number.Length..].TrimStart((byte)' ');
            }
        }
        catch (SqlException)
        {
            builder.Output.Truncate(start);
            throw;
        }
        builder.EndValue();
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        ReadOnlySpan<byte> value = ValueAt(column, row);
        for (int i = 0; i < value.Length / _width; i++)
        {
            if (i > 0) output.WriteByte((byte)' ');
            output.WriteFormatted(At(value, i, _width));
        }
    }

    /// <summary>As a one-dimensional array that counts from 0.</summary>
    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        ReadOnlySpan<byte> value = ValueAt(column, row);
        output.WriteInt32BigEndian(1);
        output.WriteInt32BigEndian(0);
        output.WriteUInt32BigEndian(elementType);
        output.WriteInt32BigEndian(value.Length / _width);
        output.WriteInt32BigEndian(0);
        for (int i = 0; i < value.Length / _width; i++)
        {
            output.WriteInt32BigEndian(_width);
            if (_width == 2) output.WriteInt16BigEndian((short)At(value, i, _width));
            else output.WriteUInt32BigEndian((uint)At(value, i, _width));
        }
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        if (bytes.Length < 12) throw Invalid();
        int dimensions = BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (BinaryPrimitives.ReadInt32BigEndian(bytes[4..]) != 0 || BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) != elementType || dimensions is < 0 or > 1) throw Invalid();
        int count = 0;
        if (dimensions == 1)
        {
            if (bytes.Length < 20 || BinaryPrimitives.ReadInt32BigEndian(bytes[16..]) != 0) throw Invalid();
            count = BinaryPrimitives.ReadInt32BigEndian(bytes[12..]);
        }
        ReadOnlySpan<byte> elements = dimensions == 1 ? bytes[20..] : bytes[12..];
        if (count < 0 || elements.Length != (long)count * (4 + _width)) throw Invalid();
        for (int i = 0; i < count; i++)
            if (BinaryPrimitives.ReadInt32BigEndian(elements[(i * (4 + _width))..]) != _width) throw Invalid();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> element = elements.Slice(i * (4 + _width) + 4, _width);
            if (_width == 2) builder.Output.WriteInt16LittleEndian(BinaryPrimitives.ReadInt16BigEndian(element));
            else builder.Output.WriteUInt32LittleEndian(BinaryPrimitives.ReadUInt32BigEndian(element));
        }
        builder.EndValue();
    }

    private SqlException Invalid() => new(SqlState.InvalidBinaryRepresentation, $"invalid {(_width == 2 ? "int2vector" : "oidvector")} data");

    /// <summary>By length, then by elements, as PostgreSQL orders oidvector.</summary>
    public static int CompareStored(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int width)
    {
        if (left.Length != right.Length) return left.Length.CompareTo(right.Length);
        for (int i = 0; i < left.Length / width; i++)
        {
            int order = At(left, i, width).CompareTo(At(right, i, width));
            if (order != 0) return order;
        }
        return 0;
    }

    public override int Compare(Column left, int leftRow, Column right, int rightRow) => CompareStored(ValueAt(left, leftRow), ValueAt(right, rightRow), _width);

    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        ReadOnlySpan<byte> value = ValueAt(column, row);
        key.WriteInt32BigEndian(value.Length / _width);
        for (int i = 0; i < value.Length / _width; i++) key.WriteUInt32BigEndian((uint)At(value, i, _width) ^ (_width == 2 ? 0x8000_0000 : 0));
    }
}

/// <summary>tid: a row's place, (block,offset). Six bytes, big-endian, so that bytes compare as places do.</summary>
internal sealed class TidType : BytesType
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<byte> text = utf8;
        int comma = text.IndexOf((byte)',');
        if (comma < 2 || text[0] != (byte)'(' || text[^1] != (byte)')') throw Utf8Text.InvalidInput("tid", utf8);
        if (!uint.TryParse(text[1..comma], System.Globalization.NumberStyles.AllowLeadingWhite, null, out uint block)
            || !ushort.TryParse(text[(comma + 1)..^1], System.Globalization.NumberStyles.AllowLeadingWhite, null, out ushort offset)) throw Utf8Text.InvalidInput("tid", utf8);
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        builder.Output.WriteUInt32BigEndian(block);
        builder.Output.WriteInt16BigEndian(unchecked((short)offset));
        builder.EndValue();
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        ReadOnlySpan<byte> value = ValueAt(column, row);
        output.WriteByte((byte)'(');
        output.WriteFormatted(BinaryPrimitives.ReadUInt32BigEndian(value));
        output.WriteByte((byte)',');
        output.WriteFormatted(BinaryPrimitives.ReadUInt16BigEndian(value[4..]));
        output.WriteByte((byte)')');
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        if (bytes.Length != 6) throw new SqlException(SqlState.InvalidBinaryRepresentation, "incorrect binary data format");
        Append(result, bytes);
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.Write(ValueAt(column, row));
    public override void EncodeKey(Column column, int row, ByteBuffer key) => key.Write(ValueAt(column, row));
}
