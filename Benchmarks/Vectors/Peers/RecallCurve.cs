namespace VecSql.Benchmarks.Vectors.Peers;

/// <summary>What one effort gave: recall, and the medians over the repeats.</summary>
/// <param name="Rates">Queries per second, by number of threads.</param>
/// <param name="CpuMicroseconds">CPU per query with one thread.</param>
internal sealed record EffortPoint(string Effort, double Recall, double[] Rates, double CpuMicroseconds);

/// <summary>Rates at a recall that was not measured itself: on a straight line between the two points beside it, rates by their logarithms.</summary>
internal static class RecallCurve
{
    /// <summary>Of points that others beat in both recall and rate only the better ones count. Null: the recall is not reached. Below the first point its own rate: no less can be had.</summary>
    public static double? RateAt(IEnumerable<EffortPoint> points, double recall, Func<EffortPoint, double> rate)
    {
        List<(double Recall, double Rate)> front = [];
        foreach (EffortPoint point in points.OrderByDescending(p => p.Recall).ThenByDescending(rate))
            if (front.Count == 0 || rate(point) > front[^1].Rate) front.Add((point.Recall, rate(point)));
        front.Reverse();
        if (front.Count == 0 || front[^1].Recall < recall) return null;
        int above = front.FindIndex(p => p.Recall >= recall);
        if (above == 0) return front[0].Rate;
        (double Recall, double Rate) low = front[above - 1], high = front[above];
        double share = (recall - low.Recall) / (high.Recall - low.Recall);
        return Math.Exp(Math.Log(low.Rate) + (share * (Math.Log(high.Rate) - Math.Log(low.Rate))));
    }
}
