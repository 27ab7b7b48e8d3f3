using System.Collections.Frozen;
using VecSql.Core.Catalog;

namespace VecSql.Core.SystemTables;

/// <summary>A relation that every database has, as pg_class and pg_attribute list it.</summary>
/// <param name="Sql">A view's query; null for what the engine computes.</param>
public sealed record SystemRelation(uint Oid, uint Schema, string Name, char Kind, uint RowType, IReadOnlyList<SystemColumn> Columns, string? Sql);

/// <summary>System tables and system views together, and the schemas that they lie in.</summary>
public static class SystemRelations
{
    public static IReadOnlyList<(uint Oid, string Name, string? Comment)> Schemas { get; } =
    [
        (WellKnownOid.PgCatalogSchema, "pg_catalog", "system catalog schema"), (WellKnownOid.PgToastSchema, "pg_toast", "reserved schema for TOAST tables"),
        (WellKnownOid.InformationSchema, "information_schema", null), (WellKnownOid.VecSqlSchema, "vecsql", "VecSql's own state"),
    ];

    public static IReadOnlyList<SystemRelation> All { get; } =
    [
        .. SystemTableRegistry.All.Select(t => new SystemRelation(t.Oid, t.Schema, t.Name, t.Kind, t.RowType, t.Columns, null)),
        .. SystemViewDefinitions.All.Values.Select(v => new SystemRelation(v.Shape.Oid, v.Shape.Schema, v.Shape.Name, 'v', v.Shape.RowType, v.Shape.Columns, v.Sql)),
    ];

    private static readonly FrozenDictionary<uint, SystemRelation> ByOid = All.ToFrozenDictionary(r => r.Oid);
    private static readonly FrozenDictionary<(uint, string), SystemRelation> ByName = All.ToFrozenDictionary(r => (r.Schema, r.Name));

    public static SystemRelation? Find(uint oid) => ByOid.GetValueOrDefault(oid);
    public static SystemRelation? Find(uint schema, string name) => ByName.GetValueOrDefault((schema, name));

    /// <summary>A schema's name, whether the engine's or a user's; null if there is none.</summary>
    public static string? SchemaName(uint oid, CatalogSnapshot catalog)
    {
        if (catalog.Find<SchemaObject>(oid) is { } own) return own.Name;
        foreach ((uint known, string name, _) in Schemas)
            if (known == oid) return name;
        return null;
    }

    /// <summary>A schema's number; 0 if there is none.</summary>
    public static uint FindSchema(string name, CatalogSnapshot catalog)
    {
        if (catalog.FindSchema(name) is { } own) return own.Oid;
        foreach ((uint oid, string known, _) in Schemas)
            if (known == name) return oid;
        return 0;
    }
}
