using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Ivf;

/// <summary>
/// The middle points of lists, and which of them is nearest to a row. They lie in memory as in the file: <see cref="Count"/> rows of <see cref="Stride"/> bytes at
/// <see cref="Pointer"/>, which <see cref="Owner"/> keeps alive.
/// </summary>
internal abstract unsafe class IvfCenters(DistanceMetric metric, int count, int stride, byte* pointer, object? owner)
{
    private const int Granularity = 16;

    public DistanceMetric Metric => metric;
    public int Count => count;
    public int Stride => stride;
    public byte* Pointer => pointer;
    public object? Owner => owner;

    public long Bytes => (long)count * stride;

    /// <summary>Managed bytes; 0 if they lie in a file.</summary>
    public long MemoryBytes => owner is null ? 0 : Bytes;

    /// <summary>The point that rows are shifted by before they are compared, so that sets far from zero keep their precision; empty if there is none.</summary>
    public virtual ReadOnlySpan<float> Origin => [];

    /// <summary>Bytes from center to center.</summary>
    /// <param name="words">Of a row.</param>
    public static int StrideOf(DistanceMetric metric, int words) => Padded(RowForms.Of(metric) == RowForm.Float16 ? 2 * words : words) * sizeof(float);

    public static int Padded(int words) => (words + Granularity - 1) & ~(Granularity - 1);

    public static bool IsSpherical(DistanceMetric metric) =>
        metric is DistanceMetric.InnerProduct or DistanceMetric.Cosine or DistanceMetric.HalfInnerProduct or DistanceMetric.HalfCosine;

    public static bool IsCosine(DistanceMetric metric) => metric is DistanceMetric.Cosine or DistanceMetric.HalfCosine;

    /// <summary>The nearest center of the rows <paramref name="first"/> … <paramref name="end"/> − 1; −1 for rows without a place in the metric.</summary>
    public abstract void Assign(VectorRows rows, int first, int end, Span<int> nearest);

    /// <summary>How far each center is from a query: only the order counts.</summary>
    /// <param name="scratch">Of the caller's thread.</param>
    public abstract void Rank(ReadOnlySpan<float> query, NativeBuffer<float> scratch, Span<float> distances);
}
