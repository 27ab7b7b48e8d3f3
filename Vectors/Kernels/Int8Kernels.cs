using System.Runtime.CompilerServices;

namespace VecSql.Vectors.Kernels;

// Rows of signed bytes, four to a word, padded with zeros, which change no distance. Sums are exact.
public readonly unsafe struct Int8L2Kernel : IDistanceKernel
{
    public static float Redundancy => L2Kernel.Redundancy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Between(float* x, float* y, int n) => Int8Loop<Int8SquaredDifference>.Sum((sbyte*)x, (sbyte*)y, 4 * n);
}

public readonly unsafe struct Int8InnerProductKernel : IDistanceKernel
{
    public static float Redundancy => InnerProductKernel.Redundancy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Between(float* x, float* y, int n) => -Int8Loop<Int8Product>.Sum((sbyte*)x, (sbyte*)y, 4 * n);
}

public readonly unsafe struct Int8CosineKernel : IDistanceKernel
{
    public static float Redundancy => CosineKernel.Redundancy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Between(float* x, float* y, int n)
    {
        Int8CosineLoop.Sums((sbyte*)x, (sbyte*)y, 4 * n, out int dot, out int xx, out int yy);
        return (float)(1 - (dot / Math.Sqrt((double)xx * yy)));
    }
}

public readonly unsafe struct Int8L1Kernel : IDistanceKernel
{
    public static float Redundancy => L1Kernel.Redundancy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Between(float* x, float* y, int n) => Int8Loop<Int8AbsoluteDifference>.Sum((sbyte*)x, (sbyte*)y, 4 * n);
}
