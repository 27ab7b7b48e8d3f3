using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using VecSql.Vectors.Graph;

namespace VecSql.Vectors.Search;

/// <summary>What becomes of candidates that the pool has no room for.</summary>
internal interface IOverflow
{
    static abstract bool Keeps { get; }
    void Add(ulong candidate);
}

/// <summary>One search: they are gone.</summary>
internal readonly struct DropOverflow : IOverflow
{
    public static bool Keeps => false;
    public void Add(ulong candidate)
    {
    }
}

/// <summary>The first batch of a scan that may never be resumed: they are appended, to be ordered when it is.</summary>
internal readonly struct AppendOverflow(SearchContext context) : IOverflow
{
    public static bool Keeps => true;
    public void Add(ulong candidate) => context.AppendHeap(candidate);
}

/// <summary>Further batches: they are kept in order.</summary>
internal readonly struct HeapOverflow(SearchContext context) : IOverflow
{
    public static bool Keeps => true;
    public void Add(ulong candidate) => context.PushHeap(candidate);
}

/// <summary>
/// Best-first search of one layer (Malkov &amp; Yashunin 2016, algorithm 2): 1. take the nearest unexpanded candidate; 2. gather its unvisited
/// neighbours; 3. ask for their memory; 4. score them and keep the nearest. Ends when all candidates in the pool are expanded.
/// </summary>
internal static unsafe class BeamSearch
{
    /// <summary>Elements that may be read beyond those gathered and scored.</summary>
    private const int Slack = 16;

    /// <summary>Greedy walk through the layers <paramref name="fromLevel"/> down to above <paramref name="toLevel"/>.</summary>
    public static void Descend<TDistance>(
        in GraphView graph, ref TDistance distance, int fromLevel, int toLevel, ref int nearest, ref float nearestDistance, ref SearchStats stats)
        where TDistance : struct, INodeDistance
    {
        int* ids = stackalloc int[graph.UpperDegree];
        float* scores = stackalloc float[graph.UpperDegree + 3];
        for (int level = fromLevel; level > toLevel; level--)
        {
            bool moved = true;
            while (moved)
            {
                moved = false;
                int* list = graph.UpperNeighbors(nearest, level);
                if (list == null) break;
                stats.Hops++;
                int count = 0;
                for (; count < graph.UpperDegree; count++)
                {
                    // Read once: an insert beside may write another id there after the check.
                    int id = Volatile.Read(ref list[count]);
                    if ((uint)id >= (uint)graph.Limit) break;
                    ids[count] = id;
                }
                distance.To(ids, count, scores);
                for (int i = 0; i < count; i++)
                {
                    if (scores[i] >= nearestDistance) continue;
                    (nearest, nearestDistance, moved) = (ids[i], scores[i], true);
                }
                stats.Distances += count;
            }
        }
    }

    /// <summary>Runs from the candidates already in the context's pool (marked visited) until none is unexpanded.</summary>
    /// <param name="walkChains">Whether duplicates of expanded nodes become candidates too (searches), or not (inserts).</param>
    public static void Run<TDistance, TOverflow>(
        in GraphView graph, ref TDistance distance, SearchContext context, int level, bool walkChains, ref TOverflow overflow, ref SearchStats stats,
        CancellationToken cancellation)
        where TDistance : struct, INodeDistance
        where TOverflow : struct, IOverflow
    {
        ref CandidatePool pool = ref context.Pool;
        int degree = level == 0 ? graph.Degree : graph.UpperDegree;
        int hops = 0, distances = 0;
        float* scores = stackalloc float[degree + Slack];
        ulong* candidates = stackalloc ulong[degree + 1];
        while (pool.TryExpandNext(out ulong expanded))
        {
            cancellation.ThrowIfCancellationRequested();
            hops++;
            int node = Candidate.Id(expanded);
            int* list = level == 0 ? graph.Neighbors(node) : graph.UpperNeighbors(node, level);
            if (list == null) continue;
            if (walkChains && GraphView.IsChainLink(list[0])) WalkChain(graph, context, list[0], expanded, ref overflow);
            context.ReserveTouched(degree + Slack);
            int* fresh = context.Touched + context.TouchedCount;
            int count = Gather(list, degree, graph.Limit, context.Visited, fresh);
            context.TouchedCount += count;
            distances += count;

            distance.To(fresh, count, scores);
            if (Avx512F.IsSupported && !TOverflow.Keeps)
            {
                InsertNear(graph, ref pool, fresh, scores, count, prefetch: level == 0);
                continue;
            }
            int near = KeepNear(fresh, scores, count, pool.Bound, candidates, ref overflow);
            InsertAll(graph, ref pool, candidates, near, prefetch: level == 0, ref overflow);
        }
        stats.Hops += hops;
        stats.Distances += distances;
    }

    /// <summary>Of scored nodes those below the bound. Which they are is a coin's toss: counted, not branched on.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int KeepNear<TOverflow>(int* ids, float* scores, int count, ulong bound, ulong* near, ref TOverflow overflow)
        where TOverflow : struct, IOverflow
    {
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            ulong candidate = Candidate.Make(scores[i], ids[i]);
            near[kept] = candidate;
            if (TOverflow.Keeps && candidate >= bound) overflow.Add(candidate);
            kept += candidate < bound ? 1 : 0;
        }
        return kept;
    }

    /// <summary>Inserts what is below the bound, picked out sixteen at a time.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void InsertNear(in GraphView graph, ref CandidatePool pool, int* ids, float* scores, int count, bool prefetch)
    {
        uint* ordered = stackalloc uint[Vector512<uint>.Count];
        int* near = stackalloc int[Vector512<int>.Count];
        for (int i = 0; i < count; i += Vector512<float>.Count)
        {
            Vector512<int> bits = Vector512.Load((int*)scores + i);
            Vector512<uint> keys = (bits ^ ((bits >> 31) | Vector512.Create(int.MinValue))).AsUInt32();
            Vector512<uint> isNear = Vector512.LessThanOrEqual(keys, Vector512.Create((uint)(pool.Bound >> 32)))
                & Vector512.LessThan(Vector512<uint>.Indices, Vector512.Create((uint)(count - i)));
            int kept = BitOperations.PopCount(isNear.ExtractMostSignificantBits());
            Avx512F.Compress(default, isNear, keys).Store(ordered);
            Avx512F.Compress(default, isNear.AsInt32(), Vector512.Load(ids + i)).Store(near);
            for (int j = 0; j < kept; j++)
            {
                ulong candidate = ((ulong)ordered[j] << 32) | ((uint)near[j] << 1);
                if (candidate >= pool.Bound) continue;
                pool.Insert(candidate);
                if (prefetch) PrefetchList(graph.Neighbors(near[j]), graph.Degree);
            }
        }
    }

    /// <summary>Inserts candidates that were below the bound before any of them was in.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void InsertAll<TOverflow>(
        in GraphView graph, ref CandidatePool pool, ulong* candidates, int count, bool prefetch, ref TOverflow overflow)
        where TOverflow : struct, IOverflow
    {
        for (int i = 0; i < count; i++)
        {
            ulong candidate = candidates[i], evicted = candidate;
            if (candidate < pool.Bound)
            {
                evicted = pool.Insert(candidate);
                if (prefetch) PrefetchList(graph.NeighborsAhead(Candidate.Id(candidate)), graph.Degree);
            }
            if (TOverflow.Keeps && evicted != ulong.MaxValue) overflow.Add(evicted);
        }
    }

    /// <summary>Collects the list's ids that weren't visited, marking them; without branches on what the data holds.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Gather(int* list, int degree, int limit, ulong* visited, int* fresh)
    {
        int count = 0;
        for (int i = 0; i < degree; i++)
        {
            int id = list[i];
            if ((uint)id >= (uint)limit)
            {
                if (id == GraphView.End) break;
                continue;
            }
            ulong* word = visited + (id >> 6);
            ulong old = *word, bit = 1UL << id;
            *word = old | bit;
            fresh[count] = id;
            count += (old & bit) == 0 ? 1 : 0;
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchList(int* list, int degree)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < degree; i += 16) Sse.Prefetch0(list + i);
    }

    /// <summary>
    /// A chain's members are as far as its head, and lead nowhere else: they enter the pool expanded. A damaged chain ends at the first id seen before.
    /// </summary>
    private static void WalkChain<TOverflow>(in GraphView graph, SearchContext context, int link, ulong head, ref TOverflow overflow)
        where TOverflow : struct, IOverflow
    {
        ref CandidatePool pool = ref context.Pool;
        while (GraphView.IsChainLink(link))
        {
            int id = GraphView.DecodeChainLink(link);
            if ((uint)id >= (uint)graph.Limit || !context.Visit(id)) return;
            ulong member = (head & 0xFFFFFFFF_00000000) | ((uint)id << 1) | Candidate.Expanded;
            ulong evicted = member < pool.Bound ? pool.Insert(member) : member;
            if (TOverflow.Keeps && evicted != ulong.MaxValue) overflow.Add(evicted);
            // Without an overflow, one distance fills the pool at most once; the ids beyond it change nothing but which equals are named.
            if (!TOverflow.Keeps && evicted == member) return;
            link = graph.Neighbors(id)[0];
        }
    }
}
