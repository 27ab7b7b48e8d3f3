using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>Types against what PostgreSQL 15 reads and writes (Expectations/types.tsv); order, hash and keys against each other.</summary>
public sealed class TypeHandlerTests
{
    private sealed record Sample(SqlType Type, TypeHandler Handler, string Input, string Output, string Binary);

    private static List<Sample> ReadSamples()
    {
        List<Sample> samples = [];
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Core", "Expectations", "types.tsv")))
        {
            string[] f = line.Split('\t');
            uint oid = Builtins.FindType(f[0])!.Oid;
            TypeHandler handler = TypeHandlers.Of(oid);
            int modifier = f[1].Length == 0 ? -1 : handler.ParseModifier([.. f[1].Split(',').Select(int.Parse)], f[0]);
            samples.Add(new Sample(new SqlType(oid, modifier), handler, ScalarCase.Unescape(f[2])!, f[3], f[4]));
        }
        return samples;
    }

    private static Column Parse(Sample sample, EvalContext context)
    {
        ColumnBuilder builder = ColumnBuilder.Create(sample.Handler.Kind, 1);
        sample.Handler.ParseText(Encoding.UTF8.GetBytes(sample.Input), sample.Type, builder, context);
        return builder.Build();
    }

    private static string Text(Sample sample, Column column, EvalContext context)
    {
        ByteBuffer text = new();
        sample.Handler.FormatText(column, 0, sample.Type, text, context);
        return ScalarCase.Escape(Encoding.UTF8.GetString(text.WrittenSpan));
    }

    [Fact]
    public void Text_and_binary_forms_are_those_of_postgres()
    {
        EvalContext context = Contexts.Default();
        List<string> failures = [];
        List<Sample> samples = ReadSamples();
        foreach (Sample sample in samples)
        {
            string actual, binary = "", again = "";
            try
            {
                Column column = Parse(sample, context);
                actual = again = Text(sample, column, context);
                ByteBuffer sent = new();
                sample.Handler.WriteBinary(column, 0, sample.Type, sent, context);
                binary = Convert.ToHexStringLower(sent.WrittenSpan);
                ColumnBuilder received = ColumnBuilder.Create(sample.Handler.Kind, 1);
                sample.Handler.ReadBinary(sent.WrittenSpan, sample.Type, received, context);
                again = Text(sample, received.Build(), context);
            }
            catch (SqlException e)
            {
                actual = again = ScalarCase.Escape($"ERROR:{e.SqlState}:{e.Message}");
                binary = actual;
            }
            if (actual != sample.Output || binary != sample.Binary || again != actual)
                failures.Add($"{sample.Type} '{sample.Input}': expected {sample.Output} {sample.Binary}, got {actual} {binary}, then {again}");
        }
        Assert.True(samples.Count > 200);
        Assert.True(failures.Count == 0, $"{failures.Count} of {samples.Count}:\n" + string.Join('\n', failures));
    }

    [Fact]
    public void Keys_sort_as_values_compare_and_equal_values_hash_alike()
    {
        EvalContext context = Contexts.Default();
        int pairs = 0;
        foreach (IGrouping<uint, Sample> group in ReadSamples().Where(s => !s.Output.StartsWith("ERROR", StringComparison.Ordinal)).GroupBy(s => s.Type.Oid))
        {
            List<(Sample Sample, Column Column, byte[] Key)> values = [];
            foreach (Sample sample in group)
            {
                Column column = Parse(sample, context);
                ByteBuffer key = new();
                sample.Handler.EncodeKey(column, 0, key);
                // Another key follows: a value that is the beginning of another must still sort first.
                key.WriteByte(0x80);
                values.Add((sample, column, key.WrittenSpan.ToArray()));
            }
            foreach (var left in values)
                foreach (var right in values)
                {
                    int order = Math.Sign(left.Sample.Handler.Compare(left.Column, 0, right.Column, 0));
                    string what = $"{left.Sample.Type}: {left.Sample.Input} and {right.Sample.Input}";
                    Assert.True(order == Math.Sign(left.Key.AsSpan().SequenceCompareTo(right.Key)), what);
                    Assert.True(order == -Math.Sign(left.Sample.Handler.Compare(right.Column, 0, left.Column, 0)), what);
                    if (order == 0) Assert.True(left.Sample.Handler.Hash(left.Column, 0) == right.Sample.Handler.Hash(right.Column, 0), what);
                    pairs++;
                }
        }
        Assert.True(pairs > 1000);
    }

    [Fact]
    public void Malformed_binary_values_are_refused()
    {
        EvalContext context = Contexts.Default();
        Random random = new(7);
        foreach (Sample sample in ReadSamples().DistinctBy(s => s.Type.Oid))
            for (int attempt = 0; attempt < 200; attempt++)
            {
                byte[] bytes = new byte[random.Next(0, 40)];
                random.NextBytes(bytes);
                ColumnBuilder result = ColumnBuilder.Create(sample.Handler.Kind, 1);
                try
                {
                    sample.Handler.ReadBinary(bytes, sample.Type, result, context);
                    Assert.Equal(1, result.Count);
                    sample.Handler.FormatText(result.Build(), 0, sample.Type, new ByteBuffer(), context);
                }
                catch (SqlException e)
                {
                    Assert.Equal(5, e.SqlState.Length);
                }
            }
    }

    [Theory]
    [InlineData("ff", "0xff")]
    [InlineData("61e228a1", "0xe2 0x28 0xa1")]
    [InlineData("6100", "0x00")]
    [InlineData("c3", "0xc3")]
    public void Text_that_is_not_utf8_is_refused(string hex, string shown)
    {
        SqlException e = Assert.Throws<SqlException>(() => Utf8Text.Verify(Convert.FromHexString(hex)));
        Assert.Equal(SqlState.CharacterNotInRepertoire, e.SqlState);
        Assert.Equal("invalid byte sequence for encoding \"UTF8\": " + shown, e.Message);
    }

    [Theory]
    [InlineData(0, "0.1", "0.1")]
    [InlineData(0, "0.30000000000000004", "0.3")]
    [InlineData(-3, "123456789.123", "123456789.123")]
    [InlineData(-10, "123456.789", "1.2346e+05")]
    public void Few_float_digits_round(int extraDigits, string input, string expected)
    {
        EvalContext context = Contexts.Default(new DisplaySettings { ExtraFloatDigits = extraDigits });
        Column column = ScalarCase.ParseColumn(SqlType.Float8, [input], context);
        Assert.Equal(expected, ScalarCase.Format(column, 0, SqlType.Float8, context));
    }

    [Theory]
    [InlineData("numeric", "numeric", 10, 2, "(10,2)")]
    [InlineData("numeric", "numeric", 3, -2, "(3,-2)")]
    public void Modifiers_of_numeric_read_back(string type, string name, int precision, int scale, string shown)
    {
        TypeHandler handler = TypeHandlers.Of(Builtins.FindType(type)!.Oid);
        Assert.Equal(shown, handler.FormatModifier(handler.ParseModifier([precision, scale], name)));
        Assert.Equal(SqlState.InvalidParameterValue, Assert.Throws<SqlException>(() => handler.ParseModifier([1001], name)).SqlState);
    }
}
