using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;
using VecSql.Storage.Files;
using VecSql.Storage.Log;
using VecSql.Storage.Locks;
using VecSql.Storage.Manifests;
using VecSql.Storage.Transactions;

namespace VecSql.Storage.Instances;

/// <summary>
/// A data folder:
/// <code>
///   LOCK                       held (flock) for the life of the process
///   global/epoch, global/man   shared catalog: each change is a whole new manifest
///   base/&lt;oid&gt;/               a database: epoch, man, wal, seg, idx, del
/// </code>
/// </summary>
public sealed class InstanceStore : IInstanceStore
{
    private const uint DefaultDatabase = 5;

    private readonly StorageOptions _options;
    private readonly IDisposable _folderLock;
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, DatabaseStore> _open = [];
    private readonly ManifestStore<SharedManifest> _manifests;
    private volatile SharedCatalog _shared = SharedCatalog.Empty;
    private long _nextOid;

    private InstanceStore(StorageOptions options, IDisposable folderLock)
    {
        _options = options;
        _folderLock = folderLock;
        _manifests = new ManifestStore<SharedManifest>(options.Files, "global");
        AdvisoryLocks = new AdvisoryLocks(Waits);
    }

    public SharedCatalog Shared => _shared;
    public bool IsNew { get; private set; }

    public IReadOnlyList<LockWait> LockWaits => Waits.List();
    public IAdvisoryLocks AdvisoryLocks { get; }

    /// <summary>One for all databases: a session of one may wait for an advisory lock that a session of another holds.</summary>
    internal WaitGraph Waits { get; } = new();

    public IReadOnlyList<LockInfo> Locks
    {
        get
        {
            lock (_lock) return [.. _open.Values.SelectMany(d => d.Locks), .. Waits.ListTransactionWaits(), .. AdvisoryLocks.List()];
        }
    }

    public IReadOnlyList<IndexProgress> IndexBuilds
    {
        get
        {
            lock (_lock) return [.. _open.Values.SelectMany(d => d.IndexBuilds)];
        }
    }

    /// <summary>Opens a data folder, or makes one.</summary>
    /// <exception cref="SqlException">55006: another process has it. XX001: the shared catalog is damaged.</exception>
    public static InstanceStore Open(StorageOptions options)
    {
        IDisposable folderLock = options.Files.TryLock("LOCK")
            ?? throw new SqlException(SqlState.ObjectInUse, "the data folder is in use by another process");
        var instance = new InstanceStore(options, folderLock);
        try
        {
            instance.Start();
            return instance;
        }
        catch (Exception)
        {
            folderLock.Dispose();
            throw;
        }
    }

    public IDatabaseStore Open(uint database)
    {
        lock (_lock)
        {
            if (_open.TryGetValue(database, out DatabaseStore? open)) return open;
            if (_shared.Find<DatabaseObject>(database) is null) throw new SqlException(SqlState.InvalidCatalogName, $"database with OID {database} does not exist");
            open = new DatabaseStore(this, _options, database);
            _open.Add(database, open);
            return open;
        }
    }

    public void Create(DatabaseObject database)
    {
        lock (_lock)
        {
            if (_shared.FindDatabase(database.Name) is not null) throw new SqlException(SqlState.DuplicateDatabase, $"database \"{database.Name}\" already exists");
            MakeDatabase(database.Oid);
            // The folder first, then its name: a crash between leaves a folder that the next start removes.
            Publish(_shared.With(database));
        }
    }

    public void Drop(uint database)
    {
        lock (_lock)
        {
            if (_shared.Find<DatabaseObject>(database) is null) throw new SqlException(SqlState.InvalidCatalogName, $"database with OID {database} does not exist");
            Publish(_shared.Without(database));
            if (_open.Remove(database, out DatabaseStore? open)) open.Dispose();
            _options.Files.DeleteDirectory($"base/{database}");
        }
    }

    public uint AllocateOid() => (uint)(Interlocked.Increment(ref _nextOid) - 1);

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (DatabaseStore database in _open.Values) database.Dispose();
            _open.Clear();
        }
        _folderLock.Dispose();
    }

    /// <summary>Lets go of everything as if the process had been killed: nothing more is written. For tests.</summary>
    internal void Abandon()
    {
        lock (_lock)
        {
            foreach (DatabaseStore database in _open.Values) database.Abandon();
            _open.Clear();
        }
        _folderLock.Dispose();
    }

    /// <summary>Changes the shared catalog, durably; the result takes the change back.</summary>
    internal Action ApplyShared(IReadOnlyList<SharedChange> changes)
    {
        lock (_lock)
        {
            SharedCatalog before = _shared;
            SharedCatalog after = before;
            foreach (SharedChange change in changes)
            {
                if (change.Value is RoleObject role && after.FindRole(role.Name) is { } other && other.Oid != role.Oid)
                    throw new SqlException(SqlState.DuplicateObject, $"role \"{role.Name}\" already exists");
                after = change.ApplyTo(after);
            }
            Publish(after);
            return () =>
            {
                lock (_lock) Publish(before);
            };
        }
    }

    private void Start()
    {
        _manifests.ClaimEpoch();
        SharedManifest? manifest = _manifests.Load();
        if (manifest is null)
        {
            // Never over what may be someone's data.
            if (_options.Files.List("base").FirstOrDefault(WasUsed) is { } used) throw Damage.In("global/man", $"there is no manifest, but base/{used} holds a database");
            Initialize();
            return;
        }
        SharedCatalog shared = SharedCatalog.Empty;
        foreach (CatalogObject value in manifest.Objects) shared = shared.With(value);
        _shared = shared;
        _nextOid = manifest.NextOid;
        RemoveStrayFolders();
    }

    private void Initialize()
    {
        IsNew = true;
        _nextOid = Core.Types.TypeOid.FirstNormalObject;
        MakeDatabase(DefaultDatabase);
        Publish(SharedCatalog.Empty
            .With(new RoleObject
            {
                Oid = WellKnownOid.BootstrapRole, Name = "postgres", IsSuperuser = true, CanLogin = true, CanCreateDatabase = true, CanCreateRole = true, CanReplicate = true, BypassesRls = true,
            })
            .With(new DatabaseObject { Oid = DefaultDatabase, Name = "postgres" }));
    }

    /// <summary>
    /// Folders whose database never got its name. One that was used stays: it is the rest of a DROP DATABASE that a crash cut short, or all that is left of a database whose entry
    /// in the shared catalog was lost.
    /// </summary>
    private void RemoveStrayFolders()
    {
        foreach (string name in _options.Files.List("base"))
            if ((!uint.TryParse(name, out uint oid) || _shared.Find<DatabaseObject>(oid) is null) && !WasUsed(name))
                _options.Files.DeleteDirectory($"base/{name}");
    }

    /// <summary>A database gets its log when it is opened first.</summary>
    private bool WasUsed(string database) => _options.Files.List($"base/{database}/wal").Count > 0;

    /// <summary>The folder of a new database, with the manifest of an empty one.</summary>
    private void MakeDatabase(uint oid)
    {
        string shard = $"base/{oid}";
        if (WasUsed(oid.ToString(System.Globalization.CultureInfo.InvariantCulture))) throw Damage.In(shard, "it holds a database that the shared catalog doesn't know");
        _options.Files.DeleteDirectory(shard);
        var manifests = new ManifestStore<Manifest>(_options.Files, shard);
        manifests.ClaimEpoch();
        manifests.Put(new Manifest
        {
            Database = oid, Lsn = 0, Position = 0, ReplayEpoch = 0, ReplayFile = 0, NextOid = Core.Types.TypeOid.FirstNormalObject,
            Catalog = [new SchemaObject { Oid = WellKnownOid.PublicSchema, Name = "public", Comment = "standard public schema" }],
        });
    }

    private void Publish(SharedCatalog shared)
    {
        try
        {
            _manifests.Put(new SharedManifest { NextOid = (uint)Volatile.Read(ref _nextOid), Objects = [.. shared.Objects] });
        }
        catch (DiskFullException e)
        {
            throw new SqlException(SqlState.DiskFull, $"could not write the shared catalog: {e.Message}", inner: e);
        }
        _shared = shared;
        foreach (DatabaseStore database in _open.Values) database.SetShared(shared);
    }
}
