using VecSql.Core.Errors;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>pgvector's distances of bit strings.</summary>
internal static class BitDistanceFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("hamming_distance", new VectorDistanceFunction<Hamming>());
        library.Add("jaccard_distance", new VectorDistanceFunction<Jaccard>());
    }

    private static void CheckLengths(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        int left = BitType.LengthOf(x), right = BitType.LengthOf(y);
        if (left != right) throw new SqlException(SqlState.DataException, $"different bit lengths {left} and {right}");
    }

    private readonly struct Hamming : IStoredDistance
    {
        public static double Between(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
        {
            CheckLengths(x, y);
            return BitVectorMath.HammingDistance(BitType.BitsOf(x), BitType.BitsOf(y));
        }
    }

    private readonly struct Jaccard : IStoredDistance
    {
        public static double Between(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
        {
            CheckLengths(x, y);
            return BitVectorMath.JaccardDistance(BitType.BitsOf(x), BitType.BitsOf(y));
        }
    }
}
