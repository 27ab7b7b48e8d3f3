using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VecSql.Executor;
using VecSql.Planner;
using VecSql.Storage;
using VecSql.Storage.Contracts;
using VecSql.Storage.Files;
using VecSql.Storage.Instances;
using VecSql.Wire;
using VecSql.Wire.Authentication;
using VecSql.Wire.Sockets;

namespace VecSql.Server.Hosting;

/// <summary>Where and how a server listens.</summary>
public sealed record ListenOptions
{
    public required IPEndPoint Sql { get; init; }

    /// <summary>Health, metrics; null: not served.</summary>
    public IPEndPoint? Http { get; init; }
    public X509Certificate2? Certificate { get; init; }
    public LogLevel LogLevel { get; init; } = LogLevel.Information;
}

/// <summary>A running server: opens the data folder, listens, and at its end drains and closes. The composition root: who uses whom is decided here.</summary>
public sealed class ServerHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IInstanceStore _instance;

    private ServerHost(WebApplication app, IInstanceStore instance, ServerState state)
    {
        _app = app;
        _instance = instance;
        State = state;
    }

    public ServerState State { get; }

    /// <summary>The address that clients connect to (its port chosen by the system if 0 was asked for).</summary>
    public IPEndPoint SqlEndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Opens the data folder and listens; when it returns, clients are served.</summary>
    /// <exception cref="Core.Errors.SqlException">55006: another server holds the folder; XX001: it is damaged.</exception>
    public static async Task<ServerHost> StartAsync(ServerOptions options, ListenOptions listen, CancellationToken stop)
    {
        ListenRules.Check(listen);
        if (!SqlTransport.IsSupported) ReserveThreads(options.MaxConnections);
        QueryPlanner planner = new();
        using ILoggerFactory startLog = LoggerFactory.Create(b => b.AddSimpleConsole(c => c.SingleLine = true).SetMinimumLevel(listen.LogLevel));
        Directory.CreateDirectory(options.DataDirectory);
        IInstanceStore instance = InstanceStore.Open(new StorageOptions
        {
            Files = new LocalFileSystem(options.DataDirectory),
            FailStop = StorageOptions.EndProcess,
            IndexExpressions = new IndexExpressions(planner, BackgroundServices.Planning),
            BuildThreads = options.Parallelism,
            Tuning = options.Tuning,
        });
        ServerState state = new(options, instance, planner, TimeProvider.System);
        Directory.CreateDirectory(Path.Combine(options.DataDirectory, "tmp"));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(c => c.SingleLine = true).SetMinimumLevel(listen.LogLevel).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton(state).AddSingleton<ISqlSessionFactory, SessionFactory>().AddSingleton<IAuthenticationPolicy, LoopbackTrustPolicy>()
            .AddSingleton(new WireOptions { Certificate = listen.Certificate }).AddSingleton<WireConnectionHandler>();
        ListenerPort port = new();
        builder.WebHost.UseSockets();
        builder.Services.AddSingleton<IConnectionListenerFactory, SqlTransport>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = options.MaxConnections + 16;
            kestrel.Listen(new SqlEndPoint(listen.Sql), sql =>
            {
                port.Options = sql;
                WireConnectionHandler handler = sql.ApplicationServices.GetRequiredService<WireConnectionHandler>();
                sql.Run(handler.OnConnectedAsync);
            });
            if (listen.Http is { } http) kestrel.Listen(http);
        });
        WebApplication app = builder.Build();
        app.MapGet("/health", () => Results.Text("ok"));
        try
        {
            await app.StartAsync(stop);
        }
        catch
        {
            instance.Dispose();
            throw;
        }
        return new ServerHost(app, instance, state) { SqlEndPoint = port.Bound() };
    }

    /// <summary>
    /// For connections without threads of their own: a statement that waits for a lock keeps its pool thread; without one for each session, who holds the lock might find none to commit with.
    /// </summary>
    private static void ReserveThreads(int sessions)
    {
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(Math.Max(workers, sessions + 16), Math.Max(completions, 16));
    }

    /// <summary>Waits for SIGTERM, SIGINT or <see cref="StopAsync"/>.</summary>
    public Task WaitForShutdownAsync(CancellationToken stop) => _app.WaitForShutdownAsync(stop);

    /// <summary>Drains: idle sessions are told, running statements may finish, then the folder is closed.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _instance.Dispose();
    }

    /// <summary>Kestrel writes the bound port back into its listen options.</summary>
    private sealed class ListenerPort
    {
        public Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions? Options { get; set; }

        public IPEndPoint Bound() => Options?.IPEndPoint ?? throw new InvalidOperationException("the listener has no address");
    }
}

/// <summary>What may be listened on.</summary>
internal static class ListenRules
{
    /// <summary>Any address but loopback needs TLS: passwords and data would be readable on the way.</summary>
    public static void Check(ListenOptions listen)
    {
        if (IPAddress.IsLoopback(listen.Sql.Address) || listen.Certificate is not null) return;
        throw new Core.Errors.SqlException(Core.Errors.SqlState.ConfigFileError, $"refusing to listen on {listen.Sql.Address} without TLS",
            hint: "Give a certificate with --tls-cert and --tls-key, or listen on 127.0.0.1.");
    }
}
