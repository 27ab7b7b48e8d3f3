using System.Diagnostics;
using VecSql.Tests.Servers;

namespace VecSql.Tests.Crash;

/// <summary>A VecSql server in a process of its own, so that it can be killed.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }
    public int ProcessId => _process.Id;

    /// <summary>The process' resident memory in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres;Pooling=false;Timeout=10;Command Timeout=60";

    /// <summary>Starts on the folder and waits for the ready line: recovery is over then.</summary>
    public static async Task<ServerProcess> StartAsync(string folder)
    {
        int port = PostgresInstance.FreePort();
        ProcessStartInfo start = new("dotnet", [typeof(VecSql.Server.Hosting.ServerHost).Assembly.Location, "serve", "--data", folder, "--listen", $"127.0.0.1:{port}", "--http", "off"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.StartsWith("ready", StringComparison.Ordinal)) continue;
            _ = process.StandardOutput.ReadToEndAsync();
            return new ServerProcess(process, port);
        }
        throw new InvalidOperationException($"the server did not start: {await errors}");
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
