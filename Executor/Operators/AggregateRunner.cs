using VecSql.Core.Columns;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>
/// One aggregate of one grouping set: its state, and what DISTINCT and ORDER BY put before it. DISTINCT passes each (group, arguments) once, by a hash set while there is memory; what comes
/// then, and everything of an ordered aggregate, is sorted and fed at the end.
/// </summary>
internal sealed class AggregateRunner : IDisposable
{
    private readonly ExecutionState _context;
    private readonly AggregateInput _input;
    private readonly MemoryAccount _memory;
    private readonly FirstRows? _distinct;
    private readonly ColumnBuilder<int> _groupColumn = new(16);
    private readonly TypeHandler[] _handlers;
    private AggregateState _state;
    private RowSorter? _sorter;
    private int[] _groups = [];

    public AggregateRunner(ExecutionState context, AggregateInput input)
    {
        _context = context;
        _input = input;
        _state = input.Function.CreateState();
        _memory = context.OpenAccount();
        _handlers = input.IsDistinct ? input.ArgumentHandlers : [];
        if (input.IsDistinct && !input.IsOrdered) _distinct = new FirstRows(input.CreateDistinctKeys());
    }

    public AggregateState State => _state;

    public void Clear()
    {
        _state = _input.Function.CreateState();
        _distinct?.Keys.Clear();
        _sorter?.Dispose();
        _sorter = null;
        _memory.Clear();
    }

    /// <summary>Takes in the prepared batch; groups are parallel to <paramref name="rows"/>, of which the input's are a part.</summary>
    public void Update(Selection rows, ReadOnlySpan<int> groups, int groupCount)
    {
        _state.EnsureGroups(groupCount);
        Selection taken = _input.Rows;
        if (taken.Count == 0) return;
        if (taken.Count < rows.Count) groups = Compact(rows, groups, taken);
        if (_input.IsPlain) _state.Update(_input.Arguments, taken, groups, _context.Context);
        else if (_distinct is null) Sort(taken, groups);
        else UpdateDistinct(taken, groups);
    }

    /// <summary>All input was taken in: feeds what was sorted.</summary>
    public void FinishInput(int groupCount)
    {
        _state.EnsureGroups(groupCount);
        if (_sorter is null) return;
        _sorter.Finish();
        RowBuffer rows = new(_input.SorterKinds), last = new(_input.SorterKinds, 1);
        int[] kept = new int[ColumnBatch.MaxRows];
        while (true)
        {
            rows.Reset();
            int count = _sorter.Next(rows, ColumnBatch.MaxRows);
            if (count == 0) break;
            _context.CheckCancelled();
            Column[] columns = rows.Columns;
            Selection selection = Selection.All(count);
            if (_input.IsDistinct)
            {
                int keptCount = 0;
                for (int row = 0; row < count; row++)
                {
                    kept[keptCount] = row;
                    bool repeats = row > 0 ? SameArguments(columns, row, columns, row - 1) : last.Count > 0 && SameArguments(columns, 0, last.Columns, 0);
                    if (!repeats) keptCount++;
                }
                selection = Selection.Of(kept, keptCount);
                last.Reset();
                last.AppendRow(columns, count - 1);
            }
            Column<int> groupOf = (Column<int>)columns[0];
            if (_groups.Length < selection.Count) _groups = new int[ColumnBatch.MaxRows];
            for (int i = 0; i < selection.Count; i++) _groups[i] = groupOf[selection[i]];
            _state.Update(columns.AsSpan(1, _input.ArgumentTypes.Count), selection, _groups.AsSpan(0, selection.Count), _context.Context);
        }
        _sorter.Dispose();
        _sorter = null;
    }

    private void UpdateDistinct(Selection rows, ReadOnlySpan<int> groups)
    {
        Column[] columns = WithGroups(rows, groups);
        if (_sorter is not null)
        {
            // The set is full: rows that it doesn't hold are told apart by sorting.
            int[] found = new int[rows.Count];
            _distinct!.Keys.Find(columns, rows, found);
            int[] unseen = new int[rows.Count];
            int count = 0;
            for (int i = 0; i < rows.Count; i++)
                if (found[i] < 0) unseen[count++] = rows[i];
            _sorter.Add(columns, Selection.Of(unseen, count));
            return;
        }
        Selection first = _distinct!.Take(columns, rows);
        if (first.Count > 0) _state.Update(_input.Arguments, first, first.Count < rows.Count ? Compact(rows, groups, first) : groups, _context.Context);
        _memory.Set(_distinct.Keys.MemoryBytes);
        if (_memory.IsOver) StartSorter();
    }

    private void Sort(Selection rows, ReadOnlySpan<int> groups)
    {
        if (_sorter is null) StartSorter();
        _sorter!.Add(WithGroups(rows, groups), rows);
    }

    private void StartSorter()
    {
        _sorter = _input.CreateSorter();
        _sorter.Reset();
    }

    private Column[] WithGroups(Selection rows, ReadOnlySpan<int> groups)
    {
        Span<int> values = _groupColumn.Fill(rows[rows.Count - 1] + 1);
        for (int i = 0; i < rows.Count; i++) values[rows[i]] = groups[i];
        return [_groupColumn.Build(), .. _input.Columns];
    }

    private bool SameArguments(Column[] left, int leftRow, Column[] right, int rightRow)
    {
        if (((Column<int>)left[0])[leftRow] != ((Column<int>)right[0])[rightRow]) return false;
        for (int i = 0; i < _handlers.Length; i++)
        {
            Column a = left[i + 1], b = right[i + 1];
            bool isNull = a.IsNull(leftRow);
            if (isNull != b.IsNull(rightRow) || (!isNull && _handlers[i].Compare(a, leftRow, b, rightRow) != 0)) return false;
        }
        return true;
    }

    private ReadOnlySpan<int> Compact(Selection rows, ReadOnlySpan<int> groups, Selection part)
    {
        if (_groups.Length < part.Count) _groups = new int[Math.Max(part.Count, 64)];
        for (int i = 0, next = 0; next < part.Count; i++)
            if (rows[i] == part[next]) _groups[next++] = groups[i];
        return _groups.AsSpan(0, part.Count);
    }

    public void Dispose()
    {
        _sorter?.Dispose();
        _memory.Clear();
    }
}
