using System.Runtime.Intrinsics;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Quantization;

/// <summary>
/// One-bit codes that are read 32 at a time (RaBitQ, Gao &amp; Long, arXiv 2405.12497). With x a row less the center, s the signs of Px and g = |x|² / (s · Px), g · (s · Pq) estimates x · q without
/// bias. A distance is an addend plus a factor times s · Pq, plus what depends on the query alone, which is left out.
/// <para>Per 32 rows: a block of groups (<see cref="SignScan"/>), then for each row addend and factor, the upper halves of two floats in one word.</para>
/// </summary>
internal sealed unsafe class SignCodes
{
    private readonly RandomRotation _rotation;
    private readonly float[] _center;
    private readonly DistanceMetric _metric;

    public SignCodes(DistanceMetric metric, float[] center)
    {
        _metric = metric;
        _center = center;
        _rotation = new RandomRotation(center.Length);
    }

    public int Dimensions => _rotation.Dimensions;
    public int Groups => Dimensions / SignScan.GroupDimensions;

    /// <summary>Bytes of the codes and factors of 32 rows.</summary>
    public int BlockBytes => BlockBytesOf(Dimensions);

    /// <summary>Of these, the codes.</summary>
    public int CodeBytes => Groups * SignScan.GroupBytes;

    /// <summary>Bytes that a query's tables take.</summary>
    public int TableBytes => Groups * SignScan.GroupBytes;

    public static int BlockBytesOf(int paddedDimensions) => (paddedDimensions / SignScan.GroupDimensions * SignScan.GroupBytes) + (SignScan.Lanes * sizeof(uint));

    /// <summary>Writes the code of one row.</summary>
    /// <param name="x">Scratch of as many floats as <see cref="Dimensions"/>.</param>
    public void Encode(float* row, float* x, byte* blocks, int place)
    {
        float scale = _metric == DistanceMetric.Cosine ? (float)(1 / VectorMath.Norm(new ReadOnlySpan<float>(row, _center.Length))) : 1;
        double squared = 0, fromCenter = 0, product = 0;
        for (int i = 0; i < _center.Length; i++)
        {
            x[i] = (row[i] * scale) - _center[i];
            squared += x[i] * x[i];
            fromCenter += x[i] * _center[i];
        }
        new Span<float>(x + _center.Length, Dimensions - _center.Length).Clear();
        _rotation.Apply(x);
        byte* block = blocks + (place / SignScan.Lanes * BlockBytes);
        int lane = place % SignScan.Lanes, shift = lane < SignScan.Lanes / 2 ? 0 : 4;
        byte* at = block + (lane & 15);
        for (int group = 0; group < Groups; group++, at += SignScan.GroupBytes)
        {
            int signs = 0;
            for (int i = 0; i < SignScan.GroupDimensions; i++, x++)
            {
                if (*x >= 0) signs |= 1 << i;
                product += Math.Abs(*x);
            }
            *at = (byte)((*at & (0xF0 >> shift)) | (signs << shift));
        }
        double factor = product > 0 ? squared / product : 0;
        (double f, double a) = _metric == DistanceMetric.L2 ? (-2 * factor, squared) : (-factor, -fromCenter);
        ((uint*)(block + CodeBytes))[lane] = Pair(a, f);
    }

    /// <summary>Prepares a query.</summary>
    /// <param name="y">P(query − center).</param>
    public SignQuery Bind(float* y, byte* table)
    {
        int n = Dimensions;
        float widest = 0;
        for (int i = 0; i < n; i += SignScan.GroupDimensions)
        {
            float width = Vector128.Sum(Vector128.Abs(Vector128.Load(y + i)));
            widest = Math.Max(widest, width);
        }
        float step = 2 * widest / 255, inverse = step > 0 && float.IsFinite(1 / step) ? 1 / step : 0;
        Vector512<int> pattern = Vector512<int>.Indices;
        Vector512<float> one = Vector512.Create(inverse), minus = -one;
        Vector512<float> s0 = Vector512.ConditionalSelect(Vector512.Equals(pattern & Vector512.Create(1), default).AsSingle(), minus, one);
        Vector512<float> s1 = Vector512.ConditionalSelect(Vector512.Equals(pattern & Vector512.Create(2), default).AsSingle(), minus, one);
        Vector512<float> s2 = Vector512.ConditionalSelect(Vector512.Equals(pattern & Vector512.Create(4), default).AsSingle(), minus, one);
        Vector512<float> s3 = Vector512.ConditionalSelect(Vector512.Equals(pattern & Vector512.Create(8), default).AsSingle(), minus, one);
        Vector512<float> half = Vector512.Create(127.5f);
        for (int i = 0; i < n; i += SignScan.GroupDimensions, table += SignScan.GroupBytes)
        {
            Vector512<float> entries = half + (s0 * y[i]) + (s1 * y[i + 1]) + (s2 * y[i + 2]) + (s3 * y[i + 3]);
            Vector512<int> rounded = Vector512.ConvertToInt32(Vector512.Round(entries));
            Vector256<ushort> words = Vector256.Narrow(rounded.GetLower(), rounded.GetUpper()).AsUInt16();
            Vector128.Narrow(words.GetLower(), words.GetUpper()).Store(table);
        }
        return new SignQuery(step, -127.5f * step * Groups);
    }

    /// <summary>Addend and factor in one word.</summary>
    public static uint Pair(double addend, double factor) => Upper((float)addend) | (Upper((float)factor) >> 16);

    private static uint Upper(float value) => (BitConverter.SingleToUInt32Bits(value) + 0x8000) & 0xFFFF0000;
}

/// <summary>What turns sums of table entries into s · Pq: their step, and what to add.</summary>
internal readonly record struct SignQuery(float Step, float Offset);
