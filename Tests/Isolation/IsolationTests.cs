using VecSql.Tests.Servers;

namespace VecSql.Tests.Isolation;

/// <summary>Every case of sqltests/isolation on VecSql and on real PostgreSQL: the sessions must be told the same, and wait at the same steps.</summary>
public sealed class IsolationTests(VecSqlServer server, ImpatientPostgres postgres) : IClassFixture<VecSqlServer>, IClassFixture<ImpatientPostgres>
{
    private static int _schemas;

    private static string Root => Repository.Path("sqltests/isolation");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Root, "*.iso").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Sessions_are_told_what_PostgreSQL_tells(string file)
    {
        string? only = Environment.GetEnvironmentVariable("VECSQL_ISO");
        List<string> failures = [];
        foreach (IsolationCase test in IsolationScript.Read(Path.Combine(Root, file)))
        {
            if (only is not null && !test.Name.Contains(only, StringComparison.Ordinal)) continue;
            string schema = $"iso_{Interlocked.Increment(ref _schemas)}";
            using IsolationRunner subject = new(server.Port, isPostgres: false), oracle = new(postgres.Port, isPostgres: true);
            List<string> expected = await oracle.RunAsync(test, schema), actual = await RunSafelyAsync(subject, test, schema);
            if (!expected.SequenceEqual(actual)) failures.Add($"{test.Name}\n{Compare(expected, actual)}");
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private static async Task<List<string>> RunSafelyAsync(IsolationRunner runner, IsolationCase test, string schema)
    {
        try
        {
            return await runner.RunAsync(test, schema);
        }
        catch (InvalidOperationException e)
        {
            return [.. e.Message.Split('\n')];
        }
    }

    private static string Compare(List<string> expected, List<string> actual)
    {
        List<string> lines = [];
        for (int i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            string left = i < expected.Count ? expected[i] : "(nothing)", right = i < actual.Count ? actual[i] : "(nothing)";
            lines.Add(left == right ? $"    {left}" : $"  PostgreSQL: {left}\n  VecSql:     {right}");
        }
        return string.Join('\n', lines);
    }
}

/// <summary>A PostgreSQL that looks for deadlocks soon.</summary>
public sealed class ImpatientPostgres : IAsyncLifetime
{
    private PostgresInstance? _instance;

    public int Port => _instance!.Port;

    public async ValueTask InitializeAsync() => _instance = await PostgresInstance.StartAsync("-c fsync=off -c deadlock_timeout=20ms");

    public ValueTask DisposeAsync() => _instance!.DisposeAsync();
}
