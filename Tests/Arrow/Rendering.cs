using System.Text.Json;
using VecSql.Arrow;

namespace VecSql.Tests.Arrow;

/// <summary>
/// Rows as JSON, by rules that interop/arrow.mjs shares: integers as decimal text, floats as the hex bits of the double they equal, bytes as hex,
/// temporal values as the integers they are stored as.
/// </summary>
internal static class Rendering
{
    public static string Batch(ArrowRecordBatch batch)
    {
        var columns = new Dictionary<string, object?[]>();
        for (int i = 0; i < batch.Columns.Length; i++)
        {
            var column = batch.Columns[i];
            columns.TryAdd(batch.Schema.Fields[i].Name, [.. Enumerable.Range(0, column.Length).Select(row => Value(column, row))]);
        }
        return JsonSerializer.Serialize(columns);
    }

    private static object? Value(ArrowArray array, int row)
    {
        if (array.Type is ArrowType.Union union)
        {
            int child = union.TypeIds.IndexOf(array.UnionTypeIds[row]);
            return Value(array.Children[child], union.Mode == ArrowUnionMode.Dense ? array.Starts32[row] : row);
        }
        if (array.Type.Id == ArrowTypeId.RunEndEncoded) return Value(array.Children[1], array.Children[0].GetValues<int>().ToArray().Count(end => end <= row));
        if (!array.IsValid(row)) return null;
        if (array.Dictionary is { } dictionary) return Value(dictionary, int.Parse(Integer(array, row)));
        return array.Type switch
        {
            ArrowType.Int => Integer(array, row),
            ArrowType.Float { BitWidth: 16 } => Double((double)array.GetValues<Half>()[row]),
            ArrowType.Float { BitWidth: 32 } => Double(array.GetValues<float>()[row]),
            ArrowType.Float => Double(array.GetValues<double>()[row]),
            ArrowType.FixedSizeBinary => Convert.ToHexStringLower(array.GetBytes(row)),
            ArrowType.FixedSizeList l => Slice(array.Children[0], (long)row * l.ListSize, l.ListSize),
            ArrowType.Decimal or ArrowType.Interval { Unit: not ArrowIntervalUnit.YearMonth } => Raw(array, row),
            ArrowType.Date or ArrowType.Time or ArrowType.Timestamp or ArrowType.Duration or ArrowType.Interval =>
                ArrowLayout.BitsPerValue(array.Type) == 32 ? array.GetValues<int>()[row].ToString() : array.GetValues<long>()[row].ToString(),
            _ => Other(array, row),
        };
    }

    private static object? Other(ArrowArray array, int row)
    {
        switch (array.Type.Id)
        {
            case ArrowTypeId.Bool: return array.GetBool(row);
            case ArrowTypeId.Utf8 or ArrowTypeId.LargeUtf8 or ArrowTypeId.Utf8View: return array.GetString(row);
            case ArrowTypeId.Binary or ArrowTypeId.LargeBinary or ArrowTypeId.BinaryView: return Convert.ToHexStringLower(array.GetBytes(row));
            case ArrowTypeId.Struct: return array.Children.ToArray().Select(child => Value(child, row)).ToArray();
            case ArrowTypeId.List or ArrowTypeId.Map: return Slice(array.Children[0], array.Offsets32[row], array.Offsets32[row + 1] - array.Offsets32[row]);
            case ArrowTypeId.LargeList: return Slice(array.Children[0], array.Offsets64[row], array.Offsets64[row + 1] - array.Offsets64[row]);
            case ArrowTypeId.ListView: return Slice(array.Children[0], array.Starts32[row], array.Sizes32[row]);
            case ArrowTypeId.LargeListView: return Slice(array.Children[0], array.Starts64[row], array.Sizes64[row]);
            default: throw new InvalidOperationException(array.Type.ToString());
        }
    }

    private static object?[] Slice(ArrowArray child, long start, long length) => [.. Enumerable.Range((int)start, (int)length).Select(i => Value(child, i))];

    private static string Double(double value) => BitConverter.DoubleToInt64Bits(value).ToString("x16");

    private static string Raw(ArrowArray array, int row)
    {
        int width = (int)(ArrowLayout.BitsPerValue(array.Type) / 8);
        return Convert.ToHexStringLower(array.GetValueBytes().Span.Slice(row * width, width));
    }

    private static string Integer(ArrowArray array, int row) => array.Type switch
    {
        ArrowType.Int { BitWidth: 8, Signed: true } => array.GetValues<sbyte>()[row].ToString(),
        ArrowType.Int { BitWidth: 16, Signed: true } => array.GetValues<short>()[row].ToString(),
        ArrowType.Int { BitWidth: 32, Signed: true } => array.GetValues<int>()[row].ToString(),
        ArrowType.Int { BitWidth: 64, Signed: true } => array.GetValues<long>()[row].ToString(),
        ArrowType.Int { BitWidth: 8 } => array.GetValues<byte>()[row].ToString(),
        ArrowType.Int { BitWidth: 16 } => array.GetValues<ushort>()[row].ToString(),
        ArrowType.Int { BitWidth: 32 } => array.GetValues<uint>()[row].ToString(),
        _ => array.GetValues<ulong>()[row].ToString(),
    };
}
