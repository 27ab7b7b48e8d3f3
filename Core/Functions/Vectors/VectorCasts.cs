using System.Buffers;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>
/// Casts among vector, halfvec, sparsevec and arrays. Each has PostgreSQL's three arguments of a cast with a modifier: the value, the n of the target's type or -1, and
/// whether the cast was written out, which makes no difference here.
/// </summary>
internal static class VectorCasts
{
    private const string Dense = "vector", Halved = HalfVecType.Name, Sparse = SparseVecType.Name;

    public static void Register(FunctionLibrary library)
    {
        library.Strict("vector", static (in a, r, _) => Keep(a, r, a.Bytes(0).Length / sizeof(float)));
        library.Strict("halfvec", static (in a, r, _) => Keep(a, r, a.Bytes(0).Length / sizeof(ushort)));
        library.Strict("sparsevec", static (in a, r, _) => Keep(a, r, new SparseView(a.Bytes(0)).Dimensions));
        library.Strict("vector_to_halfvec", VectorToHalf);
        library.Strict("halfvec_to_vector", HalfToVector);
        library.Strict("vector_to_sparsevec", static (in a, r, _) => AppendSparse(VectorType.Floats(a.Bytes(0)), a, r));
        library.Strict("halfvec_to_sparsevec", HalfToSparse);
        library.Strict("sparsevec_to_vector", SparseToVector);
        library.Strict("sparsevec_to_halfvec", SparseToHalf);
        library.Strict("array_to_vector", ArrayToVector);
        library.Strict("array_to_halfvec", ArrayToHalf);
        library.Strict("array_to_sparsevec", ArrayToSparse);
        library.Strict("vector_to_float4", VectorToArray);
        library.Strict("halfvec_to_float4", HalfToArray);
    }

    /// <exception cref="SqlException">22003: too large for a half.</exception>
    internal static Half ToHalf(float value)
    {
        Half half = (Half)value;
        if (!Half.IsInfinity(half) || float.IsInfinity(value)) return half;
        ByteBuffer text = new(16);
        FloatText.Write(value, 1, text);
        throw VectorText.OutOfRange(text.WrittenSpan, Halved);
    }

    private static void Keep(in RowArguments arguments, ColumnBuilder result, int dimensions)
    {
        VectorLimits.CheckExpected(arguments.Get<int>(1), dimensions);
        ((BytesColumnBuilder)result).Append(arguments.Bytes(0));
    }

    private static void VectorToHalf(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<float> floats = VectorType.Floats(arguments.Bytes(0));
        VectorLimits.CheckExpected(arguments.Get<int>(1), floats.Length);
        AppendHalf(floats, (BytesColumnBuilder)result);
    }

    private static void HalfToVector(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<Half> halves = HalfVecType.Halves(arguments.Bytes(0));
        VectorLimits.CheckExpected(arguments.Get<int>(1), halves.Length);
        HalfConversion.Widen(halves, VectorType.Take(halves.Length, (BytesColumnBuilder)result));
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void HalfToSparse(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<Half> halves = HalfVecType.Halves(arguments.Bytes(0));
        float[] rented = ArrayPool<float>.Shared.Rent(halves.Length);
        Span<float> floats = rented.AsSpan(0, halves.Length);
        HalfConversion.Widen(halves, floats);
        AppendSparse(floats, arguments, result);
        ArrayPool<float>.Shared.Return(rented);
    }

    private static void SparseToVector(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        SparseView view = Opened(arguments, Dense);
        Span<float> floats = VectorType.Take(view.Dimensions, (BytesColumnBuilder)result);
        floats.Clear();
        for (int i = 0; i < view.Count; i++) floats[view.Places[i]] = view.Values[i];
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void SparseToHalf(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        SparseView view = Opened(arguments, Halved);
        Span<Half> halves = HalfVecType.Take(view.Dimensions, (BytesColumnBuilder)result);
        halves.Clear();
        for (int i = 0; i < view.Count; i++) halves[view.Places[i]] = ToHalf(view.Values[i]);
        ((BytesColumnBuilder)result).EndValue();
    }

    /// <summary>A sparse argument whose dimensions fit a dense type.</summary>
    private static SparseView Opened(in RowArguments arguments, string target)
    {
        SparseView view = new(arguments.Bytes(0));
        VectorLimits.CheckDimensions(view.Dimensions, target);
        VectorLimits.CheckExpected(arguments.Get<int>(1), view.Dimensions);
        return view;
    }

    private static void AppendHalf(ReadOnlySpan<float> floats, BytesColumnBuilder result)
    {
        Span<Half> halves = HalfVecType.Take(floats.Length, result);
        for (int i = 0; i < halves.Length; i++) halves[i] = ToHalf(floats[i]);
        if (HalfVecType.FirstNotFinite(halves) is var wrong and >= 0) VectorLimits.CheckElement(floats[wrong], Halved);
        result.EndValue();
    }

    /// <summary>The elements that aren't zero, of a dense operand that may hold anything.</summary>
    private static void AppendSparse(ReadOnlySpan<float> floats, in RowArguments arguments, ColumnBuilder result)
    {
        VectorLimits.CheckExpected(arguments.Get<int>(1), floats.Length);
        int count = 0;
        foreach (float value in floats)
            if (value != 0) count++;
        SparseVecType.CheckCount(count, floats.Length);
        SparseVecType.Take(floats.Length, count, (BytesColumnBuilder)result, out Span<int> places, out Span<float> values);
        for (int i = 0, at = 0; i < floats.Length; i++)
        {
            if (floats[i] == 0) continue;
            VectorLimits.CheckElement(floats[i], Sparse);
            (places[at], values[at++]) = (i, floats[i]);
        }
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void ArrayToVector(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ArrayView view = Opened(arguments, Dense, VectorLimits.MaxDimensions);
        Span<float> vector = VectorType.Take(view.Count, (BytesColumnBuilder)result);
        ReadElements(view, vector, context);
        VectorType.CheckFinite(vector);
        ((BytesColumnBuilder)result).EndValue();
        view.Return();
    }

    private static void ArrayToHalf(in RowArguments arguments, ColumnBuilder result, EvalContext context) =>
        FromArray(arguments, result, Halved, context, static (floats, output) => AppendHalf(floats, (BytesColumnBuilder)output));

    /// <summary>What becomes of an array's elements as floats.</summary>
    internal delegate void FloatsSink(ReadOnlySpan<float> floats, ColumnBuilder result);

    /// <summary>An array argument of a cast to a dense type: its elements as floats.</summary>
    internal static void FromArray(in RowArguments arguments, ColumnBuilder result, string type, EvalContext context, FloatsSink sink)
    {
        ArrayView view = Opened(arguments, type, VectorLimits.MaxDimensions);
        float[] rented = ArrayPool<float>.Shared.Rent(view.Count);
        ReadElements(view, rented.AsSpan(0, view.Count), context);
        sink(rented.AsSpan(0, view.Count), result);
        ArrayPool<float>.Shared.Return(rented);
        view.Return();
    }

    private static void ArrayToSparse(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ArrayView view = Opened(arguments, Sparse, SparseVecType.MaxDimensions);
        float[] rented = ArrayPool<float>.Shared.Rent(view.Count);
        ReadElements(view, rented.AsSpan(0, view.Count), context);
        AppendSparse(rented.AsSpan(0, view.Count), arguments, result);
        ArrayPool<float>.Shared.Return(rented);
        view.Return();
    }

    /// <summary>The array argument: one-dimensional, without nulls, of as many elements as the type may have and the modifier asks for. The caller returns the view.</summary>
    private static ArrayView Opened(in RowArguments arguments, string type, int most)
    {
        ArrayView view = ArrayView.Rent(TypeOid.AnyArray);
        view.Open((BytesColumn)arguments.Column(0), arguments.Row);
        if (view.Dimensions > 1) throw new SqlException(SqlState.DataException, "array must be 1-D");
        for (int i = 0; i < view.Count && view.MayHaveNulls; i++)
            if (view.Elements.IsNull(i)) throw new SqlException(SqlState.NullValueNotAllowed, "array must not contain nulls");
        VectorLimits.CheckDimensions(view.Count, type, most);
        VectorLimits.CheckExpected(arguments.Get<int>(1), view.Count);
        return view;
    }

    private static void ReadElements(ArrayView view, Span<float> vector, EvalContext context)
    {
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

    private static void VectorToArray(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        BytesColumn column = (BytesColumn)arguments.Column(0);
        AppendArray(new Column<float>(column.MemoryOf(arguments.Row), default, column[arguments.Row].Length / sizeof(float)), result);
    }

    private static void HalfToArray(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ReadOnlySpan<Half> halves = HalfVecType.Halves(arguments.Bytes(0));
        ColumnBuilder<float> elements = new(halves.Length);
        foreach (Half half in halves) elements.Append((float)half);
        AppendArray((Column<float>)elements.Build(), result);
    }

    private static void AppendArray(Column<float> elements, ColumnBuilder result)
    {
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        ArrayFormat.WriteVector(output.Output, TypeOid.Float4, elements);
        output.EndValue();
    }
}
