using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;

namespace VecSql.Vectors.Search;

/// <summary>The product of a query's bytes and a code.</summary>
internal unsafe interface ICodeKernel
{
    static abstract int Sum(sbyte* query, byte* code, int n);
    static abstract int Bytes(int n);
}

internal readonly unsafe struct Sq8Kernel : ICodeKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(sbyte* query, byte* code, int n) => Int8Loop<Int8Product>.Sum(query, (sbyte*)code, n);

    public static int Bytes(int n) => n;
}

internal readonly unsafe struct Sq4Kernel : ICodeKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(sbyte* query, byte* code, int n) => NibbleLoop.Sum(query, code, n);

    public static int Bytes(int n) => n >> 1;
}

/// <summary>Estimated distance to quantized rows.</summary>
internal readonly unsafe struct CodeDistance<TKernel>(ChunkView codes, sbyte* query, int dimensions, QuantizedQuery bound) : INodeDistance
    where TKernel : struct, ICodeKernel
{
    private const int MaxPrefetchBytes = 1024;
    private readonly float _step = bound.Step, _offset = bound.Offset, _constant = bound.Constant;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float To(int id)
    {
        byte* code = codes.At(id);
        float* factors = (float*)(code + TKernel.Bytes(dimensions));
        float distance = _constant + factors[1] + (factors[0] * ((_step * TKernel.Sum(query, code, dimensions)) + _offset));
        return float.IsNaN(distance) ? float.PositiveInfinity : distance;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int id)
    {
        if (!Sse.IsSupported) return;
        byte* code = codes.At(id);
        int bytes = Math.Min((int)codes.Stride, MaxPrefetchBytes);
        for (int offset = 0; offset < bytes; offset += NativeMemoryBlock.CacheLine) Sse.Prefetch0(code + offset);
    }
}
