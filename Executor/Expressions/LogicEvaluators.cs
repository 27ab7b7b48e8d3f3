using VecSql.Core.Columns;

namespace VecSql.Executor.Expressions;

/// <summary>
/// AND and OR with three-valued logic: each operand is evaluated only for the rows that the ones before it left undecided, so an error in a decided row never shows.
/// </summary>
internal sealed class JunctionEvaluator(Evaluator[] operands, bool isAnd) : Evaluator
{
    private readonly ColumnBuilder<bool> _result = new(16);
    private readonly SelectionBuffer _first = new(), _second = new(), _passed = new();
    private bool[] _isPassed = [];

    public override bool IsStatementConstant { get; } = Array.TrueForAll(operands, o => o.IsStatementConstant);

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        // The neutral value until an operand decides (false for AND, true for OR); null where one was unknown and none decided.
        Span<bool> result = _result.Fill(Selections.Extent(rows));
        result.Fill(isAnd);
        bool[] unknown = Unknown(result.Length);
        Selection undecided = rows;
        bool anyUnknown = false;
        for (int place = 0; place < operands.Length && undecided.Count > 0; place++)
        {
            Column<bool> operand = (Column<bool>)operands[place].Evaluate(input, undecided);
            int[] left = ((place & 1) == 0 ? _first : _second).Take(undecided.Count);
            int count = 0;
            for (int i = 0; i < undecided.Count; i++)
            {
                int row = undecided[i];
                left[count] = row;
                if (operand.IsNull(row))
                {
                    unknown[row] = anyUnknown = true;
                    count++;
                }
                else if (operand[row] == isAnd) count++;
                else result[row] = !isAnd;
            }
            if (count < undecided.Count) undecided = Selection.Of(left, count);
        }
        if (anyUnknown)
        {
            for (int i = 0; i < undecided.Count; i++)
                if (unknown[undecided[i]]) _result.SetNull(undecided[i]);
        }
        return _result.Build();
    }

    public override Selection Filter(ReadOnlySpan<Column> input, Selection rows) => isAnd ? FilterAll(input, rows) : FilterAny(input, rows);

    private Selection FilterAll(ReadOnlySpan<Column> input, Selection rows)
    {
        foreach (Evaluator operand in operands)
        {
            if (rows.Count == 0) break;
            rows = operand.Filter(input, rows);
        }
        return rows;
    }

    private Selection FilterAny(ReadOnlySpan<Column> input, Selection rows)
    {
        bool[] isPassed = Unknown(Selections.Extent(rows));
        Selection undecided = rows;
        int passed = 0;
        for (int place = 0; place < operands.Length && undecided.Count > 0; place++)
        {
            Selection here = operands[place].Filter(input, undecided);
            for (int i = 0; i < here.Count; i++) isPassed[here[i]] = true;
            passed += here.Count;
            undecided = ((place & 1) == 0 ? _first : _second).Except(undecided, here);
        }
        if (passed == rows.Count) return rows;
        int[] result = _passed.Take(rows.Count);
        int count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            result[count] = rows[i];
            if (isPassed[rows[i]]) count++;
        }
        return Selection.Of(result, count);
    }

    private bool[] Unknown(int rows)
    {
        if (_isPassed.Length < rows) _isPassed = new bool[Math.Max(rows, 64)];
        else Array.Clear(_isPassed, 0, rows);
        return _isPassed;
    }
}

internal sealed class NotEvaluator(Evaluator operand) : Evaluator
{
    private readonly ColumnBuilder<bool> _result = new(16);

    public override bool IsStatementConstant => operand.IsStatementConstant;

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Column<bool> column = (Column<bool>)operand.Evaluate(input, rows);
        Span<bool> result = _result.Fill(Selections.Extent(rows));
        _result.IntersectValidity(column);
        ReadOnlySpan<bool> values = column.Values;
        int mask = column.IndexMask;
        for (int i = 0; i < rows.Count; i++) result[rows[i]] = !values[rows[i] & mask];
        return _result.Build();
    }
}

internal sealed class IsNullEvaluator(Evaluator operand, bool isNegated) : Evaluator
{
    private readonly ColumnBuilder<bool> _result = new(16);
    private readonly SelectionBuffer _passed = new();

    public override bool IsStatementConstant => operand.IsStatementConstant;

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Column column = operand.Evaluate(input, rows);
        Span<bool> result = _result.Fill(Selections.Extent(rows));
        if (!column.MayHaveNulls) result.Fill(isNegated);
        else for (int i = 0; i < rows.Count; i++) result[rows[i]] = column.IsNull(rows[i]) != isNegated;
        return _result.Build();
    }

    public override Selection Filter(ReadOnlySpan<Column> input, Selection rows) => _passed.WhereNotNull(operand.Evaluate(input, rows), rows, wantsNull: !isNegated);
}

/// <summary>IS [NOT] TRUE, FALSE, UNKNOWN.</summary>
internal sealed class IsBooleanEvaluator(Evaluator operand, bool? wanted, bool isNegated) : Evaluator
{
    private readonly ColumnBuilder<bool> _result = new(16);

    public override bool IsStatementConstant => operand.IsStatementConstant;

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Column<bool> column = (Column<bool>)operand.Evaluate(input, rows);
        Span<bool> result = _result.Fill(Selections.Extent(rows));
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            bool holds = column.IsNull(row) ? wanted is null : wanted == column[row];
            result[row] = holds != isNegated;
        }
        return _result.Build();
    }
}
