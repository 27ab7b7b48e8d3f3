using VecSql.Core.Statistics;
using VecSql.Planner.Physical;

namespace VecSql.Tests.Planner;

/// <summary>How many rows the planner expects, from statistics that are given here.</summary>
public class EstimateTests
{
    private static PlannerDatabase MakeDatabase()
    {
        PlannerDatabase database = new("""
            CREATE TABLE t (id int PRIMARY KEY, c char(10), n numeric(10,2), day date, big bigint, name text);
            CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
            CREATE TABLE refs (a int, b int, x int);
            """)
        { Rows = { ["t"] = 10_000, ["pairs"] = 10_000, ["refs"] = 50_000 } };
        database.Columns[("t", "c")] = new ColumnStatistics { DistinctCount = 3, MostCommonValues = ["red       ", "blue      "], MostCommonFrequencies = [0.5, 0.25] };
        database.Columns[("t", "n")] = new ColumnStatistics { DistinctCount = 4, MostCommonValues = ["1.00", "2.00", "3.00", "4.00"], MostCommonFrequencies = [0.1, 0.2, 0.3, 0.4] };
        database.Columns[("t", "day")] = new ColumnStatistics { DistinctCount = 100, HistogramBounds = [.. Enumerable.Range(1, 11).Select(m => $"2000-{m:D2}-01")] };
        database.Columns[("t", "big")] = new ColumnStatistics { DistinctCount = 1000, HistogramBounds = [.. Enumerable.Range(0, 11).Select(i => $"{i * 100}")] };
        database.Columns[("t", "name")] = new ColumnStatistics { DistinctCount = -1, HistogramBounds = [.. Enumerable.Range(0, 20).Select(i => i % 4 == 0 ? $"green {i}" : $"other {i}").Order(StringComparer.Ordinal)] };
        foreach (string column in (string[])["a", "b"])
            database.Columns[("pairs", column)] = database.Columns[("refs", column)] = new ColumnStatistics { DistinctCount = 100 };
        return database;
    }

    private static readonly PlannerDatabase Database = MakeDatabase();

    private static double RowsOf(string sql) => Database.Plan(sql).Root.Estimate.Rows;

    [Theory]
    [InlineData("c = 'red'", 5000)]
    [InlineData("c = 'green'", 2500)]
    [InlineData("n = 3", 3000)]
    [InlineData("n < 3", 3000)]
    [InlineData("n <= 3", 6000)]
    [InlineData("n > 3.5", 4000)]
    [InlineData("n BETWEEN 2 AND 3", 5000)]
    [InlineData("c IN ('red', 'blue')", 7500)]
    [InlineData("big < 550", 5500)]
    [InlineData("big > 550::smallint", 4500)]
    [InlineData("day >= date '2000-03-01' AND day < date '2000-03-01' + interval '3 months'", 3000)]
    [InlineData("name LIKE 'green%'", 2500)]
    [InlineData("name NOT LIKE '%green%'", 7500)]
    [InlineData("day > date '2000-09-15' AND day < date '2000-02-15'", 50)]
    public void Conditions(string condition, double expected) => Assert.InRange(RowsOf($"SELECT id FROM t WHERE {condition}"), expected * 0.8, expected * 1.2);

    [Fact]
    public void A_reference_to_a_key_of_two_columns_finds_its_row() =>
        Assert.Equal(50_000, RowsOf("SELECT x FROM refs r JOIN pairs p ON r.a = p.a AND r.b = p.b"), 100.0);

    [Fact]
    public void Statistics_of_another_type_are_not_used()
    {
        PlannerDatabase database = new("CREATE TABLE t (a int)") { Rows = { ["t"] = 9000 } };
        database.Columns[("t", "a")] = new ColumnStatistics { DistinctCount = 10, HistogramBounds = ["x", "y", "z"] };
        Assert.Equal(3000, database.Plan("SELECT a FROM t WHERE a < 5").Root.Estimate.Rows);
    }

    [Fact]
    public void A_far_smaller_left_side_is_read_first()
    {
        HashJoin join = Assert.IsType<HashJoin>(Database.Plan("SELECT c FROM t WHERE big < 100 AND NOT EXISTS (SELECT FROM refs WHERE refs.x = t.big)").Root is ProjectRows p ? p.Input : null);
        Assert.True(join.ReadsLeftFirst);
    }
}
