using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Storage.Contracts;

/// <summary>
/// Advisory locks of all sessions: shared or exclusive, counted, held by a session or by its transaction. Waiters come in turn; they take part in the search for deadlocks with all other locks.
/// Safe for all threads; one session calls from one thread at a time.
/// </summary>
public interface IAdvisoryLocks
{
    /// <param name="depth">Open savepoints, for locks of the transaction.</param>
    /// <returns>False if <paramref name="isTry"/> and it would have to wait.</returns>
    /// <exception cref="SqlException">40P01, 55P03 (lock timeout), 57014.</exception>
    bool Acquire(int process, AdvisoryKey key, bool isShared, bool isTransaction, int depth, bool isTry, int timeoutMs, CancellationToken cancellation);

    /// <summary>Gives back one hold of the session.</summary>
    /// <returns>False if it doesn't hold it.</returns>
    bool Release(int process, AdvisoryKey key, bool isShared);

    /// <summary>Gives back what the transaction took within more savepoints than these (ROLLBACK TO).</summary>
    void ReleaseDeeperThan(int process, int depth);

    /// <summary>What was taken within more savepoints than these belongs to these from now on (RELEASE).</summary>
    void MoveUpTo(int process, int depth);

    /// <summary>The transaction has ended.</summary>
    void ReleaseTransaction(int process);

    /// <summary>pg_advisory_unlock_all.</summary>
    void ReleaseSession(int process);

    /// <summary>The session has ended.</summary>
    void Forget(int process);

    /// <summary>For pg_locks.</summary>
    IReadOnlyList<LockInfo> List();
}
