using System.Runtime.InteropServices;
using VecSql.Vectors.Kernels;

namespace VecSql.Tests.Vectors;

public sealed unsafe class KernelTests
{
    private const int MaxDimensions = 130;

    /// <summary>Calls the check for every length from 1 to 130 with operands that start anywhere in a cache line and end at poison.</summary>
    private static void ForEachShape(Action<nint, nint, int> check)
    {
        float* memory = (float*)NativeMemory.AlignedAlloc(4096 * sizeof(float), 64);
        for (int n = 1; n <= MaxDimensions; n++)
        {
            for (int i = 0; i < 4096; i++) memory[i] = float.NaN;
            float* x = memory + 16 + (n % 16), y = memory + 1024 + (n * 7 % 16);
            for (int i = 0; i < n; i++)
            {
                x[i] = (float)(TestVectors.Uniform(11, (ulong)((n * 1000) + i)) - 0.5);
                y[i] = (float)(TestVectors.Uniform(12, (ulong)((n * 1000) + i)) - 0.5);
            }
            check((nint)x, (nint)y, n);
        }
        NativeMemory.AlignedFree(memory);
    }

    private static void CheckOperator<TOperator>(Func<double, double, double> term)
        where TOperator : struct, IPairOperator => ForEachShape((px, py, n) =>
    {
        float* x = (float*)px, y = (float*)py;
        double expected = 0, magnitude = 0;
        for (int i = 0; i < n; i++)
        {
            expected += term(x[i], y[i]);
            magnitude += Math.Abs(term(x[i], y[i]));
        }
        double tolerance = 2e-6 * magnitude;
        Assert.Equal(expected, PairLoop<TOperator>.Scalar(x, y, n), tolerance);
        Assert.Equal(expected, PairLoop<TOperator>.Sum(x, y, n), tolerance);
        if (n >= 8) Assert.Equal(expected, PairLoop<TOperator>.Wide256(x, y, n), tolerance);
        if (n >= 16) Assert.Equal(expected, PairLoop<TOperator>.Wide512(x, y, n), tolerance);
    });

    [Fact]
    public void Squared_difference_agrees_at_each_width() => CheckOperator<SquaredDifference>((a, b) => (a - b) * (a - b));

    [Fact]
    public void Product_agrees_at_each_width() => CheckOperator<Product>((a, b) => a * b);

    [Fact]
    public void Absolute_difference_agrees_at_each_width() => CheckOperator<AbsoluteDifference>((a, b) => Math.Abs(a - b));

    [Fact]
    public void Cosine_sums_agree_at_each_width() => ForEachShape((px, py, n) =>
    {
        float* x = (float*)px, y = (float*)py;
        CosineLoop.Scalar(x, y, n, out float dot, out float xx, out float yy);
        double tolerance = 4e-6 * Math.Max(1, n / 10.0);
        void Check(float d, float a, float b)
        {
            Assert.Equal(dot, d, tolerance);
            Assert.Equal(xx, a, tolerance);
            Assert.Equal(yy, b, tolerance);
        }
        CosineLoop.Sums(x, y, n, out float d0, out float a0, out float b0);
        Check(d0, a0, b0);
        if (n >= 8)
        {
            CosineLoop.Wide256(x, y, n, out float d, out float a, out float b);
            Check(d, a, b);
        }
        if (n >= 16)
        {
            CosineLoop.Wide512(x, y, n, out float d, out float a, out float b);
            Check(d, a, b);
        }
    });

    [Fact]
    public void Kernels_order_as_their_metrics_do()
    {
        float[] data = [3, 4, 0, 6, 8, 0, -3, -4, 0];
        fixed (float* p = data)
        {
            Assert.Equal(25f, L2Kernel.Between(p, p + 3, 3));
            Assert.Equal(-50f, InnerProductKernel.Between(p, p + 3, 3));
            Assert.Equal(7f, L1Kernel.Between(p, p + 3, 3));
            Assert.Equal(0f, CosineKernel.Between(p, p + 3, 3), 1e-6f);
            Assert.Equal(2f, CosineKernel.Between(p, p + 6, 3), 1e-6f);
        }
    }

    [Fact]
    public void Sql_values_are_pgvectors()
    {
        Assert.Equal(5, VectorMath.L2Distance([0, 0], [3, 4]));
        Assert.Equal(25, VectorMath.L2SquaredDistance([0, 0], [3, 4]));
        Assert.Equal(11, VectorMath.InnerProduct([1, 2], [3, 4]));
        Assert.Equal(0, VectorMath.CosineDistance([1, 2], [2, 4]));
        Assert.Equal(1, VectorMath.CosineDistance([1, 0], [0, 2]));
        Assert.Equal(2, VectorMath.CosineDistance([1, 1], [-1.1f, -1.1f]));
        Assert.Equal(double.NaN, VectorMath.CosineDistance([1, 2], [0, 0]));
        Assert.Equal(double.NaN, VectorMath.CosineDistance([3e38f, 3e38f], [3e38f, 3e38f]));
        Assert.Equal(double.PositiveInfinity, VectorMath.L2Distance([3e38f], [-3e38f]));
        Assert.Equal(7, VectorMath.L1Distance([0, 0], [3, 4]));
        Assert.Equal(5, VectorMath.Norm([3, 4]));
        float[] unit = new float[2];
        VectorMath.Normalize([3, 4], unit);
        Assert.Equal([0.6f, 0.8f], unit);
        VectorMath.Normalize([0, 0], unit);
        Assert.Equal([0f, 0f], unit);
        Assert.Throws<ArgumentException>(() => VectorMath.L2Distance([1], [1, 2]));
        Assert.True(VectorMath.IsFinite([1, float.MaxValue, -0f, float.Epsilon]));
        Assert.False(VectorMath.IsFinite([1, float.NaN]));
        Assert.False(VectorMath.IsFinite([float.NegativeInfinity]));
    }
}
