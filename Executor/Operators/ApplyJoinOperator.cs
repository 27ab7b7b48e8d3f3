using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;
using VecSql.Planner.Logical;

namespace VecSql.Executor.Operators;

/// <summary>
/// For each left row: sets the slots and runs the right side anew. Nothing is made per left row but what the right side makes; output rows are put together to batches, small ones first
/// so that a LIMIT above gets its rows soon.
/// </summary>
internal sealed class ApplyJoinOperator(ExecutionState state, JoinKind kind, Operator left, Operator right, int[] slots, Evaluator[] values, Evaluator? condition,
    PhysicalKind[] leftKinds, PhysicalKind[] rightKinds) : Operator(state)
{
    private const int FirstOutput = 16;

    private readonly bool _givesRight = kind is not (JoinKind.Semi or JoinKind.Anti);
    private readonly RowBuffer _output = new([.. leftKinds, .. rightKinds], 16);
    private readonly RowBuffer _leftRow = new(leftKinds, 1);
    private readonly Column[] _slotValues = new Column[values.Length];
    private readonly Column[] _pair = new Column[leftKinds.Length + rightKinds.Length];
    private readonly Column[] _rightNulls = SparseGather.Nulls(rightKinds);
    private readonly SelectionBuffer _selection = new();
    private ColumnBatch? _batch, _pending;
    private int _place, _target;
    private bool _isRightOpen, _hasPartner;

    protected override void OpenCore()
    {
        left.Open();
        _batch = _pending = null;
        _isRightOpen = false;
        _target = Math.Min(FirstOutput, State.Options.BatchSize);
    }

    protected override ColumnBatch? NextCore() => _givesRight ? NextPairs() : NextSelected();

    private ColumnBatch? NextPairs()
    {
        _output.Reset();
        while (_output.Count < _target)
        {
            if (!_isRightOpen && !NextLeftRow()) break;
            ColumnBatch? rows = _pending ?? NextMatching();
            _pending = null;
            if (rows is null)
            {
                _isRightOpen = false;
                if (kind == JoinKind.Left && !_hasPartner) Append(_rightNulls, Selection.All(1));
                continue;
            }
            if (_output.Count > 0 && _output.Count + rows.Count > State.Options.BatchSize)
            {
                _pending = rows;
                break;
            }
            Append(rows.Columns, rows.Selection);
        }
        _target = Math.Min(_target * 4, State.Options.BatchSize);
        return _output.Count == 0 ? null : _output.ToBatch();
    }

    private void Append(ReadOnlySpan<Column> rightColumns, Selection rows)
    {
        int row = _batch!.Selection[_place - 1];
        for (int i = 0; i < leftKinds.Length; i++)
        {
            ColumnBuilder builder = _output.Builders[i];
            Column column = _batch[i];
            for (int n = 0; n < rows.Count; n++) builder.AppendFrom(column, row);
        }
        for (int i = 0; i < rightKinds.Length; i++) _output.Builders[leftKinds.Length + i].AppendFrom(rightColumns[i], rows);
        _output.AddRows(rows.Count);
    }

    /// <summary>Semi and anti joins: left batches under a selection.</summary>
    private ColumnBatch? NextSelected()
    {
        while (left.Next() is { } batch)
        {
            _batch = batch;
            _place = 0;
            EvaluateSlots();
            int[] rows = _selection.Take(batch.Count);
            int count = 0;
            while (_place < batch.Count)
            {
                OpenRight();
                bool hasPartner = NextMatching() is not null;
                rows[count] = batch.Selection[_place - 1];
                if (hasPartner == (kind == JoinKind.Semi)) count++;
            }
            if (count > 0) return batch.Select(Selection.Of(rows, count));
        }
        return null;
    }

    private bool NextLeftRow()
    {
        if (_batch is null || _place == _batch.Count)
        {
            _batch = left.Next();
            if (_batch is null) return false;
            _place = 0;
            EvaluateSlots();
        }
        OpenRight();
        return true;
    }

    private void EvaluateSlots()
    {
        for (int i = 0; i < values.Length; i++) _slotValues[i] = values[i].Evaluate(_batch!.Columns, _batch.Selection);
    }

    private void OpenRight()
    {
        int row = _batch!.Selection[_place++];
        for (int i = 0; i < slots.Length; i++) State.SetSlot(slots[i], _slotValues[i], row);
        if (condition is not null)
        {
            for (int i = 0; i < leftKinds.Length; i++)
            {
                ColumnBuilder builder = _leftRow.Builders[i];
                builder.Reset();
                builder.AppendFrom(_batch[i], row);
                _pair[i] = builder.BuildConstant(ColumnBatch.MaxRows);
            }
        }
        _hasPartner = false;
        _isRightOpen = true;
        right.Open();
    }

    /// <summary>The next right rows that meet the condition with the current left row.</summary>
    private ColumnBatch? NextMatching()
    {
        while (right.Next() is { } batch)
        {
            if (condition is not null)
            {
                batch.Columns.CopyTo(_pair.AsSpan(leftKinds.Length));
                Selection passed = condition.Filter(_pair, batch.Selection);
                if (passed.Count == 0) continue;
                batch = batch.Select(passed);
            }
            _hasPartner = true;
            return batch;
        }
        return null;
    }

    public override void Dispose()
    {
        left.Dispose();
        right.Dispose();
        base.Dispose();
    }
}
