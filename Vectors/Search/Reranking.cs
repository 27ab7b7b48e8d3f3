using VecSql.Vectors.Kernels;
using VecSql.Vectors.Quantization;

namespace VecSql.Vectors.Search;

/// <summary>From candidates by estimates to results by the rows themselves.</summary>
internal static unsafe class Reranking
{
    /// <summary>
    /// Standard deviations of its error that an estimate may be too far, and times the worst error so far, where errors are larger than their theory: a candidate is passed over if it would still
    /// be no nearer than the kth. One in four hundred errors is larger than three deviations; but rows that lie close together have one code, and err together.
    /// </summary>
    private const float Deviations = 3, Caution = 1.5f;

    private const int Lookahead = 8;

    /// <summary>The candidates to keep on a walk by estimates: more than k, for their order isn't quite right, and many more where codes are coarse.</summary>
    public static int Candidates(int k, int ef, int bits) => Math.Max(ef, k + Math.Max(3, bits switch { 2 => 4 * k, 3 => k, _ => k / 4 }));

    /// <summary>
    /// Reads the rows of the context's candidates in the order of their estimates, but for those whose lower bound is beyond the kth so far, and writes the nearest k, nearest first.
    /// </summary>
    public static int TakeNearest<TKernel>(
        RowDistance<TKernel> distance, QuantizedRows codes, SearchContext context, int k, Span<Neighbor> result, ref SearchStats stats)
        where TKernel : struct, IDistanceKernel
    {
        if (k == 0) return 0;
        CandidatePool pool = context.Pool;
        int count = pool.Size, first = Math.Min(k, count), read = first;
        context.Reranked.EnsureLength(CandidatePool.Room(k));
        CandidatePool nearest = new(context.Reranked.Pointer + CandidatePool.Front, k);
        nearest.Clear();
        for (int i = 0; i < first; i++) distance.Prefetch(Candidate.Id(pool.Items[i]));
        float worst = 0;
        for (int i = 0; i < first; i++)
        {
            int id = Candidate.Id(pool.Items[i]);
            float exact = distance.To(id);
            worst = Math.Max(worst, Math.Abs(exact - Candidate.Distance(pool.Items[i])));
            nearest.Insert(Candidate.Make(exact, id));
        }
        float spread = Deviations * context.QuantizedQuery.Spread;
        for (int i = first; i < count; i++)
        {
            int id = Candidate.Id(pool.Items[i]);
            float reach = Candidate.Distance(nearest.Bound), within = Math.Max(Caution * worst, spread * Math.Abs(codes.FactorOf(id))), estimate = Candidate.Distance(pool.Items[i]);
            if (estimate - within > reach)
            {
                // Those behind have estimates as far; their factors are of a size.
                if (estimate - (2 * within) > reach) break;
                continue;
            }
            read++;
            float exact = distance.To(id);
            worst = Math.Max(worst, Math.Abs(exact - estimate));
            ulong candidate = Candidate.Make(exact, id);
            if (candidate < nearest.Bound) nearest.Insert(candidate);
        }
        stats.Reranked += read;
        for (int i = 0; i < nearest.Size; i++) result[i] = new(Candidate.Id(nearest.Items[i]), Candidate.Distance(nearest.Items[i]));
        return nearest.Size;
    }

    /// <summary>Replaces the estimates of a whole pool by true distances, and sorts it anew.</summary>
    public static void RankAll<TKernel>(RowDistance<TKernel> distance, in CandidatePool pool)
        where TKernel : struct, IDistanceKernel
    {
        for (int i = 0; i < pool.Size; i++)
        {
            if (i + Lookahead < pool.Size) distance.Prefetch(Candidate.Id(pool.Items[i + Lookahead]));
            int id = Candidate.Id(pool.Items[i]);
            pool.Items[i] = Candidate.Make(distance.To(id), id);
        }
        new Span<ulong>(pool.Items, pool.Size).Sort();
    }
}
