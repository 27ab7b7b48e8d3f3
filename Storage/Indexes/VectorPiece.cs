using VecSql.Storage.Memtables;
using VecSql.Storage.Tables;
using VecSql.Vectors.Search;

namespace VecSql.Storage.Indexes;

/// <summary>One range of a vector search, with its part of the index as it was when the search began, and the filter's matches in it once they are known.</summary>
/// <param name="part">Null if the index holds none of the range's rows.</param>
internal sealed class VectorPiece(RowRange range, VectorPart? part, Snapshot snapshot)
{
    private readonly int _rowCount = range.RowCount;

    public RowRange Range => range;
    public VectorPart? Part => part;

    /// <summary>Nodes below are in the structure. Read before <see cref="Count"/>: nodes that come while we search belong to no row that is seen.</summary>
    public int LinkedEnd { get; } = part?.LinkedEnd ?? 0;
    public int Count { get; } = part?.Count ?? 0;

    /// <summary>True if certainly every node is seen.</summary>
    public bool IsWhollyVisible => part is { EveryNodeHasRow: true } && range is Segments.Segment segment && segment.IsWhollyVisible(snapshot);

    /// <summary>The share of rows that certainly few see, about.</summary>
    public double DeadShare => _rowCount == 0 ? 0 : (double)range.DeadRows / _rowCount;

    /// <summary>Matches that have a node.</summary>
    public int Matches { get; private set; }

    /// <summary>Those in the structure: word node/64, bit node%64.</summary>
    public ulong[] LinkedMatches { get; private set; } = [];
    public int[] UnlinkedMatches { get; private set; } = [];

    /// <summary>Nodes below a limit whose row is seen.</summary>
    public VisibleNodes Visible(int limit) => new(range, part!, snapshot, limit, Absent);

    /// <summary>A node that a search is to do without; −1: none.</summary>
    public int Absent { get; set; } = -1;

    public long RowIdOf(int node) => range.RowIdAt(part!.PositionOf(node));

    /// <summary>−1: the row has no vector.</summary>
    public int NodeOf(long rowId)
    {
        if (part is null) return -1;
        int position = range.PositionOf(rowId);
        return position < 0 ? -1 : part.NodeOf(position);
    }

    /// <param name="rowIds">In this range, visible, ascending.</param>
    public void SetMatches(ReadOnlySpan<long> rowIds)
    {
        Matches = 0;
        if (Count == 0 || rowIds.Length == 0) return;
        ulong[] linked = new ulong[(LinkedEnd + 63) / 64];
        var unlinked = new List<int>();
        foreach (long rowId in rowIds)
        {
            int node = NodeOf(rowId);
            if (node < 0) continue;
            Matches++;
            if (node < LinkedEnd) linked[node >> 6] |= 1UL << node;
            else unlinked.Add(node);
        }
        LinkedMatches = linked;
        UnlinkedMatches = [.. unlinked];
    }

    /// <summary>Adds the visible rows that have no vector, or all.</summary>
    public void AddVisible(List<long> rowIds, bool all)
    {
        if (!all && part is { EveryNodeHasRow: true } && Count >= _rowCount) return;
        for (int position = 0; position < _rowCount; position++)
        {
            if (!range.Sees(snapshot, position)) continue;
            if (all || part is null || part.NodeOf(position) < 0) rowIds.Add(range.RowIdAt(position));
        }
    }
}

/// <summary>Nodes whose row has a vector and is seen by the snapshot.</summary>
/// <param name="limit">Nodes from here on are left out: those that are not linked yet, when a structure is searched.</param>
/// <param name="absent">A node that is left out; −1: none.</param>
internal readonly struct VisibleNodes(RowRange range, VectorPart part, Snapshot snapshot, int limit, int absent) : INodeFilter
{
    public bool Accept(int id)
    {
        if (id >= limit || id == absent) return false;
        int position = part.PositionOf(id);
        return position >= 0 && range.Sees(snapshot, position);
    }
}
