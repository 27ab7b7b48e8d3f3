using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;
using VecSql.Planner.Logical;

namespace VecSql.Executor.Operators;

/// <summary>INTERSECT and EXCEPT [ALL]: counts the right side's rows by key, then streams the left. The distinct keys of both sides stay in memory.</summary>
internal sealed class SetOperationOperator(ExecutionState state, SetOperator kind, bool isAll, Operator left, Operator right, IReadOnlyList<SqlType> types) : Operator(state)
{
    private readonly KeyTable _keys = KeyTable.Create(state, types);
    private readonly MemoryAccount _memory = state.OpenAccount();
    private readonly SelectionBuffer _selection = new();
    private int[] _groups = [];
    private long[] _rightCounts = [];
    private bool[] _isGiven = [];
    private bool _isRightRead;

    protected override void OpenCore()
    {
        left.Open();
        _isRightRead = false;
    }

    protected override ColumnBatch? NextCore()
    {
        if (!_isRightRead) ReadRight();
        while (left.Next() is { } batch)
        {
            Number(batch);
            int[] rows = _selection.Take(batch.Count);
            int count = 0;
            for (int i = 0; i < batch.Count; i++)
            {
                rows[count] = batch.Selection[i];
                if (Passes(_groups[i])) count++;
            }
            if (count > 0) return batch.Select(Selection.Of(rows, count));
            State.CheckCancelled();
        }
        return null;
    }

    private bool Passes(int group)
    {
        bool isRight = _rightCounts[group] > 0;
        if (isAll)
        {
            if (isRight) _rightCounts[group]--;
            return isRight == (kind == SetOperator.Intersect);
        }
        if (_isGiven[group] || isRight != (kind == SetOperator.Intersect)) return false;
        return _isGiven[group] = true;
    }

    private void ReadRight()
    {
        _isRightRead = true;
        _keys.Clear();
        Array.Clear(_rightCounts);
        Array.Clear(_isGiven);
        right.Open();
        while (right.Next() is { } batch)
        {
            Number(batch);
            for (int i = 0; i < batch.Count; i++) _rightCounts[_groups[i]]++;
        }
    }

    private void Number(ColumnBatch batch)
    {
        if (_groups.Length < batch.Count) _groups = new int[Math.Max(batch.Count, 64)];
        _keys.FindOrAdd(batch.Columns, batch.Selection, _groups.AsSpan(0, batch.Count));
        if (_rightCounts.Length < _keys.Count)
        {
            Array.Resize(ref _rightCounts, Math.Max(_keys.Count, _rightCounts.Length * 2));
            Array.Resize(ref _isGiven, _rightCounts.Length);
        }
        _memory.Set(_keys.MemoryBytes + 9L * _rightCounts.Length);
    }

    public override void Dispose()
    {
        _memory.Clear();
        left.Dispose();
        right.Dispose();
        base.Dispose();
    }
}
