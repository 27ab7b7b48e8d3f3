using System.Xml.Linq;
using VecSql.Tests.Servers;

namespace VecSql.Tests.Architecture;

/// <summary>A room uses only the rooms below it (docs/architecture.md).</summary>
public sealed class RoomReferencesTests
{
    /// <summary>For each room, all that it may use, directly or through others.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Arrow"] = [],
        ["Core"] = ["Arrow"],
        ["Parser"] = ["Core"],
        ["Vectors"] = ["Core"],
        ["Planner"] = ["Parser", "Core"],
        ["Storage"] = ["Vectors", "Core", "Arrow"],
        ["Executor"] = ["Planner", "Storage", "Parser", "Vectors", "Core"],
        ["Wire"] = ["Core"],
        ["Server"] = ["Wire", "Executor", "Storage", "Planner", "Parser", "Core"],
    };

    public static TheoryData<string> Rooms => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_references_only_rooms_below_it(string room)
    {
        XDocument project = XDocument.Load(Repository.Path($"{room}/VecSql.{room}.csproj"));
        IEnumerable<string> referenced = project.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!)["VecSql.".Length..]);
        Assert.Empty(referenced.Except(Allowed[room]));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_names_only_rooms_that_it_may_use(string room)
    {
        string[] forbidden = [.. Allowed.Keys.Except(Allowed[room]).Where(r => r != room)];
        List<string> found = [];
        foreach (string file in Directory.EnumerateFiles(Repository.Path(room), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)))
            foreach (string line in File.ReadLines(file))
                if (line.StartsWith("using ", StringComparison.Ordinal) && forbidden.Any(r => line.StartsWith($"using VecSql.{r}", StringComparison.Ordinal))) found.Add($"{file}: {line}");
        Assert.Empty(found);
    }

    [Fact]
    public void Every_room_says_what_it_is_for()
    {
        foreach (string room in Allowed.Keys) Assert.True(File.Exists(Repository.Path($"{room}/README.md")), room);
    }
}
