using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Wire;
using VecSql.Wire.Messages;
using VecSql.Wire.Rows;

namespace VecSql.Tests.Wire;

/// <summary>Batches to DataRow messages.</summary>
public sealed class RowEncoderTests
{
    private static readonly EvalContext Context = new()
    {
        Display = new DisplaySettings(), Catalog = CatalogSnapshot.Empty, Clock = TimeProvider.System, Random = new Random(1), Session = null!,
    };

    private static RowDescription Describe(short format, params uint[] types) =>
        new(types.Select(t => new ResultColumn("c", new SqlType(t), 0, 0, 0)).ToArray(), types.Select(_ => format).ToArray());

    private static Column Build<T>(params T?[] values) where T : unmanaged
    {
        ColumnBuilder<T> builder = new(values.Length);
        foreach (T? value in values)
        {
            if (value is { } present) builder.Append(present);
            else builder.AppendNull();
        }
        return builder.Build();
    }

    private static BytesColumn Texts(params string[] values)
    {
        BytesColumnBuilder builder = new(values.Length);
        foreach (string value in values) builder.Append(Encoding.UTF8.GetBytes(value));
        return (BytesColumn)builder.Build();
    }

    private static List<string> Show(ByteBuffer buffer)
    {
        List<string> rows = [];
        ReadOnlySpan<byte> bytes = buffer.WrittenSpan;
        while (!bytes.IsEmpty)
        {
            Assert.Equal((byte)'D', bytes[0]);
            int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes[1..]);
            rows.Add(FrameText.Show('D', bytes[5..(1 + length)].ToArray()));
            bytes = bytes[(1 + length)..];
        }
        return rows;
    }

    private static List<string> Encode(RowDescription description, ColumnBatch batch)
    {
        RowEncoder encoder = new(description, Context);
        ByteBuffer buffer = new();
        encoder.Bind(batch);
        Assert.Equal(batch.Count, encoder.Encode(batch.Selection, 0, buffer, int.MaxValue));
        return Show(buffer);
    }

    [Fact]
    public void Text_of_the_commonest_types()
    {
        Column[] columns =
        [
            Build<short>(short.MinValue, 0, null), Build<int>(int.MaxValue, null, -1), Build<long>(long.MinValue, 1, 2), Build<uint>(uint.MaxValue, 0, 7),
            Build<bool>(true, false, null), Texts("a", "", "ä"),
        ];
        Assert.Equal(
            ["D -32768|2147483647|-9223372036854775808|4294967295|t|a", "D 0|NULL|1|0|f|", "D NULL|-1|2|7|NULL|ä"],
            Encode(Describe(0, TypeOid.Int2, TypeOid.Int4, TypeOid.Int8, TypeOid.Oid, TypeOid.Bool, TypeOid.Text), new ColumnBatch(columns, 3)));
    }

    [Fact]
    public void Binary_of_the_commonest_types()
    {
        Column[] columns = [Build<short>(-2), Build<int>(5), Build<long>(-1), Build<float>(1f), Build<double>(-2d), Texts("\u0001")];
        Assert.Equal(
            ["D xþÿ".Replace("xþÿ", Encoding.UTF8.GetString([0xFF, 0xFE])) + "|x00000005|" + Encoding.UTF8.GetString([255, 255, 255, 255, 255, 255, 255, 255]) + "|x3F800000|xC000000000000000|x01"],
            Encode(Describe(1, TypeOid.Int2, TypeOid.Int4, TypeOid.Int8, TypeOid.Float4, TypeOid.Float8, TypeOid.Bytea), new ColumnBatch(columns, 1)));
    }

    [Fact]
    public void Selections_and_constants()
    {
        ColumnBuilder<int> constant = new(1);
        constant.Append(9);
        ColumnBatch batch = new([Build<int>(0, 1, 2, 3), constant.BuildConstant(4)], 4, Selection.Of([1, 3, 0], 2));
        Assert.Equal(["D 1|9", "D 3|9"], Encode(Describe(0, TypeOid.Int4, TypeOid.Int4), batch));
    }

    [Fact]
    public void Encoding_stops_when_enough_is_ready_and_goes_on_from_there()
    {
        ColumnBatch batch = new([Build<int>(1, 2, 3, 4, 5)], 5);
        RowEncoder encoder = new(Describe(0, TypeOid.Int4), Context);
        encoder.Bind(batch);
        ByteBuffer buffer = new();
        Assert.Equal(2, encoder.Encode(batch.Selection, 0, buffer, 13));
        Assert.Equal(3, encoder.Encode(batch.Selection, 2, buffer, 1));
        Assert.Equal(5, encoder.Encode(batch.Selection, 3, buffer, int.MaxValue));
        Assert.Equal(["D 1", "D 2", "D 3", "D 4", "D 5"], Show(buffer));
    }

    [Theory]
    [InlineData(10, 3)]
    [InlineData(400, 1)]
    public void A_row_over_the_limit_is_an_error_and_leaves_no_half_row(int firstBytes, int wholeRows)
    {
        RowEncoder encoder = new(Describe(0, TypeOid.Text, TypeOid.Text), Context, lengthLimit: 800);
        BytesColumn first = Texts("a", new string('x', firstBytes), "b", new string('y', 900));
        BytesColumn second = Texts("a", new string('x', 400), "b", "c");
        ByteBuffer buffer = new();
        ColumnBatch batch = new([first, second], 4);
        encoder.Bind(batch);
        SqlException error = Assert.Throws<SqlException>(() => encoder.Encode(batch.Selection, 0, buffer, int.MaxValue));
        Assert.Equal(SqlState.ProgramLimitExceeded, error.SqlState);
        Assert.Equal(wholeRows, Show(buffer).Count);
    }

    [Fact]
    public void Rows_whose_sizes_overflow_32_bits_are_refused_before_they_are_copied()
    {
        // 1,000 columns of 4 MiB: 4 GiB a row, from one buffer.
        BytesColumn column = BytesColumn.WithStride(4 << 20, new byte[4 << 20], default, 1);
        RowEncoder encoder = new(Describe(1, Enumerable.Repeat(TypeOid.Bytea, 1000).ToArray()), Context, lengthLimit: 16 << 20);
        ColumnBatch batch = new(Enumerable.Repeat<Column>(column, 1000).ToArray(), 1);
        encoder.Bind(batch);
        ByteBuffer buffer = new();
        Assert.Throws<SqlException>(() => encoder.Encode(batch.Selection, 0, buffer, int.MaxValue));
        Assert.Equal(0, buffer.Length);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_row()
    {
        ColumnBuilder<int> ints = new(2048);
        ColumnBuilder<long> longs = new(2048);
        BytesColumnBuilder texts = new(2048);
        for (int i = 0; i < 2048; i++)
        {
            ints.Append(i);
            longs.Append(-i);
            texts.Append("some text"u8);
        }
        ColumnBatch batch = new([ints.Build(), longs.Build(), texts.Build()], 2048);
        RowEncoder encoder = new(Describe(0, TypeOid.Int4, TypeOid.Int8, TypeOid.Text), Context);
        ByteBuffer buffer = new(1 << 20);
        long allocated = long.MaxValue;
        for (int pass = 0; pass < 3; pass++)
        {
            buffer.Clear();
            long before = GC.GetAllocatedBytesForCurrentThread();
            encoder.Bind(batch);
            encoder.Encode(batch.Selection, 0, buffer, int.MaxValue);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(0, allocated);
    }

    /// <summary>The short ways must say what the types' own handlers say.</summary>
    [Theory]
    [InlineData(TypeOid.Int2, "-32768")]
    [InlineData(TypeOid.Int4, "2147483647")]
    [InlineData(TypeOid.Int8, "-9223372036854775808")]
    [InlineData(TypeOid.Oid, "4294967295")]
    [InlineData(TypeOid.Bool, "t")]
    [InlineData(TypeOid.Float4, "-1.5e+10")]
    [InlineData(TypeOid.Float8, "NaN")]
    [InlineData(TypeOid.Text, "ä€😀")]
    [InlineData(TypeOid.Varchar, "x")]
    [InlineData(TypeOid.Name, "pg_class")]
    [InlineData(TypeOid.Bytea, "\\x00ff")]
    [InlineData(TypeOid.Numeric, "12345.678")]
    [InlineData(TypeOid.Uuid, "00112233-4455-6677-8899-aabbccddeeff")]
    public void Short_ways_agree_with_handlers(uint oid, string value)
    {
        TypeHandler handler = TypeHandlers.Of(oid);
        SqlType type = new(oid);
        ColumnBuilder builder = ColumnBuilder.Create(handler.Kind, 1);
        handler.ParseText(Encoding.UTF8.GetBytes(value), type, builder, Context);
        Column column = builder.Build();
        foreach (short format in (short[])[0, 1])
        {
            ByteBuffer own = new(), encoded = new();
            if (format == 0) handler.FormatText(column, 0, type, own, Context);
            else handler.WriteBinary(column, 0, type, own, Context);
            RowEncoder encoder = new(Describe(format, oid), Context);
            ColumnBatch batch = new([column], 1);
            encoder.Bind(batch);
            encoder.Encode(batch.Selection, 0, encoded, int.MaxValue);
            Assert.Equal(Convert.ToHexString(own.WrittenSpan), Convert.ToHexString(encoded.WrittenSpan[11..]));
        }
    }

    [Fact]
    public void A_type_that_cannot_be_written_and_a_format_that_is_none_are_refused()
    {
        Assert.Equal(SqlState.FeatureNotSupported, Assert.Throws<SqlException>(() => new RowEncoder(Describe(0, TypeOid.TxidSnapshot), Context)).SqlState);
        Assert.Equal(SqlState.InvalidParameterValue, Assert.Throws<SqlException>(() => new RowEncoder(Describe(2, TypeOid.Int4), Context)).SqlState);
    }

    [Theory]
    [InlineData("abc", 0, "1")]
    [InlineData("abc", 3, "4")]
    [InlineData("😀b", 2, "2")]
    [InlineData("\uD83D", 1, "2")]
    [InlineData("abc", 4, null)]
    [InlineData("abc", -1, null)]
    [InlineData(null, 0, null)]
    public void Positions_count_characters(string? text, int offset, string? expected) => Assert.Equal(expected, BackendMessages.CharacterPosition(text, offset));

    [Fact]
    public void A_zero_in_an_error_does_not_make_fields()
    {
        ByteBuffer buffer = new();
        BackendMessages.ErrorResponse(buffer, new SqlException("22000", "bad\0Rroutine\0"), null);
        Assert.Equal("E ERROR 22000 bad", FrameText.Show('E', buffer.WrittenSpan[5..].ToArray()));
    }
}
