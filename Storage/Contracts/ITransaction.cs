using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Storage.Contracts;

/// <summary>PostgreSQL's table lock modes, weakest first.</summary>
public enum TableLockMode { AccessShare, RowShare, RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive }

/// <summary>PostgreSQL's row lock strengths, weakest first.</summary>
public enum RowLockStrength { KeyShare, Share, NoKeyUpdate, Update }

public enum LockWaitPolicy { Wait, NoWait, SkipLocked }

/// <summary>What became of an attempt to lock a row.</summary>
public enum RowLockResult : byte
{
    /// <summary>Locked; it is the version that was asked for.</summary>
    Locked,

    /// <summary>A concurrent transaction updated it (READ COMMITTED only): the newest version is locked instead, its number is given; check WHERE again.</summary>
    Moved,

    /// <summary>Deleted by a concurrent transaction, or already by this one.</summary>
    Gone,

    /// <summary>Locked by another, and the policy was SKIP LOCKED.</summary>
    Skipped,
}

/// <summary>
/// A transaction. Used by one thread at a time, but readers obtained from it may be used by parallel workers, each reader by one.
/// Snapshot: READ COMMITTED sees what was committed when the statement began (<see cref="BeginStatement"/>), the other levels what was committed at the first statement;
/// all see the transaction's own earlier statements, and never what the running statement itself writes.
/// Errors while waiting: 40P01 deadlock, 55P03 lock timeout, 57014 cancelled, 40001 where the level can't go on.
/// </summary>
public interface ITransaction : IDisposable
{
    long Id { get; }
    IsolationLevel Isolation { get; }
    bool IsReadOnly { get; set; }

    /// <summary>True once something was written (so that COMMIT has work to do).</summary>
    bool HasWrites { get; }

    /// <summary>The catalog that the current statement sees, own DDL included.</summary>
    CatalogSnapshot Catalog { get; }

    /// <summary>Position of the snapshot that the current statement reads.</summary>
    long SnapshotPosition { get; }

    /// <summary>Begins a statement: its own command number, and in READ COMMITTED a new snapshot.</summary>
    /// <param name="cancellation">Ends all waits of the statement.</param>
    /// <param name="lockTimeoutMs">0: none.</param>
    void BeginStatement(int lockTimeoutMs, CancellationToken cancellation);

    /// <summary>Ends the waits of what runs from now on in the same statement: its messages may each have a limit of their own.</summary>
    void SetCancellation(CancellationToken cancellation);

    /// <summary>Makes what was written so far visible to what follows in the same statement (between a statement's own steps: foreign key actions, deferred checks).</summary>
    void AdvanceCommand();

    /// <summary>What ends reads and waits from here on, where an earlier statement goes on (FETCH): no new snapshot.</summary>
    void UseCancellation(int lockTimeoutMs, CancellationToken cancellation);

    /// <summary>What the current snapshot sees stays readable until the transaction ends, through readers that were made by now (cursors, suspended portals).</summary>
    void KeepSnapshot();

    /// <summary>A number for a new object; never used again, also if the transaction fails.</summary>
    uint AllocateOid();

    /// <summary>
    /// Adds or replaces a catalog object, transactionally. For a table: its storage appears with it; for an index: it is built now (reporting progress) unless the table is
    /// empty; the caller holds the table's lock. For databases and roles: the instance's shared catalog.
    /// </summary>
    void Put(CatalogObject changed);

    /// <summary>Removes one of the database's catalog objects with its storage, transactionally.</summary>
    void Drop(uint oid);

    /// <summary>Removes a role, transactionally. Numbers of shared objects and of a database's are given out apart: the same number may stand for one of each.</summary>
    void DropShared(uint oid);

    /// <returns>True if it had to wait: then others may have changed the table, and in READ COMMITTED the statement should begin anew.</returns>
    bool LockTable(uint table, TableLockMode mode, LockWaitPolicy policy);

    /// <summary>The table as the current statement sees it. Cheap; valid until the statement's end.</summary>
    ITableReader Read(uint table);

    /// <summary>The table as it is now, whatever the isolation level: for checks that hold for all (foreign keys).</summary>
    ITableReader ReadNewest(uint table);

    /// <summary>
    /// Appends rows; all live columns in attribute order. Unique indexes are checked row by row against all other rows: waits for transactions in progress, then
    /// 23505 with PostgreSQL's detail. The batch is copied.
    /// </summary>
    /// <param name="rowIds">If not null, receives the new rows' numbers (Count of them).</param>
    void Insert(uint table, ColumnBatch rows, long[]? rowIds = null);

    /// <summary>
    /// ON CONFLICT: inserts the rows that conflict with none (in the given unique indexes, or in any if empty) and tells of the others.
    /// outcome[i] is the inserted row's number, or ~number of the existing row it conflicts with (negative). A conflict with a row of the same command is 21000 for DO UPDATE;
    /// the caller decides.
    /// </summary>
    void InsertUnlessConflict(uint table, ColumnBatch rows, IReadOnlyList<uint> arbiterIndexes, long[] outcome);

    /// <summary>Locks rows for update, delete or SELECT … FOR. results[i] and, for Moved, currentRowIds[i] tell the outcome.</summary>
    /// <param name="isSelect">For the wording of 40001.</param>
    void LockRows(uint table, ReadOnlySpan<long> rowIds, RowLockStrength strength, LockWaitPolicy policy, Span<RowLockResult> results, Span<long> currentRowIds, bool isSelect = false);

    /// <summary>Deletes rows that this transaction has locked.</summary>
    void Delete(uint table, ReadOnlySpan<long> rowIds);

    /// <summary>Replaces rows that this transaction has locked; the i-th selected row replaces rowIds[i]. Unique checks as for insert, after all old versions are gone.</summary>
    void Update(uint table, ReadOnlySpan<long> rowIds, ColumnBatch rows, long[]? newRowIds = null);

    /// <summary>Empties a table (and its indexes), transactionally; the caller holds AccessExclusive.</summary>
    void Truncate(uint table);

    /// <summary>A mark to roll back to. Marks nest; names are the session's affair.</summary>
    int SetSavepoint();

    /// <summary>Undoes all since the mark (rows, locks of rows, catalog); the mark stays.</summary>
    void RollbackTo(int savepoint);

    /// <summary>Forgets the mark and those after it; their work stays.</summary>
    void Release(int savepoint);

    /// <summary>Makes all durable, then visible. Blocks until the log is on disk (group commit). Returns the commit position (the snapshot's, if nothing was written).</summary>
    /// <exception cref="SqlException">40001 (serializable); 53100 disk full, nothing committed; 08007 outcome unknown.</exception>
    long Commit();

    /// <summary>Undoes all. Idempotent; also done by Dispose.</summary>
    void Rollback();
}
