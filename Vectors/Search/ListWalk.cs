using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;

namespace VecSql.Vectors.Search;

/// <summary>
/// Best-first search of layer 0 over codes beside the lists: 1. take the candidate with the nearest estimate; 2. compute its own distance from its row: a result; 3. estimate all its neighbours from that
/// and their codes, 32 at a time; 4. those below the bound that weren't expanded become candidates. Only expanded nodes are remembered: another neighbour's estimate may bring one in again, nearer.
/// </summary>
internal static unsafe class ListWalk
{
    /// <summary>Runs from the candidates in the context's pool (not marked visited) until none is unexpanded; <paramref name="nearest"/> takes the nearest by their own distance.</summary>
    public static void Run<TKernel>(
        in GraphView graph, SignCodes codes, SignQuery query, byte* table, RowDistance<TKernel> distance, SearchContext context, ref CandidatePool nearest, ref SearchStats stats,
        CancellationToken cancellation)
        where TKernel : struct, IDistanceKernel
    {
        ref CandidatePool pool = ref context.Pool;
        int degree = graph.Degree, listBytes = HnswGraph.ListBytes(degree), groups = codes.Groups, hops = 0;
        Vector512<float> step = Vector512.Create(query.Step), offset = Vector512.Create(query.Offset);
        Vector512<uint> limit = Vector512.Create((uint)graph.Limit), upper = Vector512.Create(0xFFFF0000);
        int* sums = stackalloc int[SignScan.Lanes];
        float* estimates = stackalloc float[SignScan.Lanes];
        while (pool.TryExpandNext(out ulong expanded))
        {
            cancellation.ThrowIfCancellationRequested();
            int node = Candidate.Id(expanded);
            if (!context.Visit(node)) continue;
            hops++;
            int* list = graph.Neighbors(node);
            float own = distance.To(node);
            ulong result = Candidate.Make(own, node);
            if (result < nearest.Bound)
            {
                nearest.Insert(result);
                if (GraphView.IsChainLink(list[0])) AddChain(graph, context, list[0], result, ref nearest);
            }
            byte* block = (byte*)list + listBytes;
            Vector512<float> from = Vector512.Create(own);
            for (int first = 0; first < degree; first += SignScan.Lanes)
            {
                SignScan.Sum(block, table, groups, sums);
                uint* factors = (uint*)(block + (groups * SignScan.GroupBytes));
                float reach = pool.Size == pool.Capacity ? Candidate.Distance(pool.Bound) : float.PositiveInfinity;
                uint near = 0;
                for (int half = 0; half < SignScan.Lanes; half += 16)
                {
                    Vector512<uint> pair = Vector512.Load(factors + half);
                    Vector512<float> addend = (pair & upper).AsSingle(), factor = (pair << 16).AsSingle();
                    Vector512<float> product = (Vector512.ConvertToSingle(Vector512.Load(sums + half)) * step) + offset;
                    Vector512<float> estimate = (factor * product) + (addend + from);
                    estimate.Store(estimates + half);
                    Vector512<uint> ids = Vector512.Load((uint*)list + first + half);
                    Vector512<uint> isNear = Vector512.LessThan(estimate, Vector512.Create(reach)).AsUInt32() & Vector512.LessThan(ids, limit);
                    near |= (uint)isNear.ExtractMostSignificantBits() << half;
                }
                while (near != 0)
                {
                    int lane = BitOperations.TrailingZeroCount(near);
                    near &= near - 1;
                    int id = list[first + lane];
                    ulong candidate = Candidate.Make(estimates[lane], id);
                    if (candidate >= pool.Bound || (uint)id >= (uint)graph.Limit || context.IsVisited(id)) continue;
                    pool.Insert(candidate);
                }
                block += codes.BlockBytes;
            }
            PrefetchNext(graph, pool, distance, (int)(block - (byte*)list));
        }
        stats.Hops += hops;
        stats.Distances += (long)hops * degree;
        stats.Reranked += hops;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchNext<TKernel>(in GraphView graph, in CandidatePool pool, RowDistance<TKernel> distance, int bytes)
        where TKernel : struct, IDistanceKernel
    {
        if (!Sse.IsSupported) return;
        int ahead = 2;
        for (int i = pool.Cursor; i < pool.Size && ahead > 0; i++)
        {
            if ((pool.Items[i] & Candidate.Expanded) != 0) continue;
            ahead--;
            int id = Candidate.Id(pool.Items[i]);
            byte* record = (byte*)graph.NeighborsAhead(id);
            distance.Prefetch(id);
            for (int at = 0; record != null && at < bytes; at += NativeMemoryBlock.CacheLine) Sse.Prefetch0(record + at);
        }
    }

    /// <summary>A chain's members are as far as its head, and lead nowhere else. Ends at the first id seen before, as a damaged chain must, and when there is no more room.</summary>
    private static void AddChain(in GraphView graph, SearchContext context, int link, ulong head, ref CandidatePool nearest)
    {
        while (GraphView.IsChainLink(link))
        {
            int id = GraphView.DecodeChainLink(link);
            if ((uint)id >= (uint)graph.Limit || !context.Visit(id)) return;
            ulong member = (head & 0xFFFFFFFF_00000000) | ((uint)id << 1);
            if (member >= nearest.Bound) return;
            nearest.Insert(member);
            link = graph.Neighbors(id)[0];
        }
    }
}
