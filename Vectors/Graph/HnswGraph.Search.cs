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
            if (graph._neighborCodes is { } lists && WalkLists(distance, lists.Signs)) return;
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

        /// <summary>False if that didn't find k: what stood several times in the pool left too little room for others.</summary>
        private unsafe bool WalkLists<TKernel>(RowDistance<TKernel> distance, SignCodes signs)
            where TKernel : struct, IDistanceKernel
        {
            context.Begin(_view.Limit, Math.Max(k, ef));
            context.BindCodes(graph._codes!, context.Query, normalize: false);
            graph.ChooseEntry(context, ref _entry, ref _level);
            EnterAction enter = new(_view, context, _entry, _level, ref _stats);
            CodeDispatch.Run(graph._codes!, context, ref enter);
            if (absent >= 0) context.Visit(absent);
            context.SignTable.EnsureLength(signs.TableBytes);
            SignQuery query = signs.Bind(context.Rotated.Pointer, context.SignTable.Pointer);
            context.Reranked.EnsureLength(CandidatePool.Room(k));
            CandidatePool nearest = new(context.Reranked.Pointer + CandidatePool.Front, k);
            nearest.Clear();
            if (absent >= 0) context.Visit(absent);
            ListWalk.Run(_view, signs, query, context.SignTable.Pointer, distance, context, ref nearest, ref _stats, cancellation);
            for (int i = 0; i < nearest.Size; i++) _result[i] = new(Candidate.Id(nearest.Items[i]), Candidate.Distance(nearest.Items[i]));
            Found = nearest.Size;
            return Found == k;
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
    public bool IsOrdinary(int id) => (uint)id < (uint)Limit && *(int*)_upperIndex.At(id) < 0 && *(int*)_records.At(id) >= 0;

    /// <summary>Puts the candidate that a walk over lists begins at into the pool.</summary>
    private ref struct EnterAction(GraphView view, SearchContext context, int entry, int level, ref SearchStats stats) : IDistanceAction
    {
        private readonly ref SearchStats _stats = ref stats;

        public void RunOver<TDistance>(TDistance distance)
            where TDistance : struct, INodeDistance
        {
            ulong start = Enter(view, ref distance, context, entry, level, ref _stats);
            context.End();
            context.Pool.Insert(start);
        }
    }

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
