using System.Buffers.Binary;
using System.Numerics;

namespace VecSql.Core.Functions;

/// <summary>SHA-224 (FIPS 180-4): SHA-256 with another start and the last word left out. .NET has all of the family but this.</summary>
internal static class Sha224
{
    private static readonly uint[] RoundConstants = MakeRoundConstants();

    public static byte[] Hash(ReadOnlySpan<byte> message)
    {
        Span<uint> state = [0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4];
        int whole = message.Length & ~63;
        for (int at = 0; at < whole; at += 64) Mix(state, message.Slice(at, 64));
        Span<byte> tail = stackalloc byte[128];
        tail.Clear();
        ReadOnlySpan<byte> rest = message[whole..];
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        int tailLength = rest.Length < 56 ? 64 : 128;
        BinaryPrimitives.WriteUInt64BigEndian(tail[(tailLength - 8)..], (ulong)message.Length * 8);
        for (int at = 0; at < tailLength; at += 64) Mix(state, tail.Slice(at, 64));
        byte[] digest = new byte[28];
        for (int i = 0; i < 7; i++) BinaryPrimitives.WriteUInt32BigEndian(digest.AsSpan(4 * i), state[i]);
        return digest;
    }

    private static void Mix(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (int i = 0; i < 16; i++) w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
        for (int i = 16; i < 64; i++)
        {
            uint s0 = BitOperations.RotateRight(w[i - 15], 7) ^ BitOperations.RotateRight(w[i - 15], 18) ^ (w[i - 15] >> 3);
            uint s1 = BitOperations.RotateRight(w[i - 2], 17) ^ BitOperations.RotateRight(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = unchecked(w[i - 16] + s0 + w[i - 7] + s1);
        }
        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (int i = 0; i < 64; i++)
        {
            uint s1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            uint s0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            uint first = unchecked(h + s1 + ((e & f) ^ (~e & g)) + RoundConstants[i] + w[i]);
            uint second = unchecked(s0 + ((a & b) ^ (a & c) ^ (b & c)));
            (h, g, f, e, d, c, b, a) = (g, f, e, unchecked(d + first), c, b, a, unchecked(first + second));
        }
        ReadOnlySpan<uint> added = [a, b, c, d, e, f, g, h];
        for (int i = 0; i < 8; i++) state[i] = unchecked(state[i] + added[i]);
    }

    /// <summary>The first 32 bits of the fractions of the cube roots of the first 64 primes, computed in integers.</summary>
    private static uint[] MakeRoundConstants()
    {
        uint[] constants = new uint[64];
        int found = 0;
        for (int n = 2; found < 64; n++)
        {
            bool isPrime = true;
            for (int d = 2; d * d <= n && isPrime; d++) isPrime = n % d != 0;
            if (isPrime) constants[found++] = unchecked((uint)CubeRoot((BigInteger)n << 96));
        }
        return constants;
    }

    private static ulong CubeRoot(BigInteger value)
    {
        ulong root = 0;
        for (int bit = 35; bit >= 0; bit--)
        {
            BigInteger next = root | 1UL << bit;
            if (next * next * next <= value) root = (ulong)next;
        }
        return root;
    }
}
