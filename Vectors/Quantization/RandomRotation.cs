using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace VecSql.Vectors.Quantization;

/// <summary>
/// A random rotation that takes n·log n steps: thrice random signs, then the Walsh–Hadamard transform of the largest power of two of elements from the
/// front and of as many from the back. It spreads what few dimensions hold over all of them, so that one step size suits every dimension of every data
/// set. A function of the padded dimensions alone, hence not stored.
/// </summary>
internal sealed unsafe class RandomRotation
{
    private const int Rounds = 3;
    private const int Granularity = 64;

    private readonly float[] _signs;
    private readonly int _block;

    public RandomRotation(int dimensions)
    {
        Dimensions = PaddedDimensions(dimensions);
        _block = 1 << BitOperations.Log2((uint)Dimensions);
        _signs = new float[Rounds * Dimensions];
        float scale = 1 / MathF.Sqrt(_block);
        for (int i = 0; i < _signs.Length; i++)
        {
            // The second transform of a round scales by itself: its signs can't carry its scale.
            float magnitude = i % Dimensions < _block ? scale : 1;
            _signs[i] = (Mix((ulong)i) & 1) == 0 ? magnitude : -magnitude;
        }
    }

    /// <summary>Of what goes in (padded with zeros) and comes out: the next multiple of 64.</summary>
    public int Dimensions { get; }

    public static int PaddedDimensions(int dimensions) => (dimensions + Granularity - 1) & ~(Granularity - 1);

    /// <summary>Rotates in place. Lengths and products stay what they were, but for rounding.</summary>
    public void Apply(float* vector)
    {
        float backScale = 1 / MathF.Sqrt(_block);
        for (int round = 0; round < Rounds; round++)
        {
            fixed (float* signs = &_signs[round * Dimensions])
                for (int i = 0; i < Dimensions; i += 16) (Vector512.Load(vector + i) * Vector512.Load(signs + i)).Store(vector + i);
            Transform(vector, _block);
            if (_block == Dimensions) continue;
            float* back = vector + Dimensions - _block;
            for (int i = 0; i < _block; i += 16) (Vector512.Load(back + i) * backScale).Store(back + i);
            Transform(back, _block);
        }
    }

    /// <summary>The unscaled Walsh–Hadamard transform of n elements, a power of two of at least 64.</summary>
    private static void Transform(float* x, int n)
    {
        for (int i = 0; i < n; i += 16)
        {
            Vector512<float> v = Vector512.Load(x + i);
            v = Butterfly(v, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14), 1);
            v = Butterfly(v, Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13), 2);
            v = Butterfly(v, Vector512.Create(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11), 4);
            v = Butterfly(v, Vector512.Create(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7), 8);
            v.Store(x + i);
        }
        for (int half = 16; half < n; half *= 2)
        {
            for (int start = 0; start < n; start += 2 * half)
            {
                for (float* a = x + start, end = a + half; a < end; a += 16)
                {
                    Vector512<float> first = Vector512.Load(a), second = Vector512.Load(a + half);
                    (first + second).Store(a);
                    (first - second).Store(a + half);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Butterfly(Vector512<float> v, Vector512<int> partners, int half)
    {
        Vector512<int> isSecond = Vector512.Equals(Vector512<int>.Indices & Vector512.Create(half), Vector512.Create(half));
        Vector512<float> signed = (v.AsInt32() ^ (isSecond & Vector512.Create(int.MinValue))).AsSingle();
        return Vector512.Shuffle(v, partners) + signed;
    }

    /// <summary>The finalizer of SplitMix64.</summary>
    private static ulong Mix(ulong z)
    {
        z = (z + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
