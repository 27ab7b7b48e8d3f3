using System.Buffers.Binary;
using VecSql.Core.Columns;

namespace VecSql.Executor.Rows;

/// <summary>
/// Sorts rows by normalized keys. Steps:
/// 1. <see cref="Add"/> copies rows and encodes their keys; the first 16 key bytes stand in the sort entry, so most comparisons touch nothing else.
/// 2. With a limit, whenever more than twice the limit has come, the rows are sorted and cut; later rows beyond the last kept key are dropped unseen (top-n).
/// 3. Without: when the memory is used up, the sorted rows are written as a run; <see cref="Finish"/> sorts the rest, and <see cref="Next"/> merges the runs.
/// Rows that compare equal keep their order.
/// </summary>
internal sealed class RowSorter : IDisposable
{
    private const int PrefixBytes = 16;

    private readonly ExecutionState _state;
    private readonly RowOrder _order;
    private readonly PhysicalKind[] _kinds;
    private readonly MemoryAccount _memory;
    private readonly ByteBuffer _keys = new(1024);
    private RowBuffer _rows, _spare;
    private Entry[] _entries = new Entry[64];
    private int[] _keyEnds = new int[64];
    private bool _hasLongKeys;
    private long _limit = long.MaxValue;
    private byte[]? _threshold;
    private SpillFile? _spill;
    private RunMerger? _merger;
    private int _next;

    public RowSorter(ExecutionState state, PhysicalKind[] kinds, RowOrder order)
    {
        _state = state;
        _order = order;
        _kinds = kinds;
        _memory = state.OpenAccount();
        _rows = new RowBuffer(kinds);
        _spare = new RowBuffer(kinds, 1);
    }

    public bool HasSpilled => _spill is not null;
    public long SpilledBytes => _spill?.SizeBytes ?? 0;
    public long MemoryBytes => _memory.HeldBytes;

    /// <summary>Starts anew; keeps at most <paramref name="limit"/> rows.</summary>
    public void Reset(long limit = long.MaxValue)
    {
        _limit = limit;
        ClearRows();
        _threshold = null;
        _spill?.Dispose();
        _spill = null;
        _merger = null;
        _next = 0;
        _memory.Clear();
    }

    public void Add(ReadOnlySpan<Column> columns, Selection rows)
    {
        if (_limit == 0) return;
        Column[] keys = _order.Evaluate(columns, rows);
        EnsureEntries(_rows.Count + rows.Count);
        if (_threshold is null)
        {
            for (int i = 0; i < rows.Count; i++) AddEntry(keys, rows[i], _rows.Count + i);
            _rows.Append(columns, rows);
        }
        else AddBelowThreshold(columns, keys, rows);
        if (_limit < int.MaxValue / 4)
        {
            if (_rows.Count > Math.Max(_limit * 2, 256)) Cut();
            return;
        }
        _memory.Set(_rows.MemoryBytes + _keys.Length + (long)_entries.Length * 28);
        if (_memory.IsOver || _rows.Count > (1 << 26)) SpillRun();
    }

    /// <summary>All rows were added: <see cref="Next"/> may be called.</summary>
    public void Finish()
    {
        if (_spill is not null)
        {
            SpillRun();
            _merger = new RunMerger(_spill, _kinds.Length);
            return;
        }
        SortEntries();
        _next = 0;
    }

    /// <summary>Rows kept, if none were spilled.</summary>
    public int Count => (int)Math.Min(_rows.Count, _limit);

    /// <summary>Appends the next rows in order; returns how many, 0 at the end.</summary>
    public int Next(RowBuffer output, int maxRows)
    {
        if (_merger is not null) return _merger.Next(output, maxRows);
        int count = Math.Min(Count - _next, maxRows);
        if (count <= 0) return 0;
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) numbers[i] = _entries[_next + i].Row;
        output.Append(_rows.Columns, Selection.Of(numbers, count));
        _next += count;
        return count;
    }

    private void AddBelowThreshold(ReadOnlySpan<Column> columns, Column[] keys, Selection rows)
    {
        int[] kept = new int[rows.Count];
        int count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            int keyStart = _keys.Length;
            _order.Encode(keys, rows[i], _keys);
            if (_keys.WrittenSpan[keyStart..].SequenceCompareTo(_threshold) >= 0)
            {
                _keys.Truncate(keyStart);
                continue;
            }
            SetEntry(keyStart, _rows.Count + count);
            kept[count++] = rows[i];
        }
        if (count > 0) _rows.Append(columns, Selection.Of(kept, count));
    }

    private void AddEntry(Column[] keys, int row, int place)
    {
        int start = _keys.Length;
        _order.Encode(keys, row, _keys);
        SetEntry(start, place);
    }

    private void SetEntry(int keyStart, int place)
    {
        ReadOnlySpan<byte> key = _keys.WrittenSpan[keyStart..];
        if (key.Length > PrefixBytes) _hasLongKeys = true;
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        prefix.Clear();
        key[..Math.Min(key.Length, PrefixBytes)].CopyTo(prefix);
        _entries[place] = new Entry(BinaryPrimitives.ReadUInt64BigEndian(prefix), BinaryPrimitives.ReadUInt64BigEndian(prefix[8..]), place);
        _keyEnds[place] = _keys.Length;
    }

    private ReadOnlySpan<byte> KeyOf(int row)
    {
        int start = row == 0 ? 0 : _keyEnds[row - 1];
        return _keys.WrittenSpan[start.._keyEnds[row]];
    }

    private void SortEntries()
    {
        Span<Entry> entries = _entries.AsSpan(0, _rows.Count);
        if (!_hasLongKeys) entries.Sort();
        else entries.Sort((a, b) =>
        {
            int order = a.ComparePrefix(b);
            if (order == 0) order = KeyOf(a.Row).SequenceCompareTo(KeyOf(b.Row));
            return order != 0 ? order : a.Row.CompareTo(b.Row);
        });
    }

    /// <summary>Keeps the first rows up to the limit.</summary>
    private void Cut()
    {
        SortEntries();
        int count = (int)_limit;
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) numbers[i] = _entries[i].Row;
        _spare.Reset();
        _spare.Append(_rows.Columns, Selection.Of(numbers, count));
        ByteBuffer keys = new(count * PrefixBytes);
        int[] ends = new int[count];
        for (int i = 0; i < count; i++)
        {
            keys.Write(KeyOf(numbers[i]));
            ends[i] = keys.Length;
            _entries[i] = _entries[i] with { Row = i };
        }
        _threshold = KeyOf(numbers[count - 1]).ToArray();
        _keys.Clear();
        _keys.Write(keys.WrittenSpan);
        ends.CopyTo(_keyEnds, 0);
        (_rows, _spare) = (_spare, _rows);
    }

    private void SpillRun()
    {
        if (_rows.Count == 0) return;
        SortEntries();
        _spill ??= new SpillFile(_state, [.. _kinds, PhysicalKind.Bytes]);
        _spill.BeginRun();
        RowBuffer block = new([.. _kinds, PhysicalKind.Bytes]);
        Column[] columns = _rows.Columns;
        for (int start = 0; start < _rows.Count; start += ColumnBatch.MaxRows)
        {
            _state.CheckCancelled();
            int count = Math.Min(_rows.Count - start, ColumnBatch.MaxRows);
            int[] numbers = new int[count];
            for (int i = 0; i < count; i++) numbers[i] = _entries[start + i].Row;
            block.Reset();
            for (int i = 0; i < columns.Length; i++) block.Builders[i].AppendFrom(columns[i], Selection.Of(numbers, count));
            BytesColumnBuilder keys = (BytesColumnBuilder)block.Builders[columns.Length];
            foreach (int row in numbers) keys.Append(KeyOf(row));
            block.AddRows(count);
            _spill.WriteBlock(block);
        }
        ClearRows();
        _memory.Clear();
    }

    private void ClearRows()
    {
        _rows.Reset();
        _keys.Clear();
        _hasLongKeys = false;
    }

    private void EnsureEntries(int count)
    {
        if (_entries.Length >= count) return;
        Array.Resize(ref _entries, Math.Max(count, _entries.Length * 2));
        Array.Resize(ref _keyEnds, _entries.Length);
    }

    public void Dispose()
    {
        _spill?.Dispose();
        _memory.Clear();
    }

    /// <summary>A row's place and the first bytes of its key.</summary>
    private readonly record struct Entry(ulong High, ulong Low, int Row) : IComparable<Entry>
    {
        public int ComparePrefix(Entry other)
        {
            int order = High.CompareTo(other.High);
            return order != 0 ? order : Low.CompareTo(other.Low);
        }

        public int CompareTo(Entry other)
        {
            if (High != other.High) return High < other.High ? -1 : 1;
            if (Low != other.Low) return Low < other.Low ? -1 : 1;
            return Row.CompareTo(other.Row);
        }
    }
}
