using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;

namespace VecSql.Executor.Operators;

/// <summary>
/// Window functions of one partitioning and order. Steps: (1) keys and arguments are evaluated beside each input row; (2) all rows are sorted by partition, then order;
/// (3) partition by partition is taken into memory, each call computed over it, and given out.
/// </summary>
internal sealed class WindowOperator : Operator
{
    private readonly Operator _input;
    private readonly WindowLayout _layout;
    private readonly RowSorter _sorter;
    private readonly PartitionReader _reader;
    private readonly WindowCallRunner[] _calls;
    private readonly RowBuffer _output;
    private readonly ColumnBuilder[] _results;
    private readonly Column[] _extended;
    private readonly MemoryAccount _memory;
    private WindowPartition? _partition;
    private bool _isSorted;
    private int _next;

    public WindowOperator(ExecutionState state, WindowAggregate plan, Operator input, WindowLayout layout, PhysicalKind[] kinds) : base(state)
    {
        _input = input;
        _layout = layout;
        _sorter = new RowSorter(state, layout.Kinds, layout.SortOrder);
        _reader = new PartitionReader(state, _sorter, layout);
        _calls = [.. plan.Calls.Select((call, i) => new WindowCallRunner(state, call, layout.Calls[i], layout))];
        _output = new RowBuffer(kinds, 16);
        _results = [.. plan.Calls.Select(c => ColumnBuilder.Create(state.KindOf(c.ResultType), 16))];
        _extended = new Column[layout.Kinds.Length];
        _memory = state.OpenAccount();
    }

    protected override void OpenCore()
    {
        _input.Open();
        _sorter.Reset();
        _reader.Reset();
        _isSorted = false;
        _partition = null;
        foreach (WindowCallRunner call in _calls) call.Open();
    }

    protected override ColumnBatch? NextCore()
    {
        if (!_isSorted) SortInput();
        _output.Reset();
        while (_output.Count < State.Options.BatchSize)
        {
            if (_partition is null && !NextPartition()) break;
            int count = Math.Min(_partition!.RowCount - _next, State.Options.BatchSize - _output.Count);
            int[] rows = new int[count];
            for (int i = 0; i < count; i++) rows[i] = _next + i;
            Selection selection = Selection.Of(rows, count);
            for (int i = 0; i < _layout.InputWidth; i++) _output.Builders[i].AppendFrom(_partition.Columns[i], selection);
            for (int i = 0; i < _results.Length; i++) _output.Builders[_layout.InputWidth + i].AppendFrom(_results[i].Build(), selection);
            _output.AddRows(count);
            _next += count;
            if (_next == _partition.RowCount) _partition = null;
        }
        return _output.Count == 0 ? null : _output.ToBatch();
    }

    private void SortInput()
    {
        while (_input.Next() is { } batch)
        {
            batch.Columns.CopyTo(_extended);
            for (int i = 0; i < _layout.Computed.Length; i++) _extended[_layout.InputWidth + i] = _layout.Computed[i].Evaluate(batch.Columns, batch.Selection);
            _sorter.Add(_extended, batch.Selection);
        }
        _sorter.Finish();
        _isSorted = true;
    }

    private bool NextPartition()
    {
        _partition = _reader.Next();
        if (_partition is null) return false;
        _memory.Set(_partition.MemoryBytes);
        for (int i = 0; i < _calls.Length; i++)
        {
            _results[i].Reset();
            _calls[i].Run(_partition, _results[i]);
        }
        _next = 0;
        return true;
    }

    public override void Dispose()
    {
        _input.Dispose();
        _sorter.Dispose();
        _memory.Clear();
        base.Dispose();
    }
}

/// <summary>Where the columns of the extended rows stand: the input's, then whatever keys and arguments had to be computed.</summary>
internal sealed class WindowLayout
{
    private readonly List<BoundExpression> _computed = [];

    public WindowLayout(WindowAggregate plan, EvaluatorBuilder expressions, ExecutionState state)
    {
        InputWidth = plan.Input.OutputTypes.Count;
        SortKey[] partition = [.. plan.PartitionBy.Select(e => new SortKey(Place(e), false, false))];
        SortKey[] order = [.. plan.OrderBy.Select(k => k with { Expression = Place(k.Expression) })];
        Calls = [.. plan.Calls.Select(c => new CallColumns([.. (c.Aggregate?.Arguments ?? c.Arguments).Select(a => Place(a).Ordinal)],
            c.Aggregate?.Filter is { } filter ? Place(filter).Ordinal : -1))];
        OrderKeys = order;
        OrderColumns = [.. order.Select(k => ((InputExpression)k.Expression).Ordinal)];
        Computed = expressions.BuildAll(_computed);
        SqlType[] types = [.. plan.Input.OutputTypes, .. _computed.Select(e => e.Type)];
        Kinds = state.KindsOf(types);
        SortOrder = new RowOrder([.. partition, .. order], expressions, state);
        PartitionOrder = new RowOrder(partition, expressions, state);
        PeerOrder = new RowOrder(order, expressions, state);
        Offsets = [.. plan.Calls.Select(c => (expressions.BuildOptional(c.Frame.Start.Offset), expressions.BuildOptional(c.Frame.End.Offset)))];
    }

    public int InputWidth { get; }
    public Evaluator[] Computed { get; }
    public PhysicalKind[] Kinds { get; }
    public RowOrder SortOrder { get; }
    public RowOrder PartitionOrder { get; }
    public RowOrder PeerOrder { get; }
    public IReadOnlyList<SortKey> OrderKeys { get; }
    public int[] OrderColumns { get; }
    public CallColumns[] Calls { get; }
    public (Evaluator? Start, Evaluator? End)[] Offsets { get; }

    private InputExpression Place(BoundExpression expression)
    {
        if (expression is InputExpression input) return input;
        _computed.Add(expression);
        return new InputExpression(InputWidth + _computed.Count - 1, expression.Type);
    }

    /// <summary>A call's arguments and (−1: none) filter, by place in the extended rows.</summary>
    internal sealed record CallColumns(int[] Arguments, int Filter);
}
