using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Comparison of arrays, and what is asked of their shape.</summary>
internal static class ArrayShapeFunctions
{
    public static void Register(FunctionLibrary library)
    {
        Add(library, "array_eq", static (in a, r, t, c) => Append(r, Compare(a, t, c) == 0));
        Add(library, "array_ne", static (in a, r, t, c) => Append(r, Compare(a, t, c) != 0));
        Add(library, "array_lt", static (in a, r, t, c) => Append(r, Compare(a, t, c) < 0));
        Add(library, "array_le", static (in a, r, t, c) => Append(r, Compare(a, t, c) <= 0));
        Add(library, "array_gt", static (in a, r, t, c) => Append(r, Compare(a, t, c) > 0));
        Add(library, "array_ge", static (in a, r, t, c) => Append(r, Compare(a, t, c) >= 0));
        Add(library, "btarraycmp", static (in a, r, t, c) => Append(r, Compare(a, t, c)));
        Add(library, "array_larger", static (in a, r, t, c) => ((BytesColumnBuilder)r).Append(a.Bytes(Compare(a, t, c) > 0 ? 0 : 1)));
        Add(library, "array_smaller", static (in a, r, t, c) => ((BytesColumnBuilder)r).Append(a.Bytes(Compare(a, t, c) < 0 ? 0 : 1)));
        Add(library, "array_ndims", static (in a, r, t, _) => WithView(a, t, r, static (v, _) => v.Dimensions == 0 ? null : v.Dimensions));
        Add(library, "array_lower", static (in a, r, t, _) => WithView(a, t, r, static (v, d) => v.LowerBoundOf(d), a.Get<int>(1)));
        Add(library, "array_upper", static (in a, r, t, _) => WithView(a, t, r, static (v, d) => v.UpperBoundOf(d), a.Get<int>(1)));
        Add(library, "array_length", static (in a, r, t, _) => WithView(a, t, r, static (v, d) => v.LengthOf(d), a.Get<int>(1)));
        Add(library, "array_cardinality", static (in a, r, t, _) => WithView(a, t, r, static (v, _) => v.Count));
        Add(library, "array_dims", Dims);
    }

    private static void Add(FunctionLibrary library, string key, TypedKernel kernel) => library.Add(key, new TypedRowFunction(kernel, isStrict: true));
    private static void Append(ColumnBuilder result, bool value) => ((ColumnBuilder<bool>)result).Append(value);
    private static void Append(ColumnBuilder result, int value) => ((ColumnBuilder<int>)result).Append(value);

    private static int Compare(in RowArguments arguments, CallTypes types, EvalContext context)
    {
        ArrayView left = ArrayView.Rent(types.Argument(0)), right = ArrayView.Rent(types.Argument(1));
        left.Open((BytesColumn)arguments.Column(0), arguments.Row);
        right.Open((BytesColumn)arguments.Column(1), arguments.Row);
        TypeHandler element = TypeHandlers.Of(left.ElementType, context.Catalog);
        int order = Math.Sign(ArrayType.Compare(left, right, element));
        right.Return();
        left.Return();
        return order;
    }

    private static void WithView(in RowArguments arguments, CallTypes types, ColumnBuilder result, Func<ArrayView, int, int?> ask, int dimension = 0)
    {
        ArrayView view = ArrayView.Rent(types.Argument(0));
        view.Open((BytesColumn)arguments.Column(0), arguments.Row);
        if (ask(view, dimension) is { } answer) Append(result, answer);
        else result.AppendNull();
        view.Return();
    }

    private static void Dims(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context)
    {
        ArrayView view = ArrayView.Rent(types.Argument(0));
        view.Open((BytesColumn)arguments.Column(0), arguments.Row);
        BytesColumnBuilder text = (BytesColumnBuilder)result;
        for (int d = 0; d < view.Dimensions; d++) ArrayText.WriteBounds(view, d, text.Output);
        if (view.Dimensions == 0) text.AppendNull();
        else text.EndValue();
        view.Return();
    }
}
