using VecSql.Core.Columns;

namespace VecSql.Core.Types;

/// <summary>What types share whose order is that of their stored bytes.</summary>
internal abstract class BytesType : TypeHandler
{
    public sealed override PhysicalKind Kind => PhysicalKind.Bytes;

    public override int Compare(Column left, int leftRow, Column right, int rightRow) => ValueAt(left, leftRow).SequenceCompareTo(ValueAt(right, rightRow));
    public override ulong Hash(Column column, int row) => KeyHash.Of(ValueAt(column, row));
    public override void EncodeKey(Column column, int row, ByteBuffer key) => WriteKey(ValueAt(column, row), key);

    protected static ReadOnlySpan<byte> ValueAt(Column column, int row) => ((BytesColumn)column)[row];
    protected static void Append(ColumnBuilder result, ReadOnlySpan<byte> value) => ((BytesColumnBuilder)result).Append(value);

    /// <summary>Bytes as a key: 0 is written 0 255, the end is 0 1. So a prefix sorts first, and what follows doesn't disturb.</summary>
    internal static void WriteKey(ReadOnlySpan<byte> value, ByteBuffer key)
    {
        while (true)
        {
            int zero = value.IndexOf((byte)0);
            if (zero < 0) break;
            key.Write(value[..zero]);
            key.WriteByte(0);
            key.WriteByte(255);
            value = value[(zero + 1)..];
        }
        key.Write(value);
        key.WriteByte(0);
        key.WriteByte(1);
    }
}
