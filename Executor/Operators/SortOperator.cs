using VecSql.Core.Columns;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>Sorts its whole input, or keeps the first rows of it.</summary>
internal sealed class SortOperator(ExecutionState state, Operator input, PhysicalKind[] kinds, RowOrder order, Evaluator? limit) : Operator(state)
{
    private readonly RowSorter _sorter = new(state, kinds, order);
    private readonly RowBuffer _output = new(kinds, 16);
    private bool _isSorted;

    protected override void OpenCore()
    {
        long keep = long.MaxValue;
        if (limit?.EvaluateScalar() is Column<long> value && !value.IsNull(0)) keep = Math.Max(value[0], 0);
        _sorter.Reset(keep);
        _isSorted = false;
        input.Open();
    }

    protected override ColumnBatch? NextCore()
    {
        if (!_isSorted)
        {
            while (input.Next() is { } batch) _sorter.Add(batch.Columns, batch.Selection);
            _sorter.Finish();
            _isSorted = true;
            if (Statistics is { } statistics)
            {
                statistics.Details["Sort Method"] = _sorter.HasSpilled ? "external merge" : limit is null ? "quicksort" : "top-N heapsort";
                statistics.Details[_sorter.HasSpilled ? "Disk" : "Memory"] = $"{(_sorter.HasSpilled ? _sorter.SpilledBytes : _sorter.MemoryBytes) / 1024}kB";
            }
        }
        _output.Reset();
        return _sorter.Next(_output, State.Options.BatchSize) == 0 ? null : _output.ToBatch();
    }

    public override void Dispose()
    {
        input.Dispose();
        _sorter.Dispose();
        base.Dispose();
    }
}
