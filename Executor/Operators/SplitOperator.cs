using VecSql.Core.Columns;
using VecSql.Executor.Expressions;

namespace VecSql.Executor.Operators;

/// <summary>Cuts batches to the size asked for: above sources whose batches are as large as they come.</summary>
internal sealed class SplitOperator(ExecutionState state, Operator input) : Operator(state)
{
    private readonly SelectionBuffer _selection = new();
    private ColumnBatch? _batch;
    private int _given;

    protected override void OpenCore()
    {
        input.Open();
        _batch = null;
    }

    protected override ColumnBatch? NextCore()
    {
        if (_batch is null || _given == _batch.Count)
        {
            _batch = input.Next();
            if (_batch is null) return null;
            _given = 0;
        }
        int count = Math.Min(_batch.Count - _given, State.Options.BatchSize);
        if (count == _batch.Count)
        {
            _given = count;
            return _batch;
        }
        int[] rows = _selection.Take(count);
        for (int i = 0; i < count; i++) rows[i] = _batch.Selection[_given + i];
        _given += count;
        return _batch.Select(Selection.Of(rows, count));
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
