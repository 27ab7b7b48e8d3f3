using System.Runtime.CompilerServices;

namespace VecSql.Vectors.Kernels;

/// <summary>Over rows of bits. Counts are exact in a float.</summary>
public readonly unsafe struct HammingKernel : IDistanceKernel
{
    public static float Redundancy => L1Kernel.Redundancy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Between(float* x, float* y, int n) => BitKernels.Hamming((byte*)x, (byte*)y, n * sizeof(float));
}

public readonly unsafe struct JaccardKernel : IDistanceKernel
{
    public static float Redundancy => L1Kernel.Redundancy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Between(float* x, float* y, int n)
    {
        int common = BitKernels.Common((byte*)x, (byte*)y, n * sizeof(float));
        if (common == 0) return 1;
        return 1 - (common / (float)(common + BitKernels.Hamming((byte*)x, (byte*)y, n * sizeof(float))));
    }
}
