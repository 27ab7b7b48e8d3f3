using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace VecSql.Core.Types;

/// <summary>Powers of ten in the widths that numeric works in.</summary>
internal static class PowersOfTen
{
    /// <summary>10^38 is the largest in an Int128.</summary>
    public const int MaxSmall = 38;

    private const int CachedBig = 2048;
    private static readonly Int128[] SmallPowers = MakeSmall();
    private static readonly long[] LongPowers = [.. SmallPowers.Take(19).Select(p => (long)p)];
    private static readonly ConcurrentDictionary<int, BigInteger> BigPowers = new();

    /// <summary>10^exponent for 0 … 38.</summary>
    public static Int128 Small(int exponent) => SmallPowers[exponent];

    /// <summary>10^exponent for 0 … 18.</summary>
    public static long Long(int exponent) => LongPowers[exponent];

    public static BigInteger Big(int exponent)
    {
        if (exponent <= MaxSmall) return SmallPowers[exponent];
        return exponent > CachedBig ? BigInteger.Pow(10, exponent) : BigPowers.GetOrAdd(exponent, static e => BigInteger.Pow(10, e));
    }

    /// <summary>value × 10^exponent; exponents of 0 or less leave it as it is. False if it doesn't fit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryScale(Int128 value, int exponent, out Int128 scaled)
    {
        scaled = value;
        return exponent <= 0 || TryScaleUp(value, exponent, out scaled);
    }

    private static bool TryScaleUp(Int128 value, int exponent, out Int128 scaled)
    {
        if (exponent <= 18 && (long)value == value)
        {
            scaled = Multiply((long)value, LongPowers[exponent]);
            return true;
        }
        scaled = value;
        if (exponent > MaxSmall) return value == 0;
        Int128 power = SmallPowers[exponent];
        if (Int128.Abs(value < 0 ? value + 1 : value) > Int128.MaxValue / power - 1) return false;
        scaled = value * power;
        return true;
    }

    /// <summary>The exact product of two longs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int128 Multiply(long left, long right)
    {
        long high = Math.BigMul(left, right, out long low);
        return new Int128((ulong)high, (ulong)low);
    }

    /// <summary>Decimal digits of a number above 0; 0 for 0.</summary>
    public static int CountDigits(UInt128 value)
    {
        if (value == 0) return 0;
        int guess = (int)((128 - (int)UInt128.LeadingZeroCount(value)) * 1233L >> 12);
        return guess > MaxSmall || value < (UInt128)SmallPowers[guess] ? guess : guess + 1;
    }

    /// <summary>Decimal digits of a number above 0; 0 for 0.</summary>
    public static int CountDigits(BigInteger value)
    {
        if (value <= UInt128.MaxValue) return CountDigits((UInt128)value);
        int guess = (int)((value.GetBitLength() - 1) * 0.30102999566398119521);
        while (value >= Big(guess)) guess++;
        return guess;
    }

    /// <summary>value / 10^exponent, rounded half away from zero.</summary>
    public static BigInteger RoundDown(BigInteger value, int exponent)
    {
        if (exponent <= 0) return value;
        return DivideRounded(value, Big(exponent));
    }

    /// <summary>dividend / divisor, rounded half away from zero.</summary>
    public static BigInteger DivideRounded(BigInteger dividend, BigInteger divisor)
    {
        BigInteger quotient = BigInteger.DivRem(BigInteger.Abs(dividend), BigInteger.Abs(divisor), out BigInteger remainder);
        if (remainder * 2 >= BigInteger.Abs(divisor)) quotient += 1;
        return dividend.Sign * divisor.Sign < 0 ? -quotient : quotient;
    }

    private static Int128[] MakeSmall()
    {
        Int128[] powers = new Int128[MaxSmall + 1];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++) powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
