using System.Collections.Frozen;
using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// An enum of one version of the catalog. A value is its label's OID, which never changes; order is that of the labels' sort numbers, and keys are made of these: they
/// are given once, and a label added between two others gets a number between theirs, so stored values and keys stay good when the type grows.
/// </summary>
internal sealed class EnumType(TypeObject type) : TypeHandler
{
    private readonly EnumLabel[] _labels = [.. type.Labels.OrderBy(l => l.SortOrder)];
    private readonly FrozenDictionary<uint, EnumLabel> _byOid = type.Labels.ToFrozenDictionary(l => l.Oid);
    private readonly FrozenDictionary<string, EnumLabel> _byName = type.Labels.ToFrozenDictionary(l => l.Name);

    public override PhysicalKind Kind => PhysicalKind.UInt32;

    /// <summary>All labels in their order.</summary>
    public ReadOnlySpan<EnumLabel> Labels => _labels;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType sqlType, ColumnBuilder result, EvalContext context)
    {
        string text = Encoding.UTF8.GetString(utf8);
        if (!_byName.TryGetValue(text, out EnumLabel? label))
            throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid input value for enum {SqlIdentifier.Quote(type.Name)}: \"{text}\"");
        ((ColumnBuilder<uint>)result).Append(label.Oid);
    }

    public override void FormatText(Column column, int row, SqlType sqlType, ByteBuffer output, EvalContext context) =>
        output.WriteText(LabelAt(column, row).Name);
    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType sqlType, ColumnBuilder result, EvalContext context) =>
        ParseText(bytes, sqlType, result, context);
    public override void WriteBinary(Column column, int row, SqlType sqlType, ByteBuffer output, EvalContext context) =>
        output.WriteText(LabelAt(column, row).Name);

    public override int Compare(Column left, int leftRow, Column right, int rightRow)
    {
        uint a = ((Column<uint>)left)[leftRow], b = ((Column<uint>)right)[rightRow];
        return a == b ? 0 : LabelAt(left, leftRow).SortOrder.CompareTo(LabelAt(right, rightRow).SortOrder);
    }

    public override ulong Hash(Column column, int row) => KeyHash.Of(((Column<uint>)column)[row]);

    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        uint bits = BitConverter.SingleToUInt32Bits(LabelAt(column, row).SortOrder + 0f);
        key.WriteUInt32BigEndian((bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000);
    }

    /// <summary>The label's place in the order.</summary>
    public int PlaceOf(uint label) => Array.FindIndex(_labels, l => l.Oid == label);

    private EnumLabel LabelAt(Column column, int row)
    {
        uint oid = ((Column<uint>)column)[row];
        return _byOid.TryGetValue(oid, out EnumLabel? label) ? label : throw new SqlException(SqlState.InvalidBinaryRepresentation,
            $"invalid internal value for enum: {oid}");
    }
}

/// <summary>A domain: its values are those of the type below, with that type's modifier. NOT NULL and CHECK are tested by the coercion to it.</summary>
internal sealed class DomainType(TypeHandler inner, SqlType baseType) : TypeHandler
{
    public SqlType BaseType => baseType;
    public override PhysicalKind Kind => inner.Kind;
    public override bool IsOrderable => inner.IsOrderable;
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) =>
        inner.ParseText(utf8, baseType, result, context);
    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        inner.FormatText(column, row, baseType, output, context);
    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) =>
        inner.ReadBinary(bytes, baseType, result, context);
    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) =>
        inner.WriteBinary(column, row, baseType, output, context);
    public override int Compare(Column left, int leftRow, Column right, int rightRow) => inner.Compare(left, leftRow, right, rightRow);
    public override ulong Hash(Column column, int row) => inner.Hash(column, row);
    public override void EncodeKey(Column column, int row, ByteBuffer key) => inner.EncodeKey(column, row, key);
}
