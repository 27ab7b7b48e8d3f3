using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>What the elements of a dense vector are, as a type, so that one reader serves all dense types.</summary>
internal interface IVectorElement
{
    /// <summary>The SQL type of vectors of such elements.</summary>
    static abstract string TypeName { get; }

    /// <summary>Whether fractions are no elements.</summary>
    static virtual bool IsWhole => false;

    /// <summary>Appends the element; false if it is too large for one.</summary>
    static abstract bool TryAppend(float value, ByteBuffer output);
}

internal readonly struct SingleElement : IVectorElement
{
    public static string TypeName => "vector";

    public static bool TryAppend(float value, ByteBuffer output)
    {
        Unsafe.WriteUnaligned(ref output.Take(sizeof(float))[0], value);
        return true;
    }
}

internal readonly struct HalfElement : IVectorElement
{
    public static string TypeName => "halfvec";

    public static bool TryAppend(float value, ByteBuffer output)
    {
        Half half = (Half)value;
        Unsafe.WriteUnaligned(ref output.Take(sizeof(ushort))[0], half);
        return !Half.IsInfinity(half);
    }
}

internal readonly struct Int8Element : IVectorElement
{
    public static string TypeName => Int8VecType.Name;
    public static bool IsWhole => true;

    public static bool TryAppend(float value, ByteBuffer output)
    {
        if (value is < sbyte.MinValue or > sbyte.MaxValue) return false;
        output.WriteByte((byte)(sbyte)value);
        return true;
    }
}

/// <summary>
/// Dense vectors as text: "[1,2.5,1e+20]", and the numbers of sparse ones. Reading is correctly rounded; most numbers take the short way through one multiplication or division.
/// </summary>
internal static class VectorText
{
    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    public static void Write(ReadOnlySpan<Half> values, ByteBuffer output)
    {
        output.WriteByte((byte)'[');
        for (int i = 0; i < values.Length; i++)
        {
            if (i > 0) output.WriteByte((byte)',');
            // As the float that it is: 0.1 in sixteen bits shows as 0.099975586.
            FloatText.Write((float)values[i], 1, output);
        }
        output.WriteByte((byte)']');
    }

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
    public static int Parse<TElement>(ReadOnlySpan<byte> utf8, ByteBuffer output) where TElement : struct, IVectorElement
    {
        string type = TElement.TypeName;
        int at = SkipSpaces(utf8, 0);
        if (at == utf8.Length || utf8[at] != (byte)'[') throw Invalid(utf8, type, "Vector contents must start with \"[\".");
        at = SkipSpaces(utf8, at + 1);
        if (at < utf8.Length && utf8[at] == (byte)']') throw VectorLimits.NoDimensions(type);
        int dimensions = 0;
        while (true)
        {
            if (dimensions == VectorLimits.MaxDimensions) VectorLimits.CheckDimensions(dimensions + 1, type);
            at = SkipSpaces(utf8, at);
            int start = at;
            float value = ReadFloat(utf8, ref at, type);
            if (TElement.IsWhole && value != MathF.Truncate(value)) throw Invalid(utf8, type);
            if (!TElement.TryAppend(value, output)) throw OutOfRange(utf8[start..at], type);
            dimensions++;
            at = SkipSpaces(utf8, at);
            if (at == utf8.Length) throw Invalid(utf8, type);
            byte next = utf8[at++];
            if (next == (byte)',') continue;
            if (next != (byte)']') throw Invalid(utf8, type);
            if (SkipSpaces(utf8, at) != utf8.Length) throw Invalid(utf8, type, "Junk after closing right brace.");
            return dimensions;
        }
    }

    public static SqlException OutOfRange(ReadOnlySpan<byte> number, string type) =>
        new(SqlState.NumericValueOutOfRange, $"\"{Encoding.UTF8.GetString(number)}\" is out of range for type {type}");

    /// <summary>Reads the number at a place where no space is. It is finite.</summary>
    /// <exception cref="SqlException">22P02, 22003, 22000.</exception>
    public static float ReadFloat(ReadOnlySpan<byte> utf8, ref int at, string type)
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
        if (digits == 0) throw NotANumber(utf8, start, type);
        if (at < utf8.Length && (utf8[at] | 0x20) == 'e') exponent += ReadExponent(utf8, ref at);
        if (significant <= 15 && exponent is >= -22 and <= 22)
        {
            double value = exponent < 0 ? mantissa / PowersOfTen[-exponent] : mantissa * PowersOfTen[exponent];
            // Rounding twice is wrong only where the first result lies just between two floats, or where floats are denormal.
            if ((BitConverter.DoubleToInt64Bits(value) & 0x1FFF_FFFF) != 0x1000_0000 && value is >= 1.2e-38 and <= 3.4e38 or 0d) return (float)(isNegative ? -value : value);
        }
        float slow = float.Parse(utf8[start..at], NumberStyles.Float, CultureInfo.InvariantCulture);
        if (float.IsInfinity(slow)) throw OutOfRange(utf8[start..at], type);
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

    private static SqlException NotANumber(ReadOnlySpan<byte> utf8, int start, string type)
    {
        ReadOnlySpan<byte> word = utf8[start..].TrimStart("+-"u8);
        if (StartsWith(word, "nan"u8)) return VectorLimits.NaNNotAllowed(type);
        return StartsWith(word, "inf"u8) ? VectorLimits.InfinityNotAllowed(type) : Invalid(utf8, type);
    }

    private static bool StartsWith(ReadOnlySpan<byte> word, ReadOnlySpan<byte> name) =>
        word.Length >= name.Length && Ascii.EqualsIgnoreCase(word[..name.Length], name);

    public static int SkipSpaces(ReadOnlySpan<byte> utf8, int at)
    {
        while (at < utf8.Length && utf8[at] is (byte)' ' or (>= 9 and <= 13)) at++;
        return at;
    }

    public static SqlException Invalid(ReadOnlySpan<byte> utf8, string type, string? detail = null) =>
        new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type {type}: \"{Encoding.UTF8.GetString(utf8)}\"", detail: detail);
}
