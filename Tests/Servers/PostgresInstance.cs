using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace VecSql.Tests.Servers;

/// <summary>A real PostgreSQL on a scratch folder, from Debian's packages; started as user postgres when this process runs as root. The tests' oracle and the benchmarks' peer.</summary>
public sealed class PostgresInstance : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"vecsql-pg-{Environment.ProcessId}-{Guid.NewGuid():N}");
    private string _bin = "";

    private PostgresInstance()
    {
    }

    public int Port { get; } = FreePort();

    /// <summary>The postmaster's: the parent of one process for each session.</summary>
    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(_folder, "data", "postmaster.pid")).First());

    /// <summary>Makes and starts one.</summary>
    /// <param name="settings">More of the server's arguments, such as "-c fsync=off".</param>
    public static async Task<PostgresInstance> StartAsync(string settings)
    {
        PostgresInstance instance = new() { _bin = Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(d => d).Select(d => Path.Combine(d, "bin")).First(Directory.Exists) };
        Directory.CreateDirectory(instance._folder);
        if (Environment.UserName == "root") await RunAsync("chown", "postgres", instance._folder);
        await AsPostgresAsync($"{instance._bin}/initdb -D {instance._folder}/data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync");
        await AsPostgresAsync($"{instance._bin}/pg_ctl -D {instance._folder}/data -w -l {instance._folder}/log -o '-p {instance.Port} -k {instance._folder} -c listen_addresses=127.0.0.1 {settings}' start");
        return instance;
    }

    public async ValueTask DisposeAsync()
    {
        await AsPostgresAsync($"{_bin}/pg_ctl -D {_folder}/data -m immediate stop");
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A port that was free a moment ago.</summary>
    internal static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
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
}
