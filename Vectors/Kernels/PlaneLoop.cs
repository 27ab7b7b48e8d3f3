using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSql.Vectors.Kernels;

/// <summary>How many bits an element of a code has: a constant to the compiler.</summary>
internal interface IBitCount
{
    static abstract int Bits { get; }
}

internal readonly struct Bits2 : IBitCount { public static int Bits => 2; }
internal readonly struct Bits3 : IBitCount { public static int Bits => 3; }
internal readonly struct Bits4 : IBitCount { public static int Bits => 4; }
internal readonly struct Bits5 : IBitCount { public static int Bits => 5; }
internal readonly struct Bits6 : IBitCount { public static int Bits => 6; }
internal readonly struct Bits7 : IBitCount { public static int Bits => 7; }

/// <summary>
/// Exact products of signed bytes and unsigned elements of 2 to 7 bits. A block of 128 elements is cut into planes of 4, 2 and 1 bits, the highest bits first (five bits: four, then one). A plane
/// of w bits takes 16w bytes; element e lies in byte e mod 16w, from bit w · (e / 16w) up. A last block of 64 elements likewise with 8w bytes. Nothing is read beyond the code's bytes.
/// </summary>
internal static unsafe class PlaneLoop<TBits>
    where TBits : struct, IBitCount
{
    private const int Block = 128;

    /// <summary>Whether the products of two pairs of elements fit 16 bits.</summary>
    private static bool FitsPairs => TBits.Bits < 7;

    /// <summary>x · y over n elements, a multiple of 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(sbyte* x, byte* y, int n)
    {
        if (Avx512BW.IsSupported && n >= Block) return Wide512(x, y, n);
        return Avx2.IsSupported ? Wide256(x, y, n) : Planes.Product(x, y, n, TBits.Bits);
    }

    /// <summary>x · a, x · b, x · c and x · d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sum(sbyte* x, byte* a, byte* b, byte* c, byte* d, int n)
    {
        if (!Avx512BW.IsSupported || (n & (Block - 1)) != 0) return Vector128.Create(Sum(x, a, n), Sum(x, b, n), Sum(x, c, n), Sum(x, d, n));
        Vector512<int> sumA = default, sumB = default, sumC = default, sumD = default;
        for (int i = 0, at = 0; i < n; i += Block, at += Block / 8 * TBits.Bits)
        {
            Vector512<sbyte> low = Vector512.Load(x + i), high = Vector512.Load(x + i + 64);
            sumA += Step512(low, high, a + at);
            sumB += Step512(low, high, b + at);
            sumC += Step512(low, high, c + at);
            sumD += Step512(low, high, d + at);
        }
        return LaneSums.Of(sumA, sumB, sumC, sumD);
    }

    /// <summary>A block at a time; requires AVX-512BW.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Wide512(sbyte* x, byte* y, int n)
    {
        Vector512<int> sum = default;
        int i = 0;
        for (; i <= n - Block; i += Block, y += Block / 8 * TBits.Bits) sum += Step512(Vector512.Load(x + i), Vector512.Load(x + i + 64), y);
        return Vector512.Sum(sum) + (i < n ? Vector256.Sum(Tail256(x + i, y)) : 0);
    }

    /// <summary>A quarter of a block at a time; requires AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Wide256(sbyte* x, byte* y, int n)
    {
        Vector256<int> sum = default;
        int i = 0;
        for (; i <= n - Block; i += Block, y += Block / 8 * TBits.Bits)
            for (int quarter = 0; quarter < 4; quarter++)
                sum += Multiply(Quarter256(y, quarter), Vector256.Load(x + i + (32 * quarter)));
        return Vector256.Sum(i < n ? sum + Tail256(x + i, y) : sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Step512(Vector512<sbyte> xLow, Vector512<sbyte> xHigh, byte* y)
    {
        Vector512<byte> low = default, high = default;
        if ((TBits.Bits & 4) != 0)
        {
            Vector512<byte> pair = Vector512.Load(y);
            Vector512<byte> mask = Vector512.Create((byte)0x0F);
            low = pair & mask;
            high = (pair.AsUInt16() >> 4).AsByte() & mask;
            y += 64;
        }
        if ((TBits.Bits & 2) != 0)
        {
            Vector512<uint> four = Avx512F.BroadcastVector256ToVector512((ulong*)y).AsUInt32();
            Vector512<byte> mask = Vector512.Create((byte)3);
            Vector512<uint> shifts = Vector512.Create(0u, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2);
            low = Above(low, 2) | (Avx512F.ShiftRightLogicalVariable(four, shifts).AsByte() & mask);
            high = Above(high, 2) | (Avx512F.ShiftRightLogicalVariable(four, shifts + Vector512.Create(4u)).AsByte() & mask);
            y += 32;
        }
        if ((TBits.Bits & 1) != 0)
        {
            Vector512<uint> eight = Avx512F.BroadcastVector128ToVector512((uint*)y);
            Vector512<byte> mask = Vector512.Create((byte)1);
            Vector512<uint> shifts = Vector512.Create(0u, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
            low = Above(low, 1) | (Avx512F.ShiftRightLogicalVariable(eight, shifts).AsByte() & mask);
            high = Above(high, 1) | (Avx512F.ShiftRightLogicalVariable(eight, shifts + Vector512.Create(4u)).AsByte() & mask);
        }
        Vector512<short> one = Vector512.Create((short)1), first = Avx512BW.MultiplyAddAdjacent(low, xLow), second = Avx512BW.MultiplyAddAdjacent(high, xHigh);
        return FitsPairs
            ? Avx512BW.MultiplyAddAdjacent(first + second, one)
            : Avx512BW.MultiplyAddAdjacent(first, one) + Avx512BW.MultiplyAddAdjacent(second, one);
    }

    /// <summary>Elements of a plane above those that follow; they never reach a neighbour's byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Above(Vector512<byte> elements, int bits) => (elements.AsUInt16() << bits).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Above(Vector256<byte> elements, int bits) => (elements.AsUInt16() << bits).AsByte();

    /// <summary>Elements 32 · quarter and on, a byte each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Quarter256(byte* y, int quarter)
    {
        Vector256<byte> elements = default;
        if ((TBits.Bits & 4) != 0)
        {
            elements = (Vector256.Load((ushort*)(y + (32 * (quarter & 1)))) >> (4 * (quarter >> 1))).AsByte() & Vector256.Create((byte)0x0F);
            y += 64;
        }
        if ((TBits.Bits & 2) != 0)
        {
            elements = Above(elements, 2) | ((Vector256.Load((ushort*)y) >> (2 * quarter)).AsByte() & Vector256.Create((byte)3));
            y += 32;
        }
        if ((TBits.Bits & 1) != 0)
        {
            Vector256<uint> shifts = Vector256.Create(Vector128.Create((uint)(2 * quarter)), Vector128.Create((uint)((2 * quarter) + 1)));
            Vector256<uint> eight = Avx2.BroadcastVector128ToVector256((uint*)y);
            elements = Above(elements, 1) | (Avx2.ShiftRightLogicalVariable(eight, shifts).AsByte() & Vector256.Create((byte)1));
        }
        return elements;
    }

    /// <summary>The last block, of 64 elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Tail256(sbyte* x, byte* y)
    {
        Vector256<byte> low = default, high = default;
        if ((TBits.Bits & 4) != 0)
        {
            Vector256<byte> pair = Vector256.Load(y), mask = Vector256.Create((byte)0x0F);
            low = pair & mask;
            high = (pair.AsUInt16() >> 4).AsByte() & mask;
            y += 32;
        }
        if ((TBits.Bits & 2) != 0)
        {
            Vector256<uint> four = Avx2.BroadcastVector128ToVector256((uint*)y);
            Vector256<byte> mask = Vector256.Create((byte)3);
            Vector256<uint> shifts = Vector256.Create(0u, 0, 0, 0, 2, 2, 2, 2);
            low = Above(low, 2) | (Avx2.ShiftRightLogicalVariable(four, shifts).AsByte() & mask);
            high = Above(high, 2) | (Avx2.ShiftRightLogicalVariable(four, shifts + Vector256.Create(4u)).AsByte() & mask);
            y += 16;
        }
        if ((TBits.Bits & 1) != 0)
        {
            Vector256<ulong> eight = Vector256.Create(*(ulong*)y);
            Vector256<byte> mask = Vector256.Create((byte)1);
            Vector256<ulong> shifts = Vector256.Create(0UL, 1, 2, 3);
            low = Above(low, 1) | (Avx2.ShiftRightLogicalVariable(eight, shifts).AsByte() & mask);
            high = Above(high, 1) | (Avx2.ShiftRightLogicalVariable(eight, shifts + Vector256.Create(4UL)).AsByte() & mask);
        }
        return Multiply(low, Vector256.Load(x)) + Multiply(high, Vector256.Load(x + 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Multiply(Vector256<byte> y, Vector256<sbyte> x) => Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(y, x), Vector256.Create((short)1));
}

/// <summary>Where the bits of a code's elements lie.</summary>
internal static unsafe class Planes
{
    /// <summary>Writes n elements below 2^bits over a code's bytes.</summary>
    public static void Pack(byte* elements, byte* code, int n, int bits)
    {
        new Span<byte>(code, n / 8 * bits).Clear();
        for (int start = 0; start < n; start += 128)
        {
            int length = Math.Min(128, n - start), left = bits;
            while (left > 0)
            {
                int width = 1 << BitOperations.Log2((uint)left), bytes = length / 8 * width;
                left -= width;
                for (int e = 0; e < length; e += bytes)
                    for (int i = 0; i < bytes; i++)
                        code[i] |= (byte)(((elements[start + e + i] >> left) & ((1 << width) - 1)) << (e / bytes * width));
                code += bytes;
            }
        }
    }

    /// <summary>Reads them back.</summary>
    public static void Unpack(byte* code, byte* elements, int n, int bits)
    {
        new Span<byte>(elements, n).Clear();
        for (int start = 0; start < n; start += 128)
        {
            int length = Math.Min(128, n - start), left = bits;
            while (left > 0)
            {
                int width = 1 << BitOperations.Log2((uint)left), bytes = length / 8 * width;
                left -= width;
                for (int e = 0; e < length; e += bytes)
                    for (int i = 0; i < bytes; i++)
                        elements[start + e + i] |= (byte)(((code[i] >> (e / bytes * width)) & ((1 << width) - 1)) << left);
                code += bytes;
            }
        }
    }

    /// <summary>x · y, an element at a time.</summary>
    public static int Product(sbyte* x, byte* y, int n, int bits)
    {
        byte* block = stackalloc byte[128];
        int sum = 0;
        for (int start = 0; start < n; start += 128, y += 16 * bits)
        {
            int length = Math.Min(128, n - start);
            Unpack(y, block, length, bits);
            for (int i = 0; i < length; i++) sum += x[start + i] * block[i];
        }
        return sum;
    }
}

/// <summary>The sums of the lanes of four vectors.</summary>
internal static class LaneSums
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Of(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d) =>
        Of(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Of(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        Vector256<int> pairs = Avx2.HorizontalAdd(Avx2.HorizontalAdd(a, b), Avx2.HorizontalAdd(c, d));
        return pairs.GetLower() + pairs.GetUpper();
    }
}
