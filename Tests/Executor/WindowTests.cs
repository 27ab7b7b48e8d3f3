using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;
using static VecSql.Tests.Executor.TestPlans;

namespace VecSql.Tests.Executor;

public sealed class WindowTests
{
    private static readonly object?[][] Rows = MakeRows();
    private static readonly SqlType[] Types = [SqlType.Int4, SqlType.Int4, SqlType.Int4];
    private static readonly WindowFrame DefaultFrame = new(FrameMode.Range, new FrameBound(FrameBoundKind.UnboundedPreceding, null), new FrameBound(FrameBoundKind.CurrentRow, null), FrameExclusion.NoOthers);

    /// <summary>Partition, order key with ties and nulls, value.</summary>
    private static object?[][] MakeRows()
    {
        Random random = new(3);
        return [.. Enumerable.Range(0, 200).Select(i => new object?[] { random.Next(5), random.Next(9) == 0 ? null : random.Next(12), i })];
    }

    private static object?[][] Sorted => [.. Rows.OrderBy(r => (int)r[0]!).ThenBy(r => r[1] is null ? int.MaxValue : (int)r[1]!).ThenBy(r => (int)r[2]!)];

    private static WindowCall SumOver(WindowFrame frame)
    {
        AggregateCall sum = GroupingTests.Aggregate("sum", Int4(2));
        return new WindowCall(sum.Signature, null, sum, sum.Arguments, frame, sum.ResultType);
    }

    private static WindowCall Function(string name)
    {
        BuiltinFunction signature = Builtins.Functions.First(f => f.Name == name && f.Kind == 'w' && f.ArgumentTypes.Length == 0);
        WindowFunction function = FunctionLibrary.Default.FindWindow(signature)!.Specialize([], new SqlType(signature.ReturnType));
        return new WindowCall(signature, function, null, [], DefaultFrame, new SqlType(signature.ReturnType));
    }

    [Fact]
    public void RowNumberAndRank()
    {
        WindowAggregate plan = new(Values(Types, Rows), [Int4(0)], [Key(Int4(1))], [Function("row_number"), Function("rank")], [.. Types, SqlType.Int8, SqlType.Int8]);
        AssertRows(plan, Sorted.GroupBy(r => r[0]).SelectMany(p =>
        {
            object?[][] rows = [.. p];
            return rows.Select((r, i) => (object?[])[.. r, (long)i + 1, (long)Array.FindIndex(rows, o => Equals(o[1], r[1])) + 1]);
        }));
    }

    public static TheoryData<FrameMode, FrameBoundKind, int, FrameBoundKind, int, FrameExclusion> Frames()
    {
        TheoryData<FrameMode, FrameBoundKind, int, FrameBoundKind, int, FrameExclusion> frames = [];
        (FrameBoundKind, int)[] bounds = [(FrameBoundKind.UnboundedPreceding, 0), (FrameBoundKind.Preceding, 2), (FrameBoundKind.CurrentRow, 0), (FrameBoundKind.Following, 1), (FrameBoundKind.UnboundedFollowing, 0)];
        foreach (FrameMode mode in Enum.GetValues<FrameMode>())
            for (int start = 0; start < 4; start++)
                for (int end = Math.Max(start, 1); end < 5; end++)
                    foreach (FrameExclusion exclusion in start == 1 ? Enum.GetValues<FrameExclusion>() : [FrameExclusion.NoOthers])
                        frames.Add(mode, bounds[start].Item1, bounds[start].Item2, bounds[end].Item1, bounds[end].Item2, exclusion);
        return frames;
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void SumsOverFramesAgreeWithTheDefinition(FrameMode mode, FrameBoundKind start, int startOffset, FrameBoundKind end, int endOffset, FrameExclusion exclusion)
    {
        SqlType offsetType = mode == FrameMode.Range ? SqlType.Int4 : SqlType.Int8;
        FrameBound Bound(FrameBoundKind kind, int offset) => kind is FrameBoundKind.Preceding or FrameBoundKind.Following
            ? new FrameBound(kind, Literal(offset, offsetType), mode == FrameMode.Range ? InRange() : null) : new FrameBound(kind, null);
        WindowFrame frame = new(mode, Bound(start, startOffset), Bound(end, endOffset), exclusion);
        WindowAggregate plan = new(Values(Types, Rows), [Int4(0)], [Key(Int4(1))], [SumOver(frame)], [.. Types, SqlType.Int8]);
        AssertRows(plan, Sorted.GroupBy(r => r[0]).SelectMany(p =>
        {
            object?[][] rows = [.. p];
            return rows.Select((r, i) =>
            {
                int[] inside = [.. Enumerable.Range(0, rows.Length).Where(j => After(rows, i, j, mode, start, startOffset) && Before(rows, i, j, mode, end, endOffset) && Included(rows, i, j, exclusion))];
                return (object?[])[.. r, inside.Length == 0 ? null : inside.Sum(j => (long)(int)rows[j][2]!)];
            });
        }));
    }

    /// <summary>in_range(value, base, offset, subtract, less) of integers.</summary>
    private static RowFunction InRange() => new((in RowArguments a, ColumnBuilder result, EvalContext _) =>
    {
        int edge = a.Get<bool>(3) ? a.Get<int>(1) - a.Get<int>(2) : a.Get<int>(1) + a.Get<int>(2);
        ((ColumnBuilder<bool>)result).Append(a.Get<bool>(4) ? a.Get<int>(0) <= edge : a.Get<int>(0) >= edge);
    }, isStrict: true);

    private static int[] Groups(object?[][] rows)
    {
        int[] groups = new int[rows.Length];
        for (int i = 1; i < rows.Length; i++) groups[i] = groups[i - 1] + (Equals(rows[i][1], rows[i - 1][1]) ? 0 : 1);
        return groups;
    }

    private static bool After(object?[][] rows, int current, int row, FrameMode mode, FrameBoundKind kind, int offset)
    {
        if (kind == FrameBoundKind.UnboundedPreceding) return true;
        int signed = kind == FrameBoundKind.Preceding ? -offset : offset;
        int[] groups = Groups(rows);
        if (mode == FrameMode.Rows) return row >= current + signed;
        if (mode == FrameMode.Groups || kind == FrameBoundKind.CurrentRow) return groups[row] >= groups[current] + signed;
        if (rows[current][1] is null || rows[row][1] is null) return groups[row] >= groups[current];
        return (int)rows[row][1]! >= (int)rows[current][1]! + signed;
    }

    private static bool Before(object?[][] rows, int current, int row, FrameMode mode, FrameBoundKind kind, int offset)
    {
        if (kind == FrameBoundKind.UnboundedFollowing) return true;
        int signed = kind == FrameBoundKind.Preceding ? -offset : offset;
        int[] groups = Groups(rows);
        if (mode == FrameMode.Rows) return row <= current + signed;
        if (mode == FrameMode.Groups || kind == FrameBoundKind.CurrentRow) return groups[row] <= groups[current] + signed;
        if (rows[current][1] is null || rows[row][1] is null) return groups[row] <= groups[current];
        return (int)rows[row][1]! <= (int)rows[current][1]! + signed;
    }

    private static bool Included(object?[][] rows, int current, int row, FrameExclusion exclusion)
    {
        int[] groups = Groups(rows);
        return exclusion switch
        {
            FrameExclusion.CurrentRow => row != current,
            FrameExclusion.Group => groups[row] != groups[current],
            FrameExclusion.Ties => row == current || groups[row] != groups[current],
            _ => true,
        };
    }
}
