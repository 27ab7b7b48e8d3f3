using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSql.Core.Errors;

namespace VecSql.Core.Columns;

/// <summary>
/// Makes a column, row by row or by position, in buffers that it owns and uses again.
/// <see cref="Build"/> hands out a view of these buffers: it is valid until the next <see cref="Reset"/>. A builder that is never reset gives a column for keeps.
/// Not safe for concurrent use.
/// </summary>
public abstract class ColumnBuilder
{
    private byte[] _validity = [];
    private bool _hasNulls;

    public abstract PhysicalKind Kind { get; }

    /// <summary>Rows so far.</summary>
    public int Count { get; private protected set; }

    /// <summary>A builder for the kind.</summary>
    public static ColumnBuilder Create(PhysicalKind kind, int capacity = ColumnBatch.MaxRows) => kind switch
    {
        PhysicalKind.Bool => new ColumnBuilder<bool>(capacity),
        PhysicalKind.Byte => new ColumnBuilder<byte>(capacity),
        PhysicalKind.Int16 => new ColumnBuilder<short>(capacity),
        PhysicalKind.Int32 => new ColumnBuilder<int>(capacity),
        PhysicalKind.Int64 => new ColumnBuilder<long>(capacity),
        PhysicalKind.UInt32 => new ColumnBuilder<uint>(capacity),
        PhysicalKind.Float32 => new ColumnBuilder<float>(capacity),
        PhysicalKind.Float64 => new ColumnBuilder<double>(capacity),
        PhysicalKind.Interval => new ColumnBuilder<IntervalValue>(capacity),
        PhysicalKind.Uuid => new ColumnBuilder<UuidValue>(capacity),
        PhysicalKind.TimeTz => new ColumnBuilder<TimeTzValue>(capacity),
        PhysicalKind.Bytes => new BytesColumnBuilder(capacity),
        _ => throw Invariant.Unreachable(kind),
    };

    /// <summary>Forgets all rows; the buffers are used again, so columns built before become invalid.</summary>
    public void Reset()
    {
        Count = 0;
        _hasNulls = false;
        ResetValues();
    }

    /// <summary>Appends a null row.</summary>
    public void AppendNull()
    {
        AppendDefault();
        SetNull(Count - 1);
    }

    /// <summary>Appends a row with an unspecified value: a row that no selection names.</summary>
    public abstract void AppendDefault();

    /// <summary>Appends a copy of a row of a column of the same kind.</summary>
    public abstract void AppendFrom(Column source, int row);

    /// <summary>Appends copies of the selected rows.</summary>
    public virtual void AppendFrom(Column source, Selection rows)
    {
        for (int i = 0; i < rows.Count; i++) AppendFrom(source, rows[i]);
    }

    /// <summary>Appends unspecified rows until <see cref="Count"/> is <paramref name="row"/>.</summary>
    public void SkipTo(int row)
    {
        while (Count < row) AppendDefault();
    }

    /// <summary>Marks an existing row null.</summary>
    public void SetNull(int row)
    {
        EnsureValidity(row + 1);
        if (!_hasNulls)
        {
            _validity.AsSpan().Fill(0xFF);
            _hasNulls = true;
        }
        _validity[row >> 3] &= (byte)~(1 << (row & 7));
    }

    /// <summary>A view of the rows so far.</summary>
    public Column Build() => BuildColumn(Count, isConstant: false);

    /// <summary>The single row, standing for <paramref name="length"/> rows.</summary>
    public Column BuildConstant(int length)
    {
        Invariant.Check(Count == 1);
        return BuildColumn(length, isConstant: true);
    }

    /// <summary>Copies the validity of whole columns: a row is null if it is null in either. Both may be constants. Only with all rows present.</summary>
    public void IntersectValidity(Column first, Column? second = null)
    {
        AndValidity(first);
        if (second is not null) AndValidity(second);
    }

    private protected ReadOnlyMemory<byte> ValidityOf(int stored)
    {
        if (!_hasNulls) return default;
        EnsureValidity(stored);
        return _validity.AsMemory(0, (stored + 7) >> 3);
    }

    private protected abstract void ResetValues();
    private protected abstract Column BuildColumn(int length, bool isConstant);

    private void AndValidity(Column column)
    {
        if (!column.MayHaveNulls) return;
        if (column.IsConstant)
        {
            if (column.IsNull(0)) for (int row = 0; row < Count; row++) SetNull(row);
            return;
        }
        ReadOnlySpan<byte> source = column.Validity;
        if (!_hasNulls)
        {
            EnsureValidity(Count);
            _validity.AsSpan().Fill(0xFF);
            _hasNulls = true;
        }
        int bytes = Math.Min((Count + 7) >> 3, source.Length);
        for (int i = 0; i < bytes; i++) _validity[i] &= source[i];
    }

    private void EnsureValidity(int rows)
    {
        int bytes = (rows + 7) >> 3;
        if (_validity.Length >= bytes) return;
        int old = _validity.Length;
        Array.Resize(ref _validity, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(bytes, ColumnBatch.MaxRows / 8)));
        _validity.AsSpan(old).Fill(0xFF);
    }
}

/// <summary>A builder of fixed-width values.</summary>
public sealed class ColumnBuilder<T> : ColumnBuilder where T : unmanaged
{
    private byte[] _values;
    private Column<T>? _view;

    public ColumnBuilder(int capacity = ColumnBatch.MaxRows) => _values = new byte[Math.Max(capacity, 1) * Unsafe.SizeOf<T>()];

    public override PhysicalKind Kind => PhysicalKinds.Of<T>();

    public void Append(T value)
    {
        if ((Count + 1) * Unsafe.SizeOf<T>() > _values.Length) Grow(Count + 1);
        Unsafe.WriteUnaligned(ref _values[Count * Unsafe.SizeOf<T>()], value);
        Count++;
    }

    /// <summary>Makes exactly <paramref name="count"/> rows and gives their values for writing; none is null yet.</summary>
    public Span<T> Fill(int count)
    {
        Reset();
        if (count * Unsafe.SizeOf<T>() > _values.Length) Grow(count);
        Count = count;
        return MemoryMarshal.Cast<byte, T>(_values.AsSpan(0, count * Unsafe.SizeOf<T>()));
    }

    public override void AppendDefault() => Append(default);

    public override void AppendFrom(Column source, int row)
    {
        if (source.IsNull(row)) AppendNull();
        else Append(((Column<T>)source)[row]);
    }

    public override void AppendFrom(Column source, Selection rows)
    {
        if (source.MayHaveNulls)
        {
            base.AppendFrom(source, rows);
            return;
        }
        int start = Count;
        if ((start + rows.Count) * Unsafe.SizeOf<T>() > _values.Length) Grow(start + rows.Count);
        Count = start + rows.Count;
        Span<T> target = MemoryMarshal.Cast<byte, T>(_values.AsSpan())[start..Count];
        ReadOnlySpan<T> values = ((Column<T>)source).Values;
        if (source.IsConstant) target.Fill(values[0]);
        else if (rows.IsAll) values[..rows.Count].CopyTo(target);
        else
        {
            ReadOnlySpan<int> numbers = rows.Rows;
            for (int i = 0; i < numbers.Length; i++) target[i] = values[numbers[i]];
        }
    }

    private protected override void ResetValues() { }

    private protected override Column BuildColumn(int length, bool isConstant)
    {
        ReadOnlyMemory<byte> validity = ValidityOf(Count);
        if (_view is null) _view = new Column<T>(_values, validity, length, isConstant);
        else _view.Set(_values, validity, length, isConstant);
        return _view;
    }

    private void Grow(int rows) =>
        Array.Resize(ref _values, checked((int)BitOperations.RoundUpToPowerOf2((uint)rows) * Unsafe.SizeOf<T>()));
}

/// <summary>
/// A builder of variable-length values. A value is appended whole (<see cref="Append"/>), or written in pieces to <see cref="Output"/> and ended by <see cref="EndValue"/>.
/// </summary>
public sealed class BytesColumnBuilder : ColumnBuilder
{
    private byte[] _offsets;
    private BytesColumn? _view;

    public BytesColumnBuilder(int capacity = ColumnBatch.MaxRows) => _offsets = new byte[(Math.Max(capacity, 1) + 1) * sizeof(int)];

    public override PhysicalKind Kind => PhysicalKind.Bytes;

    /// <summary>Where the bytes of the value in the making go; <see cref="EndValue"/> ends it. Bytes already there belong to earlier rows.</summary>
    public ByteBuffer Output { get; } = new();

    public void Append(ReadOnlySpan<byte> value)
    {
        Output.Write(value);
        EndValue();
    }

    /// <summary>Ends the value written to <see cref="Output"/> since the row before: one more row.</summary>
    public void EndValue()
    {
        Count++;
        if ((Count + 1) * sizeof(int) > _offsets.Length) Array.Resize(ref _offsets, checked(_offsets.Length * 2));
        Unsafe.WriteUnaligned(ref _offsets[Count * sizeof(int)], Output.Length);
    }

    public override void AppendDefault() => EndValue();

    public override void AppendFrom(Column source, int row)
    {
        if (source.IsNull(row)) AppendNull();
        else Append(((BytesColumn)source)[row]);
    }

    public override void AppendFrom(Column source, Selection rows)
    {
        BytesValues values = ((BytesColumn)source).Values;
        bool mayHaveNulls = source.MayHaveNulls;
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            if (mayHaveNulls && source.IsNull(row)) AppendNull();
            else Append(values[row]);
        }
    }

    private protected override void ResetValues() => Output.Clear();

    private protected override Column BuildColumn(int length, bool isConstant)
    {
        ReadOnlyMemory<byte> validity = ValidityOf(Count);
        if (_view is null) _view = new BytesColumn(_offsets, Output.WrittenMemory, validity, length, isConstant);
        else _view.Set(_offsets, Output.WrittenMemory, validity, length, isConstant);
        return _view;
    }
}
