using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;
using static VecSql.Tests.Executor.TestPlans;

namespace VecSql.Tests.Executor;

public sealed class BasicOperatorTests
{
    private static readonly ValuesScan Sample = IntValues([3, 30], [1, 10], [null, 0], [2, 20], [2, 21]);

    [Fact]
    public void FilterAndProject() => AssertRows(
        new ProjectRows(new FilterRows(Sample, Call("int4gt", Int4(0), Literal(1))), [Call("int4pl", Int4(0), Int4(1))]), [[33], [22], [23]]);

    [Fact]
    public void SortPutsNullsWhereTheKeySays()
    {
        AssertRows(new SortRows(Sample, [Key(Int4(0)), Key(Int4(1), descending: true)], null), [[1, 10], [2, 21], [2, 20], [3, 30], [null, 0]]);
        AssertRows(new SortRows(Sample, [Key(Int4(0), descending: true)], null), [[null, 0], [3, 30], [2, 20], [2, 21], [1, 10]]);
    }

    [Fact]
    public void TopNKeepsTheFirstRows() => AssertRows(new SortRows(Sample, [Key(Int4(0))], Literal(2L)), [[1, 10], [2, 20]]);

    [Fact]
    public void LimitAndOffset()
    {
        AssertRows(new LimitRows(Sample, Literal(2L), Literal(1L), null), [[1, 10], [null, 0]]);
        AssertRows(new LimitRows(Sample, Literal(0L), null, null), []);
        AssertRows(new LimitRows(Sample, Literal(null, SqlType.Int8), Literal(4L), null), [[2, 21]]);
        SqlException error = Assert.Throws<SqlException>(() => Run(new LimitRows(Sample, Literal(-1L), null, null)));
        Assert.Equal("2201W", error.SqlState);
    }

    [Fact]
    public void LimitWithTies() => AssertRows(
        new LimitRows(new SortRows(Sample, [Key(Int4(0))], null), Literal(2L), null, [Key(Int4(0))]), [[1, 10], [2, 20], [2, 21]]);

    [Fact]
    public void SortOfRandomRowsIsSorted()
    {
        Random random = new(7);
        object?[][] rows = [.. Enumerable.Range(0, 5000).Select(i => new object?[] { random.Next(10) == 0 ? null : random.Next(100), "text" + random.Next(50), i })];
        ValuesScan values = Values([SqlType.Int4, SqlType.Text, SqlType.Int4], rows);
        object?[][] expected = [.. rows.OrderBy(r => r[1], Comparer<object?>.Create((a, b) => string.CompareOrdinal((string)b!, (string)a!)))
            .ThenBy(r => r[0] is null ? int.MinValue : (int)r[0]!).ThenBy(r => (int)r[2]!)];
        SortKey[] keys = [Key(Input(1, SqlType.Text), descending: true), Key(Int4(0), nullsFirst: true)];
        AssertRows(new SortRows(values, keys, null), expected);
        AssertRows(new SortRows(values, keys, Literal(100L)), expected.Take(100));
    }

    [Fact]
    public void CteIsReadTwice()
    {
        CteScan scan = new(0, "c", [0], [SqlType.Int4]);
        AssertRows(new WithCtes([new CtePlan(0, "c", Sample, false)], new LimitRows(scan, Literal(2L), null, null)), [[3], [1]]);
    }

    [Fact]
    public void SubplansGiveScalarsAndTestExistence()
    {
        SubplanExpression scalar = new(SubqueryKind.Scalar, IntValues([7]), [], null, [], SqlType.Int4);
        AssertRows(new ProjectRows(Sample, [scalar]), Enumerable.Repeat<object?[]>([7], 5));
        FilterRows inner = new(Sample, Call("int4eq", Int4(0), new CorrelatedExpression(0, SqlType.Int4)));
        SubplanExpression correlated = new(SubqueryKind.Exists, new FilterRows(inner, Call("int4gt", Int4(1), Literal(15))), [], null, [new CorrelationBinding(0, Int4(0))], SqlType.Bool);
        AssertRows(new FilterRows(Sample, correlated), [[3, 30], [2, 20], [2, 21]], slots: 1);
        SubplanExpression tooMany = new(SubqueryKind.Scalar, IntValues([7], [8]), [], null, [], SqlType.Int4);
        Assert.Equal("21000", Assert.Throws<SqlException>(() => Run(new ProjectRows(Sample, [tooMany]))).SqlState);
    }

    [Fact]
    public void QuantifiedSubplanIsThreeValued()
    {
        SubplanExpression any = new(SubqueryKind.Any, IntValues([1], [null]), [Int4(0)], Int4Equality, [], SqlType.Bool);
        AssertRows(new ProjectRows(Sample, [any]), [[null], [true], [null], [null], [null]]);
        SubplanExpression all = new(SubqueryKind.All, IntValues([1]), [Int4(0)], Int4Equality, [], SqlType.Bool);
        AssertRows(new ProjectRows(Sample, [all]), [[false], [true], [null], [false], [false]]);
    }
}
