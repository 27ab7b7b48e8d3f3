using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// Arithmetic of numeric with PostgreSQL's result scales. Methods over spans work on stored values and write the stored result:
/// narrow operands on registers, everything else through <see cref="NumericValue"/>.
/// </summary>
internal static class NumericArithmetic
{
    private const int MinSignificantDigits = 16;
    public const int MaxDisplayScale = 1000;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ByteBuffer output)
    {
        if (left.Length == NumericValue.NarrowBytes && right.Length == NumericValue.NarrowBytes && left[8] == right[8])
        {
            long l = BinaryPrimitives.ReadInt64LittleEndian(left), r = BinaryPrimitives.ReadInt64LittleEndian(right), sum = unchecked(l + r);
            if (((l ^ sum) & (r ^ sum)) >= 0)
            {
                NumericValue.WriteNarrow(sum, left[8], output);
                return;
            }
        }
        Add(NumericValue.Read(left), NumericValue.Read(right)).WriteTo(output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ByteBuffer output)
    {
        if (left.Length == NumericValue.NarrowBytes && right.Length == NumericValue.NarrowBytes)
        {
            long l = BinaryPrimitives.ReadInt64LittleEndian(left), r = BinaryPrimitives.ReadInt64LittleEndian(right);
            int leftScale = left[8], rightScale = right[8];
            if (leftScale == rightScale || TryAlign(ref l, ref leftScale, ref r, ref rightScale))
            {
                long difference = unchecked(l - r);
                if (((l ^ r) & (l ^ difference)) >= 0)
                {
                    NumericValue.WriteNarrow(difference, leftScale, output);
                    return;
                }
            }
        }
        Subtract(NumericValue.Read(left), NumericValue.Read(right)).WriteTo(output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ByteBuffer output)
    {
        if (left.Length == NumericValue.NarrowBytes && right.Length == NumericValue.NarrowBytes)
        {
            int scale = left[8] + right[8];
            if (scale <= byte.MaxValue)
            {
                long high = Math.BigMul(BinaryPrimitives.ReadInt64LittleEndian(left), BinaryPrimitives.ReadInt64LittleEndian(right), out long low);
                if (high == low >> 63) NumericValue.WriteNarrow(low, scale, output);
                else NumericValue.WriteSmall(new Int128((ulong)high, (ulong)low), scale, output);
                return;
            }
        }
        Multiply(NumericValue.Read(left), NumericValue.Read(right)).WriteTo(output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length == NumericValue.NarrowBytes && right.Length == NumericValue.NarrowBytes && left[8] == right[8])
            return BinaryPrimitives.ReadInt64LittleEndian(left).CompareTo(BinaryPrimitives.ReadInt64LittleEndian(right));
        return NumericValue.Read(left).CompareTo(NumericValue.Read(right));
    }

    /// <summary>Brings two narrow mantissas to the larger scale if that fits.</summary>
    private static bool TryAlign(ref long left, ref int leftScale, ref long right, ref int rightScale) =>
        leftScale < rightScale ? TryScale(ref left, ref leftScale, rightScale) : TryScale(ref right, ref rightScale, leftScale);

    private static bool TryScale(ref long value, ref int scale, int newScale)
    {
        if (newScale - scale > 18) return false;
        long high = Math.BigMul(value, PowersOfTen.Long(newScale - scale), out long low);
        if (high != low >> 63) return false;
        value = low;
        scale = newScale;
        return true;
    }

    public static NumericValue Negate(in NumericValue value)
    {
        if (value.IsInfinity) return NumericValue.Infinity(value.Sign > 0);
        if (value.IsNaN) return value;
        return value.IsSmall && value.Small != Int128.MinValue ? new NumericValue(-value.Small, value.Scale) : new NumericValue(-value.Mantissa, value.Scale);
    }

    public static NumericValue Absolute(in NumericValue value) => value.Sign < 0 ? Negate(value) : value;

    public static NumericValue Add(in NumericValue left, in NumericValue right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            if (left.IsNaN || right.IsNaN || (left.IsInfinity && right.IsInfinity && left.Sign != right.Sign)) return NumericValue.NaN;
            return left.IsInfinity ? left : right;
        }
        int scale = Math.Max(left.Scale, right.Scale);
        if (left.IsSmall && right.IsSmall && PowersOfTen.TryScale(left.Small, scale - left.Scale, out Int128 l) && PowersOfTen.TryScale(right.Small, scale - right.Scale, out Int128 r))
        {
            Int128 sum = unchecked(l + r);
            if (((l ^ sum) & (r ^ sum)) >= 0) return new NumericValue(sum, scale);
        }
        return new NumericValue(At(left, scale) + At(right, scale), scale);
    }

    public static NumericValue Subtract(in NumericValue left, in NumericValue right) => Add(left, Negate(right));

    public static NumericValue Multiply(in NumericValue left, in NumericValue right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            if (left.IsNaN || right.IsNaN || left.Sign == 0 || right.Sign == 0) return NumericValue.NaN;
            return NumericValue.Infinity(left.Sign != right.Sign);
        }
        int scale = left.Scale + right.Scale;
        if (scale <= NumericValue.MaxScale && left.IsSmall && right.IsSmall)
        {
            if ((long)left.Small is var l && l == left.Small && (long)right.Small is var r && r == right.Small) return new NumericValue(PowersOfTen.Multiply(l, r), scale);
            if (BitsOf(left.Small) + BitsOf(right.Small) <= 126) return new NumericValue(left.Small * right.Small, scale);
        }
        BigInteger product = left.Mantissa * right.Mantissa;
        if (scale <= NumericValue.MaxScale) return new NumericValue(product, scale);
        return new NumericValue(PowersOfTen.RoundDown(product, scale - NumericValue.MaxScale), NumericValue.MaxScale);
    }

    private static int BitsOf(Int128 value) => 128 - (int)Int128.LeadingZeroCount(value < 0 ? ~value : value);

    /// <exception cref="SqlException">22012.</exception>
    public static NumericValue Divide(in NumericValue left, in NumericValue right)
    {
        if (DivideSpecial(left, right) is { } special) return special;
        return Divide(left, right, DivisionScale(left, right));
    }

    /// <summary>The quotient with <paramref name="scale"/> decimals, rounded half away from zero. Both finite, the divisor not 0.</summary>
    public static NumericValue Divide(in NumericValue left, in NumericValue right, int scale)
    {
        int shift = scale + right.Scale - left.Scale;
        if (left.IsSmall && right.IsSmall && shift is >= 0 and <= PowersOfTen.MaxSmall && PowersOfTen.TryScale(left.Small, shift, out Int128 scaled) && scaled != Int128.MinValue)
        {
            UInt128 dividend = (UInt128)Int128.Abs(scaled), divisor = (UInt128)Int128.Abs(right.Small);
            UInt128 quotient = dividend / divisor, remainder = dividend - quotient * divisor;
            if (remainder >= divisor - remainder) quotient++;
            return new NumericValue(left.Sign * right.Sign < 0 ? -(Int128)quotient : (Int128)quotient, scale);
        }
        return shift >= 0
            ? new NumericValue(PowersOfTen.DivideRounded(left.Mantissa * PowersOfTen.Big(shift), right.Mantissa), scale)
            : new NumericValue(PowersOfTen.DivideRounded(left.Mantissa, right.Mantissa * PowersOfTen.Big(-shift)), scale);
    }

    /// <summary>div(): the quotient cut to a whole number.</summary>
    public static NumericValue DivideTruncated(in NumericValue left, in NumericValue right)
    {
        if (DivideSpecial(left, right) is { } special) return special;
        int scale = Math.Max(left.Scale, right.Scale);
        return new NumericValue(BigInteger.Divide(At(left, scale), At(right, scale)), 0);
    }

    private static NumericValue? DivideSpecial(in NumericValue left, in NumericValue right)
    {
        if (left.IsNaN || right.IsNaN) return NumericValue.NaN;
        if (left.IsInfinity)
        {
            if (right.IsInfinity) return NumericValue.NaN;
            if (right.Sign == 0) throw DivisionByZero();
            return NumericValue.Infinity(left.Sign != right.Sign);
        }
        if (right.IsInfinity) return NumericValue.Zero;
        if (right.Sign == 0) throw DivisionByZero();
        return null;
    }

    public static NumericValue Modulo(in NumericValue left, in NumericValue right)
    {
        if (left.IsNaN || right.IsNaN) return NumericValue.NaN;
        if (right.IsFinite && right.Sign == 0) throw DivisionByZero();
        if (left.IsInfinity) return NumericValue.NaN;
        if (right.IsInfinity) return left;
        int scale = Math.Max(left.Scale, right.Scale);
        return new NumericValue(BigInteger.Remainder(At(left, scale), At(right, scale)), scale);
    }

    public static SqlException DivisionByZero() => new(SqlState.DivisionByZero, "division by zero");

    /// <summary>PostgreSQL's scale of a quotient: 16 significant digits at least (counted in groups of four), and no fewer decimals than either operand.</summary>
    public static int DivisionScale(in NumericValue left, in NumericValue right)
    {
        (int leftWeight, int leftDigit) = LeadingGroup(left);
        (int rightWeight, int rightDigit) = LeadingGroup(right);
        int weight = leftWeight - rightWeight - (leftDigit <= rightDigit ? 1 : 0);
        return Math.Min(Math.Max(MinSignificantDigits - weight * 4, Math.Max(left.Scale, right.Scale)), MaxDisplayScale);
    }

    /// <summary>The place and value of the first base-10000 digit that isn't 0, groups counted from the decimal point; (0, 0) of zero.</summary>
    public static (int Weight, int Digit) LeadingGroup(in NumericValue value)
    {
        if (value.Sign == 0) return (0, 0);
        int digits = CountDigits(value);
        int exponent = digits - 1 - value.Scale;
        int weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
        int drop = digits - 1 - (exponent - 4 * weight);
        if (value.IsSmall)
        {
            UInt128 magnitude = (UInt128)(value.Small < 0 ? -value.Small : value.Small);
            return (weight, (int)(drop >= 0 ? magnitude / (UInt128)PowersOfTen.Small(drop) : magnitude * (UInt128)PowersOfTen.Small(-drop)));
        }
        return (weight, (int)(BigInteger.Abs(value.Mantissa) / PowersOfTen.Big(drop)));
    }

    public static int CountDigits(in NumericValue value) => value.IsSmall
        ? PowersOfTen.CountDigits((UInt128)(value.Small < 0 ? -value.Small : value.Small))
        : PowersOfTen.CountDigits(BigInteger.Abs(value.Mantissa));

    /// <summary>Rounded half away from zero to so many decimals (negative: to tens, hundreds …), shown with as many.</summary>
    public static NumericValue Round(in NumericValue value, int scale)
    {
        if (!value.IsFinite) return value;
        if (scale >= value.Scale) return WithScale(value, scale);
        int drop = value.Scale - scale;
        if (value.IsSmall && drop <= PowersOfTen.MaxSmall && scale >= 0)
        {
            Int128 power = PowersOfTen.Small(drop);
            (Int128 quotient, Int128 remainder) = Int128.DivRem(value.Small, power);
            if (Int128.Abs(remainder) >= power - Int128.Abs(remainder)) quotient += value.Small < 0 ? -1 : 1;
            return new NumericValue(quotient, scale);
        }
        BigInteger rounded = drop > CountDigits(value) + 1 ? BigInteger.Zero : PowersOfTen.RoundDown(value.Mantissa, drop);
        return scale >= 0 ? new NumericValue(rounded, scale) : new NumericValue(rounded.IsZero ? rounded : rounded * PowersOfTen.Big(-scale), 0);
    }

    /// <summary>Cut, as <see cref="Round"/> rounds.</summary>
    public static NumericValue Truncate(in NumericValue value, int scale)
    {
        if (!value.IsFinite) return value;
        if (scale >= value.Scale) return WithScale(value, scale);
        int drop = value.Scale - scale;
        BigInteger cut = drop > CountDigits(value) ? BigInteger.Zero : BigInteger.Divide(value.Mantissa, PowersOfTen.Big(drop));
        return scale >= 0 ? new NumericValue(cut, scale) : new NumericValue(cut.IsZero ? cut : cut * PowersOfTen.Big(-scale), 0);
    }

    /// <summary>The same value shown with more decimals.</summary>
    private static NumericValue WithScale(in NumericValue value, int scale)
    {
        if (scale == value.Scale) return value;
        return value.IsSmall && PowersOfTen.TryScale(value.Small, scale - value.Scale, out Int128 scaled)
            ? new NumericValue(scaled, scale)
            : new NumericValue(value.Mantissa * PowersOfTen.Big(scale - value.Scale), scale);
    }

    public static NumericValue Floor(in NumericValue value) => ToWhole(value, up: false);
    public static NumericValue Ceiling(in NumericValue value) => ToWhole(value, up: true);

    private static NumericValue ToWhole(in NumericValue value, bool up)
    {
        if (!value.IsFinite || value.Scale == 0) return value;
        BigInteger quotient = BigInteger.DivRem(value.Mantissa, PowersOfTen.Big(value.Scale), out BigInteger remainder);
        if (!remainder.IsZero && remainder.Sign > 0 == up) quotient += up ? 1 : -1;
        return new NumericValue(quotient, 0);
    }

    /// <summary>Decimals needed to show the value exactly.</summary>
    public static int MinScale(in NumericValue value) => TrimScale(value).Scale;

    /// <summary>Without trailing zeros after the point.</summary>
    public static NumericValue TrimScale(in NumericValue value)
    {
        if (!value.IsFinite || value.Scale == 0) return value;
        if (value.Sign == 0) return NumericValue.Zero;
        int scale = value.Scale;
        if (value.IsSmall)
        {
            Int128 mantissa = value.Small;
            if ((long)mantissa is var narrow && narrow == mantissa)
            {
                for (; scale > 0 && narrow % 10 == 0; scale--) narrow /= 10;
                return new NumericValue((Int128)narrow, scale);
            }
            for (; scale > 0 && mantissa % 10 == 0; scale--) mantissa /= 10;
            return new NumericValue(mantissa, scale);
        }
        BigInteger big = value.Mantissa;
        // By halves: a thousand zeros take ten divisions.
        for (int step = (int)BitOperations.RoundUpToPowerOf2((uint)scale); step > 0; step >>= 1)
        {
            if (step > scale) continue;
            BigInteger quotient = BigInteger.DivRem(big, PowersOfTen.Big(step), out BigInteger remainder);
            if (!remainder.IsZero) continue;
            (big, scale) = (quotient, scale - step);
        }
        return new NumericValue(big, scale);
    }

    public static NumericValue Gcd(in NumericValue left, in NumericValue right)
    {
        if (left.IsNaN || right.IsNaN) return NumericValue.NaN;
        if (left.IsInfinity || right.IsInfinity) return NumericValue.NaN;
        int scale = Math.Max(left.Scale, right.Scale);
        return new NumericValue(BigInteger.GreatestCommonDivisor(At(left, scale), At(right, scale)), scale);
    }

    public static NumericValue Lcm(in NumericValue left, in NumericValue right)
    {
        if (!left.IsFinite || !right.IsFinite) return NumericValue.NaN;
        int scale = Math.Max(left.Scale, right.Scale);
        BigInteger l = At(left, scale), r = At(right, scale);
        if (l.IsZero || r.IsZero) return new NumericValue(Int128.Zero, scale);
        return new NumericValue(BigInteger.Abs(l / BigInteger.GreatestCommonDivisor(l, r) * r), scale);
    }

    /// <exception cref="SqlException">22003.</exception>
    public static NumericValue Factorial(long n)
    {
        if (n < 0) throw new SqlException(SqlState.NumericValueOutOfRange, "factorial of a negative number is undefined");
        if (n > 32177) throw NumericValue.Overflow();
        return new NumericValue(Product(2, (int)Math.Max(n, 1)), 0);

        // Halves of like size multiply fast.
        static BigInteger Product(int from, int to)
        {
            if (from > to) return 1;
            if (to - from < 8)
            {
                BigInteger product = from;
                for (int i = from + 1; i <= to; i++) product *= i;
                return product;
            }
            int middle = (from + to) / 2;
            return Product(from, middle) * Product(middle + 1, to);
        }
    }

    /// <summary>The mantissa at a scale not below the value's own.</summary>
    internal static BigInteger At(in NumericValue value, int scale) =>
        scale == value.Scale ? value.Mantissa : value.Mantissa * PowersOfTen.Big(scale - value.Scale);
}
