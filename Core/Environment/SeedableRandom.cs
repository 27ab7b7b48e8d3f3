using System.Numerics;

namespace VecSql.Core.Environment;

/// <summary>
/// A session's random numbers: xoroshiro128** (Blackman and Vigna), seeded through splitmix64, which is what PostgreSQL 15 has: after setseed both give the same numbers. Used by one thread.
/// </summary>
public sealed class SeedableRandom : Random
{
    private const int MantissaBits = 52;

    private ulong _first, _second;

    public SeedableRandom() => Seed((ulong)Shared.NextInt64(long.MinValue, long.MaxValue));

    /// <summary>setseed, from -1 to 1.</summary>
    public void Seed(double seed) => Seed(unchecked((ulong)(long)(((1L << MantissaBits) - 1) * seed)));

    public override double NextDouble() => Sample();

    protected override double Sample() => (Next64() >> (64 - MantissaBits)) * (1.0 / (1L << MantissaBits));

    public override long NextInt64() => (long)(Next64() >> 1);

    public override void NextBytes(Span<byte> buffer)
    {
        for (int i = 0; i < buffer.Length; i++) buffer[i] = (byte)(Next64() >> 56);
    }

    private void Seed(ulong seed)
    {
        _first = Mix(ref seed);
        _second = Mix(ref seed);
        // All zeros would stay so for ever.
        if (_first == 0 && _second == 0) (_first, _second) = (0x5851F42D4C957F2D, 0x14057B7EF767814F);
    }

    private static ulong Mix(ref ulong state)
    {
        ulong value = state += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private ulong Next64()
    {
        ulong first = _first, mixed = _second ^ first, value = BitOperations.RotateLeft(first * 5, 7) * 9;
        _first = BitOperations.RotateLeft(first, 24) ^ mixed ^ (mixed << 16);
        _second = BitOperations.RotateLeft(mixed, 37);
        return value;
    }
}
