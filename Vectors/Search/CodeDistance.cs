using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;

namespace VecSql.Vectors.Search;

/// <summary>The product of a query's bytes and a code.</summary>
internal unsafe interface ICodeKernel
{
    static abstract int Sum(sbyte* query, byte* code, int n);

    /// <summary>The products with four codes: the query is loaded once, and their memory is waited for together.</summary>
    static abstract Vector128<int> Sum(sbyte* query, byte* a, byte* b, byte* c, byte* d, int n);
    static abstract int Bytes(int n);
}

internal readonly unsafe struct ByteKernel : ICodeKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(sbyte* query, byte* code, int n) => ByteLoop.Sum(query, code, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sum(sbyte* query, byte* a, byte* b, byte* c, byte* d, int n) => ByteLoop.Sum(query, a, b, c, d, n);

    public static int Bytes(int n) => n;
}

internal readonly unsafe struct PlaneKernel<TBits> : ICodeKernel
    where TBits : struct, IBitCount
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(sbyte* query, byte* code, int n) => PlaneLoop<TBits>.Sum(query, code, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sum(sbyte* query, byte* a, byte* b, byte* c, byte* d, int n) => PlaneLoop<TBits>.Sum(query, a, b, c, d, n);

    public static int Bytes(int n) => n / 8 * TBits.Bits;
}

/// <summary>Estimated distance to quantized rows.</summary>
internal readonly unsafe struct CodeDistance<TKernel>(ChunkView codes, sbyte* query, int dimensions, QuantizedQuery bound) : INodeDistance
    where TKernel : struct, ICodeKernel
{
    private const int MaxPrefetchBytes = 1024;
    private const int Lookahead = 8;
    private readonly float _step = bound.Step, _offset = bound.Offset, _constant = bound.Constant;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float To(int id)
    {
        byte* code = codes.At(id);
        float* factors = (float*)(code + TKernel.Bytes(dimensions));
        float distance = _constant + factors[1] + (factors[0] * ((_step * TKernel.Sum(query, code, dimensions)) + _offset));
        return float.IsNaN(distance) ? float.PositiveInfinity : distance;
    }

    public void To(int* ids, int count, float* distances)
    {
        ChunkView rows = codes;
        sbyte* bytes = query;
        int n = dimensions, factorsAt = TKernel.Bytes(n), ahead = Math.Min(Lookahead, count);
        Vector128<float> step = Vector128.Create(_step), offset = Vector128.Create(_offset), constant = Vector128.Create(_constant);
        for (int i = 0; i < ahead; i++) Prefetch(ids[i]);
        for (int i = 0; i < count; i += 4)
        {
            for (int end = Math.Min(count, ahead + 4); ahead < end; ahead++) Prefetch(ids[ahead]);
            // Beyond the last, the last again.
            int last = count - 1 - i;
            byte* a = rows.At(ids[i]), b = rows.At(ids[i + Math.Min(1, last)]);
            byte* c = rows.At(ids[i + Math.Min(2, last)]), d = rows.At(ids[i + Math.Min(3, last)]);
            Vector128<float> products = Vector128.ConvertToSingle(TKernel.Sum(bytes, a, b, c, d, n));
            float* fa = (float*)(a + factorsAt), fb = (float*)(b + factorsAt), fc = (float*)(c + factorsAt), fd = (float*)(d + factorsAt);
            Vector128<float> factors = Vector128.Create(fa[0], fb[0], fc[0], fd[0]), addends = Vector128.Create(fa[1], fb[1], fc[1], fd[1]);
            Vector128<float> estimates = constant + addends + (factors * ((step * products) + offset));
            Vector128.ConditionalSelect(Vector128.IsNaN(estimates), Vector128.Create(float.PositiveInfinity), estimates).Store(distances + i);
        }
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

/// <summary>The one place that maps a kind of codes to its kernel.</summary>
internal static unsafe class CodeDispatch
{
    /// <summary>Runs with the distance from the query that <see cref="SearchContext.BindCodes"/> took.</summary>
    public static void Run<TAction>(QuantizedRows codes, SearchContext context, ref TAction action)
        where TAction : struct, IDistanceAction, allows ref struct
    {
        Run(codes.Kind.Bits(), codes.View, context.QueryBytes.Pointer, codes.Dimensions, context.QuantizedQuery, ref action);
    }

    public static void Run<TAction>(int bits, ChunkView codes, sbyte* query, int dimensions, QuantizedQuery bound, ref TAction action)
        where TAction : struct, IDistanceAction, allows ref struct
    {
        switch (bits)
        {
            case 2: action.RunOver(new CodeDistance<PlaneKernel<Bits2>>(codes, query, dimensions, bound)); break;
            case 3: action.RunOver(new CodeDistance<PlaneKernel<Bits3>>(codes, query, dimensions, bound)); break;
            case 4: action.RunOver(new CodeDistance<PlaneKernel<Bits4>>(codes, query, dimensions, bound)); break;
            case 5: action.RunOver(new CodeDistance<PlaneKernel<Bits5>>(codes, query, dimensions, bound)); break;
            case 6: action.RunOver(new CodeDistance<PlaneKernel<Bits6>>(codes, query, dimensions, bound)); break;
            case 7: action.RunOver(new CodeDistance<PlaneKernel<Bits7>>(codes, query, dimensions, bound)); break;
            case 8: action.RunOver(new CodeDistance<ByteKernel>(codes, query, dimensions, bound)); break;
            default: throw new ArgumentOutOfRangeException(nameof(bits), bits, "unknown width of codes");
        }
    }
}
