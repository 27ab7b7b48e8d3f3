using VecSql.Vectors.Search;

namespace VecSql.Vectors.Graph;

/// <summary>The graph as one structure among others: its effort is ef.</summary>
public sealed partial class HnswGraph : IVectorStructure
{
    private int RowBytes => RowForms.RowBytes(_options.Metric, _store.Dimensions);
    private int Degree => 2 * _options.M;

    string IVectorStructure.Name => "hnsw";
    DistanceMetric IVectorStructure.Metric => _options.Metric;

    int IVectorStructure.Search(ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation) =>
        Search(query, k, effort, result, ref stats, cancellation);

    int IVectorStructure.SearchWithout(int absent, ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation) =>
        SearchWithout(absent, query, k, effort, result, ref stats, cancellation);

    int IVectorStructure.SearchWithout<TFilter>(
        int absent, TFilter filter, ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation) =>
        FilteredSearch.SearchWithout(absent, this, filter, query, k, effort, result, ref stats, cancellation);

    int IVectorStructure.SearchMatches(ulong[] bitmap, long matches, ReadOnlySpan<float> query, int k, int effort, Span<Neighbor> result, ref SearchStats stats, CancellationToken cancellation) =>
        FilteredSearch.Search(this, bitmap, matches, query, k, effort, result, ref stats, cancellation);

    NeighborCursor IVectorStructure.OpenCursor(ReadOnlySpan<float> query, int k, int effort) => new HnswCursor(this, query, Math.Max(1, Math.Max(k, effort)));

    FilterStrategy IVectorStructure.Choose(long matches, long total, int k, int effort, bool failsNearby) =>
        FilteredSearch.Choose(matches, total, k, effort, RowBytes, Degree, failsNearby, WalkBytes);

    double IVectorStructure.EstimateNs(long matches, long total, int k, int effort) => FilteredSearch.EstimateNs(matches, total, k, effort, RowBytes, Degree, WalkBytes);

    int IVectorStructure.FirstBatch(int k, int effort) => Math.Max(k, effort);

    double IVectorStructure.OrderNs(double rows, int k, int effort) => Math.Max(Math.Max(k, effort), rows) * FilteredSearch.StepNs(WalkBytes, Degree);
}
