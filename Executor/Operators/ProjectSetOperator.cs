using VecSql.Core.Columns;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>Set-returning functions in a select list: each input row as often as the longest of them gives rows.</summary>
internal sealed class ProjectSetOperator(ExecutionState state, Operator input, RunningFunction[] functions, PhysicalKind[] inputKinds, PhysicalKind[] kinds) : Operator(state)
{
    private readonly RowBuffer _output = new(kinds, 16);
    private readonly int[] _counts = new int[functions.Length];
    private ColumnBatch? _batch;
    private int _place;
    private bool _isRowOpen;

    protected override void OpenCore()
    {
        input.Open();
        _batch = null;
        _isRowOpen = false;
    }

    protected override ColumnBatch? NextCore()
    {
        _output.Reset();
        while (_output.Count < State.Options.BatchSize)
        {
            if (!_isRowOpen && !OpenRow()) break;
            Fill(State.Options.BatchSize - _output.Count);
        }
        return _output.Count == 0 ? null : _output.ToBatch();
    }

    private bool OpenRow()
    {
        if (_batch is null || _place == _batch.Count)
        {
            State.CheckCancelled();
            _batch = input.Next();
            if (_batch is null) return false;
            _place = 0;
            foreach (RunningFunction function in functions) function.Prepare(_batch.Columns, _batch.Selection);
        }
        foreach (RunningFunction function in functions) function.Open(_batch.Selection[_place]);
        _place++;
        return _isRowOpen = true;
    }

    private void Fill(int maxRows)
    {
        int rows = 0;
        for (int i = 0; i < functions.Length; i++)
        {
            _counts[i] = functions[i].Fill(_output.Builders.Slice(inputKinds.Length + i, 1), maxRows);
            rows = Math.Max(rows, _counts[i]);
        }
        _isRowOpen = rows == maxRows;
        for (int i = 0; i < functions.Length; i++)
            for (int row = _counts[i]; row < rows; row++) _output.Builders[inputKinds.Length + i].AppendNull();
        for (int i = 0; i < inputKinds.Length; i++)
            for (int row = 0; row < rows; row++) _output.Builders[i].AppendFrom(_batch![i], _batch.Selection[_place - 1]);
        _output.AddRows(rows);
    }

    public override void Dispose()
    {
        input.Dispose();
        foreach (RunningFunction function in functions) function.Dispose();
        base.Dispose();
    }
}
