using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Graph;

public sealed unsafe partial class HnswGraph
{
    /// <summary>Candidates whose rows are read at least, before what they show about the estimates counts.</summary>
    private const int MinReranked = 16;

    /// <summary>How many times the worst error among those the next one may have.</summary>
    private const float Caution = 1.5f;

    /// <summary>The approximately nearest <paramref name="k"/> nodes, nearest first.</summary>
    /// <param name="query">As many floats as the store has dimensions; finite.</param>
    /// <param name="ef">Candidates kept; raised to k if lower. More is slower and finds more. Beyond some thousands a <see cref="HnswCursor"/> is the better
    /// way.</param>
    /// <param name="result">At least k long.</param>
    /// <returns>How many were found: fewer than k if fewer are linked (or reachable).</returns>
    public int Search(
        ReadOnlySpan<float> query, int k, int ef, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation = default)
    {
        CheckQuery(query, k, result);
        SearchContext context = SearchContextPool.Shared.Rent();
        try
        {
            SearchAction action = new(this, context, query, k, Math.Max(1, Math.Max(k, ef)), result, ref stats, cancellation);
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
        HnswGraph graph, SearchContext context, ReadOnlySpan<float> query, int k, int ef, Span<Neighbor> result, ref SearchStats stats,
        CancellationToken cancellation) : IKernelAction
    {
        private readonly ReadOnlySpan<float> _query = query;
        private readonly Span<Neighbor> _result = result;
        private readonly ref SearchStats _stats = ref stats;

        public int Found;

        public void Run<TKernel>()
            where TKernel : struct, IDistanceKernel
        {
            if (!graph.TrySnapshot(out GraphView view, out VectorRows rows, out int entry, out int level)) return;
            context.BindQuery(_query, rows.KernelDimensions, graph._options.Metric == DistanceMetric.Cosine);
            RowDistance<TKernel> distance = new(rows, context.Query);
            context.Begin(view.Limit, ef);
            if (graph._codes is { } codes)
            {
                context.QueryBytes.EnsureLength(codes.Dimensions);
                QuantizedQuery bound = codes.Bind(context.Query, context.Rotated, context.QueryBytes.Pointer);
                if (codes.Kind == VectorQuantization.Sq8)
                    Walk(view, new CodeDistance<Sq8Kernel>(codes.View, context.QueryBytes.Pointer, codes.Dimensions, bound), entry, level);
                else
                    Walk(view, new CodeDistance<Sq4Kernel>(codes.View, context.QueryBytes.Pointer, codes.Dimensions, bound), entry, level);
                Found = Rerank(ref distance);
                return;
            }
            context.Pool.Insert(Enter(view, ref distance, context, entry, level, ref _stats));
            DropOverflow overflow = default;
            BeamSearch.Run(view, ref distance, context, 0, walkChains: true, ref overflow, ref _stats, cancellation);
            Found = context.CopyResults(k, _result);
        }

        private readonly void Walk<TDistance>(in GraphView view, TDistance distance, int entry, int level)
            where TDistance : struct, INodeDistance
        {
            context.Pool.Insert(Enter(view, ref distance, context, entry, level, ref _stats));
            DropOverflow overflow = default;
            BeamSearch.Run(view, ref distance, context, 0, walkChains: true, ref overflow, ref _stats, cancellation);
        }

        /// <summary>
        /// Reads the rows of the candidates in the order of their estimates, and keeps the nearest k. Ends when the next estimate is farther from the kth
        /// than any has been from the truth.
        /// </summary>
        private int Rerank<TKernel>(ref RowDistance<TKernel> distance)
            where TKernel : struct, IDistanceKernel
        {
            CandidatePool pool = context.Pool;
            int count = pool.Size, ahead = Math.Min(MinReranked, count), done = 0;
            context.Reranked.EnsureLength(CandidatePool.Front + k + 1);
            CandidatePool best = new(context.Reranked.Pointer + CandidatePool.Front, k);
            float worst = 0;
            for (int i = 0; i < ahead; i++) distance.Prefetch(Candidate.Id(pool.Items[i]));
            for (; done < count; done++)
            {
                ulong candidate = pool.Items[done];
                float estimate = Candidate.Distance(candidate);
                if (done >= MinReranked && best.Size == k && estimate - (Caution * worst) > Candidate.Distance(best.Bound)) break;
                if (ahead < count) distance.Prefetch(Candidate.Id(pool.Items[ahead++]));
                int id = Candidate.Id(candidate);
                float exact = distance.To(id);
                worst = Math.Max(worst, Math.Abs(exact - estimate));
                ulong reranked = Candidate.Make(exact, id);
                if (reranked < best.Bound) best.Insert(reranked);
            }
            _stats.Reranked += done;
            for (int i = 0; i < best.Size; i++) _result[i] = new(Candidate.Id(best.Items[i]), Candidate.Distance(best.Items[i]));
            return best.Size;
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
