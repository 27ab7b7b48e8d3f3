using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Benchmarks.Vectors.Wire;

/// <summary>A condition that keeps a share of the rows, the queries it is asked with, and their exact answers.</summary>
/// <param name="Kind">independent; or by a row's place in the order of distance from one row (the pivot): correlated for queries near it, anti-correlated for queries far from it.</param>
internal sealed record WireFilter(string Kind, double Percent, string Column, int Below, int[] Queries, int[][] Truth);

/// <summary>The columns beside each vector that filters are over, both 0 … 999.</summary>
internal sealed class FilterColumns
{
    public const int Values = 1000;
    private const int QueriesOfEach = 100;

    private readonly VectorSet _set;
    private readonly int[] _queriesByDistance;

    public FilterColumns(VectorSet set)
    {
        _set = set;
        float[] pivot = set.Rows[set.Rows.Length / 2];
        int[] rows = ByDistance(set.Rows, pivot);
        Near = new int[rows.Length];
        for (int place = 0; place < rows.Length; place++) Near[rows[place]] = (int)((long)place * Values / rows.Length);
        _queriesByDistance = ByDistance(set.Queries, pivot);
    }

    /// <summary>By row: its place in the order of distance from the pivot, in thousandths.</summary>
    public int[] Near { get; }

    /// <summary>By row: unrelated to its place and its vector.</summary>
    public static int Bucket(int row) => (int)((uint)row * 2654435761u >> 8) % Values;

    public IEnumerable<WireFilter> Filters(double[] percents)
    {
        foreach (double percent in percents)
        {
            int below = (int)Math.Round(percent / 100 * Values), count = Math.Min(QueriesOfEach, _set.Queries.Length);
            yield return Make("independent", percent, "bucket", below, [.. Enumerable.Range(0, count)], row => Bucket(row) < below);
            yield return Make("correlated", percent, "near", below, _queriesByDistance[..count], row => Near[row] < below);
            yield return Make("anti-correlated", percent, "near", below, _queriesByDistance[^count..], row => Near[row] < below);
        }
    }

    private WireFilter Make(string kind, double percent, string column, int below, int[] queries, Func<int, bool> keeps)
    {
        VectorSet asked = _set with { Queries = [.. queries.Select(q => _set.Queries[q])] };
        return new(kind, percent, column, below, queries, asked.ExactWhere(keeps, queries.Length));
    }

    private int[] ByDistance(float[][] vectors, float[] pivot)
    {
        using GrowableVectorStore store = new(_set.Dimensions, _set.Metric == VecSql.Vectors.DistanceMetric.Cosine, vectors.Length);
        foreach (float[] vector in vectors) store.Append(vector);
        Neighbor[] found = new Neighbor[vectors.Length];
        SearchStats stats = default;
        int count = ExactSearch.Search(store, _set.Metric, 0, vectors.Length, default(AllNodes), pivot, vectors.Length, found, ref stats);
        return [.. found.Take(count).Select(n => n.Id)];
    }
}
