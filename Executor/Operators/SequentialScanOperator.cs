using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Operators;

/// <summary>Reads a table piece by piece; below a Gather, the pieces are shared with the other workers.</summary>
internal sealed class SequentialScanOperator(ExecutionState state, SequentialScan plan, Evaluator? filter, Evaluator[] boundValues, ScanFilter[] runtimeFilters) : Operator(state)
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
        foreach (ScanFilter runtimeFilter in runtimeFilters)
        {
            runtimeFilter.Open();
            if (runtimeFilter.Filter.IsActive) AddExtremes(runtimeFilter);
        }
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
                if (filter is null && runtimeFilters.Length == 0) return batch;
                Selection passed = filter is null ? batch.Selection : filter.Filter(batch.Columns, batch.Selection);
                int own = passed.Count;
                foreach (ScanFilter runtimeFilter in runtimeFilters) passed = runtimeFilter.Apply(batch.Columns, passed);
                if (Statistics is { } statistics)
                {
                    statistics.RowsRemoved += batch.Count - own;
                    statistics.RowsRemovedAtRuntime += own - passed.Count;
                }
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

    /// <summary>A join's least and greatest key, for zone maps; without keys no row can pass.</summary>
    private void AddExtremes(ScanFilter runtimeFilter)
    {
        if (_bounds is null) return;
        if (runtimeFilter.Filter.Extremes() is not { } extremes)
        {
            _bounds = null;
            return;
        }
        TypeHandler handler = State.HandlerOf(plan.OutputTypes[runtimeFilter.Ordinal]);
        ByteBuffer low = new(16), high = new(16);
        handler.EncodeKey(extremes, 0, low);
        handler.EncodeKey(extremes, 1, high);
        _bounds.Add(new ColumnBound(_columns[runtimeFilter.Ordinal], low.WrittenSpan.ToArray(), high.WrittenSpan.ToArray()));
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
