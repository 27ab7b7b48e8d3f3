using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>Aggregates against results that PostgreSQL 15 gave (Expectations/aggregate.tsv); and that merging, spilling and retracting change nothing.</summary>
public sealed class AggregateTests
{
    /// <summary>Of each case: the signature, WITHIN GROUP's direction or "-", values of each argument between '|', the expected result.</summary>
    public static TheoryData<string> Cases() => [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Core", "Expectations", "aggregate.tsv"))];

    private sealed record Call(AggregateFunction Function, SqlType[] Types, SqlType Result, Column[] Columns, int Rows, string Expected, bool IsFloat);

    private static Call Read(string line, EvalContext context)
    {
        string[] fields = line.Split('\t');
        BuiltinFunction function = Builtins.Functions.First(f => f.Kind == 'a' && Builtins.SignatureOf(f.Name, f.ArgumentTypes) == fields[0]);
        string[][] values = [.. fields[3..^1].Select(f => f.Split('|'))];
        int direct = int.Parse(fields[1]);
        SqlType[] types = function.ArgumentTypes.Length == values.Length
            ? [.. function.ArgumentTypes.Select(t => new SqlType(t is TypeOid.Any or TypeOid.AnyElement ? TypeOid.Int4 : t))]
            : [.. values.Select(_ => SqlType.Int4)];
        uint returned = function.ReturnType == TypeOid.AnyElement ? types[^1].Oid : function.ReturnType;
        AggregateFunction aggregate = FunctionLibrary.Default.FindAggregate(function)!.Specialize(types, new SqlType(returned));
        if (fields[2] != "-") aggregate = aggregate.WithinGroup([.. Enumerable.Repeat(new AggregateOrder(fields[2] == "desc", fields[2] == "desc"), types.Length - direct)]);
        int rows = values.Length == 0 ? 5 : values[^1].Length;
        Column[] columns = [.. values.Select((v, i) => ScalarCase.ParseColumn(types[i], [.. (v.Length == 1 && rows > 1 ? Enumerable.Repeat(v[0], rows) : v).Select(ScalarCase.Unescape)], context))];
        return new Call(aggregate, types, new SqlType(returned), columns, rows, fields[^1], returned is TypeOid.Float8 or TypeOid.Float4);
    }

    private static string Finish(AggregateState state, int group, SqlType type, EvalContext context)
    {
        try
        {
            ColumnBuilder result = ColumnBuilder.Create(TypeHandlers.KindOf(type.Oid), 1);
            state.Finish(group, 1, result, context);
            return ScalarCase.Format(result.Build(), 0, type, context);
        }
        catch (SqlException e)
        {
            return $"ERROR:{e.SqlState}:{e.Message}";
        }
    }

    private static void AssertEqual(Call call, string actual, string how)
    {
        if (call.IsFloat && double.TryParse(call.Expected, out double expected) && double.TryParse(actual, out double got)
            && (Math.Abs(expected - got) <= 1e-13 * Math.Abs(expected) || (double.IsNaN(expected) && double.IsNaN(got)))) return;
        Assert.True(call.Expected == actual, $"{how}: expected {call.Expected}, got {actual}");
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Results_are_those_of_postgres(string line)
    {
        EvalContext context = Contexts.Default();
        Call call = Read(line, context);
        AggregateState state = call.Function.CreateState();
        state.EnsureGroups(2);
        try
        {
            state.Update(call.Columns, Selection.All(call.Rows), Enumerable.Repeat(1, call.Rows).ToArray(), context);
        }
        catch (SqlException e)
        {
            Assert.Equal(call.Expected, $"ERROR:{e.SqlState}:{e.Message}");
            return;
        }
        AssertEqual(call, Finish(state, 1, call.Result, context), "at once");
        AssertEqual(call, Finish(state, 1, call.Result, context), "again");
        if (call.Expected.StartsWith("ERROR", StringComparison.Ordinal)) return;
        Merged(call, context);
        Spilled(call, state, context);
        if (state.CanRetract) Retracted(call, state, context);
    }

    /// <summary>The first half of the rows in one state, the second in another, then merged.</summary>
    private static void Merged(Call call, EvalContext context)
    {
        int half = call.Rows / 2;
        AggregateState first = call.Function.CreateState(), second = call.Function.CreateState();
        first.EnsureGroups(1);
        second.EnsureGroups(3);
        first.Update(call.Columns, Selection.Of([.. Enumerable.Range(0, half)], half), new int[half], context);
        int rest = call.Rows - half;
        second.Update(call.Columns, Selection.Of([.. Enumerable.Range(half, rest)], rest), Enumerable.Repeat(2, rest).ToArray(), context);
        AggregateState target = call.Function.CreateState();
        target.EnsureGroups(1);
        target.Merge(first, [0], context);
        target.Merge(second, [0, 0, 0], context);
        AssertEqual(call, Finish(target, 0, call.Result, context), "merged");
    }

    private static void Spilled(Call call, AggregateState state, EvalContext context)
    {
        ByteBuffer saved = new();
        state.Save(1, saved);
        AggregateState restored = call.Function.CreateState();
        restored.EnsureGroups(4);
        restored.Restore(3, saved.WrittenSpan, context);
        AssertEqual(call, Finish(restored, 3, call.Result, context), "restored");
    }

    private static void Retracted(Call call, AggregateState state, EvalContext context)
    {
        int[] groups = Enumerable.Repeat(1, call.Rows).ToArray();
        state.Update(call.Columns, Selection.All(call.Rows), groups, context);
        state.Retract(call.Columns, Selection.All(call.Rows), groups, context);
        AssertEqual(call, Finish(state, 1, call.Result, context), "retracted");
    }

    [Fact]
    public void A_sum_shows_the_decimals_of_what_is_left()
    {
        EvalContext context = Contexts.Default();
        BuiltinFunction sum = Builtins.FindFunctions("sum").First(f => f.ArgumentTypes[0] == TypeOid.Numeric);
        AggregateState state = FunctionLibrary.Default.FindAggregate(sum)!.CreateState();
        state.EnsureGroups(1);
        Column column = ScalarCase.ParseColumn(SqlType.Numeric, ["1.5", "2.125", "7", "99999999999999999999999999999999999999999", "NaN"], context);
        state.Update([column], Selection.All(5), new int[5], context);
        Assert.Equal("NaN", Finish(state, 0, SqlType.Numeric, context));
        state.Retract([column], Selection.Of([3, 4], 2), new int[2], context);
        Assert.Equal("10.625", Finish(state, 0, SqlType.Numeric, context));
        state.Retract([column], Selection.Of([1], 1), new int[1], context);
        Assert.Equal("8.5", Finish(state, 0, SqlType.Numeric, context));
        state.Retract([column], Selection.Of([0], 1), new int[1], context);
        Assert.Equal("7", Finish(state, 0, SqlType.Numeric, context));
    }
}
