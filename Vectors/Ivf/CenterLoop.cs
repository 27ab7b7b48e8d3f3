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

    private const int Centers = 4;

    /// <summary>The nearest center of each of up to <see cref="BlockRows"/> rows, −1 where no score is a number; and, if asked, its score.</summary>
    /// <param name="n">Floats of a row, padded.</param>
    public static void Nearest(float* rows, int count, int n, float* centers, float* offsets, int centerCount, int* nearest, float* best)
    {
        float* scores = stackalloc float[2 * Centers];
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
                TwoByFour(rows + ((nint)r * n), rows + ((nint)second * n), centers + ((nint)c * n), n, scores);
                for (int i = 0; i < Centers; i++)
                {
                    Take(scores[i] - offsets[c + i], c + i, nearest + r, best + r);
                    Take(scores[Centers + i] - offsets[c + i], c + i, nearest + second, best + second);
                }
            }
        }
        for (; c < centerCount; c++)
            for (int r = 0; r < count; r++) Take(Product(rows + ((nint)r * n), centers + ((nint)c * n), n) - offsets[c], c, nearest + r, best + r);
    }

    /// <summary>The scores of one row.</summary>
    public static void Scores(float* row, int n, float* centers, float* offsets, int centerCount, float* scores)
    {
        float* four = stackalloc float[2 * Centers];
        int c = 0;
        for (; c <= centerCount - Centers; c += Centers)
        {
            OneByFour(row, centers + ((nint)c * n), n, four);
            for (int i = 0; i < Centers; i++) scores[c + i] = four[i] - offsets[c + i];
        }
        for (; c < centerCount; c++) scores[c] = Product(row, centers + ((nint)c * n), n) - offsets[c];
    }

    public static float Product(float* x, float* y, int n)
    {
        Vector512<float> sum = default;
        for (int i = 0; i < n; i += 16) sum = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), sum);
        return Vector512.Sum(sum);
    }

    private static void Take(float score, int center, int* nearest, float* best)
    {
        if (!(score > *best)) return;
        *best = score;
        *nearest = center;
    }

    private static void TwoByFour(float* x, float* y, float* c, int n, float* scores)
    {
        float* c1 = c + n, c2 = c1 + n, c3 = c2 + n;
        Vector512<float> x0 = default, x1 = default, x2 = default, x3 = default, y0 = default, y1 = default, y2 = default, y3 = default;
        for (int i = 0; i < n; i += 16)
        {
            Vector512<float> a = Vector512.Load(x + i), b = Vector512.Load(y + i), center = Vector512.Load(c + i);
            x0 = Vector512.FusedMultiplyAdd(a, center, x0);
            y0 = Vector512.FusedMultiplyAdd(b, center, y0);
            center = Vector512.Load(c1 + i);
            x1 = Vector512.FusedMultiplyAdd(a, center, x1);
            y1 = Vector512.FusedMultiplyAdd(b, center, y1);
            center = Vector512.Load(c2 + i);
            x2 = Vector512.FusedMultiplyAdd(a, center, x2);
            y2 = Vector512.FusedMultiplyAdd(b, center, y2);
            center = Vector512.Load(c3 + i);
            x3 = Vector512.FusedMultiplyAdd(a, center, x3);
            y3 = Vector512.FusedMultiplyAdd(b, center, y3);
        }
        scores[0] = Vector512.Sum(x0);
        scores[1] = Vector512.Sum(x1);
        scores[2] = Vector512.Sum(x2);
        scores[3] = Vector512.Sum(x3);
        scores[4] = Vector512.Sum(y0);
        scores[5] = Vector512.Sum(y1);
        scores[6] = Vector512.Sum(y2);
        scores[7] = Vector512.Sum(y3);
    }

    private static void OneByFour(float* x, float* c, int n, float* scores)
    {
        float* c1 = c + n, c2 = c1 + n, c3 = c2 + n;
        Vector512<float> x0 = default, x1 = default, x2 = default, x3 = default;
        for (int i = 0; i < n; i += 16)
        {
            Vector512<float> a = Vector512.Load(x + i);
            x0 = Vector512.FusedMultiplyAdd(a, Vector512.Load(c + i), x0);
            x1 = Vector512.FusedMultiplyAdd(a, Vector512.Load(c1 + i), x1);
            x2 = Vector512.FusedMultiplyAdd(a, Vector512.Load(c2 + i), x2);
            x3 = Vector512.FusedMultiplyAdd(a, Vector512.Load(c3 + i), x3);
        }
        scores[0] = Vector512.Sum(x0);
        scores[1] = Vector512.Sum(x1);
        scores[2] = Vector512.Sum(x2);
        scores[3] = Vector512.Sum(x3);
    }
}
