using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>LIMIT, OFFSET and WITH TIES. Stops pulling as soon as it has enough.</summary>
/// <param name="ties">The order by which rows tie with the last; null without WITH TIES.</param>
internal sealed class LimitOperator(ExecutionState state, Operator input, Evaluator? count, Evaluator? offset, RowOrder? ties) : Operator(state)
{
    private readonly SelectionBuffer _selection = new();
    private long _skip, _left;
    private bool _isTying, _isDone;

    protected override void OpenCore()
    {
        _skip = offset is null ? 0 : Read(offset, SqlState.InvalidRowCountInResultOffsetClause, "OFFSET must not be negative") ?? 0;
        _left = count is null ? long.MaxValue : Read(count, SqlState.InvalidRowCountInLimitClause, "LIMIT must not be negative") ?? long.MaxValue;
        _isTying = false;
        _isDone = _left == 0;
        if (_isDone) return;
        input.Open();
        if (ties is null && _left < long.MaxValue - _skip) input.HintRows(_skip + _left);
    }

    protected override ColumnBatch? NextCore()
    {
        while (!_isDone)
        {
            ColumnBatch? batch = input.Next();
            if (batch is null) break;
            if (_isTying) return TakeTies(batch, 0);
            if (_skip >= batch.Count)
            {
                _skip -= batch.Count;
                continue;
            }
            int from = (int)_skip;
            _skip = 0;
            int taken = (int)Math.Min(batch.Count - from, _left);
            _left -= taken;
            if (_left > 0) return Take(batch, from, taken);
            if (ties is null) _isDone = true;
            else
            {
                ties.Remember(batch.Columns, batch.Selection[from + taken - 1]);
                _isTying = true;
                while (from + taken < batch.Count && ties.EqualsRemembered(batch.Columns, batch.Selection[from + taken])) taken++;
                _isDone = from + taken < batch.Count;
            }
            return Take(batch, from, taken);
        }
        _isDone = true;
        return null;
    }

    private ColumnBatch? TakeTies(ColumnBatch batch, int taken)
    {
        while (taken < batch.Count && ties!.EqualsRemembered(batch.Columns, batch.Selection[taken])) taken++;
        _isDone = taken < batch.Count;
        return taken == 0 ? null : Take(batch, 0, taken);
    }

    private ColumnBatch Take(ColumnBatch batch, int from, int taken)
    {
        if (from == 0 && taken == batch.Count) return batch;
        if (from == 0 && batch.Selection.IsAll) return new ColumnBatch([.. batch.Columns], taken);
        int[] rows = _selection.Take(taken);
        for (int i = 0; i < taken; i++) rows[i] = batch.Selection[from + i];
        return batch.Select(Selection.Of(rows, taken));
    }

    private static long? Read(Evaluator bound, string sqlState, string message)
    {
        Column value = bound.EvaluateScalar();
        if (value.IsNull(0)) return null;
        long number = ((Column<long>)value)[0];
        return number < 0 ? throw new SqlException(sqlState, message) : number;
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
