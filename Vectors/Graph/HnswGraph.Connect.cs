using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Graph;

/// <summary>
/// Clusters far apart whose rows are nearly equal can end as islands: each node's neighbours are the other members. After a build, nodes that no path from the entry leads to are linked to from the
/// nearest node that one does lead to. For a graph that no one searches or inserts into meanwhile.
/// </summary>
public sealed unsafe partial class HnswGraph
{
    private const int ConnectEf = 64;

    private void ConnectStrays()
    {
        if (!TryGetEntry(out int entry, out _)) return;
        int limit = _limit;
        using NativeBuffer<ulong> reached = new();
        using NativeBuffer<int> pending = new();
        reached.EnsureLength((limit + 63) / 64);
        Spread(entry, limit, reached.Pointer, pending);
        Neighbor[] found = new Neighbor[ConnectEf];
        SearchStats stats = default;
        for (int id = 0; id < limit; id++)
        {
            if (IsReached(reached.Pointer, id) || ListOf(id, 0)[0] == GraphView.End) continue;
            int count = Search(new ReadOnlySpan<float>(_store.Rows.Row(id), _store.Dimensions), ConnectEf, ConnectEf, found, ref stats);
            if (!LinkFrom(found.AsSpan(0, count), id, reached.Pointer)) continue;
            Spread(id, limit, reached.Pointer, pending);
        }
    }

    /// <summary>Links a node and the nearest reached one with room in its list, both ways; without any, the nearest.</summary>
    private bool LinkFrom(ReadOnlySpan<Neighbor> candidates, int id, ulong* reached)
    {
        int last = (2 * _options.M) - 1, from = GraphView.End;
        foreach (Neighbor candidate in candidates)
        {
            int* list = ListOf(candidate.Id, 0);
            if (candidate.Id == id || !IsReached(reached, candidate.Id)) continue;
            // A chain's member has no list of its own.
            if (list[0] < 0 && (GraphView.IsChainLink(list[0]) ? list[1] : list[0]) == GraphView.End) continue;
            if (from == GraphView.End || list[last] == GraphView.End) from = candidate.Id;
            if (list[last] == GraphView.End) break;
        }
        if (from == GraphView.End) return false;
        // Whom a full list gives up, the stray leads to: else it might be the next one that no path leads to.
        int givenUp = Append(from, id, last);
        if (givenUp != GraphView.End) Append(id, givenUp, last);
        Append(id, from, givenUp == GraphView.End ? last : last - 1);
        return true;
    }

    /// <summary>Adds a neighbour; in a full list at the given place, whose neighbour is returned.</summary>
    private int Append(int node, int neighbor, int place)
    {
        int* list = ListOf(node, 0);
        int end = 0, last = (2 * _options.M) - 1;
        for (; end <= last && list[end] != GraphView.End; end++)
            if (list[end] == neighbor) return GraphView.End;
        if (end > last) end = place;
        int before = list[end];
        list[end] = neighbor;
        return before;
    }

    /// <summary>Marks all that layer 0 leads to from a node, chains included.</summary>
    private void Spread(int from, int limit, ulong* reached, NativeBuffer<int> pending)
    {
        int count = 0, degree = 2 * _options.M;
        Add(from);
        while (count > 0)
        {
            int* list = ListOf(pending.Pointer[--count], 0);
            for (int i = 0; i < degree && list[i] != GraphView.End; i++) Add(GraphView.IsChainLink(list[i]) ? GraphView.DecodeChainLink(list[i]) : list[i]);
        }

        void Add(int id)
        {
            if ((uint)id >= (uint)limit || IsReached(reached, id)) return;
            reached[id >> 6] |= 1UL << id;
            pending.EnsureLength(count + 1);
            pending.Pointer[count++] = id;
        }
    }

    private static bool IsReached(ulong* reached, int id) => (reached[id >> 6] & (1UL << id)) != 0;
}
