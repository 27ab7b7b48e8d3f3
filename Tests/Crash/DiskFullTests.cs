using System.Diagnostics;
using System.Globalization;
using VecSql.Tests.SqlTests;

namespace VecSql.Tests.Crash;

/// <summary>A server on a small file system (tmpfs) that fills up: commits fail with 53100, reads go on, and when there is room again so do writes.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task A_full_disk_fails_commits_and_nothing_else()
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-full-").FullName;
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder), "this machine lets nobody mount a tmpfs");
        try
        {
            string data = Path.Combine(folder, "data"), ballast = Path.Combine(folder, "ballast");
            using (ServerProcess server = await ServerProcess.StartAsync(data))
            {
                await using SqlClient client = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false);
                await OkAsync(client, "CREATE TABLE t (id serial PRIMARY KEY, filler text)");
                long acknowledged = 0;
                SqlAnswer? refused = null;
                for (int i = 0; i < 400 && refused is null; i++)
                {
                    SqlAnswer answer = await client.RunAsync("INSERT INTO t (filler) SELECT repeat('x', 1000) FROM generate_series(1, 200)");
                    if (answer.SqlState is null) acknowledged += 200;
                    else refused = answer;
                }
                Assert.Equal("53100", refused?.SqlState);
                // Reads, and transactions that write nothing, go on; the refused rows are not there.
                Assert.Equal(acknowledged.ToString(CultureInfo.InvariantCulture), await OneAsync(client, "SELECT count(*) FROM t"));
                await FillAsync(ballast);
                Assert.Equal("53100", (await client.RunAsync("INSERT INTO t (filler) SELECT repeat('y', 1000) FROM generate_series(1, 3000)")).SqlState);
                Assert.Equal(acknowledged.ToString(CultureInfo.InvariantCulture), await OneAsync(client, "SELECT count(*) FROM t WHERE filler LIKE 'x%'"));
                await using (SqlClient other = await SqlClient.ConnectAsync(server.Port, "postgres", extended: true))
                    Assert.Equal(acknowledged.ToString(CultureInfo.InvariantCulture), await OneAsync(other, "SELECT count(*) FROM t"));
                File.Delete(ballast);
                Assert.True(await RunAsync("mount", "-o", "remount,size=96m", folder));
                await OkAsync(client, "INSERT INTO t (filler) VALUES ('z')");
                await OkAsync(client, "CHECKPOINT");
                Assert.Equal((acknowledged + 1).ToString(CultureInfo.InvariantCulture), await OneAsync(client, "SELECT count(*) FROM t"));
                await server.KillAsync();
                using ServerProcess again = await ServerProcess.StartAsync(data);
                await using SqlClient after = await SqlClient.ConnectAsync(again.Port, "postgres", extended: false);
                Assert.Equal((acknowledged + 1).ToString(CultureInfo.InvariantCulture), await OneAsync(after, "SELECT count(*) FROM t"));
            }
        }
        finally
        {
            await RunAsync("umount", "-l", folder);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Takes the last free bytes.</summary>
    private static async Task FillAsync(string path)
    {
        try
        {
            await using FileStream file = File.Create(path, 1);
            byte[] block = new byte[4096];
            while (true) file.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static async Task OkAsync(SqlClient client, string sql)
    {
        SqlAnswer answer = await client.RunAsync(sql);
        Assert.True(answer.Message is null, $"{sql}: {answer.SqlState} {answer.Message}");
    }

    private static async Task<string?> OneAsync(SqlClient client, string sql)
    {
        SqlAnswer answer = await client.RunAsync(sql);
        Assert.True(answer.Message is null, $"{sql}: {answer.SqlState} {answer.Message}");
        return answer.Rows[0][0];
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
