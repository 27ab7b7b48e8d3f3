using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Operators;

namespace VecSql.Executor.Expressions;

/// <summary>
/// A subquery of an expression. Without correlation it is run once; else for each row, with what it gave kept by the values that it depends on.
/// </summary>
/// <param name="slots">Slots to set from the current row.</param>
/// <param name="values">Their values.</param>
/// <param name="free">All slots that the plan depends on, those of outer queries included; empty if none.</param>
internal sealed class SubplanRunner(ExecutionState state, Operator plan, int[] slots, Evaluator[] values, int[] free)
{
    // Values kept for one subquery; beyond that all are forgotten.
    private const int MaxKept = 4096;

    private readonly Column[] _columns = new Column[values.Length];
    private readonly ByteBuffer _key = new();
    private readonly Dictionary<byte[], int> _kept = new(KeyComparer.Instance);
    private Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private bool _hasLookup;

    public bool IsCorrelated => free.Length > 0;

    /// <summary>Computes the slots' values for a batch.</summary>
    public void Prepare(ReadOnlySpan<Column> input, Selection rows)
    {
        for (int i = 0; i < values.Length; i++) _columns[i] = values[i].Evaluate(input, rows);
    }

    /// <summary>Sets the slots to a row's values.</summary>
    public void SetSlots(int row)
    {
        for (int i = 0; i < slots.Length; i++) state.SetSlot(slots[i], _columns[i], row);
    }

    /// <summary>The place of the result kept for the slots as they are set; ~count if there is none: the caller computes it, appends it there, and it is kept.</summary>
    public int Find(ref int count, Action forget)
    {
        if (!_hasLookup)
        {
            _lookup = _kept.GetAlternateLookup<ReadOnlySpan<byte>>();
            _hasLookup = true;
        }
        EncodeKey();
        if (_lookup.TryGetValue(_key.WrittenSpan, out int place)) return place;
        if (count >= MaxKept)
        {
            _kept.Clear();
            forget();
            count = 0;
        }
        _kept.Add(_key.WrittenSpan.ToArray(), count);
        return ~count++;
    }

    /// <summary>True if the slots differ from those of the last call.</summary>
    public bool HaveSlotsChanged(ref byte[]? last)
    {
        EncodeKey();
        if (last is not null && _key.WrittenSpan.SequenceEqual(last)) return false;
        last = _key.WrittenSpan.ToArray();
        return true;
    }

    public void Open() => plan.Open();
    public ColumnBatch? Next() => plan.Next();

    /// <summary>The bytes of the values, as they lie: equal bytes are surely equal values.</summary>
    private void EncodeKey()
    {
        _key.Clear();
        foreach (int slot in free)
        {
            Column? value = slot >= 0 ? state.Slots[slot] : null;
            if (value is null || value.IsNull(0)) _key.WriteByte(0);
            else
            {
                _key.WriteByte(1);
                RawValue.Append(value, 0, _key);
            }
        }
    }

    private sealed class KeyComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly KeyComparer Instance = new();
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);
        public int GetHashCode(byte[] obj) => (int)KeyHash.Of(obj);
        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);
        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)KeyHash.Of(alternate);
        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}

/// <summary>Values as the bytes in their column.</summary>
internal static class RawValue
{
    /// <summary>Appends a non-null value; variable-length ones with their length first.</summary>
    public static void Append(Column column, int row, ByteBuffer output)
    {
        switch (column)
        {
            case BytesColumn c:
                output.WriteInt32LittleEndian(c[row].Length);
                output.Write(c[row]);
                break;
            case Column<bool> c: output.WriteByte(c[row] ? (byte)1 : (byte)0); break;
            case Column<byte> c: output.WriteByte(c[row]); break;
            case Column<short> c: output.WriteInt16LittleEndian(c[row]); break;
            case Column<int> c: output.WriteInt32LittleEndian(c[row]); break;
            case Column<long> c: output.WriteInt64LittleEndian(c[row]); break;
            case Column<uint> c: output.WriteUInt32LittleEndian(c[row]); break;
            case Column<float> c: output.WriteInt32LittleEndian(BitConverter.SingleToInt32Bits(c[row])); break;
            case Column<double> c: output.WriteInt64LittleEndian(BitConverter.DoubleToInt64Bits(c[row])); break;
            case Column<IntervalValue> c:
                output.WriteInt32LittleEndian(c[row].Months);
                output.WriteInt32LittleEndian(c[row].Days);
                output.WriteInt64LittleEndian(c[row].Micros);
                break;
            case Column<UuidValue> c: c[row].CopyTo(output.Take(16)); break;
            case Column<TimeTzValue> c:
                output.WriteInt64LittleEndian(c[row].Micros);
                output.WriteInt32LittleEndian(c[row].ZoneSecondsWest);
                break;
            default: throw Invariant.Unreachable(column);
        }
    }
}
