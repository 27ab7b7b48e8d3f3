using VecSql.Core.Errors;
using VecSql.Wire;

namespace VecSql.Tests.Wire;

/// <summary>Tests that measure the process's memory: nothing else runs beside them.</summary>
[CollectionDefinition(nameof(MeasuresMemory), DisableParallelization = true)]
public sealed class MeasuresMemory;

/// <summary>How connections end, are cancelled, wait for slow clients, and what they cost.</summary>
[Collection(nameof(MeasuresMemory))]
public sealed class ConnectionLifeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(0x0003_0000, 4)]
    [InlineData(0x0003_0002, 32)]
    public async Task Only_the_right_secret_cancels(int version, int secretBytes)
    {
        await using WireServer server = await WireServer.StartAsync();
        using FrameClient client = await FrameClient.StartAsync(server.Port, version: version);
        Assert.Equal(secretBytes, client.Secret.Length);
        await client.SendAsync(FrameClient.Query("sleep"));
        Assert.True(await server.Factory.Sleeping.WaitAsync(Limit));
        byte[] wrong = [.. client.Secret];
        wrong[^1] ^= 1;
        await CancelAsync(server, client.ProcessId, wrong);
        await CancelAsync(server, client.ProcessId, client.Secret[..^1]);
        await CancelAsync(server, client.ProcessId, []);
        await CancelAsync(server, client.ProcessId + 1, client.Secret);
        Assert.Equal(0, server.Factory.Stopped.CurrentCount);
        await CancelAsync(server, client.ProcessId, client.Secret);
        Assert.Equal(["E ERROR 57014 canceling statement due to user request", "Z I"], await client.ReceiveUntilReadyAsync());
    }

    private static async Task CancelAsync(WireServer server, int processId, byte[] secret)
    {
        using FrameClient canceler = await FrameClient.ConnectAsync(server.Port);
        byte[] body = [.. FrameClient.Int32(1234 << 16 | 5678), .. FrameClient.Int32(processId), .. secret];
        await canceler.SendAsync((byte[])[.. FrameClient.Int32(body.Length + 4), .. body]);
        Assert.Equal("close", await canceler.ReceiveAsync());
    }

    [Fact]
    public async Task A_client_that_hangs_up_stops_its_statement()
    {
        await using WireServer server = await WireServer.StartAsync(new WireOptions { DisconnectGrace = TimeSpan.FromMilliseconds(20) });
        FrameClient client = await FrameClient.StartAsync(server.Port);
        await client.SendAsync(FrameClient.Query("sleep"));
        Assert.True(await server.Factory.Sleeping.WaitAsync(Limit));
        client.Close();
        Assert.True(await server.Factory.Stopped.WaitAsync(Limit));
        await NoSessionsAsync(server);
    }

    [Fact]
    public async Task What_a_client_sent_before_it_closed_is_carried_out()
    {
        await using WireServer server = await WireServer.StartAsync(new WireOptions { DisconnectGrace = TimeSpan.FromSeconds(20) });
        using FrameClient client = await FrameClient.ConnectAsync(server.Port);
        await client.SendAsync((byte[])[.. FrameClient.Startup(0x30000, "user", "alice"), .. FrameClient.Query("show a"), .. FrameClient.Query("error 22012 x"), .. FrameClient.Query("show b")]);
        client.EndSending();
        await client.ReceiveUntilReadyAsync();
        Assert.Equal("D a", (await client.ReceiveUntilReadyAsync())[1]);
        Assert.Equal("E ERROR 22012 x", (await client.ReceiveUntilReadyAsync())[0]);
        Assert.Equal("D b", (await client.ReceiveUntilReadyAsync())[1]);
        Assert.Equal("close", await client.ReceiveAsync());
        await NoSessionsAsync(server);
    }

    [Fact]
    public async Task A_client_that_hangs_up_in_copy_ends_its_session()
    {
        await using WireServer server = await WireServer.StartAsync(new WireOptions { DisconnectGrace = TimeSpan.FromMilliseconds(20) });
        FrameClient client = await FrameClient.StartAsync(server.Port);
        await client.SendAsync(FrameClient.Query("copyin"));
        Assert.StartsWith("G", await client.ReceiveAsync());
        client.Close();
        await NoSessionsAsync(server);
    }

    [Fact]
    public async Task A_client_that_hangs_up_while_rows_wait_for_it_ends_its_session()
    {
        await using WireServer server = await WireServer.StartAsync(new WireOptions { DisconnectGrace = TimeSpan.FromMilliseconds(20) });
        FrameClient client = await FrameClient.StartAsync(server.Port);
        await client.SendAsync(FrameClient.Query("wide 2000000 1000"));
        Assert.StartsWith("T", await client.ReceiveAsync());
        client.Close();
        await NoSessionsAsync(server);
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_back_its_statement_and_no_memory()
    {
        await using WireServer server = await WireServer.StartAsync();
        using FrameClient slow = await FrameClient.StartAsync(server.Port);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await slow.SendAsync(FrameClient.Query("wide 500000 1000"));
        Assert.StartsWith("T", await slow.ReceiveAsync());
        using FrameClient other = await FrameClient.StartAsync(server.Port);
        for (int i = 0; i < 50; i++)
        {
            await other.SendAsync(FrameClient.Query("show x"));
            Assert.Equal("Z I", (await other.ReceiveUntilReadyAsync())[^1]);
        }
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 << 20);
        int rows = 0;
        while ((await slow.ReceiveRawAsync()).Type == 'D') rows++;
        Assert.Equal(500_000, rows);
    }

    [Fact]
    public async Task A_message_announced_large_costs_what_arrives()
    {
        await using WireServer server = await WireServer.StartAsync();
        using FrameClient client = await FrameClient.StartAsync(server.Port);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await client.SendAsync(FrameText.Parse("raw 'Q' 1073741823i"));
        await client.SendAsync(new byte[200_000]);
        using FrameClient other = await FrameClient.StartAsync(server.Port);
        await other.SendAsync(FrameClient.Query("show x"));
        Assert.Equal("Z I", (await other.ReceiveUntilReadyAsync())[^1]);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 << 20);
    }

    [Fact]
    public async Task Stopping_the_server_tells_idle_clients_and_lets_busy_ones_finish()
    {
        await using WireServer server = await WireServer.StartAsync();
        using FrameClient idle = await FrameClient.StartAsync(server.Port);
        using FrameClient busy = await FrameClient.StartAsync(server.Port);
        await busy.SendAsync(FrameClient.Query("copyin"));
        Assert.StartsWith("G", await busy.ReceiveAsync());
        Task stopped = server.StopAsync();
        Assert.Equal("E FATAL 57P01 terminating connection due to administrator command", await idle.ReceiveAsync());
        Assert.Equal("close", await idle.ReceiveAsync());
        await busy.SendAsync((byte[])[.. FrameClient.Message('d', "abc"u8.ToArray()), .. FrameClient.Message('c')]);
        Assert.Equal("C COPY 3", await busy.ReceiveAsync());
        Assert.Equal("Z I", await busy.ReceiveAsync());
        Assert.Equal("E FATAL 57P01 terminating connection due to administrator command", await busy.ReceiveAsync());
        await stopped.WaitAsync(Limit);
    }

    [Fact]
    public async Task A_statement_that_outlasts_the_shutdown_limit_is_stopped()
    {
        await using WireServer server = await WireServer.StartAsync(new WireOptions { ShutdownLimit = TimeSpan.FromMilliseconds(50) });
        using FrameClient busy = await FrameClient.StartAsync(server.Port);
        await busy.SendAsync(FrameClient.Query("sleep"));
        Assert.True(await server.Factory.Sleeping.WaitAsync(Limit));
        Task stopped = server.StopAsync();
        Assert.Equal("E FATAL 57P01 terminating connection due to administrator command", await busy.ReceiveAsync());
        Assert.Equal("close", await busy.ReceiveAsync());
        await stopped.WaitAsync(Limit);
    }

    [Fact]
    public async Task A_session_ends_itself_while_its_client_is_idle()
    {
        await using WireServer server = await WireServer.StartAsync();
        using FrameClient client = await FrameClient.StartAsync(server.Port);
        server.Factory.Sessions.Single().Terminate(new SqlException(SqlState.IdleSessionTimeout, "terminating connection due to idle-session timeout") { IsFatal = true });
        Assert.Equal("E FATAL 57P05 terminating connection due to idle-session timeout", await client.ReceiveAsync());
        Assert.Equal("close", await client.ReceiveAsync());
        await NoSessionsAsync(server);
    }

    [Fact]
    public async Task Notifications_wait_for_the_end_of_a_transaction()
    {
        await using WireServer server = await WireServer.StartAsync();
        using FrameClient client = await FrameClient.StartAsync(server.Port);
        await client.SendAsync(FrameClient.Query("listen; begin"));
        await client.ReceiveUntilReadyAsync();
        server.Factory.Notify(new Notification(7, "news", "a"));
        await client.SendAsync(FrameClient.Query("nothing"));
        Assert.Equal(["C NOTHING", "Z T"], await client.ReceiveUntilReadyAsync());
        await client.SendAsync(FrameClient.Query("commit"));
        Assert.Equal(["C COMMIT", "A news a", "Z I"], await client.ReceiveUntilReadyAsync());
    }

    [Fact]
    public async Task A_thousand_idle_connections_cost_little()
    {
        await using WireServer server = await WireServer.StartAsync();
        List<FrameClient> clients = [await FrameClient.StartAsync(server.Port)];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 1000; i++) clients.Add(await FrameClient.StartAsync(server.Port));
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1000;
        output.WriteLine($"{each} bytes of managed memory per idle connection, client and scripted session included");
        Assert.InRange(each, 0, 48 * 1024);
        foreach (FrameClient client in clients) client.Dispose();
        await NoSessionsAsync(server);
    }

    /// <summary>Waits until all sessions are gone; fails if they stay.</summary>
    internal static async Task NoSessionsAsync(WireServer server)
    {
        for (int i = 0; i < 1000 && server.Factory.Sessions.Count > 0; i++) await Task.Delay(10);
        Assert.Empty(server.Factory.Sessions);
    }
}
