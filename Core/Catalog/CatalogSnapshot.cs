using System.Collections.Immutable;

namespace VecSql.Core.Catalog;

/// <summary>
/// The catalog of one database at one moment, with the instance's shared objects (databases, roles). Immutable and safe for all threads; DDL makes a new one.
/// Built-in types, functions and operators are not in here: they are the same everywhere (<see cref="Builtins"/>).
/// </summary>
public sealed class CatalogSnapshot
{
    private static long _lastVersion;

    private readonly ImmutableDictionary<uint, CatalogObject> _byOid;
    private readonly ImmutableDictionary<(uint Schema, string Name), uint> _relations;
    private readonly ImmutableDictionary<(uint Schema, string Name), uint> _types;
    private readonly ImmutableDictionary<string, uint> _schemas;
    private readonly ImmutableDictionary<uint, ImmutableArray<uint>> _indexesOfTable;
    private volatile ILookup<uint, TableObject>? _referencing;

    private CatalogSnapshot(SharedCatalog shared, ImmutableDictionary<uint, CatalogObject> byOid, ImmutableDictionary<(uint, string), uint> relations,
        ImmutableDictionary<(uint, string), uint> types, ImmutableDictionary<string, uint> schemas, ImmutableDictionary<uint, ImmutableArray<uint>> indexesOfTable)
    {
        Shared = shared;
        Version = Interlocked.Increment(ref _lastVersion);
        _byOid = byOid;
        _relations = relations;
        _types = types;
        _schemas = schemas;
        _indexesOfTable = indexesOfTable;
    }

    public static CatalogSnapshot Empty { get; } = new(SharedCatalog.Empty, ImmutableDictionary<uint, CatalogObject>.Empty, ImmutableDictionary<(uint, string), uint>.Empty,
        ImmutableDictionary<(uint, string), uint>.Empty, ImmutableDictionary<string, uint>.Empty, ImmutableDictionary<uint, ImmutableArray<uint>>.Empty);

    /// <summary>Databases and roles.</summary>
    public SharedCatalog Shared { get; }

    /// <summary>
    /// Different for every catalog of this process, also for those that only an open transaction sees; cached plans are valid for one version.
    /// </summary>
    public long Version { get; }

    public IEnumerable<CatalogObject> Objects => _byOid.Values;
    public IEnumerable<SchemaObject> Schemas => _byOid.Values.OfType<SchemaObject>();
    public IEnumerable<RelationObject> Relations => _byOid.Values.OfType<RelationObject>();

    /// <summary>The object with the number, if there is one of that type.</summary>
    public T? Find<T>(uint oid) where T : CatalogObject => _byOid.GetValueOrDefault(oid) as T;

    public SchemaObject? FindSchema(string name) => _schemas.TryGetValue(name, out uint oid) ? Find<SchemaObject>(oid) : null;

    /// <summary>A table, view, index or sequence by name.</summary>
    public RelationObject? FindRelation(uint schema, string name) => _relations.TryGetValue((schema, name), out uint oid) ? Find<RelationObject>(oid) : null;

    /// <summary>A user's type by name.</summary>
    public TypeObject? FindType(uint schema, string name) => _types.TryGetValue((schema, name), out uint oid) ? Find<TypeObject>(oid) : null;

    public ExtensionObject? FindExtension(string name) => _byOid.Values.OfType<ExtensionObject>().FirstOrDefault(e => e.Name == name);

    public IEnumerable<IndexObject> IndexesOf(uint table) =>
        _indexesOfTable.TryGetValue(table, out ImmutableArray<uint> oids) ? oids.Select(oid => (IndexObject)_byOid[oid]) : [];

    /// <summary>Tables with a foreign key to the table. Found out once for each catalog: every change of rows asks.</summary>
    public IEnumerable<TableObject> TablesReferencing(uint table)
    {
        ILookup<uint, TableObject> referencing = _referencing ??= Relations.OfType<TableObject>()
            .SelectMany(t => t.Constraints.Where(c => c.Kind == ConstraintKind.ForeignKey).Select(c => (Parent: c.ReferencedTable, Child: t)).Distinct())
            .ToLookup(pair => pair.Parent, pair => pair.Child);
        return referencing[table];
    }

    /// <summary>The catalog with the object added, or replaced by number.</summary>
    public CatalogSnapshot With(CatalogObject added)
    {
        CatalogSnapshot without = _byOid.ContainsKey(added.Oid) ? Without(added.Oid) : this;
        return new CatalogSnapshot(Shared, without._byOid.SetItem(added.Oid, added),
            added is RelationObject relation ? without._relations.Add((relation.Schema, relation.Name), relation.Oid) : without._relations,
            added is TypeObject type ? without._types.Add((type.Schema, type.Name), type.Oid) : without._types,
            added is SchemaObject ? without._schemas.Add(added.Name, added.Oid) : without._schemas,
            added is IndexObject index
                ? without._indexesOfTable.SetItem(index.Table, without._indexesOfTable.GetValueOrDefault(index.Table, []).Add(index.Oid))
                : without._indexesOfTable);
    }

    /// <summary>The catalog without the object.</summary>
    public CatalogSnapshot Without(uint oid)
    {
        if (!_byOid.TryGetValue(oid, out CatalogObject? removed)) return this;
        return new CatalogSnapshot(Shared, _byOid.Remove(oid),
            removed is RelationObject relation ? _relations.Remove((relation.Schema, relation.Name)) : _relations,
            removed is TypeObject type ? _types.Remove((type.Schema, type.Name)) : _types,
            removed is SchemaObject ? _schemas.Remove(removed.Name) : _schemas,
            removed is IndexObject index ? _indexesOfTable.SetItem(index.Table, _indexesOfTable[index.Table].Remove(oid)) : _indexesOfTable);
    }

    public CatalogSnapshot WithShared(SharedCatalog shared) => new(shared, _byOid, _relations, _types, _schemas, _indexesOfTable);
}

/// <summary>What all databases of an instance share: databases and roles. Immutable.</summary>
public sealed class SharedCatalog
{
    private readonly ImmutableDictionary<uint, CatalogObject> _byOid;

    private SharedCatalog(ImmutableDictionary<uint, CatalogObject> byOid) => _byOid = byOid;

    public static SharedCatalog Empty { get; } = new(ImmutableDictionary<uint, CatalogObject>.Empty);

    public IEnumerable<DatabaseObject> Databases => _byOid.Values.OfType<DatabaseObject>();
    public IEnumerable<RoleObject> Roles => _byOid.Values.OfType<RoleObject>();
    public IEnumerable<CatalogObject> Objects => _byOid.Values;
    public T? Find<T>(uint oid) where T : CatalogObject => _byOid.GetValueOrDefault(oid) as T;
    public DatabaseObject? FindDatabase(string name) => Databases.FirstOrDefault(d => d.Name == name);
    public RoleObject? FindRole(string name) => Roles.FirstOrDefault(r => r.Name == name);
    public SharedCatalog With(CatalogObject added) => new(_byOid.SetItem(added.Oid, added));
    public SharedCatalog Without(uint oid) => new(_byOid.Remove(oid));
}
