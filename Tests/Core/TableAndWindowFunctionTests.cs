using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>Set-returning and window functions against rows that PostgreSQL 15 gives.</summary>
public sealed class TableAndWindowFunctionTests
{
    private static List<string> Rows(string signature, string?[] arguments, int batch = 2)
    {
        EvalContext context = Contexts.Default();
        BuiltinFunction function = Builtins.Functions.First(f => Builtins.SignatureOf(f.Name, f.ArgumentTypes) == signature);
        Column[] columns = [.. arguments.Select((a, i) => ScalarCase.ParseColumn(new SqlType(function.ArgumentTypes[i]), [a], context))];
        List<string> rows = [];
        using TableFunctionCursor cursor = FunctionLibrary.Default.FindTable(function)!.Open(new RowArguments(columns, 0), context);
        while (true)
        {
            ColumnBuilder result = ColumnBuilder.Create(TypeHandlers.KindOf(function.ReturnType), batch);
            int count = cursor.Next(new[] { result }, batch, context);
            Assert.Equal(count, result.Count);
            if (count == 0) return rows;
            for (int row = 0; row < count; row++) rows.Add(ScalarCase.Format(result.Build(), row, new SqlType(function.ReturnType), context));
        }
    }

    [Theory]
    [InlineData("generate_series(int4,int4)", "1 4", "1 2 3 4")]
    [InlineData("generate_series(int4,int4)", "4 1", "")]
    [InlineData("generate_series(int4,int4,int4)", "1 8 3", "1 4 7")]
    [InlineData("generate_series(int4,int4,int4)", "5 -5 -4", "5 1 -3")]
    [InlineData("generate_series(int4,int4)", "2147483645 2147483647", "2147483645 2147483646 2147483647")]
    [InlineData("generate_series(int8,int8,int8)", "-9223372036854775807 -9223372036854775808 -1", "-9223372036854775807 -9223372036854775808")]
    [InlineData("generate_series(numeric,numeric,numeric)", "1.0 2.3 0.5", "1.0 1.5 2.0")]
    [InlineData("generate_series(numeric,numeric)", "0.1 3", "0.1 1.1 2.1")]
    [InlineData("generate_series(int4,int4)", "1 NULL", "")]
    [InlineData("regexp_split_to_table(text,text)", "a1b22c \\d+", "a b c")]
    [InlineData("regexp_split_to_table(text,text)", "abc x*", "a b c")]
    [InlineData("regexp_matches(text,text)", "foobarbaz (ba)(.)", "{ba,r}")]
    [InlineData("regexp_matches(text,text,text)", "foobarbaz ba(.) g", "{r} {z}")]
    [InlineData("regexp_matches(text,text,text)", "abc x g", "")]
    public void Set_returning_functions_give_their_rows(string signature, string arguments, string expected)
    {
        string?[] values = [.. arguments.Split(' ').Select(a => a == "NULL" ? null : a)];
        foreach (int batch in (int[])[1, 3, 100]) Assert.Equal(expected, string.Join(' ', Rows(signature, values, batch)));
    }

    [Fact]
    public void A_step_of_zero_is_refused() =>
        Assert.Equal(SqlState.InvalidParameterValue, Assert.Throws<SqlException>(() => Rows("generate_series(int4,int4,int4)", ["1", "2", "0"])).SqlState);

    /// <summary>A partition of sorted keys; the frame is the default one, from the start to the last peer.</summary>
    private sealed class Partition(int[] keys, params Column[] arguments) : IWindowPartition
    {
        public int Excluded { get; init; } = -1;
        public int RowCount => keys.Length;
        public int ArgumentCount => arguments.Length;
        public Column Argument(int argument) => arguments[argument];
        public (int Start, int End) PeersOf(int row) => (Array.IndexOf(keys, keys[row]), Array.LastIndexOf(keys, keys[row]) + 1);
        public (int Start, int End) FrameOf(int row) => (0, PeersOf(row).End);
        public bool InFrame(int current, int row) => row != Excluded;
    }

    private static string Window(string signature, Partition partition, SqlType result)
    {
        EvalContext context = Contexts.Default();
        BuiltinFunction function = Builtins.Functions.First(f => f.Kind == 'w' && Builtins.SignatureOf(f.Name, f.ArgumentTypes) == signature);
        ColumnBuilder builder = ColumnBuilder.Create(TypeHandlers.KindOf(result.Oid));
        FunctionLibrary.Default.FindWindow(function)!.Evaluate(partition, builder, context);
        Assert.Equal(partition.RowCount, builder.Count);
        return string.Join(' ', Enumerable.Range(0, builder.Count).Select(row => ScalarCase.Format(builder.Build(), row, result, context)));
    }

    private static readonly int[] Keys = [10, 20, 20, 20, 30];

    private static Column Ints(params string?[] values) => ScalarCase.ParseColumn(SqlType.Int4, values, Contexts.Default());

    [Theory]
    [InlineData("row_number()", "1 2 3 4 5")]
    [InlineData("rank()", "1 2 2 2 5")]
    [InlineData("dense_rank()", "1 2 2 2 3")]
    public void Ranks_follow_peers(string signature, string expected) => Assert.Equal(expected, Window(signature, new Partition(Keys), SqlType.Int8));

    [Theory]
    [InlineData("percent_rank()", "0 0.25 0.25 0.25 1")]
    [InlineData("cume_dist()", "0.2 0.8 0.8 0.8 1")]
    public void Distributions_follow_peers(string signature, string expected) => Assert.Equal(expected, Window(signature, new Partition(Keys), SqlType.Float8));

    [Theory]
    [InlineData("2", "1 1 1 2 2")]
    [InlineData("3", "1 1 2 2 3")]
    [InlineData("7", "1 2 3 4 5")]
    [InlineData(null, "\\N \\N \\N \\N \\N")]
    public void Ntile_gives_the_first_buckets_more(string? buckets, string expected) =>
        Assert.Equal(expected, Window("ntile(int4)", new Partition(Keys, Ints(buckets, buckets, buckets, buckets, buckets)), SqlType.Int4));

    [Fact]
    public void Lag_and_lead_look_aside()
    {
        Column values = Ints("1", "2", null, "4", "5");
        Column offsets = Ints("1", "2", "0", "-1", null), defaults = Ints("7", "8", "9", "10", "11");
        Assert.Equal("\\N 1 2 \\N 4", Window("lag(anyelement)", new Partition(Keys, values), SqlType.Int4));
        Assert.Equal("2 \\N 4 5 \\N", Window("lead(anyelement)", new Partition(Keys, values), SqlType.Int4));
        Assert.Equal("7 8 \\N 5 \\N", Window("lag(anycompatible,int4,anycompatible)", new Partition(Keys, values, offsets, defaults), SqlType.Int4));
    }

    [Fact]
    public void Values_of_a_frame_skip_what_is_excluded()
    {
        Column values = Ints("1", "2", "3", "4", "5");
        Assert.Equal("1 1 1 1 1", Window("first_value(anyelement)", new Partition(Keys, values), SqlType.Int4));
        Assert.Equal("1 4 4 4 5", Window("last_value(anyelement)", new Partition(Keys, values), SqlType.Int4));
        Assert.Equal("\\N 2 2 2 2", Window("first_value(anyelement)", new Partition(Keys, values) { Excluded = 0 }, SqlType.Int4));
        Assert.Equal("\\N 2 2 2 2", Window("nth_value(anyelement,int4)", new Partition(Keys, values, Ints("2", "2", "2", "2", "2")), SqlType.Int4));
    }
}
