using System.CommandLine;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using VecSql.Core.Errors;
using VecSql.Server.Hosting;
using VecSql.Server.Settings;
using VecSql.Storage;

namespace VecSql.Server.Commands;

/// <summary><c>vecsql serve</c>: a server until SIGTERM or Ctrl-C.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        Option<string> data = new("--data") { Description = "The data folder.", DefaultValueFactory = _ => Setting("DATA") ?? "./data" };
        Option<string> listen = new("--listen") { Description = "Address and port for SQL clients.", DefaultValueFactory = _ => Setting("LISTEN") ?? "127.0.0.1:5477" };
        Option<string> http = new("--http") { Description = "Address and port for health and metrics; \"off\" for none.", DefaultValueFactory = _ => Setting("HTTP") ?? "127.0.0.1:5478" };
        Option<string?> certificate = new("--tls-cert") { Description = "TLS certificate (PEM).", DefaultValueFactory = _ => Setting("TLS_CERT") };
        Option<string?> key = new("--tls-key") { Description = "TLS private key (PEM).", DefaultValueFactory = _ => Setting("TLS_KEY") };
        Option<int> threads = new("--threads") { Description = "Threads for one query or index build.", DefaultValueFactory = _ => int.Parse(Setting("THREADS") ?? Environment.ProcessorCount.ToString()) };
        Option<int> batch = new("--batch-size") { Description = "Rows in the executor's batches (tests use small ones).", DefaultValueFactory = _ => int.Parse(Setting("BATCH_SIZE") ?? "2048"), Hidden = true };
        Option<bool> spill = new("--force-spill") { Description = "Every operator that can spill does (tests).", DefaultValueFactory = _ => Setting("FORCE_SPILL") == "on", Hidden = true };
        Option<string> indexMemory = new("--index-memory") { Description = "Bound of the memory of vector indexes' files, such as 512MB; 0 for none (vecsql.index_memory).", DefaultValueFactory = _ => Setting("INDEX_MEMORY") ?? "0" };
        Option<int?> indexThreads = new("--index-threads") { Description = "Threads for index work in the background (vecsql.index_threads).", DefaultValueFactory = _ => Setting("INDEX_THREADS") is { } text ? int.Parse(text) : null };
        Command command = new("serve", "Runs a server on a data folder.") { indexMemory, indexThreads, data, listen, http, certificate, key, threads, batch, spill };
        command.SetAction((parsed, stop) => RunAsync(
            () => new ServerOptions
            {
                DataDirectory = Path.GetFullPath(parsed.GetValue(data)!), Parallelism = Math.Max(1, parsed.GetValue(threads)), BatchSize = parsed.GetValue(batch), ForceSpill = parsed.GetValue(spill),
                Tuning = Tuning(parsed.GetValue(indexMemory)!, parsed.GetValue(indexThreads)),
            },
            () => new ListenOptions
            {
                Sql = EndPoint(parsed.GetValue(listen)!), Http = parsed.GetValue(http) == "off" ? null : EndPoint(parsed.GetValue(http)!),
                Certificate = parsed.GetValue(certificate) is { } pem ? X509Certificate2.CreateFromPemFile(pem, parsed.GetValue(key)) : null,
                LogLevel = Enum.TryParse(Setting("LOG"), ignoreCase: true, out LogLevel level) ? level : LogLevel.Information,
            }, stop));
        return command;
    }

    private static async Task<int> RunAsync(Func<ServerOptions> options, Func<ListenOptions> listen, CancellationToken stop)
    {
        try
        {
            await using ServerHost host = await ServerHost.StartAsync(options(), listen(), stop);
            IPEndPoint at = host.SqlEndPoint;
            Console.WriteLine($"ready: psql -h {at.Address} -p {at.Port} -U postgres postgres");
            await host.WaitForShutdownAsync(stop);
            return 0;
        }
        catch (SqlException e)
        {
            await Console.Error.WriteLineAsync($"vecsql: {e.Message}{(e.Hint is null ? "" : "\n  " + e.Hint)}");
            return 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            await Console.Error.WriteLineAsync("vecsql: " + e.Message);
            return 1;
        }
    }

    private static StorageTuning Tuning(string indexMemory, int? indexThreads)
    {
        var tuning = new StorageTuning();
        var settings = new ServerSettings(tuning);
        settings.Set(ServerSettings.IndexMemory, SettingDefinitions.Find(ServerSettings.IndexMemory)!.Check(indexMemory));
        if (indexThreads is { } threads) tuning.IndexThreads = threads;
        return tuning;
    }

    private static IPEndPoint EndPoint(string text) => IPEndPoint.TryParse(text.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), out IPEndPoint? parsed) && parsed.Port >= 0
        ? parsed
        : throw new FormatException($"\"{text}\" is not an address and a port, such as 127.0.0.1:5477");

    private static string? Setting(string name) => Environment.GetEnvironmentVariable("VECSQL_" + name);
}
