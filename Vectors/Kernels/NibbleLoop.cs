using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSql.Vectors.Kernels;

/// <summary>
/// Exact products of signed bytes and unsigned nibbles. Of each 128 elements the first 64 are the low nibbles of 64 bytes, the others the high ones; of a
/// last 64 elements likewise 32 and 32. Nothing is read beyond n/2 bytes.
/// </summary>
internal static unsafe class NibbleLoop
{
    /// <summary>Elements after which sixteen-bit sums (up to 8 · 2 · 15 · 128) move to 32 bits.</summary>
    private const int Flush = 512;

    /// <summary>x · y over n elements, a multiple of 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(sbyte* x, byte* y, int n)
    {
        if (Avx512BW.IsSupported) return Wide512(x, y, n);
        return Avx2.IsSupported ? Wide256(x, y, n) : Scalar(x, y, n);
    }

    public static int Scalar(sbyte* x, byte* y, int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++) sum += x[i] * Get(y, i, n);
        return sum;
    }

    /// <summary>Sixty-four bytes at a time; requires AVX-512BW.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Wide512(sbyte* x, byte* y, int n)
    {
        Vector512<byte> low = Vector512.Create((byte)0x0F);
        Vector512<int> sum = default;
        int i = 0;
        while (i <= n - 128)
        {
            int end = Math.Min(n - 128, i + Flush - 128);
            Vector512<short> a = default, b = default;
            for (; i <= end; i += 128)
            {
                Vector512<byte> pair = Vector512.Load(y + (i >> 1));
                a += Avx512BW.MultiplyAddAdjacent(pair & low, Vector512.Load(x + i));
                b += Avx512BW.MultiplyAddAdjacent((pair.AsUInt16() >> 4).AsByte() & low, Vector512.Load(x + i + 64));
            }
            sum += Avx512BW.MultiplyAddAdjacent(a, Vector512.Create((short)1)) + Avx512BW.MultiplyAddAdjacent(b, Vector512.Create((short)1));
        }
        return Vector512.Sum(sum) + (i < n ? Last64(x + i, y + (i >> 1)) : 0);
    }

    /// <summary>Thirty-two bytes at a time; requires AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Wide256(sbyte* x, byte* y, int n)
    {
        Vector256<byte> low = Vector256.Create((byte)0x0F);
        Vector256<int> sum = default;
        int i = 0;
        for (; i <= n - 128; i += 128)
        {
            Vector256<byte> first = Vector256.Load(y + (i >> 1)), second = Vector256.Load(y + (i >> 1) + 32);
            Vector256<short> a = Avx2.MultiplyAddAdjacent(first & low, Vector256.Load(x + i))
                + Avx2.MultiplyAddAdjacent(second & low, Vector256.Load(x + i + 32));
            Vector256<short> b = Avx2.MultiplyAddAdjacent((first.AsUInt16() >> 4).AsByte() & low, Vector256.Load(x + i + 64))
                + Avx2.MultiplyAddAdjacent((second.AsUInt16() >> 4).AsByte() & low, Vector256.Load(x + i + 96));
            sum += Avx2.MultiplyAddAdjacent(a, Vector256.Create((short)1)) + Avx2.MultiplyAddAdjacent(b, Vector256.Create((short)1));
        }
        return Vector256.Sum(sum) + (i < n ? Last64(x + i, y + (i >> 1)) : 0);
    }

    /// <summary>x · a, x · b, x · c and x · d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sum(sbyte* x, byte* a, byte* b, byte* c, byte* d, int n)
    {
        if (!Avx512BW.IsSupported || (n & 127) != 0) return Vector128.Create(Sum(x, a, n), Sum(x, b, n), Sum(x, c, n), Sum(x, d, n));
        Vector512<int> sumA = default, sumB = default, sumC = default, sumD = default;
        for (int i = 0; i < n; i += 128)
        {
            Vector512<sbyte> first = Vector512.Load(x + i), second = Vector512.Load(x + i + 64);
            sumA += Step(first, second, a + (i >> 1));
            sumB += Step(first, second, b + (i >> 1));
            sumC += Step(first, second, c + (i >> 1));
            sumD += Step(first, second, d + (i >> 1));
        }
        return LaneSums.Of(sumA, sumB, sumC, sumD);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Step(Vector512<sbyte> first, Vector512<sbyte> second, byte* y)
    {
        Vector512<byte> low = Vector512.Create((byte)0x0F), pair = Vector512.Load(y);
        Vector512<short> sum = Avx512BW.MultiplyAddAdjacent(pair & low, first)
            + Avx512BW.MultiplyAddAdjacent((pair.AsUInt16() >> 4).AsByte() & low, second);
        return Avx512BW.MultiplyAddAdjacent(sum, Vector512.Create((short)1));
    }

    /// <summary>Writes element i of n.</summary>
    public static void Set(byte* y, int i, int n, int value)
    {
        (int at, int shift) = Locate(i, n);
        y[at] = (byte)((y[at] & (0xF0 >> shift)) | (value << shift));
    }

    private static int Get(byte* y, int i, int n)
    {
        (int at, int shift) = Locate(i, n);
        return (y[at] >> shift) & 0x0F;
    }

    private static (int Byte, int Shift) Locate(int i, int n)
    {
        int start = i & ~127, half = n - start >= 128 ? 64 : 32, within = i - start;
        return within < half ? ((start >> 1) + within, 0) : ((start >> 1) + within - half, 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Last64(sbyte* x, byte* y)
    {
        Vector256<byte> low = Vector256.Create((byte)0x0F), pair = Vector256.Load(y);
        Vector256<short> sum = Avx2.MultiplyAddAdjacent(pair & low, Vector256.Load(x))
            + Avx2.MultiplyAddAdjacent((pair.AsUInt16() >> 4).AsByte() & low, Vector256.Load(x + 32));
        return Vector256.Sum(Avx2.MultiplyAddAdjacent(sum, Vector256.Create((short)1)));
    }
}

/// <summary>The sums of the lanes of four vectors.</summary>
internal static class LaneSums
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Of(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d) =>
        Of(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Of(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        Vector256<int> pairs = Avx2.HorizontalAdd(Avx2.HorizontalAdd(a, b), Avx2.HorizontalAdd(c, d));
        return pairs.GetLower() + pairs.GetUpper();
    }
}
