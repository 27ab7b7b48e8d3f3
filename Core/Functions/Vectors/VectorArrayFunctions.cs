using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Between vectors and arrays, and pgvector's aggregate steps over float8[] states ({count, sums …}).</summary>
internal static class VectorArrayFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("array_to_vector", ToVector);
        library.Strict("vector_to_float4", ToArray);
        library.Strict("vector_accum", Accumulate);
        library.Strict("vector_combine", Combine);
        library.Strict("vector_avg", Average);
    }

    private static void ToVector(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ArrayView view = ArrayView.Rent(TypeOid.AnyArray);
        view.Open((BytesColumn)arguments.Column(0), arguments.Row);
        if (view.Dimensions > 1) throw new SqlException(SqlState.DataException, "array must be 1-D");
        for (int i = 0; i < view.Count && view.MayHaveNulls; i++)
            if (view.Elements.IsNull(i)) throw new SqlException(SqlState.NullValueNotAllowed, "array must not contain nulls");
        VectorType.CheckDimensions(view.Count);
        VectorType.CheckExpected(arguments.Get<int>(1), view.Count);
        Span<float> vector = VectorType.Take(view.Count, (BytesColumnBuilder)result);
        switch (view.ElementType)
        {
            case TypeOid.Float4:
                ((Column<float>)view.Elements).Values.CopyTo(vector);
                break;
            case TypeOid.Float8:
                for (int i = 0; i < vector.Length; i++) vector[i] = (float)((Column<double>)view.Elements)[i];
                break;
            case TypeOid.Int4:
                for (int i = 0; i < vector.Length; i++) vector[i] = ((Column<int>)view.Elements)[i];
                break;
            case TypeOid.Numeric:
                ConvertNumeric(view.Elements, vector, context);
                break;
            default:
                throw new SqlException(SqlState.DataException, "unsupported array type");
        }
        VectorType.CheckFinite(vector);
        ((BytesColumnBuilder)result).EndValue();
        view.Return();
    }

    /// <summary>Through text, as PostgreSQL converts numeric to real.</summary>
    private static void ConvertNumeric(Column elements, Span<float> vector, EvalContext context)
    {
        TypeHandler numeric = TypeHandlers.Of(TypeOid.Numeric);
        ByteBuffer text = new(64);
        for (int i = 0; i < vector.Length; i++)
        {
            text.Clear();
            numeric.FormatText(elements, i, SqlType.Numeric, text, context);
            vector[i] = FloatText.ParseSingle(text.WrittenSpan);
        }
    }

    private static void ToArray(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        BytesColumn column = (BytesColumn)arguments.Column(0);
        Column<float> elements = new(column.MemoryOf(arguments.Row), default, column[arguments.Row].Length / sizeof(float));
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        ArrayFormat.WriteVector(output.Output, TypeOid.Float4, elements);
        output.EndValue();
    }

    private static void Accumulate(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<double> state = State(arguments, 0, "vector_accum");
        ReadOnlySpan<float> value = VectorType.Floats(arguments.Bytes(1));
        bool isNew = state.Length == 1;
        if (!isNew) VectorType.CheckExpected(state.Length - 1, value.Length);
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
        VectorType.CheckExpected(left.Length - 1, right.Length - 1);
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
