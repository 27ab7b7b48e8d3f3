using VecSql.Core.Columns;
using VecSql.Planner.Expressions;

namespace VecSql.Executor.Expressions;

/// <summary>(a, b) op (c, d): pairs from left to right; the first that differs decides. In orders a null before that makes it unknown; in (in)equality a later pair may still decide.</summary>
internal sealed class RowCompareEvaluator(Evaluator[] left, Evaluator[] right, Evaluator[] equalities, Evaluator[] lessThans, RowComparison comparison) : Evaluator
{
    private const byte Unknown = 2;

    private readonly ColumnBuilder<bool> _result = new(16);
    private readonly SelectionBuffer _first = new(), _second = new();
    private readonly bool _isOrder = comparison is not (RowComparison.Equal or RowComparison.NotEqual);
    private readonly bool _ifAllEqual = comparison is RowComparison.Equal or RowComparison.LessOrEqual or RowComparison.GreaterOrEqual;
    private readonly bool _ifLess = comparison is RowComparison.Less or RowComparison.LessOrEqual;
    private byte[] _outcomes = [];

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Span<bool> result = _result.Fill(Selections.Extent(rows));
        if (_outcomes.Length < result.Length) _outcomes = new byte[Math.Max(result.Length, 64)];
        _outcomes.AsSpan(0, result.Length).Fill(_ifAllEqual ? (byte)1 : (byte)0);
        Selection undecided = rows;
        for (int pair = 0; pair < left.Length && undecided.Count > 0; pair++) undecided = Compare(pair, input, undecided);
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            if (_outcomes[row] == Unknown) _result.SetNull(row);
            else result[row] = _outcomes[row] == 1;
        }
        return _result.Build();
    }

    private Selection Compare(int pair, ReadOnlySpan<Column> input, Selection undecided)
    {
        Column leftColumn = left[pair].Evaluate(input, undecided), rightColumn = right[pair].Evaluate(input, undecided);
        Column<bool> equal = (Column<bool>)equalities[pair].Evaluate([leftColumn, rightColumn], undecided);
        Column<bool>? less = _isOrder ? (Column<bool>)lessThans[pair].Evaluate([leftColumn, rightColumn], undecided) : null;
        int[] next = ((pair & 1) == 0 ? _first : _second).Take(undecided.Count);
        int count = 0;
        for (int i = 0; i < undecided.Count; i++)
        {
            int row = undecided[i];
            if (equal.IsNull(row))
            {
                _outcomes[row] = Unknown;
                if (!_isOrder) next[count++] = row;
            }
            else if (equal[row]) next[count++] = row;
            else _outcomes[row] = (less is null ? !_ifAllEqual : less[row] == _ifLess) ? (byte)1 : (byte)0;
        }
        return Selection.Of(next, count);
    }
}
