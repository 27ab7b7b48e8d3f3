using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>
/// ARRAY[…]: one argument for each element; <paramref name="isNested"/>: the arguments are arrays that become inner dimensions.
/// Specialize with the result's array type.
/// </summary>
public sealed class ArrayConstructor(bool isNested, uint elementType = 0) : ScalarFunction
{
    public override ScalarFunction Specialize(ReadOnlySpan<SqlType> argumentTypes, SqlType resultType) =>
        new ArrayConstructor(isNested, TypeNames.ElementOf(resultType.Oid) ?? 0);

    /// <summary>For users' types, which only the catalog knows.</summary>
    public static ArrayConstructor ForElement(uint elementType, bool isNested) => new(isNested, elementType);

    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        ArrayBuilder builder = new(elementType, TypeHandlers.KindOf(elementType, context.Catalog));
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            builder.Reset();
            if (isNested) AppendNested(arguments, row, builder, result);
            else
            {
                foreach (Column argument in arguments) builder.Append(argument, row);
                builder.WriteTo(result);
            }
        }
    }

    private static void AppendNested(ReadOnlySpan<Column> arguments, int row, ArrayBuilder builder, ColumnBuilder result)
    {
        Span<int> lengths = stackalloc int[ArrayFormat.MaxDimensions + 1], lowerBounds = stackalloc int[ArrayFormat.MaxDimensions + 1];
        int inner = -1;
        bool isAnyEmpty = false;
        ArrayView view = ArrayView.Rent(TypeOid.AnyArray);
        foreach (Column argument in arguments)
        {
            if (argument.IsNull(row))
            {
                isAnyEmpty = true;
                continue;
            }
            view.Open((BytesColumn)argument, row);
            if (view.Dimensions == 0)
            {
                isAnyEmpty = true;
                continue;
            }
            if (inner < 0)
            {
                inner = view.Dimensions;
                ArrayFormat.CheckDimensions(inner + 1);
                view.Lengths.CopyTo(lengths[1..]);
                view.LowerBounds.CopyTo(lowerBounds[1..]);
            }
            else if (inner != view.Dimensions || !view.Lengths.SequenceEqual(lengths.Slice(1, inner)) || !view.LowerBounds.SequenceEqual(lowerBounds.Slice(1, inner)))
                throw Mismatch();
            builder.Append(view.Elements, 0, view.Count);
        }
        view.Return();
        if (inner < 0)
        {
            builder.WriteTo(result);
            return;
        }
        if (isAnyEmpty) throw Mismatch();
        lengths[0] = arguments.Length;
        lowerBounds[0] = 1;
        builder.WriteTo(result, lengths[..(inner + 1)], lowerBounds[..(inner + 1)]);
    }

    private static SqlException Mismatch() => new(SqlState.ArraySubscriptError, "multidimensional arrays must have array expressions with matching dimensions");
}

/// <summary>array[i][j]: arguments are the array and int4 subscripts. NULL if any is null or there is no such element.</summary>
/// <param name="arrayType">The array's type: int2vector and oidvector count from 0 and lie otherwise.</param>
public sealed class ArraySubscript(uint arrayType) : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        Span<int> subscripts = stackalloc int[arguments.Length - 1];
        BytesColumn arrays = (BytesColumn)arguments[0];
        ArrayView view = new(arrayType);
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            int place = -1;
            if (!new RowArguments(arguments, row).AnyNull())
            {
                for (int s = 0; s < subscripts.Length; s++) subscripts[s] = ((Column<int>)arguments[s + 1])[row];
                view.Open(arrays, row);
                place = view.PlaceOf(subscripts);
            }
            if (place < 0) result.AppendNull();
            else result.AppendFrom(view.Elements, place);
        }
    }
}

/// <summary>One subscript of a slice or of an assignment: which of its bounds are written. An index alone has the upper one only.</summary>
public readonly record struct SubscriptForm(bool IsSlice, bool HasLower, bool HasUpper);

/// <summary>Reads the int4 bounds of a slice from a row's arguments.</summary>
internal static class SliceBounds
{
    /// <summary>False if one is null. Bounds that are not written take the array's; in a slice an index i means 1:i.</summary>
    public static bool TryRead(ReadOnlySpan<SubscriptForm> forms, ReadOnlySpan<Column> bounds, int row, ArrayView view, Span<int> lower, Span<int> upper)
    {
        int next = 0;
        for (int d = 0; d < forms.Length; d++)
        {
            lower[d] = forms[d].IsSlice ? view.LowerBoundOf(d + 1) ?? 1 : 1;
            upper[d] = view.UpperBoundOf(d + 1) ?? 0;
            if (forms[d].HasLower && !Read(bounds[next++], row, ref lower[d])) return false;
            if (forms[d].HasUpper && !Read(bounds[next++], row, ref upper[d])) return false;
        }
        return true;
    }

    private static bool Read(Column column, int row, ref int value)
    {
        if (column.IsNull(row)) return false;
        value = ((Column<int>)column)[row];
        return true;
    }
}

/// <summary>array[l:u][l:u]: arguments are the array and, in order, the int4 bounds that are written. The result counts from 1.</summary>
public sealed class ArraySlice(uint arrayType, SubscriptForm[] forms) : ScalarFunction
{
    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        ArrayFormat.CheckDimensions(forms.Length);
        BytesColumn arrays = (BytesColumn)arguments[0];
        ArrayView view = new(arrayType);
        Span<int> lower = stackalloc int[ArrayFormat.MaxDimensions], upper = stackalloc int[ArrayFormat.MaxDimensions];
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            if (arrays.IsNull(row))
            {
                result.AppendNull();
                continue;
            }
            view.Open(arrays, row);
            if (!SliceBounds.TryRead(forms, arguments[1..], row, view, lower, upper)) result.AppendNull();
            else AppendSlice(view, forms.Length, lower, upper, result);
        }
    }

    private static void AppendSlice(ArrayView view, int given, Span<int> lower, Span<int> upper, ColumnBuilder result)
    {
        ArrayBuilder builder = ArrayBuilder.Rent(view.ElementType, view.Kind);
        Span<int> lengths = stackalloc int[view.Dimensions], ones = stackalloc int[view.Dimensions];
        ones.Fill(1);
        bool isEmpty = view.Dimensions == 0 || given > view.Dimensions;
        for (int d = 0; d < view.Dimensions && !isEmpty; d++)
        {
            int first = view.LowerBounds[d], last = first + view.Lengths[d] - 1;
            lower[d] = d < given ? Math.Max(lower[d], first) : first;
            upper[d] = d < given ? Math.Min(upper[d], last) : last;
            isEmpty = lower[d] > upper[d];
            lengths[d] = upper[d] - lower[d] + 1;
        }
        if (isEmpty) ArrayFormat.WriteEmpty(((BytesColumnBuilder)result).Output, view.ElementType, view.Kind);
        else
        {
            for (int place = 0; place < view.Count; place++)
                if (ArrayAssignment.IsInside(view.Lengths, view.LowerBounds, place, lower, upper)) builder.Append(view.Elements, place);
            ArrayFormat.Write(((BytesColumnBuilder)result).Output, view.ElementType, builder.Elements.Build(), lengths, ones);
        }
        ((BytesColumnBuilder)result).EndValue();
        builder.Return();
    }
}

/// <summary>
/// a[i] = x, a[l:u] = x in UPDATE and INSERT: arguments are the old array, the new element (or array, for a slice) and, in order, the int4 bounds that are written.
/// The array grows in one dimension; holes are null.
/// </summary>
/// <param name="elementType">Of the array.</param>
/// <param name="forms">At least one; a slice if any is.</param>
public sealed class ArrayAssignment(uint elementType, SubscriptForm[] forms) : ScalarFunction
{
    private readonly bool _isSlice = Array.Exists(forms, f => f.IsSlice);

    public override void Evaluate(ReadOnlySpan<Column> arguments, Selection selection, ColumnBuilder result, EvalContext context)
    {
        result.Reset();
        ArrayFormat.CheckDimensions(forms.Length);
        BytesColumn arrays = (BytesColumn)arguments[0];
        ArrayView view = new(TypeOid.AnyArray), source = new(TypeOid.AnyArray);
        byte[] empty = EmptyArray(context);
        Span<int> lower = stackalloc int[ArrayFormat.MaxDimensions], upper = stackalloc int[ArrayFormat.MaxDimensions];
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            if (arrays.IsNull(row)) view.Open(empty);
            else view.Open(arrays, row);
            if (!SliceBounds.TryRead(forms, arguments[2..], row, view, lower, upper))
                throw new SqlException(SqlState.NullValueNotAllowed, "array subscript in assignment must not be null");
            if (_isSlice && arguments[1].IsNull(row))
            {
                if (arrays.IsNull(row)) ((BytesColumnBuilder)result).Append(empty);
                else result.AppendFrom(arrays, row);
                continue;
            }
            if (_isSlice && view.Dimensions == 0 && Array.Exists(forms, f => f.IsSlice && !(f.HasLower && f.HasUpper)))
                throw new SqlException(SqlState.ArraySubscriptError, "array slice subscript must provide both boundaries",
                    detail: "When assigning to a slice of an empty array value, slice boundaries must be fully specified.");
            if (!_isSlice) upper[..forms.Length].CopyTo(lower);
            if (_isSlice) source.Open((BytesColumn)arguments[1], row);
            Assign(view, arguments[1], row, _isSlice ? source : null, lower, upper, result);
        }
    }

    private byte[] EmptyArray(EvalContext context)
    {
        ByteBuffer bytes = new(16);
        ArrayFormat.WriteEmpty(bytes, elementType, TypeHandlers.KindOf(elementType, context.Catalog));
        return bytes.WrittenSpan.ToArray();
    }

    private void Assign(ArrayView view, Column value, int row, ArrayView? source, Span<int> lower, Span<int> upper, ColumnBuilder result)
    {
        int dimensions = view.Dimensions == 0 ? forms.Length : view.Dimensions;
        Span<int> lengths = stackalloc int[dimensions], lowerBounds = stackalloc int[dimensions];
        FindShape(view, lower, upper, lengths, lowerBounds);
        int count = ArrayFormat.CountOf(lengths);
        ArrayFormat.CheckBounds(lengths, lowerBounds);
        ArrayBuilder builder = ArrayBuilder.Rent(elementType, view.Kind);
        int next = 0, shift = view.Dimensions == 1 ? view.LowerBounds[0] - lowerBounds[0] : 0;
        for (int place = 0; place < count; place++)
        {
            int old = place - shift;
            if (IsInside(lengths, lowerBounds, place, lower, upper))
            {
                if (source is null) builder.Append(value, row);
                else if (next < source.Count) builder.Append(source.Elements, next++);
                else throw new SqlException(SqlState.ArraySubscriptError, "source array too small");
            }
            else if (old >= 0 && old < view.Count) builder.Append(view.Elements, old);
            else builder.AppendNull();
        }
        builder.WriteTo(result, lengths, lowerBounds);
        builder.Return();
    }

    /// <summary>The array's shape after the assignment; bounds of dimensions that aren't named are filled in.</summary>
    private void FindShape(ArrayView view, Span<int> lower, Span<int> upper, Span<int> lengths, Span<int> lowerBounds)
    {
        if (view.Dimensions == 0)
        {
            for (int d = 0; d < forms.Length; d++)
            {
                lengths[d] = Span(lower[d], upper[d]);
                lowerBounds[d] = lower[d];
            }
            return;
        }
        if (view.Dimensions < forms.Length || (!_isSlice && view.Dimensions != forms.Length))
            throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts");
        for (int d = 0; d < forms.Length; d++)
            if (lower[d] > upper[d]) throw new SqlException(SqlState.ArraySubscriptError, "upper bound cannot be less than lower bound");
        view.Lengths.CopyTo(lengths);
        view.LowerBounds.CopyTo(lowerBounds);
        for (int d = 0; d < view.Dimensions; d++)
        {
            int first = lowerBounds[d], last = first + lengths[d] - 1;
            if (d >= forms.Length)
            {
                lower[d] = first;
                upper[d] = last;
            }
            else if (view.Dimensions == 1)
            {
                lowerBounds[0] = Math.Min(first, lower[0]);
                lengths[0] = Span(lowerBounds[0], Math.Max(last, upper[0]));
            }
            else if (lower[d] < first || upper[d] > last) throw new SqlException(SqlState.ArraySubscriptError, "array subscript out of range");
        }
    }

    private static int Span(int lower, int upper)
    {
        long length = (long)upper - lower + 1;
        return length <= ArrayFormat.MaxElements ? (int)length : throw ArrayFormat.TooManyElements();
    }

    /// <summary>True if the element at a place lies within the bounds in every dimension.</summary>
    internal static bool IsInside(ReadOnlySpan<int> lengths, ReadOnlySpan<int> lowerBounds, int place, ReadOnlySpan<int> lower, ReadOnlySpan<int> upper)
    {
        for (int d = lengths.Length - 1; d >= 0; d--)
        {
            int subscript = lowerBounds[d] + place % lengths[d];
            if (subscript < lower[d] || subscript > upper[d]) return false;
            place /= lengths[d];
        }
        return true;
    }
}

/// <summary>
/// Takes the arrays of a batch apart into one column of elements, and puts results for each element together again: how a cast of arrays, or op ANY (array), runs over
/// whole columns. One instance serves many batches.
/// </summary>
public sealed class ArrayElements(uint arrayType)
{
    private readonly ArrayView _view = new(arrayType);
    private ColumnBuilder? _elements;
    private int[] _starts = new int[ColumnBatch.MaxRows + 1];

    /// <summary>
    /// The elements of all selected arrays, one after another; <see cref="RangeOf"/> says which belong to the i-th selected row. Valid until the next call.
    /// Null arrays have none.
    /// </summary>
    /// <param name="arrays">Borrowed until <see cref="Rebuild"/>.</param>
    /// <param name="selection">The rows.</param>
    /// <param name="kind">How elements lie; needed if no row has any.</param>
    public Column Flatten(BytesColumn arrays, Selection selection, PhysicalKind kind)
    {
        if (_elements is null || _elements.Kind != kind) _elements = ColumnBuilder.Create(kind);
        _elements.Reset();
        if (_starts.Length <= selection.Count) _starts = new int[selection.Count + 1];
        for (int i = 0; i < selection.Count; i++)
        {
            _starts[i] = _elements.Count;
            int row = selection[i];
            if (arrays.IsNull(row)) continue;
            _view.Open(arrays, row);
            _elements.AppendFrom(_view.Elements, Selection.All(_view.Count));
        }
        _starts[selection.Count] = _elements.Count;
        return _elements.Build();
    }

    /// <summary>First and one past the last element of the i-th selected row.</summary>
    public (int Start, int End) RangeOf(int i) => (_starts[i], _starts[i + 1]);

    /// <summary>Arrays of the same shapes with other elements (one for each that <see cref="Flatten"/> gave). Null stays null.</summary>
    public void Rebuild(BytesColumn arrays, Selection selection, Column elements, uint elementType, ColumnBuilder result)
    {
        result.Reset();
        ArrayBuilder builder = new(elementType, elements.Kind);
        for (int i = 0; i < selection.Count; i++)
        {
            int row = selection[i];
            result.SkipTo(row);
            if (arrays.IsNull(row))
            {
                result.AppendNull();
                continue;
            }
            _view.Open(arrays, row);
            builder.Reset();
            builder.Append(elements, _starts[i], _starts[i + 1]);
            builder.WriteTo(result, _view.Lengths, _view.LowerBounds);
        }
    }
}
