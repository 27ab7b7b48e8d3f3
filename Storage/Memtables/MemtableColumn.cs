using System.Numerics;
using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Storage.Memtables;

/// <summary>
/// One column of a chunk: filled by one thread at a time, read by any thread up to the chunk's published count, without a lock. Bytes of published rows never change;
/// a buffer that grows is replaced, and readers keep the old one.
/// </summary>
internal sealed class MemtableColumn
{
    private readonly PhysicalKind _kind;
    private readonly int _width;
    private readonly int _capacity;
    private byte[] _values;
    private readonly byte[] _offsets = [];
    private byte[]? _validity;
    private int _dataLength;

    public MemtableColumn(PhysicalKind kind, int capacity)
    {
        _kind = kind;
        _width = PhysicalKinds.WidthOf(kind);
        _capacity = capacity;
        _values = new byte[_width > 0 ? capacity * _width : 4096];
        if (_width == 0) _offsets = new byte[(capacity + 1) * sizeof(int)];
    }

    public PhysicalKind Kind => _kind;
    public long MemoryBytes => _values.Length + _offsets.Length + (_validity?.Length ?? 0);

    /// <summary>Copies <paramref name="count"/> rows from place <paramref name="from"/> of the selection to rows from <paramref name="start"/> on.</summary>
    public void Append(Column source, Selection rows, int from, int start, int count)
    {
        Invariant.Check(source.Kind == _kind && start + count <= _capacity);
        if (source.MayHaveNulls)
            for (int i = 0; i < count; i++)
                if (source.IsNull(rows[from + i]))
                    SetNull(start + i);
        if (_width == 0) AppendBytes((BytesColumn)source, rows, from, start, count);
        else AppendFixed(source, rows, from, start, count);
    }

    /// <summary>Rows that no one sees (a failed transaction's, after recovery).</summary>
    public void AppendHoles(int start, int count)
    {
        if (_width > 0) return;
        Span<int> offsets = MemoryMarshal.Cast<byte, int>(_offsets.AsSpan());
        offsets.Slice(start + 1, count).Fill(_dataLength);
    }

    /// <summary>A view of rows <paramref name="start"/> … start+length-1; start is a multiple of 8.</summary>
    public Column View(int start, int length)
    {
        ReadOnlyMemory<byte> validity = Volatile.Read(ref _validity) is { } bits ? bits.AsMemory(start >> 3, (length + 7) >> 3) : default;
        ReadOnlyMemory<byte> values = Volatile.Read(ref _values);
        if (_width == 0) return new BytesColumn(_offsets.AsMemory(start * sizeof(int), (length + 1) * sizeof(int)), values, validity, length);
        values = values.Slice(start * _width, length * _width);
        return ColumnViews.Fixed(_kind, values, validity, length);
    }

    /// <summary>Writes rows in the log's form: a byte of flags, the validity bits, then values or offsets and data (docs/formats/log.md).</summary>
    public void Encode(int start, int count, ByteBuffer output)
    {
        byte[]? validity = _validity;
        output.WriteByte(validity is null ? (byte)0 : (byte)1);
        if (validity is not null)
        {
            Span<byte> bits = output.Take((count + 7) >> 3);
            bits.Clear();
            for (int i = 0; i < count; i++)
                if ((validity[(start + i) >> 3] >> ((start + i) & 7) & 1) != 0)
                    bits[i >> 3] |= (byte)(1 << (i & 7));
        }
        if (_width > 0)
        {
            output.Write(_values.AsSpan(start * _width, count * _width));
            return;
        }
        ReadOnlySpan<int> offsets = MemoryMarshal.Cast<byte, int>(_offsets.AsSpan()).Slice(start, count + 1);
        foreach (int offset in offsets) output.WriteInt32LittleEndian(offset - offsets[0]);
        output.Write(_values.AsSpan(offsets[0], offsets[count] - offsets[0]));
    }

    /// <summary>Bytes of values so far, for variable-length columns.</summary>
    public int DataLength => _dataLength;

    /// <summary>The first rows' buffers in Arrow's layout (bools a byte each): values, offsets, validity.</summary>
    public (ReadOnlyMemory<byte> Values, ReadOnlyMemory<byte> Offsets, ReadOnlyMemory<byte> Validity) Buffers(int count)
    {
        ReadOnlyMemory<byte> validity = _validity is null ? default : _validity.AsMemory(0, (count + 7) >> 3);
        return _width > 0
            ? (_values.AsMemory(0, count * _width), default, validity)
            : (_values.AsMemory(0, _dataLength), _offsets.AsMemory(0, (count + 1) * sizeof(int)), validity);
    }

    /// <summary>Bytes that <see cref="Encode"/> writes, about.</summary>
    public long EncodedBytes(int start, int count)
    {
        if (_width > 0) return (long)count * _width;
        ReadOnlySpan<int> offsets = MemoryMarshal.Cast<byte, int>(_offsets.AsSpan());
        return offsets[start + count] - offsets[start] + 4L * count;
    }

    private void AppendFixed(Column source, Selection rows, int from, int start, int count)
    {
        switch (_kind)
        {
            case PhysicalKind.Bool: Copy<bool>(source, rows, from, start, count); break;
            case PhysicalKind.Byte: Copy<byte>(source, rows, from, start, count); break;
            case PhysicalKind.Int16: Copy<short>(source, rows, from, start, count); break;
            case PhysicalKind.Int32: Copy<int>(source, rows, from, start, count); break;
            case PhysicalKind.Int64: Copy<long>(source, rows, from, start, count); break;
            case PhysicalKind.UInt32: Copy<uint>(source, rows, from, start, count); break;
            case PhysicalKind.Float32: Copy<float>(source, rows, from, start, count); break;
            case PhysicalKind.Float64: Copy<double>(source, rows, from, start, count); break;
            case PhysicalKind.Interval: Copy<IntervalValue>(source, rows, from, start, count); break;
            case PhysicalKind.Uuid: Copy<UuidValue>(source, rows, from, start, count); break;
            case PhysicalKind.TimeTz: Copy<TimeTzValue>(source, rows, from, start, count); break;
            default: throw Invariant.Unreachable(_kind);
        }
    }

    private void Copy<T>(Column source, Selection rows, int from, int start, int count) where T : unmanaged
    {
        ReadOnlySpan<T> values = ((Column<T>)source).Values;
        Span<T> target = MemoryMarshal.Cast<byte, T>(_values.AsSpan()).Slice(start, count);
        if (source.IsConstant) target.Fill(values[0]);
        else if (rows.IsAll) values.Slice(from, count).CopyTo(target);
        else
        {
            ReadOnlySpan<int> places = rows.Rows.Slice(from, count);
            for (int i = 0; i < places.Length; i++) target[i] = values[places[i]];
        }
    }

    private void AppendBytes(BytesColumn source, Selection rows, int from, int start, int count)
    {
        BytesValues values = source.Values;
        Span<int> offsets = MemoryMarshal.Cast<byte, int>(_offsets.AsSpan());
        bool mayHaveNulls = source.MayHaveNulls;
        for (int i = 0; i < count; i++)
        {
            int row = rows[from + i];
            if (!mayHaveNulls || !source.IsNull(row))
            {
                ReadOnlySpan<byte> value = values[row];
                EnsureData(value.Length, start + i);
                value.CopyTo(_values.AsSpan(_dataLength));
                _dataLength += value.Length;
            }
            offsets[start + i + 1] = _dataLength;
        }
    }

    private void EnsureData(int more, int row)
    {
        long needed = (long)_dataLength + more;
        if (needed <= _values.Length) return;
        if (needed > Array.MaxLength) throw new SqlException(SqlState.ProgramLimitExceeded, "values of 2048 rows of a column exceed 2 GiB");
        // Later rows are likely as wide as those so far: one growth instead of many.
        long guess = row >= 16 ? needed * _capacity / (row + 1) + 64 : 0;
        long size = Math.Min(Math.Max((long)BitOperations.RoundUpToPowerOf2((ulong)needed), Math.Min(guess, needed * 16)), Array.MaxLength);
        var grown = new byte[size];
        _values.AsSpan(0, _dataLength).CopyTo(grown);
        Volatile.Write(ref _values, grown);
    }

    private void SetNull(int row)
    {
        if (_validity is null)
        {
            var bits = new byte[(_capacity + 7) >> 3];
            bits.AsSpan().Fill(0xFF);
            Volatile.Write(ref _validity, bits);
        }
        _validity[row >> 3] &= (byte)~(1 << (row & 7));
    }
}
