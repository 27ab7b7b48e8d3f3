namespace VecSql.Core.Kernels;

/// <summary>
/// The distances of sparse vectors as SQL shows them, with pgvector's arithmetic: sums in float32 in the order of places, the last step in double. An operand is the
/// ascending places of its elements that aren't zero, and their values; all other elements are zero.
/// </summary>
public static unsafe class SparseMath
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
        VectorMath.CheckLengths(xPlaces, x);
        VectorMath.CheckLengths(yPlaces, y);
        float sum = 0;
        fixed (int* px = xPlaces, py = yPlaces)
        fixed (float* vx = x, vy = y)
            for (int i = 0, j = 0; i < xPlaces.Length && j < yPlaces.Length;)
            {
                int place = px[i], other = py[j];
                if (place == other) sum += vx[i] * vy[j];
                i += place <= other ? 1 : 0;
                j += other <= place ? 1 : 0;
            }
        return sum;
    }

    /// <summary>1 − cosine, in [0, 2]; NaN if either is a zero vector or the sums overflow.</summary>
    public static double CosineDistance(ReadOnlySpan<int> xPlaces, ReadOnlySpan<float> x, ReadOnlySpan<int> yPlaces, ReadOnlySpan<float> y)
    {
        double similarity = InnerProduct(xPlaces, x, yPlaces, y) / Math.Sqrt(VectorMath.InnerProduct(x, x) * VectorMath.InnerProduct(y, y));
        return 1 - Math.Clamp(similarity, -1, 1);
    }

    /// <summary>
    /// A sum over all places where either has an element; the operator maps (0, 0) to 0. Which operand comes next is a coin's toss that no processor foretells, so the merge has no
    /// branch on it: an element not yet due is masked to zero.
    /// </summary>
    private static float Sum<TOperator>(ReadOnlySpan<int> xPlaces, ReadOnlySpan<float> x, ReadOnlySpan<int> yPlaces, ReadOnlySpan<float> y)
        where TOperator : struct, IPairOperator
    {
        VectorMath.CheckLengths(xPlaces, x);
        VectorMath.CheckLengths(yPlaces, y);
        float sum = 0;
        int i = 0, j = 0;
        fixed (int* px = xPlaces, py = yPlaces)
        fixed (float* vx = x, vy = y)
        {
            while (i < xPlaces.Length && j < yPlaces.Length)
            {
                int place = px[i], other = py[j];
                int takesX = place <= other ? 1 : 0, takesY = other <= place ? 1 : 0;
                sum = TOperator.Step(sum, BitConverter.Int32BitsToSingle(((int*)vx)[i] & -takesX), BitConverter.Int32BitsToSingle(((int*)vy)[j] & -takesY));
                i += takesX;
                j += takesY;
            }
            for (; i < xPlaces.Length; i++) sum = TOperator.Step(sum, vx[i], 0);
            for (; j < yPlaces.Length; j++) sum = TOperator.Step(sum, 0, vy[j]);
        }
        return sum;
    }
}
