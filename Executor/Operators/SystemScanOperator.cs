using VecSql.Core.Columns;
using VecSql.Core.SystemTables;
using VecSql.Executor.Expressions;
using VecSql.Planner.Physical;

namespace VecSql.Executor.Operators;

/// <summary>Reads a table that the engine computes: filled once, as the statement sees it.</summary>
internal sealed class SystemScanOperator(ExecutionState state, SystemScan plan, Evaluator? filter) : Operator(state)
{
    private Column[]? _columns;
    private int _rowCount, _next;

    protected override void OpenCore()
    {
        _next = 0;
        if (_columns is not null) return;
        SystemRows rows = new(plan.Table);
        plan.Table.Fill(rows, State.Context);
        _rowCount = rows.RowCount;
        _columns = [.. plan.Ordinals.Select(o => rows.Columns[o].Build())];
    }

    protected override ColumnBatch? NextCore()
    {
        while (_next < _rowCount)
        {
            int start = _next, count = Math.Min(_rowCount - start, ColumnBatch.MaxRows);
            _next += count;
            ColumnBatch batch = new([.. _columns!.Select(c => c.Slice(start, count))], count);
            if (filter is null) return batch;
            Selection passed = filter.Filter(batch.Columns, batch.Selection);
            if (Statistics is { } statistics) statistics.RowsRemoved += batch.Count - passed.Count;
            if (passed.Count > 0) return batch.Select(passed);
        }
        return null;
    }
}
