using System.Buffers.Binary;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// How a row (record or composite) lies in a <see cref="BytesColumn"/>. All numbers little-endian.
/// <code>
///   0   uint32  row type's OID: 2249 (record) or a composite's
///   4   uint16  number of fields
///   6   byte    1 if names of the fields follow
///   7   byte    0
///   8   for each field: uint32 type, int32 modifier, int32 bytes of the value (-1: null), byte PhysicalKind, 3 bytes 0
///       values one after another: fixed width as in a column, else their bytes
///       if there are names: for each a byte of length and its UTF-8
/// </code>
/// A row says the types of its fields itself, because a record's are known nowhere else.
/// </summary>
public static class RowFormat
{
    internal const int HeaderBytes = 8;
    internal const int FieldBytes = 16;

    /// <summary>PostgreSQL's limit of columns in a row.</summary>
    public const int MaxFields = 1664;

    /// <summary>Writes a row.</summary>
    /// <param name="output">Gets the value; the caller ends it.</param>
    /// <param name="rowType">2249 or a composite type.</param>
    /// <param name="fields">One column for each field.</param>
    /// <param name="row">The row of all of them.</param>
    /// <param name="types">Of the fields.</param>
    /// <param name="names">Names of a record's fields where they are known (for json); null: f1, f2 …</param>
    public static void Write(ByteBuffer output, uint rowType, ReadOnlySpan<Column> fields, int row, ReadOnlySpan<SqlType> types, IReadOnlyList<string>? names = null)
    {
        int headerAt = output.Length;
        Span<byte> header = output.Take(HeaderBytes + fields.Length * FieldBytes);
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, rowType);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], (ushort)fields.Length);
        header[6] = names is null ? (byte)0 : (byte)1;
        for (int f = 0; f < fields.Length; f++)
        {
            Column field = fields[f];
            int start = output.Length;
            bool isNull = field.IsNull(row);
            if (!isNull) WriteValue(field, row, output);
            Span<byte> entry = output.Written[(headerAt + HeaderBytes + f * FieldBytes)..];
            BinaryPrimitives.WriteUInt32LittleEndian(entry, types[f].Oid);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], types[f].Modifier);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], isNull ? -1 : output.Length - start);
            entry[12] = (byte)field.Kind;
        }
        if (names is null) return;
        foreach (string name in names)
        {
            int lengthAt = output.Length;
            output.WriteByte(0);
            output.Write(Utf8Text.Clip(Encoding.UTF8.GetBytes(name), byte.MaxValue));
            output.Written[lengthAt] = (byte)(output.Length - lengthAt - 1);
        }
    }

    private static void WriteValue(Column field, int row, ByteBuffer output)
    {
        if (field is BytesColumn bytes)
        {
            output.Write(bytes[row]);
            return;
        }
        int width = PhysicalKinds.WidthOf(field.Kind);
        output.Write(field.FixedBytes.Slice((row & field.IndexMask) * width, width));
    }
}

/// <summary>One row value opened for reading: each field as a column of one row. Opened on many values, one after another; used by one thread.</summary>
public sealed class RowView
{
    [ThreadStatic]
    private static Stack<RowView>? _spare;

    private static readonly byte[] Valid = [1];
    private static readonly byte[] Invalid = [0];
    private Field[] _fields = [];
    private ReadOnlyMemory<byte> _names;
    private bool _hasNames;

    private struct Field
    {
        public SqlType Type;
        public Column? Column;
        public byte[]? Offsets;
    }

    public uint RowType { get; private set; }
    public int Count { get; private set; }
    public SqlType TypeOf(int field) => _fields[field].Type;
    public bool IsNull(int field) => _fields[field].Column!.IsNull(0);

    /// <summary>The field's value at row 0, possibly null.</summary>
    public Column this[int field] => _fields[field].Column!;

    internal static RowView Rent() => _spare is { Count: > 0 } spare ? spare.Pop() : new RowView();

    internal void Return()
    {
        _spare ??= [];
        if (_spare.Count < 16) _spare.Push(this);
    }

    public void Open(BytesColumn column, int row) => Open(column.MemoryOf(row));

    public void Open(ReadOnlyMemory<byte> value)
    {
        ReadOnlySpan<byte> bytes = value.Span;
        RowType = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        Count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        _hasNames = bytes[6] != 0;
        if (_fields.Length < Count) Array.Resize(ref _fields, Count);
        int at = RowFormat.HeaderBytes + Count * RowFormat.FieldBytes;
        for (int f = 0; f < Count; f++)
        {
            ReadOnlySpan<byte> entry = bytes[(RowFormat.HeaderBytes + f * RowFormat.FieldBytes)..];
            int length = BinaryPrimitives.ReadInt32LittleEndian(entry[8..]);
            PhysicalKind kind = (PhysicalKind)entry[12];
            _fields[f].Type = new SqlType(BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[4..]));
            Invariant.Check(length >= -1 && length <= bytes.Length - at);
            PointTo(ref _fields[f], kind, length < 0 ? default : value.Slice(at, length), length < 0);
            at += Math.Max(length, 0);
        }
        _names = value[at..];
    }

    /// <summary>Names of the fields if the row carries them; else null.</summary>
    public string[]? ReadNames()
    {
        if (!_hasNames) return null;
        string[] names = new string[Count];
        ReadOnlySpan<byte> rest = _names.Span;
        for (int f = 0; f < Count; f++)
        {
            names[f] = Encoding.UTF8.GetString(rest.Slice(1, rest[0]));
            rest = rest[(1 + rest[0])..];
        }
        return names;
    }

    private static void PointTo(ref Field field, PhysicalKind kind, ReadOnlyMemory<byte> value, bool isNull)
    {
        if (field.Column?.Kind != kind) field.Column = ColumnBuilder.Create(kind, 1).Build();
        ReadOnlyMemory<byte> validity = isNull ? Invalid : Valid;
        if (kind == PhysicalKind.Bytes)
        {
            field.Offsets ??= new byte[2 * sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(field.Offsets.AsSpan(sizeof(int)), value.Length);
            field.Column.PointTo(field.Offsets, value, validity, 1);
            return;
        }
        // A null of fixed width has no bytes; it points at zeros.
        field.Column.PointTo(default, isNull ? Zeros : value, validity, 1);
    }

    private static readonly byte[] Zeros = new byte[16];
}
