using System.Runtime.InteropServices;
using VecSql.Arrow.FlatBuffers;

namespace VecSql.Arrow.Ipc;

/// <summary>Schema → FlatBuffer table <c>Schema</c> (field numbers: Schema.fbs). The inverse is <see cref="SchemaDecoder"/>.</summary>
internal static class SchemaEncoder
{
    public static int Write(FlatBufferWriter to, ArrowSchema schema)
    {
        var fields = new int[schema.Fields.Length];
        for (int i = 0; i < fields.Length; i++) fields[i] = WriteField(to, schema.Fields[i], 0);
        int fieldVector = to.Refs(fields);
        int metadata = WriteMetadata(to, schema.Metadata);
        to.StartTable(4);
        to.AddRef(1, fieldVector);
        to.AddRef(2, metadata);
        return to.EndTable();
    }

    /// <summary>0 (absent) if there are no pairs.</summary>
    public static int WriteMetadata(FlatBufferWriter to, ArrowMetadata metadata)
    {
        if (metadata.Pairs.IsEmpty) return 0;
        var pairs = new int[metadata.Pairs.Length];
        for (int i = 0; i < pairs.Length; i++)
        {
            int key = to.String(metadata.Pairs[i].Key), value = to.String(metadata.Pairs[i].Value);
            to.StartTable(2);
            to.AddRef(0, key);
            to.AddRef(1, value);
            pairs[i] = to.EndTable();
        }
        return to.Refs(pairs);
    }

    private static int WriteField(FlatBufferWriter to, ArrowField field, int depth)
    {
        if (depth >= ArrowField.MaxDepth) throw new ArgumentException($"field \"{field.Name}\" is nested deeper than {ArrowField.MaxDepth}");
        var children = new int[field.Children.Length];
        for (int i = 0; i < children.Length; i++) children[i] = WriteField(to, field.Children[i], depth + 1);
        // Some readers insist on the vector even if it is empty.
        int childVector = to.Refs(children);
        int metadata = WriteMetadata(to, field.Metadata);
        int type = WriteType(to, field.Type);
        int dictionary = field.Dictionary is null ? 0 : WriteDictionary(to, field.Dictionary);
        int name = to.String(field.Name);
        to.StartTable(7);
        to.AddRef(0, name);
        to.AddRef(3, type);
        to.AddRef(4, dictionary);
        to.AddRef(5, childVector);
        to.AddRef(6, metadata);
        to.Add(1, field.Nullable);
        to.Add(2, (byte)field.Type.Id);
        return to.EndTable();
    }

    private static int WriteDictionary(FlatBufferWriter to, ArrowDictionaryEncoding encoding)
    {
        int index = WriteType(to, encoding.IndexType);
        to.StartTable(4);
        to.Add(0, encoding.Id);
        to.AddRef(1, index);
        to.Add(2, encoding.Ordered);
        return to.EndTable();
    }

    private static int WriteType(FlatBufferWriter to, ArrowType type)
    {
        int reference = type switch
        {
            ArrowType.Timestamp { TimeZone: { } zone } => to.String(zone),
            ArrowType.Union u => to.Int32s(u.TypeIds.AsSpan()),
            _ => 0,
        };
        to.StartTable(3);
        switch (type)
        {
            case ArrowType.Int i:
                to.Add(0, i.BitWidth);
                to.Add(1, i.Signed);
                break;
            case ArrowType.Float f:
                to.Add(0, (short)(f.BitWidth == 16 ? 0 : f.BitWidth == 32 ? 1 : 2));
                break;
            case ArrowType.Decimal d:
                to.Add(0, d.Precision);
                to.Add(1, d.Scale);
                to.Add(2, d.BitWidth);
                break;
            case ArrowType.Date d:
                to.Add(0, (short)(d.BitWidth == 32 ? 0 : 1));
                break;
            case ArrowType.Time t:
                to.Add(1, (int)ArrowLayout.BitsPerValue(t));
                to.Add(0, (short)t.Unit);
                break;
            case ArrowType.Timestamp t:
                to.AddRef(1, reference);
                to.Add(0, (short)t.Unit);
                break;
            case ArrowType.Duration d:
                to.Add(0, (short)d.Unit);
                break;
            case ArrowType.Interval i:
                to.Add(0, (short)i.Unit);
                break;
            case ArrowType.FixedSizeBinary b:
                to.Add(0, b.ByteWidth);
                break;
            case ArrowType.FixedSizeList l:
                to.Add(0, l.ListSize);
                break;
            case ArrowType.Map m:
                to.Add(0, m.KeysSorted);
                break;
            case ArrowType.Union u:
                to.AddRef(1, reference);
                to.Add(0, (short)u.Mode);
                break;
        }
        return to.EndTable();
    }
}
