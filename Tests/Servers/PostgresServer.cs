using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace VecSql.Tests.Servers;

/// <summary>A real PostgreSQL, made for one test run in a scratch folder: the oracle. Debian's packages; started as user postgres when the tests run as root.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"vecsql-pg-{Environment.ProcessId}-{Guid.NewGuid():N}");

    public int Port { get; } = FreePort();

    public async ValueTask InitializeAsync()
    {
        string bin = Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(d => d).Select(d => Path.Combine(d, "bin")).First(Directory.Exists);
        Directory.CreateDirectory(_folder);
        if (Environment.UserName == "root") await RunAsync("chown", "postgres", _folder);
        await AsPostgresAsync($"{bin}/initdb -D {_folder}/data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync");
        await AsPostgresAsync($"{bin}/pg_ctl -D {_folder}/data -w -l {_folder}/log -o '-p {Port} -k {_folder} -c fsync=off -c listen_addresses=127.0.0.1' start");
        Bin = bin;
    }

    public string Bin { get; private set; } = "";

    public async ValueTask DisposeAsync()
    {
        await AsPostgresAsync($"{Bin}/pg_ctl -D {_folder}/data -m immediate stop");
        Directory.Delete(_folder, recursive: true);
    }

    private static Task AsPostgresAsync(string command) =>
        Environment.UserName == "root" ? RunAsync("su", "postgres", "-s", "/bin/sh", "-c", command) : RunAsync("/bin/sh", "-c", command);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        // pg_ctl's child keeps the pipes open: wait for the process, not for their end.
        Task<string> error = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit {process.ExitCode}: {await error}");
    }

    internal static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
