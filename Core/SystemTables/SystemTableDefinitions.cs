using System.Collections.Frozen;
using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>The shape of a relation of PostgreSQL's pg_catalog or information_schema.</summary>
/// <param name="Kind">'r' or 'v', as pg_class shows it.</param>
public sealed record SystemTableDefinition(uint Oid, uint Schema, string Name, char Kind, uint RowType, SystemColumn[] Columns);

/// <summary>The columns of PostgreSQL 15's catalogs, as clients expect them (read from its own catalogs: SystemTables/pg_relations.tsv).</summary>
public static class SystemTableDefinitions
{
    /// <summary>By name: the two schemas have no name in common.</summary>
    public static FrozenDictionary<string, SystemTableDefinition> All { get; } = Load();

    private static FrozenDictionary<string, SystemTableDefinition> Load()
    {
        string resource = typeof(SystemTableDefinitions).Assembly.GetManifestResourceNames().Single(n => n.EndsWith(".pg_relations.tsv", StringComparison.Ordinal));
        using StreamReader reader = new(typeof(SystemTableDefinitions).Assembly.GetManifestResourceStream(resource) ?? throw new InvariantException("missing resource " + resource));
        reader.ReadLine();
        Dictionary<string, (uint Oid, uint Schema, char Kind, uint RowType, List<SystemColumn> Columns)> tables = [];
        while (reader.ReadLine()?.Split('\t') is { } fields)
        {
            if (!tables.TryGetValue(fields[2], out (uint Oid, uint Schema, char Kind, uint RowType, List<SystemColumn> Columns) table))
                tables[fields[2]] = table = (Number(fields[0]), fields[1] == "pg_catalog" ? WellKnownOid.PgCatalogSchema : WellKnownOid.InformationSchema, fields[3][0], Number(fields[4]), []);
            table.Columns.Add(new SystemColumn(fields[6], new SqlType(Known(Number(fields[7]))), fields[8] == "t"));
        }
        return tables.ToFrozenDictionary(t => t.Key, t => new SystemTableDefinition(t.Value.Oid, t.Value.Schema, t.Key, t.Value.Kind, t.Value.RowType, [.. t.Value.Columns]));
    }

    /// <summary>Types that VecSql has no values of (pg_statistic's internals, inet) show as text, or as their number if they are one.</summary>
    private static uint Known(uint oid)
    {
        if (Builtins.FindType(oid) is not { Kind: 'b' } type) return TypeOid.Text;
        if (TypeHandlers.Find(oid) is not null) return oid;
        return type.Category == 'A' ? TypeOid.TextArray : type is { Length: 4, ByValue: true } ? TypeOid.Oid : TypeOid.Text;
    }

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
}
