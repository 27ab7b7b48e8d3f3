using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Functions that search, add, take away or replace elements.</summary>
internal static class ArrayElementFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("array_append", new TypedRowFunction(static (in a, r, t, c) => AddElement(a, r, t, c, isAppend: true), isStrict: false));
        library.Add("array_prepend", new TypedRowFunction(static (in a, r, t, c) => AddElement(a, r, t, c, isAppend: false), isStrict: false));
        library.Add("array_cat", new TypedRowFunction(Concatenate, isStrict: false));
        library.Add("array_position", new TypedRowFunction(Position, isStrict: false));
        library.Add("array_position_start", new TypedRowFunction(Position, isStrict: false));
        library.Add("array_positions", new TypedRowFunction(Positions, isStrict: false));
        library.Add("array_remove", new TypedRowFunction(Remove, isStrict: false));
        library.Add("array_replace", new TypedRowFunction(Replace, isStrict: false));
        library.Add("array_fill", new TypedRowFunction(Fill, isStrict: false));
        library.Add("array_fill_with_lower_bounds", new TypedRowFunction(Fill, isStrict: false));
        library.Add("trim_array", new TypedRowFunction(Trim, isStrict: true));
        library.Add("arraycontains", new TypedRowFunction(static (in a, r, t, c) => Append(r, Contains(a, t, c, 0, 1)), isStrict: true));
        library.Add("arraycontained", new TypedRowFunction(static (in a, r, t, c) => Append(r, Contains(a, t, c, 1, 0)), isStrict: true));
        library.Add("arrayoverlap", new TypedRowFunction(static (in a, r, t, c) => Append(r, Overlaps(a, t, c)), isStrict: true));
        library.Add("width_bucket_array", new TypedRowFunction(WidthBucket, isStrict: true));
    }

    private static void Append(ColumnBuilder result, bool value) => ((ColumnBuilder<bool>)result).Append(value);

    internal static ArrayView Open(in RowArguments arguments, int argument, CallTypes types)
    {
        ArrayView view = ArrayView.Rent(types.Argument(argument));
        view.Open((BytesColumn)arguments.Column(argument), arguments.Row);
        return view;
    }

    private static uint ElementOf(CallTypes types, EvalContext context) =>
        TypeNames.ElementOf(types.Result.Oid, context.Catalog) ?? types.Result.Oid switch
        {
            TypeOid.Int2Vector => TypeOid.Int2,
            TypeOid.OidVector => TypeOid.Oid,
            _ => throw new SqlException(SqlState.IndeterminateDatatype, "could not determine input data type"),
        };

    /// <summary>IS NOT DISTINCT FROM for an element and a value.</summary>
    private static bool IsSame(TypeHandler handler, Column left, int leftRow, Column right, int rightRow)
    {
        bool leftNull = left.IsNull(leftRow), rightNull = right.IsNull(rightRow);
        return leftNull || rightNull ? leftNull == rightNull : handler.Compare(left, leftRow, right, rightRow) == 0;
    }

    private static void AddElement(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context, bool isAppend)
    {
        int arrayArgument = isAppend ? 0 : 1, row = arguments.Row;
        Column element = arguments.Column(1 - arrayArgument);
        ArrayBuilder builder = ArrayBuilder.Rent(ElementOf(types, context), element.Kind);
        int lowerBound = 1;
        if (!isAppend) builder.Append(element, row);
        if (!arguments.IsNull(arrayArgument))
        {
            ArrayView view = Open(arguments, arrayArgument, types);
            if (view.Dimensions > 1) throw new SqlException(SqlState.DataException, "argument must be empty or one-dimensional array");
            if (view.Dimensions == 1) lowerBound = view.LowerBounds[0];
            if ((long)lowerBound + view.Count >= int.MaxValue) throw new SqlException(SqlState.NumericValueOutOfRange, "integer out of range");
            builder.Append(view.Elements, 0, view.Count);
            view.Return();
        }
        if (isAppend) builder.Append(element, row);
        builder.WriteTo(result, lowerBound);
        builder.Return();
    }

    private static void Concatenate(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context)
    {
        if (arguments.IsNull(0) || arguments.IsNull(1))
        {
            result.AppendFrom(arguments.Column(arguments.IsNull(0) ? 1 : 0), arguments.Row);
            return;
        }
        ArrayView left = Open(arguments, 0, types), right = Open(arguments, 1, types);
        if (left.Dimensions == 0 || right.Dimensions == 0) ((BytesColumnBuilder)result).Append(arguments.Bytes(left.Dimensions == 0 ? 1 : 0));
        else
        {
            ArrayView outer = left.Dimensions >= right.Dimensions ? left : right, inner = outer == left ? right : left;
            int difference = outer.Dimensions - inner.Dimensions;
            if (difference > 1) throw Incompatible($"Arrays of {left.Dimensions} and {right.Dimensions} dimensions are not compatible for concatenation.");
            ReadOnlySpan<int> sizes = inner.Lengths[(1 - difference)..], bounds = inner.LowerBounds[(1 - difference)..];
            if (!sizes.SequenceEqual(outer.Lengths[1..]) || !bounds.SequenceEqual(outer.LowerBounds[1..]))
                throw Incompatible($"Arrays with differing {(difference == 0 ? "element " : "")}dimensions are not compatible for concatenation.");
            Span<int> lengths = stackalloc int[outer.Dimensions];
            outer.Lengths.CopyTo(lengths);
            lengths[0] += difference == 0 ? inner.Lengths[0] : 1;
            ArrayFormat.CheckBounds(lengths, outer.LowerBounds);
            ArrayBuilder builder = ArrayBuilder.Rent(left.ElementType, left.Kind);
            builder.Append(left.Elements, 0, left.Count);
            builder.Append(right.Elements, 0, right.Count);
            builder.WriteTo(result, lengths, outer.LowerBounds);
            builder.Return();
        }
        right.Return();
        left.Return();
    }

    private static SqlException Incompatible(string detail) => new(SqlState.ArraySubscriptError, "cannot concatenate incompatible arrays", detail: detail);

    private static void Position(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context)
    {
        if (arguments.IsNull(0))
        {
            result.AppendNull();
            return;
        }
        ArrayView view = Open(arguments, 0, types);
        if (view.Dimensions > 1) throw new SqlException(SqlState.FeatureNotSupported, "searching for elements in multidimensional arrays is not supported");
        if (view.Dimensions > 0 && arguments.Count > 2 && arguments.IsNull(2))
            throw new SqlException(SqlState.NullValueNotAllowed, "initial position must not be null");
        TypeHandler handler = TypeHandlers.Of(view.ElementType, context.Catalog);
        long lowerBound = view.Dimensions == 0 ? 1 : view.LowerBounds[0];
        int start = arguments.Count > 2 && view.Dimensions > 0 ? (int)Math.Clamp(arguments.Get<int>(2) - lowerBound, 0, view.Count) : 0;
        int found = -1;
        for (int i = start; i < view.Count && found < 0; i++)
            if (IsSame(handler, view.Elements, i, arguments.Column(1), arguments.Row)) found = i;
        if (found < 0) result.AppendNull();
        else ((ColumnBuilder<int>)result).Append((int)lowerBound + found);
        view.Return();
    }

    private static void Positions(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context)
    {
        if (arguments.IsNull(0))
        {
            result.AppendNull();
            return;
        }
        ArrayView view = Open(arguments, 0, types);
        if (view.Dimensions > 1) throw new SqlException(SqlState.FeatureNotSupported, "searching for elements in multidimensional arrays is not supported");
        TypeHandler handler = TypeHandlers.Of(view.ElementType, context.Catalog);
        ArrayBuilder builder = ArrayBuilder.Rent(TypeOid.Int4, PhysicalKind.Int32);
        for (int i = 0; i < view.Count; i++)
            if (IsSame(handler, view.Elements, i, arguments.Column(1), arguments.Row)) ((ColumnBuilder<int>)builder.Elements).Append(view.LowerBounds[0] + i);
        builder.WriteTo(result);
        builder.Return();
        view.Return();
    }

    private static void Remove(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context)
    {
        if (arguments.IsNull(0))
        {
            result.AppendNull();
            return;
        }
        ArrayView view = Open(arguments, 0, types);
        if (view.Dimensions > 1) throw new SqlException(SqlState.FeatureNotSupported, "removing elements from multidimensional arrays is not supported");
        TypeHandler handler = TypeHandlers.Of(view.ElementType, context.Catalog);
        ArrayBuilder builder = ArrayBuilder.Rent(view.ElementType, view.Kind);
        for (int i = 0; i < view.Count; i++)
            if (!IsSame(handler, view.Elements, i, arguments.Column(1), arguments.Row)) builder.Append(view.Elements, i);
        builder.WriteTo(result, view.Dimensions == 0 ? 1 : view.LowerBounds[0]);
        builder.Return();
        view.Return();
    }

    private static void Replace(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context)
    {
        if (arguments.IsNull(0))
        {
            result.AppendNull();
            return;
        }
        ArrayView view = Open(arguments, 0, types);
        TypeHandler handler = TypeHandlers.Of(view.ElementType, context.Catalog);
        ArrayBuilder builder = ArrayBuilder.Rent(view.ElementType, view.Kind);
        for (int i = 0; i < view.Count; i++)
        {
            if (IsSame(handler, view.Elements, i, arguments.Column(1), arguments.Row)) builder.Append(arguments.Column(2), arguments.Row);
            else builder.Append(view.Elements, i);
        }
        builder.WriteTo(result, view.Lengths, view.LowerBounds);
        builder.Return();
        view.Return();
    }

    private static void Fill(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context)
    {
        bool hasBounds = arguments.Count > 2;
        if (arguments.IsNull(1) || (hasBounds && arguments.IsNull(2)))
            throw new SqlException(SqlState.NullValueNotAllowed, "dimension array or low bound array cannot be null");
        Span<int> lengths = stackalloc int[ArrayFormat.MaxDimensions], lowerBounds = stackalloc int[ArrayFormat.MaxDimensions];
        lowerBounds.Fill(1);
        int dimensions = ReadNumbers(arguments, 1, types, lengths);
        if (hasBounds && ReadNumbers(arguments, 2, types, lowerBounds) != dimensions)
            throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts",
                detail: "Low bound array has different size than dimensions array.");
        int count = ArrayFormat.CountOf(lengths[..dimensions]);
        ArrayFormat.CheckBounds(lengths[..dimensions], lowerBounds[..dimensions]);
        Column value = arguments.Column(0);
        ArrayBuilder builder = ArrayBuilder.Rent(ElementOf(types, context), value.Kind);
        for (int i = 0; i < count; i++) builder.Append(value, arguments.Row);
        builder.WriteTo(result, lengths[..dimensions], lowerBounds[..dimensions]);
        builder.Return();
    }

    /// <summary>An int4[] argument of array_fill; returns how many numbers it has.</summary>
    private static int ReadNumbers(in RowArguments arguments, int argument, CallTypes types, Span<int> target)
    {
        ArrayView view = Open(arguments, argument, types);
        if (view.Dimensions > 1)
            throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts", detail: "Dimension array must be one dimensional.");
        ArrayFormat.CheckDimensions(view.Count);
        int count = view.Count;
        for (int i = 0; i < count; i++)
        {
            if (view.Elements.IsNull(i)) throw new SqlException(SqlState.NullValueNotAllowed, "dimension values cannot be null");
            target[i] = ((Column<int>)view.Elements)[i];
        }
        view.Return();
        return count;
    }

    private static void Trim(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context)
    {
        ArrayView view = Open(arguments, 0, types);
        int length = view.Dimensions == 0 ? 0 : view.Lengths[0], trimmed = arguments.Get<int>(1);
        if (trimmed < 0 || trimmed > length) throw new SqlException(SqlState.ArraySubscriptError, $"number of elements to trim must be between 0 and {length}");
        int kept = length - trimmed;
        Span<int> lengths = stackalloc int[view.Dimensions], lowerBounds = stackalloc int[view.Dimensions];
        view.Lengths.CopyTo(lengths);
        lowerBounds.Fill(1);
        if (view.Dimensions > 0) lengths[0] = kept;
        ArrayBuilder builder = ArrayBuilder.Rent(view.ElementType, view.Kind);
        if (length > 0) builder.Append(view.Elements, 0, view.Count / length * kept);
        builder.WriteTo(result, lengths, lowerBounds);
        builder.Return();
        view.Return();
    }

    /// <summary>True if every element of <paramref name="inner"/> is one of <paramref name="outer"/>; a null is never found.</summary>
    private static bool Contains(in RowArguments arguments, CallTypes types, EvalContext context, int outer, int inner)
    {
        ArrayView container = Open(arguments, outer, types), contained = Open(arguments, inner, types);
        TypeHandler handler = TypeHandlers.Of(container.ElementType, context.Catalog);
        bool all = true;
        for (int i = 0; i < contained.Count && all; i++) all = IndexOf(container, handler, contained.Elements, i) >= 0;
        contained.Return();
        container.Return();
        return all;
    }

    private static bool Overlaps(in RowArguments arguments, CallTypes types, EvalContext context)
    {
        ArrayView left = Open(arguments, 0, types), right = Open(arguments, 1, types);
        TypeHandler handler = TypeHandlers.Of(left.ElementType, context.Catalog);
        bool any = false;
        for (int i = 0; i < right.Count && !any; i++) any = IndexOf(left, handler, right.Elements, i) >= 0;
        right.Return();
        left.Return();
        return any;
    }

    private static int IndexOf(ArrayView view, TypeHandler handler, Column value, int row)
    {
        if (value.IsNull(row)) return -1;
        for (int i = 0; i < view.Count; i++)
            if (!view.Elements.IsNull(i) && handler.Compare(view.Elements, i, value, row) == 0) return i;
        return -1;
    }

    /// <summary>How many thresholds lie at or below the operand.</summary>
    private static void WidthBucket(in RowArguments arguments, ColumnBuilder result, CallTypes types, EvalContext context)
    {
        ArrayView view = Open(arguments, 1, types);
        if (view.Dimensions > 1) throw new SqlException(SqlState.ArraySubscriptError, "thresholds must be one-dimensional array");
        for (int i = 0; i < view.Count; i++)
            if (view.Elements.IsNull(i)) throw new SqlException(SqlState.NullValueNotAllowed, "thresholds array must not contain NULLs");
        TypeHandler handler = TypeHandlers.Of(view.ElementType, context.Catalog);
        int low = 0, high = view.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (handler.Compare(arguments.Column(0), arguments.Row, view.Elements, middle) < 0) high = middle;
            else low = middle + 1;
        }
        ((ColumnBuilder<int>)result).Append(low);
        view.Return();
    }
}
