using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

/// <summary>
/// Recall never falls silently: on sets made to mislead graphs or codes, at ef 100, against exact search, for each metric, form of rows and kind of codes. Codes that would cost recall must have been replaced
/// by the build.
/// </summary>
public sealed class AdversarialRecallTests
{
    private const int K = 10, Ef = 100, Dimensions = 24;
    private const double AtLeast = 0.95;

    private static readonly VectorQuantization[] Kinds =
    [
        VectorQuantization.None, VectorQuantization.Auto, VectorQuantization.Sq8, VectorQuantization.Sq4, VectorQuantization.RaBitQ1, VectorQuantization.RaBitQ2, VectorQuantization.RaBitQ3,
        VectorQuantization.RaBitQ4, VectorQuantization.RaBitQ5, VectorQuantization.RaBitQ6, VectorQuantization.RaBitQ7, VectorQuantization.RaBitQ8,
    ];

    [Theory]
    [InlineData("duplicates")]
    [InlineData("all equal")]
    [InlineData("one cluster")]
    [InlineData("zero vectors")]
    [InlineData("outliers")]
    [InlineData("a line")]
    [InlineData("clusters far apart")]
    [InlineData("query far from all")]
    public void All_metrics_forms_and_codes(string shape)
    {
        List<string> failures = [];
        foreach (DistanceMetric metric in Enum.GetValues<DistanceMetric>())
            Check(shape, metric, rows: 180, queries: 8, RowForms.Of(metric) == RowForm.Float32 && metric != DistanceMetric.L1 ? Kinds : Kinds[..1], failures);
        Assert.True(failures.Count == 0, string.Join("; ", failures));
    }

    [Theory]
    [InlineData("duplicates")]
    [InlineData("one cluster")]
    [InlineData("outliers")]
    [InlineData("a line")]
    [InlineData("clusters far apart")]
    [InlineData("query far from all")]
    public void Sets_large_enough_for_entry_points(string shape)
    {
        List<string> failures = [];
        Check(shape, DistanceMetric.L2, rows: 2200, queries: 12, [VectorQuantization.Auto, VectorQuantization.RaBitQ1], failures);
        Assert.True(failures.Count == 0, string.Join("; ", failures));
    }

    private static void Check(string shape, DistanceMetric metric, int rows, int queries, ReadOnlySpan<VectorQuantization> kinds, List<string> failures)
    {
        using SparseRowMemory sparse = new();
        TestVectors vectors = new(Dimensions, clusters: 10);
        RowForm form = RowForms.Of(metric);
        float[] Words(int i) => form == RowForm.Float32 ? Row(vectors, shape, i) : RowFormTests.Words(Row(vectors, shape, i), metric, sparse);
        using GrowableVectorStore store = new(RowForms.Words(form, Dimensions), normalize: metric == DistanceMetric.Cosine);
        for (int i = 0; i < rows; i++) store.Append(Words(i));
        float[][] asked = [.. Enumerable.Range(0, queries).Select(i => Words(-1 - i))];
        Neighbor[][] exact = [.. asked.Select(_ => new Neighbor[K])];
        SearchStats stats = default;
        int[] counts = [.. asked.Select((query, i) => ExactSearch.Search(store, metric, 0, rows, default(AllNodes), query, K, exact[i], ref stats))];
        Neighbor[] found = new Neighbor[K];
        foreach (VectorQuantization kind in kinds)
        {
            using HnswGraph graph = HnswGraph.Build(store, rows, TestVectors.Options(metric) with { Quantization = kind }, threads: 1);
            double sum = 0;
            for (int i = 0; i < queries; i++)
            {
                int linked = exact[i].Take(counts[i]).Count(n => float.IsFinite(n.Distance));
                int count = graph.Search(asked[i], K, Ef, found, ref stats);
                if (linked == 0)
                {
                    sum++;
                    continue;
                }
                // Noise of sums, and of rows scaled to length one, tells equals apart.
                float reach = exact[i][linked - 1].Distance;
                reach += 2e-6f + (2e-6f * Math.Abs(reach));
                sum += (double)Math.Min(linked, found.Take(count).Count(n => n.Distance <= reach)) / linked;
            }
            if (sum / queries < AtLeast) failures.Add($"{metric} {kind} (in use: {graph.Quantization}): {sum / queries:F3}");
        }
    }

    /// <summary>Row i of a shape; below zero a query.</summary>
    private static float[] Row(TestVectors vectors, string shape, int i)
    {
        float[] row = vectors.Row(i < 0 ? 1_000_000 - i : i);
        int n = i < 0 ? -37 * i : i;
        return shape switch
        {
            "duplicates" => i < 0 ? row : vectors.Row(i % 40),
            "all equal" => i < 0 ? row : vectors.Row(0),
            "one cluster" => [.. row.Select((x, d) => 100 + d + (0.01f * x))],
            "zero vectors" => i >= 0 && i % 3 == 0 ? new float[Dimensions] : row,
            "outliers" => i >= 0 && i % 50 == 7 ? [.. row.Select(x => x * 5000)] : row,
            "a line" => [.. row.Select((_, d) => (n % 4000) * 0.5f * (d + 1))],
            "clusters far apart" => [.. row.Select((x, d) => x + (500f * ((((n % 12) * (d + 5)) % 13) - 6)))],
            "query far from all" => i < 0 ? [.. row.Select(x => (x * 20) + 900)] : row,
            _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "unknown shape"),
        };
    }
}
