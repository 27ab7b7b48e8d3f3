using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Search;

/// <summary>
/// What finds near rows of a store without looking at all of them: a graph, or lists. Its nodes are the store's first <see cref="Limit"/> rows; those without a place in
/// the metric are in it without being linked. Searches run on any number of threads, and beside whatever the structure lets grow. Calls through this interface are for whole searches and
/// batches of a cursor, never for a row.
/// </summary>
public interface IVectorStructure : IDisposable
{
    /// <summary>As EXPLAIN calls it: hnsw, ivfflat.</summary>
    string Name { get; }

    DistanceMetric Metric { get; }
    IVectorStore Store { get; }

    /// <summary>Ids below this may be in the structure.</summary>
    int Limit { get; }

    /// <summary>Nodes that a search can find.</summary>
    int LinkedCount { get; }

    /// <summary>Native and managed bytes held, without the store's and the searches' scratch.</summary>
    long MemoryBytes { get; }

    /// <summary>The approximately nearest <paramref name="k"/> nodes, nearest first.</summary>
    /// <param name="query">A row of the store's form.</param>
    /// <param name="effort">How far to look: candidates kept (hnsw.ef_search), or lists (ivfflat.probes). More is slower and finds more.</param>
    /// <param name="result">At least k long.</param>
    /// <returns>How many were found: fewer than k if fewer are linked, or reachable.</returns>
    int Search(ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default);

    /// <summary>The same as if one node had never been added: neither found nor a way to others. −1: none.</summary>
    int SearchWithout(int absent, ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default);

    /// <summary>Whether the structure would be nearly the same without the node, so that it can stand for a stranger in a measurement.</summary>
    bool IsOrdinary(int id);

    /// <summary>The same among the nodes that a filter accepts: min(k, accepted) of them, those of the store beyond <see cref="Limit"/> and unlinked ones included.</summary>
    /// <param name="absent">The filter refuses it, too.</param>
    int SearchWithout<TFilter>(
        int absent, TFilter filter, ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default)
        where TFilter : struct, INodeFilter;

    /// <summary>The same among the nodes of a bitmap (word id/64, bit id%64), by the cheaper of an exact scan and the structure.</summary>
    /// <param name="matches">Set bits below the store's count, or −1: they are counted.</param>
    int SearchMatches(ulong[] bitmap, long matches, ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default);

    /// <summary>A scan in about the order of the distances, to the last node.</summary>
    /// <param name="k">Nodes wanted, about: decides, with the effort, how many are found before the first is given.</param>
    NeighborCursor OpenCursor(ReadOnlySpan<float> query, int k, int effort);

    /// <summary>Whether so many matches among so many nodes are had cheaper by scanning them or by the structure. Pure.</summary>
    /// <param name="failsNearby">The nodes around the query are known to fail.</param>
    FilterStrategy Choose(long matches, long total, int k, int effort, bool failsNearby = false);

    /// <summary>What the cheaper way among so many matches takes in nanoseconds, about.</summary>
    double EstimateNs(long matches, long total, int k, int effort);

    /// <summary>Nodes that a cursor looks at before it gives the first.</summary>
    int FirstBatch(int k, int effort);

    /// <summary>What a cursor takes for its first <paramref name="rows"/> nodes in nanoseconds, about.</summary>
    double OrderNs(double rows, int k, int effort);

    /// <summary>Writes the structure as a file; nothing may grow it meanwhile.</summary>
    void WriteTo(Stream stream);
}

/// <summary>
/// A scan that goes on for as long as it is asked. Distances rise within a batch and approximately from batch to batch; every node below the structure's limit comes exactly once.
/// For one thread. Nodes that are linked after it began don't come.
/// </summary>
public abstract class NeighborCursor : IDisposable
{
    /// <summary>Writes the next neighbours; 0 when all have come.</summary>
    public abstract int Next(Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default);

    /// <summary>Gives scratch memory back.</summary>
    public abstract void Dispose();
}
