using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Executor.Expressions;

/// <summary>ARRAY[…]; nested, the elements are arrays of one shape that become inner dimensions.</summary>
internal sealed class ArrayEvaluator(Evaluator[] elements, bool isNested, uint arrayType, uint elementType, PhysicalKind elementKind) : Evaluator
{
    private readonly BytesColumnBuilder _result = new(16);
    private readonly ArrayBuilder _builder = new(elementType, elementKind);
    private readonly ArrayView _view = new(arrayType);
    private readonly Column[] _columns = new Column[elements.Length];
    private Column? _constant;

    public override bool IsStatementConstant { get; } = Array.TrueForAll(elements, e => e.IsStatementConstant);

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        if (_constant is not null) return _constant;
        _result.Reset();
        for (int i = 0; i < elements.Length; i++) _columns[i] = elements[i].Evaluate(input, rows);
        if (rows.Count > 0 && Array.TrueForAll(_columns, c => c.IsConstant))
        {
            Append(0);
            Column value = _result.BuildConstant(ColumnBatch.MaxRows);
            if (IsStatementConstant) _constant = value;
            return value;
        }
        for (int i = 0; i < rows.Count; i++)
        {
            _result.SkipTo(rows[i]);
            Append(rows[i]);
        }
        return _result.Build();
    }

    private void Append(int row)
    {
        _builder.Reset();
        if (isNested)
        {
            AppendNested(row);
            return;
        }
        foreach (Column column in _columns) _builder.Append(column, row);
        _builder.WriteTo(_result);
    }

    private void AppendNested(int row)
    {
        int[]? lengths = null, bounds = null;
        int empty = 0;
        foreach (Column column in _columns)
        {
            if (!column.IsNull(row)) _view.Open((BytesColumn)column, row);
            if (column.IsNull(row) || _view.Dimensions == 0)
            {
                empty++;
                continue;
            }
            lengths ??= [_columns.Length, .. _view.Lengths];
            bounds ??= [1, .. _view.LowerBounds];
            if (empty > 0 || !_view.Lengths.SequenceEqual(lengths.AsSpan(1))) throw Mismatch();
            _builder.Append(_view.Elements, 0, _view.Count);
        }
        if (lengths is not null && empty > 0) throw Mismatch();
        _builder.WriteTo(_result, lengths ?? [0], bounds ?? [1]);
    }

    private static SqlException Mismatch() => new(SqlState.ArraySubscriptError, "multidimensional arrays must have array expressions with matching dimensions");
}

/// <summary>array[i][j]: null outside of the array.</summary>
internal sealed class SubscriptEvaluator(Evaluator array, uint arrayType, Evaluator[] subscripts, PhysicalKind kind) : Evaluator
{
    private readonly ColumnBuilder _result = ColumnBuilder.Create(kind, 16);
    private readonly ArrayView _view = new(arrayType);
    private readonly Column[] _columns = new Column[subscripts.Length];
    private readonly int[] _values = new int[subscripts.Length];

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        BytesColumn arrays = (BytesColumn)array.Evaluate(input, rows);
        for (int i = 0; i < subscripts.Length; i++) _columns[i] = subscripts[i].Evaluate(input, rows);
        _result.Reset();
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            _result.SkipTo(row);
            int place = arrays.IsNull(row) || !Subscripts.TryRead(_columns, row, _values) ? -1 : PlaceIn(arrays, row);
            if (place < 0) _result.AppendNull();
            else _result.AppendFrom(_view.Elements, place);
        }
        return _result.Build();
    }

    private int PlaceIn(BytesColumn arrays, int row)
    {
        _view.Open(arrays, row);
        return _view.PlaceOf(_values);
    }
}

/// <summary>array[l:u][l:u]: the part within the array, counted from 1 again; empty if there is none.</summary>
internal sealed class SliceEvaluator(Evaluator array, uint arrayType, (Evaluator? Lower, Evaluator? Upper, bool IsSlice)[] bounds, uint elementType, PhysicalKind elementKind) : Evaluator
{
    private readonly BytesColumnBuilder _result = new(16);
    private readonly ArrayView _view = new(arrayType);
    private readonly ArrayBuilder _builder = new(elementType, elementKind);
    private readonly int[] _from = new int[ArrayFormat.MaxDimensions], _length = new int[ArrayFormat.MaxDimensions], _value = new int[1];

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        BytesColumn arrays = (BytesColumn)array.Evaluate(input, rows);
        (Column? Lower, Column? Upper)[] columns = new (Column?, Column?)[bounds.Length];
        for (int i = 0; i < bounds.Length; i++) columns[i] = (bounds[i].Lower?.Evaluate(input, rows), bounds[i].Upper?.Evaluate(input, rows));
        _result.Reset();
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            _result.SkipTo(row);
            if (arrays.IsNull(row) || Array.Exists(columns, c => c.Lower?.IsNull(row) == true || c.Upper?.IsNull(row) == true)) _result.AppendNull();
            else Append(arrays, row, columns);
        }
        return _result.Build();
    }

    private void Append(BytesColumn arrays, int row, (Column? Lower, Column? Upper)[] columns)
    {
        _view.Open(arrays, row);
        _builder.Reset();
        int dimensions = _view.Dimensions;
        bool isEmpty = dimensions == 0 || columns.Length > dimensions;
        for (int d = 0; d < dimensions && !isEmpty; d++)
        {
            int first = _view.LowerBounds[d], last = first + _view.Lengths[d] - 1;
            int lower = first, upper = last;
            if (d < columns.Length)
            {
                // Beside a slice, a plain subscript i means 1:i.
                if (columns[d].Lower is { } l) lower = Read(l, row);
                else if (!bounds[d].IsSlice) lower = 1;
                if (columns[d].Upper is { } u) upper = Read(u, row);
            }
            lower = Math.Max(lower, first);
            upper = Math.Min(upper, last);
            isEmpty = lower > upper;
            _from[d] = lower - first;
            _length[d] = upper - lower + 1;
        }
        if (!isEmpty) Copy(0, dimensions, 0);
        int[] ones = new int[Math.Max(dimensions, 1)];
        Array.Fill(ones, 1);
        _builder.WriteTo(_result, isEmpty ? [0] : _length.AsSpan(0, dimensions), isEmpty ? [1] : ones);
    }

    private void Copy(int dimension, int dimensions, int place)
    {
        for (int i = 0; i < _length[dimension]; i++)
        {
            int here = place * _view.Lengths[dimension] + _from[dimension] + i;
            if (dimension + 1 == dimensions) _builder.Append(_view.Elements, here);
            else Copy(dimension + 1, dimensions, here);
        }
    }

    private int Read(Column column, int row)
    {
        Subscripts.TryRead([column], row, _value);
        return _value[0];
    }
}

internal static class Subscripts
{
    /// <summary>Reads int4 (or int8) subscripts; false if one is null.</summary>
    public static bool TryRead(ReadOnlySpan<Column> columns, int row, Span<int> values)
    {
        for (int i = 0; i < columns.Length; i++)
        {
            if (columns[i].IsNull(row)) return false;
            values[i] = columns[i] is Column<long> wide ? (int)Math.Clamp(wide[row], int.MinValue, int.MaxValue) : ((Column<int>)columns[i])[row];
        }
        return true;
    }
}

/// <summary>Converts each element of an array; the shape stays.</summary>
internal sealed class ElementCoercionEvaluator(Evaluator operand, uint sourceType, Evaluator coercion, uint elementType, PhysicalKind elementKind) : Evaluator
{
    private readonly BytesColumnBuilder _result = new(16);
    private readonly ArrayView _view = new(sourceType);
    private readonly ArrayBuilder _builder = new(elementType, elementKind);

    public override bool IsStatementConstant => operand.IsStatementConstant;

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        BytesColumn arrays = (BytesColumn)operand.Evaluate(input, rows);
        _result.Reset();
        if (arrays.IsConstant && rows.Count > 0)
        {
            Append(arrays, 0);
            return _result.BuildConstant(ColumnBatch.MaxRows);
        }
        for (int i = 0; i < rows.Count; i++)
        {
            _result.SkipTo(rows[i]);
            Append(arrays, rows[i]);
        }
        return _result.Build();
    }

    private void Append(BytesColumn arrays, int row)
    {
        if (arrays.IsNull(row))
        {
            _result.AppendNull();
            return;
        }
        _view.Open(arrays, row);
        _builder.Reset();
        Selection all = Selection.All(_view.Count);
        if (_view.Count > 0) _builder.Append(coercion.Evaluate([_view.Elements], all), 0, _view.Count);
        _builder.WriteTo(_result, _view.Dimensions == 0 ? [0] : _view.Lengths, _view.Dimensions == 0 ? [1] : _view.LowerBounds);
    }
}
