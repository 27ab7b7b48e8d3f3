using System.Numerics;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>numeric(p, s). Values: <see cref="NumericValue"/>.</summary>
internal sealed class NumericType : TypeHandler
{
    private const int MaxPrecision = 1000;

    public override PhysicalKind Kind => PhysicalKind.Bytes;

    public override void ParseText(ReadOnlySpan<byte> utf8, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append((BytesColumnBuilder)result, Fit(NumericText.Parse(utf8), type.Modifier));

    public override void FormatText(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => NumericText.Write(ValueAt(column, row), output);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, ColumnBuilder result, EvalContext context) =>
        Append((BytesColumnBuilder)result, Fit(NumericText.ReadBinary(bytes), type.Modifier));

    public override void WriteBinary(Column column, int row, SqlType type, ByteBuffer output, EvalContext context) => NumericText.WriteBinary(ValueAt(column, row), output);

    public override int Compare(Column left, int leftRow, Column right, int rightRow) =>
        NumericArithmetic.Compare(((BytesColumn)left)[leftRow], ((BytesColumn)right)[rightRow]);

    public override ulong Hash(Column column, int row) => HashOf(ValueAt(column, row));

    internal static NumericValue ValueAt(Column column, int row) => NumericValue.Read(((BytesColumn)column)[row]);

    internal static void Append(BytesColumnBuilder result, in NumericValue value)
    {
        value.WriteTo(result.Output);
        result.EndValue();
    }

    /// <summary>Trailing zeros don't count; a whole number hashes as the integer does.</summary>
    internal static ulong HashOf(in NumericValue value)
    {
        if (!value.IsFinite) return KeyHash.Of(value.IsNaN ? "NaN"u8 : value.Sign > 0 ? "+"u8 : "-"u8);
        NumericValue trimmed = NumericArithmetic.TrimScale(value);
        if (trimmed.IsSmall && (long)trimmed.Small is var narrow && narrow == trimmed.Small)
            return trimmed.Scale == 0 ? KeyHash.Of(narrow) : KeyHash.Combine(KeyHash.Of(narrow), (ulong)trimmed.Scale);
        return KeyHash.Combine(KeyHash.Of(trimmed.Mantissa.ToByteArray()), (ulong)trimmed.Scale);
    }

    /// <summary>
    /// A class byte (-∞ 0, negative 1, zero 2, positive 3, ∞ 4, NaN 5); then, of numbers, the decimal exponent as 32 bits biased and the significant digits in pairs,
    /// each pair + 1, ended by 0. Of negative ones exponent and digits are inverted.
    /// </summary>
    public override void EncodeKey(Column column, int row, ByteBuffer key)
    {
        NumericValue value = ValueAt(column, row);
        if (!value.IsFinite || value.Sign == 0)
        {
            key.WriteByte(value.IsNaN ? (byte)5 : value.IsFinite ? (byte)2 : value.Sign > 0 ? (byte)4 : (byte)0);
            return;
        }
        key.WriteByte(value.Sign > 0 ? (byte)3 : (byte)1);
        int start = key.Length;
        Span<byte> room = stackalloc byte[48];
        ReadOnlySpan<byte> digits = value.IsSmall
            ? room[..FormatSmall(value.Small, room)]
            : System.Text.Encoding.ASCII.GetBytes(BigInteger.Abs(value.Mantissa).ToString());
        int exponent = digits.Length - value.Scale;
        digits = digits.TrimEnd((byte)'0');
        key.WriteUInt32BigEndian((uint)exponent ^ 0x8000_0000);
        for (int i = 0; i < digits.Length; i += 2)
            key.WriteByte((byte)((digits[i] - '0') * 10 + (i + 1 < digits.Length ? digits[i + 1] - '0' : 0) + 1));
        key.WriteByte(0);
        if (value.Sign > 0) return;
        Span<byte> written = key.Written[start..];
        for (int i = 0; i < written.Length; i++) written[i] = (byte)~written[i];
    }

    private static int FormatSmall(Int128 mantissa, Span<byte> room)
    {
        UInt128 magnitude = mantissa < 0 ? (UInt128)(-(mantissa + 1)) + 1 : (UInt128)mantissa;
        magnitude.TryFormat(room, out int written);
        return written;
    }

    public override int ParseModifier(ReadOnlySpan<int> arguments, string typeName)
    {
        if (arguments.Length is < 1 or > 2) throw new SqlException(SqlState.InvalidParameterValue, "invalid NUMERIC type modifier");
        int precision = arguments[0], scale = arguments.Length > 1 ? arguments[1] : 0;
        if (precision is < 1 or > MaxPrecision)
            throw new SqlException(SqlState.InvalidParameterValue, $"NUMERIC precision {precision} must be between 1 and {MaxPrecision}");
        if (scale is < -MaxPrecision or > MaxPrecision)
            throw new SqlException(SqlState.InvalidParameterValue, $"NUMERIC scale {scale} must be between {-MaxPrecision} and {MaxPrecision}");
        return (precision << 16 | scale & 0x7FF) + 4;
    }

    public override string FormatModifier(int modifier) => modifier < 4 ? "" : $"({PrecisionOf(modifier)},{ScaleOf(modifier)})";

    internal static int PrecisionOf(int modifier) => (modifier - 4) >> 16 & 0xFFFF;

    /// <summary>Eleven bits with a sign.</summary>
    internal static int ScaleOf(int modifier) => (((modifier - 4) & 0x7FF) ^ 1024) - 1024;

    /// <summary>The value rounded to the modifier's scale.</summary>
    /// <exception cref="SqlException">22003: it has more digits than the precision allows.</exception>
    internal static NumericValue Fit(in NumericValue value, int modifier)
    {
        if (modifier < 4 || value.IsNaN) return value;
        int precision = PrecisionOf(modifier), scale = ScaleOf(modifier);
        if (!value.IsFinite)
            throw new SqlException(SqlState.NumericValueOutOfRange, "numeric field overflow",
                detail: $"A field with precision {precision}, scale {scale} cannot hold an infinite value.");
        NumericValue rounded = NumericArithmetic.Round(value, scale);
        int wholeDigits = precision - scale;
        bool fits = rounded.IsSmall && rounded.Scale + wholeDigits is >= 0 and <= PowersOfTen.MaxSmall
            ? Int128.Abs(rounded.Small) < PowersOfTen.Small(rounded.Scale + wholeDigits)
            : rounded.Sign == 0 || PowersOfTen.CountDigits(BigInteger.Abs(rounded.Mantissa)) - rounded.Scale <= wholeDigits;
        if (fits) return rounded;
        throw new SqlException(SqlState.NumericValueOutOfRange, "numeric field overflow",
            detail: $"A field with precision {precision}, scale {scale} must round to an absolute value less than {(wholeDigits == 0 ? "1" : "10^" + wholeDigits)}.");
    }
}
