using System.Collections.Frozen;

namespace VecSql.Core.SystemTables;

/// <summary>All system tables, by schema and name and by number.</summary>
public static class SystemTableRegistry
{
    public static IReadOnlyList<SystemTable> All { get; } = [];

    private static readonly FrozenDictionary<(uint, string), SystemTable> ByName = All.ToFrozenDictionary(t => (t.Schema, t.Name));
    private static readonly FrozenDictionary<uint, SystemTable> ByOid = All.ToFrozenDictionary(t => t.Oid);

    public static SystemTable? Find(uint schema, string name) => ByName.GetValueOrDefault((schema, name));
    public static SystemTable? Find(uint oid) => ByOid.GetValueOrDefault(oid);
}
