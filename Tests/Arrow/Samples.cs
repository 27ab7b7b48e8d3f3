using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using VecSql.Arrow;

namespace VecSql.Tests.Arrow;

/// <summary>Arrays of every type, made from buffers by hand.</summary>
internal static class Samples
{
    public static ArrowArray Fixed<T>(ArrowType type, T[] values, params bool[] valid) where T : unmanaged =>
        new(type, values.Length, -1, [Bits(valid), ArrowBytes.Of(values)]);

    public static ArrowArray Bools(bool[] values, params bool[] valid) => new(ArrowType.Bool, values.Length, -1, [Bits(valid), Bits(values)]);

    /// <summary>Null strings are null rows.</summary>
    public static ArrowArray Text(ArrowType type, params string?[] values) => Bytes(type, [.. values.Select(v => v is null ? null : Encoding.UTF8.GetBytes(v))]);

    public static ArrowArray Bytes(ArrowType type, params byte[]?[] values)
    {
        bool[] valid = [.. values.Select(v => v is not null)];
        byte[] data = [.. values.SelectMany(v => v ?? [])];
        if (ArrowLayout.IsView(type)) return Views(type, values, valid);
        var ends = new List<long> { 0 };
        foreach (var value in values) ends.Add(ends[^1] + (value?.Length ?? 0));
        var offsets = type.Id is ArrowTypeId.LargeUtf8 or ArrowTypeId.LargeBinary ? ArrowBytes.Of(ends.ToArray()) : ArrowBytes.Of(ends.Select(e => (int)e).ToArray());
        return new ArrowArray(type, values.Length, -1, [Bits(valid), offsets, data]);
    }

    public static ArrowArray FixedBytes(int width, params string[] values) =>
        new(new ArrowType.FixedSizeBinary(width), values.Length, -1, [default, values.SelectMany(Encoding.ASCII.GetBytes).ToArray()]);

    /// <summary>A list over a child, by the lengths of its rows; -1 is a null row.</summary>
    public static ArrowArray Lists(ArrowType type, ArrowArray child, params int[] lengths)
    {
        var ends = new List<long> { 0 };
        foreach (int length in lengths) ends.Add(ends[^1] + Math.Max(length, 0));
        var valid = Bits([.. lengths.Select(l => l >= 0)]);
        var starts = ends.Take(lengths.Length).ToArray();
        var sizes = lengths.Select(l => (long)Math.Max(l, 0)).ToArray();
        ReadOnlyMemory<byte>[] buffers = type.Id switch
        {
            ArrowTypeId.LargeList => [valid, ArrowBytes.Of(ends.ToArray())],
            ArrowTypeId.LargeListView => [valid, ArrowBytes.Of(starts), ArrowBytes.Of(sizes)],
            ArrowTypeId.ListView => [valid, Ints(starts), Ints(sizes)],
            _ => [valid, Ints([.. ends])],
        };
        return new ArrowArray(type, lengths.Length, -1, buffers, [child]);
    }

    public static ArrowArray Vectors(int dimension, float[] values, params bool[] valid) =>
        new(new ArrowType.FixedSizeList(dimension), values.Length / dimension, -1, [Bits(valid)], [Fixed(ArrowType.Float32, values)]);

    public static ReadOnlyMemory<byte> Bits(bool[] bits)
    {
        if (bits.Length == 0) return default;
        var bytes = new byte[(bits.Length + 7) / 8];
        for (int i = 0; i < bits.Length; i++) bytes[i >> 3] |= (byte)((bits[i] ? 1 : 0) << (i & 7));
        return bytes;
    }

    /// <summary>Every type that Arrow's JavaScript library knows too; 3 rows, the second null where the type has nulls.</summary>
    public static ArrowRecordBatch Common()
    {
        bool[] valid = [true, false, true];
        var fields = new List<ArrowField>();
        var columns = new List<ArrowArray>();
        void Add(string name, ArrowType type, ArrowArray array, IEnumerable<ArrowField>? children = null, ArrowDictionaryEncoding? dictionary = null)
        {
            fields.Add(new ArrowField(name, type, true, children, null, dictionary));
            columns.Add(array);
        }
        Add("null", ArrowType.Null, new ArrowArray(ArrowType.Null, 3, -1, []));
        Add("bool", ArrowType.Bool, Bools([true, false, false], valid));
        Add("int8", ArrowType.Int8, Fixed<sbyte>(ArrowType.Int8, [-128, 0, 127], valid));
        Add("int16", ArrowType.Int16, Fixed<short>(ArrowType.Int16, [short.MinValue, 0, short.MaxValue], valid));
        Add("int32", ArrowType.Int32, Fixed(ArrowType.Int32, [int.MinValue, 0, int.MaxValue], valid));
        Add("int64", ArrowType.Int64, Fixed(ArrowType.Int64, [long.MinValue, 0, long.MaxValue], valid));
        Add("uint8", ArrowType.UInt8, Fixed<byte>(ArrowType.UInt8, [0, 0, 255], valid));
        Add("uint16", ArrowType.UInt16, Fixed<ushort>(ArrowType.UInt16, [0, 0, ushort.MaxValue], valid));
        Add("uint32", ArrowType.UInt32, Fixed<uint>(ArrowType.UInt32, [0, 0, uint.MaxValue], valid));
        Add("uint64", ArrowType.UInt64, Fixed<ulong>(ArrowType.UInt64, [0, 0, ulong.MaxValue], valid));
        Add("float16", ArrowType.Float16, Fixed(ArrowType.Float16, [(Half)(-0.5), default, (Half)65504], valid));
        Add("float32", ArrowType.Float32, Fixed<float>(ArrowType.Float32, [-0.1f, 0, float.MaxValue], valid));
        Add("float64", ArrowType.Float64, Fixed<double>(ArrowType.Float64, [-0.1, 0, double.PositiveInfinity], valid));
        Add("utf8", ArrowType.Utf8, Text(ArrowType.Utf8, "", null, "grüße 🐘"));
        Add("largeutf8", ArrowType.LargeUtf8, Text(ArrowType.LargeUtf8, "a", null, "bc"));
        Add("binary", ArrowType.Binary, Bytes(ArrowType.Binary, [0, 255], null, []));
        Add("largebinary", ArrowType.LargeBinary, Bytes(ArrowType.LargeBinary, [1], null, [2, 3]));
        Add("fixedbinary", new ArrowType.FixedSizeBinary(3), FixedBytes(3, "abc", "def", "ghi"));
        Add("decimal128", new ArrowType.Decimal(38, 4), Fixed(new ArrowType.Decimal(38, 4), [Int128.MinValue / 2, 0, (Int128)12345], valid));
        Add("decimal256", new ArrowType.Decimal(76, 0, 256), new ArrowArray(new ArrowType.Decimal(76, 0, 256), 3, 0, [default, ArrowBytes.Of(new long[] { 1, 0, 0, 0, -1, -1, -1, -1, 5, 6, 7, 8 })]));
        Add("date32", ArrowType.Date32, Fixed(ArrowType.Date32, [-1, 0, 20777], valid));
        Add("date64", ArrowType.Date64, Fixed(ArrowType.Date64, [-86_400_000L, 0, 1_795_132_800_000], valid));
        foreach (var unit in Enum.GetValues<ArrowTimeUnit>())
        {
            var time = new ArrowType.Time(unit);
            Add("time_" + unit, time, unit <= ArrowTimeUnit.Millisecond ? Fixed(time, [1, 0, 86_399], valid) : Fixed(time, [1L, 0, 86_399_999_999], valid));
            var stamp = new ArrowType.Timestamp(unit, unit == ArrowTimeUnit.Microsecond ? "UTC" : null);
            Add("timestamp_" + unit, stamp, Fixed(stamp, [-1L, 0, 1_795_132_800_123_456], valid));
            var duration = new ArrowType.Duration(unit);
            Add("duration_" + unit, duration, Fixed(duration, [-5L, 0, 5], valid));
        }
        Add("yearmonth", new ArrowType.Interval(ArrowIntervalUnit.YearMonth), Fixed(new ArrowType.Interval(ArrowIntervalUnit.YearMonth), [13, 0, -1], valid));
        Add("daytime", new ArrowType.Interval(ArrowIntervalUnit.DayTime), new ArrowArray(new ArrowType.Interval(ArrowIntervalUnit.DayTime), 3, -1, [Bits(valid), ArrowBytes.Of(new[] { 1, 2, 0, 0, -3, 4 })]));
        Add("vector", new ArrowType.FixedSizeList(2), Vectors(2, [1, 2, 0, 0, -1.5f, 3e8f], valid), [new("item", ArrowType.Float32, false)]);
        Add("list", ArrowType.List, Lists(ArrowType.List, Fixed(ArrowType.Int32, [1, 2, 3, 4], true, true, false, true), 3, -1, 1), [new("item", ArrowType.Int32)]);
        Add("struct", ArrowType.Struct, new ArrowArray(ArrowType.Struct, 3, -1, [Bits(valid)], [Fixed(ArrowType.Int32, [7, 8, 9]), Text(ArrowType.Utf8, "x", "y", null)]), [new("a", ArrowType.Int32), new("b", ArrowType.Utf8)]);
        var entries = new ArrowArray(ArrowType.Struct, 3, 0, [default], [Text(ArrowType.Utf8, "k1", "k2", "k3"), Fixed(ArrowType.Int64, [1L, 2, 3], true, false, true)]);
        Add("map", new ArrowType.Map(), Lists(new ArrowType.Map(), entries, 2, -1, 1), [new("entries", ArrowType.Struct, false, [new("key", ArrowType.Utf8, false), new("value", ArrowType.Int64)])]);
        var dictionary = Text(ArrowType.Utf8, "red", "green", "blue");
        foreach (var index in new[] { ArrowType.Int8, ArrowType.Int32, ArrowType.UInt16 })
        {
            var indexes = index.BitWidth == 8 ? Fixed<sbyte>(index, [2, 0, 1], valid) : index.BitWidth == 16 ? Fixed<ushort>(index, [2, 0, 1], valid) : Fixed(index, [2, 0, 1], valid);
            Add("dictionary_" + index, ArrowType.Utf8, new ArrowArray(index, 3, -1, [indexes.Buffers[0], indexes.Buffers[1]], null, dictionary), null, new(index.BitWidth, index));
        }
        var numbers = Fixed(ArrowType.Int32, [10, 11, 12]);
        var words = Text(ArrowType.Utf8, "u0", "u1", "u2");
        ArrowField[] choices = [new("n", ArrowType.Int32), new("s", ArrowType.Utf8)];
        var sparse = new ArrowType.Union(ArrowUnionMode.Sparse, [0, 1]);
        Add("sparse", sparse, new ArrowArray(sparse, 3, 0, [new byte[] { 0, 1, 0 }], [numbers, words]), choices);
        var dense = new ArrowType.Union(ArrowUnionMode.Dense, [0, 1]);
        Add("dense", dense, new ArrowArray(dense, 3, 0, [new byte[] { 1, 0, 1 }, ArrowBytes.Of(new[] { 2, 0, 1 })], [numbers, words]), choices);
        return new ArrowRecordBatch(new ArrowSchema(fields, new([new("made by", "hand")])), 3, [.. columns]);
    }

    /// <summary>The types beyond <see cref="Common"/>, and metadata and dictionaries inside others.</summary>
    public static ArrowRecordBatch Rare()
    {
        bool[] valid = [true, false, true];
        var monthDayNano = new ArrowType.Interval(ArrowIntervalUnit.MonthDayNano);
        var runs = new ArrowArray(ArrowType.RunEndEncoded, 3, 0, [], [Fixed(ArrowType.Int32, [2, 3]), Text(ArrowType.Utf8, "twice", null)]);
        var inner = new ArrowDictionaryEncoding(7, ArrowType.Int8);
        var innerIndexes = Fixed<sbyte>(ArrowType.Int8, [1, 0, 1]);
        var listOfDictionary = Lists(ArrowType.List, new ArrowArray(ArrowType.Int8, 3, 0, [default, innerIndexes.Buffers[1]], null, Text(ArrowType.Utf8, "p", "q")), 1, 0, 2);
        var outerIndexes = Fixed(ArrowType.Int32, [2, 1, 0]);
        ArrowField item = new("item", ArrowType.Utf8, true, null, null, inner);
        ArrowField[] fields =
        [
            new("monthdaynano", monthDayNano),
            new("decimal32", new ArrowType.Decimal(9, 2, 32)),
            new("decimal64", new ArrowType.Decimal(18, -2, 64), false, null, new([new("why", "negative scale"), new("why", "twice")])),
            new("largelist", ArrowType.LargeList, true, [new("item", ArrowType.Int8)]),
            new("listview", ArrowType.ListView, true, [new("item", ArrowType.Int8)]),
            new("largelistview", ArrowType.LargeListView, true, [new("item", ArrowType.Int8)]),
            new("utf8view", ArrowType.Utf8View),
            new("binaryview", ArrowType.BinaryView),
            new("runs", ArrowType.RunEndEncoded, true, [new("run_ends", ArrowType.Int32, false), new("values", ArrowType.Utf8)]),
            new("nested dictionaries", ArrowType.List, true, [item], null, new ArrowDictionaryEncoding(8, ArrowType.Int32, true)),
        ];
        var bytes = Fixed<sbyte>(ArrowType.Int8, [1, 2, 3, 4]);
        ArrowArray[] columns =
        [
            new(monthDayNano, 3, -1, [Bits(valid), ArrowBytes.Of(new long[] { 1L << 32 | 2, 3, 0, 0, -1, -4 })]),
            Fixed(fields[1].Type, [123, 0, -456], valid),
            Fixed(fields[2].Type, [123L, 0, -456]),
            Lists(ArrowType.LargeList, bytes, 3, -1, 1),
            Lists(ArrowType.ListView, bytes, 3, -1, 1),
            Lists(ArrowType.LargeListView, bytes, 3, -1, 1),
            Text(ArrowType.Utf8View, "short", null, "a text that is longer than twelve bytes"),
            Bytes(ArrowType.BinaryView, new byte[13], null, new byte[12]),
            runs,
            new(ArrowType.Int32, 3, 0, [default, outerIndexes.Buffers[1]], null, listOfDictionary),
        ];
        return new ArrowRecordBatch(new ArrowSchema(fields), 3, columns, new([new("batch", "rare")]));
    }

    public static byte[] File(params ArrowRecordBatch[] batches) => Write(batches, file: true);

    public static byte[] Stream(params ArrowRecordBatch[] batches) => Write(batches, file: false);

    private static byte[] Write(ArrowRecordBatch[] batches, bool file)
    {
        var memory = new MemoryStream();
        if (file)
        {
            using var writer = new ArrowFileWriter(memory, batches[0].Schema);
            foreach (var batch in batches) writer.Write(batch);
            writer.Finish(new([new("rows", batches.Sum(b => b.Length).ToString())]));
        }
        else
        {
            using var writer = new ArrowStreamWriter(memory, batches[0].Schema);
            foreach (var batch in batches) writer.Write(batch);
            writer.Finish();
        }
        return memory.ToArray();
    }

    private static ReadOnlyMemory<byte> Ints(long[] values) => ArrowBytes.Of(values.Select(v => (int)v).ToArray());

    private static ArrowArray Views(ArrowType type, byte[]?[] values, bool[] valid)
    {
        var views = new byte[16 * values.Length];
        var data = new List<byte>();
        for (int i = 0; i < values.Length; i++)
        {
            var view = views.AsSpan(16 * i, 16);
            byte[] value = values[i] ?? [];
            BinaryPrimitives.WriteInt32LittleEndian(view, value.Length);
            if (value.Length <= 12)
            {
                value.CopyTo(view[4..]);
                continue;
            }
            value.AsSpan(0, 4).CopyTo(view[4..]);
            BinaryPrimitives.WriteInt32LittleEndian(view[12..], data.Count);
            data.AddRange(value);
        }
        return new ArrowArray(type, values.Length, -1, [Bits(valid), views, data.ToArray()]);
    }
}
