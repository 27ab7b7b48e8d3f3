using VecSql.Core.Columns;

namespace VecSql.Executor.Rows;

/// <summary>
/// Rows kept to be read several times: WITH results, the inner side of a nested loop, RETURNING. In memory while there is room, then on disk. Cursors see rows appended after they were made.
/// </summary>
internal sealed class RowStore(ExecutionState state, PhysicalKind[] kinds) : IDisposable
{
    private readonly MemoryAccount _memory = state.OpenAccount();
    private readonly List<RowBuffer> _blocks = [];
    private SpillFile? _spill;
    private long _fullBytes;

    public long Count { get; private set; }
    public bool HasSpilled => _spill is not null;

    public void Clear()
    {
        _blocks.Clear();
        _spill?.Dispose();
        _spill = null;
        _fullBytes = 0;
        Count = 0;
        _memory.Clear();
    }

    public void Append(ColumnBatch batch) => Append(batch.Columns, batch.Selection);

    public void Append(ReadOnlySpan<Column> columns, Selection rows)
    {
        Count += rows.Count;
        if (_spill is not null)
        {
            _spill.Write(columns, rows);
            return;
        }
        RowBuffer? last = _blocks.Count > 0 ? _blocks[^1] : null;
        if (last is null || last.Count + rows.Count > ColumnBatch.MaxRows)
        {
            if (last is not null) _fullBytes += last.MemoryBytes;
            last = new RowBuffer(kinds);
            _blocks.Add(last);
        }
        last.Append(columns, rows);
        _memory.Set(_fullBytes + last.MemoryBytes);
        if (!_memory.IsOver) return;
        _spill = new SpillFile(state, kinds);
        _spill.BeginRun();
    }

    public Cursor Read() => new(this);

    public void Dispose() => Clear();

    /// <summary>Reads the rows from the first on; a batch is valid until the next one.</summary>
    internal sealed class Cursor(RowStore store)
    {
        private int _block, _row;
        private SpillFile.RunReader? _reader;

        public void Restart()
        {
            _block = _row = 0;
            _reader = null;
        }

        /// <summary>The next rows; null if all that are there now were read.</summary>
        public ColumnBatch? Next()
        {
            while (_block < store._blocks.Count)
            {
                RowBuffer block = store._blocks[_block];
                if (_row < block.Count)
                {
                    int start = _row, count = block.Count - start;
                    _row = block.Count;
                    if (start == 0) return block.ToBatch();
                    int[] rows = new int[count];
                    for (int i = 0; i < count; i++) rows[i] = start + i;
                    return new ColumnBatch([.. block.Columns], block.Count, Selection.Of(rows, count));
                }
                if (_block == store._blocks.Count - 1) break;
                _block++;
                _row = 0;
            }
            if (store._spill is null) return null;
            return (_reader ??= store._spill.Read(0)).Next();
        }
    }
}
