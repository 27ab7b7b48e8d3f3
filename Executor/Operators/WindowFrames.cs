using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Executor.Expressions;
using VecSql.Planner.Expressions;

namespace VecSql.Executor.Operators;

/// <summary>The frame of each row of a partition. Asked for rows in ascending order, RANGE bounds move forward only.</summary>
internal sealed class WindowFrames(ExecutionState state, WindowFrame frame, Evaluator? startOffset, Evaluator? endOffset, WindowLayout layout)
{
    private readonly RangeBound? _rangeStart = CreateRange(state, frame, frame.Start, startOffset, layout, isStart: true);
    private readonly RangeBound? _rangeEnd = CreateRange(state, frame, frame.End, endOffset, layout, isStart: false);
    private long _startRows, _endRows;
    private WindowPartition? _partition;

    /// <summary>Every row's frame is the whole partition.</summary>
    public bool IsWhole(WindowPartition partition) => frame.Exclusion == FrameExclusion.NoOthers && IsWholeStart(partition) && IsWholeEnd(partition);

    /// <summary>Frames start at the partition's start.</summary>
    public bool IsWholeStart(WindowPartition partition) => frame.Start.Kind == FrameBoundKind.UnboundedPreceding
        || (frame is { Mode: not FrameMode.Rows, Start.Kind: FrameBoundKind.CurrentRow } && partition.GroupCount == 1);

    private bool IsWholeEnd(WindowPartition partition) => frame.End.Kind == FrameBoundKind.UnboundedFollowing
        || (frame is { Mode: not FrameMode.Rows, End.Kind: FrameBoundKind.CurrentRow } && partition.GroupCount == 1);

    public FrameExclusion Exclusion => frame.Exclusion;

    /// <summary>Reads the offsets: once per run.</summary>
    /// <exception cref="SqlException">22004 null, 22013 negative.</exception>
    public void Open()
    {
        _startRows = ReadOffset(startOffset, "starting");
        _endRows = ReadOffset(endOffset, "ending");
    }

    public void Begin(WindowPartition partition)
    {
        _partition = partition;
        _rangeStart?.Begin(partition);
        _rangeEnd?.Begin(partition);
    }

    /// <summary>First and one past the last row, before EXCLUDE; start = end if empty.</summary>
    public (int Start, int End) Of(int row)
    {
        WindowPartition partition = _partition!;
        int start = Math.Clamp(StartOf(partition, row), 0, partition.RowCount);
        int end = Math.Clamp(EndOf(partition, row), 0, partition.RowCount);
        return (start, Math.Max(start, end));
    }

    /// <summary>False if EXCLUDE leaves the row out of the frame of <paramref name="current"/>.</summary>
    public bool Includes(int current, int row) => frame.Exclusion switch
    {
        FrameExclusion.CurrentRow => row != current,
        FrameExclusion.Group => _partition!.GroupOf(row) != _partition.GroupOf(current),
        FrameExclusion.Ties => row == current || _partition!.GroupOf(row) != _partition.GroupOf(current),
        _ => true,
    };

    private int StartOf(WindowPartition partition, int row) => frame.Start.Kind switch
    {
        FrameBoundKind.UnboundedPreceding => 0,
        FrameBoundKind.UnboundedFollowing => partition.RowCount,
        FrameBoundKind.CurrentRow => frame.Mode == FrameMode.Rows ? row : partition.GroupStart(partition.GroupOf(row)),
        _ when frame.Mode == FrameMode.Range => _rangeStart!.Find(row),
        FrameBoundKind.Preceding when frame.Mode == FrameMode.Rows => Clamp(row - _startRows, partition),
        FrameBoundKind.Following when frame.Mode == FrameMode.Rows => Clamp(row + _startRows, partition),
        FrameBoundKind.Preceding => GroupStart(partition, partition.GroupOf(row) - _startRows),
        _ => GroupStart(partition, partition.GroupOf(row) + _startRows),
    };

    private int EndOf(WindowPartition partition, int row) => frame.End.Kind switch
    {
        FrameBoundKind.UnboundedPreceding => 0,
        FrameBoundKind.UnboundedFollowing => partition.RowCount,
        FrameBoundKind.CurrentRow => frame.Mode == FrameMode.Rows ? row + 1 : partition.GroupEnd(partition.GroupOf(row)),
        _ when frame.Mode == FrameMode.Range => _rangeEnd!.Find(row),
        FrameBoundKind.Preceding when frame.Mode == FrameMode.Rows => Clamp(row + 1 - _endRows, partition),
        FrameBoundKind.Following when frame.Mode == FrameMode.Rows => Clamp(row + 1 + _endRows, partition),
        FrameBoundKind.Preceding => GroupStart(partition, partition.GroupOf(row) - _endRows + 1),
        _ => GroupStart(partition, partition.GroupOf(row) + _endRows + 1),
    };

    private static int Clamp(long row, WindowPartition partition) => (int)Math.Clamp(row, 0, partition.RowCount);

    /// <summary>The first row of a group by number; groups beyond the last start at the partition's end.</summary>
    private static int GroupStart(WindowPartition partition, long group) =>
        group <= 0 ? 0 : group >= partition.GroupCount ? partition.RowCount : partition.GroupStart((int)group);

    private long ReadOffset(Evaluator? offset, string which)
    {
        if (offset is null) return 0;
        Column value = offset.EvaluateScalar();
        if (value.IsNull(0)) throw new SqlException(SqlState.NullValueNotAllowed, $"frame {which} offset must not be null");
        if (frame.Mode == FrameMode.Range) return 0;
        long rows = ((Column<long>)value)[0];
        if (rows < 0) throw new SqlException(SqlState.InvalidPrecedingOrFollowingSize, $"frame {which} offset must not be negative");
        // Beyond any partition's size one offset is as good as another, and sums don't overflow.
        return Math.Min(rows, int.MaxValue);
    }

    private static RangeBound? CreateRange(ExecutionState state, WindowFrame frame, FrameBound bound, Evaluator? offset, WindowLayout layout, bool isStart) =>
        frame.Mode == FrameMode.Range && bound.Kind is (FrameBoundKind.Preceding or FrameBoundKind.Following)
            ? new RangeBound(state, bound, offset!, layout, isStart) : null;

    /// <summary>A bound at a distance in value from the current row's (RANGE n PRECEDING / FOLLOWING), by the type's in_range.</summary>
    private sealed class RangeBound(ExecutionState state, FrameBound bound, Evaluator offset, WindowLayout layout, bool isStart)
    {
        private readonly ScalarFunction _inRange = bound.InRange ?? throw Invariant.Unreachable(bound);
        private readonly SortKey _key = layout.OrderKeys[0];
        private readonly ColumnBuilder<bool> _result = new(1);
        private readonly ColumnBuilder _value = ColumnBuilder.Create(layout.Kinds[layout.OrderColumns[0]], 1), _base = ColumnBuilder.Create(layout.Kinds[layout.OrderColumns[0]], 1);
        private readonly Column _subtract = Constant((bound.Kind == FrameBoundKind.Preceding) != layout.OrderKeys[0].Descending);
        private readonly Column _less = Constant(isStart == layout.OrderKeys[0].Descending);
        private WindowPartition? _partition;
        private Column? _keys, _offset;
        private int _place, _lastGroup;

        public void Begin(WindowPartition partition)
        {
            _partition = partition;
            _keys = partition.Columns[layout.OrderColumns[0]];
            _offset = offset.EvaluateScalar();
            _place = 0;
            _lastGroup = -1;
        }

        /// <summary>The first row in the frame (start), or the first behind it (end).</summary>
        public int Find(int row)
        {
            int group = _partition!.GroupOf(row);
            if (group == _lastGroup) return _place;
            if (group < _lastGroup) _place = 0;
            _lastGroup = group;
            bool isCurrentNull = _keys!.IsNull(row);
            // Rows of a peer group share the answer, so only the first of each is tested.
            while (_place < _partition.RowCount && !Stops(_place, row, isCurrentNull)) _place = _partition.GroupEnd(_partition.GroupOf(_place));
            return _place;
        }

        private bool Stops(int candidate, int row, bool isCurrentNull)
        {
            bool isNull = _keys!.IsNull(candidate);
            if (isNull || isCurrentNull)
            {
                // Nulls are peers of each other and farther than any distance from the rest.
                if (isStart) return _key.NullsFirst ? !isNull || isCurrentNull : isNull || !isCurrentNull;
                return _key.NullsFirst ? !isNull && isCurrentNull : isNull && !isCurrentNull;
            }
            return InRange(candidate, row) == isStart;
        }

        private bool InRange(int candidate, int row)
        {
            _value.Reset();
            _value.AppendFrom(_keys!, candidate);
            _base.Reset();
            _base.AppendFrom(_keys!, row);
            _inRange.Evaluate([_value.Build(), _base.Build(), _offset!, _subtract, _less], Selection.All(1), _result, state.Context);
            return ((Column<bool>)_result.Build())[0];
        }

        private static Column Constant(bool value)
        {
            ColumnBuilder<bool> builder = new(1);
            builder.Append(value);
            return builder.BuildConstant(1);
        }
    }
}
