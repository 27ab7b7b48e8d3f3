using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;
using VecSql.Storage.Indexes;
using VecSql.Storage.Locks;
using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Transactions;

/// <summary>DDL: changes of the catalog, seen by this transaction at once and by the others at commit.</summary>
internal sealed partial class Transaction
{
    private readonly Dictionary<uint, TableStore> _newStores = [];
    private readonly List<SharedChange> _sharedChanges = [];

    public void Put(CatalogObject changed)
    {
        ThrowIfEnded();
        if (changed is DatabaseObject or RoleObject)
        {
            LockObject(changed);
            _sharedChanges.Add(new SharedChange(changed, null));
            _catalog = null;
            return;
        }
        CatalogObject? before = LockObject(changed);
        if (before is null || before.Name != changed.Name || before.SchemaOid != changed.SchemaOid)
        {
            if (before is not null) LockName(before);
            LockName(changed);
            ThrowIfNameTaken(changed);
        }
        if (changed is IndexObject index && before is null)
        {
            PutIndex(index);
            return;
        }
        TableStore? newStore = null;
        if (changed is TableObject { RelationKind: RelationKind.Table or RelationKind.MaterializedView } table && before is null)
        {
            newStore = new TableStore(table.Oid, isLogged: table.Persistence == 'p', _database.Options);
            _newStores.Add(table.Oid, newStore);
        }
        _operations.Add(new Operation.Put(changed, before, newStore));
        _catalog = null;
    }

    public void Drop(uint oid)
    {
        ThrowIfEnded();
        CatalogObject? value = Catalog.Find<CatalogObject>(oid);
        Invariant.Check(value is not null);
        value = LockObject(value) ?? throw new SqlException(SqlState.InternalError, "tuple concurrently updated");
        LockName(value);
        if (value is TableObject)
            foreach (IndexObject index in Catalog.IndexesOf(oid).ToArray())
                Drop(index.Oid);
        _operations.Add(new Operation.Drop(value));
        _catalog = null;
    }

    public void DropShared(uint oid)
    {
        ThrowIfEnded();
        CatalogObject? value = Catalog.Shared.Find<CatalogObject>(oid);
        Invariant.Check(value is not null);
        LockObject(value);
        _sharedChanges.Add(new SharedChange(null, oid));
        _catalog = null;
    }

    /// <summary>The shared catalog with this transaction's changes.</summary>
    private SharedCatalog ApplySharedChanges(SharedCatalog shared)
    {
        foreach (SharedChange change in _sharedChanges) shared = change.ApplyTo(shared);
        return shared;
    }

    private CatalogSnapshot ApplyOwnChanges(CatalogSnapshot catalog)
    {
        if (_sharedChanges.Count > 0) catalog = catalog.WithShared(ApplySharedChanges(catalog.Shared));
        foreach (Operation operation in _operations)
        {
            catalog = operation switch
            {
                Operation.Put put => catalog.With(put.Value),
                Operation.Drop drop => catalog.Without(drop.Value.Oid),
                _ => catalog,
            };
        }
        return catalog;
    }

    private void RefreshCatalog()
    {
        CommittedState newest = _database.State;
        if (ReferenceEquals(newest.Catalog, _base.Catalog)) return;
        _base = newest;
        _catalog = null;
    }

    /// <summary>Takes the object's write lock; returns its newest form, null if it is new.</summary>
    private CatalogObject? LockObject(CatalogObject value)
    {
        CatalogObject? seen = Catalog.Find<CatalogObject>(value.Oid);
        _database.ObjectLocks.Acquire(_owner, new LockTag(LockKind.Object, value.Oid, value.ClassOid), TableLockMode.AccessExclusive, mayWait: true);
        RefreshCatalog();
        CatalogObject? newest = Catalog.Find<CatalogObject>(value.Oid);
        // Changed by another since this statement looked: its change would be lost.
        if (seen is not null && !ReferenceEquals(seen, newest)) throw new SqlException(SqlState.InternalError, "tuple concurrently updated");
        return newest;
    }

    /// <summary>Keeps others from taking the name until this transaction ends: CREATE waits for a DROP, and the other way round.</summary>
    private void LockName(CatalogObject value)
    {
        _database.ObjectLocks.Acquire(_owner, new LockTag(LockKind.Name, value.SchemaOid, value.ClassOid, value.Name), TableLockMode.AccessExclusive, mayWait: true);
        RefreshCatalog();
    }

    private void ThrowIfNameTaken(CatalogObject value)
    {
        switch (value)
        {
            case RelationObject relation when Catalog.FindRelation(relation.Schema, relation.Name) is { } other && other.Oid != relation.Oid:
                throw new SqlException(SqlState.DuplicateTable, $"relation \"{relation.Name}\" already exists");
            case TypeObject type when Catalog.FindType(type.Schema, type.Name) is { } other && other.Oid != type.Oid:
                throw new SqlException(SqlState.DuplicateObject, $"type \"{type.Name}\" already exists");
            case SchemaObject schema when Catalog.FindSchema(schema.Name) is { } other && other.Oid != schema.Oid:
                throw new SqlException(SqlState.DuplicateSchema, $"schema \"{schema.Name}\" already exists");
        }
    }

    private void PutIndex(IndexObject index)
    {
        TableObject table = FindTable(index.Table);
        TableStore store = FindStoreForWrite(index.Table);
        IndexStore built = _database.Indexes.Open(index, table, Catalog);
        Operation.Build build = _database.Build(built, store, this, _truncatedBelow.GetValueOrDefault(index.Table), _owner.Process, _owner.Cancellation);
        _operations.Add(new Operation.Put(index, null));
        _operations.Add(build);
        _catalog = null;
    }
}

/// <summary>A change of the shared catalog: an object put, or dropped.</summary>
internal sealed record SharedChange(CatalogObject? Value, uint? Dropped)
{
    public SharedCatalog ApplyTo(SharedCatalog shared) => Value is not null ? shared.With(Value) : shared.Without(Dropped!.Value);
}
