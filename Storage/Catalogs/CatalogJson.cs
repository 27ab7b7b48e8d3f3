using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using VecSql.Core.Catalog;
using VecSql.Core.Statistics;
using VecSql.Storage.Manifests;

namespace VecSql.Storage.Catalogs;

/// <summary>
/// Catalog objects as JSON, in the log and in manifests (docs/formats/catalog.md). A discriminator "$kind" tells the object's class; unknown properties are skipped, so an
/// older program reads what a newer one wrote as far as it understands it. Discriminators are part of the format: they are only added.
/// </summary>
internal static class CatalogJson
{
    public static readonly IReadOnlyList<(Type Type, string Kind)> Kinds =
    [
        (typeof(DatabaseObject), "database"),
        (typeof(RoleObject), "role"),
        (typeof(SchemaObject), "schema"),
        (typeof(ExtensionObject), "extension"),
        (typeof(TableObject), "table"),
        (typeof(IndexObject), "index"),
        (typeof(SequenceObject), "sequence"),
        (typeof(TypeObject), "type"),
        (typeof(FunctionObject), "function"),
    ];

    private static readonly JsonSerializerOptions Options = CreateOptions();

    public static byte[] Write(CatalogObject value) => JsonSerializer.SerializeToUtf8Bytes(value, Info<CatalogObject>());

    /// <exception cref="JsonException">The bytes are no catalog object.</exception>
    public static CatalogObject Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, Info<CatalogObject>()) ?? throw new JsonException("null is no catalog object");

    public static byte[] WriteDocument<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Info<T>());

    public static T ReadAs<T>(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Info<T>()) ?? throw new JsonException("null");

    private static JsonTypeInfo<T> Info<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions
        {
            TypeInfoResolver = CatalogJsonContext.Default.WithAddedModifier(AddKinds),
            IgnoreReadOnlyProperties = true,
            AllowOutOfOrderMetadataProperties = true,
            MaxDepth = 64,
        };
        options.MakeReadOnly();
        return options;
    }

    private static void AddKinds(JsonTypeInfo info)
    {
        if (info.Type != typeof(CatalogObject)) return;
        info.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = "$kind" };
        foreach ((Type type, string kind) in Kinds) info.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(type, kind));
    }
}

/// <summary>Statistics of a table as ANALYZE stored them.</summary>
internal sealed record StoredStatistics
{
    public required uint Table { get; init; }
    public required Dictionary<short, ColumnStatistics> Columns { get; init; }
}

[JsonSerializable(typeof(CatalogObject))]
[JsonSerializable(typeof(DatabaseObject))]
[JsonSerializable(typeof(RoleObject))]
[JsonSerializable(typeof(SchemaObject))]
[JsonSerializable(typeof(ExtensionObject))]
[JsonSerializable(typeof(TableObject))]
[JsonSerializable(typeof(IndexObject))]
[JsonSerializable(typeof(SequenceObject))]
[JsonSerializable(typeof(TypeObject))]
[JsonSerializable(typeof(FunctionObject))]
[JsonSerializable(typeof(StoredStatistics))]
[JsonSerializable(typeof(Manifest))]
[JsonSerializable(typeof(SharedManifest))]
[JsonSerializable(typeof(AttachedIndex))]
[JsonSerializable(typeof(Segments.SegmentZones))]
[JsonSourceGenerationOptions(IgnoreReadOnlyProperties = true)]
internal sealed partial class CatalogJsonContext : JsonSerializerContext;
