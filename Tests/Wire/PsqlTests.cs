using System.Diagnostics;

namespace VecSql.Tests.Wire;

/// <summary>psql against the wire.</summary>
public sealed class PsqlTests
{
    [Fact]
    public async Task Rows_arrive_as_text()
    {
        await using WireServer server = await WireServer.StartAsync();
        (int exit, string output, string error) = await RunAsync(server, ["-c", "mixed 3"]);
        Assert.Equal("", error);
        Assert.Equal(0, exit);
        Assert.Equal("1|0|ä€😀\n2|-10000000000|ä€😀\n3||ä€😀\n", output);
    }

    [Fact]
    public async Task Copy_in_both_directions_and_errors_with_their_place()
    {
        await using WireServer server = await WireServer.StartAsync();
        // psql sends the line "\." as well.
        Assert.Equal((0, "COPY 9\n", ""), await RunAsync(server, ["-f", "-"], input: "copyin;\na\nbcd\n\\.\n"));
        Assert.Equal((0, "line 0\nline 1\n", ""), await RunAsync(server, ["-c", "copyout 2"]));
        (int exit, _, string error) = await RunAsync(server, ["-c", "error 42703 at 12 no such column"]);
        Assert.Equal(1, exit);
        Assert.StartsWith("ERROR:  no such column\nLINE 1: error 42703 at 12 no such column\n                    ^", error);
    }

    internal static async Task<(int Exit, string Output, string Error)> RunAsync(WireServer server, string[] arguments, string user = "alice", string password = "", string sslMode = "prefer",
        string? input = null)
    {
        ProcessStartInfo start = new("psql") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in (string[])["-X", "-A", "-t", "-h", "127.0.0.1", "-p", server.Port.ToString(), "-U", user, "-d", "db", .. arguments]) start.ArgumentList.Add(argument);
        start.Environment["PGPASSWORD"] = password;
        start.Environment["PGSSLMODE"] = sslMode;
        start.Environment["PGCLIENTENCODING"] = "UTF8";
        using Process process = Process.Start(start)!;
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }
}
