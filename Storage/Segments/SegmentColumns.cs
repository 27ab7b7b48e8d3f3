using VecSql.Arrow;
using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Storage.Memtables;

namespace VecSql.Storage.Segments;

/// <summary>How stored columns stand in an Arrow file: the one place that knows (docs/formats/segment.md).</summary>
internal static class SegmentColumns
{
    public const string RowIdField = "_rowid";
    public const string CreatedField = "_created";
    private const string NumberKey = "vecsql:column";
    private const string TypeKey = "vecsql:type";
    private const string ModifierKey = "vecsql:modifier";
    private const string KindKey = "vecsql:kind";

    /// <param name="names">Column names, only for who reads the file elsewhere; by place.</param>
    public static ArrowSchema SchemaOf(TableLayout layout, IReadOnlyList<string> names)
    {
        var fields = new List<ArrowField>();
        for (int i = 0; i < layout.Count; i++)
        {
            LayoutColumn column = layout.Columns[i];
            var metadata = new ArrowMetadata(
            [
                new(NumberKey, column.Number.ToString()), new(TypeKey, column.Type.Oid.ToString()), new(ModifierKey, column.Type.Modifier.ToString()),
                new(KindKey, ((byte)column.Kind).ToString()),
            ]);
            ArrowType type = TypeOf(column);
            fields.Add(type is ArrowType.FixedSizeList
                ? new ArrowField(names[i], type, true, [new ArrowField("item", ArrowType.Float32, nullable: false)], metadata)
                : new ArrowField(names[i], type, true, null, metadata));
        }
        fields.Add(new ArrowField(RowIdField, ArrowType.Int64, nullable: false));
        fields.Add(new ArrowField(CreatedField, ArrowType.Int64, nullable: false));
        return new ArrowSchema(fields);
    }

    /// <summary>The layout that a file's schema tells.</summary>
    /// <exception cref="ArrowFormatException">It isn't one of ours.</exception>
    public static TableLayout LayoutOf(ArrowSchema schema)
    {
        int count = schema.Fields.Length - 2;
        if (count < 0 || schema.Fields[count].Name != RowIdField || schema.Fields[count + 1].Name != CreatedField) throw new ArrowFormatException("no row numbers in it");
        var columns = new LayoutColumn[count];
        for (int i = 0; i < count; i++)
        {
            ArrowField field = schema.Fields[i];
            if (!short.TryParse(field.Metadata[NumberKey], out short number) || !uint.TryParse(field.Metadata[TypeKey], out uint type)
                || !int.TryParse(field.Metadata[ModifierKey], out int modifier) || !byte.TryParse(field.Metadata[KindKey], out byte kind)
                || kind is < (byte)PhysicalKind.Bool or > (byte)PhysicalKind.Bytes)
                throw new ArrowFormatException($"field {field.Name} doesn't say which column it is");
            columns[i] = new LayoutColumn(number, new SqlType(type, modifier), (PhysicalKind)kind);
            if (!field.Type.Equals(TypeOf(columns[i]))) throw new ArrowFormatException($"field {field.Name} is a {field.Type}");
        }
        return new TableLayout(columns);
    }

    /// <summary>Floats of a vector column of fixed dimensions; 0 for any other column.</summary>
    public static int DimensionsOf(LayoutColumn column) => column.Type.Oid == TypeOid.Vector && column.Type.Modifier > 0 ? column.Type.Modifier : 0;

    private static ArrowType TypeOf(LayoutColumn column) => column.Kind switch
    {
        PhysicalKind.Bool => ArrowType.Bool,
        PhysicalKind.Byte => ArrowType.UInt8,
        PhysicalKind.Int16 => ArrowType.Int16,
        PhysicalKind.Int32 => ArrowType.Int32,
        PhysicalKind.Int64 => ArrowType.Int64,
        PhysicalKind.UInt32 => ArrowType.UInt32,
        PhysicalKind.Float32 => ArrowType.Float32,
        PhysicalKind.Float64 => ArrowType.Float64,
        PhysicalKind.Interval or PhysicalKind.Uuid or PhysicalKind.TimeTz => new ArrowType.FixedSizeBinary(16),
        _ when DimensionsOf(column) > 0 => new ArrowType.FixedSizeList(DimensionsOf(column)),
        _ when column.Type.Oid is TypeOid.Text or TypeOid.Varchar or TypeOid.Bpchar or TypeOid.Name => ArrowType.Utf8,
        _ => ArrowType.Binary,
    };

    /// <summary>The first rows of a column as an array.</summary>
    public static ArrowArray ToArrow(LayoutColumn column, MemtableColumn values, int count)
    {
        (ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> offsets, ReadOnlyMemory<byte> validity) = values.Buffers(count);
        int nulls = validity.IsEmpty ? 0 : -1;
        ArrowType type = TypeOf(column);
        if (type is ArrowType.FixedSizeList list)
        {
            ReadOnlyMemory<byte> rows = Spread((BytesColumn)values.View(0, count), list.ListSize * sizeof(float), count);
            return new ArrowArray(type, count, nulls, [validity], [new ArrowArray(ArrowType.Float32, count * list.ListSize, 0, [default, rows])]);
        }
        if (type.Id == ArrowTypeId.Bool) return new ArrowArray(type, count, nulls, [validity, PackBits(data.Span, count)]);
        return column.Kind == PhysicalKind.Bytes
            ? new ArrowArray(type, count, nulls, [validity, offsets, data])
            : new ArrowArray(type, count, nulls, [validity, data]);
    }

    public static ArrowArray ToArrow(long[] values, int count) =>
        new(ArrowType.Int64, count, 0, [default, ArrowBytes.Of(values).Slice(0, count * sizeof(long))]);

    /// <summary>A view of rows of an array; start is a multiple of 8. Copies only bools.</summary>
    public static Column View(LayoutColumn column, ArrowArray array, int start, int count)
    {
        ReadOnlyMemory<byte> validity = array.NullCount > 0 ? array.Buffers[0].Slice(start >> 3, (count + 7) >> 3) : default;
        if (column.Kind == PhysicalKind.Bool) return new Column<bool>(UnpackBits(array.Buffers[1].Span, start, count), validity, count);
        int width = PhysicalKinds.WidthOf(column.Kind);
        if (width > 0) return ColumnViews.Fixed(column.Kind, array.Buffers[1].Slice(start * width, count * width), validity, count);
        int stride = DimensionsOf(column) * sizeof(float);
        if (stride > 0) return BytesColumn.WithStride(stride, array.Children[0].Buffers[1].Slice(start * stride, count * stride), validity, count);
        return new BytesColumn(array.Buffers[1].Slice(start * sizeof(int), (count + 1) * sizeof(int)), array.Buffers[2], validity, count);
    }

    /// <summary>Null rows take room in a fixed-size list, as zeros.</summary>
    private static byte[] Spread(BytesColumn column, int stride, int count)
    {
        var rows = new byte[checked(stride * count)];
        BytesValues values = column.Values;
        for (int i = 0; i < count; i++)
            if (!column.IsNull(i))
                values[i].CopyTo(rows.AsSpan(i * stride, stride));
        return rows;
    }

    private static byte[] PackBits(ReadOnlySpan<byte> bools, int count)
    {
        var bits = new byte[(count + 7) >> 3];
        for (int i = 0; i < count; i++)
            if (bools[i] != 0)
                bits[i >> 3] |= (byte)(1 << (i & 7));
        return bits;
    }

    private static byte[] UnpackBits(ReadOnlySpan<byte> bits, int start, int count)
    {
        var bools = new byte[count];
        for (int i = 0; i < count; i++) bools[i] = (byte)(bits[(start + i) >> 3] >> ((start + i) & 7) & 1);
        return bools;
    }
}
