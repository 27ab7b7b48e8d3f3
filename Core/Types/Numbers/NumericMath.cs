using System.Numerics;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>Roots, exponentials, logarithms and powers of numeric, with as many decimals as PostgreSQL gives: 16 significant digits, no fewer decimals than the arguments.</summary>
internal static class NumericMath
{
    private const int SignificantDigits = 16;
    private const int MaxResultScale = NumericArithmetic.MaxDisplayScale * 2;
    private const double Log10OfE = 0.434294481903252;

    private static int Clamp(int scale, int atLeast) => Math.Min(Math.Max(Math.Max(scale, atLeast), 0), NumericArithmetic.MaxDisplayScale);

    /// <exception cref="SqlException">2201F.</exception>
    public static NumericValue Sqrt(in NumericValue value)
    {
        if (value.IsNaN) return value;
        if (value.Sign < 0) throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "cannot take square root of a negative number");
        if (!value.IsFinite) return value;
        int weight = NumericArithmetic.LeadingGroup(value).Weight;
        return Sqrt(value, Clamp(SignificantDigits - ((weight + 1) * 2 - 1), value.Scale));
    }

    /// <summary>The root with so many decimals, rounded half up. Not negative.</summary>
    public static NumericValue Sqrt(in NumericValue value, int scale)
    {
        int shift = 2 * scale - value.Scale;
        BigInteger radicand = shift >= 0 ? value.Mantissa * PowersOfTen.Big(shift) : value.Mantissa / PowersOfTen.Big(-shift);
        BigInteger root = IntegerRoot(radicand);
        if (radicand - root * root > root) root += 1;
        return new NumericValue(root, scale);
    }

    /// <summary>The largest integer whose square is not above the value.</summary>
    private static BigInteger IntegerRoot(BigInteger value)
    {
        if (value.IsZero) return value;
        int bits = (int)value.GetBitLength();
        if (bits <= 52) return (BigInteger)Math.Floor(Math.Sqrt((double)value));
        // A double's root of the leading bits, then Newton's steps from above.
        int shift = (bits - 50) & ~1;
        BigInteger root = ((BigInteger)Math.Ceiling(Math.Sqrt((double)(value >> shift))) + 1) << (shift / 2);
        while (true)
        {
            BigInteger next = (root + value / root) >> 1;
            if (next >= root) return root;
            root = next;
        }
    }

    /// <exception cref="SqlException">22003.</exception>
    public static NumericValue Exp(in NumericValue value)
    {
        if (value.IsNaN) return value;
        if (value.IsInfinity) return value.Sign > 0 ? value : NumericValue.Zero;
        double digits = Math.Clamp(NumericCast.ToDoubleClamped(value) * Log10OfE, -MaxResultScale, MaxResultScale);
        int scale = Clamp(SignificantDigits - (int)digits, value.Scale);
        return Exp(value.Mantissa, value.Scale, scale);
    }

    /// <summary>e^(mantissa / 10^from) with so many decimals.</summary>
    private static NumericValue Exp(BigInteger mantissa, int from, int scale)
    {
        double estimate = NumericCast.ToDoubleClamped(new NumericValue(mantissa, Math.Min(from, NumericValue.MaxScale)));
        if (Math.Abs(estimate) >= MaxResultScale * 3)
        {
            if (estimate > 0) throw NumericValue.Overflow();
            return new NumericValue(Int128.Zero, scale);
        }
        int wholeDigits = Math.Max((int)(estimate * Log10OfE), 0);
        int bits = BinaryFixed.BitsFor(scale + wholeDigits + 10);
        BigInteger result = BinaryFixed.Exp(BinaryFixed.FromDecimal(mantissa, from, bits), bits, out int exponent);
        return new NumericValue(BinaryFixed.ToDecimal(result, bits - exponent, scale), scale);
    }

    /// <exception cref="SqlException">2201E.</exception>
    public static NumericValue Ln(in NumericValue value)
    {
        if (value.IsNaN) return value;
        CheckLogarithm(value);
        if (!value.IsFinite) return value;
        int scale = Clamp(SignificantDigits - LnWeight(value), value.Scale);
        int bits = BinaryFixed.BitsFor(scale + 10);
        return new NumericValue(BinaryFixed.ToDecimal(BinaryFixed.Ln(value.Mantissa, value.Scale, bits), bits, scale), scale);
    }

    private static void CheckLogarithm(in NumericValue value)
    {
        if (value.Sign > 0) return;
        throw new SqlException(SqlState.InvalidArgumentForLogarithm, value.Sign == 0 ? "cannot take logarithm of zero" : "cannot take logarithm of a negative number");
    }

    /// <summary>The logarithm of <paramref name="value"/> to a base.</summary>
    /// <exception cref="SqlException">2201E, 22012.</exception>
    public static NumericValue Log(in NumericValue radix, in NumericValue value)
    {
        if (radix.IsNaN || value.IsNaN) return NumericValue.NaN;
        CheckLogarithm(radix);
        CheckLogarithm(value);
        if (radix.IsInfinity) return value.IsInfinity ? NumericValue.NaN : NumericValue.Zero;
        if (value.IsInfinity) return value;
        int radixWeight = LnWeight(radix), valueWeight = LnWeight(value);
        int scale = Clamp(SignificantDigits - (valueWeight - radixWeight), Math.Max(radix.Scale, value.Scale));
        int bits = BinaryFixed.BitsFor(scale + 2 * Math.Abs(radixWeight) + Math.Abs(valueWeight) + 20);
        BigInteger radixLn = BinaryFixed.Ln(radix.Mantissa, radix.Scale, bits);
        if (NumericArithmetic.TrimScale(radix) is { Scale: 0, IsSmall: true } whole && whole.Small == 1) throw NumericArithmetic.DivisionByZero();
        BigInteger valueLn = BinaryFixed.Ln(value.Mantissa, value.Scale, bits);
        return new NumericValue(BinaryFixed.ToDecimal((valueLn << bits) / radixLn, bits, scale), scale);
    }

    /// <summary>About the decimal exponent of ln(value): PostgreSQL's estimate, since the number of decimals follows from it.</summary>
    private static int LnWeight(in NumericValue value)
    {
        BigInteger unit = PowersOfTen.Big(value.Scale);
        BigInteger tenfold = value.Mantissa * 10;
        if (tenfold >= unit * 9 && tenfold <= unit * 11)
        {
            NumericValue distance = NumericArithmetic.Absolute(new NumericValue(value.Mantissa - unit, value.Scale));
            if (distance.Sign == 0) return 0;
            (int weight, int digit) = NumericArithmetic.LeadingGroup(distance);
            return weight * 4 + (int)Math.Log10(digit);
        }
        return (int)Math.Log10(Math.Abs(ApproximateLn(value)));
    }

    private static double ApproximateLn(in NumericValue value)
    {
        int digits = NumericArithmetic.CountDigits(value);
        int drop = Math.Max(digits - 17, 0);
        double leading = (double)(value.Mantissa / PowersOfTen.Big(drop));
        return Math.Log(leading) + (drop - value.Scale) * 2.302585092994046;
    }

    /// <exception cref="SqlException">2201F, 22003.</exception>
    public static NumericValue Power(in NumericValue radix, in NumericValue exponent)
    {
        if (PowerSpecial(radix, exponent) is { } special) return special;
        bool isWhole = NumericArithmetic.MinScale(exponent) == 0;
        if (radix.Sign == 0)
        {
            if (exponent.Sign < 0) throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
            return exponent.Sign == 0
                ? new NumericValue(PowersOfTen.Small(SignificantDigits), SignificantDigits)
                : new NumericValue(Int128.Zero, SignificantDigits);
        }
        if (radix.Sign < 0 && !isWhole)
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        NumericValue whole = isWhole ? NumericArithmetic.TrimScale(exponent) : default;
        return isWhole && whole.IsSmall && whole.Small >= int.MinValue && whole.Small <= int.MaxValue
            ? WholePower(radix, (int)whole.Small, exponent.Scale)
            : RealPower(radix, exponent, isOdd: isWhole && !whole.Mantissa.IsEven);
    }

    private static NumericValue? PowerSpecial(in NumericValue radix, in NumericValue exponent)
    {
        if (radix.IsFinite && exponent.IsFinite) return null;
        NumericValue one = new(Int128.One, 0);
        if (exponent.IsFinite && exponent.Sign == 0) return one;
        if (radix.IsFinite && radix == one) return one;
        if (radix.IsNaN || exponent.IsNaN) return NumericValue.NaN;
        if (radix.IsFinite && radix.Sign == 0)
        {
            if (exponent.Sign < 0) throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
            return NumericValue.Zero;
        }
        if (exponent.IsInfinity)
        {
            NumericValue magnitude = NumericArithmetic.Absolute(radix);
            if (magnitude.IsFinite && magnitude == one) return one;
            return magnitude > one == exponent.Sign > 0 ? NumericValue.PositiveInfinity : NumericValue.Zero;
        }
        bool isWhole = NumericArithmetic.MinScale(exponent) == 0;
        if (radix.Sign < 0 && !isWhole)
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        if (exponent.Sign < 0) return NumericValue.Zero;
        return NumericValue.Infinity(radix.Sign < 0 && !NumericArithmetic.TrimScale(exponent).Mantissa.IsEven);
    }

    private static NumericValue WholePower(in NumericValue radix, int exponent, int exponentScale)
    {
        int least = Math.Max(radix.Scale, exponentScale);
        double digits = ApproximateLn(NumericArithmetic.Absolute(radix)) * Log10OfE * exponent;
        // The estimate is good to a fraction of a digit.
        if (digits > NumericValue.MaxWholeDigits + 2) throw NumericValue.Overflow();
        int scale = Clamp(SignificantDigits, least);
        if (digits < -scale - 10) return new NumericValue(Int128.Zero, scale);
        long exactBits = radix.Mantissa.GetBitLength() * Math.Abs((long)exponent);
        if (exactBits > 20_000)
        {
            BigInteger magnitude = PowerBySquaring(NumericArithmetic.Absolute(radix), exponent, digits, scale);
            return new NumericValue(radix.Sign < 0 && (exponent & 1) != 0 ? -magnitude : magnitude, scale);
        }
        BigInteger power = BigInteger.Pow(radix.Mantissa, Math.Abs(exponent));
        int powerScale = checked((int)(radix.Scale * Math.Abs((long)exponent)));
        if (exponent < 0) return new NumericValue(PowersOfTen.DivideRounded(PowersOfTen.Big(powerScale + scale), power), scale);
        return new NumericValue(powerScale > scale ? PowersOfTen.RoundDown(power, powerScale - scale) : power * PowersOfTen.Big(scale - powerScale), scale);
    }

    /// <summary>radix^exponent as a mantissa of so many decimals, for a radix above 0: squarings of binary floating-point numbers that have just the bits that the result needs.</summary>
    private static BigInteger PowerBySquaring(in NumericValue radix, int exponent, double digits, int scale)
    {
        uint left = (uint)Math.Abs((long)exponent);
        // Each rounding's error is doubled by every later squaring: as many guard bits as there are squarings.
        int bits = BinaryFixed.BitsFor(scale + Math.Max((int)digits, 0) + 12) + 2 * BitOperations.Log2(left) + 8;
        int widen = Math.Max(bits + (int)PowersOfTen.Big(radix.Scale).GetBitLength() - (int)radix.Mantissa.GetBitLength(), 0);
        (BigInteger Digits, long Shift) factor = radix.Scale == 0 ? (radix.Mantissa, 0) : ((radix.Mantissa << widen) / PowersOfTen.Big(radix.Scale), -widen), result = (BigInteger.One, 0);
        while (true)
        {
            if ((left & 1) != 0) result = Cut(result.Digits * factor.Digits, result.Shift + factor.Shift, bits);
            left >>= 1;
            if (left == 0) break;
            factor = Cut(factor.Digits * factor.Digits, 2 * factor.Shift, bits);
        }
        if (exponent < 0)
        {
            int room = bits + (int)result.Digits.GetBitLength();
            result = ((BigInteger.One << room) / result.Digits, -room - result.Shift);
        }
        return BinaryFixed.ToDecimal(result.Digits, checked((int)-result.Shift), scale);
    }

    /// <summary>The same number with no more than so many bits, by cutting the lowest.</summary>
    private static (BigInteger Digits, long Shift) Cut(BigInteger digits, long shift, int bits)
    {
        int excess = (int)digits.GetBitLength() - bits;
        return excess <= 0 ? (digits, shift) : (digits >> excess, shift + excess);
    }

    private static NumericValue RealPower(in NumericValue radix, in NumericValue exponent, bool isOdd)
    {
        NumericValue magnitude = NumericArithmetic.Absolute(radix);
        double ln = ApproximateLn(magnitude) * NumericCast.ToDoubleClamped(exponent);
        if (Math.Abs(ln) > MaxResultScale * 3.01)
        {
            if (ln > 0) throw NumericValue.Overflow();
            return new NumericValue(Int128.Zero, NumericArithmetic.MaxDisplayScale);
        }
        double digits = ln * Log10OfE;
        int scale = Clamp(SignificantDigits - (int)digits, Math.Max(radix.Scale, exponent.Scale));
        NumericValue result = PowerByLogarithm(magnitude, exponent.Mantissa, exponent.Scale, digits, scale);
        return radix.Sign < 0 && isOdd ? NumericArithmetic.Negate(result) : result;
    }

    private static NumericValue PowerByLogarithm(in NumericValue radix, BigInteger exponent, int exponentScale, double digits, int scale)
    {
        int exponentDigits = Math.Max(PowersOfTen.CountDigits(BigInteger.Abs(exponent)) - exponentScale, 0);
        int bits = BinaryFixed.BitsFor(scale + Math.Max((int)digits, 0) + exponentDigits + 12);
        BigInteger product = BinaryFixed.Ln(radix.Mantissa, radix.Scale, bits) * exponent / PowersOfTen.Big(exponentScale);
        BigInteger result = BinaryFixed.Exp(product, bits, out int shift);
        return new NumericValue(BinaryFixed.ToDecimal(result, bits - shift, scale), scale);
    }
}
