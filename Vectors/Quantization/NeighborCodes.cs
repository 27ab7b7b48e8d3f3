using System.Runtime.Intrinsics;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Quantization;

/// <summary>
/// One-bit codes of a node's neighbours, stored behind its list, as seen from the node (RaBitQ; laid out in lists as SymphonyQG does, Gou et al., arXiv 2411.12229).
/// With x the neighbour, c the node and P the rotation, a code is the signs s of P(x − c); with g = |x − c|² / (s · P(x − c)), g · (s · Pq − s · Pc) estimates (x − c) · (q − c) without bias. The
/// distance of q from c is computed from c's row, so an estimate is that plus an addend plus a factor times s · Pq. The closer neighbours lie together, the smaller is the error.
/// <para>In blocks of 32, as <see cref="SignCodes"/>. A list that changes under readers has codes of other neighbours for a moment: a wrong estimate, and no more.</para>
/// </summary>
internal sealed unsafe class NeighborCodes
{
    private readonly DistanceMetric _metric;
    private readonly float[] _center;
    private readonly RandomRotation _rotation;

    /// <summary>P(center).</summary>
    private readonly float[] _origin;

    public NeighborCodes(DistanceMetric metric, float[] center)
    {
        _metric = metric;
        _center = center;
        _rotation = new RandomRotation(center.Length);
        Signs = new SignCodes(metric, center);
        _origin = new float[_rotation.Dimensions];
        center.CopyTo(_origin, 0);
        fixed (float* origin = _origin) _rotation.Apply(origin);
    }

    /// <summary>For queries, and how blocks are laid out.</summary>
    public SignCodes Signs { get; }

    /// <summary>Bytes behind a list of so many neighbours, in whole cache lines.</summary>
    public static int BytesOf(int dimensions, int degree)
    {
        int bytes = (degree + SignScan.Lanes - 1) / SignScan.Lanes * SignCodes.BlockBytesOf(RandomRotation.PaddedDimensions(dimensions));
        return (bytes + NativeMemoryBlock.CacheLine - 1) & ~(NativeMemoryBlock.CacheLine - 1);
    }

    /// <summary>Writes the codes of a node's neighbours.</summary>
    /// <param name="neighbors">Their ids, in the order of the list; negative ones are left out.</param>
    /// <param name="codes">Behind the list.</param>
    public void Encode(VectorRows rows, int node, ReadOnlySpan<int> neighbors, byte* codes, NativeBuffer<float> scratch)
    {
        int n = _rotation.Dimensions;
        scratch.EnsureLength(2 * n);
        float* c = scratch.Pointer, x = c + n;
        Rotate(rows.Row(node), c);
        for (int i = 0; i < neighbors.Length; i++)
        {
            if (neighbors[i] < 0) continue;
            Rotate(rows.Row(neighbors[i]), x);
            EncodeOne(c, x, codes + (i / SignScan.Lanes * Signs.BlockBytes), i % SignScan.Lanes);
        }
    }

    private void EncodeOne(float* node, float* neighbor, byte* block, int lane)
    {
        int shift = lane < SignScan.Lanes / 2 ? 0 : 4;
        byte* at = block + (lane & 15);
        Vector512<float> squares = default, products = default, ofNode = default, fromOrigin = default;
        fixed (float* origin = _origin)
        {
            for (int i = 0; i < _rotation.Dimensions; i += 16)
            {
                Vector512<float> c = Vector512.Load(node + i), difference = Vector512.Load(neighbor + i) - c;
                Vector512<int> sign = difference.AsInt32() & Vector512.Create(int.MinValue);
                squares += difference * difference;
                products += Vector512.Abs(difference);
                ofNode += (c.AsInt32() ^ sign).AsSingle();
                fromOrigin += difference * (c + Vector512.Load(origin + i));
                uint positive = ~(uint)difference.ExtractMostSignificantBits();
                for (int group = 0; group < 4; group++, at += SignScan.GroupBytes, positive >>= 4)
                    *at = (byte)((*at & (0xF0 >> shift)) | (int)((positive & 15) << shift));
            }
        }
        double squared = Vector512.Sum(squares), product = Vector512.Sum(products);
        double factor = product > 0 ? squared / product : 0;
        (double f, double a) = _metric == DistanceMetric.L2
            ? (-2 * factor, squared + (2 * factor * Vector512.Sum(ofNode)))
            : (-factor, (factor * Vector512.Sum(ofNode)) - Vector512.Sum(fromOrigin));
        ((uint*)(block + Signs.CodeBytes))[lane] = SignCodes.Pair(a, f);
    }

    /// <summary>x = P(row · scale − center).</summary>
    private void Rotate(float* row, float* x)
    {
        float scale = _metric == DistanceMetric.Cosine ? (float)(1 / VectorMath.Norm(new ReadOnlySpan<float>(row, _center.Length))) : 1;
        for (int i = 0; i < _center.Length; i++) x[i] = (row[i] * scale) - _center[i];
        new Span<float>(x + _center.Length, _rotation.Dimensions - _center.Length).Clear();
        _rotation.Apply(x);
    }
}
