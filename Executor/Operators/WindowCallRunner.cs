using VecSql.Core.Columns;
using VecSql.Core.Functions;
using VecSql.Executor.Expressions;
using VecSql.Planner.Expressions;

namespace VecSql.Executor.Operators;

/// <summary>Computes one window call over a partition: a window function by itself, an aggregate by the cheapest way that its frames allow.</summary>
internal sealed class WindowCallRunner : IWindowPartition
{
    private readonly ExecutionState _state;
    private readonly WindowCall _call;
    private readonly WindowLayout.CallColumns _columns;
    private readonly WindowFrames _frames;
    private readonly Column[] _arguments;
    private readonly SelectionBuffer _taken = new();
    private WindowPartition? _partition;
    private int[] _groups = [];

    public WindowCallRunner(ExecutionState state, WindowCall call, WindowLayout.CallColumns columns, WindowLayout layout)
    {
        _state = state;
        _call = call;
        _columns = columns;
        (Evaluator? start, Evaluator? end) = layout.Offsets[Array.IndexOf(layout.Calls, columns)];
        _frames = new WindowFrames(state, call.Frame, start, end, layout);
        _arguments = new Column[columns.Arguments.Length];
    }

    int IWindowPartition.RowCount => _partition!.RowCount;
    int IWindowPartition.ArgumentCount => _arguments.Length;
    Column IWindowPartition.Argument(int argument) => _arguments[argument];
    (int Start, int End) IWindowPartition.FrameOf(int row) => _frames.Of(row);
    bool IWindowPartition.InFrame(int current, int row) => _frames.Includes(current, row);

    (int Start, int End) IWindowPartition.PeersOf(int row)
    {
        int group = _partition!.GroupOf(row);
        return (_partition.GroupStart(group), _partition.GroupEnd(group));
    }

    public void Open() => _frames.Open();

    /// <summary>Appends a value for each row of the partition.</summary>
    public void Run(WindowPartition partition, ColumnBuilder result)
    {
        _partition = partition;
        Column[] columns = partition.Columns;
        for (int i = 0; i < _arguments.Length; i++) _arguments[i] = columns[_columns.Arguments[i]];
        _frames.Begin(partition);
        if (_call.Function is { } function)
        {
            function.Evaluate(this, result, _state.Context);
            return;
        }
        AggregateState aggregate = _call.Aggregate!.Function.CreateState();
        if (_frames.IsWhole(partition)) RunWhole(aggregate, partition, result);
        else if (_frames.Exclusion == FrameExclusion.NoOthers && (_frames.IsWholeStart(partition) || aggregate.CanRetract)) RunSliding(aggregate, partition, result);
        else RunAnew(aggregate, partition, result);
    }

    /// <summary>One value for all rows.</summary>
    private void RunWhole(AggregateState aggregate, WindowPartition partition, ColumnBuilder result)
    {
        aggregate.EnsureGroups(1);
        Update(aggregate, 0, partition.RowCount, 0);
        Repeat(aggregate, 0, partition.RowCount, result);
    }

    /// <summary>Frames whose ends only move forward: rows are taken in as the end passes them, and out again as the start does.</summary>
    private void RunSliding(AggregateState aggregate, WindowPartition partition, ColumnBuilder result)
    {
        aggregate.EnsureGroups(1);
        int start = 0, end = 0;
        for (int row = 0; row < partition.RowCount;)
        {
            if ((row & 1023) == 0) _state.CheckCancelled();
            (int frameStart, int frameEnd) = _frames.Of(row);
            if (frameStart >= end)
            {
                // Nothing in common with the last frame, or empty: forget it.
                if (start < end) Retract(aggregate, start, end);
                start = end = frameStart;
            }
            if (frameEnd > end) Update(aggregate, end, frameEnd, 0);
            if (frameStart > start) Retract(aggregate, start, frameStart);
            start = frameStart;
            end = Math.Max(end, frameEnd);
            int same = row + 1;
            while (same < partition.RowCount && same - row < ColumnBatch.MaxRows && _frames.Of(same) == (frameStart, frameEnd)) same++;
            Repeat(aggregate, 0, same - row, result);
            row = same;
        }
    }

    /// <summary>Each row's frame from scratch, in a group of its own; a block of rows at a time.</summary>
    private void RunAnew(AggregateState aggregate, WindowPartition partition, ColumnBuilder result)
    {
        for (int block = 0; block < partition.RowCount; block += ColumnBatch.MaxRows)
        {
            int count = Math.Min(ColumnBatch.MaxRows, partition.RowCount - block);
            if (block > 0) aggregate = _call.Aggregate!.Function.CreateState();
            aggregate.EnsureGroups(count);
            for (int i = 0; i < count; i++)
            {
                _state.CheckCancelled();
                (int start, int end) = _frames.Of(block + i);
                Update(aggregate, start, end, i, block + i);
            }
            aggregate.Finish(0, count, result, _state.Context);
        }
    }

    private void Repeat(AggregateState aggregate, int group, int count, ColumnBuilder result)
    {
        int first = result.Count;
        aggregate.Finish(group, 1, result, _state.Context);
        if (count == 1) return;
        // The builder's own row is the source, so it is built again: a view, no copy.
        ColumnBuilder one = ColumnBuilder.Create(result.Kind, 1);
        one.AppendFrom(result.Build(), first);
        Column value = one.BuildConstant(count - 1);
        result.AppendFrom(value, Selection.All(count - 1));
    }

    private void Retract(AggregateState aggregate, int start, int end) => ForRows(start, end, 0, -1, (a, rows, groups) => a.Retract(_arguments, rows, groups, _state.Context), aggregate);

    private void Update(AggregateState aggregate, int start, int end, int group, int current = -1) =>
        ForRows(start, end, group, current, (a, rows, groups) => a.Update(_arguments, rows, groups, _state.Context), aggregate);

    private delegate void GroupAction(AggregateState aggregate, Selection rows, ReadOnlySpan<int> groups);

    private void ForRows(int start, int end, int group, int current, GroupAction action, AggregateState aggregate)
    {
        Column<bool>? filter = _columns.Filter < 0 ? null : (Column<bool>)_partition!.Columns[_columns.Filter];
        for (int from = start; from < end; from += ColumnBatch.MaxRows)
        {
            int to = Math.Min(end, from + ColumnBatch.MaxRows);
            int[] rows = _taken.Take(to - from);
            int count = 0;
            for (int row = from; row < to; row++)
            {
                if (filter is not null && (filter.IsNull(row) || !filter[row])) continue;
                if (current >= 0 && !_frames.Includes(current, row)) continue;
                rows[count++] = row;
            }
            if (count == 0) continue;
            if (_groups.Length < count) _groups = new int[Math.Max(count, 64)];
            _groups.AsSpan(0, count).Fill(group);
            action(aggregate, Selection.Of(rows, count), _groups.AsSpan(0, count));
        }
    }
}
