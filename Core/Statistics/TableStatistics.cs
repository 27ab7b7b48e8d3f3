using System.Collections.Immutable;

namespace VecSql.Core.Statistics;

/// <summary>What the planner may know of a table's data. Estimates: never a basis for results.</summary>
public interface IStatisticsSource
{
    /// <summary>Live rows, about; kept up to date by storage without ANALYZE.</summary>
    double EstimateRows(uint table);

    /// <summary>What ANALYZE found about a column; null if nothing is known.</summary>
    ColumnStatistics? FindColumn(uint table, short column);
}

/// <summary>A column's distribution, as pg_stats shows it.</summary>
public sealed record ColumnStatistics
{
    /// <summary>Share of nulls, 0 … 1.</summary>
    public double NullFraction { get; init; }

    /// <summary>Mean bytes of a value.</summary>
    public double AverageWidth { get; init; }

    /// <summary>Distinct values; negative: a share of the rows, as in PostgreSQL.</summary>
    public double DistinctCount { get; init; }

    /// <summary>Values in text form, most frequent first, and their shares.</summary>
    public ImmutableArray<string> MostCommonValues { get; init; } = [];
    public ImmutableArray<double> MostCommonFrequencies { get; init; } = [];

    /// <summary>Bounds of bins of equal counts, in the type's order, text form.</summary>
    public ImmutableArray<string> HistogramBounds { get; init; } = [];

    /// <summary>−1 … 1: how far the stored order follows the values' order.</summary>
    public double Correlation { get; init; }
}
