using System.CommandLine;
using VecSql.Core.Errors;
using VecSql.Storage.Check;
using VecSql.Storage.Files;

namespace VecSql.Server.Commands;

/// <summary><c>vecsql check</c>: every checksum and invariant of a data folder, while no server runs on it.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        Option<string> data = new("--data") { Description = "The data folder.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("VECSQL_DATA") ?? "./data" };
        Command command = new("check", "Verifies a data folder offline.") { data };
        command.SetAction(parsed => Run(Path.GetFullPath(parsed.GetValue(data)!)));
        return command;
    }

    private static int Run(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Console.Error.WriteLine($"vecsql: there is no folder {folder}");
            return 1;
        }
        StoreCheck report;
        try
        {
            report = StoreCheck.Run(new LocalFileSystem(folder));
        }
        catch (SqlException e)
        {
            Console.Error.WriteLine("vecsql: " + e.Message);
            return 1;
        }
        foreach (string problem in report.Problems) Console.WriteLine(problem);
        Console.WriteLine($"{report.CheckedFiles} files checked, {report.Problems.Count} problems");
        return report.Problems.Count == 0 ? 0 : 2;
    }
}
