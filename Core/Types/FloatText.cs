using System.Globalization;
using System.Numerics;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>Floats as text, PostgreSQL's way: the shortest digits that read back exactly, with an exponent of two digits or more where the number is long.</summary>
internal static class FloatText
{
    /// <summary>Writes a double. <paramref name="extraDigits"/> is extra_float_digits: at 0 or less, rounded to 15 + that many digits.</summary>
    public static void Write(double value, int extraDigits, ByteBuffer output)
    {
        if (WriteSpecial(value, output)) return;
        Span<byte> text = stackalloc byte[40];
        int written;
        if (extraDigits > 0) ShortestInside(value, 53, text, out written);
        else value.TryFormat(text, out written, "E" + Math.Max(15 + extraDigits - 1, 0), CultureInfo.InvariantCulture);
        Layout(text[..written], extraDigits > 0 ? 15 : Math.Max(15 + extraDigits, 1), output);
    }

    /// <summary>Writes a float; 6 digits where a double has 15.</summary>
    public static void Write(float value, int extraDigits, ByteBuffer output)
    {
        if (WriteSpecial(value, output)) return;
        Span<byte> text = stackalloc byte[40];
        int written;
        if (extraDigits > 0) ShortestInside(value, 24, text, out written);
        else value.TryFormat(text, out written, "E" + Math.Max(6 + extraDigits - 1, 0), CultureInfo.InvariantCulture);
        Layout(text[..written], extraDigits > 0 ? 6 : Math.Max(6 + extraDigits, 1), output);
    }

    /// <summary>
    /// .NET's shortest digits, but for one case: PostgreSQL doesn't take a decimal that lies just halfway to the next float. Only numbers above the mantissa's range,
    /// whose powers of five are small, can have one.
    /// </summary>
    private static void ShortestInside<T>(T value, int mantissaBits, Span<byte> text, out int written) where T : IBinaryFloatingPointIeee754<T>
    {
        value.TryFormat(text, out written, "R", CultureInfo.InvariantCulture);
        double wide = Math.Abs(double.CreateTruncating(value));
        // Below a power of two floats lie twice as dense; .NET's digits may miss that and read back as the neighbour.
        if (T.IsPow2(T.Abs(value)) && T.Parse(text[..written], NumberStyles.Float, CultureInfo.InvariantCulture) != value) value.TryFormat(text, out written, "E16", CultureInfo.InvariantCulture);
        if (wide < 1L << mantissaBits || wide > 1e41) return;
        int exponent = Math.ILogB(wide) - mantissaBits + 1;
        if (IsInside(wide, exponent, mantissaBits, text[..written])) return;
        for (int digits = 1; digits <= 17; digits++)
        {
            value.TryFormat(text, out written, "E" + (digits - 1), CultureInfo.InvariantCulture);
            if (IsInside(wide, exponent, mantissaBits, text[..written])) return;
        }
    }

    /// <summary>True if the decimal lies nearer to the float than half of the distance to its neighbour.</summary>
    private static bool IsInside(double value, int exponent, int mantissaBits, ReadOnlySpan<byte> text)
    {
        BigInteger exact = new(value), shown = BigInteger.Abs(BigInteger.Parse(Encoding.ASCII.GetString(text), NumberStyles.Float, CultureInfo.InvariantCulture));
        BigInteger half = BigInteger.One << (exponent - 1);
        bool isPowerOfTwo = exact == BigInteger.One << (exponent + mantissaBits - 1);
        // Below a power of two the neighbour is half as far.
        if (isPowerOfTwo && shown < exact) return (exact - shown) * 2 < half;
        return BigInteger.Abs(exact - shown) < half;
    }

    /// <exception cref="SqlException">22P02, 22003.</exception>
    public static double ParseDouble(ReadOnlySpan<byte> utf8, string typeName = "double precision")
    {
        ReadOnlySpan<byte> text = utf8.Trim(" \t\n\v\f\r"u8);
        if (TrySpecial(text, out double special)) return special;
        if (!IsNumber(text) || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) throw Utf8Text.InvalidInput(typeName, utf8);
        if (double.IsInfinity(value) || (value == 0 && HasNonZeroDigit(text))) throw OutOfRange(text, typeName);
        return value;
    }

    /// <exception cref="SqlException">22P02, 22003.</exception>
    public static float ParseSingle(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = utf8.Trim(" \t\n\v\f\r"u8);
        if (TrySpecial(text, out double special)) return (float)special;
        if (!IsNumber(text) || !float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value)) throw Utf8Text.InvalidInput("real", utf8);
        if (float.IsInfinity(value) || (value == 0 && HasNonZeroDigit(text))) throw OutOfRange(text, "real");
        return value;
    }

    /// <summary>.NET's own NaN has the sign bit set, which shows in binary output.</summary>
    private static readonly double PositiveNaN = BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_0000);

    private static SqlException OutOfRange(ReadOnlySpan<byte> text, string typeName) =>
        new(SqlState.NumericValueOutOfRange, $"\"{Encoding.UTF8.GetString(text)}\" is out of range for type {typeName}");

    private static bool WriteSpecial(double value, ByteBuffer output)
    {
        if (double.IsFinite(value)) return false;
        output.Write(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
        return true;
    }

    private static bool TrySpecial(ReadOnlySpan<byte> text, out double value)
    {
        bool isNegative = text.Length > 0 && text[0] == (byte)'-';
        ReadOnlySpan<byte> name = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        value = 0;
        if (Ascii.EqualsIgnoreCase(name, "nan"u8)) value = PositiveNaN;
        else if (Ascii.EqualsIgnoreCase(name, "infinity"u8) || Ascii.EqualsIgnoreCase(name, "inf"u8)) value = isNegative ? double.NegativeInfinity : double.PositiveInfinity;
        else return false;
        return true;
    }

    /// <summary>A sign, digits with at most one point, an exponent with digits. (.NET takes less and more than that.)</summary>
    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        int i = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        int digits = 0;
        for (; i < text.Length && char.IsAsciiDigit((char)text[i]); i++) digits++;
        if (i < text.Length && text[i] == (byte)'.') i++;
        for (; i < text.Length && char.IsAsciiDigit((char)text[i]); i++) digits++;
        if (digits == 0) return false;
        if (i == text.Length) return true;
        if ((text[i++] | 0x20) != 'e') return false;
        if (i < text.Length && text[i] is (byte)'-' or (byte)'+') i++;
        int exponentDigits = 0;
        for (; i < text.Length && char.IsAsciiDigit((char)text[i]); i++) exponentDigits++;
        return exponentDigits > 0 && i == text.Length;
    }

    private static bool HasNonZeroDigit(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
        {
            if (b is >= (byte)'1' and <= (byte)'9') return true;
            if ((b | 0x20) == 'e') return false;
        }
        return false;
    }

    /// <summary>Lays out .NET's text of a finite number again: fixed if -5 &lt; exponent &lt; <paramref name="maxFixedExponent"/>, else d.ddde±dd; no trailing zeros.</summary>
    private static void Layout(ReadOnlySpan<byte> text, int maxFixedExponent, ByteBuffer output)
    {
        Span<byte> digits = stackalloc byte[40];
        int count = 0, exponent = 0, pointAt = -1, i = 0;
        if (text[0] == (byte)'-')
        {
            output.WriteByte((byte)'-');
            i = 1;
        }
        for (; i < text.Length; i++)
        {
            byte b = text[i];
            if (b == (byte)'.') pointAt = count;
            else if (b == (byte)'E')
            {
                exponent = int.Parse(text[(i + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }
            else digits[count++] = b;
        }
        // value = 0.d1d2d3… × 10^scale
        int scale = (pointAt < 0 ? count : pointAt) + exponent;
        int first = 0;
        while (first < count - 1 && digits[first] == (byte)'0') first++;
        Span<byte> significant = digits[first..count].TrimEnd((byte)'0');
        scale -= first;
        if (significant.IsEmpty)
        {
            output.WriteByte((byte)'0');
            return;
        }
        int decimalExponent = scale - 1;
        if (decimalExponent < -4 || decimalExponent >= maxFixedExponent) WriteScientific(significant, decimalExponent, output);
        else WriteFixed(significant, scale, output);
    }

    private static void WriteScientific(ReadOnlySpan<byte> digits, int exponent, ByteBuffer output)
    {
        output.WriteByte(digits[0]);
        if (digits.Length > 1)
        {
            output.WriteByte((byte)'.');
            output.Write(digits[1..]);
        }
        output.WriteByte((byte)'e');
        output.WriteByte(exponent < 0 ? (byte)'-' : (byte)'+');
        output.WriteFormatted(Math.Abs(exponent), "00");
    }

    private static void WriteFixed(ReadOnlySpan<byte> digits, int scale, ByteBuffer output)
    {
        if (scale <= 0)
        {
            output.Write("0."u8);
            output.Take(-scale).Fill((byte)'0');
            output.Write(digits);
            return;
        }
        int whole = Math.Min(scale, digits.Length);
        output.Write(digits[..whole]);
        output.Take(scale - whole).Fill((byte)'0');
        if (digits.Length == whole) return;
        output.WriteByte((byte)'.');
        output.Write(digits[whole..]);
    }
}
