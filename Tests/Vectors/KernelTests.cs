using VecSql.Core.Kernels;
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
    public void Halves_agree_at_each_width()
    {
        CheckHalves<SquaredDifference>();
        CheckHalves<Product>();
        CheckHalves<AbsoluteDifference>();
    }

    private static void CheckHalves<TOperator>()
        where TOperator : struct, IPairOperator => ForEachShape((px, py, n) =>
    {
        float* x = (float*)px;
        Half* y = (Half*)py, xHalf = stackalloc Half[n];
        for (int i = 0; i < n; i++)
        {
            y[i] = (Half)(TestVectors.Uniform(12, (ulong)((n * 1000) + i)) - 0.5);
            xHalf[i] = (Half)x[i];
        }
        float mixed = HalfLoop<TOperator>.Scalar<float, FloatLanes>(x, y, n), pure = HalfLoop<TOperator>.Scalar<Half, HalfLanes>(xHalf, y, n);
        const float Tolerance = 1e-4f;
        Assert.Equal(mixed, HalfLoop<TOperator>.Sum<float, FloatLanes>(x, y, n), Tolerance);
        Assert.Equal(pure, HalfLoop<TOperator>.Sum<Half, HalfLanes>(xHalf, y, n), Tolerance);
        if (n >= 8) Assert.Equal(pure, HalfLoop<TOperator>.Wide256<Half, HalfLanes>(xHalf, y, n), Tolerance);
        if (n >= 16) Assert.Equal(pure, HalfLoop<TOperator>.Wide512<Half, HalfLanes>(xHalf, y, n), Tolerance);
    });

    [Fact]
    public void Cosine_sums_of_halves_agree_at_each_width() => ForEachShape((px, py, n) =>
    {
        Half* x = stackalloc Half[n], y = stackalloc Half[n];
        for (int i = 0; i < n; i++)
        {
            x[i] = (Half)((float*)px)[i];
            y[i] = (Half)((float*)py)[i];
        }
        HalfCosineLoop.Scalar(x, y, n, out float dot, out float xx, out float yy);
        void Check(float d, float a, float b)
        {
            Assert.Equal(dot, d, 1e-4f);
            Assert.Equal(xx, a, 1e-4f);
            Assert.Equal(yy, b, 1e-4f);
        }
        HalfCosineLoop.Sums(x, y, n, out float d0, out float a0, out float b0);
        Check(d0, a0, b0);
        if (n >= 8)
        {
            HalfCosineLoop.Wide256(x, y, n, out float d, out float a, out float b);
            Check(d, a, b);
        }
        if (n >= 16)
        {
            HalfCosineLoop.Wide512(x, y, n, out float d, out float a, out float b);
            Check(d, a, b);
        }
    });

    [Fact]
    public void Every_finite_half_widens_exactly()
    {
        Half* halves = stackalloc Half[16];
        for (int first = 0; first < 65536; first += 16)
        {
            for (int i = 0; i < 16; i++) halves[i] = BitConverter.UInt16BitsToHalf((ushort)(first + i));
            var wide = HalfLanes.Load512(halves);
            var narrow = HalfLanes.Load256(halves);
            for (int i = 0; i < 16; i++)
            {
                if (!Half.IsFinite(halves[i])) continue;
                Assert.Equal(BitConverter.SingleToInt32Bits((float)halves[i]), BitConverter.SingleToInt32Bits(wide[i]));
                if (i < 8) Assert.Equal(BitConverter.SingleToInt32Bits((float)halves[i]), BitConverter.SingleToInt32Bits(narrow[i]));
            }
        }
    }

    [Fact]
    public void Bytes_and_bits_agree_at_each_width()
    {
        Random random = new(3);
        byte[] data = new byte[1000];
        random.NextBytes(data);
        data.AsSpan(0, 140).Fill(0x80); // the extremes of int8
        data.AsSpan(500, 140).Fill(0x7F);
        fixed (byte* p = data)
        {
            for (int n = 1; n <= 300; n++)
            {
                foreach (int offset in (int[])[0, 133, 199])
                {
                    sbyte* x = (sbyte*)p + offset, y = (sbyte*)p + 500 + offset;
                    int dot = 0, squares = 0, absolute = 0, xx = 0, yy = 0, differ = 0, common = 0;
                    for (int i = 0; i < n; i++)
                    {
                        dot += x[i] * y[i];
                        squares += (x[i] - y[i]) * (x[i] - y[i]);
                        absolute += Math.Abs(x[i] - y[i]);
                        xx += x[i] * x[i];
                        yy += y[i] * y[i];
                        differ += int.PopCount((byte)(x[i] ^ y[i]));
                        common += int.PopCount((byte)(x[i] & y[i]));
                    }
                    Assert.Equal(dot, Int8Loop<Int8Product>.Sum(x, y, n));
                    Assert.Equal(dot, Int8Loop<Int8Product>.Scalar(x, y, n));
                    Assert.Equal(squares, Int8Loop<Int8SquaredDifference>.Sum(x, y, n));
                    Assert.Equal(absolute, Int8Loop<Int8AbsoluteDifference>.Sum(x, y, n));
                    Assert.Equal(absolute, Int8Loop<Int8AbsoluteDifference>.Scalar(x, y, n));
                    Int8CosineLoop.Sums(x, y, n, out int xySum, out int xxSum, out int yySum);
                    Assert.Equal((dot, xx, yy), (xySum, xxSum, yySum));
                    Assert.Equal(differ, BitKernels.Hamming((byte*)x, (byte*)y, n));
                    Assert.Equal(common, BitKernels.Common((byte*)x, (byte*)y, n));
                    Assert.Equal(common, BitKernels.Scalar((byte*)x, (byte*)y, n, xor: false));
                    if (!System.Runtime.Intrinsics.X86.Avx2.IsSupported) continue;
                    Assert.Equal(squares, Int8Loop<Int8SquaredDifference>.Wide256(x, y, n));
                    Assert.Equal(absolute, Int8Loop<Int8AbsoluteDifference>.Wide256(x, y, n));
                    Int8CosineLoop.Wide256(x, y, n, out xySum, out xxSum, out yySum);
                    Assert.Equal((dot, xx, yy), (xySum, xxSum, yySum));
                }
            }
        }
        Assert.Equal(3, BitVectorMath.HammingDistance([0b1110_0000], [0b0000_0000]));
        Assert.Equal(0.75, BitVectorMath.JaccardDistance([0b1111_0000], [0b1000_0000]));
        Assert.Equal(1, BitVectorMath.JaccardDistance([0], [0]));
        Assert.Equal(5, HalfVectorMath.L2Distance([(Half)0, (Half)0], [(Half)3, (Half)4]));
        Assert.Equal(0, HalfVectorMath.CosineDistance([(Half)1, (Half)2], [(Half)2, (Half)4]));
        Assert.Equal(double.NaN, HalfVectorMath.CosineDistance([(Half)1, (Half)2], [(Half)0, (Half)0]));
    }

    [Fact]
    public void Late_interaction_is_the_same_in_tiles_and_row_by_row()
    {
        float[] document = [.. Enumerable.Range(0, 11 * 67).Select(i => (float)(TestVectors.Uniform(21, (ulong)i) - 0.5))];
        float[] query = [.. Enumerable.Range(0, 5 * 67).Select(i => (float)(TestVectors.Uniform(22, (ulong)i) - 0.5))];
        fixed (float* d = document, q = query)
        {
            for (int n = 1; n <= 67; n++)
                for (int rows = 1; rows <= 11; rows++)
                    for (int queries = 0; queries <= 5; queries++)
                        Assert.Equal(MaxSimLoop.SumByRows(d, rows, q, queries, n), MaxSimLoop.Sum(d, rows, q, queries, n), 1e-4);
            Assert.Equal(Math.Max(document[0] * query[0], document[1] * query[0]), MaxSimLoop.Sum(d, 2, q, 1, 1), 1e-6);
        }
    }

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
