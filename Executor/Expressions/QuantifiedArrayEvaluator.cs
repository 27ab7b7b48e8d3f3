using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Expressions;

/// <summary>
/// left op ANY (array) and ALL. ANY is decided by a true, ALL by a false comparison; else a null makes it unknown. Over an array that doesn't vary in the batch, each element is compared with
/// all rows; over others, each row with its elements.
/// </summary>
internal sealed class QuantifiedArrayEvaluator(Evaluator left, PhysicalKind leftKind, Evaluator comparison, bool isAll, Evaluator array, uint arrayType) : Evaluator
{
    private readonly ColumnBuilder<bool> _result = new(16);
    private readonly ColumnBuilder _left = ColumnBuilder.Create(leftKind, 1);
    private readonly SelectionBuffer _first = new(), _second = new();
    private readonly ArrayView _view = new(arrayType);
    private bool[] _isUnknown = [];
    private ColumnBuilder? _element;

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        BytesColumn arrays = (BytesColumn)array.Evaluate(input, rows);
        Column values = left.Evaluate(input, rows);
        Span<bool> result = _result.Fill(Selections.Extent(rows));
        if (!arrays.IsConstant) EachRow(values, arrays, rows, result);
        else if (rows.Count > 0)
        {
            if (arrays.IsNull(0)) for (int i = 0; i < rows.Count; i++) _result.SetNull(rows[i]);
            else EachElement(values, arrays, rows, result);
        }
        return _result.Build();
    }

    private void EachElement(Column values, BytesColumn arrays, Selection rows, Span<bool> result)
    {
        _view.Open(arrays, 0);
        result.Fill(isAll);
        if (_isUnknown.Length < result.Length) _isUnknown = new bool[result.Length];
        else Array.Clear(_isUnknown, 0, result.Length);
        Selection undecided = rows;
        for (int element = 0; element < _view.Count && undecided.Count > 0; element++)
        {
            _element ??= ColumnBuilder.Create(_view.Kind, 1);
            _element.Reset();
            _element.AppendFrom(_view.Elements, element);
            Column<bool> holds = (Column<bool>)comparison.Evaluate([values, _element.BuildConstant(ColumnBatch.MaxRows)], undecided);
            int[] left = ((element & 1) == 0 ? _first : _second).Take(undecided.Count);
            int count = 0;
            for (int i = 0; i < undecided.Count; i++)
            {
                int row = undecided[i];
                left[count] = row;
                if (holds.IsNull(row)) _isUnknown[row] = true;
                else if (holds[row] != isAll)
                {
                    result[row] = !isAll;
                    continue;
                }
                count++;
            }
            if (count < undecided.Count) undecided = Selection.Of(left, count);
        }
        for (int i = 0; i < undecided.Count; i++)
            if (_isUnknown[undecided[i]]) _result.SetNull(undecided[i]);
    }

    private void EachRow(Column values, BytesColumn arrays, Selection rows, Span<bool> result)
    {
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            if (arrays.IsNull(row))
            {
                _result.SetNull(row);
                continue;
            }
            _view.Open(arrays, row);
            _left.Reset();
            _left.AppendFrom(values, row);
            bool anyUnknown = false, isDecided = false;
            if (_view.Count > 0)
            {
                Column<bool> holds = (Column<bool>)comparison.Evaluate([_left.BuildConstant(ColumnBatch.MaxRows), _view.Elements], Selection.All(_view.Count));
                for (int element = 0; element < _view.Count && !isDecided; element++)
                {
                    if (holds.IsNull(element)) anyUnknown = true;
                    else isDecided = holds[element] != isAll;
                }
            }
            if (!isDecided && anyUnknown) _result.SetNull(row);
            else result[row] = isDecided != isAll;
        }
    }
}

/// <summary>
/// = ANY and &lt;&gt; ALL over an array that is the same throughout the statement (IN, NOT IN): a look-up in the set of its elements.
/// </summary>
internal sealed class ElementSetEvaluator(Evaluator left, bool isAll, Evaluator array, uint arrayType, KeyTable set) : Evaluator
{
    private readonly ColumnBuilder<bool> _result = new(16);
    private readonly SelectionBuffer _passed = new();
    private int[] _groups = [];
    private bool _isFilled, _isNull, _hasNulls, _isEmpty;

    public override bool IsStatementConstant => left.IsStatementConstant;

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Column values = Find(input, rows);
        Span<bool> result = _result.Fill(Selections.Extent(rows));
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            bool isFound = _groups[i] >= 0;
            if (_isNull || (!_isEmpty && (values.IsNull(row) || (!isFound && _hasNulls)))) _result.SetNull(row);
            else result[row] = isFound != isAll;
        }
        return _result.Build();
    }

    public override Selection Filter(ReadOnlySpan<Column> input, Selection rows)
    {
        Column values = Find(input, rows);
        int[] passed = _passed.Take(rows.Count);
        int count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            passed[count] = rows[i];
            bool isFound = _groups[i] >= 0;
            bool isUnknown = _isNull || (!_isEmpty && (values.IsNull(rows[i]) || (!isFound && _hasNulls)));
            if (!isUnknown && isFound != isAll) count++;
        }
        return count == rows.Count ? rows : Selection.Of(passed, count);
    }

    private Column Find(ReadOnlySpan<Column> input, Selection rows)
    {
        if (!_isFilled) Fill();
        if (_groups.Length < rows.Count) _groups = new int[Math.Max(rows.Count, 64)];
        Column values = left.Evaluate(input, rows);
        set.Find([values], rows, _groups.AsSpan(0, rows.Count));
        // The set holds no null, but a table without one still answers for null rows.
        if (values.MayHaveNulls)
            for (int i = 0; i < rows.Count; i++)
                if (values.IsNull(rows[i])) _groups[i] = -1;
        return values;
    }

    private void Fill()
    {
        _isFilled = true;
        BytesColumn arrays = (BytesColumn)array.EvaluateScalar();
        _isNull = arrays.IsNull(0);
        if (_isNull) return;
        ArrayView view = new(arrayType);
        view.Open(arrays, 0);
        _isEmpty = view.Count == 0;
        Selection present = new SelectionBuffer().WhereNotNull(view.Elements, Selection.All(view.Count));
        _hasNulls = present.Count < view.Count;
        if (present.Count > 0) set.FindOrAdd([view.Elements], present, new int[present.Count]);
    }
}
