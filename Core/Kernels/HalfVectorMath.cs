namespace VecSql.Core.Kernels;

/// <summary>The distances of float16 vectors as SQL shows them: summed in float32, the last step in double, as <see cref="VectorMath"/> does.</summary>
public static unsafe class HalfVectorMath
{
    public static double L2Distance(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y) => Math.Sqrt(L2SquaredDistance(x, y));
    public static double L2SquaredDistance(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y) => Sum<SquaredDifference>(x, y);

    /// <summary>x · y; SQL's <c>&lt;#&gt;</c> is its negative.</summary>
    public static double InnerProduct(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y) => Sum<Product>(x, y);

    /// <summary>1 − cosine, in [0, 2]; NaN if either is a zero vector.</summary>
    public static double CosineDistance(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y)
    {
        VectorMath.CheckLengths(x, y);
        float dot, xx, yy;
        fixed (Half* a = x, b = y) HalfCosineLoop.Sums(a, b, x.Length, out dot, out xx, out yy);
        double similarity = dot / Math.Sqrt((double)xx * yy);
        return 1 - Math.Clamp(similarity, -1, 1);
    }

    public static double L1Distance(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y) => Sum<AbsoluteDifference>(x, y);

    /// <summary>The Euclidean length, summed in double.</summary>
    public static double Norm(ReadOnlySpan<Half> x)
    {
        double sum = 0;
        foreach (Half value in x) sum += (double)value * (double)value;
        return Math.Sqrt(sum);
    }

    /// <summary>Writes x scaled to length one; a zero vector stays zero.</summary>
    public static void Normalize(ReadOnlySpan<Half> x, Span<Half> result)
    {
        double norm = Norm(x);
        if (norm > 0)
            for (int i = 0; i < x.Length; i++) result[i] = (Half)(float)((float)x[i] / norm);
        else
            result[..x.Length].Clear();
    }

    private static float Sum<TOperator>(ReadOnlySpan<Half> x, ReadOnlySpan<Half> y)
        where TOperator : struct, IPairOperator
    {
        VectorMath.CheckLengths(x, y);
        fixed (Half* a = x, b = y) return HalfLoop<TOperator>.Sum<Half, HalfLanes>(a, b, x.Length);
    }
}
