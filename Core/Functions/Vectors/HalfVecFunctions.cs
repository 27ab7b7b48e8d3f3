using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>A distance of two halfvecs of equal length as a type.</summary>
internal interface IHalfDistance
{
    static abstract double Between(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y);
}

/// <summary>Functions and operators of pgvector's type halfvec. Elements are added and multiplied in 16 bits: each result is rounded to the nearest half.</summary>
internal static class HalfVecFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("halfvec_l2_distance", new VectorDistanceFunction<Dense<L2>>());
        library.Add("halfvec_l2_squared_distance", new VectorDistanceFunction<Dense<L2Squared>>());
        library.Add("halfvec_inner_product", new VectorDistanceFunction<Dense<InnerProduct>>());
        library.Add("halfvec_negative_inner_product", new VectorDistanceFunction<Dense<NegativeInnerProduct>>());
        library.Add("halfvec_cosine_distance", new VectorDistanceFunction<Dense<Cosine>>());
        library.Add("halfvec_l1_distance", new VectorDistanceFunction<Dense<L1>>());
        library.Add("halfvec_spherical_distance", new VectorDistanceFunction<Dense<Spherical>>());
        library.Strict("halfvec_vector_dims", static (in a, r, _) => StringFunctions.Int(r, a.Bytes(0).Length / sizeof(ushort)));
        library.Strict("halfvec_l2_norm", static (in a, r, _) => ((ColumnBuilder<double>)r).Append(HalfVectorMath.Norm(HalfVecType.Halves(a.Bytes(0)))));
        library.Strict("halfvec_l2_normalize", Normalize);
        library.Strict("halfvec_binary_quantize", Quantize);
        library.Strict("halfvec_subvector", static (in a, r, _) => VectorSlices.Append(a, r, sizeof(ushort), HalfVecType.Name));
        library.Strict("halfvec_concat", static (in a, r, _) => VectorSlices.AppendBoth(a, r, sizeof(ushort), HalfVecType.Name));
        library.Strict("halfvec_add", static (in a, r, _) => Combine<Sum>(a, r));
        library.Strict("halfvec_sub", static (in a, r, _) => Combine<Difference>(a, r));
        library.Strict("halfvec_mul", static (in a, r, _) => Combine<Product>(a, r));
        VectorComparisons.Register<Order>(library, HalfVecType.Name);
        library.Add("sum(halfvec)", new VectorAggregate(isAverage: false, isHalf: true));
        library.Add("avg(halfvec)", new VectorAggregate(isAverage: true, isHalf: true));
    }

    private static void Combine<TOperator>(in RowArguments arguments, ColumnBuilder result) where TOperator : struct, IHalfOperator
    {
        ReadOnlySpan<Half> x = HalfVecType.Halves(arguments.Bytes(0)), y = HalfVecType.Halves(arguments.Bytes(1));
        if (x.Length != y.Length) throw VectorLimits.DifferentDimensions(HalfVecType.Name, x.Length, y.Length);
        Span<Half> combined = HalfVecType.Take(x.Length, (BytesColumnBuilder)result);
        for (int i = 0; i < combined.Length; i++)
        {
            combined[i] = TOperator.Apply(x[i], y[i]);
            if (Half.IsInfinity(combined[i])) throw VectorFunctions.Overflow();
            if (TOperator.MayVanish && combined[i] == default && x[i] != default && y[i] != default) throw VectorFunctions.Underflow();
        }
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void Normalize(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<Half> x = HalfVecType.Halves(arguments.Bytes(0));
        HalfVectorMath.Normalize(x, HalfVecType.Take(x.Length, (BytesColumnBuilder)result));
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void Quantize(in RowArguments arguments, ColumnBuilder result, EvalContext context) =>
        BitType.WritePositive(HalfVecType.Halves(arguments.Bytes(0)), (BytesColumnBuilder)result);

    private interface IHalfOperator
    {
        /// <summary>Whether what isn't zero may give zero.</summary>
        static abstract bool MayVanish { get; }
        static abstract Half Apply(Half x, Half y);
    }

    private readonly struct Sum : IHalfOperator
    {
        public static bool MayVanish => false;
        public static Half Apply(Half x, Half y) => (Half)((float)x + (float)y);
    }

    private readonly struct Difference : IHalfOperator
    {
        public static bool MayVanish => false;
        public static Half Apply(Half x, Half y) => (Half)((float)x - (float)y);
    }

    private readonly struct Product : IHalfOperator
    {
        public static bool MayVanish => true;
        public static Half Apply(Half x, Half y) => (Half)((float)x * (float)y);
    }

    private readonly struct Order : IStoredOrder
    {
        public static int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y) => HalfVecType.CompareValues(x, y);
    }

    /// <summary>A metric over stored halfvecs.</summary>
    private readonly struct Dense<TMetric> : IStoredDistance where TMetric : struct, IHalfDistance
    {
        public static double Between(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
        {
            if (x.Length != y.Length) throw VectorLimits.DifferentDimensions(HalfVecType.Name, x.Length / sizeof(ushort), y.Length / sizeof(ushort));
            return TMetric.Between(HalfVecType.Halves(x), HalfVecType.Halves(y));
        }
    }

    private readonly struct L2 : IHalfDistance { public static double Between(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y) => HalfVectorMath.L2Distance(x, y); }
    private readonly struct L2Squared : IHalfDistance { public static double Between(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y) => HalfVectorMath.L2SquaredDistance(x, y); }
    private readonly struct InnerProduct : IHalfDistance { public static double Between(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y) => HalfVectorMath.InnerProduct(x, y); }
    private readonly struct NegativeInnerProduct : IHalfDistance { public static double Between(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y) => -HalfVectorMath.InnerProduct(x, y); }
    private readonly struct Cosine : IHalfDistance { public static double Between(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y) => HalfVectorMath.CosineDistance(x, y); }
    private readonly struct L1 : IHalfDistance { public static double Between(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y) => HalfVectorMath.L1Distance(x, y); }

    /// <summary>The angle of unit vectors, as a part of π.</summary>
    private readonly struct Spherical : IHalfDistance
    {
        public static double Between(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y) => Math.Acos(Math.Clamp(HalfVectorMath.InnerProduct(x, y), -1, 1)) / Math.PI;
    }
}
