using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Storage.Contracts;

/// <summary>
/// A data folder: the shared catalog (databases, roles) and the databases' stores. Holds the folder's lock for life.
/// </summary>
public interface IInstanceStore : IDisposable
{
    SharedCatalog Shared { get; }

    /// <summary>True if the folder was empty and has just been initialized (superuser "postgres" and database "postgres" made).</summary>
    bool IsNew { get; }

    /// <summary>The store of a database, opened (and recovered) at first use.</summary>
    /// <exception cref="SqlException">3D000 if there is none; XX001 if its files are damaged.</exception>
    IDatabaseStore Open(uint database);

    /// <summary>CREATE DATABASE: durable when it returns.</summary>
    void Create(DatabaseObject database);

    /// <summary>DROP DATABASE: the caller has ended its sessions.</summary>
    void Drop(uint database);

    /// <summary>A number for a shared object.</summary>
    uint AllocateOid();

    IReadOnlyList<LockInfo> Locks { get; }

    /// <summary>Sessions that wait for a lock now, of whatever kind.</summary>
    IReadOnlyList<LockWait> LockWaits { get; }

    IAdvisoryLocks AdvisoryLocks { get; }
    IReadOnlyList<IndexProgress> IndexBuilds { get; }
}
