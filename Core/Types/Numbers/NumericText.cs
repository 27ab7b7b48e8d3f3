using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>numeric as text and in the wire's binary form (base 10000).</summary>
internal static class NumericText
{
    /// <summary>Reads a number, NaN or infinity, with spaces around.</summary>
    /// <exception cref="SqlException">22P02, 22003.</exception>
    public static NumericValue Parse(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = utf8.Trim(" \t\n\v\f\r"u8);
        bool isNegative = text.Length > 0 && text[0] == (byte)'-';
        ReadOnlySpan<byte> body = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (body.IsEmpty) throw Utf8Text.InvalidInput("numeric", utf8);
        if (!char.IsAsciiDigit((char)body[0]) && body[0] != (byte)'.')
        {
            if (Ascii.EqualsIgnoreCase(body, "infinity"u8) || Ascii.EqualsIgnoreCase(body, "inf"u8)) return NumericValue.Infinity(isNegative);
            if (Ascii.EqualsIgnoreCase(text, "nan"u8)) return NumericValue.NaN;
            throw Utf8Text.InvalidInput("numeric", utf8);
        }
        return TryParseFinite(body, isNegative, out NumericValue value) ? value : throw Utf8Text.InvalidInput("numeric", utf8);
    }

    private static bool TryParseFinite(ReadOnlySpan<byte> body, bool isNegative, out NumericValue value)
    {
        value = default;
        Int128 small = 0;
        int digits = 0, significant = 0, scale = 0, i = 0;
        bool afterPoint = false;
        for (; i < body.Length; i++)
        {
            byte b = body[i];
            if (b == (byte)'.' && !afterPoint)
            {
                afterPoint = true;
                continue;
            }
            if (b is < (byte)'0' or > (byte)'9') break;
            digits++;
            if (afterPoint) scale++;
            if (significant > 0 || b != (byte)'0') significant++;
            if (significant <= 37) small = small * 10 + (b - '0');
        }
        if (digits == 0) return false;
        int exponent = 0;
        if (i < body.Length && !TryParseExponent(body[i..], out exponent)) return false;
        if (exponent is >= int.MaxValue / 2 or <= -(int.MaxValue / 2)) throw NumericValue.Overflow();
        if ((long)significant - scale + exponent > NumericValue.MaxWholeDigits && significant > 0) throw NumericValue.Overflow();
        if ((long)scale - exponent > NumericValue.MaxScale) throw NumericValue.Overflow();
        int shown = Math.Max(scale - exponent, 0), shift = Math.Max(exponent - scale, 0);
        if (significant == 0)
        {
            value = new NumericValue(Int128.Zero, shown);
            return true;
        }
        if (significant + shift <= 37)
        {
            Int128 mantissa = small * PowersOfTen.Small(shift);
            value = new NumericValue(isNegative ? -mantissa : mantissa, shown);
            return true;
        }
        BigInteger big = ParseDigits(body[..i]) * PowersOfTen.Big(shift);
        value = new NumericValue(isNegative ? -big : big, shown);
        return true;
    }

    private static BigInteger ParseDigits(ReadOnlySpan<byte> digitsAndPoint)
    {
        Span<char> digits = digitsAndPoint.Length <= 512 ? stackalloc char[digitsAndPoint.Length] : new char[digitsAndPoint.Length];
        int count = 0;
        foreach (byte b in digitsAndPoint)
            if (b != (byte)'.') digits[count++] = (char)b;
        return BigInteger.Parse(digits[..count], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static bool TryParseExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if ((text[0] | 0x20) != 'e' || text.Length < 2) return false;
        bool isNegative = text[1] == (byte)'-';
        ReadOnlySpan<byte> digits = text[1] is (byte)'-' or (byte)'+' ? text[2..] : text[1..];
        if (digits.IsEmpty) return false;
        long value = 0;
        foreach (byte b in digits)
        {
            if (b is < (byte)'0' or > (byte)'9') return false;
            value = Math.Min(value * 10 + (b - '0'), int.MaxValue);
        }
        exponent = (int)(isNegative ? -value : value);
        return true;
    }

    public static void Write(in NumericValue value, ByteBuffer output)
    {
        if (!value.IsFinite)
        {
            output.Write(value.IsNaN ? "NaN"u8 : value.Sign > 0 ? "Infinity"u8 : "-Infinity"u8);
            return;
        }
        if (value.Sign < 0) output.WriteByte((byte)'-');
        int start = output.Length;
        WriteDigits(value, output);
        int digits = output.Length - start, scale = value.Scale;
        if (scale == 0) return;
        // Zeros in front until one digit stands before the point; then room for the point itself.
        int missing = Math.Max(scale + 1 - digits, 0);
        output.Take(missing + 1);
        Span<byte> written = output.Written[start..];
        written[..digits].CopyTo(written[missing..]);
        written[..missing].Fill((byte)'0');
        int whole = digits + missing - scale;
        written[whole..^1].CopyTo(written[(whole + 1)..]);
        written[whole] = (byte)'.';
    }

    /// <summary>The digits of the mantissa without sign; "0" for 0.</summary>
    private static void WriteDigits(in NumericValue value, ByteBuffer output)
    {
        if (!value.IsSmall) output.WriteText(BigInteger.Abs(value.Mantissa).ToString(CultureInfo.InvariantCulture));
        else if ((long)value.Small is var narrow && narrow == value.Small && narrow != long.MinValue) output.WriteFormatted(Math.Abs(narrow));
        else output.WriteFormatted(value.Small < 0 ? (UInt128)(-(value.Small + 1)) + 1 : (UInt128)value.Small);
    }

    /// <summary>numeric_send: digit count, weight, sign, scale, then base-10000 digits, all 16 bits.</summary>
    public static void WriteBinary(in NumericValue value, ByteBuffer output)
    {
        if (!value.IsFinite)
        {
            // PostgreSQL shows infinities with this scale; nobody reads it.
            WriteHeader(0, 0, value.IsNaN ? 0xC000 : value.Sign > 0 ? 0xD000 : 0xF000, value.IsNaN ? 0 : 0x20, output);
            return;
        }
        ByteBuffer text = new(64);
        WriteDigits(value, text);
        ReadOnlySpan<byte> digits = text.WrittenSpan;
        if (value.Sign == 0)
        {
            WriteHeader(0, 0, 0, value.Scale, output);
            return;
        }
        // Groups of four are counted from the decimal point.
        int whole = digits.Length - value.Scale;
        int weight = (whole + 3) / 4 - 1;
        if (whole <= 0) weight = -(-whole / 4) - 1;
        int first = whole - 4 * (weight + 1);
        int header = output.Length, count = 0;
        WriteHeader(0, weight, value.Sign < 0 ? 0x4000 : 0, value.Scale, output);
        int lastNonZero = 0;
        for (int at = first; at < digits.Length; at += 4)
        {
            int group = 0;
            for (int i = at; i < at + 4; i++) group = group * 10 + (i >= 0 && i < digits.Length ? digits[i] - '0' : 0);
            output.WriteInt16BigEndian((short)group);
            count++;
            if (group != 0) lastNonZero = count;
        }
        output.Truncate(output.Length - 2 * (count - lastNonZero));
        BinaryPrimitives.WriteInt16BigEndian(output.Written[header..], (short)lastNonZero);
    }

    private static void WriteHeader(int digits, int weight, int sign, int scale, ByteBuffer output)
    {
        output.WriteInt16BigEndian((short)digits);
        output.WriteInt16BigEndian((short)weight);
        output.WriteInt16BigEndian(unchecked((short)sign));
        output.WriteInt16BigEndian((short)scale);
    }

    /// <summary>numeric_recv.</summary>
    /// <exception cref="SqlException">22P03, 08P01.</exception>
    public static NumericValue ReadBinary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8) throw new SqlException(SqlState.ProtocolViolation, "insufficient data left in message");
        int count = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        int weight = BinaryPrimitives.ReadInt16BigEndian(bytes[2..]);
        int sign = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        int scale = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        if (sign is not (0 or 0x4000 or 0xC000 or 0xD000 or 0xF000)) throw Invalid("invalid sign in external \"numeric\" value");
        if (scale > NumericValue.MaxScale) throw Invalid("invalid scale in external \"numeric\" value");
        if (bytes.Length < 8 + 2 * count) throw new SqlException(SqlState.ProtocolViolation, "insufficient data left in message");
        if (bytes.Length > 8 + 2 * count) throw Invalid("incorrect binary data format");
        if (sign == 0xC000) return NumericValue.NaN;
        if (sign is 0xD000 or 0xF000) return NumericValue.Infinity(sign == 0xF000);
        BigInteger mantissa = ReadGroups(bytes[8..]);
        if (sign == 0x4000) mantissa = -mantissa;
        // The last group's place is 10000^(weight - count + 1); digits beyond the scale are cut.
        int shift = 4 * (weight - count + 1) + scale;
        if (mantissa.IsZero) return new NumericValue(Int128.Zero, scale);
        if (4L * (weight + 1) > NumericValue.MaxWholeDigits + 4) throw NumericValue.Overflow();
        return new NumericValue(shift >= 0 ? mantissa * PowersOfTen.Big(shift) : BigInteger.Divide(mantissa, PowersOfTen.Big(-shift)), scale);
    }

    private static BigInteger ReadGroups(ReadOnlySpan<byte> groups)
    {
        if (groups.Length <= 18)
        {
            Int128 small = 0;
            for (int i = 0; i < groups.Length; i += 2) small = small * 10000 + Group(groups, i);
            return small;
        }
        StringBuilder digits = new(groups.Length * 2);
        for (int i = 0; i < groups.Length; i += 2) digits.Append(Group(groups, i).ToString("D4", CultureInfo.InvariantCulture));
        return BigInteger.Parse(digits.ToString(), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static int Group(ReadOnlySpan<byte> groups, int at)
    {
        int group = BinaryPrimitives.ReadInt16BigEndian(groups[at..]);
        return group is >= 0 and < 10000 ? group : throw Invalid("invalid digit in external \"numeric\" value");
    }

    private static SqlException Invalid(string message) => new(SqlState.InvalidBinaryRepresentation, message);
}
