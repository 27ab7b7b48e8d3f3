using System.Buffers.Binary;
using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>Rows: record (any fields), or a composite type with the columns of <paramref name="relation"/>. Layout: <see cref="RowFormat"/>.</summary>
internal sealed class RecordType(TableObject? relation, CatalogSnapshot? catalog) : TypeHandler
{
    private readonly ColumnObject[] _columns = relation is null ? [] : [.. relation.LiveColumns];

    public override PhysicalKind Kind => PhysicalKind.Bytes;

    /// <summary>The columns of a composite type; empty for record.</summary>
    public IReadOnlyList<ColumnObject> Columns => _columns;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        if (relation is null) throw new SqlException(SqlState.FeatureNotSupported, "input of anonymous composite types is not implemented");
        StackGuard.Check();
        List<byte[]?> texts = SplitText(utf8);
        if (texts.Count < _columns.Length) throw Malformed(utf8, "Too few columns.");
        if (texts.Count > _columns.Length) throw Malformed(utf8, "Too many columns.");
        Column[] fields = new Column[_columns.Length];
        for (int f = 0; f < fields.Length; f++)
        {
            TypeHandler handler = TypeHandlers.Of(_columns[f].Type.Oid, catalog);
            ColumnBuilder field = ColumnBuilder.Create(handler.Kind, 1);
            if (texts[f] is { } text) handler.ParseText(text, _columns[f].Type, field, context);
            else field.AppendNull();
            fields[f] = field.Build();
        }
        Append(fields, type.Oid, result);
    }

    private void Append(Column[] fields, uint rowType, ColumnBuilder result)
    {
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        RowFormat.Write(output.Output, rowType, fields, 0, [.. _columns.Select(c => c.Type)]);
        output.EndValue();
    }

    /// <summary>The fields' texts: null where there is nothing, quotes and escapes taken away.</summary>
    private List<byte[]?> SplitText(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = utf8.Trim(" \t\n\v\f\r"u8);
        if (text.IsEmpty || text[0] != (byte)'(') throw Malformed(utf8, "Missing left parenthesis.");
        List<byte[]?> fields = [];
        int at = 1;
        if (_columns.Length == 0 && text.SequenceEqual("()"u8)) return fields;
        ByteBuffer field = new(32);
        while (true)
        {
            field.Clear();
            bool isQuoted = false, isPresent = false;
            for (; ; at++)
            {
                if (at >= text.Length) throw Malformed(utf8, "Unexpected end of input.");
                byte b = text[at];
                if (!isQuoted && b is (byte)',' or (byte)')') break;
                isPresent = true;
                if (b == (byte)'\\')
                {
                    if (++at == text.Length) throw Malformed(utf8, "Unexpected end of input.");
                    field.WriteByte(text[at]);
                }
                else if (b == (byte)'"')
                {
                    if (isQuoted && at + 1 < text.Length && text[at + 1] == (byte)'"') field.WriteByte(text[at++]);
                    else isQuoted = !isQuoted;
                }
                else field.WriteByte(b);
            }
            fields.Add(isPresent ? field.WrittenSpan.ToArray() : null);
            if (text[at++] == (byte)',') continue;
            if (at < text.Length) throw Malformed(utf8, fields.Count > _columns.Length ? "Too many columns." : "Junk after right parenthesis.");
            return fields;
        }
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        StackGuard.Check();
        RowView view = RowView.Rent();
        view.Open((BytesColumn)column, row);
        output.WriteByte((byte)'(');
        ByteBuffer text = new(32);
        for (int f = 0; f < view.Count; f++)
        {
            if (f > 0) output.WriteByte((byte)',');
            if (view.IsNull(f)) continue;
            text.Clear();
            TypeHandlers.Of(view.TypeOf(f).Oid, catalog ?? context.Catalog).FormatText(view[f], 0, view.TypeOf(f), text, context);
            WriteField(text.WrittenSpan, output);
        }
        output.WriteByte((byte)')');
        view.Return();
    }

    private static void WriteField(ReadOnlySpan<byte> text, ByteBuffer output)
    {
        bool isQuoted = text.IsEmpty;
        foreach (byte b in text) isQuoted |= b is (byte)'"' or (byte)'\\' or (byte)'(' or (byte)')' or (byte)',' or (byte)' ' or (>= 9 and <= 13);
        if (!isQuoted)
        {
            output.Write(text);
            return;
        }
        output.WriteByte((byte)'"');
        foreach (byte b in text)
        {
            if (b is (byte)'"' or (byte)'\\') output.WriteByte(b);
            output.WriteByte(b);
        }
        output.WriteByte((byte)'"');
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        if (relation is null) throw new SqlException(SqlState.FeatureNotSupported, "input of anonymous composite types is not implemented");
        StackGuard.Check();
        int count = ReadInt32(ref bytes);
        if (count != _columns.Length) throw new SqlException(SqlState.DatatypeMismatch, $"wrong number of columns: {count}, expected {_columns.Length}");
        Column[] fields = new Column[_columns.Length];
        for (int f = 0; f < fields.Length; f++)
        {
            SqlType expected = _columns[f].Type;
            uint given = (uint)ReadInt32(ref bytes);
            if (given != expected.Oid)
                throw new SqlException(SqlState.DatatypeMismatch,
                    $"binary data has type {given} ({NameOf(given)}) instead of expected {expected.Oid} ({NameOf(expected.Oid)}) in record column {f + 1}");
            int length = ReadInt32(ref bytes);
            TypeHandler handler = TypeHandlers.Of(expected.Oid, catalog);
            ColumnBuilder field = ColumnBuilder.Create(handler.Kind, 1);
            if (length == -1) field.AppendNull();
            else
            {
                if (length < 0 || length > bytes.Length) throw new SqlException(SqlState.InvalidBinaryRepresentation, "insufficient data left in message");
                handler.ReadBinary(bytes[..length], expected, field, context);
                bytes = bytes[length..];
            }
            fields[f] = field.Build();
        }
        if (!bytes.IsEmpty) throw new SqlException(SqlState.InvalidBinaryRepresentation, "incorrect binary data format");
        Append(fields, type.Oid, result);
    }

    private static int ReadInt32(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(int)) throw new SqlException(SqlState.ProtocolViolation, "insufficient data left in message");
        int value = BinaryPrimitives.ReadInt32BigEndian(bytes);
        bytes = bytes[sizeof(int)..];
        return value;
    }

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context)
    {
        StackGuard.Check();
        RowView view = RowView.Rent();
        view.Open((BytesColumn)column, row);
        output.WriteInt32BigEndian(view.Count);
        for (int f = 0; f < view.Count; f++)
        {
            output.WriteUInt32BigEndian(view.TypeOf(f).Oid);
            int lengthAt = output.Length;
            output.WriteInt32BigEndian(-1);
            if (view.IsNull(f)) continue;
            TypeHandlers.Of(view.TypeOf(f).Oid, catalog ?? context.Catalog).WriteBinary(view[f], 0, view.TypeOf(f), output, context);
            BinaryPrimitives.WriteInt32BigEndian(output.Written[lengthAt..], output.Length - lengthAt - sizeof(int));
        }
        view.Return();
    }

    /// <summary>Field by field, null above all; types and number of the fields must agree.</summary>
    public override int Compare(Column left, int leftRow, Column right, int rightRow)
    {
        StackGuard.Check();
        RowView a = RowView.Rent(), b = RowView.Rent();
        a.Open((BytesColumn)left, leftRow);
        b.Open((BytesColumn)right, rightRow);
        int order = 0;
        for (int f = 0; f < Math.Min(a.Count, b.Count) && order == 0; f++)
        {
            if (a.TypeOf(f).Oid != b.TypeOf(f).Oid)
                throw new SqlException(SqlState.DatatypeMismatch,
                    $"cannot compare dissimilar column types {NameOf(a.TypeOf(f).Oid)} and {NameOf(b.TypeOf(f).Oid)} at record column {f + 1}");
            bool leftNull = a.IsNull(f), rightNull = b.IsNull(f);
            order = leftNull || rightNull ? leftNull.CompareTo(rightNull) : TypeHandlers.Of(a.TypeOf(f).Oid, catalog).Compare(a[f], 0, b[f], 0);
        }
        if (order == 0 && a.Count != b.Count)
            throw new SqlException(SqlState.DatatypeMismatch, "cannot compare record types with different numbers of columns");
        b.Return();
        a.Return();
        return order;
    }

    public override ulong Hash(Column column, int row)
    {
        StackGuard.Check();
        RowView view = RowView.Rent();
        view.Open((BytesColumn)column, row);
        ulong hash = (ulong)view.Count;
        for (int f = 0; f < view.Count; f++) hash = KeyHash.Combine(hash, view.IsNull(f) ? 0 : TypeHandlers.Of(view.TypeOf(f).Oid, catalog).Hash(view[f], 0));
        view.Return();
        return KeyHash.Of(unchecked((long)hash));
    }

    /// <summary>Each field as 1 and its key, or 2 if null.</summary>
    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        StackGuard.Check();
        RowView view = RowView.Rent();
        view.Open((BytesColumn)column, row);
        for (int f = 0; f < view.Count; f++)
        {
            key.WriteByte(view.IsNull(f) ? (byte)2 : (byte)1);
            if (!view.IsNull(f)) TypeHandlers.Of(view.TypeOf(f).Oid, catalog).EncodeKey(view[f], 0, key);
        }
        view.Return();
    }

    private string NameOf(uint type) => TypeNames.Display(new SqlType(type), catalog);

    private static SqlException Malformed(ReadOnlySpan<byte> utf8, string detail) =>
        new(SqlState.InvalidTextRepresentation, $"malformed record literal: \"{Encoding.UTF8.GetString(utf8)}\"", detail: detail);
}
