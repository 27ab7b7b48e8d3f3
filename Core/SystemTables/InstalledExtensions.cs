using VecSql.Core.Catalog;

namespace VecSql.Core.SystemTables;

/// <summary>Where built-in objects of extensions lie in one database: what an extension brings shows only once it is installed.</summary>
internal sealed class InstalledExtensions(CatalogSnapshot catalog)
{
    private readonly Dictionary<string, ExtensionObject> _installed = catalog.Objects.OfType<ExtensionObject>().ToDictionary(e => e.Name);

    /// <summary>The schema of an object that belongs to the extension (null: PostgreSQL's own); null if it isn't installed.</summary>
    public uint? SchemaOf(string? extension) =>
        extension is null ? WellKnownOid.PgCatalogSchema : _installed.TryGetValue(extension, out ExtensionObject? found) ? found.Schema : null;

    public uint? SchemaOf(BuiltinFunction function) => function.Extension is null ? function.Schema : SchemaOf(function.Extension);

    public bool Has(string? extension) => SchemaOf(extension) is not null;

    /// <summary>The number of the installed extension; 0 for PostgreSQL's own.</summary>
    public uint OidOf(string? extension) => extension is not null && _installed.TryGetValue(extension, out ExtensionObject? found) ? found.Oid : 0;
}
