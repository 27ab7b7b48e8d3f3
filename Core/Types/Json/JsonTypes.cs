using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>json: text as it was written, checked.</summary>
internal sealed class JsonType : BytesType
{
    public override bool IsOrderable => false;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        Utf8Text.Verify(utf8);
        JsonReader.Verify(utf8);
        Append(result, utf8);
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.Write(ValueAt(column, row));
    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) =>
        ParseText(bytes, type, result, context);
    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.Write(ValueAt(column, row));
}

/// <summary>jsonb: a tree in binary (<see cref="JsonbValue"/>).</summary>
internal sealed class JsonbType : TypeHandler
{
    [ThreadStatic]
    private static JsonbBuilder? _builder;

    public override PhysicalKind Kind => PhysicalKind.Bytes;

    /// <summary>This thread's builder, empty. Not to be held across calls of handlers.</summary>
    internal static JsonbBuilder Builder
    {
        get
        {
            _builder ??= new JsonbBuilder();
            _builder.Reset();
            return _builder;
        }
    }

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        Utf8Text.Verify(utf8);
        JsonbBuilder builder = Builder;
        builder.Parse(utf8);
        builder.Finish(result);
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        JsonText.Write(ValueAt(column, row), output);

    /// <summary>A byte of version, 1, and text.</summary>
    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        if (bytes.IsEmpty) throw new SqlException(SqlState.ProtocolViolation, "no data left in message");
        if (bytes[0] != 1) throw new SqlException(SqlState.InternalError, $"unsupported jsonb version number {bytes[0]}");
        ParseText(bytes[1..], type, result, context);
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        output.WriteByte(1);
        JsonText.Write(ValueAt(column, row), output);
    }

    public override int Compare(Column left, int leftRow, Column right, int rightRow) => JsonbOrder.Compare(ValueAt(left, leftRow), ValueAt(right, rightRow));
    public override ulong Hash(Column column, int row) => KeyHash.Of(unchecked((long)JsonbOrder.Hash(ValueAt(column, row))));
    public override void EncodeKey(Column column, int row, ByteBuffer key) => JsonbOrder.EncodeKey(ValueAt(column, row), key);

    private static JsonbValue ValueAt(Column column, int row) => JsonbValue.Open(((BytesColumn)column)[row]);
}
