using VecSql.Tests.Servers;
using VecSql.Tests.SqlTests;

namespace VecSql.Tests.Catalog;

/// <summary>Every statement that real clients were seen to send is answered without an error, in the order in which they sent it.</summary>
public sealed class ClientReplayTests(VecSqlServer server) : IClassFixture<VecSqlServer>
{
    /// <summary>Statements that aren't replayed, by how they begin, and why.</summary>
    private static readonly Dictionary<string, string> LeftOut = new()
    {
        ["COPY "] = "its data isn't in the log",
        ["CREATE DATABASE"] = "databases outlive the test's own",
    };

    public static TheoryData<string> Clients => [.. ClientLog.Names];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Statements_of_a_real_client_are_answered(string client)
    {
        await using (SqlClient admin = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false))
            Assert.Null((await admin.RunAsync($"CREATE DATABASE \"{client}\"")).Message);
        await using SqlClient session = await SqlClient.ConnectAsync(server.Port, client, extended: false);
        Assert.Null((await session.RunAsync(await File.ReadAllTextAsync(Path.Combine(ClientLog.Folder, "fixture.sql")))).Message);
        List<string> failures = [];
        foreach (string statement in ClientLog.Read(client))
        {
            if (LeftOut.Keys.Any(k => statement.TrimStart().StartsWith(k, StringComparison.OrdinalIgnoreCase))) continue;
            SqlAnswer answer = await session.RunAsync(statement);
            if (answer.SqlState is not null) failures.Add($"{answer.SqlState} {answer.Message}\n{statement}");
        }
        Assert.True(failures.Count == 0, $"{failures.Count} failed:\n{string.Join("\n\n", failures)}");
    }
}
