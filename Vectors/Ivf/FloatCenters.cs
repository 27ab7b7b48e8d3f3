using System.Runtime.InteropServices;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Ivf;

/// <summary>Centers of float32 and half rows: float32, of length one for the metrics that know directions only.</summary>
internal sealed unsafe class FloatCenters : IvfCenters
{
    private readonly float[] _origin;
    private readonly float[] _offsets;
    private readonly int _padded;

    /// <param name="words">Of a row.</param>
    /// <param name="origin">The shift of rows under L2, padded; empty otherwise.</param>
    public FloatCenters(DistanceMetric metric, int count, int words, byte* pointer, object? owner, float[] origin)
        : base(metric, count, StrideOf(metric, words), pointer, owner)
    {
        _origin = origin;
        _padded = Stride / sizeof(float);
        _offsets = OffsetsOf(metric, (float*)pointer, count, _padded);
    }

    public override ReadOnlySpan<float> Origin => _origin;

    /// <summary>What is taken off each center's product: half its squared length under L2.</summary>
    public static float[] OffsetsOf(DistanceMetric metric, float* centers, int count, int n)
    {
        float[] offsets = new float[Math.Max(1, count)];
        if (IsSpherical(metric)) return offsets;
        for (int c = 0; c < count; c++) offsets[c] = CenterLoop.Product(centers + ((nint)c * n), centers + ((nint)c * n), n) / 2;
        return offsets;
    }

    public override void Assign(VectorRows rows, int first, int end, Span<int> nearest)
    {
        float[] block = GC.AllocateUninitializedArray<float>(CenterLoop.BlockRows * _padded, pinned: true);
        float* scores = stackalloc float[CenterLoop.BlockRows];
        fixed (float* x = block, offsets = _offsets)
        fixed (int* result = nearest)
        {
            for (int start = first; start < end; start += CenterLoop.BlockRows)
            {
                int count = Math.Min(CenterLoop.BlockRows, end - start);
                int* places = result + (start - first);
                for (int i = 0; i < count; i++) Read(Metric, new ReadOnlySpan<float>(rows.Row(start + i), rows.Dimensions), _origin, new Span<float>(x + ((nint)i * _padded), _padded));
                CenterLoop.Nearest(x, count, _padded, (float*)Pointer, offsets, Count, places, scores);
                for (int i = 0; i < count; i++)
                {
                    ReadOnlySpan<float> row = new(x + ((nint)i * _padded), _padded);
                    if (!HasPlace(Metric, row)) places[i] = -1;
                    // Its products overflowed: any list will do.
                    else if (places[i] < 0) places[i] = 0;
                }
            }
        }
    }

    public override void Rank(ReadOnlySpan<float> query, NativeBuffer<float> scratch, Span<float> distances)
    {
        scratch.EnsureLength(_padded);
        float* row = scratch.Pointer;
        Read(Metric, query, _origin, new Span<float>(row, _padded));
        fixed (float* offsets = _offsets, result = distances) CenterLoop.Scores(row, _padded, (float*)Pointer, offsets, Count, result);
        for (int i = 0; i < Count; i++) distances[i] = float.IsNaN(distances[i]) ? float.PositiveInfinity : -distances[i];
    }

    /// <summary>A row as floats, shifted and padded with zeros.</summary>
    public static void Read(DistanceMetric metric, ReadOnlySpan<float> row, ReadOnlySpan<float> origin, Span<float> target)
    {
        int used = row.Length;
        if (RowForms.Of(metric) == RowForm.Float16)
        {
            used *= 2;
            HalfConversion.Widen(MemoryMarshal.Cast<float, Half>(row), target[..used]);
        }
        else row.CopyTo(target);
        for (int i = 0; i < origin.Length && i < used; i++) target[i] -= origin[i];
        target[used..].Clear();
    }

    public static bool HasPlace(DistanceMetric metric, ReadOnlySpan<float> row) => VectorMath.IsFinite(row) && (!IsCosine(metric) || VectorMath.Norm(row) > 0);
}
