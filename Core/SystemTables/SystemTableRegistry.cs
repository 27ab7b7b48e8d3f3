using System.Collections.Frozen;

namespace VecSql.Core.SystemTables;

/// <summary>All system tables, by schema and name and by number. To add one: its class, and one line here. Those that SQL defines are <see cref="SystemViewDefinitions"/>.</summary>
public static class SystemTableRegistry
{
    private static readonly SystemTable[] Filled =
    [
        new PgAvailableExtensions(),
        new PgAvailableExtensionVersions(),
        new PgAuthId(),
        new PgAuthMembers(),
        new PgDatabase(),
        new PgDbRoleSetting(),
        new PgExtension(),
        new PgInitPrivs(),
        new PgNamespace(),
        new PgShdescription(),
        new PgTablespace(),
        new PgAttrdef(),
        new PgAttribute(),
        new PgClass(),
        new PgConstraint(),
        new PgDepend(),
        new PgDescription(),
        new PgIndex(),
        new PgRewrite(),
        new PgSequence(),
        new PgCollation(),
        new PgEnum(),
        new PgType(),
        new PgAggregate(),
        new PgAm(),
        new PgAmop(),
        new PgAmproc(),
        new PgCast(),
        new PgLanguage(),
        new PgOpclass(),
        new PgOperator(),
        new PgOpfamily(),
        new PgProc(),
        new PgTsConfig(),
        new PgTsConfigMap(),
        new PgTsDict(),
        new PgTsParser(),
        new PgTsTemplate(),
        new PgCursors(),
        new PgLocks(),
        new PgPreparedStatements(),
        new PgSettings(),
        new PgStatActivity(),
        new PgStatAllIndexes(),
        new PgStatAllTables(),
        new PgStatDatabase(),
        new PgTimezoneNames(),
        new PgTimezoneAbbrevs(),
        new PgStatProgressCreateIndex(),
        new VecSqlIndexes(),
        new VecSqlSettings(),
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
        return [.. Filled, .. SystemTableDefinitions.All.Values.Where(d => !filled.Contains(d.Name) && SystemViewDefinitions.Find(d.Name) is null).Select(d => new EmptySystemTable(d))];
    }
}
