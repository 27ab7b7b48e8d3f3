using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;
using static VecSql.Tests.Executor.TestPlans;

namespace VecSql.Tests.Executor;

public sealed class JoinTests
{
    public static TheoryData<JoinKind, int, bool> Cases()
    {
        TheoryData<JoinKind, int, bool> cases = [];
        foreach (JoinKind kind in new[] { JoinKind.Inner, JoinKind.Left, JoinKind.Right, JoinKind.Full, JoinKind.Semi, JoinKind.Anti })
            for (int seed = 0; seed < 4; seed++)
            {
                cases.Add(kind, seed, false);
                cases.Add(kind, seed, true);
            }
        return cases;
    }

    /// <summary>Columns: key int4 (nulls, repeats), key text, number. Seeds 0 and 1 have few repeats on the right, so that the single-match path is taken too.</summary>
    private static object?[][] Rows(Random random, int count, int keys) => [.. Enumerable.Range(0, count).Select(i => new object?[]
    {
        random.Next(8) == 0 ? null : random.Next(keys), random.Next(10) == 0 ? null : "k" + random.Next(3), i,
    })];

    private static readonly SqlType[] Types = [SqlType.Int4, SqlType.Text, SqlType.Int4];

    [Theory]
    [MemberData(nameof(Cases))]
    public void HashAndNestedLoopJoinsAgreeWithTheDefinition(JoinKind kind, int seed, bool hasResidual)
    {
        Random random = new(seed);
        object?[][] left = Rows(random, 60, 20), right = seed < 2 ? [.. Enumerable.Range(0, 15).Select(i => new object?[] { i == 7 ? null : i, "k1", i * 5 })] : Rows(random, 50, 20);
        bool textKey = seed == 3;
        BoundExpression? residual = hasResidual ? Call("int4lt", Int4(2), Int4(5)) : null;
        bool Matches(object?[] l, object?[] r) => l[0] is not null && r[0] is not null && l[0]!.Equals(r[0]) && (!textKey || (l[1] is not null && l[1]!.Equals(r[1])))
            && (!hasResidual || (int)l[2]! < (int)r[2]!);
        object?[][] expected = Join(kind, left, right, Matches);
        BoundExpression[] keys = textKey ? [Int4(0), Input(1, SqlType.Text)] : [Int4(0)];
        SqlType[] output = kind is JoinKind.Semi or JoinKind.Anti ? Types : [.. Types, .. Types];
        AssertRows(new HashJoin(kind, Values(Types, left), Values(Types, right), keys, keys, residual, false, output), expected, ordered: false);

        List<BoundExpression> conditions = [Call("int4eq", Int4(0), Int4(3))];
        if (textKey) conditions.Add(Call("texteq", Input(1, SqlType.Text), Input(4, SqlType.Text)));
        if (residual is not null) conditions.Add(residual);
        BoundExpression condition = conditions.Count == 1 ? conditions[0] : new AndExpression(conditions);
        AssertRows(new NestedLoopJoin(kind, Values(Types, left), Values(Types, right), condition, output), expected, ordered: false);
    }

    [Theory]
    [InlineData(JoinKind.Inner)]
    [InlineData(JoinKind.Left)]
    [InlineData(JoinKind.Semi)]
    [InlineData(JoinKind.Anti)]
    public void ApplyRunsTheRightSideForEachRow(JoinKind kind)
    {
        Random random = new(11);
        object?[][] left = Rows(random, 40, 12), right = Rows(random, 30, 12);
        FilterRows inner = new(Values(Types, right), Call("int4eq", Int4(0), new CorrelatedExpression(0, SqlType.Int4)));
        SqlType[] output = kind is JoinKind.Semi or JoinKind.Anti ? Types : [.. Types, .. Types];
        ApplyJoin plan = new(kind, Values(Types, left), inner, [new CorrelationBinding(0, Int4(0))], Call("int4lt", Int4(2), Int4(5)), output);
        AssertRows(plan, Join(kind, left, right, (l, r) => l[0] is not null && l[0]!.Equals(r[0]) && (int)l[2]! < (int)r[2]!), slots: 1);
    }

    [Fact]
    public void NotInFollowsNulls()
    {
        ValuesScan left = IntValues([1], [2], [null]);
        HashJoin Plan(ValuesScan right) => new(JoinKind.Anti, left, right, [Int4(0)], [Int4(0)], null, true, [SqlType.Int4]);
        AssertRows(Plan(IntValues([1])), [[2]]);
        AssertRows(Plan(IntValues([1], [null])), []);
        AssertRows(Plan(Values([SqlType.Int4], [])), [[1], [2], [null]]);
    }

    [Fact]
    public void CrossJoinGivesEveryPair() =>
        AssertRows(new NestedLoopJoin(JoinKind.Cross, IntValues([1], [2]), IntValues([10], [20], [30]), null, [SqlType.Int4, SqlType.Int4]),
            [[1, 10], [1, 20], [1, 30], [2, 10], [2, 20], [2, 30]], ordered: false);

    [Fact]
    public void KeysOfDifferentWidthsMeet() => AssertRows(
        new HashJoin(JoinKind.Inner, IntValues([1], [2]), Values([SqlType.Int8], [[2L], [3L]]), [Int4(0)], [Input(0, SqlType.Int8)], null, false, [SqlType.Int4, SqlType.Int8]), [[2, 2L]]);

    private static object?[][] Join(JoinKind kind, object?[][] left, object?[][] right, Func<object?[], object?[], bool> matches)
    {
        List<object?[]> rows = [];
        object?[] nulls = [null, null, null];
        foreach (object?[] l in left)
        {
            object?[][] partners = [.. right.Where(r => matches(l, r))];
            if (kind == JoinKind.Semi ? partners.Length > 0 : kind == JoinKind.Anti && partners.Length == 0) rows.Add(l);
            if (kind is JoinKind.Semi or JoinKind.Anti) continue;
            rows.AddRange(partners.Select(r => (object?[])[.. l, .. r]));
            if (partners.Length == 0 && kind is JoinKind.Left or JoinKind.Full && partners.Length == 0) rows.Add([.. l, .. nulls]);
        }
        if (kind is JoinKind.Right or JoinKind.Full) rows.AddRange(right.Where(r => !left.Any(l => matches(l, r))).Select(r => (object?[])[.. nulls, .. r]));
        return [.. rows];
    }
}
