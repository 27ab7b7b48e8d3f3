using System.Text;
using System.Text.RegularExpressions;
using VecSql.Tests.Servers;

namespace VecSql.Tests.Catalog;

/// <summary>What a real client sent to PostgreSQL, out of the server's log (Clients/*.log): statements in order, with their parameters put in as literals.</summary>
internal static partial class ClientLog
{
    public static string Folder => Repository.Path("Tests/Catalog/Clients");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.log").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal);

    public static List<string> Read(string name)
    {
        List<string?> statements = [];
        foreach ((string kind, string text) in Entries(File.ReadAllText(Path.Combine(Folder, name + ".log"))))
        {
            if (kind == "LOG")
            {
                Match match = Sent().Match(text);
                // A log that was cut in the middle of a line goes on in the same line.
                statements.Add(match.Success && !CutOff().IsMatch(text) ? match.Groups[1].Value : null);
            }
            else if (kind == "DETAIL" && text.StartsWith("parameters: ", StringComparison.Ordinal) && statements is [.., { } last])
            {
                Dictionary<string, string> values = Parameter().Matches(text).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
                statements[^1] = Reference().Replace(last, m => values.GetValueOrDefault(m.Groups[1].Value, m.Value));
            }
        }
        return [.. statements.OfType<string>()];
    }

    /// <summary>Entries begin with "[application] KIND:  "; their further lines begin with a tab.</summary>
    private static List<(string Kind, string Text)> Entries(string log)
    {
        List<(string Kind, StringBuilder Text)> entries = [];
        foreach (string line in log.Split('\n'))
        {
            Match start = EntryStart().Match(line);
            if (start.Success) entries.Add((start.Groups[1].Value, new StringBuilder(start.Groups[2].Value)));
            else if (entries.Count > 0) entries[^1].Text.Append('\n').Append(line.StartsWith('\t') ? line[1..] : line);
        }
        return [.. entries.Select(e => (e.Kind, e.Text.ToString().TrimEnd()))];
    }

    [GeneratedRegex(@"^\[(?:\[unknown\]|\w+)\] (LOG|DETAIL|FATAL|ERROR|STATEMENT|HINT|CONTEXT|WARNING|NOTICE):  (.*)$")]
    private static partial Regex EntryStart();

    [GeneratedRegex(@"^(?:statement|execute [^:]*): (.*)$", RegexOptions.Singleline)]
    private static partial Regex Sent();

    [GeneratedRegex(@"\[\[?\w+\]?\]? LOG:")]
    private static partial Regex CutOff();

    [GeneratedRegex(@"\$(\d+) = ('(?:[^']|'')*'|NULL)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\$(\d+)")]
    private static partial Regex Reference();
}
