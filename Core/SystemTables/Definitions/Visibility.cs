using VecSql.Core.Catalog;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>Whether an object's bare name finds it: its schema is on the search path and no schema before it has one of that name.</summary>
internal static class Visibility
{
    public static bool OfRelation(uint schema, string name, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath)
    {
        foreach (uint candidate in searchPath)
        {
            if (candidate == schema) return true;
            if (catalog.FindRelation(candidate, name) is not null || SystemRelations.Find(candidate, name) is not null) return false;
        }
        return false;
    }

    public static bool OfType(uint schema, string name, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath)
    {
        string? schemaName;
        foreach (uint candidate in searchPath)
        {
            if (candidate == schema) return true;
            schemaName = SystemRelations.SchemaName(candidate, catalog);
            if (schemaName is not null && TypeNames.Find(schemaName, name, catalog) != 0) return false;
        }
        return false;
    }

    /// <summary>Null: there is no such relation.</summary>
    public static bool? OfRelation(uint oid, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath)
    {
        if (catalog.Find<RelationObject>(oid) is { } own) return OfRelation(own.Schema, own.Name, catalog, searchPath);
        return SystemRelations.Find(oid) is { } system ? OfRelation(system.Schema, system.Name, catalog, searchPath) : null;
    }

    public static bool? OfType(uint oid, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath)
    {
        if (catalog.Find<TypeObject>(oid) is { } own) return OfType(own.Schema, own.Name, catalog, searchPath);
        if (Builtins.FindType(oid) is { } known) return new InstalledExtensions(catalog).SchemaOf(known.Extension) is { } schema ? OfType(schema, known.Name, catalog, searchPath) : null;
        return SystemRelations.All.FirstOrDefault(r => r.RowType == oid) is { } row ? searchPath.Contains(row.Schema) : null;
    }

    public static bool? OfFunction(uint oid, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath)
    {
        if (catalog.Find<FunctionObject>(oid) is { } own)
        {
            foreach (uint candidate in searchPath)
            {
                if (candidate == own.Schema) return true;
                bool hides = candidate == WellKnownOid.PgCatalogSchema
                    ? Builtins.FindFunctions(own.Name).Any(f => f.Extension is null && f.ArgumentTypes.AsSpan().SequenceEqual(own.ArgumentTypes.AsSpan()))
                    : catalog.Objects.OfType<FunctionObject>().Any(f => f.Schema == candidate && f.Name == own.Name && f.ArgumentTypes.AsSpan().SequenceEqual(own.ArgumentTypes.AsSpan()));
                if (hides) return false;
            }
            return false;
        }
        return Builtins.FindFunction(oid) is { } known ? new InstalledExtensions(catalog).SchemaOf(known) is { } schema && searchPath.Contains(schema) : null;
    }

    public static bool? OfOperator(uint oid, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath) =>
        Builtins.FindOperator(oid) is { } known ? OfBuiltin(known.Extension, catalog, searchPath) : null;

    public static bool? OfOperatorClass(uint oid, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath) =>
        BuiltinIndexing.FindClass(oid) is { } known ? OfBuiltin(known.Extension, catalog, searchPath) : null;

    public static bool? OfOperatorFamily(uint oid, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath) =>
        BuiltinIndexing.Families.FirstOrDefault(f => f.Oid == oid) is { } known ? OfBuiltin(known.Extension, catalog, searchPath) : null;

    private static bool OfBuiltin(string? extension, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath) =>
        new InstalledExtensions(catalog).SchemaOf(extension) is { } schema && searchPath.Contains(schema);
}
