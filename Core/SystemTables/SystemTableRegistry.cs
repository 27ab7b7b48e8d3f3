using System.Collections.Frozen;

namespace VecSql.Core.SystemTables;

/// <summary>All system tables, by schema and name and by number. To add one: its class, and one line here.</summary>
public static class SystemTableRegistry
{
    private static readonly SystemTable[] Filled =
    [
        new PgNamespace(),
        new PgStatProgressCreateIndex(),
    ];

    /// <summary>Those with content, then the rest of PostgreSQL's catalogs, which are empty here.</summary>
    public static IReadOnlyList<SystemTable> All { get; } = WithEmptyOnes();

    private static readonly FrozenDictionary<(uint, string), SystemTable> ByName = All.ToFrozenDictionary(t => (t.Schema, t.Name));
    private static readonly FrozenDictionary<uint, SystemTable> ByOid = All.ToFrozenDictionary(t => t.Oid);

    public static SystemTable? Find(uint schema, string name) => ByName.GetValueOrDefault((schema, name));
    public static SystemTable? Find(uint oid) => ByOid.GetValueOrDefault(oid);

    private static List<SystemTable> WithEmptyOnes()
    {
        HashSet<string> filled = [.. Filled.Select(t => t.Name)];
        return [.. Filled, .. SystemTableDefinitions.All.Values.Where(d => !filled.Contains(d.Name)).Select(d => new EmptySystemTable(d))];
    }
}
