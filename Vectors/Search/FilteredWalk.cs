using VecSql.Vectors.Graph;

namespace VecSql.Vectors.Search;

/// <summary>
/// Search of layer 0 for nodes that a filter accepts; the pool holds accepted nodes only, so ef counts them alone.
/// <list type="number">
/// <item>Take the nearest unexpanded node, accepted or bridge; stop when it is no nearer than a full pool's last.</item>
/// <item>Its accepted neighbours are scored and enter the pool.</item>
/// <item>While at least <see cref="DenseShare"/> of the neighbours seen are accepted, the failing ones are scored too and serve as bridges.</item>
/// <item>Otherwise the walk looks through failing neighbours, unscored, at <em>their</em> accepted neighbours (ACORN-1; Patel et al., arXiv 2403.04871).</item>
/// <item>If that yields too few, the failing neighbours are scored and become bridges after all, so that a filter whose matches lie far from the query
/// doesn't strand the walk.</item>
/// </list>
/// </summary>
internal static unsafe class FilteredWalk
{
    public const double DenseShare = 0.25;

    /// <summary>
    /// Runs from the context's entry (visited, not yet in the pool). False if <paramref name="budget"/> distances and lists were spent before the end: the
    /// pool then holds what was found.
    /// </summary>
    public static bool Run<TDistance, TFilter>(
        in GraphView graph, ref TDistance distance, SearchContext context, ulong entry, ref TFilter filter, long budget, ref SearchStats stats,
        CancellationToken cancellation)
        where TDistance : struct, INodeDistance
        where TFilter : struct, INodeFilter
    {
        ref CandidatePool pool = ref context.Pool;
        int degree = graph.Degree;
        int minYield = Math.Max(1, degree / 8);
        long spent = 0, seen = 1, accepted = 1;
        context.Failing.EnsureLength(degree);
        stats.FilterChecks++;
        if (filter.Accept(Candidate.Id(entry))) pool.Insert(entry);
        else context.PushHeap(entry);

        while (TryTakeNext(context, out ulong next))
        {
            cancellation.ThrowIfCancellationRequested();
            if (spent > budget) return false;
            stats.Hops++;
            int* list = graph.Neighbors(Candidate.Id(next));
            int twins = GraphView.IsChainLink(list[0]) ? AddChain(graph, context, list[0], next, ref filter, ref stats) : 0;
            context.FreshCount = 0;
            int failing = Gather(graph, context, list, ref filter, ref stats);
            seen += failing + context.FreshCount;
            accepted += context.FreshCount;
            bool dense = accepted >= DenseShare * seen;
            if (!dense)
            {
                for (int i = 0; i < failing; i++) GatherBehind(graph, context, context.Failing.Pointer[i], ref filter, ref stats);
                spent += failing;
            }

            int fresh = context.FreshCount;
            Score(graph, ref distance, context);
            if (dense || fresh + twins < minYield)
            {
                Bridge(ref distance, context, failing);
                fresh += failing;
            }
            spent += fresh;
            stats.Distances += fresh;
        }
        return true;
    }

    /// <summary>The nearer of the pool's next and the nearest bridge; false when neither could improve a full pool.</summary>
    private static bool TryTakeNext(SearchContext context, out ulong next)
    {
        ref CandidatePool pool = ref context.Pool;
        while (pool.Cursor < pool.Size && (pool.Items[pool.Cursor] & Candidate.Expanded) != 0) pool.Cursor++;
        ulong fromPool = pool.Cursor < pool.Size ? pool.Items[pool.Cursor] : ulong.MaxValue;
        ulong fromBridges = context.HeapSize > 0 ? context.Heap.Pointer[0] : ulong.MaxValue;
        next = Math.Min(fromPool, fromBridges);
        if (next == ulong.MaxValue) return false;
        if (next == fromPool)
        {
            pool.Items[pool.Cursor++] |= Candidate.Expanded;
            return true;
        }
        if (next >= pool.Bound) return false;
        context.PopHeap();
        return true;
    }

    /// <summary>Marks the unvisited neighbours; accepted ones are to be scored, failing ones (returned: how many) go to their own buffer.</summary>
    private static int Gather<TFilter>(in GraphView graph, SearchContext context, int* list, ref TFilter filter, ref SearchStats stats)
        where TFilter : struct, INodeFilter
    {
        context.ReserveTouched(graph.Degree);
        int* fresh = context.Touched + context.TouchedCount;
        int count = BeamSearch.Gather(list, graph.Degree, graph.Limit, context.Visited, fresh);
        context.TouchedCount += count;
        stats.FilterChecks += count;
        int failing = 0;
        for (int i = 0; i < count; i++)
        {
            int id = fresh[i];
            if (filter.Accept(id))
            {
                context.AddFresh(id);
                continue;
            }
            BeamSearch.PrefetchList(graph.NeighborsAhead(id), graph.Degree);
            context.Failing.Pointer[failing++] = id;
        }
        return failing;
    }

    /// <summary>
    /// Finds the unvisited accepted neighbours and duplicates of a failing node. Neighbours that fail too stay unmarked, to be reached another way.
    /// </summary>
    private static void GatherBehind<TFilter>(in GraphView graph, SearchContext context, int node, ref TFilter filter, ref SearchStats stats)
        where TFilter : struct, INodeFilter
    {
        int* list = graph.Neighbors(node);
        int link = list[0];
        while (GraphView.IsChainLink(link))
        {
            int id = GraphView.DecodeChainLink(link);
            if ((uint)id >= (uint)graph.Limit || !context.Visit(id)) break;
            stats.FilterChecks++;
            if (filter.Accept(id)) context.AddFresh(id);
            link = graph.Neighbors(id)[0];
        }
        int checks = 0;
        for (int i = 0; i < graph.Degree; i++)
        {
            int id = list[i];
            if ((uint)id >= (uint)graph.Limit)
            {
                if (id == GraphView.End) break;
                continue;
            }
            if (context.IsVisited(id)) continue;
            checks++;
            if (filter.Accept(id) && context.Visit(id)) context.AddFresh(id);
        }
        stats.FilterChecks += checks;
    }

    private static void Score<TDistance>(in GraphView graph, ref TDistance distance, SearchContext context)
        where TDistance : struct, INodeDistance
    {
        ref CandidatePool pool = ref context.Pool;
        int* fresh = context.Fresh.Pointer;
        int count = context.FreshCount;
        context.Scores.EnsureLength(count + 3);
        float* scores = context.Scores.Pointer;
        distance.To(fresh, count, scores);
        for (int i = 0; i < count; i++)
        {
            ulong scored = Candidate.Make(scores[i], fresh[i]);
            if (scored >= pool.Bound) continue;
            pool.Insert(scored);
            BeamSearch.PrefetchList(graph.NeighborsAhead(fresh[i]), graph.Degree);
        }
    }

    private static void Bridge<TDistance>(ref TDistance distance, SearchContext context, int failing)
        where TDistance : struct, INodeDistance
    {
        int* nodes = context.Failing.Pointer;
        context.Scores.EnsureLength(failing + 3);
        float* scores = context.Scores.Pointer;
        distance.To(nodes, failing, scores);
        for (int i = 0; i < failing; i++)
        {
            ulong scored = Candidate.Make(scores[i], nodes[i]);
            if (scored < context.Pool.Bound) context.PushHeap(scored);
        }
    }

    /// <summary>Accepted members (returned: how many) of an expanded node's chain are as far as it is. The visited mark ends a damaged chain.</summary>
    private static int AddChain<TFilter>(
        in GraphView graph, SearchContext context, int link, ulong head, ref TFilter filter, ref SearchStats stats)
        where TFilter : struct, INodeFilter
    {
        int accepted = 0;
        while (GraphView.IsChainLink(link))
        {
            int id = GraphView.DecodeChainLink(link);
            if ((uint)id >= (uint)graph.Limit || !context.Visit(id)) break;
            stats.FilterChecks++;
            if (filter.Accept(id))
            {
                accepted++;
                ulong member = (head & 0xFFFFFFFF_00000000) | ((uint)id << 1) | Candidate.Expanded;
                if (member < context.Pool.Bound) context.Pool.Insert(member);
            }
            link = graph.Neighbors(id)[0];
        }
        return accepted;
    }
}
