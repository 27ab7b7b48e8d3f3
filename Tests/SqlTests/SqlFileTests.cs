using VecSql.Tests.Servers;

namespace VecSql.Tests.SqlTests;

/// <summary>Every file of sqltests/ on VecSql by both protocols and in hard modes, and on real PostgreSQL.</summary>
public sealed class SqlFileTests(VecSqlServer server, TinyBatchServer tiny, SpillingServer spilling, PostgresServer postgres)
    : IClassFixture<VecSqlServer>, IClassFixture<TinyBatchServer>, IClassFixture<SpillingServer>, IClassFixture<PostgresServer>
{
    private static int _databases;

    public static TheoryData<string> Files
    {
        get
        {
            TheoryData<string> files = [];
            string? only = Environment.GetEnvironmentVariable("VECSQL_SLT");
            foreach (string path in Directory.EnumerateFiles(Root, "*.slt", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                if (only is null || path.EndsWith(only, StringComparison.Ordinal)) files.Add(Path.GetRelativePath(Root, path));
            return files;
        }
    }

    private static string Root => Repository.Path("sqltests");

    [Theory]
    [MemberData(nameof(Files))]
    public Task Simple_protocol(string file) => OnVecSqlAsync(server, file, extended: false);

    [Theory]
    [MemberData(nameof(Files))]
    public Task Extended_protocol(string file) => OnVecSqlAsync(server, file, extended: true);

    [Theory]
    [MemberData(nameof(Files))]
    public Task Batches_of_one_row(string file) => OnVecSqlAsync(tiny, file, extended: false);

    [Theory]
    [MemberData(nameof(Files))]
    public Task Forced_spill(string file) => OnVecSqlAsync(spilling, file, extended: false);

    [Theory]
    [MemberData(nameof(Files))]
    public Task PostgreSQL_agrees(string file) => RunAsync("postgres", () => postgres.Port, file, extended: false, null);

    // A restart gives the server a new port, so the port is asked for each time.
    private static Task OnVecSqlAsync(VecSqlServer subject, string file, bool extended) => RunAsync("vecsql", () => subject.Port, file, extended, subject.RestartAsync);

    private static async Task RunAsync(string engine, Func<int> port, string file, bool extended, Func<Task>? restart)
    {
        string database = $"slt_{Interlocked.Increment(ref _databases)}";
        await using (SqlClient admin = await SqlClient.ConnectAsync(port(), "postgres", extended: false))
        {
            SqlAnswer created = await admin.RunAsync($"CREATE DATABASE {database}");
            Assert.Null(created.Message);
        }
        SltRunner runner = new(engine, () => SqlClient.ConnectAsync(port(), database, extended), restart);
        List<string> failures = await runner.RunAsync(Path.Combine(Root, file));
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }
}
