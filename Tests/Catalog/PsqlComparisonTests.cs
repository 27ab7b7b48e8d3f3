using System.Diagnostics;
using System.Text.RegularExpressions;
using VecSql.Tests.Servers;

namespace VecSql.Tests.Catalog;

/// <summary>Both servers with the same objects.</summary>
public sealed class ComparedServers : IAsyncLifetime
{
    public PostgresServer Postgres { get; } = new();
    public VecSqlServer VecSql { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await Postgres.InitializeAsync();
        await VecSql.InitializeAsync();
        string fixture = Path.Combine(ClientLog.Folder, "fixture.sql");
        foreach (int port in (int[])[Postgres.Port, VecSql.Port])
        {
            (_, string error) = await Psql.RunAsync(port, "-v", "ON_ERROR_STOP=1", "-q", "-f", fixture);
            Assert.Equal("", error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await VecSql.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}

/// <summary>Runs the real psql.</summary>
internal static class Psql
{
    public static async Task<(string Output, string Error)> RunAsync(int port, params string[] arguments)
    {
        ProcessStartInfo start = new("psql") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in (string[])["-X", "-h", "127.0.0.1", "-p", port.ToString(), "-U", "postgres", "-d", "postgres", .. arguments]) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (output, await error);
    }
}

/// <summary>psql's descriptions of the same objects read the same from PostgreSQL and from VecSql.</summary>
public sealed partial class PsqlComparisonTests(ComparedServers servers) : IClassFixture<ComparedServers>
{
    [Theory]
    [InlineData(@"\d")]
    [InlineData(@"\d app.*")]
    [InlineData(@"\d app.cust")]
    [InlineData(@"\d app.ord")]
    [InlineData(@"\d t")]
    [InlineData(@"\d+ t")]
    [InlineData(@"\d app.v")]
    [InlineData(@"\d app.cust_id_seq")]
    [InlineData(@"\d app.ord_d_idx")]
    [InlineData(@"\dt")]
    [InlineData(@"\dt app.*")]
    [InlineData(@"\di app.*")]
    [InlineData(@"\ds app.*")]
    [InlineData(@"\dv app.*")]
    [InlineData(@"\df app.*")]
    [InlineData(@"\dT app.*")]
    [InlineData(@"\dT+ app.*")]
    [InlineData(@"\dn app")]
    [InlineData(@"\dp app.*")]
    [InlineData(@"\dd app.*")]
    [InlineData(@"\dC app.*")]
    [InlineData(@"\du")]
    [InlineData(@"\dy")]
    [InlineData(@"\dRp")]
    [InlineData(@"\sf app.f")]
    public async Task Reads_the_same(string command)
    {
        (string expected, string expectedError) = await Psql.RunAsync(servers.Postgres.Port, "-c", command);
        (string actual, string error) = await Psql.RunAsync(servers.VecSql.Port, "-c", command);
        Assert.Equal(expectedError, error);
        Assert.Equal(Normalize(expected), Normalize(actual));
    }

    [Theory]
    [InlineData(@"\l")]
    [InlineData(@"\dx")]
    [InlineData(@"\dt+")]
    [InlineData(@"\di+ app.*")]
    [InlineData(@"\df")]
    [InlineData(@"\dn+")]
    [InlineData(@"\da")]
    [InlineData(@"\dT")]
    [InlineData(@"\dconfig")]
    [InlineData(@"\db")]
    [InlineData(@"\dA")]
    [InlineData(@"\dD")]
    [InlineData(@"\do")]
    [InlineData(@"\d+ app.cust")]
    [InlineData(@"\d+ app.v")]
    public async Task Is_answered_under_the_same_headings(string command)
    {
        (string expected, _) = await Psql.RunAsync(servers.Postgres.Port, "-c", command);
        (string actual, string error) = await Psql.RunAsync(servers.VecSql.Port, "-c", command);
        Assert.Equal("", error);
        Assert.Equal(Headings(expected), Headings(actual));
    }

    /// <summary>Widths of columns follow from content; numbers of objects differ.</summary>
    private static string Normalize(string output) => Blanks().Replace(Rules().Replace(Identifiers().Replace(output, "#"), "-"), " ").Replace(" \n", "\n", StringComparison.Ordinal).Trim();

    private static string Headings(string output) => Blanks().Replace(output.Split('\n').First(l => l.Contains('|', StringComparison.Ordinal)), " ").Trim();

    [GeneratedRegex(@"\b1[0-9]{4,}\b|\b2[0-9]{4,}\b")]
    private static partial Regex Identifiers();

    [GeneratedRegex(@"-{2,}")]
    private static partial Regex Rules();

    [GeneratedRegex(@"[ ]+")]
    private static partial Regex Blanks();
}
