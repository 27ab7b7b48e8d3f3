using System.Runtime.Intrinsics;

namespace VecSql.Core.Kernels;

/// <summary>Between halves and floats, whole spans at a time. Both spans have the same length.</summary>
public static unsafe class HalfConversion
{
    /// <summary>Exact. The halves are finite.</summary>
    public static void Widen(ReadOnlySpan<Half> halves, Span<float> floats)
    {
        VectorMath.CheckLengths(halves, floats);
        int i = 0;
        fixed (Half* source = halves)
        fixed (float* target = floats)
        {
            if (Vector256.IsHardwareAccelerated)
                for (; i <= halves.Length - Vector256<float>.Count; i += Vector256<float>.Count) HalfLanes.Load256(source + i).Store(target + i);
            for (; i < halves.Length; i++) target[i] = (float)source[i];
        }
    }

    /// <summary>To the nearest, ties to even; what is too large becomes infinite, what is too small zero.</summary>
    public static void Narrow(ReadOnlySpan<float> floats, Span<Half> halves)
    {
        VectorMath.CheckLengths(floats, halves);
        for (int i = 0; i < floats.Length; i++) halves[i] = (Half)floats[i];
    }
}
