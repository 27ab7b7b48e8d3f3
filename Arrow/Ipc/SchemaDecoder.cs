using System.Buffers.Binary;
using System.Collections.Immutable;
using VecSql.Arrow.FlatBuffers;

namespace VecSql.Arrow.Ipc;

/// <summary>Table <c>Schema</c> → schema; refuses nesting beyond <see cref="ArrowField.MaxDepth"/>, and metadata that unfolds far beyond its size.</summary>
internal static class SchemaDecoder
{
    public static ArrowSchema Read(FlatTable table)
    {
        if (table.Int16(0) != 0) throw new ArrowUnsupportedException("data in big-endian order");
        var budget = new FlatBudget(table.BufferSizeBytes);
        int count = table.Count(1);
        var fields = new List<ArrowField>();
        for (int i = 0; i < count; i++) fields.Add(ReadField(table.Element(1, i), budget, 0));
        return new ArrowSchema(fields, ReadMetadata(table, 2, budget));
    }

    public static ArrowMetadata ReadMetadata(FlatTable table, int field, FlatBudget budget)
    {
        int count = table.Count(field);
        if (count == 0) return ArrowMetadata.Empty;
        var pairs = new List<KeyValuePair<string, string>>();
        for (int i = 0; i < count; i++)
        {
            budget.Charge(8);
            var pair = table.Element(field, i);
            pairs.Add(new(pair.String(0, budget) ?? "", pair.String(1, budget) ?? ""));
        }
        return new ArrowMetadata(pairs);
    }

    private static ArrowField ReadField(FlatTable table, FlatBudget budget, int depth)
    {
        if (depth >= ArrowField.MaxDepth) throw new ArrowFormatException($"schema is nested deeper than {ArrowField.MaxDepth}");
        budget.Charge(16);
        string name = table.String(0, budget) ?? "";
        int count = table.Count(5);
        var children = new List<ArrowField>();
        for (int i = 0; i < count; i++) children.Add(ReadField(table.Element(5, i), budget, depth + 1));
        var type = ReadType((ArrowTypeId)table.Byte(2), table.Table(3, $"type of field \"{name}\""), count, budget);
        ArrowDictionaryEncoding? dictionary = null;
        if (table.TryTable(4, out var encoding))
        {
            if (encoding.Int16(3) != 0) throw new ArrowUnsupportedException($"dictionary kind {encoding.Int16(3)}");
            var index = encoding.TryTable(1, out var indexType) ? new ArrowType.Int(indexType.Int32(0), indexType.Bool(1)) : ArrowType.Int32;
            dictionary = new ArrowDictionaryEncoding(encoding.Int64(0), index, encoding.Bool(2));
        }
        var metadata = ReadMetadata(table, 6, budget);
        if (ArrowField.Problem(type, [.. children], dictionary) is { } problem) throw new ArrowFormatException($"field \"{name}\": {problem}");
        return new ArrowField(name, type, table.Bool(1), children, metadata, dictionary);
    }

    private static ArrowType ReadType(ArrowTypeId id, FlatTable table, int childCount, FlatBudget budget) => id switch
    {
        ArrowTypeId.Null => ArrowType.Null,
        ArrowTypeId.Int => new ArrowType.Int(table.Int32(0), table.Bool(1)),
        ArrowTypeId.Float => new ArrowType.Float(BitWidth("float", table.Int16(0), 16, 32, 64)),
        ArrowTypeId.Binary => ArrowType.Binary,
        ArrowTypeId.Utf8 => ArrowType.Utf8,
        ArrowTypeId.Bool => ArrowType.Bool,
        ArrowTypeId.Decimal => new ArrowType.Decimal(table.Int32(0), table.Int32(1), table.Int32(2, 128)),
        ArrowTypeId.Date => new ArrowType.Date(BitWidth("date", table.Int16(0, 1), 32, 64)),
        ArrowTypeId.Time => ReadTime(table),
        ArrowTypeId.Timestamp => new ArrowType.Timestamp((ArrowTimeUnit)table.Int16(0), table.String(1, budget)),
        ArrowTypeId.Interval => new ArrowType.Interval((ArrowIntervalUnit)table.Int16(0)),
        ArrowTypeId.List => ArrowType.List,
        ArrowTypeId.Struct => ArrowType.Struct,
        ArrowTypeId.Union => ReadUnion(table, childCount),
        ArrowTypeId.FixedSizeBinary => new ArrowType.FixedSizeBinary(table.Int32(0)),
        ArrowTypeId.FixedSizeList => new ArrowType.FixedSizeList(table.Int32(0)),
        ArrowTypeId.Map => new ArrowType.Map(table.Bool(0)),
        ArrowTypeId.Duration => new ArrowType.Duration((ArrowTimeUnit)table.Int16(0, 1)),
        ArrowTypeId.LargeBinary => ArrowType.LargeBinary,
        ArrowTypeId.LargeUtf8 => ArrowType.LargeUtf8,
        ArrowTypeId.LargeList => ArrowType.LargeList,
        ArrowTypeId.RunEndEncoded => ArrowType.RunEndEncoded,
        ArrowTypeId.BinaryView => ArrowType.BinaryView,
        ArrowTypeId.Utf8View => ArrowType.Utf8View,
        ArrowTypeId.ListView => ArrowType.ListView,
        ArrowTypeId.LargeListView => ArrowType.LargeListView,
        _ => throw new ArrowUnsupportedException($"type number {(byte)id}"),
    };

    /// <summary>The width that an enumeration's number stands for.</summary>
    private static int BitWidth(string type, short number, params ReadOnlySpan<int> widths) =>
        (uint)number < (uint)widths.Length ? widths[number] : throw new ArrowFormatException($"{type} of precision or unit number {number}");

    private static ArrowType.Time ReadTime(FlatTable table)
    {
        var time = new ArrowType.Time((ArrowTimeUnit)table.Int16(0, 1));
        int bits = table.Int32(1, 32);
        return ArrowLayout.BitsPerValue(time) == bits ? time : throw new ArrowFormatException($"{time} of {bits} bits");
    }

    private static ArrowType.Union ReadUnion(FlatTable table, int childCount)
    {
        var mode = (ArrowUnionMode)table.Int16(0);
        if (childCount > 128) throw new ArrowFormatException($"union of {childCount} types");
        if (!table.Has(1)) return new ArrowType.Union(mode, [.. Enumerable.Range(0, childCount)]);
        var bytes = table.Structs(1, 4);
        if (bytes.Length != 4 * childCount) throw new ArrowFormatException($"union of {bytes.Length / 4} type ids and {childCount} children");
        var ids = ImmutableArray.CreateBuilder<int>();
        for (int i = 0; i < bytes.Length; i += 4) ids.Add(BinaryPrimitives.ReadInt32LittleEndian(bytes[i..]));
        return new ArrowType.Union(mode, ids.ToImmutable());
    }
}
