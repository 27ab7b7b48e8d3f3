using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Kernels;

/// <summary>Over rows that are addresses of sparse ones.</summary>
public readonly unsafe struct SparseL2Kernel : IDistanceKernel
{
    public static float Redundancy => L2Kernel.Redundancy;

    public static float Between(float* x, float* y, int n)
    {
        SparseRow a = SparseRow.At(x), b = SparseRow.At(y);
        return (float)SparseMath.L2SquaredDistance(a.Places, a.Values, b.Places, b.Values);
    }
}

public readonly unsafe struct SparseInnerProductKernel : IDistanceKernel
{
    public static float Redundancy => InnerProductKernel.Redundancy;

    public static float Between(float* x, float* y, int n)
    {
        SparseRow a = SparseRow.At(x), b = SparseRow.At(y);
        return -(float)SparseMath.InnerProduct(a.Places, a.Values, b.Places, b.Values);
    }
}

public readonly unsafe struct SparseCosineKernel : IDistanceKernel
{
    public static float Redundancy => CosineKernel.Redundancy;

    public static float Between(float* x, float* y, int n)
    {
        SparseRow a = SparseRow.At(x), b = SparseRow.At(y);
        return (float)SparseMath.CosineDistance(a.Places, a.Values, b.Places, b.Values);
    }
}

public readonly unsafe struct SparseL1Kernel : IDistanceKernel
{
    public static float Redundancy => L1Kernel.Redundancy;

    public static float Between(float* x, float* y, int n)
    {
        SparseRow a = SparseRow.At(x), b = SparseRow.At(y);
        return (float)SparseMath.L1Distance(a.Places, a.Values, b.Places, b.Values);
    }
}
