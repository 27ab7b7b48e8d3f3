using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSql.Vectors.Kernels;

/// <summary>
/// Sums over the signs of 32 codes at a time, by look-up in registers (fast scan; André, Kermarrec and Le Scouarnec, VLDB 2015). Four dimensions make a group: 16 bytes of code, of which byte j holds
/// the group's signs of code j in its low nibble and of code 16 + j in its high one; and 16 bytes of table, one sum for each pattern of signs.
/// </summary>
internal static unsafe class SignScan
{
    public const int Lanes = 32, GroupBytes = 16, GroupDimensions = 4;

    /// <summary>Groups after which sums of table bytes outgrow 16 bits: 256 · 255 is below 2¹⁶.</summary>
    private const int Flush = 256;

    /// <summary>Adds up each code's table entries.</summary>
    /// <param name="groups">A multiple of 4.</param>
    /// <param name="sums">32 of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum(byte* codes, byte* table, int groups, int* sums)
    {
        if (Avx512BW.IsSupported) Wide512(codes, table, groups, sums);
        else if (Avx2.IsSupported) Wide256(codes, table, groups, sums);
        else Scalar(codes, table, groups, sums);
    }

    public static void Scalar(byte* codes, byte* table, int groups, int* sums)
    {
        new Span<int>(sums, Lanes).Clear();
        for (int group = 0; group < groups; group++, codes += GroupBytes, table += GroupBytes)
        {
            for (int j = 0; j < GroupBytes; j++)
            {
                sums[j] += table[codes[j] & 0x0F];
                sums[j + 16] += table[codes[j] >> 4];
            }
        }
    }

    /// <summary>Four groups at a time; requires AVX-512BW.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Wide512(byte* codes, byte* table, int groups, int* sums)
    {
        Vector512<byte> nibble = Vector512.Create((byte)0x0F);
        Vector512<int> first = default, second = default;
        while (groups > 0)
        {
            Vector512<ushort> low = default, lowOdd = default, high = default, highOdd = default;
            int end = groups - Math.Min(groups, Flush);
            for (; groups > end; groups -= 4, codes += 64, table += 64)
            {
                Vector512<byte> pair = Vector512.Load(codes), entries = Vector512.Load(table);
                Vector512<ushort> a = Avx512BW.Shuffle(entries, pair & nibble).AsUInt16();
                Vector512<ushort> b = Avx512BW.Shuffle(entries, (pair.AsUInt16() >> 4).AsByte() & nibble).AsUInt16();
                // Even bytes with the odd ones above them: the odd ones' share is taken off below.
                low += a;
                lowOdd += a >> 8;
                high += b;
                highOdd += b >> 8;
            }
            first += Widen(low - (lowOdd << 8), lowOdd);
            second += Widen(high - (highOdd << 8), highOdd);
        }
        first.Store(sums);
        second.Store(sums + 16);
    }

    /// <summary>Two groups at a time; requires AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Wide256(byte* codes, byte* table, int groups, int* sums)
    {
        Vector256<byte> nibble = Vector256.Create((byte)0x0F);
        Vector512<int> first = default, second = default;
        while (groups > 0)
        {
            Vector256<ushort> low = default, lowOdd = default, high = default, highOdd = default;
            int end = groups - Math.Min(groups, Flush);
            for (; groups > end; groups -= 2, codes += 32, table += 32)
            {
                Vector256<byte> pair = Vector256.Load(codes), entries = Vector256.Load(table);
                Vector256<ushort> a = Avx2.Shuffle(entries, pair & nibble).AsUInt16();
                Vector256<ushort> b = Avx2.Shuffle(entries, (pair.AsUInt16() >> 4).AsByte() & nibble).AsUInt16();
                low += a;
                lowOdd += a >> 8;
                high += b;
                highOdd += b >> 8;
            }
            low -= lowOdd << 8;
            high -= highOdd << 8;
            first += Interleave(low.GetLower() + low.GetUpper(), lowOdd.GetLower() + lowOdd.GetUpper());
            second += Interleave(high.GetLower() + high.GetUpper(), highOdd.GetLower() + highOdd.GetUpper());
        }
        first.Store(sums);
        second.Store(sums + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector512<ushort> even, Vector512<ushort> odd)
    {
        Vector256<ushort> a = even.GetLower() + even.GetUpper(), b = odd.GetLower() + odd.GetUpper();
        return Interleave(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Interleave(Vector128<ushort> even, Vector128<ushort> odd)
    {
        // An even and an odd sum side by side are one lane of 32 bits.
        Vector256<ushort> lanes = Vector256.Create(Sse2.UnpackLow(even, odd), Sse2.UnpackHigh(even, odd));
        return Vector512.Create(Vector256.WidenLower(lanes), Vector256.WidenUpper(lanes)).AsInt32();
    }
}
