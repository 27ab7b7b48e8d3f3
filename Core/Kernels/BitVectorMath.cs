namespace VecSql.Core.Kernels;

/// <summary>The distances of bit strings as SQL shows them.</summary>
public static unsafe class BitVectorMath
{
    /// <summary>Bits that differ, of bit strings of equal length in bits; padding bits are zero.</summary>
    public static double HammingDistance(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        VectorMath.CheckLengths(x, y);
        fixed (byte* a = x, b = y) return BitKernels.Hamming(a, b, x.Length);
    }

    /// <summary>1 − common bits / bits set in either; 1 if no bit is common.</summary>
    public static double JaccardDistance(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        VectorMath.CheckLengths(x, y);
        fixed (byte* a = x, b = y)
        {
            int common = BitKernels.Common(a, b, x.Length);
            int either = common + BitKernels.Hamming(a, b, x.Length);
            return common == 0 ? 1 : 1 - (common / (double)either);
        }
    }
}
