using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Quantization;

/// <summary>
/// Whether codes tell near rows from nearer ones, tried on the rows themselves. They don't where all that matters lies within a small part of the set's
/// extent (tight clusters far apart): an error that is small beside the distance from the center is large beside that of neighbours.
/// </summary>
internal static unsafe class CodeQuality
{
    private const int SampledRows = 8192;
    private const int Queries = 32;
    private const int Nearest = 10;

    /// <summary>Candidates by estimates that must hold the true nearest; who asks for fewer than four bits asks for small codes, and more candidates.</summary>
    private const int Shortlist = 15, CoarseShortlist = 40;

    /// <summary>The share of the true nearest that the shortlist by estimates must hold.</summary>
    private const double Sufficient = 0.99;

    /// <summary>Empty codes of the coarsest kind, from the one asked for on, that suffices; null if none does.</summary>
    public static QuantizedRows? Choose(VectorQuantization kind, DistanceMetric metric, IVectorStore store, int count, int expectedRows)
    {
        if (kind == VectorQuantization.Auto) kind = VectorQuantization.RaBitQ4;
        Sample? sample = null;
        while (QuantizedRows.Create(kind, metric, store, count, expectedRows) is { } codes)
        {
            sample ??= new Sample(metric, store, count);
            if (sample.Suffices(codes, kind.Bits() < 4 ? CoarseShortlist : Shortlist)) return codes;
            codes.Dispose();
            kind = kind.Finer();
        }
        return null;
    }

    /// <summary>Some rows, some of them as queries, and the distances of all from these.</summary>
    private sealed class Sample : IKernelAction
    {
        private readonly IVectorStore _store;
        private readonly List<int> _ids = [];
        private readonly List<(int Row, float[] Distances, float Reach)> _queries = [];

        public Sample(DistanceMetric metric, IVectorStore store, int count)
        {
            _store = store;
            VectorRows rows = store.Rows;
            for (int id = 0; id < count; id += Math.Max(1, count / SampledRows))
                if (VectorMath.IsFinite(new ReadOnlySpan<float>(rows.Row(id), rows.Dimensions))) _ids.Add(id);
            Sample self = this;
            KernelDispatch.Run(metric, store.RowsAreUnit, ref self);
        }

        public void Run<TKernel>()
            where TKernel : struct, IDistanceKernel
        {
            VectorRows rows = _store.Rows;
            for (int query = 0; query < _ids.Count; query += Math.Max(1, _ids.Count / Queries))
            {
                RowDistance<TKernel> truth = new(rows, rows.Row(_ids[query]));
                float[] distances = [.. _ids.Select(truth.To)];
                float[] sorted = [.. distances];
                Array.Sort(sorted);
                _queries.Add((_ids[query], distances, sorted[Math.Min(Nearest, sorted.Length) - 1]));
            }
        }

        public bool Suffices(QuantizedRows codes, int shortlist)
        {
            VectorRows rows = _store.Rows;
            using QuantizedRows sample = codes.NewAround(_ids.Count);
            using SearchContext context = new();
            sample.EnsureCapacity(_ids.Count);
            for (int i = 0; i < _ids.Count; i++) sample.Encode(i, rows.Row(_ids[i]), context.Rotated);
            int held = 0;
            foreach ((int row, float[] distances, float reach) in _queries)
            {
                context.BindCodes(sample, rows.Row(row), normalize: !_store.RowsAreUnit);
                EstimateAction estimates = new(new ulong[_ids.Count]);
                CodeDispatch.Run(sample, context, ref estimates);
                Array.Sort(estimates.Candidates);
                // Those as near as the last of the true nearest: equals stand in for each other.
                int near = estimates.Candidates.Take(shortlist).Count(candidate => distances[Candidate.Id(candidate)] <= reach);
                held += Math.Min(near, Nearest);
            }
            return held >= Sufficient * _queries.Count * Math.Min(Nearest, _ids.Count);
        }
    }

    private readonly struct EstimateAction(ulong[] candidates) : IDistanceAction
    {
        public ulong[] Candidates => candidates;

        public void RunOver<TDistance>(TDistance distance)
            where TDistance : struct, INodeDistance
        {
            for (int i = 0; i < candidates.Length; i++) candidates[i] = Candidate.Make(distance.To(i), i);
        }
    }
}
