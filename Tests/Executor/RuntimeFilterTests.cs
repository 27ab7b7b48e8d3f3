using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor;
using VecSql.Executor.Expressions;
using VecSql.Executor.Operators;
using VecSql.Executor.Rows;

namespace VecSql.Tests.Executor;

/// <summary>What a join's keys let through: never too little, and just them where they lie close together.</summary>
public class RuntimeFilterTests
{
    private static readonly ExecutionState State = new(null, TestPlans.Context(), new ExecutionOptions(), 0);

    private static Column<long> Column(params long?[] values)
    {
        ColumnBuilder<long> builder = new(Math.Max(1, values.Length));
        foreach (long? value in values)
        {
            if (value is { } known) builder.Append(known);
            else builder.AppendNull();
        }
        return (Column<long>)builder.Build();
    }

    private static RuntimeFilter FilterOf(params long?[] keys)
    {
        KeyTable table = KeyTable.Create(State, [SqlType.Int8]);
        for (int start = 0; start < keys.Length; start += ColumnBatch.MaxRows)
        {
            long?[] part = [.. keys.Skip(start).Take(ColumnBatch.MaxRows)];
            table.FindOrAdd([Column(part)], Selection.All(part.Length), new int[part.Length]);
        }
        RuntimeFilter filter = new(PhysicalKind.Int64);
        filter.Publish(table, 0);
        return filter;
    }

    private static List<int> Passed(RuntimeFilter filter, params long?[] probe)
    {
        Selection passed = filter.Apply(Column(probe), Selection.All(probe.Length), new SelectionBuffer());
        return [.. Enumerable.Range(0, passed.Count).Select(i => passed[i])];
    }

    [Fact]
    public void Keys_that_lie_close_pass_alone()
    {
        RuntimeFilter filter = FilterOf(-5, 3, 3, 700);
        Assert.True(filter.IsActive);
        Assert.Equal([1, 3, 5], Passed(filter, -6, -5, null, 3, 4, 700, 701, long.MinValue, long.MaxValue));
    }

    [Fact]
    public void Nothing_passes_without_keys()
    {
        RuntimeFilter filter = FilterOf();
        Assert.True(filter.IsActive);
        Assert.Null(filter.Extremes());
        Assert.Empty(Passed(filter, 0, 1, null, long.MinValue, long.MaxValue));
    }

    [Fact]
    public void Keys_at_both_ends_of_the_range_pass()
    {
        RuntimeFilter filter = FilterOf(long.MinValue, 0, long.MaxValue);
        List<int> passed = Passed(filter, long.MinValue, 0, null, long.MaxValue);
        Assert.All([0, 1, 3], row => Assert.Contains(row, passed));
        Column<long> extremes = (Column<long>)filter.Extremes()!;
        Assert.Equal((long.MinValue, long.MaxValue), (extremes[0], extremes[1]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(100_000_007)]
    public void Keys_always_pass_and_most_others_do_not(long spread)
    {
        Random random = new(7);
        long?[] keys = [.. Enumerable.Range(0, 20_000).Select(_ => (long?)(random.Next(1_000_000) * spread))];
        HashSet<long> known = [.. keys.Select(k => k!.Value)];
        RuntimeFilter filter = FilterOf(keys);
        long?[] probe = [.. Enumerable.Range(0, ColumnBatch.MaxRows).Select(i => i % 2 == 0 ? keys[random.Next(keys.Length)] : (long?)(random.Next(1_000_000) * spread + 1))];
        HashSet<int> passed = [.. Passed(filter, probe)];
        int wrong = 0;
        for (int i = 0; i < probe.Length; i++)
        {
            if (known.Contains(probe[i]!.Value)) Assert.Contains(i, passed);
            else if (passed.Contains(i)) wrong++;
        }
        Assert.InRange(wrong, 0, probe.Length / 10);
    }

    [Fact]
    public void A_filter_published_again_forgets_its_old_keys()
    {
        KeyTable table = KeyTable.Create(State, [SqlType.Int8]);
        RuntimeFilter filter = new(PhysicalKind.Int64);
        table.FindOrAdd([Column(1, 2, 3)], Selection.All(3), new int[3]);
        filter.Publish(table, 0);
        table.Clear();
        table.FindOrAdd([Column(2)], Selection.All(1), new int[1]);
        filter.Publish(table, 0);
        Assert.Equal([1], Passed(filter, 1, 2, 3));
    }

    [Fact]
    public void One_of_two_keys_is_enough()
    {
        KeyTable table = KeyTable.Create(State, [SqlType.Text, SqlType.Int8]);
        BytesColumnBuilder text = new(2);
        text.Append("a"u8);
        text.Append("b"u8);
        table.FindOrAdd([text.Build(), Column(10, 20)], Selection.All(2), new int[2]);
        RuntimeFilter filter = new(PhysicalKind.Int64);
        filter.Publish(table, 1);
        Assert.Equal([0, 2], Passed(filter, 10, 15, 20));
    }

    [Fact]
    public void A_scan_gives_up_a_filter_that_lets_all_pass()
    {
        RuntimeFilter filter = FilterOf([.. Enumerable.Range(0, ColumnBatch.MaxRows).Select(i => (long?)i)]);
        ScanFilter scan = new(filter, 0);
        scan.Open();
        Column<long> all = Column([.. Enumerable.Range(0, ColumnBatch.MaxRows).Select(i => (long?)i)]), none = Column(-1);
        for (int i = 0; i < 8; i++) Assert.Equal(ColumnBatch.MaxRows, scan.Apply([all], Selection.All(ColumnBatch.MaxRows)).Count);
        Assert.Equal(1, scan.Apply([none], Selection.All(1)).Count);
        scan.Open();
        Assert.Equal(0, scan.Apply([none], Selection.All(1)).Count);
    }
}
