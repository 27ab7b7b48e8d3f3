using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Ivf;

/// <summary>Centers of rows of bits: each bit as most of the list's rows have it.</summary>
internal sealed unsafe class BitCenters(int count, int words, byte* pointer, object? owner)
    : IvfCenters(DistanceMetric.Hamming, count, StrideOf(DistanceMetric.Hamming, words), pointer, owner)
{
    private readonly int _bytes = words * sizeof(float);

    public override void Assign(VectorRows rows, int first, int end, Span<int> nearest)
    {
        for (int id = first; id < end; id++) nearest[id - first] = NearestOf((byte*)rows.Row(id), out _);
    }

    public override void Rank(ReadOnlySpan<float> query, NativeBuffer<float> scratch, Span<float> distances)
    {
        fixed (float* q = query)
            for (int c = 0; c < Count; c++) distances[c] = BitKernels.Hamming((byte*)q, Pointer + ((nint)c * Stride), _bytes);
    }

    public int NearestOf(byte* row, out int distance)
    {
        int nearest = 0;
        distance = int.MaxValue;
        for (int c = 0; c < Count; c++)
        {
            int d = BitKernels.Hamming(row, Pointer + ((nint)c * Stride), _bytes);
            if (d >= distance) continue;
            distance = d;
            nearest = c;
        }
        return nearest;
    }
}
