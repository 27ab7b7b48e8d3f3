using System.Runtime.InteropServices;
using VecSql.Core.Kernels;
using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

/// <summary>Graphs over halves, signed bytes, bits and sparse rows.</summary>
public sealed class RowFormTests
{
    private const int Rows = 800;

    [Theory]
    [InlineData(DistanceMetric.HalfL2, 47, 0.95)]
    [InlineData(DistanceMetric.HalfInnerProduct, 48, 0.90)]
    [InlineData(DistanceMetric.HalfCosine, 47, 0.95)]
    [InlineData(DistanceMetric.HalfL1, 48, 0.95)]
    [InlineData(DistanceMetric.Hamming, 100, 0.95)]
    [InlineData(DistanceMetric.Jaccard, 100, 0.95)]
    [InlineData(DistanceMetric.SparseL2, 60, 0.95)]
    [InlineData(DistanceMetric.SparseInnerProduct, 60, 0.85)]
    [InlineData(DistanceMetric.SparseCosine, 60, 0.95)]
    [InlineData(DistanceMetric.SparseL1, 60, 0.95)]
    [InlineData(DistanceMetric.Int8L2, 47, 0.95)]
    [InlineData(DistanceMetric.Int8InnerProduct, 48, 0.90)]
    [InlineData(DistanceMetric.Int8Cosine, 47, 0.95)]
    [InlineData(DistanceMetric.Int8L1, 48, 0.95)]
    public void Recall_at_ef_40(DistanceMetric metric, int dimensions, double atLeast)
    {
        TestVectors vectors = new(dimensions);
        using SparseRowMemory sparse = new();
        using GrowableVectorStore store = new(RowForms.Words(RowForms.Of(metric), dimensions));
        for (int i = 0; i < Rows; i++) store.Append(Words(vectors.Row(i), metric, sparse));
        using HnswGraph graph = HnswGraph.Build(store, Rows, TestVectors.Options(metric), threads: 2);
        graph.Verify();
        Assert.Equal(Rows, graph.LinkedCount);
        Assert.InRange(TestVectors.MeanRecall(graph, i => Words(vectors.Query(i), metric, sparse), 50, 10, ef: 40), atLeast, 1);
    }

    [Theory]
    [InlineData(DistanceMetric.HalfL2)]
    [InlineData(DistanceMetric.HalfInnerProduct)]
    [InlineData(DistanceMetric.HalfCosine)]
    [InlineData(DistanceMetric.HalfL1)]
    [InlineData(DistanceMetric.Hamming)]
    [InlineData(DistanceMetric.Jaccard)]
    [InlineData(DistanceMetric.SparseL2)]
    [InlineData(DistanceMetric.SparseInnerProduct)]
    [InlineData(DistanceMetric.SparseCosine)]
    [InlineData(DistanceMetric.SparseL1)]
    [InlineData(DistanceMetric.Int8L2)]
    [InlineData(DistanceMetric.Int8InnerProduct)]
    [InlineData(DistanceMetric.Int8Cosine)]
    [InlineData(DistanceMetric.Int8L1)]
    public void Distances_are_those_of_sql(DistanceMetric metric)
    {
        for (int dimensions = 1; dimensions < 80; dimensions += 1 + (dimensions / 20))
        {
            using SparseRowMemory sparse = new();
            using GrowableVectorStore store = new(RowForms.Words(RowForms.Of(metric), dimensions));
            float[] x = Random(1), y = Random(2);
            store.Append(Words(x, metric, sparse));
            Neighbor[] found = new Neighbor[1];
            SearchStats stats = default;
            Assert.Equal(1, ExactSearch.Search(store, metric, 0, 1, default(AllNodes), Words(y, metric, sparse), 1, found, ref stats));
            double expected = Expected(Rounded(x, metric), Rounded(y, metric), metric);
            if (double.IsNaN(expected)) Assert.Equal(float.PositiveInfinity, found[0].Distance);
            else Assert.Equal(expected, found[0].Distance, 1e-3 * Math.Max(1, Math.Abs(expected)));

            float[] Random(ulong stream) => [.. Enumerable.Range(0, dimensions).Select(i => (float)((4 * TestVectors.Uniform(stream, (ulong)((dimensions * 100) + i))) - 2))];
        }
    }

    [Theory]
    [InlineData(DistanceMetric.HalfL2)]
    [InlineData(DistanceMetric.HalfCosine)]
    [InlineData(DistanceMetric.Hamming)]
    [InlineData(DistanceMetric.Jaccard)]
    [InlineData(DistanceMetric.SparseL2)]
    [InlineData(DistanceMetric.SparseCosine)]
    [InlineData(DistanceMetric.Int8L2)]
    [InlineData(DistanceMetric.Int8Cosine)]
    public void Thousands_of_equal_rows_hide_no_other(DistanceMetric metric)
    {
        const int Dimensions = 33;
        TestVectors vectors = new(Dimensions);
        using SparseRowMemory sparse = new();
        using GrowableVectorStore store = new(RowForms.Words(RowForms.Of(metric), Dimensions));
        for (int i = 0; i < 600; i++) store.Append(Words(vectors.Row(i % 10 == 0 ? i : 7), metric, sparse));
        using HnswGraph graph = HnswGraph.Build(store, 600, TestVectors.Options(metric), threads: 1);
        graph.Verify();
        Assert.InRange(TestVectors.MeanRecall(graph, i => Words(vectors.Row(i * 10), metric, sparse), 50, 3, ef: 40), 0.97, 1);
    }

    private static double Expected(float[] x, float[] y, DistanceMetric metric)
    {
        bool[] a = [.. x.Select(v => v > 0)], b = [.. y.Select(v => v > 0)];
        int differ = a.Zip(b, (p, q) => p != q ? 1 : 0).Sum(), common = a.Zip(b, (p, q) => p && q ? 1 : 0).Sum();
        return metric switch
        {
            DistanceMetric.HalfL2 or DistanceMetric.SparseL2 or DistanceMetric.Int8L2 => VectorMath.L2SquaredDistance(x, y),
            DistanceMetric.HalfInnerProduct or DistanceMetric.SparseInnerProduct or DistanceMetric.Int8InnerProduct => -VectorMath.InnerProduct(x, y),
            DistanceMetric.HalfCosine or DistanceMetric.SparseCosine or DistanceMetric.Int8Cosine => VectorMath.CosineDistance(x, y),
            DistanceMetric.HalfL1 or DistanceMetric.SparseL1 or DistanceMetric.Int8L1 => VectorMath.L1Distance(x, y),
            DistanceMetric.Hamming => differ,
            _ => common == 0 ? 1 : 1 - (common / (double)(common + differ)),
        };
    }

    /// <summary>What a form keeps of a vector.</summary>
    private static float[] Rounded(float[] vector, DistanceMetric metric) => RowForms.Of(metric) switch
    {
        RowForm.Float16 => [.. vector.Select(v => (float)(Half)v)],
        RowForm.Sparse => [.. vector.Select(v => Math.Abs(v) > 1 ? v : 0)],
        RowForm.Int8 => [.. vector.Select(v => Math.Clamp(MathF.Round(v * 40), -128, 127))],
        _ => vector,
    };

    /// <summary>A vector as a row of the metric's form.</summary>
    internal static float[] Words(float[] vector, DistanceMetric metric, SparseRowMemory sparse)
    {
        float[] kept = Rounded(vector, metric), words = new float[RowForms.Words(RowForms.Of(metric), vector.Length)];
        Span<byte> bytes = MemoryMarshal.AsBytes(words.AsSpan());
        switch (RowForms.Of(metric))
        {
            case RowForm.Float16:
                HalfConversion.Narrow(kept, MemoryMarshal.Cast<byte, Half>(bytes)[..kept.Length]);
                break;
            case RowForm.Bits:
                for (int i = 0; i < kept.Length; i++)
                    if (kept[i] > 0) bytes[i >> 3] |= (byte)(0x80 >> (i & 7));
                break;
            case RowForm.Int8:
                for (int i = 0; i < kept.Length; i++) bytes[i] = (byte)(sbyte)kept[i];
                break;
            default:
                int[] places = [.. Enumerable.Range(0, kept.Length).Where(i => kept[i] != 0)];
                long address = sparse.Add(places, [.. places.Select(p => kept[p])]);
                MemoryMarshal.Write(bytes, address);
                break;
        }
        return words;
    }
}
