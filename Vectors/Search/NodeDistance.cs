using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;

namespace VecSql.Vectors.Search;

/// <summary>The distance from one bound query to nodes: the type parameter by which search loops take float rows now, and codes later.</summary>
internal unsafe interface INodeDistance
{
    /// <summary>Never NaN: what can't be compared is infinitely far.</summary>
    float To(int id);

    /// <summary>The distances to several nodes, in their order.</summary>
    /// <param name="distances">Room for <paramref name="count"/>, rounded up to a multiple of four.</param>
    void To(int* ids, int count, float* distances);

    /// <summary>Asks for the node's memory ahead of <see cref="To(int)"/>.</summary>
    void Prefetch(int id);
}

/// <summary>Distance to float32 rows.</summary>
internal readonly unsafe struct RowDistance<TKernel>(VectorRows rows, float* query) : INodeDistance
    where TKernel : struct, IDistanceKernel
{
    // Beyond this many bytes the processor's own stream prefetcher has caught on.
    private const int MaxPrefetchBytes = 1024;

    /// <summary>Rows asked for ahead of the one being scored.</summary>
    private const int Lookahead = 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float To(int id)
    {
        float distance = TKernel.Between(query, rows.Row(id), rows.KernelDimensions);
        return float.IsNaN(distance) ? float.PositiveInfinity : distance;
    }

    public void To(int* ids, int count, float* distances)
    {
        int ahead = Math.Min(Lookahead, count);
        for (int i = 0; i < ahead; i++) Prefetch(ids[i]);
        for (int i = 0; i < count; i++)
        {
            if (ahead < count) Prefetch(ids[ahead++]);
            distances[i] = To(ids[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int id)
    {
        if (!Sse.IsSupported) return;
        byte* row = (byte*)rows.Row(id);
        int bytes = Math.Min(rows.KernelDimensions * sizeof(float), MaxPrefetchBytes);
        for (int offset = 0; offset < bytes; offset += NativeMemoryBlock.CacheLine) Sse.Prefetch0(row + offset);
    }
}

/// <summary>Work that is generic over what nodes are scored by.</summary>
internal interface IDistanceAction
{
    void RunOver<TDistance>(TDistance distance)
        where TDistance : struct, INodeDistance;
}

/// <summary>Work that is generic over the kernel; <see cref="KernelDispatch"/> is the one place that maps a metric to its kernel.</summary>
internal interface IKernelAction
{
    void Run<TKernel>()
        where TKernel : struct, IDistanceKernel;
}

internal static class KernelDispatch
{
    public static void Run<TAction>(DistanceMetric metric, bool rowsAreUnit, ref TAction action)
        where TAction : IKernelAction, allows ref struct
    {
        switch (metric)
        {
            case DistanceMetric.L2: action.Run<L2Kernel>(); break;
            case DistanceMetric.InnerProduct: action.Run<InnerProductKernel>(); break;
            case DistanceMetric.Cosine when rowsAreUnit: action.Run<UnitCosineKernel>(); break;
            case DistanceMetric.Cosine: action.Run<CosineKernel>(); break;
            case DistanceMetric.L1: action.Run<L1Kernel>(); break;
            case DistanceMetric.HalfL2: action.Run<HalfL2Kernel>(); break;
            case DistanceMetric.HalfInnerProduct: action.Run<HalfInnerProductKernel>(); break;
            case DistanceMetric.HalfCosine: action.Run<HalfCosineKernel>(); break;
            case DistanceMetric.HalfL1: action.Run<HalfL1Kernel>(); break;
            case DistanceMetric.Hamming: action.Run<HammingKernel>(); break;
            case DistanceMetric.Jaccard: action.Run<JaccardKernel>(); break;
            case DistanceMetric.SparseL2: action.Run<SparseL2Kernel>(); break;
            case DistanceMetric.SparseInnerProduct: action.Run<SparseInnerProductKernel>(); break;
            case DistanceMetric.SparseCosine: action.Run<SparseCosineKernel>(); break;
            case DistanceMetric.SparseL1: action.Run<SparseL1Kernel>(); break;
            case DistanceMetric.Int8L2: action.Run<Int8L2Kernel>(); break;
            case DistanceMetric.Int8InnerProduct: action.Run<Int8InnerProductKernel>(); break;
            case DistanceMetric.Int8Cosine: action.Run<Int8CosineKernel>(); break;
            case DistanceMetric.Int8L1: action.Run<Int8L1Kernel>(); break;
            default: throw new ArgumentOutOfRangeException(nameof(metric), metric, "unknown distance metric");
        }
    }
}
