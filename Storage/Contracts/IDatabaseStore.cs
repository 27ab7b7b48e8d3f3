using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Statistics;

namespace VecSql.Storage.Contracts;

public enum IsolationLevel { ReadCommitted, RepeatableRead, Serializable }

/// <summary>
/// One database: its catalog, its tables, its log. Safe for all threads. What is acknowledged is durable; what is corrupt is refused, never served.
/// </summary>
public interface IDatabaseStore : IStatisticsSource
{
    uint DatabaseOid { get; }

    /// <summary>The newest committed catalog.</summary>
    CatalogSnapshot Catalog { get; }

    /// <summary>The position of the newest commit that readers see. Grows by every commit.</summary>
    long CommittedPosition { get; }

    /// <summary>Begins a transaction. Its owner is told to dispose of it; undisposed ones hold back cleaning.</summary>
    /// <param name="owner">Whose it is, for lock waits, pg_locks and deadlock reports: the session's process number.</param>
    ITransaction Begin(IsolationLevel isolation, bool isReadOnly, int owner);

    /// <summary>Next value of a sequence: durable before it is returned, never rolled back.</summary>
    /// <exception cref="SqlException">2200H: nextval: reached maximum value of sequence …</exception>
    long NextValue(SequenceObject sequence);

    /// <summary>setval.</summary>
    void SetValue(SequenceObject sequence, long value, bool isCalled);

    /// <summary>What SELECT … FROM the sequence shows: last value, whether it was given out, and how many more may be before the next log record.</summary>
    (long LastValue, bool IsCalled, int LogCount) ReadSequence(SequenceObject sequence);

    /// <summary>Bytes on disk and in memory of a table or index.</summary>
    (long DiskBytes, long MemoryBytes) SizeOf(uint relation);

    /// <summary>What an index tells of itself as of now; null if there is none of that number.</summary>
    /// <param name="efSearch">Candidates of the searches whose recall is asked for.</param>
    IndexState? DescribeIndex(uint index, int efSearch);

    /// <summary>
    /// The share of a row's nearest others that searches find, over a sample of an index's rows, against an exact search for each; NaN if the index has fewer than two rows.
    /// Null if there is no such index.
    /// </summary>
    /// <param name="request">The searches; its query and filter are not looked at.</param>
    /// <exception cref="SqlException">42809: it isn't an index of vectors.</exception>
    double? MeasureRecall(uint index, int sample, VectorSearchRequest request);

    /// <summary>Reads a part of a table's or an index's files, so that the system has it in memory. Offsets count through all of its files; what lies beyond their end is left out.</summary>
    void Prewarm(uint relation, long offset, long lengthBytes, CancellationToken cancellation);

    /// <summary>Writes frozen memtables to segments and truncates the log as far as possible (CHECKPOINT).</summary>
    void Checkpoint(CancellationToken cancellation);

    /// <summary>Stores what ANALYZE found.</summary>
    void SetStatistics(uint table, IReadOnlyDictionary<short, ColumnStatistics> columns);

    /// <summary>Every commit's changes, in commit order, as they become visible: for views, followers, LISTEN. Called on the committing thread; must be quick.</summary>
    event Action<CommittedChanges>? Committed;
}

/// <summary>One commit's changes.</summary>
public sealed record CommittedChanges(long Position, IReadOnlyList<ChangeBatch> Batches);

/// <summary>Changes of one table by one commit: whole rows with a weight each. An update is a −1 of the old and a +1 of the new row.</summary>
/// <param name="Rows">All columns of the table that were live at the commit, in attribute order.</param>
/// <param name="Weights">+1 or −1 for each row.</param>
/// <param name="RowIds">The row versions' numbers.</param>
public sealed record ChangeBatch(uint Table, ColumnBatch Rows, ReadOnlyMemory<sbyte> Weights, ReadOnlyMemory<long> RowIds);

/// <summary>
/// What storage can't do itself: evaluate SQL expressions of indexes. Given by the composition root (the executor compiles them).
/// </summary>
public interface IIndexExpressions
{
    /// <summary>Compiles an index's keys and predicate over its table.</summary>
    IIndexKeyEvaluator Compile(IndexObject index, TableObject table, CatalogSnapshot catalog);
}

/// <summary>Computes an index's key columns. Used by one thread at a time.</summary>
public interface IIndexKeyEvaluator
{
    /// <summary>
    /// Key columns for the rows, and which rows the index holds (its WHERE). <paramref name="rows"/> has all live columns of the table in attribute order.
    /// The result is valid until the next call.
    /// </summary>
    (Column[] Keys, Selection Rows) Evaluate(ColumnBatch rows);
}
