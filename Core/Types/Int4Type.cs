using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>integer.</summary>
internal sealed class Int4Type : TypeHandler
{
    public override PhysicalKind Kind => PhysicalKind.Int32;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) =>
        ((ColumnBuilder<int>)result).Append((int)IntegerText.Parse(utf8, int.MinValue, int.MaxValue, "integer"));

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteFormatted(((Column<int>)column)[row]);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        if (bytes.Length != 4) throw new SqlException(SqlState.InvalidBinaryRepresentation, "incorrect binary data format");
        ((ColumnBuilder<int>)result).Append(BinaryPrimitives.ReadInt32BigEndian(bytes));
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteInt32BigEndian(((Column<int>)column)[row]);

    public override int Compare(Column left, int leftRow, Column right, int rightRow) => ((Column<int>)left)[leftRow].CompareTo(((Column<int>)right)[rightRow]);

    public override ulong Hash(Column column, int row) => KeyHash.Of(((Column<int>)column)[row]);

    public override void EncodeKey(Column column, int row, ByteBuffer key) => BinaryPrimitives.WriteUInt32BigEndian(key.Take(4), (uint)((Column<int>)column)[row] ^ 0x8000_0000);
}
