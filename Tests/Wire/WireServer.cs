using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using VecSql.Wire;
using VecSql.Wire.Authentication;
using VecSql.Wire.Sockets;

namespace VecSql.Tests.Wire;

/// <summary>Kestrel with the wire's handler over scripted sessions, on a free loopback port.</summary>
internal sealed class WireServer : IAsyncDisposable
{
    private readonly KestrelServer _kestrel;

    private WireServer(KestrelServer kestrel, ScriptedFactory factory, int port)
    {
        _kestrel = kestrel;
        Factory = factory;
        Port = port;
    }

    public ScriptedFactory Factory { get; }
    public int Port { get; }

    public static async Task<WireServer> StartAsync(WireOptions? options = null, IAuthenticationPolicy? policy = null, SqlTransport? transport = null)
    {
        ScriptedFactory factory = new();
        WireConnectionHandler handler = new(options ?? new WireOptions(), factory, policy ?? new LoopbackTrustPolicy(), NullLogger<WireConnectionHandler>.Instance);
        KestrelServerOptions kestrelOptions = new() { ApplicationServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        ListenOptions? bound = null;
        kestrelOptions.Listen(new SqlEndPoint(new IPEndPoint(IPAddress.Loopback, 0)), listen =>
        {
            bound = listen;
            listen.Run(handler.OnConnectedAsync);
        });
        // Short, so that connections lose their threads and get others in every test.
        transport ??= new SqlTransport { Options = new SqlTransportOptions { IdleTime = TimeSpan.FromMilliseconds(20) } };
        IConnectionListenerFactory listeners = OperatingSystem.IsLinux() ? transport : new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        KestrelServer kestrel = new(Options.Create(kestrelOptions), listeners, NullLoggerFactory.Instance);
        await kestrel.StartAsync(new NoHttp(), CancellationToken.None);
        return new WireServer(kestrel, factory, bound!.IPEndPoint!.Port);
    }

    public Task StopAsync() => _kestrel.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(2));
        await _kestrel.StopAsync(limit.Token);
        _kestrel.Dispose();
    }

    /// <summary>Kestrel asks for one; no listener here speaks HTTP.</summary>
    private sealed class NoHttp : IHttpApplication<int>
    {
        public int CreateContext(IFeatureCollection contextFeatures) => 0;
        public void DisposeContext(int context, Exception? exception) { }
        public Task ProcessRequestAsync(int context) => Task.CompletedTask;
    }
}
