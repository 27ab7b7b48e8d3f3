using System.Buffers;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>A distance of two int8vecs of equal length as a type.</summary>
internal interface IInt8Distance
{
    static abstract double Between(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y);
}

/// <summary>Functions and operators of the type int8vec. Arithmetic and aggregates are vector's: the cast to it is implicit, and nothing overflows there.</summary>
internal static class Int8VecFunctions
{
    private const string Name = Int8VecType.Name;

    /// <summary>What <c>quantize_int8</c> keeps to: as many steps below zero as above.</summary>
    private const float Steps = 127;

    public static void Register(FunctionLibrary library)
    {
        library.Add("int8vec_l2_distance", new VectorDistanceFunction<Dense<L2>>());
        library.Add("int8vec_l2_squared_distance", new VectorDistanceFunction<Dense<L2Squared>>());
        library.Add("int8vec_inner_product", new VectorDistanceFunction<Dense<InnerProduct>>());
        library.Add("int8vec_negative_inner_product", new VectorDistanceFunction<Dense<NegativeInnerProduct>>());
        library.Add("int8vec_cosine_distance", new VectorDistanceFunction<Dense<Cosine>>());
        library.Add("int8vec_l1_distance", new VectorDistanceFunction<Dense<L1>>());
        library.Strict("int8vec_vector_dims", static (in a, r, _) => StringFunctions.Int(r, a.Bytes(0).Length));
        library.Strict("int8vec_l2_norm", static (in a, r, _) => ((ColumnBuilder<double>)r).Append(Int8VectorMath.Norm(Int8VecType.Elements(a.Bytes(0)))));
        library.Strict("int8vec_binary_quantize", BinaryQuantize);
        library.Strict("int8vec_subvector", static (in a, r, _) => VectorSlices.Append(a, r, sizeof(sbyte), Name));
        library.Strict("int8vec_concat", static (in a, r, _) => VectorSlices.AppendBoth(a, r, sizeof(sbyte), Name));
        library.Strict("quantize_int8", Quantize);
        VectorComparisons.Register<Order>(library, Name);
        RegisterCasts(library);
    }

    private static void RegisterCasts(FunctionLibrary library)
    {
        library.Strict("int8vec", static (in a, r, _) =>
        {
            VectorLimits.CheckExpected(a.Get<int>(1), a.Bytes(0).Length);
            ((BytesColumnBuilder)r).Append(a.Bytes(0));
        });
        library.Strict("int8vec_to_vector", static (in a, r, _) =>
        {
            ReadOnlySpan<sbyte> x = Checked(a);
            Span<float> floats = VectorType.Take(x.Length, (BytesColumnBuilder)r);
            for (int i = 0; i < x.Length; i++) floats[i] = x[i];
            ((BytesColumnBuilder)r).EndValue();
        });
        library.Strict("int8vec_to_halfvec", static (in a, r, _) =>
        {
            ReadOnlySpan<sbyte> x = Checked(a);
            Span<Half> halves = HalfVecType.Take(x.Length, (BytesColumnBuilder)r);
            for (int i = 0; i < x.Length; i++) halves[i] = x[i];
            ((BytesColumnBuilder)r).EndValue();
        });
        library.Strict("vector_to_int8vec", static (in a, r, _) =>
        {
            ReadOnlySpan<float> floats = VectorType.Floats(a.Bytes(0));
            VectorLimits.CheckExpected(a.Get<int>(1), floats.Length);
            AppendRounded(floats, r);
        });
        library.Strict("halfvec_to_int8vec", static (in a, r, _) =>
        {
            ReadOnlySpan<Half> halves = HalfVecType.Halves(a.Bytes(0));
            VectorLimits.CheckExpected(a.Get<int>(1), halves.Length);
            float[] rented = ArrayPool<float>.Shared.Rent(halves.Length);
            HalfConversion.Widen(halves, rented.AsSpan(0, halves.Length));
            AppendRounded(rented.AsSpan(0, halves.Length), r);
            ArrayPool<float>.Shared.Return(rented);
        });
        library.Strict("array_to_int8vec", static (in a, r, c) => VectorCasts.FromArray(a, r, Name, c, static (floats, result) => AppendRounded(floats, result)));
        library.Strict("int8vec_to_float4", static (in a, r, _) =>
        {
            ColumnBuilder<float> elements = new(a.Bytes(0).Length);
            foreach (sbyte x in Int8VecType.Elements(a.Bytes(0))) elements.Append(x);
            AppendArray(TypeOid.Float4, elements, r);
        });
        library.Strict("int8vec_to_int4", static (in a, r, _) =>
        {
            ColumnBuilder<int> elements = new(a.Bytes(0).Length);
            foreach (sbyte x in Int8VecType.Elements(a.Bytes(0))) elements.Append(x);
            AppendArray(TypeOid.Int4, elements, r);
        });
    }

    private static ReadOnlySpan<sbyte> Checked(in RowArguments arguments)
    {
        ReadOnlySpan<sbyte> x = Int8VecType.Elements(arguments.Bytes(0));
        VectorLimits.CheckExpected(arguments.Get<int>(1), x.Length);
        return x;
    }

    private static void AppendRounded(ReadOnlySpan<float> floats, ColumnBuilder result)
    {
        Span<sbyte> elements = Int8VecType.Take(floats.Length, (BytesColumnBuilder)result);
        for (int i = 0; i < elements.Length; i++) elements[i] = Int8VecType.Round(floats[i]);
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void AppendArray(uint type, ColumnBuilder elements, ColumnBuilder result)
    {
        ArrayFormat.WriteVector(((BytesColumnBuilder)result).Output, type, elements.Build());
        ((BytesColumnBuilder)result).EndValue();
    }

    /// <summary>Each element times the scale, rounded; what lies beyond ±127 becomes that.</summary>
    private static void Quantize(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<float> x = VectorType.Floats(arguments.Bytes(0));
        float scale = arguments.Get<float>(1);
        if (!float.IsFinite(scale) || scale <= 0) throw new SqlException(SqlState.InvalidParameterValue, "scale must be a positive number");
        Span<sbyte> elements = Int8VecType.Take(x.Length, (BytesColumnBuilder)result);
        for (int i = 0; i < x.Length; i++) elements[i] = (sbyte)Math.Clamp(MathF.Round(x[i] * scale), -Steps, Steps);
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void BinaryQuantize(in RowArguments arguments, ColumnBuilder result, EvalContext context) =>
        BitType.WritePositive(Int8VecType.Elements(arguments.Bytes(0)), (BytesColumnBuilder)result);

    private readonly struct Order : IStoredOrder
    {
        public static int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y) => Int8VecType.CompareValues(x, y);
    }

    /// <summary>A metric over stored int8vecs.</summary>
    private readonly struct Dense<TMetric> : IStoredDistance where TMetric : struct, IInt8Distance
    {
        public static double Between(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
        {
            if (x.Length != y.Length) throw VectorLimits.DifferentDimensions(Name, x.Length, y.Length);
            return TMetric.Between(Int8VecType.Elements(x), Int8VecType.Elements(y));
        }
    }

    private readonly struct L2 : IInt8Distance { public static double Between(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y) => Int8VectorMath.L2Distance(x, y); }
    private readonly struct L2Squared : IInt8Distance { public static double Between(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y) => Int8VectorMath.L2SquaredDistance(x, y); }
    private readonly struct InnerProduct : IInt8Distance { public static double Between(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y) => Int8VectorMath.InnerProduct(x, y); }
    private readonly struct NegativeInnerProduct : IInt8Distance { public static double Between(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y) => -Int8VectorMath.InnerProduct(x, y); }
    private readonly struct Cosine : IInt8Distance { public static double Between(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y) => Int8VectorMath.CosineDistance(x, y); }
    private readonly struct L1 : IInt8Distance { public static double Between(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y) => Int8VectorMath.L1Distance(x, y); }
}
