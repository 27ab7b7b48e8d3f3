using System.Diagnostics;
using Npgsql;
using VecSql.Core.Errors;
using VecSql.Wire;
using VecSql.Wire.Sockets;

namespace VecSql.Tests.Wire;

/// <summary>Connections that have a thread, lose it and get another; whoever waits is woken. Each way to wait is a case: with a thread, or parked with all idle ones.</summary>
[Collection(nameof(MeasuresMemory))]
public sealed class SqlTransportTests
{
    private const string Terminated = "E FATAL 57P01 terminating connection due to administrator command";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Keeps the thread for longer than a test lasts.</summary>
    private static SqlTransport Threads => new() { Options = new SqlTransportOptions { IdleTime = TimeSpan.FromMinutes(1) } };

    /// <summary>Gives the thread back whenever nothing is there to read.</summary>
    private static SqlTransport Parked => new() { Options = new SqlTransportOptions { MostLingering = 0 } };

    private static SqlTransport Waiting(bool isParked) => isParked ? Parked : Threads;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_waiting_connection_hears_of_notifications(bool isParked)
    {
        await using WireServer server = await WireServer.StartAsync(transport: Waiting(isParked));
        using FrameClient client = await FrameClient.StartAsync(server.Port);
        await client.SendAsync(FrameClient.Query("listen"));
        await client.ReceiveUntilReadyAsync();
        for (int i = 0; i < 100; i++)
        {
            server.Factory.Notify(new Notification(7, "news", $"{i}"));
            Assert.Equal($"A news {i}", await client.ReceiveAsync());
        }
        await client.SendAsync(FrameClient.Query("show a"));
        Assert.Equal("D a", (await client.ReceiveUntilReadyAsync())[1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Notifications_and_messages_at_the_same_time_are_both_answered(bool isParked)
    {
        await using WireServer server = await WireServer.StartAsync(transport: Waiting(isParked));
        using FrameClient client = await FrameClient.StartAsync(server.Port);
        await client.SendAsync(FrameClient.Query("listen"));
        await client.ReceiveUntilReadyAsync();
        const int count = 2000;
        Task notifying = Task.Run(() =>
        {
            for (int i = 0; i < count; i++) server.Factory.Notify(new Notification(7, "news", $"{i}"));
        });
        int heard = 0;
        for (int asked = 0; asked < count || heard < count; asked++)
        {
            await client.SendAsync(FrameClient.Query("show a"));
            List<string> answer = await client.ReceiveUntilReadyAsync();
            Assert.Equal("Z I", answer[^1]);
            heard += answer.Count(line => line.StartsWith('A'));
        }
        Assert.Equal(count, heard);
        await notifying;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_waiting_session_can_end_itself(bool isParked)
    {
        await using WireServer server = await WireServer.StartAsync(transport: Waiting(isParked));
        using FrameClient client = await FrameClient.StartAsync(server.Port);
        server.Factory.Sessions.Single().Terminate(new SqlException(SqlState.IdleSessionTimeout, "idle too long") { IsFatal = true });
        Assert.Equal("E FATAL 57P05 idle too long", await client.ReceiveAsync());
        Assert.Equal("close", await client.ReceiveAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_waiting_connection_notices_that_its_client_has_left(bool isParked)
    {
        await using WireServer server = await WireServer.StartAsync(transport: Waiting(isParked));
        using FrameClient polite = await FrameClient.StartAsync(server.Port), rude = await FrameClient.StartAsync(server.Port);
        polite.EndSending();
        rude.Close();
        Assert.Equal("close", await polite.ReceiveAsync());
        await ConnectionLifeTests.NoSessionsAsync(server);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_says_nothing_at_all_is_cut_off_in_time(bool isParked)
    {
        await using WireServer server = await WireServer.StartAsync(new WireOptions { AuthenticationTimeout = TimeSpan.FromMilliseconds(50) }, transport: Waiting(isParked));
        using FrameClient silent = await FrameClient.ConnectAsync(server.Port), slow = await FrameClient.ConnectAsync(server.Port);
        await slow.SendAsync(new byte[] { 0, 0, 0 });
        Assert.Equal("close", await silent.ReceiveAsync());
        Assert.Equal("close", await slow.ReceiveAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_that_comes_byte_by_byte_survives_the_change_of_threads(bool isParked)
    {
        await using WireServer server = await WireServer.StartAsync(transport: Waiting(isParked));
        using FrameClient client = await FrameClient.StartAsync(server.Port, splitBytes: 1);
        for (int i = 0; i < 20; i++)
        {
            await client.SendAsync(FrameClient.Query($"show {new string('x', i)}"));
            Assert.Equal("Z I", (await client.ReceiveUntilReadyAsync())[^1]);
        }
    }

    [Fact]
    public async Task Connections_go_idle_and_come_back_at_any_moment()
    {
        await using WireServer server = await WireServer.StartAsync(transport: new SqlTransport
        {
            Options = new SqlTransportOptions { IdleTime = TimeSpan.FromMilliseconds(1), MostLingering = 4 },
        });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            using FrameClient client = await FrameClient.StartAsync(server.Port);
            Random random = new(number);
            for (int i = 0; i < 200; i++)
            {
                await client.SendAsync(FrameClient.Query($"show v{i}"));
                Assert.Equal($"D v{i}", (await client.ReceiveUntilReadyAsync())[1]);
                if (random.Next(3) == 0) await Task.Delay(random.Next(3));
            }
        }));
    }

    [Fact]
    public async Task A_thousand_connections_keep_few_threads()
    {
        const int lingering = 8, others = 64;
        await using WireServer server = await WireServer.StartAsync(transport: new SqlTransport { Options = new SqlTransportOptions { MostLingering = lingering } });
        int before = Process.GetCurrentProcess().Threads.Count;
        List<FrameClient> clients = [];
        for (int i = 0; i < 1000; i++) clients.Add(await FrameClient.StartAsync(server.Port));
        for (int turn = 0; turn < 2; turn++)
        {
            foreach (FrameClient client in clients) await client.SendAsync(FrameClient.Query("show a"));
            foreach (FrameClient client in clients) Assert.Equal("D a", (await client.ReceiveUntilReadyAsync())[1]);
        }
        // Threads that served a message are kept for a moment.
        long end = Environment.TickCount64 + 20_000;
        while (Process.GetCurrentProcess().Threads.Count > before + lingering + others && Environment.TickCount64 < end) await Task.Delay(50);
        Assert.InRange(Process.GetCurrentProcess().Threads.Count, 0, before + lingering + others);
        foreach (FrameClient client in clients) client.Dispose();
        await ConnectionLifeTests.NoSessionsAsync(server);
    }

    [Fact]
    public async Task A_statement_of_a_half_closed_client_is_stopped()
    {
        await using WireServer server = await WireServer.StartAsync(new WireOptions { DisconnectGrace = TimeSpan.FromMilliseconds(20) });
        using FrameClient client = await FrameClient.StartAsync(server.Port);
        await client.SendAsync(FrameClient.Query("sleep"));
        Assert.True(await server.Factory.Sleeping.WaitAsync(Limit));
        client.EndSending();
        Assert.True(await server.Factory.Stopped.WaitAsync(Limit));
        await ConnectionLifeTests.NoSessionsAsync(server);
    }

    [Fact]
    public async Task A_half_closed_client_that_does_not_read_ends_its_session()
    {
        await using WireServer server = await WireServer.StartAsync(new WireOptions { DisconnectGrace = TimeSpan.FromMilliseconds(20) });
        using FrameClient client = await FrameClient.StartAsync(server.Port);
        await client.SendAsync(FrameClient.Query("wide 2000000 1000"));
        Assert.StartsWith("T", await client.ReceiveAsync());
        client.EndSending();
        await ConnectionLifeTests.NoSessionsAsync(server);
    }

    [Fact]
    public async Task A_client_that_does_not_read_does_not_hold_up_the_end()
    {
        await using WireServer server = await WireServer.StartAsync(new WireOptions { ShutdownLimit = TimeSpan.FromMilliseconds(50) });
        using FrameClient stalled = await FrameClient.StartAsync(server.Port);
        await stalled.SendAsync(FrameClient.Query("wide 2000000 1000"));
        Assert.StartsWith("T", await stalled.ReceiveAsync());
        await server.StopAsync().WaitAsync(Limit);
        Assert.Empty(server.Factory.Sessions);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stopping_tells_waiting_clients(bool isParked)
    {
        await using WireServer server = await WireServer.StartAsync(transport: Waiting(isParked));
        using FrameClient idle = await FrameClient.StartAsync(server.Port), busy = await FrameClient.StartAsync(server.Port);
        await busy.SendAsync(FrameClient.Query("copyin"));
        Assert.StartsWith("G", await busy.ReceiveAsync());
        Task stopped = server.StopAsync();
        Assert.Equal(Terminated, await idle.ReceiveAsync());
        Assert.Equal("close", await idle.ReceiveAsync());
        await busy.SendAsync((byte[])[.. FrameClient.Message('d', "abc"u8.ToArray()), .. FrameClient.Message('c')]);
        Assert.Equal(["C COPY 3", "Z I"], await busy.ReceiveUntilReadyAsync());
        Assert.Equal(Terminated, await busy.ReceiveAsync());
        await stopped.WaitAsync(Limit);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Encrypted_connections_wait_the_same_way(bool isParked)
    {
        await using WireServer server = await WireServer.StartAsync(new WireOptions { Certificate = TestCertificate.Shared }, transport: Waiting(isParked));
        NpgsqlConnectionStringBuilder settings = NpgsqlTests.Settings(server);
        settings.SslMode = SslMode.Require;
        await using NpgsqlConnection client = NpgsqlTests.Create(settings);
        await client.OpenAsync();
        for (int i = 0; i < 50; i++)
        {
            await using NpgsqlCommand command = new($"show v{i}", client);
            Assert.Equal($"v{i}", await command.ExecuteScalarAsync());
        }
        server.Factory.Sessions.Single().Terminate(new SqlException(SqlState.AdminShutdown, "ended") { IsFatal = true });
        await ConnectionLifeTests.NoSessionsAsync(server);
    }
}
