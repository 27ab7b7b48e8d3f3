using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace VecSql.Core.Kernels;

/// <summary>
/// Late interaction: for each query vector the greatest inner product with a document's vectors, summed. Both are dense matrices of n columns. Two query vectors meet four of the document at a
/// time, so that what was loaded serves several products; any size is right.
/// </summary>
public static unsafe class MaxSimLoop
{
    /// <param name="documentRows">At least 1.</param>
    public static double Sum(float* document, int documentRows, float* query, int queryRows, int n)
    {
        double sum = 0;
        int q = 0;
        for (; q + 2 <= queryRows; q += 2)
        {
            float* x = query + ((long)q * n), y = x + n;
            float bestX = float.NegativeInfinity, bestY = float.NegativeInfinity;
            int d = 0;
            for (; d + ProductTile.Rows <= documentRows; d += ProductTile.Rows)
            {
                float* rows = document + ((long)d * n);
                ProductTile.Multiply(x, y, rows, n, out Vector128<float> ofX, out Vector128<float> ofY);
                bestX = Math.Max(bestX, Greatest(ofX));
                bestY = Math.Max(bestY, Greatest(ofY));
            }
            for (; d < documentRows; d++)
            {
                float* row = document + ((long)d * n);
                bestX = Math.Max(bestX, PairLoop<Product>.Sum(x, row, n));
                bestY = Math.Max(bestY, PairLoop<Product>.Sum(y, row, n));
            }
            sum += (double)bestX + bestY;
        }
        if (q < queryRows) sum += Best(document, documentRows, query + ((long)q * n), n);
        return sum;
    }

    /// <summary>Row by row: what the tiles are checked against, and the rest of an odd number.</summary>
    public static double SumByRows(float* document, int documentRows, float* query, int queryRows, int n)
    {
        double sum = 0;
        for (int q = 0; q < queryRows; q++) sum += Best(document, documentRows, query + ((long)q * n), n);
        return sum;
    }

    private static float Best(float* document, int documentRows, float* x, int n)
    {
        float best = float.NegativeInfinity;
        for (int d = 0; d < documentRows; d++) best = Math.Max(best, PairLoop<Product>.Sum(x, document + ((long)d * n), n));
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Greatest(Vector128<float> four) => Math.Max(Math.Max(four[0], four[1]), Math.Max(four[2], four[3]));
}
