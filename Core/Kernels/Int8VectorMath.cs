namespace VecSql.Core.Kernels;

/// <summary>The distances of vectors of signed bytes: sums of up to 16,000 elements are exact, the last step is in double.</summary>
public static unsafe class Int8VectorMath
{
    public static double L2Distance(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y) => Math.Sqrt(L2SquaredDistance(x, y));
    public static double L2SquaredDistance(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y) => Sum<Int8SquaredDifference>(x, y);

    /// <summary>x · y; SQL's <c>&lt;#&gt;</c> is its negative.</summary>
    public static double InnerProduct(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y) => Sum<Int8Product>(x, y);
    public static double L1Distance(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y) => Sum<Int8AbsoluteDifference>(x, y);

    /// <summary>1 − cosine, in [0, 2]; NaN if either is a zero vector.</summary>
    public static double CosineDistance(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y)
    {
        VectorMath.CheckLengths(x, y);
        int dot, xx, yy;
        fixed (sbyte* a = x, b = y) Int8CosineLoop.Sums(a, b, x.Length, out dot, out xx, out yy);
        return 1 - Math.Clamp(dot / Math.Sqrt((double)xx * yy), -1, 1);
    }

    /// <summary>The Euclidean length.</summary>
    public static double Norm(ReadOnlySpan<sbyte> x) => Math.Sqrt(InnerProduct(x, x));

    private static int Sum<TOperator>(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> y)
        where TOperator : struct, IInt8Operator
    {
        VectorMath.CheckLengths(x, y);
        fixed (sbyte* a = x, b = y) return Int8Loop<TOperator>.Sum(a, b, x.Length);
    }
}
