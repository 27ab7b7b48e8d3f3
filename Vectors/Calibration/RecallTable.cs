namespace VecSql.Vectors.Calibration;

/// <summary>What one ef gives: the mean recall of the k nearest, by sampled queries.</summary>
public readonly record struct RecallPoint(int Ef, double Recall);

/// <summary>
/// How recall grows with ef, for the 10 and for the 100 nearest: measured on a graph (<see cref="RecallCalibration"/>), or the careful guess that stands in until it is. Between the two k's
/// ef is interpolated, beyond them it grows with k.
/// </summary>
/// <param name="Queries">Sampled queries; 0: nothing was measured.</param>
/// <param name="Rows">Rows of the graph when it was measured.</param>
/// <param name="Nearest10">By ef ascending; may be empty if the graph has too few rows.</param>
/// <param name="Nearest100">By ef ascending; may be empty.</param>
public sealed record RecallTable(int Queries, int Rows, IReadOnlyList<RecallPoint> Nearest10, IReadOnlyList<RecallPoint> Nearest100)
{
    /// <summary>A search keeps so many candidates at most for a target's sake.</summary>
    public const int MaxEf = 4096;

    /// <summary>
    /// Misses are reckoned so many times over: a sample has its error, and strangers may be farther from all rows than rows are from each other.
    /// </summary>
    private const double Caution = 2;

    /// <summary>For graphs that nothing is known of: what sets that are hard for graphs need.</summary>
    public static RecallTable Unmeasured { get; } = new(0, 0,
        [new(10, 0.5), new(40, 0.8), new(80, 0.9), new(120, 0.95), new(200, 0.98), new(320, 0.99), new(480, 0.995), new(1000, 0.999)],
        [new(100, 0.7), new(200, 0.9), new(320, 0.95), new(520, 0.98), new(800, 0.99), new(1200, 0.995), new(2000, 0.999)]);

    public bool IsMeasured => Queries > 0;

    /// <summary>The ef at which a stranger's k nearest are found with this recall on average; the largest there is if no ef was seen to reach it.</summary>
    /// <param name="targetRecall">0 … 1.</param>
    /// <param name="rows">Rows of the graph by now: more than were there when it was measured ask for more candidates.</param>
    public int EfFor(double targetRecall, int k, int rows = 0)
    {
        k = Math.Max(1, k);
        double near = EfFor(Nearest10, targetRecall), far = EfFor(Nearest100, targetRecall);
        // Recall of fewer than ten is no lower than that of ten; too few rows for a hundred, and every search is as one for ten.
        double ef = k <= 10 || far <= 0 ? near : k >= 100 ? far * k / 100 : near + ((far - near) * (k - 10) / 90);
        return (int)Math.Clamp(Math.Ceiling(ef * Growth(rows)), 1, MaxEf);
    }

    /// <summary>The recall to be expected of a stranger's k nearest; NaN if nothing was measured.</summary>
    public double RecallAt(int ef, int k, int rows = 0)
    {
        if (!IsMeasured) return double.NaN;
        ef = (int)(ef / Growth(rows));
        k = Math.Max(1, k);
        double near = RecallAt(Nearest10, k <= 10 ? ef : (int)(ef * 10.0 / k)), far = RecallAt(Nearest100, (int)(ef * 100.0 / k));
        double recall = k <= 10 || Nearest100.Count == 0 ? near : k >= 100 ? far : near + ((far - near) * (k - 10) / 90);
        return Math.Max(0, 1 - ((1 - recall) * Caution));
    }

    private double Growth(int rows) => IsMeasured && rows > Rows ? Math.Sqrt((double)rows / Rows) : 1;

    private double EfFor(IReadOnlyList<RecallPoint> points, double target)
    {
        double wanted = IsMeasured ? 1 - ((1 - target) / Caution) : target;
        foreach (RecallPoint point in points)
            if (point.Recall >= wanted)
                return point.Ef;
        // Twice what didn't suffice, and be it to see every row.
        return points.Count == 0 ? 0 : 2.0 * points[^1].Ef;
    }

    private static double RecallAt(IReadOnlyList<RecallPoint> points, int ef)
    {
        if (points.Count == 0) return 1;
        if (ef <= points[0].Ef) return points[0].Recall * ef / points[0].Ef;
        for (int i = 1; i < points.Count; i++)
        {
            (RecallPoint low, RecallPoint high) = (points[i - 1], points[i]);
            if (ef <= high.Ef) return low.Recall + ((high.Recall - low.Recall) * (ef - low.Ef) / (high.Ef - low.Ef));
        }
        return points[^1].Recall;
    }
}
