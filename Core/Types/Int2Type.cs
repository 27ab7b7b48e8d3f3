using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Types;

/// <summary>smallint.</summary>
internal sealed class Int2Type : FixedWidthType<short>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, (short)IntegerText.Parse(utf8, short.MinValue, short.MaxValue, "smallint"));

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteFormatted(ValueAt(column, row));

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, BinaryPrimitives.ReadInt16BigEndian(Exactly(bytes, 2)));

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteInt16BigEndian(ValueAt(column, row));

    public override void EncodeKey(Column column, int row, ByteBuffer key) => BinaryPrimitives.WriteUInt16BigEndian(key.Take(2), (ushort)(ValueAt(column, row) ^ 0x8000));
    protected override int CompareValues(short left, short right) => left.CompareTo(right);
    protected override ulong HashValue(short value) => KeyHash.Of(value);
}
