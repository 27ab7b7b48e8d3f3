using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

/// <summary>
/// Clustered vectors of intrinsic dimension 16, reproducible bit by bit: integer hashing, sums in double from left to right. Row n of a set is a pure
/// function of n; rows from 1,000,000 on are used as queries.
/// </summary>
internal sealed class TestVectors
{
    private const int Latent = 16;
    private readonly int _clusters;
    private readonly double[] _centers;
    private readonly double[] _bases;

    public TestVectors(int dimensions, int clusters = 100)
    {
        Dimensions = dimensions;
        _clusters = clusters;
        _centers = new double[clusters * dimensions];
        _bases = new double[clusters * Latent * dimensions];
        for (int i = 0; i < _centers.Length; i++) _centers[i] = Gaussian(1, (ulong)i);
        for (int i = 0; i < _bases.Length; i++) _bases[i] = 0.25 * Gaussian(2, (ulong)i);
    }

    public int Dimensions { get; }

    public int ClusterOf(long row)
    {
        double t = Uniform(3, (ulong)row);
        return (int)Math.Floor(_clusters * t * t);
    }

    public float[] Row(long row)
    {
        int cluster = ClusterOf(row);
        double[] latent = new double[Latent];
        for (int l = 0; l < Latent; l++) latent[l] = Gaussian(4, ((ulong)row * Latent) + (ulong)l);
        float[] result = new float[Dimensions];
        for (int d = 0; d < Dimensions; d++)
        {
            double sum = 0;
            for (int l = 0; l < Latent; l++) sum += latent[l] * _bases[(((cluster * Latent) + l) * Dimensions) + d];
            result[d] = (float)(_centers[(cluster * Dimensions) + d] + sum + (0.05 * Gaussian(5, ((ulong)row * (ulong)Dimensions) + (ulong)d)));
        }
        return result;
    }

    public float[] Query(int i) => Row(1_000_000 + i);

    public GrowableVectorStore Store(int rows, bool normalize = false)
    {
        GrowableVectorStore store = new(Dimensions, normalize, rows);
        for (int i = 0; i < rows; i++) store.Append(Row(i));
        return store;
    }

    /// <summary>The share of the exact top k that a search found, by distance: equals count whichever of them is named.</summary>
    public static double Recall(ReadOnlySpan<Neighbor> exact, ReadOnlySpan<Neighbor> found)
    {
        if (exact.Length == 0) return 1;
        // Copies scaled to length one differ in the last bits, and are reported at their twin's distance.
        float reach = exact[^1].Distance + 1e-6f;
        int hits = 0;
        foreach (Neighbor neighbor in found)
            if (neighbor.Distance <= reach) hits++;
        return (double)Math.Min(hits, exact.Length) / exact.Length;
    }

    /// <summary>A graph with the same rows under the same ids, which can be extended.</summary>
    public static HnswGraph Copy(HnswGraph graph, IVectorStore store) =>
        HnswGraph.BuildFrom(graph, Enumerable.Range(0, graph.Limit).ToArray(), store, graph.Limit, graph.Options, threads: 1);

    public static double MeanRecall(HnswGraph graph, Func<int, float[]> query, int queries, int k, int ef)
    {
        Neighbor[] exact = new Neighbor[k], found = new Neighbor[k];
        SearchStats stats = default;
        double sum = 0;
        for (int i = 0; i < queries; i++)
        {
            float[] q = query(i);
            int expected = ExactSearch.Search(graph.Store, graph.Options.Metric, 0, graph.Limit, default(AllNodes), q, k, exact, ref stats);
            int count = graph.Search(q, k, ef, found, ref stats);
            sum += Recall(exact.AsSpan(0, expected), found.AsSpan(0, count));
        }
        return sum / queries;
    }

    public static HnswOptions Options(DistanceMetric metric = DistanceMetric.L2) => new() { Metric = metric };

    public static double Uniform(ulong stream, ulong index) =>
        ((Mix(Mix(stream) ^ (index * 0xD1342543DE82EF95)) >> 11) + 0.5) / (1L << 53);

    private static double Gaussian(ulong stream, ulong i) =>
        (Uniform(stream, 4 * i) + Uniform(stream, (4 * i) + 1) + Uniform(stream, (4 * i) + 2) + Uniform(stream, (4 * i) + 3) - 2.0) * 1.7320508075688772;

    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
