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

/// <summary>A distance over columns of vectors: one loop for each metric; no copies.</summary>
internal sealed class VectorDistanceFunction<TDistance> : ScalarFunction where TDistance : struct, IVectorDistance
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        BytesColumn left = (BytesColumn)arguments[0], right = (BytesColumn)arguments[1];
        BytesValues leftValues = left.Values, rightValues = right.Values;
        Span<double> output = ((ColumnBuilder<double>)result).Fill(Rows.Needed(selection));
        result.IntersectValidity(left, right);
        bool mayHaveNulls = left.MayHaveNulls || right.MayHaveNulls;
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            if (mayHaveNulls && (left.IsNull(row) || right.IsNull(row))) continue;
            ReadOnlySpan<float> x = VectorType.Floats(leftValues[row]), y = VectorType.Floats(rightValues[row]);
            if (x.Length != y.Length) throw VectorFunctions.DifferentDimensions(x.Length, y.Length);
            output[row] = TDistance.Between(x, y);
        }
    }
}

/// <summary>Functions and operators of pgvector's type vector.</summary>
internal static class VectorFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("l2_distance", new VectorDistanceFunction<L2>());
        library.Add("vector_l2_squared_distance", new VectorDistanceFunction<L2Squared>());
        library.Add("inner_product", new VectorDistanceFunction<InnerProduct>());
        library.Add("vector_negative_inner_product", new VectorDistanceFunction<NegativeInnerProduct>());
        library.Add("cosine_distance", new VectorDistanceFunction<Cosine>());
        library.Add("l1_distance", new VectorDistanceFunction<L1>());
        library.Add("vector_spherical_distance", new VectorDistanceFunction<Spherical>());
        library.Strict("vector_dims", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(a.Bytes(0).Length / sizeof(float)));
        library.Strict("vector_norm", static (in a, r, _) => ((ColumnBuilder<double>)r).Append(VectorMath.Norm(VectorType.Floats(a.Bytes(0)))));
        library.Strict("l2_normalize", Normalize);
        library.Strict("binary_quantize", Quantize);
        library.Strict("subvector", Subvector);
        library.Strict("vector_add", Add);
        library.Strict("vector_sub", Subtract);
        library.Strict("vector_mul", Multiply);
        library.Strict("vector_concat", Concatenate);
        library.Strict("vector", static (in a, r, _) =>
        {
            VectorType.CheckExpected(a.Get<int>(1), a.Bytes(0).Length / sizeof(float));
            ((BytesColumnBuilder)r).Append(a.Bytes(0));
        });
        library.Strict("vector_cmp", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(Compare(a)));
        library.Strict("vector_lt", static (in a, r, _) => ((ColumnBuilder<bool>)r).Append(Compare(a) < 0));
        library.Strict("vector_le", static (in a, r, _) => ((ColumnBuilder<bool>)r).Append(Compare(a) <= 0));
        library.Strict("vector_eq", static (in a, r, _) => ((ColumnBuilder<bool>)r).Append(Compare(a) == 0));
        library.Strict("vector_ne", static (in a, r, _) => ((ColumnBuilder<bool>)r).Append(Compare(a) != 0));
        library.Strict("vector_ge", static (in a, r, _) => ((ColumnBuilder<bool>)r).Append(Compare(a) >= 0));
        library.Strict("vector_gt", static (in a, r, _) => ((ColumnBuilder<bool>)r).Append(Compare(a) > 0));
        library.Add("sum(vector)", new VectorAggregate(isAverage: false));
        library.Add("avg(vector)", new VectorAggregate(isAverage: true));
    }

    internal static SqlException DifferentDimensions(int left, int right) => new(SqlState.DataException, $"different vector dimensions {left} and {right}");
    internal static SqlException Overflow() => new(SqlState.NumericValueOutOfRange, "value out of range: overflow");
    private static SqlException Underflow() => new(SqlState.NumericValueOutOfRange, "value out of range: underflow");

    private static int Compare(in RowArguments arguments) => VectorType.CompareValues(arguments.Bytes(0), arguments.Bytes(1));

    /// <summary>Two operands of equal length.</summary>
    private static void Operands(in RowArguments arguments, out ReadOnlySpan<float> x, out ReadOnlySpan<float> y)
    {
        x = VectorType.Floats(arguments.Bytes(0));
        y = VectorType.Floats(arguments.Bytes(1));
        if (x.Length != y.Length) throw DifferentDimensions(x.Length, y.Length);
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

    private static void Concatenate(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<byte> x = arguments.Bytes(0), y = arguments.Bytes(1);
        VectorType.CheckDimensions((x.Length + y.Length) / sizeof(float));
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        builder.Output.Write(x);
        builder.Append(y);
    }

    private static void Normalize(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<float> x = VectorType.Floats(arguments.Bytes(0));
        Span<float> unit = VectorType.Take(x.Length, (BytesColumnBuilder)result);
        VectorMath.Normalize(x, unit);
        EndFinite(unit, result);
    }

    /// <summary>A bit for each element above zero, in the form of the type bit: their number as 32 bits, most significant first, then the bits likewise.</summary>
    private static void Quantize(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<float> x = VectorType.Floats(arguments.Bytes(0));
        BytesColumnBuilder builder = (BytesColumnBuilder)result;
        builder.Output.WriteInt32BigEndian(x.Length);
        Span<byte> bits = builder.Output.Take((x.Length + 7) / 8);
        bits.Clear();
        for (int i = 0; i < x.Length; i++)
            if (x[i] > 0) bits[i >> 3] |= (byte)(0x80 >> (i & 7));
        builder.EndValue();
    }

    /// <summary>subvector(v, start, count): from 1; what lies outside is left out.</summary>
    private static void Subvector(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<byte> value = arguments.Bytes(0);
        long length = value.Length / sizeof(float), start = arguments.Get<int>(1), end = start + arguments.Get<int>(2);
        start = Math.Max(start, 1);
        end = Math.Min(end, length + 1);
        int dimensions = (int)Math.Max(end - start, 0);
        VectorType.CheckDimensions(dimensions);
        ((BytesColumnBuilder)result).Append(value.Slice((int)(start - 1) * sizeof(float), dimensions * sizeof(float)));
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
