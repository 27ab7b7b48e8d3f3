using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>The catalogs whose numbers the reg types show by name.</summary>
internal enum RegKind { Class, Type, Procedure, ProcedureWithTypes, Operator, OperatorWithTypes, Namespace, Role, Collation, Configuration, Dictionary }

/// <summary>regclass, regtype, regproc …: an oid that is read and written by name. Numbers are read too; what has no name is written as its number.</summary>
internal sealed class RegType(RegKind kind) : FixedWidthType<uint>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        string text = Utf8Text.ToString(utf8);
        Append(result, text == "-" ? 0 : IsNumber(utf8) ? OidType.Parse(utf8) : ObjectNames.Find(kind, text, context));
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        Write(kind, ValueAt(column, row), output, context);

    internal static void Write(RegKind kind, uint oid, ByteBuffer output, EvalContext context)
    {
        if (oid == 0) output.WriteByte(kind is RegKind.Operator or RegKind.OperatorWithTypes ? (byte)'0' : (byte)'-');
        else if (ObjectNames.Display(kind, oid, context) is { } name) output.WriteText(name);
        else output.WriteFormatted(oid);
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append(result, BinaryPrimitives.ReadUInt32BigEndian(Exactly(bytes, 4)));

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        output.WriteUInt32BigEndian(ValueAt(column, row));
    public override void EncodeKey(Column column, int row, ByteBuffer key) => key.WriteUInt32BigEndian(ValueAt(column, row));
    protected override int CompareValues(uint left, uint right) => left.CompareTo(right);
    protected override ulong HashValue(uint value) => KeyHash.Of(value);

    private static bool IsNumber(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
