using System.Numerics;

namespace VecSql.Core.Types;

/// <summary>
/// Exponential and logarithm on binary fixed point: integers that stand for value × 2^bits. Errors are a few units of the last bit; callers ask for guard bits.
/// </summary>
internal static class BinaryFixed
{
    private static readonly Lock Gate = new();
    private static BigInteger _ln2;
    private static int _ln2Bits;

    /// <summary>Bits that hold so many decimal digits.</summary>
    public static int BitsFor(int digits) => (int)(digits * 3.3219280948873626) + 8;

    /// <summary>mantissa / 10^scale in fixed point.</summary>
    public static BigInteger FromDecimal(BigInteger mantissa, int scale, int bits) => (mantissa << bits) / PowersOfTen.Big(scale);

    /// <summary>The fixed-point number as a mantissa of so many decimals, rounded half away from zero. <paramref name="bits"/> may be negative.</summary>
    public static BigInteger ToDecimal(BigInteger value, int bits, int scale)
    {
        BigInteger scaled = BigInteger.Abs(value) * PowersOfTen.Big(scale);
        BigInteger rounded = bits > 0 ? (scaled + (BigInteger.One << (bits - 1))) >> bits : scaled << -bits;
        return value.Sign < 0 ? -rounded : rounded;
    }

    /// <summary>ln(mantissa / 10^scale) for a mantissa above 0.</summary>
    public static BigInteger Ln(BigInteger mantissa, int scale, int bits)
    {
        int work = bits + 40;
        BigInteger divisor = PowersOfTen.Big(scale);
        // y = x / 2^k lies about 1, so that the series is short.
        int k = (int)(mantissa.GetBitLength() - divisor.GetBitLength());
        int shift = work - k;
        BigInteger y = shift >= 0 ? (mantissa << shift) / divisor : mantissa / (divisor << -shift);
        BigInteger one = BigInteger.One << work;
        if (y > one + (one >> 1))
        {
            k++;
            y >>= 1;
        }
        if (k == -1 && y > one + (one >> 1) - (one >> 2))
        {
            // Close below 1 there must be no difference of two large terms.
            k = 0;
            y = (mantissa << work) / divisor;
        }
        BigInteger z = ((y - one) << work) / (y + one);
        BigInteger sum = Series(z, work) << 1;
        return (sum + k * Ln2(work)) >> 40;
    }

    /// <summary>e^x as a fixed-point number with <paramref name="exponent"/> more bits before the point: value = result × 2^exponent / 2^bits.</summary>
    public static BigInteger Exp(BigInteger x, int bits, out int exponent)
    {
        int halvings = (int)Math.Sqrt(bits) / 2 + 2;
        int work = bits + halvings + 40;
        BigInteger wide = x << (work - bits);
        BigInteger ln2 = Ln2(work);
        BigInteger k = wide / ln2;
        if ((wide - k * ln2).Sign < 0) k -= 1;
        BigInteger r = (wide - k * ln2) >> halvings;
        BigInteger one = BigInteger.One << work, sum = one + r, term = r;
        for (int i = 2; !term.IsZero; i++)
        {
            term = ((term * r) >> work) / i;
            sum += term;
        }
        for (int i = 0; i < halvings; i++) sum = (sum * sum) >> work;
        exponent = (int)k;
        return sum >> (work - bits);
    }

    /// <summary>artanh(z) for small z.</summary>
    private static BigInteger Series(BigInteger z, int bits)
    {
        BigInteger square = (z * z) >> bits, power = z, sum = z;
        for (int i = 3; !power.IsZero && power != BigInteger.MinusOne; i += 2)
        {
            power = (power * square) >> bits;
            sum += power / i;
        }
        return sum;
    }

    private static BigInteger Ln2(int bits)
    {
        lock (Gate)
        {
            if (_ln2Bits < bits)
            {
                _ln2Bits = bits + 256;
                _ln2 = Series((BigInteger.One << _ln2Bits) / 3, _ln2Bits) << 1;
            }
            return _ln2 >> (_ln2Bits - bits);
        }
    }
}
