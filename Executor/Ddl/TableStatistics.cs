using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Statistics;
using VecSql.Core.Types;
using VecSql.Planner;
using VecSql.Planner.Physical;

namespace VecSql.Executor.Ddl;

/// <summary>ANALYZE of a table: each column's distribution from an evenly spaced sample of the rows.</summary>
internal sealed class TableStatistics(DdlContext context)
{
    private const int SampleRows = 30_000;
    private const int Targets = 100;

    public void Collect(TableObject table, IReadOnlyList<ColumnObject> columns)
    {
        if (columns.Count == 0) return;
        SequentialScan scan = new(table, table.Name, [.. columns.Select(c => c.Number)], false, null, [], [.. columns.Select(c => c.Type)]);
        QueryPlan plan = new(scan, [], [], 0, QueryKind.Select);
        InnerQueries queries = new(context);
        TypeHandler[] handlers = [.. columns.Select(c => TypeHandlers.Of(c.Type.Oid, context.Catalog))];
        ColumnBuilder[] sample = [.. handlers.Select(h => ColumnBuilder.Create(h.Kind, 1024))];
        long step = Math.Max(1, (long)(context.Store.EstimateRows(table.Oid) / SampleRows)), rows = 0;
        int taken = 0;
        using (QueryExecution execution = queries.Open(plan))
        {
            while (execution.Next() is { } batch)
            {
                for (int i = 0; i < batch.Count; i++, rows++)
                {
                    if (rows % step != 0 || taken >= 2 * SampleRows) continue;
                    for (int c = 0; c < sample.Length; c++) sample[c].AppendFrom(batch[c], batch.Selection[i]);
                    taken++;
                }
            }
        }
        Dictionary<short, ColumnStatistics> found = [];
        for (int c = 0; c < sample.Length; c++) found[columns[c].Number] = Describe(sample[c].Build(), taken, rows, handlers[c], columns[c].Type, queries);
        context.Store.SetStatistics(table.Oid, found);
    }

    private static ColumnStatistics Describe(Column values, int count, long rows, TypeHandler handler, SqlType type, InnerQueries queries)
    {
        if (count == 0) return new ColumnStatistics();
        int[] present = [.. Enumerable.Range(0, count).Where(i => !values.IsNull(i))];
        double nullFraction = 1 - (double)present.Length / count;
        if (present.Length == 0) return new ColumnStatistics { NullFraction = 1 };
        double width = Width(values, present, type, queries);
        if (!handler.IsOrderable) return new ColumnStatistics { NullFraction = nullFraction, AverageWidth = width, DistinctCount = -1 };
        int[] sorted = [.. present];
        Array.Sort(sorted, (a, b) => handler.Compare(values, a, values, b) is var order and not 0 ? order : a.CompareTo(b));
        List<(int First, int Count)> groups = [];
        foreach (int row in sorted)
        {
            if (groups.Count > 0 && handler.Compare(values, groups[^1].First, values, row) == 0) groups[^1] = (groups[^1].First, groups[^1].Count + 1);
            else groups.Add((row, 1));
        }
        List<(int First, int Count)> common = CommonValues(groups, present.Length);
        HashSet<int> commonRows = [.. common.Select(g => g.First)];
        int[] rest = [.. groups.Where(g => !commonRows.Contains(g.First)).SelectMany(g => Enumerable.Repeat(g.First, g.Count))];
        return new ColumnStatistics
        {
            NullFraction = nullFraction, AverageWidth = width, DistinctCount = DistinctCount(groups, present.Length, rows * (1 - nullFraction), rows),
            MostCommonValues = [.. common.Select(g => queries.TextOf(values, g.First, type)!)], MostCommonFrequencies = [.. common.Select(g => (double)g.Count / count)],
            HistogramBounds = [.. Bounds(rest, groups.Count - common.Count).Select(i => queries.TextOf(values, i, type)!)], Correlation = Correlation(sorted),
        };
    }

    /// <summary>Values that occur clearly more often than the average, as PostgreSQL chooses them; all values if there are few.</summary>
    private static List<(int First, int Count)> CommonValues(List<(int First, int Count)> groups, int present)
    {
        IEnumerable<(int First, int Count)> repeated = groups.Where(g => g.Count > 1).OrderByDescending(g => g.Count).Take(Targets);
        if (groups.Count <= Targets && groups.TrueForAll(g => g.Count > 1)) return [.. repeated];
        double average = (double)present / groups.Count;
        return [.. repeated.Where(g => g.Count > 1.25 * average)];
    }

    /// <summary>Haas and Stokes' estimator, as PostgreSQL uses it; negative (a share of the rows) where values are mostly distinct.</summary>
    private static double DistinctCount(List<(int First, int Count)> groups, int sampled, double total, long rows)
    {
        int once = groups.Count(g => g.Count == 1);
        if (once == groups.Count) return -1 * total / Math.Max(1, rows);
        double distinct = groups.Count;
        if (once > 0 && total > sampled) distinct = sampled * distinct / (sampled - once + once * (sampled / total));
        distinct = Math.Clamp(distinct, groups.Count, total);
        return distinct > 0.1 * rows ? -distinct / rows : Math.Floor(distinct + 0.5);
    }

    private static IEnumerable<int> Bounds(int[] rest, int distinct)
    {
        int bins = Math.Min(distinct, Targets + 1);
        if (bins < 2) yield break;
        for (int i = 0; i < bins; i++) yield return rest[(int)((long)i * (rest.Length - 1) / (bins - 1))];
    }

    /// <summary>Pearson's correlation between a value's place in order and its place in the sample.</summary>
    private static double Correlation(int[] sorted)
    {
        int n = sorted.Length;
        if (n < 2) return 1;
        double mean = sorted.Average(i => (double)i), covariance = 0, places = 0, ranks = 0, middle = (n - 1) / 2.0;
        for (int rank = 0; rank < n; rank++)
        {
            double x = sorted[rank] - mean, y = rank - middle;
            covariance += x * y;
            places += x * x;
            ranks += y * y;
        }
        return covariance / Math.Sqrt(places * ranks);
    }

    private static double Width(Column values, int[] present, SqlType type, InnerQueries queries)
    {
        if (Builtins.FindType(type.Oid) is { Length: > 0 } known) return known.Length;
        int sampled = Math.Min(present.Length, 1000);
        double bytes = 0;
        for (int i = 0; i < sampled; i++) bytes += queries.TextOf(values, present[(int)((long)i * present.Length / sampled)], type)!.Length;
        return bytes / sampled;
    }
}
