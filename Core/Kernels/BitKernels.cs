using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSql.Core.Kernels;

/// <summary>
/// Counts over bit strings of equal length; bits beyond the length are zero in the last byte. No alignment needed, nothing read beyond the bytes.
/// </summary>
public static unsafe class BitKernels
{
    /// <summary>Bits that differ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Hamming(byte* x, byte* y, int bytes) =>
        Avx512BW.IsSupported && bytes >= 64 ? Wide512(x, y, bytes, xor: true) : Scalar(x, y, bytes, xor: true);

    /// <summary>Bits set in both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Common(byte* x, byte* y, int bytes) =>
        Avx512BW.IsSupported && bytes >= 64 ? Wide512(x, y, bytes, xor: false) : Scalar(x, y, bytes, xor: false);

    /// <summary>Eight bytes at a time by the processor's population count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Scalar(byte* x, byte* y, int bytes, bool xor)
    {
        int count = 0, i = 0;
        for (; i <= bytes - 8; i += 8)
        {
            ulong a = Unsafe.ReadUnaligned<ulong>(x + i), b = Unsafe.ReadUnaligned<ulong>(y + i);
            count += BitOperations.PopCount(xor ? a ^ b : a & b);
        }
        for (; i < bytes; i++) count += BitOperations.PopCount((uint)(xor ? x[i] ^ y[i] : x[i] & y[i]));
        return count;
    }

    /// <summary>
    /// Sixty-four bytes at a time: each nibble's count from a table, summed by the sum of absolute differences from zero. Requires AVX-512BW.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Wide512(byte* x, byte* y, int bytes, bool xor)
    {
        Vector128<byte> nibbles = Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        Vector256<byte> half = Vector256.Create(nibbles, nibbles);
        Vector512<byte> table = Vector512.Create(half, half), low = Vector512.Create((byte)0x0F);
        Vector512<ulong> sums = default;
        int i = 0;
        for (; i <= bytes - 64; i += 64)
        {
            Vector512<byte> a = Vector512.Load(x + i), b = Vector512.Load(y + i);
            Vector512<byte> bits = xor ? a ^ b : a & b;
            Vector512<byte> counts = Avx512BW.Shuffle(table, bits & low) + Avx512BW.Shuffle(table, (bits.AsUInt16() >> 4).AsByte() & low);
            sums += Avx512BW.SumAbsoluteDifferences(counts, Vector512<byte>.Zero).AsUInt64();
        }
        return (int)Vector512.Sum(sums) + Scalar(x + i, y + i, bytes - i, xor);
    }
}
