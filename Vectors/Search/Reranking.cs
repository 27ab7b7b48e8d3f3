using VecSql.Vectors.Kernels;

namespace VecSql.Vectors.Search;

/// <summary>From candidates by estimates to results by the rows themselves.</summary>
internal static unsafe class Reranking
{
    /// <summary>Candidates whose rows are read at least, before what they show about the estimates counts.</summary>
    private const int MinRead = 16;

    /// <summary>How many times the worst error so far the next estimate may have.</summary>
    private const float Caution = 1.5f;

    private const int Lookahead = 8;

    /// <summary>The candidates to keep on a walk by estimates: more than k, for their order isn't quite right.</summary>
    public static int Candidates(int k, int ef) => Math.Max(ef, k + Math.Max(3, k / 4));

    /// <summary>
    /// Reads the rows of the context's candidates in the order of their estimates, and writes the nearest k, nearest first. Ends when the next estimate
    /// is farther from the kth than errors have been.
    /// </summary>
    public static int TakeNearest<TKernel>(RowDistance<TKernel> distance, SearchContext context, int k, Span<Neighbor> result, ref SearchStats stats)
        where TKernel : struct, IDistanceKernel
    {
        if (k == 0) return 0;
        CandidatePool pool = context.Pool;
        int count = pool.Size, ahead = Math.Min(MinRead, count), read = 0;
        context.Reranked.EnsureLength(CandidatePool.Front + k + 1);
        CandidatePool nearest = new(context.Reranked.Pointer + CandidatePool.Front, k);
        float worst = 0;
        for (int i = 0; i < ahead; i++) distance.Prefetch(Candidate.Id(pool.Items[i]));
        for (; read < count; read++)
        {
            float estimate = Candidate.Distance(pool.Items[read]);
            if (read >= MinRead && nearest.Size == k && estimate - (Caution * worst) > Candidate.Distance(nearest.Bound)) break;
            if (ahead < count) distance.Prefetch(Candidate.Id(pool.Items[ahead++]));
            int id = Candidate.Id(pool.Items[read]);
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
