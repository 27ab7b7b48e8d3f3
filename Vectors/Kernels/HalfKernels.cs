using System.Runtime.CompilerServices;

namespace VecSql.Vectors.Kernels;

/// <summary>Over rows of halves: n counts words, so twice as many halves. Padding adds nothing to any sum.</summary>
public readonly unsafe struct HalfL2Kernel : IDistanceKernel
{
    public static float Redundancy => L2Kernel.Redundancy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Between(float* x, float* y, int n) => HalfLoop<SquaredDifference>.Sum<Half, HalfLanes>((Half*)x, (Half*)y, 2 * n);
}

public readonly unsafe struct HalfInnerProductKernel : IDistanceKernel
{
    public static float Redundancy => InnerProductKernel.Redundancy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Between(float* x, float* y, int n) => -HalfLoop<Product>.Sum<Half, HalfLanes>((Half*)x, (Half*)y, 2 * n);
}

/// <summary>Rows keep their length: scaled to one, halves would lose digits.</summary>
public readonly unsafe struct HalfCosineKernel : IDistanceKernel
{
    public static float Redundancy => CosineKernel.Redundancy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Between(float* x, float* y, int n)
    {
        HalfCosineLoop.Sums((Half*)x, (Half*)y, 2 * n, out float dot, out float xx, out float yy);
        return (float)(1 - (dot / Math.Sqrt((double)xx * yy)));
    }
}

public readonly unsafe struct HalfL1Kernel : IDistanceKernel
{
    public static float Redundancy => L1Kernel.Redundancy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Between(float* x, float* y, int n) => HalfLoop<AbsoluteDifference>.Sum<Half, HalfLanes>((Half*)x, (Half*)y, 2 * n);
}
