using System.Runtime.Intrinsics;

namespace VecSql.Vectors.Ivf;

/// <summary>
/// Rows against centers: score = x · c − offset of c, the largest of which is the nearest center. Two rows by four centers at a time, so that each load serves
/// several products. Rows and centers are padded with zeros to a multiple of sixteen floats.
/// </summary>
internal static unsafe class CenterLoop
{
    /// <summary>Rows that stay in the cache while all centers pass by.</summary>
    public const int BlockRows = 32;

    private const int Centers = ProductTile.Rows;

    /// <summary>The nearest center of each of up to <see cref="BlockRows"/> rows, −1 where no score is a number; and, if asked, its score.</summary>
    /// <param name="n">Floats of a row, padded.</param>
    public static void Nearest(float* rows, int count, int n, float* centers, float* offsets, int centerCount, int* nearest, float* best)
    {
        for (int r = 0; r < count; r++)
        {
            nearest[r] = -1;
            best[r] = float.NegativeInfinity;
        }
        int c = 0;
        for (; c <= centerCount - Centers; c += Centers)
        {
            for (int r = 0; r < count; r += 2)
            {
                // The last row of an odd count is scored twice.
                int second = Math.Min(r + 1, count - 1);
                ProductTile.Multiply(rows + ((nint)r * n), rows + ((nint)second * n), centers + ((nint)c * n), n, out Vector128<float> ofFirst, out Vector128<float> ofSecond);
                for (int i = 0; i < Centers; i++)
                {
                    Take(ofFirst[i] - offsets[c + i], c + i, nearest + r, best + r);
                    Take(ofSecond[i] - offsets[c + i], c + i, nearest + second, best + second);
                }
            }
        }
        for (; c < centerCount; c++)
            for (int r = 0; r < count; r++) Take(Product(rows + ((nint)r * n), centers + ((nint)c * n), n) - offsets[c], c, nearest + r, best + r);
    }

    /// <summary>The scores of one row.</summary>
    public static void Scores(float* row, int n, float* centers, float* offsets, int centerCount, float* scores)
    {
        for (int c = 0; c < centerCount; c++) scores[c] = Product(row, centers + ((nint)c * n), n) - offsets[c];
    }

    public static float Product(float* x, float* y, int n) => PairLoop<Product>.Sum(x, y, n);

    private static void Take(float score, int center, int* nearest, float* best)
    {
        if (!(score > *best)) return;
        *best = score;
        *nearest = center;
    }
}
