using System.Numerics;
using System.Runtime.InteropServices;

namespace VecSql.Core.Kernels;

/// <summary>Vectors element by element. All spans of one call have the same length.</summary>
public static class ElementWise
{
    public static void Add(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result) => Apply<Sum>(x, y, result);
    public static void Subtract(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result) => Apply<Difference>(x, y, result);
    public static void Multiply(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result) => Apply<Product>(x, y, result);

    /// <summary>Adds floats to sums of doubles.</summary>
    public static void AddTo(Span<double> sums, ReadOnlySpan<float> x)
    {
        int width = Vector<float>.Count, half = Vector<double>.Count, i = 0;
        for (; i <= x.Length - width; i += width)
        {
            Vector.Widen(new Vector<float>(x[i..]), out Vector<double> low, out Vector<double> high);
            (new Vector<double>(sums[i..]) + low).CopyTo(sums[i..]);
            (new Vector<double>(sums[(i + half)..]) + high).CopyTo(sums[(i + half)..]);
        }
        for (; i < x.Length; i++) sums[i] += x[i];
    }

    /// <summary>True if no element is NaN or infinite: no exponent is all ones.</summary>
    public static bool IsFinite(ReadOnlySpan<float> x)
    {
        ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(x);
        Vector<int> exponent = new(0x7F800000);
        int i = 0;
        for (; i <= bits.Length - Vector<int>.Count; i += Vector<int>.Count)
            if (Vector.EqualsAny(new Vector<int>(bits[i..]) & exponent, exponent)) return false;
        for (; i < bits.Length; i++)
            if ((bits[i] & 0x7F800000) == 0x7F800000) return false;
        return true;
    }

    private interface IElementOperator
    {
        static abstract Vector<float> Apply(Vector<float> x, Vector<float> y);
        static abstract float Apply(float x, float y);
    }

    private static void Apply<TOperator>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result) where TOperator : struct, IElementOperator
    {
        int i = 0;
        for (; i <= result.Length - Vector<float>.Count; i += Vector<float>.Count)
            TOperator.Apply(new Vector<float>(x[i..]), new Vector<float>(y[i..])).CopyTo(result[i..]);
        for (; i < result.Length; i++) result[i] = TOperator.Apply(x[i], y[i]);
    }

    private readonly struct Sum : IElementOperator
    {
        public static Vector<float> Apply(Vector<float> x, Vector<float> y) => x + y;
        public static float Apply(float x, float y) => x + y;
    }

    private readonly struct Difference : IElementOperator
    {
        public static Vector<float> Apply(Vector<float> x, Vector<float> y) => x - y;
        public static float Apply(float x, float y) => x - y;
    }

    private readonly struct Product : IElementOperator
    {
        public static Vector<float> Apply(Vector<float> x, Vector<float> y) => x * y;
        public static float Apply(float x, float y) => x * y;
    }
}
