using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>Vectors as text: "[1,2.5,1e+20]". Reading is correctly rounded; most numbers take the short way through one multiplication or division.</summary>
internal static class VectorText
{
    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    public static void Write(ReadOnlySpan<float> values, ByteBuffer output)
    {
        output.WriteByte((byte)'[');
        for (int i = 0; i < values.Length; i++)
        {
            if (i > 0) output.WriteByte((byte)',');
            FloatText.Write(values[i], 1, output);
        }
        output.WriteByte((byte)']');
    }

    /// <summary>Appends the floats; returns how many. After an error some may have been written: the caller takes them back.</summary>
    /// <exception cref="SqlException">22P02, 22003, 22000, 54000.</exception>
    public static int Parse(ReadOnlySpan<byte> utf8, ByteBuffer output)
    {
        int at = SkipSpaces(utf8, 0);
        if (at == utf8.Length || utf8[at] != (byte)'[') throw Invalid(utf8, "Vector contents must start with \"[\".");
        at = SkipSpaces(utf8, at + 1);
        if (at < utf8.Length && utf8[at] == (byte)']') throw new SqlException(SqlState.DataException, "vector must have at least 1 dimension");
        int dimensions = 0;
        while (true)
        {
            if (dimensions == VectorType.MaxDimensions) VectorType.CheckDimensions(dimensions + 1);
            at = SkipSpaces(utf8, at);
            float value = ReadFloat(utf8, ref at);
            Unsafe.WriteUnaligned(ref output.Take(sizeof(float))[0], value);
            dimensions++;
            at = SkipSpaces(utf8, at);
            if (at == utf8.Length) throw Invalid(utf8);
            byte next = utf8[at++];
            if (next == (byte)',') continue;
            if (next != (byte)']') throw Invalid(utf8);
            if (SkipSpaces(utf8, at) != utf8.Length) throw Invalid(utf8, "Junk after closing right brace.");
            return dimensions;
        }
    }

    public static SqlException NaNNotAllowed() => new(SqlState.DataException, "NaN not allowed in vector");
    public static SqlException InfinityNotAllowed() => new(SqlState.DataException, "infinite value not allowed in vector");

    private static float ReadFloat(ReadOnlySpan<byte> utf8, ref int at)
    {
        int start = at;
        bool isNegative = at < utf8.Length && utf8[at] == (byte)'-';
        if (at < utf8.Length && utf8[at] is (byte)'-' or (byte)'+') at++;
        ulong mantissa = 0;
        int digits = 0, significant = 0, exponent = 0;
        bool afterPoint = false;
        for (; at < utf8.Length; at++)
        {
            uint digit = (uint)(utf8[at] - '0');
            if (digit <= 9)
            {
                digits++;
                if (significant > 0 || digit > 0) significant++;
                if (significant <= 19) mantissa = mantissa * 10 + digit;
                if (afterPoint) exponent--;
            }
            else if (utf8[at] == (byte)'.' && !afterPoint) afterPoint = true;
            else break;
        }
        if (digits == 0) throw NotANumber(utf8, start);
        if (at < utf8.Length && (utf8[at] | 0x20) == 'e') exponent += ReadExponent(utf8, ref at);
        if (significant <= 15 && exponent is >= -22 and <= 22)
        {
            double value = exponent < 0 ? mantissa / PowersOfTen[-exponent] : mantissa * PowersOfTen[exponent];
            // Rounding twice is wrong only where the first result lies just between two floats, or where floats are denormal.
            if ((BitConverter.DoubleToInt64Bits(value) & 0x1FFF_FFFF) != 0x1000_0000 && value is >= 1.2e-38 and <= 3.4e38 or 0d) return (float)(isNegative ? -value : value);
        }
        float slow = float.Parse(utf8[start..at], NumberStyles.Float, CultureInfo.InvariantCulture);
        if (float.IsInfinity(slow))
            throw new SqlException(SqlState.NumericValueOutOfRange, $"\"{Encoding.UTF8.GetString(utf8[start..at])}\" is out of range for type vector");
        return slow;
    }

    /// <summary>At an 'e': reads it if digits follow, else leaves it, as C's strtof does.</summary>
    private static int ReadExponent(ReadOnlySpan<byte> utf8, ref int at)
    {
        int i = at + 1;
        bool isNegative = i < utf8.Length && utf8[i] == (byte)'-';
        if (i < utf8.Length && utf8[i] is (byte)'-' or (byte)'+') i++;
        if (i == utf8.Length || !char.IsAsciiDigit((char)utf8[i])) return 0;
        int value = 0;
        for (; i < utf8.Length && char.IsAsciiDigit((char)utf8[i]); i++) value = Math.Min(value * 10 + (utf8[i] - '0'), 100_000);
        at = i;
        return isNegative ? -value : value;
    }

    private static SqlException NotANumber(ReadOnlySpan<byte> utf8, int start)
    {
        ReadOnlySpan<byte> word = utf8[start..].TrimStart("+-"u8);
        if (StartsWith(word, "nan"u8)) return NaNNotAllowed();
        return StartsWith(word, "inf"u8) ? InfinityNotAllowed() : Invalid(utf8);
    }

    private static bool StartsWith(ReadOnlySpan<byte> word, ReadOnlySpan<byte> name) =>
        word.Length >= name.Length && Ascii.EqualsIgnoreCase(word[..name.Length], name);

    private static int SkipSpaces(ReadOnlySpan<byte> utf8, int at)
    {
        while (at < utf8.Length && utf8[at] is (byte)' ' or (>= 9 and <= 13)) at++;
        return at;
    }

    private static SqlException Invalid(ReadOnlySpan<byte> utf8, string? detail = null) =>
        new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type vector: \"{Encoding.UTF8.GetString(utf8)}\"", detail: detail);
}
