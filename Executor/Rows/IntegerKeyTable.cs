using System.Numerics;
using System.Runtime.CompilerServices;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Executor.Rows;

/// <summary>One key of whole numbers (also dates and timestamps), of whatever width: the most common case, in one loop without calls.</summary>
internal sealed class IntegerKeyTable(PhysicalKind kind) : KeyTable
{
    private const int MinSlots = 64;

    // A slot is group + 1; 0 is empty. Keys lie by group.
    private int[] _slots = new int[MinSlots];
    private long[] _keys = new long[MinSlots];
    private int _count;
    private int _nullGroup = -1;

    public override int Count => _count;
    public override long MemoryBytes => (long)_slots.Length * sizeof(int) + (long)_keys.Length * sizeof(long);
    public override ulong HashOf(int group) => group == _nullGroup ? ulong.MaxValue : KeyHash.Of(_keys[group]);

    public override void FindOrAdd(ReadOnlySpan<Column> keys, Selection rows, Span<int> groups)
    {
        Reserve(_count + rows.Count);
        switch (keys[0])
        {
            case Column<short> c: FindOrAdd(c, rows, groups); break;
            case Column<int> c: FindOrAdd(c, rows, groups); break;
            case Column<long> c: FindOrAdd(c, rows, groups); break;
            case Column<uint> c: FindOrAdd(c, rows, groups); break;
            default: throw Invariant.Unreachable(keys[0]);
        }
    }

    public override void Find(ReadOnlySpan<Column> keys, Selection rows, Span<int> groups)
    {
        switch (keys[0])
        {
            case Column<short> c: Find(c, rows, groups); break;
            case Column<int> c: Find(c, rows, groups); break;
            case Column<long> c: Find(c, rows, groups); break;
            case Column<uint> c: Find(c, rows, groups); break;
            default: throw Invariant.Unreachable(keys[0]);
        }
    }

    private void FindOrAdd<T>(Column<T> column, Selection rows, Span<int> groups) where T : unmanaged
    {
        ReadOnlySpan<T> values = column.Values;
        int indexMask = column.IndexMask;
        bool mayHaveNulls = column.MayHaveNulls;
        int[] slots = _slots;
        int mask = slots.Length - 1;
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            if (mayHaveNulls && column.IsNull(row))
            {
                if (_nullGroup < 0) _nullGroup = _count++;
                groups[i] = _nullGroup;
                continue;
            }
            long key = Integers.ToLong(values[row & indexMask]);
            int place = Place(key) & mask;
            int slot;
            while ((slot = slots[place]) != 0 && _keys[slot - 1] != key) place = (place + 1) & mask;
            if (slot == 0)
            {
                _keys[_count] = key;
                slots[place] = slot = ++_count;
            }
            groups[i] = slot - 1;
        }
    }

    private void Find<T>(Column<T> column, Selection rows, Span<int> groups) where T : unmanaged
    {
        ReadOnlySpan<T> values = column.Values;
        int indexMask = column.IndexMask;
        bool mayHaveNulls = column.MayHaveNulls;
        int[] slots = _slots;
        long[] keys = _keys;
        int mask = slots.Length - 1;
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            if (mayHaveNulls && column.IsNull(row))
            {
                groups[i] = _nullGroup;
                continue;
            }
            long key = Integers.ToLong(values[row & indexMask]);
            int place = Place(key) & mask;
            int slot;
            while ((slot = slots[place]) != 0 && keys[slot - 1] != key) place = (place + 1) & mask;
            groups[i] = slot - 1;
        }
    }

    public override void AppendKeys(int column, int start, int count, ColumnBuilder result)
    {
        for (int group = start; group < start + count; group++)
        {
            if (group == _nullGroup)
            {
                result.AppendNull();
                continue;
            }
            switch (kind)
            {
                case PhysicalKind.Int16: ((ColumnBuilder<short>)result).Append((short)_keys[group]); break;
                case PhysicalKind.Int32: ((ColumnBuilder<int>)result).Append((int)_keys[group]); break;
                case PhysicalKind.UInt32: ((ColumnBuilder<uint>)result).Append((uint)_keys[group]); break;
                default: ((ColumnBuilder<long>)result).Append(_keys[group]); break;
            }
        }
    }

    public override void Clear()
    {
        _slots = new int[MinSlots];
        _keys = new long[MinSlots];
        _count = 0;
        _nullGroup = -1;
    }

    public override KeyTable ForReader() => (IntegerKeyTable)MemberwiseClone();

    // A multiplication spreads consecutive keys; the high bits are the good ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place(long key) => (int)(unchecked((ulong)key * 0x9E37_79B9_7F4A_7C15) >> 33);

    private void Reserve(int groups)
    {
        if (_keys.Length < groups) Array.Resize(ref _keys, (int)BitOperations.RoundUpToPowerOf2((uint)groups));
        if ((long)groups * 3 <= _slots.Length * 2L) return;
        int[] slots = new int[BitOperations.RoundUpToPowerOf2((uint)groups * 2)];
        int mask = slots.Length - 1;
        for (int group = 0; group < _count; group++)
        {
            if (group == _nullGroup) continue;
            int place = Place(_keys[group]) & mask;
            while (slots[place] != 0) place = (place + 1) & mask;
            slots[place] = group + 1;
        }
        _slots = slots;
    }
}
