using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>A distance of two sparsevecs of equal dimensions as a type.</summary>
internal interface ISparseDistance
{
    static abstract double Between(SparseView x, SparseView y);
}

/// <summary>Functions and operators of pgvector's type sparsevec.</summary>
internal static class SparseVecFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("sparsevec_l2_distance", new VectorDistanceFunction<Sparse<L2>>());
        library.Add("sparsevec_l2_squared_distance", new VectorDistanceFunction<Sparse<L2Squared>>());
        library.Add("sparsevec_inner_product", new VectorDistanceFunction<Sparse<InnerProduct>>());
        library.Add("sparsevec_negative_inner_product", new VectorDistanceFunction<Sparse<NegativeInnerProduct>>());
        library.Add("sparsevec_cosine_distance", new VectorDistanceFunction<Sparse<Cosine>>());
        library.Add("sparsevec_l1_distance", new VectorDistanceFunction<Sparse<L1>>());
        library.Strict("sparsevec_l2_norm", static (in a, r, _) => ((ColumnBuilder<double>)r).Append(VectorMath.Norm(new SparseView(a.Bytes(0)).Values)));
        library.Strict("sparsevec_l2_normalize", Normalize);
        VectorComparisons.Register<Order>(library, SparseVecType.Name);
    }

    /// <summary>Elements that become zero are left out.</summary>
    private static void Normalize(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        SparseView x = new(arguments.Bytes(0));
        double norm = VectorMath.Norm(x.Values);
        int count = 0;
        foreach (float value in x.Values)
            if ((float)(value / norm) != 0) count++;
        SparseVecType.Take(x.Dimensions, count, (BytesColumnBuilder)result, out Span<int> places, out Span<float> values);
        for (int i = 0, at = 0; i < x.Count; i++)
            if ((float)(x.Values[i] / norm) is var scaled and not 0) (places[at], values[at++]) = (x.Places[i], scaled);
        ((BytesColumnBuilder)result).EndValue();
    }

    private readonly struct Order : IStoredOrder
    {
        public static int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y) => SparseView.Compare(new SparseView(x), new SparseView(y));
    }

    /// <summary>A metric over stored sparsevecs.</summary>
    private readonly struct Sparse<TMetric> : IStoredDistance where TMetric : struct, ISparseDistance
    {
        public static double Between(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
        {
            SparseView left = new(x), right = new(y);
            if (left.Dimensions != right.Dimensions) throw VectorLimits.DifferentDimensions(SparseVecType.Name, left.Dimensions, right.Dimensions);
            return TMetric.Between(left, right);
        }
    }

    private readonly struct L2 : ISparseDistance { public static double Between(SparseView x, SparseView y) => SparseMath.L2Distance(x.Places, x.Values, y.Places, y.Values); }
    private readonly struct L2Squared : ISparseDistance { public static double Between(SparseView x, SparseView y) => SparseMath.L2SquaredDistance(x.Places, x.Values, y.Places, y.Values); }
    private readonly struct InnerProduct : ISparseDistance { public static double Between(SparseView x, SparseView y) => SparseMath.InnerProduct(x.Places, x.Values, y.Places, y.Values); }
    private readonly struct NegativeInnerProduct : ISparseDistance { public static double Between(SparseView x, SparseView y) =>
        -SparseMath.InnerProduct(x.Places, x.Values, y.Places, y.Values); }
    private readonly struct Cosine : ISparseDistance { public static double Between(SparseView x, SparseView y) => SparseMath.CosineDistance(x.Places, x.Values, y.Places, y.Values); }
    private readonly struct L1 : ISparseDistance { public static double Between(SparseView x, SparseView y) => SparseMath.L1Distance(x.Places, x.Values, y.Places, y.Values); }
}
