namespace VecSql.Core.Kernels;

/// <summary>
/// The distances as SQL shows them, with pgvector's arithmetic: sums in float32, the last step in double. Both operands have the same length
/// (the caller has raised "different vector dimensions" otherwise). Overflow gives infinity, a cosine without an angle gives NaN.
/// </summary>
public static unsafe class VectorMath
{
    public static double L2Distance(ReadOnlySpan<float> x, ReadOnlySpan<float> y) => Math.Sqrt(L2SquaredDistance(x, y));

    public static double L2SquaredDistance(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        CheckLengths(x, y);
        fixed (float* a = x, b = y) return PairLoop<SquaredDifference>.Sum(a, b, x.Length);
    }

    /// <summary>x · y; SQL's <c>&lt;#&gt;</c> is its negative.</summary>
    public static double InnerProduct(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        CheckLengths(x, y);
        fixed (float* a = x, b = y) return PairLoop<Product>.Sum(a, b, x.Length);
    }

    /// <summary>1 − cosine, in [0, 2]; NaN if either is a zero vector or the sums overflow.</summary>
    public static double CosineDistance(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        CheckLengths(x, y);
        float dot, xx, yy;
        fixed (float* a = x, b = y) CosineLoop.Sums(a, b, x.Length, out dot, out xx, out yy);
        double similarity = dot / Math.Sqrt((double)xx * yy);
        return 1 - Math.Clamp(similarity, -1, 1);
    }

    public static double L1Distance(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        CheckLengths(x, y);
        fixed (float* a = x, b = y) return PairLoop<AbsoluteDifference>.Sum(a, b, x.Length);
    }

    /// <summary>The Euclidean length, summed in double.</summary>
    public static double Norm(ReadOnlySpan<float> x)
    {
        double sum = 0;
        foreach (float value in x) sum += (double)value * value;
        return Math.Sqrt(sum);
    }

    /// <summary>Writes x scaled to length one; a zero vector stays zero. Source and result may be the same span.</summary>
    public static void Normalize(ReadOnlySpan<float> x, Span<float> result)
    {
        double norm = Norm(x);
        if (norm > 0)
            for (int i = 0; i < x.Length; i++) result[i] = (float)(x[i] / norm);
        else
            result[..x.Length].Clear();
    }

    /// <summary>True if no element is NaN or infinite.</summary>
    public static bool IsFinite(ReadOnlySpan<float> x) => ElementWise.IsFinite(x);

    internal static void CheckLengths<TX, TY>(ReadOnlySpan<TX> x, ReadOnlySpan<TY> y)
    {
        if (x.Length != y.Length) throw new ArgumentException($"different vector dimensions {x.Length} and {y.Length}");
    }
}
