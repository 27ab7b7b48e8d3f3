using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Executor.Expressions;

/// <summary>CASE: conditions in order, each for the rows that none before it took; results only for the rows that they are for.</summary>
internal sealed class CaseEvaluator(Evaluator? operand, CaseOperandCell? cell, (Evaluator Condition, Evaluator Result)[] branches, Evaluator? otherwise, PhysicalKind kind) : Evaluator
{
    private readonly ColumnMerger _merger = new(kind);
    private readonly SelectionBuffer _first = new(), _second = new();

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        if (operand is not null && cell is not null) cell.Value = operand.Evaluate(input, rows);
        _merger.Begin(Selections.Extent(rows));
        Selection left = rows;
        for (int place = 0; place < branches.Length && left.Count > 0; place++)
        {
            Selection taken = branches[place].Condition.Filter(input, left);
            if (taken.Count == 0) continue;
            _merger.Set(taken, _merger.Add(branches[place].Result.Evaluate(input, taken)));
            left = ((place & 1) == 0 ? _first : _second).Except(left, taken);
        }
        if (otherwise is not null && left.Count > 0) _merger.Set(left, _merger.Add(otherwise.Evaluate(input, left)));
        return _merger.Build(rows);
    }
}

/// <summary>The first operand that isn't null; each is evaluated only for the rows that still need it.</summary>
internal sealed class CoalesceEvaluator(Evaluator[] operands, PhysicalKind kind) : Evaluator
{
    private readonly ColumnMerger _merger = new(kind);
    private readonly SelectionBuffer _present = new(), _first = new(), _second = new();

    public override bool IsStatementConstant { get; } = Array.TrueForAll(operands, o => o.IsStatementConstant);

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Column head = operands[0].Evaluate(input, rows);
        if (!head.MayHaveNulls) return head;
        _merger.Begin(Selections.Extent(rows));
        Selection left = rows;
        for (int place = 0; place < operands.Length && left.Count > 0; place++)
        {
            Column column = place == 0 ? head : operands[place].Evaluate(input, left);
            Selection present = _present.WhereNotNull(column, left);
            if (present.Count == 0) continue;
            _merger.Set(present, _merger.Add(column));
            left = ((place & 1) == 0 ? _first : _second).Except(left, present);
        }
        return _merger.Build(rows);
    }
}

/// <summary>NULLIF.</summary>
internal sealed class NullIfEvaluator(Evaluator left, Evaluator right, Evaluator equality, PhysicalKind kind) : Evaluator
{
    private readonly ColumnMerger _merger = new(kind);

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Column value = left.Evaluate(input, rows);
        Selection equal = equality.Filter([value, right.Evaluate(input, rows)], rows);
        if (equal.Count == 0) return value;
        _merger.Begin(Selections.Extent(rows));
        _merger.Set(rows, _merger.Add(value));
        for (int i = 0; i < equal.Count; i++) _merger.SetNull(equal[i]);
        return _merger.Build(rows);
    }
}

/// <summary>GREATEST, LEAST by the type's order.</summary>
internal sealed class ExtremeEvaluator(Evaluator[] operands, bool isGreatest, TypeHandler handler) : Evaluator
{
    private readonly ColumnMerger _merger = new(handler.Kind);

    public override bool IsStatementConstant { get; } = Array.TrueForAll(operands, o => o.IsStatementConstant);

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        _merger.Begin(Selections.Extent(rows));
        foreach (Evaluator operand in operands)
        {
            Column column = operand.Evaluate(input, rows);
            int source = _merger.Add(column);
            for (int i = 0; i < rows.Count; i++)
            {
                int row = rows[i];
                if (column.IsNull(row)) continue;
                int best = _merger.SourceOf(row);
                if (best >= 0)
                {
                    int order = handler.Compare(column, row, _merger[best], row);
                    if (isGreatest ? order <= 0 : order >= 0) continue;
                }
                _merger.Set(row, source);
            }
        }
        return _merger.Build(rows);
    }
}

/// <summary>IS [NOT] DISTINCT FROM: equality that takes null for a value.</summary>
internal sealed class DistinctFromEvaluator(Evaluator left, Evaluator right, Evaluator equality, bool isNegated) : Evaluator
{
    private readonly ColumnBuilder<bool> _result = new(16);
    private readonly SelectionBuffer _present = new();

    public override Column Evaluate(ReadOnlySpan<Column> input, Selection rows)
    {
        Column leftColumn = left.Evaluate(input, rows), rightColumn = right.Evaluate(input, rows);
        Span<bool> result = _result.Fill(Selections.Extent(rows));
        int[] both = _present.Take(rows.Count);
        int count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            bool leftNull = leftColumn.IsNull(row), rightNull = rightColumn.IsNull(row);
            if (!leftNull && !rightNull) both[count++] = row;
            result[row] = (leftNull && rightNull) == isNegated;
        }
        if (count > 0)
        {
            Selection present = Selection.Of(both, count);
            Selection equal = equality.Filter([leftColumn, rightColumn], present);
            for (int i = 0; i < present.Count; i++) result[present[i]] = !isNegated;
            for (int i = 0; i < equal.Count; i++) result[equal[i]] = isNegated;
        }
        return _result.Build();
    }
}
