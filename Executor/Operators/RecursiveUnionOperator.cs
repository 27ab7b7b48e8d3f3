using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>WITH RECURSIVE: the start's rows, then the step over the rows that the last round added, until it adds none. Without ALL, each row counts once.</summary>
internal sealed class RecursiveUnionOperator : Operator
{
    private readonly WorkTable _table;
    private readonly Operator _start, _step;
    private readonly FirstRows? _first;
    private readonly MemoryAccount _memory;
    private RowStore _last, _next;
    private bool _isStepping;

    public RecursiveUnionOperator(ExecutionState state, WorkTable table, Operator start, Operator step, bool isAll, IReadOnlyList<SqlType> types) : base(state)
    {
        _table = table;
        _start = start;
        _step = step;
        _first = isAll ? null : new FirstRows(KeyTable.Create(state, types));
        _memory = state.OpenAccount();
        _last = new RowStore(state, state.KindsOf(types));
        _next = new RowStore(state, state.KindsOf(types));
    }

    protected override void OpenCore()
    {
        _last.Clear();
        _next.Clear();
        _first?.Keys.Clear();
        _isStepping = false;
        _start.Open();
    }

    protected override ColumnBatch? NextCore()
    {
        while (true)
        {
            State.CheckCancelled();
            ColumnBatch? batch = (_isStepping ? _step : _start).Next();
            if (batch is null)
            {
                if (!NextRound()) return null;
                continue;
            }
            if (_first is not null)
            {
                Selection first = _first.Take(batch.Columns, batch.Selection);
                _memory.Set(_first.Keys.MemoryBytes);
                if (first.Count == 0) continue;
                batch = batch.Select(first);
            }
            _next.Append(batch);
            return batch;
        }
    }

    private bool NextRound()
    {
        if (_next.Count == 0) return false;
        (_last, _next) = (_next, _last);
        _next.Clear();
        _table.Rows = _last;
        _isStepping = true;
        _step.Open();
        return true;
    }

    public override void Dispose()
    {
        _memory.Clear();
        _start.Dispose();
        _step.Dispose();
        _last.Dispose();
        _next.Dispose();
        base.Dispose();
    }
}

/// <summary>Reads the rows of the last round.</summary>
internal sealed class WorkTableScanOperator(ExecutionState state, WorkTable table) : Operator(state)
{
    private RowStore.Cursor? _cursor;

    protected override void OpenCore() => _cursor = table.Rows?.Read();

    protected override ColumnBatch? NextCore() => _cursor?.Next();
}
