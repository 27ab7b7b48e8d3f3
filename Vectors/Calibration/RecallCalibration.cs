using VecSql.Vectors.Graph;
using VecSql.Vectors.Search;

namespace VecSql.Vectors.Calibration;

/// <summary>What one ef gives: mean recall of the k nearest, and mean distances per query.</summary>
public readonly record struct CalibrationPoint(int Ef, double Recall, double DistancesPerQuery);

/// <summary>
/// Measures a graph's recall by ef, with sampled rows as queries: their exact neighbours (themselves left out) against what the search finds. A found node
/// counts if it is no farther than the exact k-th, so that equal distances don't look like misses. Rows as queries are a little easier than
/// strangers; <c>target_recall</c> therefore takes the ef of the next higher point.
/// </summary>
public static class RecallCalibration
{
    /// <param name="sample">Queries; fewer if the graph has fewer rows.</param>
    /// <param name="ladder">The ef values to measure, ascending.</param>
    /// <param name="seed">Which rows are sampled.</param>
    public static CalibrationPoint[] Measure(
        HnswGraph graph, int k, int sample, ReadOnlySpan<int> ladder, ulong seed, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        int[] queries = Sample(graph, sample, seed);
        float[] reach = new float[queries.Length];
        int[] available = new int[queries.Length];
        Neighbor[] found = new Neighbor[k + 1];
        SearchStats stats = default;
        for (int i = 0; i < queries.Length; i++)
        {
            int count = ExactSearch.Search(
                graph.Store, graph.Options.Metric, 0, graph.Limit, default(AllNodes), Row(graph, queries[i]), k + 1, found, ref stats, cancellation);
            available[i] = count - 1;
            reach[i] = count > 0 ? found[count - 1].Distance : 0;
        }

        CalibrationPoint[] points = new CalibrationPoint[ladder.Length];
        for (int step = 0; step < ladder.Length; step++)
        {
            long hits = 0, possible = 0;
            stats = default;
            for (int i = 0; i < queries.Length; i++)
            {
                int count = graph.Search(Row(graph, queries[i]), k + 1, ladder[step], found, ref stats, cancellation);
                int within = 0;
                for (int j = 0; j < count; j++)
                    if (found[j].Id != queries[i] && found[j].Distance <= reach[i]) within++;
                hits += Math.Min(within, available[i]);
                possible += available[i];
            }
            points[step] = new(ladder[step], possible == 0 ? 1 : (double)hits / possible, (double)stats.Distances / Math.Max(1, queries.Length));
        }
        return points;
    }

    /// <summary>The lowest measured ef that reaches the target; the highest on the ladder if none does.</summary>
    public static int EfFor(ReadOnlySpan<CalibrationPoint> points, double targetRecall)
    {
        foreach (CalibrationPoint point in points)
            if (point.Recall >= targetRecall) return point.Ef;
        return points.Length == 0 ? 0 : points[^1].Ef;
    }

    /// <summary>Evenly spread rows from a seeded start, so that each segment of the insert order is heard.</summary>
    private static int[] Sample(HnswGraph graph, int sample, ulong seed)
    {
        int limit = graph.Limit, count = Math.Min(sample, limit);
        List<int> ids = new(count);
        for (int i = 0; i < count; i++)
        {
            int id = (int)((((long)limit * i / count) + (long)(seed % (ulong)limit)) % limit);
            if (VectorMath.IsFinite(Row(graph, id))) ids.Add(id);
        }
        return [.. ids];
    }

    private static unsafe ReadOnlySpan<float> Row(HnswGraph graph, int id) => new(graph.Store.Rows.Row(id), graph.Store.Dimensions);
}
