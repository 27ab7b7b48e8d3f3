using VecSql.Core.Columns;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>One partition in memory, sorted, with its peer groups.</summary>
internal sealed class WindowPartition(RowBuffer rows)
{
    private readonly List<int> _groupStarts = [];
    private int[] _groupOf = [];

    public int RowCount => rows.Count;
    public Column[] Columns => rows.Columns;
    public long MemoryBytes => rows.MemoryBytes + 4L * _groupOf.Length;
    public int GroupCount => _groupStarts.Count;

    /// <summary>The row's peer group: rows that are equal in ORDER BY.</summary>
    public int GroupOf(int row) => _groupOf[row];
    public int GroupStart(int group) => _groupStarts[group];
    public int GroupEnd(int group) => group + 1 < _groupStarts.Count ? _groupStarts[group + 1] : RowCount;

    public void FindPeers(RowOrder order)
    {
        if (_groupOf.Length < RowCount) _groupOf = new int[RowCount];
        _groupStarts.Clear();
        if (order.KeyCount == 0)
        {
            _groupStarts.Add(0);
            Array.Clear(_groupOf, 0, RowCount);
            return;
        }
        ByteBuffer last = new(), key = new();
        Column[] keys = order.Evaluate(Columns, Selection.All(RowCount));
        for (int row = 0; row < RowCount; row++)
        {
            key.Clear();
            order.Encode(keys, row, key);
            if (row == 0 || !key.WrittenSpan.SequenceEqual(last.WrittenSpan)) _groupStarts.Add(row);
            _groupOf[row] = _groupStarts.Count - 1;
            (last, key) = (key, last);
        }
    }
}

/// <summary>Cuts a sorter's output into partitions. A partition is valid until the next.</summary>
internal sealed class PartitionReader(ExecutionState state, RowSorter sorter, WindowLayout layout)
{
    private readonly RowBuffer _block = new(layout.Kinds, 16), _rows = new(layout.Kinds, 16);
    private readonly ByteBuffer _key = new(), _last = new();
    private int _next;
    private bool _isAtEnd;

    public void Reset()
    {
        _block.Reset();
        _next = 0;
        _isAtEnd = false;
    }

    public WindowPartition? Next()
    {
        _rows.Reset();
        bool isComplete = false;
        while (!isComplete && (_next < _block.Count || ReadBlock()))
        {
            int start = _next;
            Column[] keys = layout.PartitionOrder.Evaluate(_block.Columns, Selection.All(_block.Count));
            for (; _next < _block.Count; _next++)
            {
                if (layout.PartitionOrder.KeyCount == 0)
                {
                    _next = _block.Count;
                    break;
                }
                _key.Clear();
                layout.PartitionOrder.Encode(keys, _next, _key);
                bool isFirst = _next == start && _rows.Count == 0;
                isComplete = !isFirst && !_key.WrittenSpan.SequenceEqual(_last.WrittenSpan);
                if (isComplete) break;
                if (!isFirst) continue;
                _last.Clear();
                _last.Write(_key.WrittenSpan);
            }
            int[] taken = new int[_next - start];
            for (int i = 0; i < taken.Length; i++) taken[i] = start + i;
            _rows.Append(_block.Columns, Selection.Of(taken, taken.Length));
        }
        if (_rows.Count == 0) return null;
        WindowPartition partition = new(_rows);
        partition.FindPeers(layout.PeerOrder);
        return partition;
    }

    private bool ReadBlock()
    {
        if (_isAtEnd) return false;
        state.CheckCancelled();
        _block.Reset();
        _next = 0;
        _isAtEnd = sorter.Next(_block, ColumnBatch.MaxRows) == 0;
        return !_isAtEnd;
    }
}
