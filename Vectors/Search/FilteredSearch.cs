using System.Numerics;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;

namespace VecSql.Vectors.Search;

/// <summary>How a filtered search is run.</summary>
public enum FilterStrategy
{
    /// <summary>Every match is scored: exact.</summary>
    ExactScan,

    /// <summary>The structure is searched: a graph is walked, and expanded through nodes that fail; lists are probed.</summary>
    Structure,
}

/// <summary>
/// Top-k among the nodes of a bitmap, by the cheaper of an exact scan and a walk. Always returns min(k, matches) nodes: a walk that finds fewer, or that costs
/// far more than was expected, ends as one.
/// </summary>
public static class FilteredSearch
{
    // Nanoseconds, measured on one Zen 5 core with AVX-512 and rows partly in cache; only their ratios matter to the choice. A scan reads rows in order, a walk
    // at random, and it pays for the lists and the pool as well.
    private const double ScanRowNs = 4, ScanByteNs = 0.035;
    private const double WalkRowNs = 20, WalkByteNs = 0.05;

    /// <summary>Of a full list's ids, those that are there and weren't seen yet, on average over a walk.</summary>
    private const double FreshShare = 0.45;

    private const double FailsNearbyFactor = 10;

    /// <summary>A walk is given up when it has cost so many times its estimate, and this share of what the scan would.</summary>
    private const double LostFactor = 3, LostShare = 0.25;

    /// <summary>Nodes expanded beyond ef before the pool is full of the right ones.</summary>
    private const int WarmUp = 10;

    /// <summary>The cheaper strategy by estimate. Pure: same arguments, same choice.</summary>
    /// <param name="matches">Nodes that the filter accepts.</param>
    /// <param name="total">Nodes in the graph.</param>
    /// <param name="rowBytes">Bytes that one distance reads.</param>
    /// <param name="degree">Neighbours per node in layer 0 at most.</param>
    /// <param name="walkBytes">Bytes that one distance of a walk reads (<see cref="HnswGraph.WalkBytes"/>); 0 if as many as a scan's.</param>
    /// <param name="failsNearby">The nodes around the query are known to fail: a walk would be long, and miss some.</param>
    public static FilterStrategy Choose(long matches, long total, int k, int ef, int rowBytes, int degree, bool failsNearby = false, int walkBytes = 0)
    {
        if (matches <= Math.Max(k, ef)) return FilterStrategy.ExactScan;
        return ScanCost(matches, rowBytes) <= WalkCost(matches, total, Math.Max(k, ef), walkBytes > 0 ? walkBytes : rowBytes, degree) * (failsNearby ? FailsNearbyFactor : 1)
            ? FilterStrategy.ExactScan
            : FilterStrategy.Structure;
    }

    /// <summary>What <see cref="Search(HnswGraph, ulong[], long, ReadOnlySpan{float}, int, int, Span{Neighbor}, ref SearchStats, CancellationToken)"/> takes in nanoseconds, about.</summary>
    public static double EstimateNs(long matches, long total, int k, int ef, int rowBytes, int degree, int walkBytes = 0)
    {
        double scan = ScanCost(matches, rowBytes);
        return matches <= Math.Max(k, ef) ? scan : Math.Min(scan, WalkCost(matches, total, Math.Max(k, ef), walkBytes > 0 ? walkBytes : rowBytes, degree));
    }

    /// <summary>What an exact scan of so many rows takes in nanoseconds, about.</summary>
    public static double ScanNs(double rows, int rowBytes) => rows * (ScanRowNs + (ScanByteNs * rowBytes));

    /// <summary>What one more node in the graph's own order takes in nanoseconds, about.</summary>
    public static double StepNs(int rowBytes, int degree) => FreshShare * degree * (WalkRowNs + (WalkByteNs * rowBytes));

    /// <summary>The top k of a bitmap's nodes, those beyond the store's count left out.</summary>
    /// <param name="bitmap">Word id/64, bit id%64; the caller has left out dead rows.</param>
    /// <param name="matches">Set bits below the store's count, or −1: they are counted.</param>
    public static int Search(
        HnswGraph graph, ulong[] bitmap, long matches, ReadOnlySpan<float> query, int k, int ef, Span<Neighbor> result, ref SearchStats stats,
        CancellationToken cancellation = default)
    {
        graph.CheckQuery(query, k, result);
        if (matches < 0) matches = CountMatches(bitmap, graph.Store.Count);
        int rowBytes = graph.Store.Dimensions * sizeof(float), walkBytes = graph.WalkBytes;
        if (Choose(matches, graph.LinkedCount, k, ef, rowBytes, 2 * graph.Options.M, walkBytes: walkBytes) == FilterStrategy.Structure)
        {
            // A walk that costs much more than walks do is among nodes that fail, far from the matches: it would find them late, and not all. Scanning is certain.
            double walk = WalkCost(matches, graph.LinkedCount, Math.Max(k, ef), walkBytes, 2 * graph.Options.M), scan = ScanCost(matches, rowBytes);
            long budget = (long)(Math.Min(scan, Math.Max(LostFactor * walk, LostShare * scan)) / (WalkRowNs + (WalkByteNs * walkBytes))) + ef;
            int found = Walk(graph, new BitmapFilter(bitmap), query, k, ef, budget, result, ref stats, cancellation);
            if (found >= Math.Min(k, matches)) return found;
        }
        return ExactSearch.Search(graph.Store, graph.Options.Metric, bitmap, query, k, result, ref stats, cancellation);
    }

    /// <summary>
    /// The top k of the nodes that any filter accepts, by walking; when the walk ends short, every node of the store is asked and scored. The number
    /// of matches need not be known.
    /// </summary>
    public static int Search<TFilter>(
        HnswGraph graph, TFilter filter, ReadOnlySpan<float> query, int k, int ef, Span<Neighbor> result, ref SearchStats stats,
        CancellationToken cancellation = default)
        where TFilter : struct, INodeFilter => SearchWithout(-1, graph, filter, query, k, ef, result, ref stats, cancellation);

    /// <summary>The same as if one node weren't there; −1: none. The filter leaves it out.</summary>
    public static int SearchWithout<TFilter>(
        int absent, HnswGraph graph, TFilter filter, ReadOnlySpan<float> query, int k, int ef, Span<Neighbor> result, ref SearchStats stats,
        CancellationToken cancellation = default)
        where TFilter : struct, INodeFilter
    {
        graph.CheckQuery(query, k, result);
        int rowBytes = graph.Store.Dimensions * sizeof(float);
        long budget = (long)(ScanCost(graph.Store.Count, rowBytes) / (WalkRowNs + (WalkByteNs * graph.WalkBytes))) + ef;
        int found = WalkWithout(absent, graph, filter, query, k, ef, budget, result, ref stats, cancellation);
        return found == k
            ? found
            : ExactSearch.Search(graph.Store, graph.Options.Metric, 0, int.MaxValue, filter, query, k, result, ref stats, cancellation);
    }

    /// <summary>
    /// The walk alone. Returns how many accepted nodes it found, at most k; −1 if the budget (in distances and lists read) ran out first.
    /// </summary>
    public static int Walk<TFilter>(
        HnswGraph graph, TFilter filter, ReadOnlySpan<float> query, int k, int ef, long budget, Span<Neighbor> result, ref SearchStats stats,
        CancellationToken cancellation = default)
        where TFilter : struct, INodeFilter => WalkWithout(-1, graph, filter, query, k, ef, budget, result, ref stats, cancellation);

    private static int WalkWithout<TFilter>(
        int absent, HnswGraph graph, TFilter filter, ReadOnlySpan<float> query, int k, int ef, long budget, Span<Neighbor> result, ref SearchStats stats,
        CancellationToken cancellation)
        where TFilter : struct, INodeFilter
    {
        graph.CheckQuery(query, k, result);
        SearchContext context = SearchContextPool.Shared.Rent();
        try
        {
            WalkAction<TFilter> action = new(graph, context, absent, filter, query, k, Math.Max(1, Math.Max(k, ef)), budget, result, ref stats, cancellation);
            KernelDispatch.Run(graph.Options.Metric, graph.Store.RowsAreUnit, ref action);
            return action.Found;
        }
        finally
        {
            SearchContextPool.Shared.Return(context);
        }
    }

    private static double ScanCost(long matches, int rowBytes) => matches * (ScanRowNs + (ScanByteNs * rowBytes));

    /// <summary>
    /// Each accepted node that is expanded costs its unseen neighbours. Where many pass, one in so many of them counts. Where few pass, looking through the
    /// failing ones costs about as much as four dense expansions, until even two hops yield too little and bridges are expanded in between.
    /// </summary>
    private static double WalkCost(long matches, long total, int ef, int rowBytes, int degree)
    {
        double share = Math.Clamp((double)matches / Math.Max(1, total), 1e-9, 1);
        return (ef + WarmUp) * StepNs(rowBytes, degree) * (share >= FilteredWalk.DenseShare ? 1 / share : Math.Max(4, 0.6 / share));
    }

    internal static long CountMatches(ulong[] bitmap, int count)
    {
        long matches = 0;
        int words = Math.Min(bitmap.Length, count >> 6);
        for (int i = 0; i < words; i++) matches += BitOperations.PopCount(bitmap[i]);
        if (words < bitmap.Length && (count & 63) != 0) matches += BitOperations.PopCount(bitmap[words] & ((1UL << count) - 1));
        return matches;
    }

    private ref struct WalkAction<TFilter>(
        HnswGraph graph, SearchContext context, int absent, TFilter filter, ReadOnlySpan<float> query, int k, int ef, long budget, Span<Neighbor> result,
        ref SearchStats stats, CancellationToken cancellation) : IKernelAction, IDistanceAction
        where TFilter : struct, INodeFilter
    {
        private readonly ReadOnlySpan<float> _query = query;
        private readonly Span<Neighbor> _result = result;
        private readonly ref SearchStats _stats = ref stats;
        private TFilter _filter = filter;
        private GraphView _view;
        private int _entry, _level;
        private bool _completed;

        public int Found;

        public unsafe void Run<TKernel>()
            where TKernel : struct, IDistanceKernel
        {
            if (!graph.TrySnapshot(out _view, out VectorRows rows, out _entry, out _level)) return;
            context.BindQuery(_query, rows.KernelDimensions, graph.Options.Metric == DistanceMetric.Cosine);
            RowDistance<TKernel> distance = new(rows, context.Query);
            if (graph.Codes is { } codes)
            {
                context.Begin(_view.Limit, Reranking.Candidates(k, ef, codes.Kind.Bits()));
                context.BindCodes(codes, context.Query, normalize: false);
                graph.ChooseEntry(context, ref _entry, ref _level);
                CodeDispatch.Run(codes, context, ref this);
                Found = _completed ? Reranking.TakeNearest(distance, codes, context, k, _result, ref _stats) : -1;
                return;
            }
            context.Begin(_view.Limit, ef);
            RunOver(distance);
            Found = _completed ? context.CopyResults(k, _result) : -1;
        }

        public void RunOver<TDistance>(TDistance distance)
            where TDistance : struct, INodeDistance
        {
            if (absent >= 0) context.Visit(absent);
            ulong start = HnswGraph.Enter(_view, ref distance, context, _entry, _level, ref _stats);
            _completed = FilteredWalk.Run(_view, ref distance, context, start, ref _filter, budget, ref _stats, cancellation);
        }
    }
}
