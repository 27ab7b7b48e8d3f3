using VecSql.Vectors.Calibration;

namespace VecSql.Storage.Indexes;

/// <summary>What is known of an index's file since it was made: stands beside its name in the manifest and the log.</summary>
internal sealed record IndexBuildFacts
{
    /// <summary>Microseconds since 2000-01-01 UTC.</summary>
    public required long FinishedAtMicros { get; init; }
    public required long DurationMicros { get; init; }

    /// <summary>Null if the index is not over vectors.</summary>
    public StructureFacts? Structure { get; init; }
}

/// <summary>What the build of a structure over vectors found.</summary>
/// <param name="Vectors">Rows with a vector.</param>
/// <param name="Linked">Those of them that the structure leads to.</param>
/// <param name="Quantization">The codes that a graph's walks read: none, sq4, sq8 …; null of lists.</param>
/// <param name="Recall">Null if the structure isn't measured.</param>
internal sealed record StructureFacts(int Vectors, int Linked, string? Quantization, StoredRecall? Recall);

/// <summary>A <see cref="RecallTable"/> as it is stored: pairs of ef and recall.</summary>
internal sealed record StoredRecall(int Queries, int Rows, IReadOnlyList<double[]> Nearest10, IReadOnlyList<double[]> Nearest100)
{
    public static StoredRecall Of(RecallTable table) => new(table.Queries, table.Rows, Pairs(table.Nearest10), Pairs(table.Nearest100));

    /// <summary>Null if it doesn't make sense: a search then goes by a careful guess.</summary>
    public RecallTable? ToTable() =>
        Points(Nearest10) is { } near && Points(Nearest100) is { } far && Queries >= 0 && Rows >= 0 ? new RecallTable(Queries, Rows, near, far) : null;

    private static List<double[]> Pairs(IReadOnlyList<RecallPoint> points) => [.. points.Select(p => (double[])[p.Ef, p.Recall])];

    private static List<RecallPoint>? Points(IReadOnlyList<double[]>? pairs)
    {
        if (pairs is null) return null;
        List<RecallPoint> points = new(pairs.Count);
        foreach (double[] pair in pairs)
        {
            if (pair is not [>= 1 and <= int.MaxValue and var ef, >= 0 and <= 1 and var recall] || (points.Count > 0 && ef <= points[^1].Ef)) return null;
            points.Add(new RecallPoint((int)ef, recall));
        }
        return points;
    }
}
