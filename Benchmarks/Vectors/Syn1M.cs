namespace VecSql.Benchmarks.Vectors;

/// <summary>
/// A million clustered vectors of 128 dimensions and intrinsic dimension 16, each a pure function of its number, the same bits everywhere: integer hashing, then sums in double from left to right. All
/// 10,000 queries that belong to it, as .fvecs, have the SHA-256 f5b801ac578745de5cef5f97be973783b26933386d561c17d6406b4133b67e2d; of these the first 1,000 are used.
/// </summary>
internal static class Syn1M
{
    public const int Rows = 1_000_000, Queries = 1000, Dimensions = 128;
    private const int Clusters = 1000, Latent = 16;

    public static float[][] Generate(int first, int count)
    {
        double[] centers = [.. Enumerable.Range(0, Clusters * Dimensions).Select(i => Normal(1, (ulong)i))];
        double[] bases = [.. Enumerable.Range(0, Clusters * Latent * Dimensions).Select(i => 0.25 * Normal(2, (ulong)i))];
        float[][] rows = new float[count][];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i => rows[i] = Row((ulong)(first + i), centers, bases));
        return rows;
    }

    private static float[] Row(ulong n, double[] centers, double[] bases)
    {
        double t = Uniform(3, n);
        int cluster = (int)(Clusters * t * t);
        Span<double> latent = stackalloc double[Latent];
        for (int l = 0; l < Latent; l++) latent[l] = Normal(4, (n * Latent) + (ulong)l);
        float[] row = new float[Dimensions];
        for (int d = 0; d < Dimensions; d++)
        {
            double sum = 0;
            for (int l = 0; l < Latent; l++) sum += latent[l] * bases[(((cluster * Latent) + l) * Dimensions) + d];
            row[d] = (float)(centers[(cluster * Dimensions) + d] + sum + (0.05 * Normal(5, (n * Dimensions) + (ulong)d)));
        }
        return row;
    }

    /// <summary>Of mean 0 and variance 1: the sum of four uniform numbers.</summary>
    private static double Normal(ulong stream, ulong i) =>
        (Uniform(stream, 4 * i) + Uniform(stream, (4 * i) + 1) + Uniform(stream, (4 * i) + 2) + Uniform(stream, (4 * i) + 3) - 2.0) * 1.7320508075688772;

    private static double Uniform(ulong stream, ulong i) => ((Mix(Mix(stream) ^ (i * 0xD1342543DE82EF95)) >> 11) + 0.5) / (1L << 53);

    /// <summary>The finalizer of SplitMix64.</summary>
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
