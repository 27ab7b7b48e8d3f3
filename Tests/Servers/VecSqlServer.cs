using System.Net;
using Microsoft.Extensions.Logging;
using VecSql.Server.Hosting;

namespace VecSql.Tests.Servers;

/// <summary>A VecSql server in this process on a scratch folder.</summary>
public class VecSqlServer : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"vecsql-test-{Environment.ProcessId}-{Guid.NewGuid():N}");
    private ServerHost? _host;

    public int Port => _host!.SqlEndPoint.Port;
    public ServerHost Host => _host!;
    public string Folder => _folder;

    protected virtual ServerOptions Options => new() { DataDirectory = _folder };

    public async ValueTask InitializeAsync() => _host = await ServerHost.StartAsync(Options,
        new ListenOptions { Sql = new IPEndPoint(IPAddress.Loopback, 0), LogLevel = LogLevel.Warning }, CancellationToken.None);

    /// <summary>Stops and starts again on the same folder.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private async Task StopAsync()
    {
        if (_host is null) return;
        await _host.StopAsync();
        await _host.DisposeAsync();
        _host = null;
    }
}

/// <summary>The same with batches of one row, where off-by-one errors at batch borders show.</summary>
public sealed class TinyBatchServer : VecSqlServer
{
    protected override ServerOptions Options => base.Options with { BatchSize = 1 };
}

/// <summary>The same with every operator spilling.</summary>
public sealed class SpillingServer : VecSqlServer
{
    protected override ServerOptions Options => base.Options with { ForceSpill = true, BatchSize = 3 };
}
