using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Types;

/// <summary>bigint.</summary>
internal sealed class Int8Type : FixedWidthType<long>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, IntegerText.Parse(utf8, long.MinValue, long.MaxValue, "bigint"));

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteFormatted(ValueAt(column, row));

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, BinaryPrimitives.ReadInt64BigEndian(Exactly(bytes, 8)));

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteInt64BigEndian(ValueAt(column, row));

    public override void EncodeKey(Column column, int row, ByteBuffer key) =>
        BinaryPrimitives.WriteUInt64BigEndian(key.Take(8), (ulong)ValueAt(column, row) ^ 0x8000_0000_0000_0000);
    protected override int CompareValues(long left, long right) => left.CompareTo(right);
    protected override ulong HashValue(long value) => KeyHash.Of(value);
}
