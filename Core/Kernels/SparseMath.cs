namespace VecSql.Core.Kernels;

/// <summary>
/// The distances of sparse vectors as SQL shows them, with pgvector's arithmetic: sums in float32 in the order of places, the last step in double. An operand is the
/// ascending places of its elements that aren't zero, and their values; all other elements are zero.
/// </summary>
public static class SparseMath
{
    public static double L2Distance(ReadOnlySpan<int> xPlaces, ReadOnlySpan<float> x, ReadOnlySpan<int> yPlaces, ReadOnlySpan<float> y) =>
        Math.Sqrt(Sum<SquaredDifference>(xPlaces, x, yPlaces, y));

    public static double L2SquaredDistance(ReadOnlySpan<int> xPlaces, ReadOnlySpan<float> x, ReadOnlySpan<int> yPlaces, ReadOnlySpan<float> y) =>
        Sum<SquaredDifference>(xPlaces, x, yPlaces, y);

    public static double L1Distance(ReadOnlySpan<int> xPlaces, ReadOnlySpan<float> x, ReadOnlySpan<int> yPlaces, ReadOnlySpan<float> y) =>
        Sum<AbsoluteDifference>(xPlaces, x, yPlaces, y);

    /// <summary>x · y; SQL's <c>&lt;#&gt;</c> is its negative.</summary>
    public static double InnerProduct(ReadOnlySpan<int> xPlaces, ReadOnlySpan<float> x, ReadOnlySpan<int> yPlaces, ReadOnlySpan<float> y)
    {
        float sum = 0;
        for (int i = 0, j = 0; i < xPlaces.Length && j < yPlaces.Length;)
        {
            int place = xPlaces[i], other = yPlaces[j];
            if (place == other) sum += x[i] * y[j];
            if (place <= other) i++;
            if (other <= place) j++;
        }
        return sum;
    }

    /// <summary>1 − cosine, in [0, 2]; NaN if either is a zero vector or the sums overflow.</summary>
    public static double CosineDistance(ReadOnlySpan<int> xPlaces, ReadOnlySpan<float> x, ReadOnlySpan<int> yPlaces, ReadOnlySpan<float> y)
    {
        double similarity = InnerProduct(xPlaces, x, yPlaces, y) / Math.Sqrt(VectorMath.InnerProduct(x, x) * VectorMath.InnerProduct(y, y));
        return 1 - Math.Clamp(similarity, -1, 1);
    }

    /// <summary>A sum over all places where either has an element; the operator maps (0, 0) to 0.</summary>
    private static float Sum<TOperator>(ReadOnlySpan<int> xPlaces, ReadOnlySpan<float> x, ReadOnlySpan<int> yPlaces, ReadOnlySpan<float> y)
        where TOperator : struct, IPairOperator
    {
        float sum = 0;
        int i = 0, j = 0;
        while (i < xPlaces.Length && j < yPlaces.Length)
        {
            int place = xPlaces[i], other = yPlaces[j];
            sum = TOperator.Step(sum, place <= other ? x[i] : 0, other <= place ? y[j] : 0);
            if (place <= other) i++;
            if (other <= place) j++;
        }
        for (; i < xPlaces.Length; i++) sum = TOperator.Step(sum, x[i], 0);
        for (; j < yPlaces.Length; j++) sum = TOperator.Step(sum, 0, y[j]);
        return sum;
    }
}
