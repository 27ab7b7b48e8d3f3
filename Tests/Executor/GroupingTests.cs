using VecSql.Core.Catalog;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;
using static VecSql.Tests.Executor.TestPlans;
using SetOperator = VecSql.Planner.Logical.SetOperator;

namespace VecSql.Tests.Executor;

public sealed class GroupingTests
{
    private static readonly SqlType[] Types = [SqlType.Int4, SqlType.Text, SqlType.Int4];
    private static readonly object?[][] Rows = MakeRows();

    private static object?[][] MakeRows()
    {
        Random random = new(5);
        return [.. Enumerable.Range(0, 3000).Select(_ => new object?[] { random.Next(9) == 0 ? null : random.Next(40), "t" + random.Next(3), random.Next(20) == 0 ? null : random.Next(50) })];
    }

    internal static AggregateCall Aggregate(string name, BoundExpression? argument, bool isDistinct = false, BoundExpression? filter = null, params SortKey[] order)
    {
        uint[] types = argument is null ? [] : [argument.Type.Oid];
        BuiltinFunction signature = Builtins.Functions.First(f => f.Name == name && f.Kind == 'a'
            && (f.ArgumentTypes.AsSpan().SequenceEqual(types) || (types.Length == 1 && f.ArgumentTypes is [TypeOid.Any])));
        SqlType result = new(signature.ReturnType);
        AggregateFunction function = FunctionLibrary.Default.FindAggregate(signature) ?? throw new InvalidOperationException(signature.Key);
        BoundExpression[] arguments = argument is null ? [] : [argument];
        return new AggregateCall(signature, function.Specialize([.. arguments.Select(a => a.Type)], result), arguments, isDistinct, filter, order, [], result);
    }

    private static AggregateCall StringAgg(BoundExpression value, params SortKey[] order)
    {
        BuiltinFunction signature = Builtins.Functions.First(f => f.Name == "string_agg" && f.ArgumentTypes is [TypeOid.Text, TypeOid.Text]);
        AggregateFunction function = FunctionLibrary.Default.FindAggregate(signature)!.Specialize([SqlType.Text, SqlType.Text], SqlType.Text);
        return new AggregateCall(signature, function, [value, Literal(",")], false, null, order, [], SqlType.Text);
    }

    [Fact]
    public void GroupsByOneAndByTwoKeys()
    {
        AggregateCall[] calls = [Aggregate("count", null), Aggregate("sum", Int4(2)), Aggregate("min", Int4(2)), Aggregate("count", Int4(2), isDistinct: true),
            Aggregate("sum", Int4(2), filter: Call("int4gt", Int4(2), Literal(25)))];
        SqlType[] output = [SqlType.Int8, SqlType.Int8, SqlType.Int4, SqlType.Int8, SqlType.Int8];
        foreach (bool both in new[] { false, true })
        {
            BoundExpression[] groups = both ? [Int4(0), Input(1, SqlType.Text)] : [Int4(0)];
            IEnumerable<object?[]> expected = Rows.GroupBy(r => (r[0], both ? r[1] : null)).Select(g => (object?[])
            [
                .. both ? new[] { g.Key.Item1, g.Key.Item2 } : [g.Key.Item1], g.LongCount(), Sum(g.Select(r => r[2])), g.Min(r => (int?)r[2]),
                g.Select(r => r[2]).Where(v => v is not null).Distinct().LongCount(), Sum(g.Select(r => r[2]).Where(v => (int?)v > 25)),
            ]);
            AssertRows(new HashAggregate(Values(Types, Rows), groups, null, calls, [], [.. groups.Select(g => g.Type), .. output]), expected, ordered: false);
            // Without DISTINCT the groups spill.
            AssertRows(new HashAggregate(Values(Types, Rows), groups, null, calls[..3], [], [.. groups.Select(g => g.Type), .. output[..3]]),
                expected.Select(r => r[..(groups.Length + 3)]), ordered: false);
        }
    }

    private static object? Sum(IEnumerable<object?> values) => values.Any(v => v is not null) ? values.Sum(v => (long)((int?)v ?? 0)) : null;

    [Fact]
    public void WithoutGroupsThereIsOneRow()
    {
        AssertRows(new HashAggregate(Values(Types, []), [], null, [Aggregate("count", null), Aggregate("sum", Int4(2))], [], [SqlType.Int8, SqlType.Int8]), [[0L, null]]);
        AssertRows(new HashAggregate(Values(Types, []), [Int4(0)], null, [Aggregate("count", null)], [], [SqlType.Int4, SqlType.Int8]), []);
        AssertRows(new HashAggregate(Values(Types, Rows), [], null, [Aggregate("count", null)], [], [SqlType.Int8]), [[3000L]]);
    }

    [Fact]
    public void GroupingSetsAndTheirMasks()
    {
        HashAggregate plan = new(IntValues([1, 10], [1, 20], [2, 10]), [Int4(0), Int4(1)], [[0, 1], [0], []], [Aggregate("count", null)], [[0, 1]],
            [SqlType.Int4, SqlType.Int4, SqlType.Int8, SqlType.Int4]);
        AssertRows(plan, [[1, 10, 1L, 0], [1, 20, 1L, 0], [2, 10, 1L, 0], [1, null, 2L, 1], [2, null, 1L, 1], [null, null, 3L, 3]], ordered: false);
    }

    [Fact]
    public void OrderWithinAnAggregate()
    {
        ValuesScan values = Values([SqlType.Int4, SqlType.Text], [[1, "b"], [2, "x"], [1, "c"], [1, "a"]]);
        AssertRows(new HashAggregate(values, [Int4(0)], null, [StringAgg(Input(1, SqlType.Text), Key(Input(1, SqlType.Text), descending: true))], [], [SqlType.Int4, SqlType.Text]),
            [[1, "c,b,a"], [2, "x"]], ordered: false);
    }

    [Fact]
    public void DistinctRowsAndDistinctOn()
    {
        AssertRows(new DistinctRows(new ProjectRows(Values(Types, Rows), [Int4(0), Input(1, SqlType.Text)]), null),
            Rows.Select(r => (r[0], r[1])).Distinct().Select(r => (object?[])[r.Item1, r.Item2]), ordered: false);
        AssertRows(new DistinctRows(Values(Types, Rows), [Int4(0)]), Rows.DistinctBy(r => r[0]));
    }

    [Fact]
    public void SetOperationsCountRows()
    {
        ValuesScan left = IntValues([1], [1], [2], [null], [3], [null]), right = IntValues([1], [null], [4], [1], [1]);
        AssertRows(new HashSetOperation(SetOperator.Intersect, false, left, right), [[1], [null]]);
        AssertRows(new HashSetOperation(SetOperator.Intersect, true, left, right), [[1], [1], [null]]);
        AssertRows(new HashSetOperation(SetOperator.Except, false, left, right), [[2], [3]]);
        AssertRows(new HashSetOperation(SetOperator.Except, true, left, right), [[2], [3], [null]]);
        AssertRows(new AppendRows([left, right]), [[1], [1], [2], [null], [3], [null], [1], [null], [4], [1], [1]]);
    }

    [Fact]
    public void RecursiveUnionStopsWhenNothingIsNew()
    {
        ProjectRows Step(int modulus) => new(new FilterRows(new WorkTableScan(1, [SqlType.Int4]), Call("int4lt", Int4(0), Literal(50))),
            [Call("int4mod", Call("int4pl", Int4(0), Literal(1)), Literal(modulus))]);
        AssertRows(new RecursiveUnion(1, IntValues([0], [0]), Step(10), false), Enumerable.Range(0, 10).Select(i => (object?[])[i]));
        AssertRows(new RecursiveUnion(1, IntValues([0]), Step(1000), true), Enumerable.Range(0, 51).Select(i => (object?[])[i]));
    }
}
