using System.Runtime.Intrinsics;

namespace VecSql.Core.Kernels;

/// <summary>Inner products of two vectors with four rows of a dense matrix at once: what was loaded serves several products.</summary>
public static unsafe class ProductTile
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 4;

    /// <param name="rows">Four rows of <paramref name="n"/> floats; any n is right.</param>
    public static void Multiply(float* x, float* y, float* rows, int n, out Vector128<float> ofX, out Vector128<float> ofY)
    {
        if (Vector512.IsHardwareAccelerated) Multiply512(x, y, rows, n, out ofX, out ofY);
        else Multiply256(x, y, rows, n, out ofX, out ofY);
    }

    private static void Multiply512(float* x, float* y, float* rows, int n, out Vector128<float> ofX, out Vector128<float> ofY)
    {
        float* b = rows + n, c = b + n, d = c + n;
        Vector512<float> xa = default, xb = default, xc = default, xd = default, ya = default, yb = default, yc = default, yd = default;
        int i = 0;
        for (; i <= n - 16; i += 16)
        {
            Vector512<float> left = Vector512.Load(x + i), right = Vector512.Load(y + i), row = Vector512.Load(rows + i);
            xa = Vector512.FusedMultiplyAdd(left, row, xa);
            ya = Vector512.FusedMultiplyAdd(right, row, ya);
            row = Vector512.Load(b + i);
            xb = Vector512.FusedMultiplyAdd(left, row, xb);
            yb = Vector512.FusedMultiplyAdd(right, row, yb);
            row = Vector512.Load(c + i);
            xc = Vector512.FusedMultiplyAdd(left, row, xc);
            yc = Vector512.FusedMultiplyAdd(right, row, yc);
            row = Vector512.Load(d + i);
            xd = Vector512.FusedMultiplyAdd(left, row, xd);
            yd = Vector512.FusedMultiplyAdd(right, row, yd);
        }
        ofX = Vector128.Create(Vector512.Sum(xa), Vector512.Sum(xb), Vector512.Sum(xc), Vector512.Sum(xd)) + Rest(x, rows, i, n);
        ofY = Vector128.Create(Vector512.Sum(ya), Vector512.Sum(yb), Vector512.Sum(yc), Vector512.Sum(yd)) + Rest(y, rows, i, n);
    }

    private static void Multiply256(float* x, float* y, float* rows, int n, out Vector128<float> ofX, out Vector128<float> ofY)
    {
        float* b = rows + n, c = b + n, d = c + n;
        Vector256<float> xa = default, xb = default, xc = default, xd = default, ya = default, yb = default, yc = default, yd = default;
        int i = 0;
        for (; i <= n - 8; i += 8)
        {
            Vector256<float> left = Vector256.Load(x + i), right = Vector256.Load(y + i), row = Vector256.Load(rows + i);
            xa = Vector256.FusedMultiplyAdd(left, row, xa);
            ya = Vector256.FusedMultiplyAdd(right, row, ya);
            row = Vector256.Load(b + i);
            xb = Vector256.FusedMultiplyAdd(left, row, xb);
            yb = Vector256.FusedMultiplyAdd(right, row, yb);
            row = Vector256.Load(c + i);
            xc = Vector256.FusedMultiplyAdd(left, row, xc);
            yc = Vector256.FusedMultiplyAdd(right, row, yc);
            row = Vector256.Load(d + i);
            xd = Vector256.FusedMultiplyAdd(left, row, xd);
            yd = Vector256.FusedMultiplyAdd(right, row, yd);
        }
        ofX = Vector128.Create(Vector256.Sum(xa), Vector256.Sum(xb), Vector256.Sum(xc), Vector256.Sum(xd)) + Rest(x, rows, i, n);
        ofY = Vector128.Create(Vector256.Sum(ya), Vector256.Sum(yb), Vector256.Sum(yc), Vector256.Sum(yd)) + Rest(y, rows, i, n);
    }

    /// <summary>The products of the last elements with four rows.</summary>
    private static Vector128<float> Rest(float* x, float* rows, int from, int n)
    {
        if (from == n) return default;
        float a = 0, b = 0, c = 0, d = 0;
        for (int i = from; i < n; i++)
        {
            a += x[i] * rows[i];
            b += x[i] * rows[n + i];
            c += x[i] * rows[(2 * n) + i];
            d += x[i] * rows[(3 * n) + i];
        }
        return Vector128.Create(a, b, c, d);
    }
}
