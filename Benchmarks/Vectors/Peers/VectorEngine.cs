namespace VecSql.Benchmarks.Vectors.Peers;

/// <summary>Wall clock and the process's CPU.</summary>
internal readonly record struct Elapsed(double Seconds, double CpuSeconds);

/// <summary>An index built over the base of a set, which is asked for the set's queries at several efforts.</summary>
internal interface IVectorEngine : IDisposable
{
    string Name { get; }

    /// <summary>From quick to thorough; in the engine's own words. Known once it is built.</summary>
    IReadOnlyList<string> Efforts { get; }

    /// <summary>Builds the index; tells its bytes too, vectors included.</summary>
    (Elapsed Elapsed, long Bytes) Build(int threads);

    /// <summary>Runs query i mod (number of queries) for each i below the total, one per call.</summary>
    /// <param name="found">K row numbers for each query.</param>
    Elapsed Search(string effort, int threads, int total, Span<int> found);
}
