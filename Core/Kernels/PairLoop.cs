using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace VecSql.Core.Kernels;

/// <summary>One step of a distance that is a sum over dimensions: the same formula for each width.</summary>
public interface IPairOperator
{
    static abstract Vector512<float> Step(Vector512<float> sum, Vector512<float> x, Vector512<float> y);
    static abstract Vector256<float> Step(Vector256<float> sum, Vector256<float> x, Vector256<float> y);
    static abstract float Step(float sum, float x, float y);
}

/// <summary>
/// The one loop that all additive float32 kernels share. The width is a constant to the JIT, so the choice costs nothing at run time.
/// Operands need no alignment and are never read beyond <c>n</c> floats: a tail is loaded so that it ends at the last element, with the
/// lanes that were already counted zeroed in both operands (every operator maps (0, 0) to 0).
/// </summary>
public static unsafe class PairLoop<TOperator>
    where TOperator : struct, IPairOperator
{
    /// <summary>The sum over the first <paramref name="n"/> dimensions, in the widest form this processor has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float* x, float* y, int n)
    {
        if (Vector512.IsHardwareAccelerated && n >= Vector512<float>.Count) return Wide512(x, y, n);
        if (Vector256.IsHardwareAccelerated && n >= Vector256<float>.Count) return Wide256(x, y, n);
        return Scalar(x, y, n);
    }

    /// <summary>The reference form, and what short vectors use.</summary>
    public static float Scalar(float* x, float* y, int n)
    {
        float sum = 0;
        for (int i = 0; i < n; i++) sum = TOperator.Step(sum, x[i], y[i]);
        return sum;
    }

    /// <summary>Sixteen lanes; requires <c>n ≥ 16</c>.</summary>
    public static float Wide512(float* x, float* y, int n)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i <= n - 64; i += 64)
        {
            a = TOperator.Step(a, Vector512.Load(x + i), Vector512.Load(y + i));
            b = TOperator.Step(b, Vector512.Load(x + i + 16), Vector512.Load(y + i + 16));
            c = TOperator.Step(c, Vector512.Load(x + i + 32), Vector512.Load(y + i + 32));
            d = TOperator.Step(d, Vector512.Load(x + i + 48), Vector512.Load(y + i + 48));
        }
        for (; i <= n - 16; i += 16) a = TOperator.Step(a, Vector512.Load(x + i), Vector512.Load(y + i));
        if (i < n)
        {
            Vector512<float> fresh = Vector512.GreaterThanOrEqual(Vector512<int>.Indices, Vector512.Create(16 - (n - i))).AsSingle();
            b = TOperator.Step(b, Vector512.Load(x + n - 16) & fresh, Vector512.Load(y + n - 16) & fresh);
        }
        return Vector512.Sum((a + b) + (c + d));
    }

    /// <summary>Eight lanes; requires <c>n ≥ 8</c>.</summary>
    public static float Wide256(float* x, float* y, int n)
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i <= n - 32; i += 32)
        {
            a = TOperator.Step(a, Vector256.Load(x + i), Vector256.Load(y + i));
            b = TOperator.Step(b, Vector256.Load(x + i + 8), Vector256.Load(y + i + 8));
            c = TOperator.Step(c, Vector256.Load(x + i + 16), Vector256.Load(y + i + 16));
            d = TOperator.Step(d, Vector256.Load(x + i + 24), Vector256.Load(y + i + 24));
        }
        for (; i <= n - 8; i += 8) a = TOperator.Step(a, Vector256.Load(x + i), Vector256.Load(y + i));
        if (i < n)
        {
            Vector256<float> fresh = Vector256.GreaterThanOrEqual(Vector256<int>.Indices, Vector256.Create(8 - (n - i))).AsSingle();
            b = TOperator.Step(b, Vector256.Load(x + n - 8) & fresh, Vector256.Load(y + n - 8) & fresh);
        }
        return Vector256.Sum((a + b) + (c + d));
    }
}

/// <summary>(x − y)².</summary>
public readonly struct SquaredDifference : IPairOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Step(Vector512<float> sum, Vector512<float> x, Vector512<float> y)
    {
        Vector512<float> difference = x - y;
        return Vector512.MultiplyAddEstimate(difference, difference, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Step(Vector256<float> sum, Vector256<float> x, Vector256<float> y)
    {
        Vector256<float> difference = x - y;
        return Vector256.MultiplyAddEstimate(difference, difference, sum);
    }

    public static float Step(float sum, float x, float y) => sum + ((x - y) * (x - y));
}

/// <summary>x · y.</summary>
public readonly struct Product : IPairOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Step(Vector512<float> sum, Vector512<float> x, Vector512<float> y) => Vector512.MultiplyAddEstimate(x, y, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Step(Vector256<float> sum, Vector256<float> x, Vector256<float> y) => Vector256.MultiplyAddEstimate(x, y, sum);

    public static float Step(float sum, float x, float y) => sum + (x * y);
}

/// <summary>|x − y|.</summary>
public readonly struct AbsoluteDifference : IPairOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Step(Vector512<float> sum, Vector512<float> x, Vector512<float> y) => sum + Vector512.Abs(x - y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Step(Vector256<float> sum, Vector256<float> x, Vector256<float> y) => sum + Vector256.Abs(x - y);

    public static float Step(float sum, float x, float y) => sum + MathF.Abs(x - y);
}

/// <summary>The three sums that a cosine needs, gathered in one pass over the operands (same rules as <see cref="PairLoop{TOperator}"/>).</summary>
public static unsafe class CosineLoop
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sums(float* x, float* y, int n, out float dot, out float xx, out float yy)
    {
        if (Vector512.IsHardwareAccelerated && n >= Vector512<float>.Count) Wide512(x, y, n, out dot, out xx, out yy);
        else if (Vector256.IsHardwareAccelerated && n >= Vector256<float>.Count) Wide256(x, y, n, out dot, out xx, out yy);
        else Scalar(x, y, n, out dot, out xx, out yy);
    }

    public static void Scalar(float* x, float* y, int n, out float dot, out float xx, out float yy)
    {
        dot = xx = yy = 0;
        for (int i = 0; i < n; i++)
        {
            dot += x[i] * y[i];
            xx += x[i] * x[i];
            yy += y[i] * y[i];
        }
    }

    /// <summary>Sixteen lanes; requires <c>n ≥ 16</c>.</summary>
    public static void Wide512(float* x, float* y, int n, out float dot, out float xx, out float yy)
    {
        Vector512<float> xy0 = default, xx0 = default, yy0 = default, xy1 = default, xx1 = default, yy1 = default;
        int i = 0;
        for (; i <= n - 32; i += 32)
        {
            Vector512<float> p = Vector512.Load(x + i), q = Vector512.Load(y + i);
            xy0 = Vector512.MultiplyAddEstimate(p, q, xy0);
            xx0 = Vector512.MultiplyAddEstimate(p, p, xx0);
            yy0 = Vector512.MultiplyAddEstimate(q, q, yy0);
            p = Vector512.Load(x + i + 16);
            q = Vector512.Load(y + i + 16);
            xy1 = Vector512.MultiplyAddEstimate(p, q, xy1);
            xx1 = Vector512.MultiplyAddEstimate(p, p, xx1);
            yy1 = Vector512.MultiplyAddEstimate(q, q, yy1);
        }
        while (i < n)
        {
            int start = Math.Min(i, n - 16);
            Vector512<float> fresh = Vector512.GreaterThanOrEqual(Vector512<int>.Indices, Vector512.Create(i - start)).AsSingle();
            Vector512<float> p = Vector512.Load(x + start) & fresh, q = Vector512.Load(y + start) & fresh;
            xy0 = Vector512.MultiplyAddEstimate(p, q, xy0);
            xx0 = Vector512.MultiplyAddEstimate(p, p, xx0);
            yy0 = Vector512.MultiplyAddEstimate(q, q, yy0);
            i = start + 16;
        }
        dot = Vector512.Sum(xy0 + xy1);
        xx = Vector512.Sum(xx0 + xx1);
        yy = Vector512.Sum(yy0 + yy1);
    }

    /// <summary>Eight lanes; requires <c>n ≥ 8</c>.</summary>
    public static void Wide256(float* x, float* y, int n, out float dot, out float xx, out float yy)
    {
        Vector256<float> xy = default, xs = default, ys = default;
        int i = 0;
        while (i < n)
        {
            int start = Math.Min(i, n - 8);
            Vector256<float> fresh = Vector256.GreaterThanOrEqual(Vector256<int>.Indices, Vector256.Create(i - start)).AsSingle();
            Vector256<float> p = Vector256.Load(x + start) & fresh, q = Vector256.Load(y + start) & fresh;
            xy = Vector256.MultiplyAddEstimate(p, q, xy);
            xs = Vector256.MultiplyAddEstimate(p, p, xs);
            ys = Vector256.MultiplyAddEstimate(q, q, ys);
            i = start + 8;
        }
        dot = Vector256.Sum(xy);
        xx = Vector256.Sum(xs);
        yy = Vector256.Sum(ys);
    }
}
