using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>A distance of two vectors of equal length as a type, so that the loop over a batch is compiled for it.</summary>
internal interface IVectorDistance
{
    static abstract double Between(ReadOnlySpan<float> x, ReadOnlySpan<float> y);
}

/// <summary>Functions and operators of pgvector's type vector.</summary>
internal static class VectorFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("l2_distance", new VectorDistanceFunction<Dense<L2>>());
        library.Add("vector_l2_squared_distance", new VectorDistanceFunction<Dense<L2Squared>>());
        library.Add("inner_product", new VectorDistanceFunction<Dense<InnerProduct>>());
        library.Add("vector_negative_inner_product", new VectorDistanceFunction<Dense<NegativeInnerProduct>>());
        library.Add("cosine_distance", new VectorDistanceFunction<Dense<Cosine>>());
        library.Add("l1_distance", new VectorDistanceFunction<Dense<L1>>());
        library.Add("vector_spherical_distance", new VectorDistanceFunction<Dense<Spherical>>());
        library.Strict("vector_dims", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(a.Bytes(0).Length / sizeof(float)));
        library.Strict("vector_norm", static (in a, r, _) => ((ColumnBuilder<double>)r).Append(VectorMath.Norm(VectorType.Floats(a.Bytes(0)))));
        library.Strict("l2_normalize", Normalize);
        library.Strict("binary_quantize", Quantize);
        library.Strict("subvector", static (in a, r, _) => VectorSlices.Append(a, r, sizeof(float), "vector"));
        library.Strict("vector_add", Add);
        library.Strict("vector_sub", Subtract);
        library.Strict("vector_mul", Multiply);
        library.Strict("vector_concat", static (in a, r, _) => VectorSlices.AppendBoth(a, r, sizeof(float), "vector"));
        VectorComparisons.Register<Order>(library, "vector");
        library.Add("sum(vector)", new VectorAggregate(isAverage: false));
        library.Add("avg(vector)", new VectorAggregate(isAverage: true));
    }

    internal static SqlException Overflow() => new(SqlState.NumericValueOutOfRange, "value out of range: overflow");
    internal static SqlException Underflow() => new(SqlState.NumericValueOutOfRange, "value out of range: underflow");

    /// <summary>Two operands of equal length.</summary>
    private static void Operands(in RowArguments arguments, out ReadOnlySpan<float> x, out ReadOnlySpan<float> y)
    {
        x = VectorType.Floats(arguments.Bytes(0));
        y = VectorType.Floats(arguments.Bytes(1));
        if (x.Length != y.Length) throw VectorLimits.DifferentDimensions("vector", x.Length, y.Length);
    }

    private static void Add(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        Operands(arguments, out ReadOnlySpan<float> x, out ReadOnlySpan<float> y);
        Span<float> sum = VectorType.Take(x.Length, (BytesColumnBuilder)result);
        ElementWise.Add(x, y, sum);
        EndFinite(sum, result);
    }

    private static void Subtract(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        Operands(arguments, out ReadOnlySpan<float> x, out ReadOnlySpan<float> y);
        Span<float> difference = VectorType.Take(x.Length, (BytesColumnBuilder)result);
        ElementWise.Subtract(x, y, difference);
        EndFinite(difference, result);
    }

    private static void Multiply(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        Operands(arguments, out ReadOnlySpan<float> x, out ReadOnlySpan<float> y);
        Span<float> product = VectorType.Take(x.Length, (BytesColumnBuilder)result);
        ElementWise.Multiply(x, y, product);
        for (int i = 0; i < product.Length; i++)
            if (product[i] == 0 && x[i] != 0 && y[i] != 0) throw Underflow();
        EndFinite(product, result);
    }

    private static void EndFinite(ReadOnlySpan<float> value, ColumnBuilder result)
    {
        if (!VectorMath.IsFinite(value)) throw Overflow();
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void Normalize(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<float> x = VectorType.Floats(arguments.Bytes(0));
        Span<float> unit = VectorType.Take(x.Length, (BytesColumnBuilder)result);
        VectorMath.Normalize(x, unit);
        EndFinite(unit, result);
    }

    private static void Quantize(in RowArguments arguments, ColumnBuilder result, EvalContext context) =>
        BitType.WritePositive(VectorType.Floats(arguments.Bytes(0)), (BytesColumnBuilder)result);

    private readonly struct Order : IStoredOrder
    {
        public static int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y) => VectorType.CompareValues(x, y);
    }

    /// <summary>A metric over stored vectors.</summary>
    private readonly struct Dense<TMetric> : IStoredDistance where TMetric : struct, IVectorDistance
    {
        public static double Between(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
        {
            if (x.Length != y.Length) throw VectorLimits.DifferentDimensions("vector", x.Length / sizeof(float), y.Length / sizeof(float));
            return TMetric.Between(VectorType.Floats(x), VectorType.Floats(y));
        }
    }

    private readonly struct L2 : IVectorDistance { public static double Between(ReadOnlySpan<float> x, ReadOnlySpan<float> y) => VectorMath.L2Distance(x, y); }
    private readonly struct L2Squared : IVectorDistance { public static double Between(ReadOnlySpan<float> x, ReadOnlySpan<float> y) =>
        VectorMath.L2SquaredDistance(x, y); }
    private readonly struct InnerProduct : IVectorDistance { public static double Between(ReadOnlySpan<float> x, ReadOnlySpan<float> y) =>
        VectorMath.InnerProduct(x, y); }
    private readonly struct NegativeInnerProduct : IVectorDistance { public static double Between(ReadOnlySpan<float> x, ReadOnlySpan<float> y) =>
        -VectorMath.InnerProduct(x, y); }
    private readonly struct Cosine : IVectorDistance { public static double Between(ReadOnlySpan<float> x, ReadOnlySpan<float> y) =>
        VectorMath.CosineDistance(x, y); }
    private readonly struct L1 : IVectorDistance { public static double Between(ReadOnlySpan<float> x, ReadOnlySpan<float> y) => VectorMath.L1Distance(x, y); }

    /// <summary>The angle of unit vectors, as a part of π.</summary>
    private readonly struct Spherical : IVectorDistance
    {
        public static double Between(ReadOnlySpan<float> x, ReadOnlySpan<float> y) => Math.Acos(Math.Clamp(VectorMath.InnerProduct(x, y), -1, 1)) / Math.PI;
    }
}
