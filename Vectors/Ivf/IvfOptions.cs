namespace VecSql.Vectors.Ivf;

/// <summary>How lists are built. Same rows and options: the same lists, whatever the threads.</summary>
public sealed record IvfOptions
{
    public const int MinLists = 1, MaxLists = 32768, DefaultLists = 100;

    /// <summary>L2, inner product or cosine of float32 or half rows, or Hamming: what has a mean that is near.</summary>
    public required DistanceMetric Metric { get; init; }

    /// <summary>Lists to divide the rows into; few rows get fewer.</summary>
    public int Lists { get; init; } = DefaultLists;

    /// <summary>Decides which rows the centers are learned from, and which of them they begin as.</summary>
    public ulong Seed { get; init; } = 0x5EED;

    public static bool Supports(DistanceMetric metric) => metric is DistanceMetric.L2 or DistanceMetric.InnerProduct or DistanceMetric.Cosine
        or DistanceMetric.HalfL2 or DistanceMetric.HalfInnerProduct or DistanceMetric.HalfCosine or DistanceMetric.Hamming;

    internal void Validate()
    {
        if (!Supports(Metric)) throw new ArgumentException($"lists don't support the metric {Metric}");
        if (Lists is < MinLists or > MaxLists) throw new ArgumentException($"lists must be between {MinLists} and {MaxLists}, not {Lists}");
    }
}

/// <summary>What a build is doing.</summary>
public enum IvfPhase
{
    /// <summary>The centers are learned from a sample.</summary>
    KMeans,

    /// <summary>Each row goes to the list of its nearest center.</summary>
    Assigning,
}
