using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>
/// The build side of a hash join, in memory: its rows, the numbers of their keys, and for each key the chain of its rows. Rows with a null key are kept (outer joins give them)
/// but are in no chain.
/// </summary>
internal sealed class HashJoinTable
{
    private const int None = -1;

    private readonly KeyTable _keys;
    private readonly RowBuffer _rows;
    private readonly bool _keepsRows;
    private readonly SelectionBuffer _present = new();
    private int[] _groupOfRow = new int[64], _next = [], _first = [];
    private int[] _groups = [];
    private int _rowCount;

    public HashJoinTable(ExecutionState state, PhysicalKind[] kinds, IReadOnlyList<SqlType> keyTypes, bool keepsRows)
    {
        _keys = KeyTable.Create(state, keyTypes);
        _rows = new RowBuffer(keepsRows ? kinds : [], 64);
        _keepsRows = keepsRows;
    }

    /// <summary>The same table for another thread.</summary>
    private HashJoinTable(HashJoinTable source)
    {
        _keys = source._keys.ForReader();
        _rows = source._rows;
        _keepsRows = source._keepsRows;
        (_first, _next, _rowCount) = (source._first, source._next, source._rowCount);
        (HasNullKeys, IsUnique, Matched) = (source.HasNullKeys, source.IsUnique, source.Matched);
    }

    public int RowCount => _rowCount;

    /// <summary>The distinct keys, none of them null.</summary>
    public KeyTable Keys => _keys;
    public bool HasNullKeys { get; private set; }

    /// <summary>No key occurs twice: a probe row has at most one match.</summary>
    public bool IsUnique { get; private set; }

    /// <summary>Which rows have found a partner: for right and full joins.</summary>
    public bool[] Matched { get; private set; } = [];

    public Column[] Columns => _rows.Columns;
    public long MemoryBytes => _rows.MemoryBytes + _keys.MemoryBytes + _rowCount * 3L * sizeof(int);

    public void Clear()
    {
        _keys.Clear();
        _rows.Reset();
        _rowCount = 0;
        HasNullKeys = false;
    }

    public void Add(ReadOnlySpan<Column> columns, ReadOnlySpan<Column> keys, Selection rows)
    {
        if (_groupOfRow.Length < _rowCount + rows.Count) Array.Resize(ref _groupOfRow, Math.Max(_rowCount + rows.Count, _groupOfRow.Length * 2));
        Span<int> groupOf = _groupOfRow.AsSpan(_rowCount, rows.Count);
        Selection present = WithoutNulls(keys, rows, _present);
        if (present.Count == rows.Count) _keys.FindOrAdd(keys, rows, groupOf);
        else
        {
            HasNullKeys = true;
            if (_groups.Length < rows.Count) _groups = new int[rows.Count];
            _keys.FindOrAdd(keys, present, _groups);
            for (int i = 0, next = 0; i < rows.Count; i++)
                groupOf[i] = next < present.Count && present[next] == rows[i] ? _groups[next++] : None;
        }
        if (_keepsRows) _rows.Append(columns, rows);
        _rowCount += rows.Count;
    }

    /// <summary>All rows are there: makes the chains.</summary>
    public void Finish(bool tracksMatches)
    {
        _first = new int[_keys.Count];
        Array.Fill(_first, None);
        _next = new int[_rowCount];
        int keyed = 0;
        for (int row = _rowCount - 1; row >= 0; row--)
        {
            int group = _groupOfRow[row];
            if (group < 0) continue;
            keyed++;
            _next[row] = _first[group];
            _first[group] = row;
        }
        IsUnique = keyed == _keys.Count;
        Matched = tracksMatches ? new bool[_rowCount] : [];
        // Built now, so that readers in several threads only read.
        _ = _rows.Columns;
    }

    /// <summary>A finished table that isn't changed any more, for a thread of its own: what is looked up with belongs to each reader.</summary>
    public HashJoinTable ForReader() => new(this);

    /// <summary>For each selected row its first match, or a negative number. Rows with null keys have none.</summary>
    public void Find(ReadOnlySpan<Column> keys, Selection rows, Span<int> firstMatches)
    {
        Selection present = WithoutNulls(keys, rows, _present);
        if (_groups.Length < rows.Count) _groups = new int[Math.Max(rows.Count, 64)];
        _keys.Find(keys, present, _groups);
        for (int i = 0, next = 0; i < rows.Count; i++)
        {
            bool isPresent = next < present.Count && present[next] == rows[i];
            int group = isPresent ? _groups[next++] : None;
            firstMatches[i] = group < 0 ? None : _first[group];
        }
    }

    /// <summary>The next row with the same key, or a negative number.</summary>
    public int NextMatch(int row) => _next[row];

    public static Selection WithoutNulls(ReadOnlySpan<Column> keys, Selection rows, SelectionBuffer buffer)
    {
        foreach (Column key in keys)
            if (key.MayHaveNulls) rows = buffer.WhereNotNull(key, rows);
        return rows;
    }
}
