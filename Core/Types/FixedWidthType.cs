using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>What types of fixed width share: their values are <typeparamref name="T"/> in the column.</summary>
internal abstract class FixedWidthType<T> : TypeHandler where T : unmanaged
{
    public sealed override PhysicalKind Kind => PhysicalKinds.Of<T>();

    protected abstract int CompareValues(T left, T right);
    protected abstract ulong HashValue(T value);

    public sealed override int Compare(Column left, int leftRow, Column right, int rightRow) => CompareValues(((Column<T>)left)[leftRow], ((Column<T>)right)[rightRow]);
    public sealed override ulong Hash(Column column, int row) => HashValue(((Column<T>)column)[row]);

    protected static T ValueAt(Column column, int row) => ((Column<T>)column)[row];
    protected static void Append(ColumnBuilder result, T value) => ((ColumnBuilder<T>)result).Append(value);

    /// <summary>The bytes of a binary value, checked for their number.</summary>
    protected static ReadOnlySpan<byte> Exactly(ReadOnlySpan<byte> bytes, int count)
    {
        if (bytes.Length < count) throw new SqlException(SqlState.ProtocolViolation, "insufficient data left in message");
        if (bytes.Length > count) throw new SqlException(SqlState.InvalidBinaryRepresentation, "incorrect binary data format");
        return bytes;
    }
}
