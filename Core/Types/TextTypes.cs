using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>text, and what is stored like it: unknown, cstring. Order is by bytes (collation C), which for UTF-8 is by code points.</summary>
internal class TextType : BytesType
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        Utf8Text.Verify(utf8);
        Append(result, utf8);
    }

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.Write(ValueAt(column, row));
    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) => ParseText(bytes, type, result, context);
    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.Write(ValueAt(column, row));
}

/// <summary>Length modifiers of character types: n + 4, as PostgreSQL keeps them.</summary>
internal static class CharacterModifier
{
    public const int MaxLength = 10485760;

    public static int Parse(ReadOnlySpan<int> arguments, string typeName)
    {
        if (arguments.Length != 1) throw new SqlException(SqlState.InvalidParameterValue, "invalid type modifier");
        if (arguments[0] < 1) throw new SqlException(SqlState.InvalidParameterValue, $"length for type {typeName} must be at least 1");
        if (arguments[0] > MaxLength) throw new SqlException(SqlState.InvalidParameterValue, $"length for type {typeName} cannot exceed {MaxLength}");
        return arguments[0] + 4;
    }

    public static string Format(int modifier) => modifier > 4 ? $"({modifier - 4})" : "";
}

/// <summary>character varying(n).</summary>
internal sealed class VarcharType : TextType
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        Utf8Text.Verify(utf8);
        Append(result, Fit(utf8, type.Modifier, isExplicit: false));
    }

    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName) => CharacterModifier.Parse(arguments, "varchar");
    public override string FormatModifier(int modifier) => CharacterModifier.Format(modifier);

    /// <summary>The value cut to the modifier's length: silently if explicit, else only if what goes is blank.</summary>
    /// <exception cref="SqlException">22001.</exception>
    internal static ReadOnlySpan<byte> Fit(ReadOnlySpan<byte> utf8, int modifier, bool isExplicit)
    {
        if (modifier < 4 || utf8.Length <= modifier - 4) return utf8;
        int end = Utf8Text.OffsetOf(utf8, modifier - 4);
        if (!isExplicit && utf8[end..].IndexOfAnyExcept((byte)' ') >= 0)
            throw new SqlException(SqlState.StringDataRightTruncation, $"value too long for type character varying({modifier - 4})");
        return utf8[..end];
    }
}

/// <summary>character(n): stored padded with blanks; trailing blanks count neither in comparison nor in conversion to text.</summary>
internal sealed class BpcharType : TextType
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        Utf8Text.Verify(utf8);
        AppendFit(utf8, type.Modifier, isExplicit: false, (BytesColumnBuilder)result);
    }

    /// <summary>Appends the value cut or padded to the modifier's length.</summary>
    /// <exception cref="SqlException">22001 if more than blanks would go and the cast isn't explicit.</exception>
    internal static void AppendFit(ReadOnlySpan<byte> utf8, int modifier, bool isExplicit, BytesColumnBuilder result)
    {
        if (modifier < 4)
        {
            result.Append(utf8);
            return;
        }
        int length = modifier - 4;
        int end = Utf8Text.OffsetOf(utf8, length);
        if (!isExplicit && utf8[end..].IndexOfAnyExcept((byte)' ') >= 0)
            throw new SqlException(SqlState.StringDataRightTruncation, $"value too long for type character({length})");
        result.Output.Write(utf8[..end]);
        int missing = length - Utf8Text.Length(utf8[..end]);
        if (missing > 0) result.Output.Take(missing).Fill((byte)' ');
        result.EndValue();
    }

    internal static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value) => value.TrimEnd((byte)' ');

    public override int Compare(Column left, int leftRow, Column right, int rightRow) => Trim(ValueAt(left, leftRow)).SequenceCompareTo(Trim(ValueAt(right, rightRow)));
    public override ulong Hash(Column column, int row) => KeyHash.Of(Trim(ValueAt(column, row)));
    public override void EncodeKey(Column column, int row, ByteBuffer key) => WriteKey(Trim(ValueAt(column, row)), key);
    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName) => CharacterModifier.Parse(arguments, "char");
    public override string FormatModifier(int modifier) => CharacterModifier.Format(modifier);
}

/// <summary>name: an identifier of at most 63 bytes; longer ones are cut.</summary>
internal sealed class NameType : TextType
{
    public const int MaxBytes = 63;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context)
    {
        Utf8Text.Verify(utf8);
        Append(result, Utf8Text.Clip(utf8, MaxBytes));
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context)
    {
        Utf8Text.Verify(bytes);
        if (bytes.Length > MaxBytes) throw new SqlException(SqlState.NameTooLong, "identifier too long", detail: "Identifier must be less than 64 characters.");
        Append(result, bytes);
    }
}

/// <summary>"char": one byte, of catalogs.</summary>
internal sealed class CharType : FixedWidthType<byte>
{
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, Parse(utf8));
    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => Write(ValueAt(column, row), output);

    /// <summary>The first byte, or a byte written as a backslash and three octal digits.</summary>
    internal static byte Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length == 4 && utf8[0] == (byte)'\\' && utf8[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'7') < 0)
            return unchecked((byte)((utf8[1] - '0') << 6 | (utf8[2] - '0') << 3 | (utf8[3] - '0')));
        return utf8.IsEmpty ? (byte)0 : utf8[0];
    }

    /// <summary>The byte itself; from 128 on in octal; 0 as nothing.</summary>
    internal static void Write(byte value, ByteBuffer output)
    {
        if (value is > 0 and < 128) output.WriteByte(value);
        if (value < 128) return;
        output.WriteByte((byte)'\\');
        output.WriteByte((byte)('0' + (value >> 6)));
        output.WriteByte((byte)('0' + (value >> 3 & 7)));
        output.WriteByte((byte)('0' + (value & 7)));
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, Exactly(bytes, 1)[0]);
    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => output.WriteByte(ValueAt(column, row));
    public override void EncodeKey(Column column, int row, ByteBuffer key) => key.WriteByte(ValueAt(column, row));
    protected override int CompareValues(byte left, byte right) => left.CompareTo(right);
    protected override ulong HashValue(byte value) => KeyHash.Of(value);
}

/// <summary>void: what functions yield that yield nothing; an empty text.</summary>
internal sealed class VoidType : BytesType
{
    public override bool IsOrderable => false;
    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, []);

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) { }
    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) => Append(result, []);

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) { }
}
