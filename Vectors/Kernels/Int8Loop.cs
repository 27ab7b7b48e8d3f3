using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSql.Vectors.Kernels;

/// <summary>One step of an int8 distance: sixteen-bit operands in, pairs summed into 32-bit lanes.</summary>
public interface IInt8Operator
{
    static abstract Vector512<int> Step(Vector512<int> sum, Vector512<short> x, Vector512<short> y);
    static abstract Vector256<int> Step(Vector256<int> sum, Vector256<short> x, Vector256<short> y);
    static abstract int Step(int sum, int x, int y);
}

/// <summary>
/// Exact sums over signed bytes; up to 16,000 elements can't overflow (255² · 16,000 &lt; 2³¹). No alignment needed, nothing read beyond <c>n</c>.
/// </summary>
public static unsafe class Int8Loop<TOperator>
    where TOperator : struct, IInt8Operator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(sbyte* x, sbyte* y, int n)
    {
        if (Avx512BW.IsSupported && n >= 32) return Wide512(x, y, n);
        if (Avx2.IsSupported && n >= 16) return Wide256(x, y, n);
        return Scalar(x, y, n);
    }

    public static int Scalar(sbyte* x, sbyte* y, int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++) sum = TOperator.Step(sum, x[i], y[i]);
        return sum;
    }

    /// <summary>Thirty-two bytes at a time; requires AVX-512BW.</summary>
    public static int Wide512(sbyte* x, sbyte* y, int n)
    {
        Vector512<int> a = default, b = default;
        int i = 0;
        for (; i <= n - 64; i += 64)
        {
            a = TOperator.Step(a, Avx512BW.ConvertToVector512Int16(Vector256.Load(x + i)), Avx512BW.ConvertToVector512Int16(Vector256.Load(y + i)));
            b = TOperator.Step(b, Avx512BW.ConvertToVector512Int16(Vector256.Load(x + i + 32)), Avx512BW.ConvertToVector512Int16(Vector256.Load(y + i + 32)));
        }
        for (; i <= n - 32; i += 32)
            a = TOperator.Step(a, Avx512BW.ConvertToVector512Int16(Vector256.Load(x + i)), Avx512BW.ConvertToVector512Int16(Vector256.Load(y + i)));
        return Vector512.Sum(a + b) + Scalar(x + i, y + i, n - i);
    }

    /// <summary>Sixteen bytes at a time; requires AVX2.</summary>
    public static int Wide256(sbyte* x, sbyte* y, int n)
    {
        Vector256<int> a = default, b = default;
        int i = 0;
        for (; i <= n - 32; i += 32)
        {
            a = TOperator.Step(a, Avx2.ConvertToVector256Int16(Vector128.Load(x + i)), Avx2.ConvertToVector256Int16(Vector128.Load(y + i)));
            b = TOperator.Step(b, Avx2.ConvertToVector256Int16(Vector128.Load(x + i + 16)), Avx2.ConvertToVector256Int16(Vector128.Load(y + i + 16)));
        }
        for (; i <= n - 16; i += 16)
            a = TOperator.Step(a, Avx2.ConvertToVector256Int16(Vector128.Load(x + i)), Avx2.ConvertToVector256Int16(Vector128.Load(y + i)));
        return Vector256.Sum(a + b) + Scalar(x + i, y + i, n - i);
    }
}

/// <summary>x · y.</summary>
public readonly struct Int8Product : IInt8Operator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Step(Vector512<int> sum, Vector512<short> x, Vector512<short> y) => sum + Avx512BW.MultiplyAddAdjacent(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Step(Vector256<int> sum, Vector256<short> x, Vector256<short> y) => sum + Avx2.MultiplyAddAdjacent(x, y);

    public static int Step(int sum, int x, int y) => sum + (x * y);
}

/// <summary>(x − y)².</summary>
public readonly struct Int8SquaredDifference : IInt8Operator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Step(Vector512<int> sum, Vector512<short> x, Vector512<short> y) => sum + Avx512BW.MultiplyAddAdjacent(x - y, x - y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Step(Vector256<int> sum, Vector256<short> x, Vector256<short> y) => sum + Avx2.MultiplyAddAdjacent(x - y, x - y);

    public static int Step(int sum, int x, int y) => sum + ((x - y) * (x - y));
}
