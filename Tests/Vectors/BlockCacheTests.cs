using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

/// <summary>Graphs and rows that are searched by blocks, a few of which are in memory at a time.</summary>
public sealed unsafe class BlockCacheTests
{
    private const int Dimensions = 40, Count = 6000, K = 10;

    private sealed class Bytes(byte[] bytes) : IBlockSource
    {
        public void Read(long offset, Span<byte> target) => bytes.AsSpan((int)offset, target.Length).CopyTo(target);
    }

    private static float[] Row(int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, Dimensions).Select(_ => (float)random.NextDouble())];
    }

    [Theory]
    [InlineData(VectorQuantization.None)]
    [InlineData(VectorQuantization.Sq8)]
    public void Searches_by_blocks_find_the_same_within_the_bound_on_several_threads(VectorQuantization quantization)
    {
        byte[] rows = new byte[Count * Dimensions * sizeof(float)];
        for (int i = 0; i < Count; i++) System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(Row(i)).CopyTo(rows.AsSpan(i * Dimensions * sizeof(float)));
        fixed (byte* address = rows)
        {
            // Two runs of rows, as batches of a segment lie.
            const int Run = 4096;
            nint[] chunks = [(nint)address, (nint)address + (Run * Dimensions * sizeof(float))];
            using MappedVectorStore store = new(chunks, 12, Dimensions * sizeof(float), Count, Dimensions);
            using MemoryStream file = new();
            using (HnswGraph built = HnswGraph.Build(store, Count, new HnswOptions { Metric = DistanceMetric.L2, Quantization = quantization }, 2)) built.WriteTo(file);
            byte[] bytes = file.ToArray();
            using HnswGraph graph = HnswGraph.Open(bytes, store);
            int[][] expected = [.. Enumerable.Range(0, 100).Select(q => Search(graph, q))];
            int[][] expectedExact = [.. Enumerable.Range(0, 20).Select(q => Exact(store, q))];

            const long Bound = 200 << 10;
            BlockCache.Shared.CapacityBytes = Bound;
            try
            {
                graph.Page(true, new Bytes(bytes), 0);
                store.Page(true, new Bytes(rows), 0, Run * Dimensions * sizeof(float));
                long readBefore = BlockCache.Shared.Reads;
                Parallel.For(0, 4, thread =>
                {
                    for (int round = 0; round < 3; round++)
                        for (int q = 0; q < expected.Length; q++)
                            Assert.Equal(expected[(q + (thread * 25)) % expected.Length], Search(graph, (q + (thread * 25)) % expected.Length));
                    for (int q = 0; q < expectedExact.Length; q++) Assert.Equal(expectedExact[q], Exact(store, q));
                    Assert.Equal(Count, Drain(graph, thread));
                });
                Assert.True(BlockCache.Shared.Reads - readBefore > 1000, "nothing had to be read again");
                // Now that no reader is left, the next block that comes brings the rest within the bound.
                for (int q = 0; q < 40; q++) Search(graph, q, ef: 1, k: 1);
                Assert.InRange(BlockCache.Shared.Bytes, 1, Bound + (300 << 10));

                graph.Page(false, new Bytes(bytes), 0);
                store.Page(false, new Bytes(rows), 0, 0);
                for (int q = 0; q < expected.Length; q++) Assert.Equal(expected[q], Search(graph, q));
            }
            finally
            {
                BlockCache.Shared.CapacityBytes = 0;
            }
        }
    }

    private static int[] Search(HnswGraph graph, int query, int ef = 40, int k = K)
    {
        Neighbor[] found = new Neighbor[K];
        SearchStats stats = default;
        int count = graph.Search(Row(1_000_000 + query), k, ef, found, ref stats);
        return [.. found[..count].Select(n => n.Id)];
    }

    private static int[] Exact(MappedVectorStore store, int query)
    {
        Neighbor[] found = new Neighbor[K];
        SearchStats stats = default;
        int count = ExactSearch.Search(store, DistanceMetric.L2, 0, Count, default(AllNodes), Row(1_000_000 + query), K, found, ref stats);
        return [.. found[..count].Select(n => n.Id)];
    }

    private static int Drain(HnswGraph graph, int query)
    {
        using HnswCursor cursor = new(graph, Row(1_000_000 + query), 60);
        Neighbor[] found = new Neighbor[64];
        SearchStats stats = default;
        HashSet<int> seen = [];
        for (int count; (count = cursor.Next(found, ref stats)) > 0;)
            for (int i = 0; i < count; i++)
                Assert.True(seen.Add(found[i].Id));
        return seen.Count;
    }
}
