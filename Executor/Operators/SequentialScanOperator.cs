using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Operators;

/// <summary>Reads a table piece by piece; below a Gather, the pieces are shared with the other workers.</summary>
internal sealed class SequentialScanOperator(ExecutionState state, SequentialScan plan, Evaluator? filter, Evaluator[] boundValues) : Operator(state)
{
    private readonly short[] _columns = [.. plan.Columns];
    private ITableReader? _reader;
    private List<ColumnBound>? _bounds;
    private ITableCursor? _cursor;
    private int _nextPiece;

    protected override void OpenCore()
    {
        CloseCursor();
        _reader = State.Reader(plan.Table.Oid);
        _nextPiece = 0;
        _bounds = EncodeBounds();
    }

    protected override ColumnBatch? NextCore()
    {
        if (_bounds is null) return null;
        while (true)
        {
            if (_cursor is null)
            {
                IScanPiece? piece = TakePiece();
                if (piece is null) return null;
                _cursor = piece.Open(_columns, plan.WithRowId, _bounds);
            }
            while (_cursor.Next() is { } batch)
            {
                if (filter is null) return batch;
                Selection passed = filter.Filter(batch.Columns, batch.Selection);
                if (Statistics is { } statistics) statistics.RowsRemoved += batch.Count - passed.Count;
                if (passed.Count > 0) return batch.Select(passed);
                State.CheckCancelled();
            }
            CloseCursor();
        }
    }

    private IScanPiece? TakePiece()
    {
        if (State.Shared is { } shared && ReferenceEquals(shared.Scan, plan)) return shared.Take(_reader!);
        return _nextPiece < _reader!.Pieces.Count ? _reader.Pieces[_nextPiece++] : null;
    }

    /// <summary>Bounds in key encoding; null if one compares with NULL, so that no row can pass.</summary>
    private List<ColumnBound>? EncodeBounds()
    {
        List<ColumnBound> bounds = new(boundValues.Length);
        ByteBuffer key = new(16);
        for (int i = 0; i < boundValues.Length; i++)
        {
            ScanBound bound = plan.Bounds[i];
            Column value = boundValues[i].EvaluateScalar();
            if (value.IsNull(0)) return null;
            key.Clear();
            State.HandlerOf(bound.Value.Type).EncodeKey(value, 0, key);
            byte[] bytes = key.WrittenSpan.ToArray();
            bool isLow = bound.Comparison is BoundComparison.Equal or BoundComparison.Greater or BoundComparison.GreaterOrEqual;
            bool isHigh = bound.Comparison is BoundComparison.Equal or BoundComparison.Less or BoundComparison.LessOrEqual;
            bounds.Add(new ColumnBound(bound.Column, isLow ? bytes : null, isHigh ? bytes : null));
        }
        return bounds;
    }

    private void CloseCursor()
    {
        _cursor?.Dispose();
        _cursor = null;
    }

    public override void Dispose()
    {
        CloseCursor();
        base.Dispose();
    }
}
