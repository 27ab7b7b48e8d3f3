using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Graph;

public sealed unsafe partial class HnswGraph
{
    /// <summary>The approximately nearest <paramref name="k"/> nodes, nearest first.</summary>
    /// <param name="query">As many floats as the store has dimensions; finite.</param>
    /// <param name="ef">Candidates whose neighbours are looked at. More is slower and finds more; fewer than k still give k. Beyond some thousands a <see cref="HnswCursor"/> is the
    /// better way.</param>
    /// <param name="result">At least k long.</param>
    /// <returns>How many were found: fewer than k if fewer are linked (or reachable).</returns>
    public int Search(
        ReadOnlySpan<float> query, int k, int ef, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default) =>
        SearchWithout(-1, query, k, ef, result, ref stats, cancellation);

    /// <summary>The same as if one node weren't there: neither found nor walked through in the lowest layer. −1: none.</summary>
    public int SearchWithout(
        int absent, ReadOnlySpan<float> query, int k, int ef, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default)
    {
        CheckQuery(query, k, result);
        SearchContext context = SearchContextPool.Shared.Rent();
        try
        {
            SearchAction action = new(this, context, absent, query, k, Math.Max(1, ef), result, ref stats, cancellation);
            KernelDispatch.Run(_options.Metric, _store.RowsAreUnit, ref action);
            return action.Found;
        }
        finally
        {
            SearchContextPool.Shared.Return(context);
        }
    }

    internal void CheckQuery(ReadOnlySpan<float> query, int k, Span<Neighbor> result)
    {
        if (query.Length != _store.Dimensions) throw new ArgumentException($"expected {_store.Dimensions} dimensions, not {query.Length}");
        if (k < 0 || result.Length < k) throw new ArgumentOutOfRangeException(nameof(k));
    }

    private ref struct SearchAction(
        HnswGraph graph, SearchContext context, int absent, ReadOnlySpan<float> query, int k, int ef, Span<Neighbor> result, ref SearchStats stats,
        CancellationToken cancellation) : IKernelAction, IDistanceAction
    {
        private readonly ReadOnlySpan<float> _query = query;
        private readonly Span<Neighbor> _result = result;
        private readonly ref SearchStats _stats = ref stats;
        private GraphView _view;
        private int _entry, _level;

        public int Found;

        public void Run<TKernel>()
            where TKernel : struct, IDistanceKernel
        {
            if (!graph.TrySnapshot(out _view, out VectorRows rows, out _entry, out _level)) return;
            context.BindQuery(_query, rows.KernelDimensions, graph._options.Metric == DistanceMetric.Cosine);
            RowDistance<TKernel> distance = new(rows, context.Query);
            if (graph._codes is { } codes)
            {
                context.Begin(_view.Limit, Reranking.Candidates(k, ef, codes.Kind.Bits()), ef);
                context.BindCodes(codes, context.Query, normalize: false);
                graph.ChooseEntry(context, ref _entry, ref _level);
                CodeDispatch.Run(codes, context, ref this);
                Found = Reranking.TakeNearest(distance, codes, context, k, _result, ref _stats);
                return;
            }
            context.Begin(_view.Limit, Math.Max(k, ef), ef);
            RunOver(distance);
            Found = context.CopyResults(k, _result);
        }

        public void RunOver<TDistance>(TDistance distance)
            where TDistance : struct, INodeDistance
        {
            if (absent >= 0) context.Visit(absent);
            context.Pool.Insert(Enter(_view, ref distance, context, _entry, _level, ref _stats));
            DropOverflow overflow = default;
            BeamSearch.Run(_view, ref distance, context, 0, walkChains: true, ref overflow, ref _stats, cancellation);
        }
    }

    /// <summary>Whether the graph would be nearly the same without the node: it is linked, no duplicate's link, and in no upper layer.</summary>
    public bool IsOrdinary(int id) => (uint)id < (uint)Limit && LevelOf(id) == 0 && *(int*)_records.At(id) >= 0;

    /// <summary>Descends to layer 0, marks the node found there as visited and returns it as a candidate. The context has begun.</summary>
    internal static ulong Enter<TDistance>(
        in GraphView view, ref TDistance distance, SearchContext context, int nearest, int level, ref SearchStats stats)
        where TDistance : struct, INodeDistance
    {
        float nearestDistance = distance.To(nearest);
        stats.Distances++;
        BeamSearch.Descend(view, ref distance, level, 0, ref nearest, ref nearestDistance, ref stats);
        context.Visit(nearest);
        return Candidate.Make(nearestDistance, nearest);
    }
}
