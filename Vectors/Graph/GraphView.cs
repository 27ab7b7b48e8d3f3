using System.Runtime.CompilerServices;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Graph;

/// <summary>
/// A snapshot of the graph's memory for one search: nodes below <see cref="Limit"/>. Adjacency read through it may come from a damaged file or be
/// in the midst of a concurrent insert: every id is checked against the limit by the loop that reads it.
/// <para>Layer-0 record: up to <see cref="Degree"/> neighbour ids, ended by −1. Slot 0 may instead hold the head of a chain of duplicates,
/// encoded −2 − id: nodes whose vector equals this one's. A duplicate's own record holds only the next link of the chain in slot 0.</para>
/// </summary>
internal readonly unsafe struct GraphView(
    ChunkView records, ChunkView upperIndex, ChunkView upperBlocks, int limit, int upperBlockLimit, int degree, int upperDegree)
{
    public const int End = -1;

    public readonly int Limit = limit;
    public readonly int Degree = degree;
    public readonly int UpperDegree = upperDegree;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Neighbors(int id) => (int*)records.At(id);

    /// <summary>The same to ask the processor for it ahead of time: null if it isn't in memory, and should it be read from a file, then only once it is needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* NeighborsAhead(int id) => (int*)records.IfPresent(id);

    /// <summary>Null if the node doesn't reach that level (only so in damaged graphs, or for nodes newer than this view).</summary>
    public int* UpperNeighbors(int id, int level)
    {
        int block = *(int*)upperIndex.At(id);
        if (block < 0) return null;
        block += level - 1;
        return (uint)block < (uint)upperBlockLimit ? (int*)upperBlocks.At(block) : null;
    }

    public static bool IsChainLink(int slot) => slot < End;
    public static int EncodeChainLink(int id) => -2 - id;
    public static int DecodeChainLink(int slot) => -2 - slot;
}
