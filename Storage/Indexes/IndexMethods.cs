using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Storage.Databases;

namespace VecSql.Storage.Indexes;

/// <summary>An index method: what CREATE INDEX … USING names. To add one: its class, and one line in <see cref="IndexMethods"/>.</summary>
internal abstract class IndexMethod
{
    public abstract string Name { get; }

    /// <summary>Refuses definitions that the method can't do; returns the open index, without parts.</summary>
    /// <exception cref="SqlException">22023, 0A000 …, worded as PostgreSQL and pgvector do.</exception>
    public abstract IndexStore Open(IndexObject index, TableObject table, CatalogSnapshot catalog, StorageOptions options, DatabaseStore database);
}

/// <summary>The methods by name.</summary>
internal sealed class IndexMethods(StorageOptions options, DatabaseStore database)
{
    private static readonly Dictionary<string, IndexMethod> All = new IndexMethod[]
    {
        new BTreeMethod("btree"),
        new BTreeMethod("hash"),
        new HnswMethod(),
        new IvfFlatMethod(),
    }.ToDictionary(m => m.Name);

    public IndexStore Open(IndexObject index, TableObject table, CatalogSnapshot catalog) => All.TryGetValue(index.Method, out IndexMethod? method)
        ? method.Open(index, table, catalog, options, database)
        : throw SqlException.NotSupported($"access method \"{index.Method}\"");
}
