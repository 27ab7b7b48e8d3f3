using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>
/// What the build side of a hash join knows about one key of whole numbers, for the scan that the probe side's key comes from: rows outside can't find a partner. An exact bitmap where the
/// keys lie close together, else a Bloom filter of 16 bits a key (two of them, in one word). Made by the join before it opens its probe side, read by any number of scans.
/// </summary>
internal sealed class RuntimeFilter(PhysicalKind kind)
{
    private const int MaxKeys = 1 << 22;
    private const int BitsPerKey = 64, MinBits = 1 << 14;

    private ulong[] _words = [];
    private bool _isExact;
    private long _min, _max;
    private int _wordMask;

    public static bool Supports(PhysicalKind kind) => kind is PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64 or PhysicalKind.UInt32;

    /// <summary>False: nothing is known, every row may have a partner.</summary>
    public bool IsActive { get; private set; }

    public void Clear() => IsActive = false;

    /// <summary>Takes the keys of a join table: one column of them.</summary>
    public void Publish(KeyTable keys, int column)
    {
        IsActive = false;
        if (keys.Count > MaxKeys) return;
        ColumnBuilder builder = ColumnBuilder.Create(kind, Math.Max(1, keys.Count));
        keys.AppendKeys(column, 0, keys.Count, builder);
        switch (builder.Build())
        {
            case Column<short> c: Take(c); break;
            case Column<int> c: Take(c); break;
            case Column<long> c: Take(c); break;
            case Column<uint> c: Take(c); break;
            default: throw Invariant.Unreachable(kind);
        }
        IsActive = true;
    }

    private void Take<T>(Column<T> keys) where T : unmanaged
    {
        (_min, _max) = (long.MaxValue, long.MinValue);
        ReadOnlySpan<T> values = keys.Values;
        foreach (T value in values)
        {
            long key = Integers.ToLong(value);
            _min = Math.Min(_min, key);
            _max = Math.Max(_max, key);
        }
        ulong range = _min > _max ? 0 : unchecked((ulong)(_max - _min));
        _isExact = range < (ulong)Math.Max(MinBits, (long)values.Length * BitsPerKey);
        int words = _isExact ? (int)(range >> 6) + 1 : (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, values.Length / 4));
        if (_words.Length < words) _words = new ulong[words];
        else Array.Clear(_words);
        _wordMask = words - 1;
        foreach (T value in values)
        {
            long key = Integers.ToLong(value);
            if (_isExact) _words[unchecked((ulong)(key - _min)) >> 6] |= 1UL << (int)(unchecked(key - _min) & 63);
            else
            {
                ulong hash = KeyHash.Of(key);
                _words[(int)(hash >> 32) & _wordMask] |= BloomBits(hash);
            }
        }
    }

    private static ulong BloomBits(ulong hash) => 1UL << (int)(hash & 63) | 1UL << (int)(hash >> 6 & 63);

    /// <summary>Least and greatest key as a column's values, for zone maps; null if there is no key.</summary>
    public Column? Extremes()
    {
        if (_min > _max) return null;
        ColumnBuilder builder = ColumnBuilder.Create(kind, 2);
        foreach (long key in (ReadOnlySpan<long>)[_min, _max])
        {
            switch (builder)
            {
                case ColumnBuilder<short> b: b.Append((short)key); break;
                case ColumnBuilder<int> b: b.Append((int)key); break;
                case ColumnBuilder<long> b: b.Append(key); break;
                case ColumnBuilder<uint> b: b.Append((uint)key); break;
            }
        }
        return builder.Build();
    }

    /// <summary>The rows that may have a partner; rows with a null key have none.</summary>
    public Selection Apply(Column column, Selection rows, SelectionBuffer buffer) => column switch
    {
        Column<short> c => Apply(c, rows, buffer),
        Column<int> c => Apply(c, rows, buffer),
        Column<long> c => Apply(c, rows, buffer),
        Column<uint> c => Apply(c, rows, buffer),
        _ => throw Invariant.Unreachable(column),
    };

    private Selection Apply<T>(Column<T> column, Selection rows, SelectionBuffer buffer) where T : unmanaged
    {
        int[] passed = buffer.Take(rows.Count);
        if (_min > _max) return Selection.Of(passed, 0);
        ReadOnlySpan<T> values = column.Values;
        ReadOnlySpan<ulong> words = _words;
        int mask = column.IndexMask, count = 0;
        bool mayHaveNulls = column.MayHaveNulls;
        ulong range = unchecked((ulong)(_max - _min));
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            if (mayHaveNulls && column.IsNull(row)) continue;
            long key = Integers.ToLong(values[row & mask]);
            ulong offset = unchecked((ulong)(key - _min));
            if (offset > range) continue;
            passed[count] = row;
            if (_isExact) count += (int)(words[(int)(offset >> 6)] >> (int)(offset & 63)) & 1;
            else
            {
                ulong hash = KeyHash.Of(key), bits = BloomBits(hash);
                count += (words[(int)(hash >> 32) & _wordMask] & bits) == bits ? 1 : 0;
            }
        }
        return count == rows.Count ? rows : Selection.Of(passed, count);
    }
}

/// <summary>A runtime filter at one scan: gives up where it turns too few rows away.</summary>
internal sealed class ScanFilter(RuntimeFilter filter, int ordinal)
{
    private const int TrialRows = 8 * ColumnBatch.MaxRows;
    private const double MostPassing = 0.8;

    private readonly SelectionBuffer _buffer = new();
    private long _seen, _passed;
    private bool _isOn;

    public RuntimeFilter Filter => filter;
    public int Ordinal => ordinal;

    public void Open()
    {
        _isOn = filter.IsActive;
        _seen = _passed = 0;
    }

    public Selection Apply(ReadOnlySpan<Column> columns, Selection rows)
    {
        if (!_isOn) return rows;
        Selection passed = filter.Apply(columns[ordinal], rows, _buffer);
        _seen += rows.Count;
        _passed += passed.Count;
        if (_seen >= TrialRows && _passed > _seen * MostPassing) _isOn = false;
        return passed;
    }
}
