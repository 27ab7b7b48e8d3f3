using System.Runtime.CompilerServices;
using VecSql.Core.Columns;
using VecSql.Core.Types;

namespace VecSql.Executor.Rows;

/// <summary>One key column of a <see cref="KeyTable"/>: the keys of all groups, and how rows are hashed and compared with them. Null equals null.</summary>
internal abstract class KeyColumn
{
    protected const ulong NullHash = 0x6A09_E667_F3BC_C908;

    /// <summary>The keys so far, one row for each group.</summary>
    public abstract ColumnBuilder Keys { get; }

    /// <summary>Sets (or, but for the first column, mixes into) hashes[i] the hash of row rows[i].</summary>
    public abstract void Hash(Column column, Selection rows, Span<ulong> hashes, bool isFirst);

    /// <summary>Clears matches[i] where row rows[i] differs from the key of groups[i].</summary>
    public abstract void Compare(Column column, ReadOnlySpan<int> rows, ReadOnlySpan<int> groups, Span<bool> matches);

    public static KeyColumn Create(SqlType type, ExecutionState state) => state.KindOf(type) switch
    {
        PhysicalKind.Bool => new BitwiseKeyColumn<bool>(),
        PhysicalKind.Byte => new BitwiseKeyColumn<byte>(),
        PhysicalKind.Int16 => new BitwiseKeyColumn<short>(),
        PhysicalKind.Int32 => new BitwiseKeyColumn<int>(),
        PhysicalKind.Int64 => new BitwiseKeyColumn<long>(),
        PhysicalKind.UInt32 => new BitwiseKeyColumn<uint>(),
        PhysicalKind.Uuid => new BitwiseKeyColumn<UuidValue>(),
        PhysicalKind.Bytes when type.Oid is TypeOid.Text or TypeOid.Varchar or TypeOid.Name or TypeOid.Bytea => new BytesKeyColumn(trimsSpaces: false),
        PhysicalKind.Bytes when type.Oid == TypeOid.Bpchar => new BytesKeyColumn(trimsSpaces: true),
        _ => new HandlerKeyColumn(state.HandlerOf(type)),
    };

    protected static ulong Mix(ulong hash, ulong value, bool isFirst) => isFirst ? value : KeyHash.Combine(hash, value);
}

/// <summary>Types whose equal values have equal bits.</summary>
internal sealed class BitwiseKeyColumn<T> : KeyColumn where T : unmanaged, IEquatable<T>
{
    private readonly ColumnBuilder<T> _keys = new(64);

    public override ColumnBuilder Keys => _keys;

    public override void Hash(Column column, Selection rows, Span<ulong> hashes, bool isFirst)
    {
        ReadOnlySpan<T> values = ((Column<T>)column).Values;
        int mask = column.IndexMask;
        bool mayHaveNulls = column.MayHaveNulls;
        for (int i = 0; i < hashes.Length; i++)
        {
            int row = rows[i];
            ulong hash = mayHaveNulls && column.IsNull(row) ? NullHash : HashOf(values[row & mask]);
            hashes[i] = Mix(hashes[i], hash, isFirst);
        }
    }

    public override void Compare(Column column, ReadOnlySpan<int> rows, ReadOnlySpan<int> groups, Span<bool> matches)
    {
        Column<T> probe = (Column<T>)column;
        Column<T> keys = (Column<T>)_keys.Build();
        ReadOnlySpan<T> values = probe.Values, stored = keys.Values;
        int mask = probe.IndexMask;
        if (!probe.MayHaveNulls && !keys.MayHaveNulls)
        {
            for (int i = 0; i < rows.Length; i++) matches[i] &= values[rows[i] & mask].Equals(stored[groups[i]]);
            return;
        }
        for (int i = 0; i < rows.Length; i++)
        {
            bool isNull = probe.IsNull(rows[i]);
            matches[i] &= isNull == keys.IsNull(groups[i]) && (isNull || values[rows[i] & mask].Equals(stored[groups[i]]));
        }
    }

    private static ulong HashOf(T value)
    {
        if (typeof(T) == typeof(UuidValue))
        {
            Span<byte> bytes = stackalloc byte[16];
            Unsafe.As<T, UuidValue>(ref value).CopyTo(bytes);
            return KeyHash.Of(bytes);
        }
        return KeyHash.Of(Integers.ToLong(value));
    }
}

internal static class Integers
{
    /// <summary>A whole number of any width as 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ToLong<T>(T value) where T : unmanaged
    {
        if (typeof(T) == typeof(bool)) return Unsafe.As<T, byte>(ref value);
        if (typeof(T) == typeof(byte)) return Unsafe.As<T, byte>(ref value);
        if (typeof(T) == typeof(short)) return Unsafe.As<T, short>(ref value);
        if (typeof(T) == typeof(int)) return Unsafe.As<T, int>(ref value);
        if (typeof(T) == typeof(uint)) return Unsafe.As<T, uint>(ref value);
        return Unsafe.As<T, long>(ref value);
    }
}

/// <summary>Types whose equal values have equal bytes (but for trailing spaces).</summary>
internal sealed class BytesKeyColumn(bool trimsSpaces) : KeyColumn
{
    private readonly BytesColumnBuilder _keys = new(64);

    public override ColumnBuilder Keys => _keys;

    public override void Hash(Column column, Selection rows, Span<ulong> hashes, bool isFirst)
    {
        BytesValues values = ((BytesColumn)column).Values;
        bool mayHaveNulls = column.MayHaveNulls;
        for (int i = 0; i < hashes.Length; i++)
        {
            int row = rows[i];
            ulong hash = mayHaveNulls && column.IsNull(row) ? NullHash : KeyHash.Of(Trim(values[row]));
            hashes[i] = Mix(hashes[i], hash, isFirst);
        }
    }

    public override void Compare(Column column, ReadOnlySpan<int> rows, ReadOnlySpan<int> groups, Span<bool> matches)
    {
        Column keys = _keys.Build();
        BytesValues values = ((BytesColumn)column).Values, stored = ((BytesColumn)keys).Values;
        bool anyNulls = column.MayHaveNulls || keys.MayHaveNulls;
        for (int i = 0; i < rows.Length; i++)
        {
            if (!matches[i]) continue;
            if (anyNulls && (column.IsNull(rows[i]) || keys.IsNull(groups[i]))) matches[i] = column.IsNull(rows[i]) == keys.IsNull(groups[i]);
            else matches[i] = Trim(values[rows[i]]).SequenceEqual(Trim(stored[groups[i]]));
        }
    }

    private ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value) => trimsSpaces ? value.TrimEnd((byte)' ') : value;
}

/// <summary>Other types, by their handlers: numeric, floats, intervals …</summary>
internal sealed class HandlerKeyColumn(TypeHandler handler) : KeyColumn
{
    private readonly ColumnBuilder _keys = ColumnBuilder.Create(handler.Kind, 64);

    public override ColumnBuilder Keys => _keys;

    public override void Hash(Column column, Selection rows, Span<ulong> hashes, bool isFirst)
    {
        for (int i = 0; i < hashes.Length; i++)
        {
            int row = rows[i];
            hashes[i] = Mix(hashes[i], column.IsNull(row) ? NullHash : handler.Hash(column, row), isFirst);
        }
    }

    public override void Compare(Column column, ReadOnlySpan<int> rows, ReadOnlySpan<int> groups, Span<bool> matches)
    {
        Column keys = _keys.Build();
        for (int i = 0; i < rows.Length; i++)
        {
            if (!matches[i]) continue;
            bool isNull = column.IsNull(rows[i]);
            matches[i] = isNull == keys.IsNull(groups[i]) && (isNull || handler.Compare(column, rows[i], keys, groups[i]) == 0);
        }
    }
}
