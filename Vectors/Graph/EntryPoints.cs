using System.Numerics;
using System.Runtime.Intrinsics;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;

namespace VecSql.Vectors.Graph;

/// <summary>
/// The nodes of a level that holds few enough to be gone through whole, with one-bit codes of theirs around the center: a search begins at the nearest by estimate, in place of walking down to that level.
/// <para>Ids (int32), then blocks of 32 codes (<see cref="SignCodes"/>); lanes beyond the last repeat it.</para>
/// </summary>
internal sealed unsafe class EntryPoints : IDisposable
{
    public const int Most = 1024;

    private readonly NativeBuffer<byte>? _owned;
    private readonly byte* _bytes;
    private readonly SignCodes _codes;

    private EntryPoints(int level, int count, SignCodes codes, byte* bytes, NativeBuffer<byte>? owned)
    {
        Level = level;
        Count = count;
        _codes = codes;
        _bytes = bytes;
        _owned = owned;
    }

    /// <summary>All nodes reach it; 1 or more.</summary>
    public int Level { get; }

    public int Count { get; }
    public long MemoryBytes => _owned?.Bytes ?? 0;

    /// <summary>Ids and codes.</summary>
    public ReadOnlySpan<byte> Bytes => new(_bytes, (int)Size(Count, _codes.Dimensions));

    public ReadOnlySpan<int> Ids => new(_bytes, Blocks(Count) * SignScan.Lanes);

    public static long Size(int count, int paddedDimensions) => IdBytes(count) + ((long)Blocks(count) * SignCodes.BlockBytesOf(paddedDimensions));

    /// <summary>That lie in memory of others.</summary>
    public static EntryPoints Wrap(int level, int count, SignCodes codes, byte* bytes) => new(level, count, codes, bytes, null);

    /// <param name="ids">1 or more, of linked nodes that reach the level.</param>
    public static EntryPoints Encode(int level, ReadOnlySpan<int> ids, SignCodes codes, VectorRows rows)
    {
        NativeBuffer<byte> memory = new();
        memory.EnsureLength((int)Size(ids.Length, codes.Dimensions));
        byte* bytes = memory.Pointer, blocks = bytes + IdBytes(ids.Length);
        using NativeBuffer<float> point = new();
        point.EnsureLength(codes.Dimensions);
        for (int i = 0; i < Blocks(ids.Length) * SignScan.Lanes; i++)
        {
            int id = ids[Math.Min(i, ids.Length - 1)];
            ((int*)bytes)[i] = id;
            codes.Encode(rows.Row(id), point.Pointer, blocks, i);
        }
        return new EntryPoints(level, ids.Length, codes, bytes, memory);
    }

    /// <summary>The node that is nearest by estimate. What the bytes say is checked by the caller: they may be damaged.</summary>
    /// <param name="rotated">P(query − center).</param>
    /// <param name="table">Scratch.</param>
    public int Nearest(float* rotated, NativeBuffer<byte> table)
    {
        table.EnsureLength(_codes.TableBytes);
        SignQuery query = _codes.Bind(rotated, table.Pointer);
        int* sums = stackalloc int[SignScan.Lanes];
        Vector512<float> step = Vector512.Create(query.Step), offset = Vector512.Create(query.Offset), least = Vector512.Create(float.PositiveInfinity);
        Vector512<uint> upper = Vector512.Create(0xFFFF0000);
        Vector512<int> places = default, place = Vector512<int>.Indices;
        byte* block = _bytes + IdBytes(Count);
        for (int i = Blocks(Count); i > 0; i--, block += _codes.BlockBytes)
        {
            SignScan.Sum(block, table.Pointer, _codes.Groups, sums);
            uint* factors = (uint*)(block + _codes.CodeBytes);
            for (int half = 0; half < SignScan.Lanes; half += 16)
            {
                Vector512<uint> pair = Vector512.Load(factors + half);
                Vector512<float> product = (Vector512.ConvertToSingle(Vector512.Load(sums + half)) * step) + offset;
                Vector512<float> estimate = ((pair << 16).AsSingle() * product) + (pair & upper).AsSingle();
                Vector512<float> isLess = Vector512.LessThan(estimate, least);
                least = Vector512.ConditionalSelect(isLess, estimate, least);
                places = Vector512.ConditionalSelect(isLess.AsInt32(), place, places);
                place += Vector512.Create(16);
            }
        }
        int best = 0;
        for (int lane = 1; lane < Vector512<float>.Count; lane++)
            if (least[lane] < least[best]) best = lane;
        return ((int*)_bytes)[places[best]];
    }

    public void Dispose() => _owned?.Dispose();

    private static int Blocks(int count) => (count + SignScan.Lanes - 1) / SignScan.Lanes;
    private static int IdBytes(int count) => Blocks(count) * SignScan.Lanes * sizeof(int);
}
