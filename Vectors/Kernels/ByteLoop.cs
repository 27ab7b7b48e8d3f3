using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSql.Vectors.Kernels;

/// <summary>
/// Exact products of signed bytes and unsigned bytes, of n elements, a multiple of 64 and at most 16,000 rounded up: 127 · 255 · n is below 2³¹.
/// </summary>
internal static unsafe class ByteLoop
{
    /// <summary>x · y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(sbyte* x, byte* y, int n) => Avx2.IsSupported ? Wide256(x, y, n) : Scalar(x, y, n);

    public static int Scalar(sbyte* x, byte* y, int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++) sum += x[i] * y[i];
        return sum;
    }

    /// <summary>Thirty-two bytes at a time; requires AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Wide256(sbyte* x, byte* y, int n)
    {
        Vector256<int> sum = default;
        for (int i = 0; i < n; i += 32) sum = Step(sum, y + i, Vector256.Load(x + i));
        return Vector256.Sum(sum);
    }

    /// <summary>The same without the instruction for it (AVX-VNNI).</summary>
    public static int Widened256(sbyte* x, byte* y, int n)
    {
        Vector256<int> sum = default;
        for (int i = 0; i < n; i += 32) sum = WidenedStep(sum, y + i, Vector256.Load(x + i));
        return Vector256.Sum(sum);
    }

    /// <summary>x · a, x · b, x · c and x · d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sum(sbyte* x, byte* a, byte* b, byte* c, byte* d, int n)
    {
        if (!Avx2.IsSupported) return Vector128.Create(Sum(x, a, n), Sum(x, b, n), Sum(x, c, n), Sum(x, d, n));
        Vector256<int> sumA = default, sumB = default, sumC = default, sumD = default;
        for (int i = 0; i < n; i += 32)
        {
            Vector256<sbyte> element = Vector256.Load(x + i);
            sumA = Step(sumA, a + i, element);
            sumB = Step(sumB, b + i, element);
            sumC = Step(sumC, c + i, element);
            sumD = Step(sumD, d + i, element);
        }
        return LaneSums.Of(sumA, sumB, sumC, sumD);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Step(Vector256<int> sum, byte* y, Vector256<sbyte> x) =>
        AvxVnni.IsSupported ? AvxVnni.MultiplyWideningAndAdd(sum, Vector256.Load(y), x) : WidenedStep(sum, y, x);

    /// <summary>Sixteen-bit sums of adjacent products of bytes saturate: widened first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> WidenedStep(Vector256<int> sum, byte* y, Vector256<sbyte> x)
    {
        Vector256<int> low = Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.Load(y)), Avx2.ConvertToVector256Int16(x.GetLower()));
        Vector256<int> high = Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.Load(y + 16)), Avx2.ConvertToVector256Int16(x.GetUpper()));
        return sum + low + high;
    }
}
