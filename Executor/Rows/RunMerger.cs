using VecSql.Core.Columns;

namespace VecSql.Executor.Rows;

/// <summary>Merges sorted runs; the last column of each is the key. A binary heap of runs, by key, then run number (so equal rows keep their order).</summary>
internal sealed class RunMerger
{
    private readonly Cursor[] _heap;
    private readonly int _width;
    private int _count;

    public RunMerger(SpillFile file, int width)
    {
        _width = width;
        _heap = new Cursor[file.RunCount];
        for (int run = 0; run < file.RunCount; run++)
        {
            Cursor cursor = new(file.Read(run), run, width);
            if (cursor.MoveToBatch()) _heap[_count++] = cursor;
        }
        for (int i = _count / 2 - 1; i >= 0; i--) SiftDown(i);
    }

    /// <summary>Appends the next rows in order; returns how many, 0 at the end.</summary>
    public int Next(RowBuffer output, int maxRows)
    {
        int given = 0;
        while (given < maxRows && _count > 0)
        {
            Cursor first = _heap[0];
            output.AppendRow(first.Columns[.._width], first.Row);
            given++;
            if (!first.MoveNext())
            {
                _heap[0] = _heap[--_count];
                _heap[_count] = null!;
            }
            if (_count > 1) SiftDown(0);
        }
        return given;
    }

    private void SiftDown(int place)
    {
        while (true)
        {
            int least = place;
            for (int child = 2 * place + 1; child <= 2 * place + 2 && child < _count; child++)
                if (_heap[child].CompareTo(_heap[least]) < 0) least = child;
            if (least == place) return;
            (_heap[place], _heap[least]) = (_heap[least], _heap[place]);
            place = least;
        }
    }

    private sealed class Cursor(SpillFile.RunReader reader, int run, int keyColumn)
    {
        private ColumnBatch? _batch;
        private BytesColumn? _keys;

        public int Row { get; private set; }
        public ReadOnlySpan<Column> Columns => _batch!.Columns;

        public bool MoveToBatch()
        {
            _batch = reader.Next();
            Row = 0;
            if (_batch is null) return false;
            _keys = (BytesColumn)_batch[keyColumn];
            return true;
        }

        public bool MoveNext() => ++Row < _batch!.RowCount || MoveToBatch();

        public int CompareTo(Cursor other)
        {
            int order = _keys![Row].SequenceCompareTo(other._keys![other.Row]);
            return order != 0 ? order : run.CompareTo(other.Run);
        }

        private int Run => run;
    }
}
