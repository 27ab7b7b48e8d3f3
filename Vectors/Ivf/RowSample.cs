using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Ivf;

/// <summary>Numbers that depend on nothing but a seed, and rows drawn by them.</summary>
internal struct RowSample(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Below a limit of 1 or more.</summary>
    public int Next(int limit) => (int)(((NextBits() >> 32) * (ulong)limit) >> 32);

    /// <summary>In [0, 1).</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>So many of the numbers below a limit, each once, ascending.</summary>
    public int[] Draw(int count, int limit)
    {
        int[] drawn = new int[Math.Min(count, limit)];
        int taken = 0;
        // Each number is taken with the chance that makes all selections equally likely (Knuth, TAOCP 2, 3.4.2 S).
        for (int i = 0; i < limit && taken < drawn.Length; i++)
            if ((limit - i) * NextUnit() < drawn.Length - taken) drawn[taken++] = i;
        return drawn;
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private ulong NextBits()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
