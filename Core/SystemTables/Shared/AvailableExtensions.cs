using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>What CREATE EXTENSION knows.</summary>
/// <param name="Version">What clients compare with: pgvector's own, whose SQL it is.</param>
public sealed record AvailableExtension(string Name, string Version, string Comment)
{
    public static IReadOnlyList<AvailableExtension> All { get; } =
        [new("plpgsql", "1.0", "accepted so that dumps load; brings nothing"), new("pg_prewarm", "1.2", "prewarm relation data"), new("vector", "0.8.1", "vector data type and ivfflat and hnsw access methods")];

    public static AvailableExtension? Find(string name) => All.FirstOrDefault(e => e.Name == name);
}

/// <summary>pg_available_extensions.</summary>
internal sealed class PgAvailableExtensions() : SystemTable("pg_available_extensions")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (AvailableExtension e in AvailableExtension.All)
        {
            rows.Add(e.Name).Add(e.Version).Add(context.Catalog.FindExtension(e.Name)?.Version).Add(e.Comment);
            rows.EndRow();
        }
    }
}

/// <summary>pg_available_extension_versions.</summary>
internal sealed class PgAvailableExtensionVersions() : SystemTable("pg_available_extension_versions")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (AvailableExtension e in AvailableExtension.All)
        {
            rows.Add(e.Name).Add(e.Version).Add(context.Catalog.FindExtension(e.Name)?.Version == e.Version).Add(true).Add(true).Add(true).AddNull().AddNull().Add(e.Comment);
            rows.EndRow();
        }
    }
}
