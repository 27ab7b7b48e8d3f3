using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSql.Core.Kernels;

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

/// <summary>|x − y|.</summary>
public readonly struct Int8AbsoluteDifference : IInt8Operator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Step(Vector512<int> sum, Vector512<short> x, Vector512<short> y) => sum + Avx512BW.MultiplyAddAdjacent(Vector512.Abs(x - y), Vector512<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Step(Vector256<int> sum, Vector256<short> x, Vector256<short> y) => sum + Avx2.MultiplyAddAdjacent(Vector256.Abs(x - y), Vector256<short>.One);

    public static int Step(int sum, int x, int y) => sum + Math.Abs(x - y);
}

/// <summary>x · y, x · x and y · y in one pass.</summary>
public static unsafe class Int8CosineLoop
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sums(sbyte* x, sbyte* y, int n, out int dot, out int xx, out int yy)
    {
        if (Avx512BW.IsSupported && n >= 32) Wide512(x, y, n, out dot, out xx, out yy);
        else if (Avx2.IsSupported && n >= 16) Wide256(x, y, n, out dot, out xx, out yy);
        else Scalar(x, y, n, out dot, out xx, out yy);
    }

    public static void Scalar(sbyte* x, sbyte* y, int n, out int dot, out int xx, out int yy)
    {
        dot = xx = yy = 0;
        for (int i = 0; i < n; i++)
        {
            dot += x[i] * y[i];
            xx += x[i] * x[i];
            yy += y[i] * y[i];
        }
    }

    /// <summary>Thirty-two bytes at a time; requires AVX-512BW.</summary>
    public static void Wide512(sbyte* x, sbyte* y, int n, out int dot, out int xx, out int yy)
    {
        Vector512<int> xySum = default, xxSum = default, yySum = default;
        int i = 0;
        for (; i <= n - 32; i += 32)
        {
            Vector512<short> a = Avx512BW.ConvertToVector512Int16(Vector256.Load(x + i)), b = Avx512BW.ConvertToVector512Int16(Vector256.Load(y + i));
            xySum += Avx512BW.MultiplyAddAdjacent(a, b);
            xxSum += Avx512BW.MultiplyAddAdjacent(a, a);
            yySum += Avx512BW.MultiplyAddAdjacent(b, b);
        }
        Scalar(x + i, y + i, n - i, out dot, out xx, out yy);
        (dot, xx, yy) = (dot + Vector512.Sum(xySum), xx + Vector512.Sum(xxSum), yy + Vector512.Sum(yySum));
    }

    /// <summary>Sixteen bytes at a time; requires AVX2.</summary>
    public static void Wide256(sbyte* x, sbyte* y, int n, out int dot, out int xx, out int yy)
    {
        Vector256<int> xySum = default, xxSum = default, yySum = default;
        int i = 0;
        for (; i <= n - 16; i += 16)
        {
            Vector256<short> a = Avx2.ConvertToVector256Int16(Vector128.Load(x + i)), b = Avx2.ConvertToVector256Int16(Vector128.Load(y + i));
            xySum += Avx2.MultiplyAddAdjacent(a, b);
            xxSum += Avx2.MultiplyAddAdjacent(a, a);
            yySum += Avx2.MultiplyAddAdjacent(b, b);
        }
        Scalar(x + i, y + i, n - i, out dot, out xx, out yy);
        (dot, xx, yy) = (dot + Vector256.Sum(xySum), xx + Vector256.Sum(xxSum), yy + Vector256.Sum(yySum));
    }
}
