using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Npgsql;
using Spectre.Console;
using VecSql.Server.Demo;
using VecSql.Server.Hosting;

namespace VecSql.Server.Commands;

/// <summary><c>vecsql demo</c>: a server on a scratch folder, real paragraphs with their vectors, searches to judge by eye. At a terminal it stays up for psql.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        Option<int> port = new("--port") { Description = "Port for SQL clients; 0 takes a free one.", DefaultValueFactory = _ => 0 };
        Option<bool> exit = new("--exit") { Description = "End when the demo is over instead of staying up for psql." };
        Command command = new("demo", "Shows vector search on real text, in a scratch folder.") { port, exit };
        command.SetAction((parsed, stop) => RunAsync(parsed.GetValue(port), parsed.GetValue(exit) || Console.IsInputRedirected, stop));
        return command;
    }

    private static async Task<int> RunAsync(int port, bool exit, CancellationToken stop)
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-demo-").FullName;
        try
        {
            await using ServerHost host = await ServerHost.StartAsync(new ServerOptions { DataDirectory = folder },
                new ListenOptions { Sql = new IPEndPoint(IPAddress.Loopback, port), LogLevel = LogLevel.Warning }, stop);
            NpgsqlConnectionStringBuilder connection = new() { Host = "127.0.0.1", Port = host.SqlEndPoint.Port, Username = "postgres", Database = "postgres", CommandTimeout = 0 };
            IAnsiConsole console = OpenConsole();
            await new DemoSession(connection.ConnectionString, DemoData.Load(), console).RunAsync(stop);
            console.MarkupLineInterpolated($"Text: CockroachDB documentation, © Cockroach Labs, CC BY 4.0.");
            console.MarkupLineInterpolated($"Go on with: [bold]psql -h 127.0.0.1 -p {host.SqlEndPoint.Port} -U postgres postgres[/]");
            if (exit) return 0;
            console.MarkupLine("[grey]Ctrl-C ends the server and removes its folder.[/]");
            await host.WaitForShutdownAsync(stop);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>In a file or a pipe: plain text, wide enough for plans.</summary>
    private static IAnsiConsole OpenConsole()
    {
        if (!Console.IsOutputRedirected) return AnsiConsole.Console;
        IAnsiConsole plain = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        plain.Profile.Width = 160;
        return plain;
    }
}
