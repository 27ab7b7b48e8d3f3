using System.Buffers;
using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>pgvector's aggregate steps over float8[] states ({count, sums …}).</summary>
internal static class VectorStateFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("vector_accum", static (in a, r, _) => Accumulate(a, r, VectorType.Floats(a.Bytes(1)), "vector_accum"));
        library.Strict("halfvec_accum", static (in a, r, _) =>
        {
            ReadOnlySpan<Half> halves = HalfVecType.Halves(a.Bytes(1));
            float[] wide = ArrayPool<float>.Shared.Rent(halves.Length);
            HalfConversion.Widen(halves, wide.AsSpan(0, halves.Length));
            Accumulate(a, r, wide.AsSpan(0, halves.Length), "halfvec_accum");
            ArrayPool<float>.Shared.Return(wide);
        });
        // Also halfvec's.
        library.Strict("vector_combine", Combine);
        library.Strict("vector_avg", Average);
        library.Strict("halfvec_avg", AverageHalf);
    }

    private static void Accumulate(in RowArguments arguments, ColumnBuilder result, ReadOnlySpan<float> value, string function)
    {
        ReadOnlySpan<double> state = State(arguments, 0, function);
        bool isNew = state.Length == 1;
        if (!isNew) VectorLimits.CheckExpected(state.Length - 1, value.Length);
        double[] next = new double[value.Length + 1];
        next[0] = state[0] + 1;
        for (int i = 0; i < value.Length; i++) next[i + 1] = Finite(isNew ? value[i] : state[i + 1] + value[i]);
        Write(next, result);
    }

    private static void Combine(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<double> left = State(arguments, 0, "vector_combine"), right = State(arguments, 1, "vector_combine");
        if (left[0] == 0 || right[0] == 0)
        {
            ReadOnlySpan<double> kept = left[0] == 0 ? right : left;
            VectorType.CheckDimensions(kept.Length - 1);
            Write(kept.ToArray(), result);
            return;
        }
        VectorType.CheckDimensions(left.Length - 1);
        VectorLimits.CheckExpected(left.Length - 1, right.Length - 1);
        double[] sums = new double[left.Length];
        sums[0] = left[0] + right[0];
        for (int i = 1; i < sums.Length; i++) sums[i] = Finite(left[i] + right[i]);
        Write(sums, result);
    }

    private static void Average(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<double> state = State(arguments, 0, "vector_avg");
        if (state[0] == 0)
        {
            result.AppendNull();
            return;
        }
        VectorType.CheckDimensions(state.Length - 1);
        Span<float> mean = VectorType.Take(state.Length - 1, (BytesColumnBuilder)result);
        for (int i = 0; i < mean.Length; i++) mean[i] = (float)(state[i + 1] / state[0]);
        VectorType.CheckFinite(mean);
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void AverageHalf(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<double> state = State(arguments, 0, "halfvec_avg");
        if (state[0] == 0)
        {
            result.AppendNull();
            return;
        }
        VectorLimits.CheckDimensions(state.Length - 1, HalfVecType.Name);
        Span<Half> mean = HalfVecType.Take(state.Length - 1, (BytesColumnBuilder)result);
        for (int i = 0; i < mean.Length; i++) mean[i] = VectorCasts.ToHalf((float)(state[i + 1] / state[0]));
        ((BytesColumnBuilder)result).EndValue();
    }

    /// <summary>The numbers of a one-dimensional float8[] without nulls.</summary>
    private static ReadOnlySpan<double> State(in RowArguments arguments, int argument, string function)
    {
        ArrayView view = new(TypeOid.AnyArray);
        view.Open((BytesColumn)arguments.Column(argument), arguments.Row);
        if (view.Dimensions != 1 || view.MayHaveNulls || view.ElementType != TypeOid.Float8)
            throw new SqlException(SqlState.InternalError, $"{function}: expected state array");
        return ((Column<double>)view.Elements).Values;
    }

    private static double Finite(double value) => double.IsInfinity(value) ? throw VectorFunctions.Overflow() : value;

    private static void Write(double[] state, ColumnBuilder result)
    {
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        Column<double> elements = new(MemoryMarshal.AsBytes(state.AsSpan()).ToArray(), default, state.Length);
        ArrayFormat.WriteVector(output.Output, TypeOid.Float8, elements);
        output.EndValue();
    }
}
