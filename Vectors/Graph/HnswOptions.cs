using VecSql.Vectors.Quantization;

namespace VecSql.Vectors.Graph;

/// <summary>How a graph is built. Same rows, options and order of inserts by one thread: the same graph.</summary>
public sealed record HnswOptions
{
    public const int MinM = 2, MaxM = 100, MinEfConstruction = 4, MaxEfConstruction = 1000;

    public required DistanceMetric Metric { get; init; }

    /// <summary>Neighbours per node in the upper layers, twice as many at most in layer 0.</summary>
    public int M { get; init; } = 16;

    /// <summary>Candidates kept while a node's neighbours are sought.</summary>
    public int EfConstruction { get; init; } = 64;

    /// <summary>Decides the nodes' levels.</summary>
    public ulong Seed { get; init; } = 0x5EED;

    /// <summary>A hint that sizes memory chunks; any number of nodes fits.</summary>
    public int ExpectedNodes { get; init; }

    /// <summary>What walks read in place of rows. <see cref="HnswGraph.Build"/> leaves codes that would cost recall on its rows; a graph
    /// that grows from nothing knows no rows yet, has its codes around zero, and is better off without.</summary>
    public VectorQuantization Quantization { get; init; }

    internal void Validate()
    {
        if (!Enum.IsDefined(Metric)) throw new ArgumentException($"unknown distance metric {(int)Metric}");
        if (M is < MinM or > MaxM) throw new ArgumentException($"m must be between {MinM} and {MaxM}, not {M}");
        if (EfConstruction is < MinEfConstruction or > MaxEfConstruction)
            throw new ArgumentException($"ef_construction must be between {MinEfConstruction} and {MaxEfConstruction}, not {EfConstruction}");
    }
}
