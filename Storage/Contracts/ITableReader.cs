using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Storage.Contracts;

/// <summary>
/// A table at one statement's snapshot. Row numbers (row ids) name row versions for as long as the transaction lives.
/// May be shared by parallel workers; each cursor belongs to one.
/// </summary>
public interface ITableReader
{
    uint Table { get; }

    /// <summary>Visible rows, about.</summary>
    double EstimatedRows { get; }

    /// <summary>
    /// Pieces that can be scanned independently and in parallel, in storage order; together they hold each visible row once.
    /// </summary>
    IReadOnlyList<IScanPiece> Pieces { get; }

    /// <summary>Fetches rows by number. Rows come in the order of <paramref name="rowIds"/>; the builders (one per column) get one value each. Numbers come from this reader's own scans and searches.</summary>
    /// <param name="columns">Attribute numbers.</param>
    void Fetch(ReadOnlySpan<long> rowIds, ReadOnlySpan<short> columns, ReadOnlySpan<ColumnBuilder> result);

    /// <summary>True if the row version exists and is visible.</summary>
    bool IsVisible(long rowId);

    /// <summary>Ordered search in a btree index.</summary>
    IIndexCursor Seek(uint index, in KeyRange range, bool descending);

    /// <summary>Nearest-neighbour search in a vector index.</summary>
    IVectorSearch OpenVectorSearch(uint index);
}

/// <summary>A part of a table for one worker.</summary>
public interface IScanPiece
{
    double EstimatedRows { get; }

    /// <summary>
    /// Opens a scan. Batches have the columns asked for, in that order, and last, if <paramref name="withRowIds"/>, a Column&lt;long&gt; of row numbers.
    /// </summary>
    /// <param name="columns">Attribute numbers; a column added after a row was stored gives its MissingValue.</param>
    /// <param name="bounds">Rows outside these bounds may be left out (zone maps); those inside never are.</param>
    ITableCursor Open(ReadOnlySpan<short> columns, bool withRowIds, IReadOnlyList<ColumnBound> bounds);

    /// <summary>The same rows as smaller pieces, in order: for workers that have much to do for each row.</summary>
    /// <param name="rows">At most so many rows in each: a power of two, from 8 to 2048.</param>
    IReadOnlyList<IScanPiece> Split(int rows);
}

/// <summary>A necessary condition on a column: low ≤ value ≤ high, in key encoding (<see cref="Core.Types.TypeHandler.EncodeKey"/>); null: open. Nulls never qualify.</summary>
public sealed record ColumnBound(short Column, byte[]? Low, byte[]? High);

/// <summary>A scan in progress.</summary>
public interface ITableCursor : IDisposable
{
    /// <summary>The next batch (selection = visible rows; at least one), or null at the end. Valid until the next call.</summary>
    ColumnBatch? Next();
}

/// <summary>
/// A range of keys of an index, by encoded key bytes (one byte for null-ness before each key column, see docs/formats/keys.md; <see cref="IndexKeyEncoder"/> makes them).
/// Null bounds are open.
/// </summary>
public readonly record struct KeyRange(byte[]? Low, bool LowInclusive, byte[]? High, bool HighInclusive);

/// <summary>Rows of an index range in key order.</summary>
public interface IIndexCursor : IDisposable
{
    /// <summary>Fills row numbers of visible rows; returns how many. 0: at the end.</summary>
    int Next(Span<long> rowIds);
}

/// <summary>Which rows a filtered vector search may return.</summary>
public interface IRowFilter
{
    /// <summary>Sets accepted[i] for each row number. Called with visible rows only, many at a time.</summary>
    void Test(ReadOnlySpan<long> rowIds, Span<bool> accepted);

    /// <summary>All visible rows that pass, ascending: one pass over the table, or an index. The memory stays as it is until the search is disposed of.</summary>
    ReadOnlyMemory<long> CollectMatches();

    /// <summary>What <see cref="CollectMatches"/> takes, in nanoseconds, about.</summary>
    double CollectNs { get; }
}

/// <summary>How a vector search is to be done.</summary>
public sealed record VectorSearchRequest
{
    /// <summary>The query, as a value of the index's type lies in a column. Null: every distance is null, and rows come in no particular order.</summary>
    public required byte[]? Query { get; init; }

    /// <summary>Rows wanted, about: so many are found at once. <see cref="int.MaxValue"/>: all of them.</summary>
    public required int Limit { get; init; }

    /// <summary>hnsw.ef_search.</summary>
    public required int EfSearch { get; init; }

    /// <summary>ivfflat.probes.</summary>
    public int Probes { get; init; } = 1;

    /// <summary>vecsql.target_recall: the index chooses how many candidates it keeps by what was measured of its graphs, instead of <see cref="EfSearch"/>. 0: not set.</summary>
    public double TargetRecall { get; init; }

    /// <summary>Every row is looked at: what recall is measured against. Not with a filter.</summary>
    public bool IsExact { get; init; }

    /// <summary>WHERE, or null.</summary>
    public IRowFilter? Filter { get; init; }

    /// <summary>True if every row in the index passes the filter, as the index's own predicate has it: then only rows without a vector are asked about.</summary>
    public bool IsFilterImplied { get; init; }

    /// <summary>The planner's guess of the share of rows that pass the filter; NaN if unknown.</summary>
    public double Selectivity { get; init; } = double.NaN;
    public CancellationToken Cancellation { get; init; }
}

/// <summary>
/// A search over all graphs and unindexed rows of a vector index, merged. In the end every visible row that passes the filter has come exactly once: nearest first, about,
/// within <see cref="VectorSearchRequest.Limit"/> in the order of the distances found, and last the rows that have no vector.
/// </summary>
public interface IVectorSearch : IDisposable
{
    /// <summary>Starts over with this request.</summary>
    /// <exception cref="SqlException">22000: the query has other dimensions than the index.</exception>
    void Begin(VectorSearchRequest request);

    /// <summary>
    /// The next rows; fewer than asked for only when all have come. Distances are as the index's operator orders (L2, negative inner product, cosine distance, L1), NaN where there is none.
    /// </summary>
    /// <returns>How many.</returns>
    int Next(Span<long> rowIds, Span<double> distances);

    /// <summary>What was done since <see cref="Begin"/>.</summary>
    VectorSearchStats Stats { get; }
}

/// <summary>For EXPLAIN ANALYZE.</summary>
/// <param name="Strategy">One or several, joined by " + ": "hnsw" (the graph), "hnsw resumed" (its order, rows tested as they come), "hnsw filtered" (only through matches), the same of
/// ivfflat, "exact".</param>
/// <param name="Matches">Rows that satisfy the filter, counted; −1 if they were not counted.</param>
/// <param name="Hops">Graph nodes whose neighbours were read.</param>
/// <param name="Distances">Distances computed.</param>
/// <param name="Tested">Rows that the filter was asked about one by one.</param>
/// <param name="Rejected">Those of them that didn't pass.</param>
/// <param name="Lists">Lists whose rows were looked through.</param>
/// <param name="Structures">Graphs, or divisions into lists, there are.</param>
public readonly record struct VectorSearchStats(string Strategy, long Matches, long Hops, long Distances, long Tested, long Rejected, long Lists, int Structures)
{
    /// <summary>Rows read to rank what was found by codes.</summary>
    public long Reranked { get; init; }

    /// <summary>How far was looked (candidates kept in a walk; lists), at most over the structures; 0: none was searched.</summary>
    public int Effort { get; init; }

    /// <summary>The share of the true nearest that the search is thought to have found; NaN if nothing was measured that would tell.</summary>
    public double ExpectedRecall { get; init; }

    /// <summary>The codes of the graphs, each named once; empty or null without a graph.</summary>
    public string? Quantization { get; init; }
}
