using VecSql.Core.Columns;
using VecSql.Executor.Expressions;

namespace VecSql.Executor.Rows;

/// <summary>Picks the rows whose key was never seen before, in their order.</summary>
internal sealed class FirstRows(KeyTable keys)
{
    private readonly SelectionBuffer _selection = new();
    private int[] _groups = [];
    private bool[] _isSeen = [];

    public KeyTable Keys => keys;

    public Selection Take(ReadOnlySpan<Column> columns, Selection rows)
    {
        if (_groups.Length < rows.Count)
        {
            _groups = new int[Math.Max(rows.Count, 64)];
            _isSeen = new bool[_groups.Length];
        }
        int before = keys.Count;
        keys.FindOrAdd(columns, rows, _groups.AsSpan(0, rows.Count));
        int added = keys.Count - before;
        Array.Clear(_isSeen, 0, added);
        int[] first = _selection.Take(rows.Count);
        int count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            int group = _groups[i] - before;
            if (group < 0 || _isSeen[group]) continue;
            _isSeen[group] = true;
            first[count++] = rows[i];
        }
        return count == rows.Count ? rows : Selection.Of(first, count);
    }
}
