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
    private const int Shortlist = 15;

    /// <summary>The share of the true nearest that the shortlist by estimates must hold.</summary>
    private const double Sufficient = 0.99;

    /// <summary>Empty codes of the coarsest kind, from the one asked for on, that suffices; null if none does.</summary>
    public static QuantizedRows? Choose(VectorQuantization kind, DistanceMetric metric, IVectorStore store, int count, int expectedRows)
    {
        while (QuantizedRows.Create(kind, metric, store, count, expectedRows) is { } codes)
        {
            if (Suffices(codes, metric, store, count)) return codes;
            codes.Dispose();
            kind = kind == VectorQuantization.Sq4 ? VectorQuantization.Sq8 : VectorQuantization.None;
        }
        return null;
    }

    private static bool Suffices(QuantizedRows codes, DistanceMetric metric, IVectorStore store, int count)
    {
        TrialAction action = new(codes, store, count);
        KernelDispatch.Run(metric, store.RowsAreUnit, ref action);
        return action.Held >= Sufficient * action.Wanted;
    }

    private struct TrialAction(QuantizedRows codes, IVectorStore store, int count) : IKernelAction
    {
        public int Held, Wanted;

        public void Run<TKernel>()
            where TKernel : struct, IDistanceKernel
        {
            VectorRows rows = store.Rows;
            int step = Math.Max(1, count / SampledRows);
            using QuantizedRows sample = codes.NewAround(Math.Min(count, SampledRows));
            using NativeBuffer<float> rotated = new();
            using NativeBuffer<sbyte> bytes = new();
            List<int> ids = [];
            for (int id = 0; id < count; id += step)
            {
                if (!VectorMath.IsFinite(new ReadOnlySpan<float>(rows.Row(id), rows.Dimensions))) continue;
                sample.EnsureCapacity(ids.Count + 1);
                sample.Encode(ids.Count, rows.Row(id), rotated);
                ids.Add(id);
            }
            bytes.EnsureLength(codes.Dimensions);
            ulong[] exact = new ulong[ids.Count], estimated = new ulong[ids.Count];
            for (int query = 0; query < ids.Count; query += Math.Max(1, ids.Count / Queries))
            {
                float* row = rows.Row(ids[query]);
                QuantizedQuery bound = sample.Bind(row, !store.RowsAreUnit, rotated, bytes.Pointer);
                RowDistance<TKernel> truth = new(rows, row);
                if (sample.Kind == VectorQuantization.Sq8)
                    Try(truth, new CodeDistance<Sq8Kernel>(sample.View, bytes.Pointer, codes.Dimensions, bound), ids, exact, estimated);
                else
                    Try(truth, new CodeDistance<Sq4Kernel>(sample.View, bytes.Pointer, codes.Dimensions, bound), ids, exact, estimated);
            }
        }

        /// <summary>Counts rows of the shortlist that are as near as the last of the true nearest: equals stand in for each other.</summary>
        private void Try<TTruth, TEstimate>(TTruth truth, TEstimate estimate, List<int> ids, ulong[] exact, ulong[] estimated)
            where TTruth : struct, INodeDistance
            where TEstimate : struct, INodeDistance
        {
            for (int i = 0; i < exact.Length; i++)
            {
                exact[i] = Candidate.Make(truth.To(ids[i]), i);
                estimated[i] = Candidate.Make(estimate.To(i), i);
            }
            Array.Sort(estimated);
            ulong[] shortlist = [.. estimated.Take(Shortlist).Select(candidate => exact[Candidate.Id(candidate)])];
            Array.Sort(exact);
            int wanted = Math.Min(Nearest, exact.Length);
            float reach = Candidate.Distance(exact[wanted - 1]);
            Wanted += wanted;
            Held += Math.Min(wanted, shortlist.Count(candidate => Candidate.Distance(candidate) <= reach));
        }
    }
}
