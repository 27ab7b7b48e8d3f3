namespace VecSql.Benchmarks.Vectors;

/// <summary>
/// A clustered set of 128 dimensions, about 16 of which matter within a cluster: made without a library's functions, so that every machine and language makes the same. Row n lies in cluster
/// floor(1000 t²); queries are the rows from 1,000,000 on.
/// </summary>
internal static class Syn1m
{
    public const int Dimensions = 128, FirstQuery = 1_000_000;
    private const int Clusters = 1000, Inner = 16;

    public static float[][] Rows(int first, int count)
    {
        double[] centers = Normals(1, Clusters * Dimensions), bases = Normals(2, Clusters * Inner * Dimensions);
        for (int i = 0; i < bases.Length; i++) bases[i] *= 0.25;
        float[][] rows = new float[count][];
        Parallel.For(0, count, i => rows[i] = Row(first + i, centers, bases));
        return rows;
    }

    private static double[] Normals(ulong series, int count)
    {
        double[] values = new double[count];
        Parallel.For(0, count, i => values[i] = Normal(series, (ulong)i));
        return values;
    }

    private static float[] Row(int n, double[] centers, double[] bases)
    {
        double t = Uniform(3, (ulong)n);
        int k = (int)Math.Floor(1000 * t * t);
        Span<double> z = stackalloc double[Inner];
        for (int l = 0; l < Inner; l++) z[l] = Normal(4, ((ulong)n * Inner) + (ulong)l);
        float[] row = new float[Dimensions];
        for (int d = 0; d < Dimensions; d++)
        {
            double x = centers[(k * Dimensions) + d];
            for (int l = 0; l < Inner; l++) x += z[l] * bases[(((k * Inner) + l) * Dimensions) + d];
            row[d] = (float)(x + (0.05 * Normal(5, ((ulong)n * Dimensions) + (ulong)d)));
        }
        return row;
    }

    private static double Normal(ulong s, ulong i) => (Uniform(s, 4 * i) + Uniform(s, (4 * i) + 1) + Uniform(s, (4 * i) + 2) + Uniform(s, (4 * i) + 3) - 2.0) * 1.7320508075688772;

    private static double Uniform(ulong s, ulong i) => ((Mix(Mix(s) ^ (i * 0xD1342543DE82EF95)) >> 11) + 0.5) / (1UL << 53);

    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
