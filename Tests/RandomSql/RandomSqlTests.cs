using VecSql.Tests.Servers;

namespace VecSql.Tests.RandomSql;

/// <summary>
/// Random statements on VecSql and on PostgreSQL, which must agree. Without more, a few fixed seeds; VECSQL_RANDOM_SQL_SEEDS=from..to runs those,
/// and VECSQL_RANDOM_SQL_STATEMENTS as many statements of each.
/// </summary>
public sealed class RandomSqlTests(VecSqlServer server, TinyBatchServer tiny, SpillingServer spilling, PostgresServer postgres)
    : IClassFixture<VecSqlServer>, IClassFixture<TinyBatchServer>, IClassFixture<SpillingServer>, IClassFixture<PostgresServer>
{
    private static readonly int StatementsForSeed = int.TryParse(Environment.GetEnvironmentVariable("VECSQL_RANDOM_SQL_STATEMENTS"), out int count) ? count : 40;

    [Fact]
    public Task Agrees_with_PostgreSQL() => AgreesAsync(postgres.Port, server, 1, 4);

    [Fact]
    public Task Agrees_with_batches_of_one_row() => AgreesAsync(postgres.Port, tiny, 5, 6);

    [Fact]
    public Task Agrees_when_spilling() => AgreesAsync(postgres.Port, spilling, 7, 8);

    [Fact]
    public Task Agrees_with_itself_under_other_settings() => AgreesAsync(server.Port, server, 9, 10);

    private static async Task AgreesAsync(int expected, VecSqlServer subject, int from, int to)
    {
        bool isAsked = false;
        if (Environment.GetEnvironmentVariable("VECSQL_RANDOM_SQL_SEEDS")?.Split("..") is [var first, var last])
        {
            (from, to, isAsked) = (int.Parse(first), int.Parse(last), true);
        }
        Tally tally = new();
        SeedRun run = new(expected, subject.Port, shrink: true);
        for (int seed = from; seed <= to; seed++) await run.RunAsync(seed, StatementsForSeed, tally);
        if (isAsked) TestContext.Current.TestOutputHelper?.WriteLine($"{tally.Statements} statements, {tally.Refused} refused by PostgreSQL, {tally.OneSidedErrors} errors on one side, {tally.Differences.Count} differences");
        Assert.True(tally.Differences.Count == 0, string.Join("\n\n", tally.Differences));
        Assert.True(tally.Refused * 10 < tally.Statements, $"PostgreSQL refused {tally.Refused} of {tally.Statements} statements: {string.Join('\n', tally.Notes.Take(10))}");
    }
}
