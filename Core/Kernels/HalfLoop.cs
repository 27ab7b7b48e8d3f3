using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace VecSql.Core.Kernels;

/// <summary>How an operand's elements become float32 lanes.</summary>
public unsafe interface ILanes<T>
    where T : unmanaged
{
    static abstract Vector512<float> Load512(T* source);
    static abstract Vector256<float> Load256(T* source);
    static abstract float Load(T* source);
}

public readonly unsafe struct FloatLanes : ILanes<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(float* source) => Vector256.Load(source);

    public static float Load(float* source) => *source;
}

/// <summary>
/// Finite halves, widened by integer arithmetic (the runtime shows no conversion instruction): the magnitude's bits, moved to float32's place, are too
/// small by exactly 2^112, subnormals included.
/// </summary>
public readonly unsafe struct HalfLanes : ILanes<Half>
{
    private const float Rescale = 5.192296858534828e33f; // 2^112

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(Half* source)
    {
        Vector256<ushort> bits = Vector256.Load((ushort*)source);
        Vector512<uint> wide = Vector512.Create(Vector256.WidenLower(bits), Vector256.WidenUpper(bits));
        Vector512<float> magnitude = ((wide & Vector512.Create(0x7FFFu)) << 13).AsSingle() * Vector512.Create(Rescale);
        return magnitude | ((wide & Vector512.Create(0x8000u)) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(Half* source)
    {
        Vector128<ushort> bits = Vector128.Load((ushort*)source);
        Vector256<uint> wide = Vector256.Create(Vector128.WidenLower(bits), Vector128.WidenUpper(bits));
        Vector256<float> magnitude = ((wide & Vector256.Create(0x7FFFu)) << 13).AsSingle() * Vector256.Create(Rescale);
        return magnitude | ((wide & Vector256.Create(0x8000u)) << 16).AsSingle();
    }

    public static float Load(Half* source) => (float)*source;
}

/// <summary>
/// Sums over a query (float32 or float16) and float16 rows, in float32, by the same operators and rules as <see cref="PairLoop{TOperator}"/>.
/// Call as <c>HalfLoop&lt;Product&gt;.Sum&lt;float, FloatLanes&gt;(query, row, n)</c>.
/// </summary>
public static unsafe class HalfLoop<TOperator>
    where TOperator : struct, IPairOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum<TX, TLanes>(TX* x, Half* y, int n)
        where TX : unmanaged
        where TLanes : struct, ILanes<TX>
    {
        if (Vector512.IsHardwareAccelerated && n >= Vector512<float>.Count) return Wide512<TX, TLanes>(x, y, n);
        if (Vector256.IsHardwareAccelerated && n >= Vector256<float>.Count) return Wide256<TX, TLanes>(x, y, n);
        return Scalar<TX, TLanes>(x, y, n);
    }

    public static float Scalar<TX, TLanes>(TX* x, Half* y, int n)
        where TX : unmanaged
        where TLanes : struct, ILanes<TX>
    {
        float sum = 0;
        for (int i = 0; i < n; i++) sum = TOperator.Step(sum, TLanes.Load(x + i), (float)y[i]);
        return sum;
    }

    /// <summary>Sixteen lanes; requires <c>n ≥ 16</c>.</summary>
    public static float Wide512<TX, TLanes>(TX* x, Half* y, int n)
        where TX : unmanaged
        where TLanes : struct, ILanes<TX>
    {
        Vector512<float> a = default, b = default;
        int i = 0;
        for (; i <= n - 32; i += 32)
        {
            a = TOperator.Step(a, TLanes.Load512(x + i), HalfLanes.Load512(y + i));
            b = TOperator.Step(b, TLanes.Load512(x + i + 16), HalfLanes.Load512(y + i + 16));
        }
        while (i < n)
        {
            int start = Math.Min(i, n - 16);
            Vector512<float> fresh = Vector512.GreaterThanOrEqual(Vector512<int>.Indices, Vector512.Create(i - start)).AsSingle();
            a = TOperator.Step(a, TLanes.Load512(x + start) & fresh, HalfLanes.Load512(y + start) & fresh);
            i = start + 16;
        }
        return Vector512.Sum(a + b);
    }

    /// <summary>Eight lanes; requires <c>n ≥ 8</c>.</summary>
    public static float Wide256<TX, TLanes>(TX* x, Half* y, int n)
        where TX : unmanaged
        where TLanes : struct, ILanes<TX>
    {
        Vector256<float> a = default, b = default;
        int i = 0;
        for (; i <= n - 16; i += 16)
        {
            a = TOperator.Step(a, TLanes.Load256(x + i), HalfLanes.Load256(y + i));
            b = TOperator.Step(b, TLanes.Load256(x + i + 8), HalfLanes.Load256(y + i + 8));
        }
        while (i < n)
        {
            int start = Math.Min(i, n - 8);
            Vector256<float> fresh = Vector256.GreaterThanOrEqual(Vector256<int>.Indices, Vector256.Create(i - start)).AsSingle();
            a = TOperator.Step(a, TLanes.Load256(x + start) & fresh, HalfLanes.Load256(y + start) & fresh);
            i = start + 8;
        }
        return Vector256.Sum(a + b);
    }
}

/// <summary>The three sums that a cosine needs, over halves, in one pass (same rules as <see cref="PairLoop{TOperator}"/>).</summary>
public static unsafe class HalfCosineLoop
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sums(Half* x, Half* y, int n, out float dot, out float xx, out float yy)
    {
        if (Vector512.IsHardwareAccelerated && n >= Vector512<float>.Count) Wide512(x, y, n, out dot, out xx, out yy);
        else if (Vector256.IsHardwareAccelerated && n >= Vector256<float>.Count) Wide256(x, y, n, out dot, out xx, out yy);
        else Scalar(x, y, n, out dot, out xx, out yy);
    }

    public static void Scalar(Half* x, Half* y, int n, out float dot, out float xx, out float yy)
    {
        dot = xx = yy = 0;
        for (int i = 0; i < n; i++)
        {
            float p = (float)x[i], q = (float)y[i];
            dot += p * q;
            xx += p * p;
            yy += q * q;
        }
    }

    /// <summary>Sixteen lanes; requires <c>n ≥ 16</c>.</summary>
    public static void Wide512(Half* x, Half* y, int n, out float dot, out float xx, out float yy)
    {
        Vector512<float> xy0 = default, xx0 = default, yy0 = default, xy1 = default, xx1 = default, yy1 = default;
        int i = 0;
        for (; i <= n - 32; i += 32)
        {
            Vector512<float> p = HalfLanes.Load512(x + i), q = HalfLanes.Load512(y + i);
            xy0 = Vector512.MultiplyAddEstimate(p, q, xy0);
            xx0 = Vector512.MultiplyAddEstimate(p, p, xx0);
            yy0 = Vector512.MultiplyAddEstimate(q, q, yy0);
            p = HalfLanes.Load512(x + i + 16);
            q = HalfLanes.Load512(y + i + 16);
            xy1 = Vector512.MultiplyAddEstimate(p, q, xy1);
            xx1 = Vector512.MultiplyAddEstimate(p, p, xx1);
            yy1 = Vector512.MultiplyAddEstimate(q, q, yy1);
        }
        while (i < n)
        {
            int start = Math.Min(i, n - 16);
            Vector512<float> fresh = Vector512.GreaterThanOrEqual(Vector512<int>.Indices, Vector512.Create(i - start)).AsSingle();
            Vector512<float> p = HalfLanes.Load512(x + start) & fresh, q = HalfLanes.Load512(y + start) & fresh;
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
    public static void Wide256(Half* x, Half* y, int n, out float dot, out float xx, out float yy)
    {
        Vector256<float> xy0 = default, xx0 = default, yy0 = default, xy1 = default, xx1 = default, yy1 = default;
        int i = 0;
        for (; i <= n - 16; i += 16)
        {
            Vector256<float> p = HalfLanes.Load256(x + i), q = HalfLanes.Load256(y + i);
            xy0 = Vector256.MultiplyAddEstimate(p, q, xy0);
            xx0 = Vector256.MultiplyAddEstimate(p, p, xx0);
            yy0 = Vector256.MultiplyAddEstimate(q, q, yy0);
            p = HalfLanes.Load256(x + i + 8);
            q = HalfLanes.Load256(y + i + 8);
            xy1 = Vector256.MultiplyAddEstimate(p, q, xy1);
            xx1 = Vector256.MultiplyAddEstimate(p, p, xx1);
            yy1 = Vector256.MultiplyAddEstimate(q, q, yy1);
        }
        while (i < n)
        {
            int start = Math.Min(i, n - 8);
            Vector256<float> fresh = Vector256.GreaterThanOrEqual(Vector256<int>.Indices, Vector256.Create(i - start)).AsSingle();
            Vector256<float> p = HalfLanes.Load256(x + start) & fresh, q = HalfLanes.Load256(y + start) & fresh;
            xy0 = Vector256.MultiplyAddEstimate(p, q, xy0);
            xx0 = Vector256.MultiplyAddEstimate(p, p, xx0);
            yy0 = Vector256.MultiplyAddEstimate(q, q, yy0);
            i = start + 8;
        }
        dot = Vector256.Sum(xy0 + xy1);
        xx = Vector256.Sum(xx0 + xx1);
        yy = Vector256.Sum(yy0 + yy1);
    }
}
