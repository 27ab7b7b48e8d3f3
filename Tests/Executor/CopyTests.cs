using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Copy;
using static VecSql.Tests.Executor.TestPlans;

namespace VecSql.Tests.Executor;

public sealed class CopyTests
{
    private static readonly CopyColumn[] Columns = [new("id", SqlType.Int4), new("name", SqlType.Text)];
    private static readonly CopyOptions Csv = new() { Format = CopyFormat.Csv, Delimiter = (byte)',', NullText = [] };

    /// <summary>Reads the data in pieces of 1, 7 and all bytes, and asserts that the rows are the same.</summary>
    private static string[] Read(CopyOptions options, byte[] data)
    {
        string[]? first = null;
        foreach (int piece in new[] { 1, 7, int.MaxValue })
        {
            List<string> rows = [];
            CopyReader reader = CopyReader.Create(options, Columns, "t", Context(), 3, batch =>
            {
                for (int i = 0; i < batch.Count; i++) rows.Add(Text([Value(batch[0], i), Value(batch[1], i)]));
            });
            for (int start = 0; start < data.Length; start += Math.Min(piece, data.Length - start)) reader.Feed(data.AsSpan(start, Math.Min(piece, data.Length - start)));
            reader.Finish();
            Assert.Equal(rows.Count, reader.RowCount);
            first ??= [.. rows];
            Assert.Equal(first, rows);
        }
        return first!;
    }

    private static string[] Read(CopyOptions options, string data) => Read(options, Encoding.UTF8.GetBytes(data));

    private static SqlException Error(CopyOptions options, string data) => Assert.Throws<SqlException>(() => Read(options, data));

    [Fact]
    public void TextEscapesNullsAndEndMark()
    {
        Assert.Equal(["1|a\tb", "2|∅", "3|x\ny", "4|A!", "5|"], Read(new CopyOptions(), "1\ta\\tb\n2\t\\N\n3\tx\\ny\n4\t\\x41\\041\n5\t\n\\.\nignored"));
        Assert.Equal(["1|a", "2|b\nc"], Read(new CopyOptions(), "1\ta\r\n2\tb\\\nc"));
        Assert.Equal(["1|a", "2|b"], Read(new CopyOptions { Header = CopyHeader.Match }, "id\tname\n1\ta\n2\tb\n"));
    }

    [Fact]
    public void CsvQuotesAndNulls()
    {
        Assert.Equal(["1|a,b", "2|∅", "3|", "4|x\ny", "5|say \"hi\""], Read(Csv, "1,\"a,b\"\n2,\n3,\"\"\n4,\"x\ny\"\n5,\"say \"\"hi\"\"\"\n"));
        Assert.Equal(["1|", "2|a\\\"b"], Read(Csv with { ForceNotNull = [false, true] }, "1,\r\n2,\"a\\\"\"b\"\r\n"));
        Assert.Equal(["1|∅"], Read(Csv with { ForceNull = [false, true] }, "1,\"\""));
        Assert.Equal(["1|a\"b"], Read(Csv with { Escape = (byte)'\\' }, "1,\"a\\\"b\"\n"));
    }

    [Theory]
    [InlineData("1\n", "22P04", "missing data for column \"name\"", "COPY t, line 1: \"1\"")]
    [InlineData("1\ta\n2\tb\tc\n", "22P04", "extra data after last expected column", "COPY t, line 2: \"2\tb\tc\"")]
    [InlineData("1\ta\nx\tb\n", "22P02", "invalid input syntax for type integer: \"x\"", "COPY t, line 2, column id: \"x\"")]
    [InlineData("1\ta\n2\tb\r\n", "22P04", "literal carriage return found in data", "COPY t, line 2")]
    public void TextErrorsSayWhere(string data, string sqlState, string message, string where)
    {
        SqlException error = Error(new CopyOptions(), data);
        Assert.Equal((sqlState, message, where), (error.SqlState, error.Message, error.Where));
    }

    [Fact]
    public void CsvErrors()
    {
        Assert.Equal("unterminated CSV quoted field", Error(Csv, "1,\"a\n").Message);
        Assert.Equal("column name mismatch in header line field 2: got \"nam\", expected \"name\"", Error(Csv with { Header = CopyHeader.Match }, "id,nam\n").Message);
    }

    [Fact]
    public void InvalidUtf8IsRefused()
    {
        SqlException error = Assert.Throws<SqlException>(() => Read(new CopyOptions(), [(byte)'1', (byte)'\t', 0xFF, (byte)'\n']));
        Assert.Equal(("22021", "invalid byte sequence for encoding \"UTF8\": 0xff"), (error.SqlState, error.Message));
    }

    [Theory]
    [InlineData(CopyFormat.Text)]
    [InlineData(CopyFormat.Csv)]
    [InlineData(CopyFormat.Binary)]
    public void WhatIsWrittenReadsBack(CopyFormat format)
    {
        CopyOptions options = format == CopyFormat.Csv ? Csv : new CopyOptions { Format = format };
        string?[] texts = ["", null, "a,b", "q\"uote", "tab\tnew\nline\r", "\\.", "\\N", "ünï", " "];
        ColumnBuilder<int> ids = new();
        BytesColumnBuilder names = new();
        for (int i = 0; i < texts.Length; i++)
        {
            ids.Append(i);
            Append(names, texts[i]);
        }
        ByteBuffer output = new();
        CopyWriter writer = new(options, Columns, Context());
        writer.WriteStart(output);
        ColumnBatch rows = new([ids.Build(), names.Build()], texts.Length);
        for (int row = 0; row < texts.Length; row++) writer.WriteRow(rows, row, output);
        writer.WriteEnd(output);
        Assert.Equal(texts.Select((t, i) => Text([i, t])), Read(options, output.WrittenSpan.ToArray()));
    }

    [Fact]
    public void BinaryDamageIsAnError()
    {
        CopyOptions binary = new() { Format = CopyFormat.Binary };
        byte[] header = [.. "PGCOPY\n"u8, 0xFF, 0x0D, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Throws<SqlException>(() => Read(binary, [.. header, 0, 3]));
        Assert.Throws<SqlException>(() => Read(binary, [.. header, 0, 2, 0x7F, 0xFF, 0xFF, 0xFF]));
        Assert.Throws<SqlException>(() => Read(binary, [.. header, 0, 2, 0, 0, 0, 4, 1]));
        Assert.Throws<SqlException>(() => Read(binary, "PGCOPX"u8.ToArray()));
    }
}
