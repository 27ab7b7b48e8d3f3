using System.Buffers;
using System.Buffers.Binary;
using VecSql.Core.Checksums;
using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

public sealed class HnswFileTests
{
    private const int Rows = 600;
    private readonly TestVectors _vectors = new(12, clusters: 10);

    private GrowableVectorStore Store()
    {
        GrowableVectorStore store = new(12);
        for (int i = 0; i < Rows; i++) store.Append(_vectors.Row(i % 5 == 0 ? i % 3 : i));
        return store;
    }

    private static byte[] Write(HnswGraph graph)
    {
        using MemoryStream stream = new();
        graph.WriteTo(stream);
        return stream.ToArray();
    }

    private byte[] File()
    {
        using GrowableVectorStore store = Store();
        using HnswGraph graph = HnswGraph.Build(store, Rows, TestVectors.Options() with { M = 8, EfConstruction = 32 }, threads: 1);
        return Write(graph);
    }

    [Fact]
    public void An_opened_graph_searches_as_the_one_that_was_written()
    {
        using GrowableVectorStore store = Store();
        using HnswGraph graph = HnswGraph.Build(store, Rows, TestVectors.Options(), threads: 2);
        byte[] file = Write(graph);
        Assert.Equal(graph.FileLength, file.Length);
        ArrayBufferWriter<byte> writer = new();
        graph.WriteTo(writer);
        Assert.Equal(file, writer.WrittenSpan.ToArray());

        using HnswGraph opened = HnswGraph.Open(file, store);
        opened.Verify();
        Assert.False(opened.IsMutable);
        Assert.Equal(graph.Options with { ExpectedNodes = 0 }, opened.Options with { ExpectedNodes = 0 });
        Assert.Equal(graph.LinkedCount, opened.LinkedCount);
        Assert.Equal(file, Write(opened));
        Assert.Throws<InvalidOperationException>(() => opened.Insert(0));
        Neighbor[] a = new Neighbor[20], b = new Neighbor[20];
        SearchStats stats = default;
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(graph.Search(_vectors.Query(i), 20, 40, a, ref stats), opened.Search(_vectors.Query(i), 20, 40, b, ref stats));
            Assert.Equal(a, b);
        }
    }

    [Fact]
    public unsafe void A_graph_is_opened_over_mapped_rows()
    {
        using GrowableVectorStore store = Store();
        byte[] file = File();
        using HnswGraph over = HnswGraph.Open(file, store);
        float[] rows = [.. Enumerable.Range(0, Rows).SelectMany(i => store[i].ToArray())];
        fixed (float* p = rows)
        fixed (byte* bytes = file)
        {
            using MappedVectorStore mapped = new(p, Rows, 12);
            using HnswGraph graph = HnswGraph.Open(bytes, file.Length, mapped);
            Neighbor[] a = new Neighbor[20], b = new Neighbor[20];
            SearchStats stats = default;
            for (int i = 0; i < 50; i++)
            {
                Assert.Equal(20, over.Search(_vectors.Query(i), 20, 100, a, ref stats));
                Assert.Equal(20, graph.Search(_vectors.Query(i), 20, 100, b, ref stats));
                Assert.Equal(a.Select(n => n.Id), b.Select(n => n.Id));
            }
        }
    }

    [Fact]
    public void An_empty_graph_is_a_file_too()
    {
        using GrowableVectorStore store = new(3);
        using HnswGraph graph = new(TestVectors.Options(), store);
        byte[] file = Write(graph);
        Assert.Equal(256, file.Length);
        using HnswGraph opened = HnswGraph.Open(file, store);
        opened.Verify();
        SearchStats stats = default;
        Assert.Equal(0, opened.Search([1, 2, 3], 1, 10, new Neighbor[1], ref stats));
    }

    [Fact]
    public void A_copy_is_extended_by_inserting()
    {
        using GrowableVectorStore store = Store();
        using HnswGraph small = HnswGraph.Build(store, Rows, TestVectors.Options(), threads: 1);
        byte[] file = Write(small);
        using HnswGraph opened = HnswGraph.Open(file, store);
        using HnswGraph copy = TestVectors.Copy(opened, store);
        Assert.Equal(file, Write(copy));
        for (int i = Rows; i < 2 * Rows; i++) store.Append(_vectors.Row(i));
        copy.InsertRange(Rows, 2 * Rows, threads: 2);
        copy.Verify();
        Assert.Equal(2 * Rows, copy.LinkedCount);
        Assert.InRange(TestVectors.MeanRecall(copy, _vectors.Query, 100, 10, ef: 40), 0.97, 1);
        Assert.Equal(file, Write(opened));
    }

    [Fact]
    public void The_format_stands_still()
    {
        // Persisted numbers: a graph of three rows, byte for byte.
        Assert.Equal(Enumerable.Range(1, 18), Enum.GetValues<DistanceMetric>().Select(m => (int)m));
        using GrowableVectorStore store = new(1);
        using HnswGraph graph = new(TestVectors.Options() with { M = 2, EfConstruction = 4, Seed = 7 }, store);
        foreach (float value in (float[])[1, 5, 1]) graph.Insert(store.Append([value]));
        byte[] file = Write(graph);
        Assert.Equal("VECHNSW\0"u8.ToArray(), file[..8]);
        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(8)));
        int[] Record(int id) => [.. Enumerable.Range(0, 4).Select(i => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(256 + (64 * id) + (4 * i))))];
        Assert.Equal([-4, 1, -1, -1], Record(0)); // chain link to node 2, neighbour 1
        Assert.Equal([0, -1, -1, -1], Record(1));
        Assert.Equal([-1, -1, -1, -1], Record(2)); // last of the chain
        Assert.Equal("41E384B4CB421A16", Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(file))[..16]);
    }

    [Fact]
    public void A_header_with_any_flipped_bit_is_refused()
    {
        byte[] file = File();
        using GrowableVectorStore store = Store();
        for (int bit = 0; bit < 256 * 8; bit++)
        {
            file[bit >> 3] ^= (byte)(1 << (bit & 7));
            Assert.Throws<VectorFormatException>(() => HnswGraph.Open(file, store));
            file[bit >> 3] ^= (byte)(1 << (bit & 7));
        }
        HnswGraph.Open(file, store).Dispose();
    }

    [Fact]
    public void A_short_file_or_another_store_is_refused()
    {
        byte[] file = File();
        using GrowableVectorStore store = Store(), other = new(13), few = new(12);
        few.Append(new float[12]);
        foreach (int length in (int[])[0, 1, 255, 256, 5000, file.Length - 64])
            Assert.Throws<VectorFormatException>(() => HnswGraph.Open(file.AsMemory(0, length), store));
        Assert.Throws<VectorFormatException>(() => HnswGraph.Open(file, other));
        Assert.Throws<VectorFormatException>(() => HnswGraph.Open(file, few));
    }

    [Fact]
    public void A_header_with_wild_numbers_and_a_right_checksum_is_refused()
    {
        byte[] original = File();
        using GrowableVectorStore store = Store();
        for (int offset = 8; offset < 144; offset += 4)
        {
            if (offset is >= 60 and < 72 or 88 or 92 or 112 or 116 or 136 or 140) continue; // unused, seed, checksums: any value may be right
            foreach (int value in (int[])[int.MinValue, int.MaxValue, -2, 1_500_000_000])
            {
                byte[] file = (byte[])original.Clone();
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), value);
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(252), Crc32C.Compute(file.AsSpan(0, 252)));
                Assert.Throws<VectorFormatException>(() => HnswGraph.Open(file, store));
            }
        }
    }

    [Fact]
    public void Damaged_sections_never_crash_a_search_and_never_pass_verification()
    {
        byte[] original = File();
        using GrowableVectorStore store = Store();
        Random random = new(5);
        Neighbor[] found = new Neighbor[20], batch = new Neighbor[Rows];
        ulong[] bitmap = [.. Enumerable.Repeat(0x1111111111111111UL, 10)];
        for (int round = 0; round < 200; round++)
        {
            byte[] file = (byte[])original.Clone();
            for (int i = 0; i < (round % 2 == 0 ? 1 : 300); i++)
            {
                int at = (256 / 4) + random.Next((file.Length - 256) / 4);
                // Wild values, and values that look right: ids, ends and chain links.
                int value = random.Next(3) switch { 0 => random.Next(int.MinValue, int.MaxValue), 1 => random.Next(Rows), _ => -2 - random.Next(Rows) };
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at * 4), value);
            }
            using HnswGraph graph = HnswGraph.Open(file, store);
            if (round % 2 == 1) Assert.Throws<VectorFormatException>(graph.Verify);
            SearchStats stats = default;
            for (int i = 0; i < 5; i++)
            {
                graph.Search(_vectors.Query(i), 20, 40, found, ref stats);
                Assert.Equal(20, FilteredSearch.Search(graph, bitmap, -1, _vectors.Query(i), 20, 20, found, ref stats));
                FilteredSearch.Walk(graph, new BitmapFilter(bitmap), _vectors.Query(i), 20, 40, long.MaxValue, found, ref stats);
            }
            using HnswCursor cursor = new(graph, _vectors.Query(7), 10);
            Assert.Equal(Rows, cursor.Next(batch, ref stats));
            Assert.Equal(Rows, batch.Select(n => n.Id).Distinct().Count());
        }
    }

    [Fact]
    public void Structural_damage_behind_a_right_checksum_is_found()
    {
        byte[] original = File();
        using GrowableVectorStore store = Store();
        using HnswGraph source = HnswGraph.Open(original, store);
        // Node 1 may not be its own neighbour, nor may a list have a gap.
        foreach ((int slot, int value) in ((int, int)[])[(1, 1), (1, Rows), (1, -1)])
        {
            byte[] file = (byte[])original.Clone();
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(256 + 64 + (4 * slot)), value);
            Assert.Throws<VectorFormatException>(() => { using HnswGraph graph = HnswGraph.Open(Resign(file), store); graph.Verify(); });
        }
    }

    /// <summary>Recomputes the checksums of the records and of the header.</summary>
    private static byte[] Resign(byte[] file)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(80));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(88), Crc32C.Compute(file.AsSpan(256, length)));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(252), Crc32C.Compute(file.AsSpan(0, 252)));
        return file;
    }
}
