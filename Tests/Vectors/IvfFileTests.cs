using System.Buffers.Binary;
using VecSql.Core.Checksums;
using VecSql.Vectors;
using VecSql.Vectors.Ivf;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

/// <summary>Files of lists: written, opened where they lie, damaged.</summary>
public sealed class IvfFileTests
{
    private const int Rows = 500, HeaderBytes = 192;

    private readonly TestVectors _vectors = new(12);

    private GrowableVectorStore Store(int dimensions = 12, int rows = Rows)
    {
        GrowableVectorStore store = new(dimensions);
        for (int i = 0; i < rows; i++) store.Append(_vectors.Row(i).AsSpan(0, Math.Min(12, dimensions)).ToArray());
        return store;
    }

    private byte[] File(DistanceMetric metric = DistanceMetric.L2)
    {
        using GrowableVectorStore store = Store();
        using IvfLists lists = IvfLists.Build(store, Rows, new IvfOptions { Metric = metric, Lists = 20 }, 1);
        using MemoryStream stream = new();
        lists.WriteTo(stream);
        return stream.ToArray();
    }

    [Theory]
    [InlineData(DistanceMetric.L2)]
    [InlineData(DistanceMetric.InnerProduct)]
    [InlineData(DistanceMetric.HalfCosine)]
    [InlineData(DistanceMetric.Hamming)]
    public void Opened_lists_answer_as_those_that_were_written(DistanceMetric metric)
    {
        using GrowableVectorStore store = Store();
        using IvfLists built = IvfLists.Build(store, Rows, new IvfOptions { Metric = metric, Lists = 20 }, 2);
        using IvfLists opened = IvfLists.Open(File(metric), store);
        opened.Verify();
        Assert.Equal((built.Options, built.Lists, built.Limit, built.LinkedCount), (opened.Options, opened.Lists, opened.Limit, opened.LinkedCount));
        Neighbor[] one = new Neighbor[10], other = new Neighbor[10];
        SearchStats stats = default;
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(built.Search(_vectors.Query(i), 10, 2, one, ref stats), opened.Search(_vectors.Query(i), 10, 2, other, ref stats));
            Assert.Equal(one, other);
        }
    }

    [Fact]
    public void The_bytes_are_those_of_version_one()
    {
        // Rows that need no arithmetic to divide: two places, far apart.
        GrowableVectorStore store = new(2);
        for (int i = 0; i < 32; i++) store.Append([i % 2 == 0 ? 1 : -1, 0]);
        using IvfLists lists = IvfLists.Build(store, 32, new IvfOptions { Metric = DistanceMetric.InnerProduct, Lists = 2 }, 1);
        using MemoryStream stream = new();
        lists.WriteTo(stream);
        byte[] file = stream.ToArray();
        store.Dispose();
        Assert.Equal("VECLIST\0"u8.ToArray(), file[..8]);
        int[] fields = [.. Enumerable.Range(0, 9).Select(i => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(8 + (4 * i))))];
        Assert.Equal([1, 192, 2, 2, 2, 2, 32, 32, 64], fields);
        (long, long)[] sections = [.. Enumerable.Range(0, 4).Select(i => (BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(56 + (24 * i))), BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(64 + (24 * i)))))];
        Assert.Equal([(192, 0), (192, 128), (320, 12), (384, 128)], sections);
        Assert.Equal(512, file.Length);
        Assert.Equal([0, 16, 32], Enumerable.Range(0, 3).Select(i => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(320 + (4 * i)))));
        Assert.Equal(Crc32C.Compute(file.AsSpan(0, 188)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(188)));
    }

    [Fact]
    public void A_short_file_or_another_store_is_refused()
    {
        byte[] file = File();
        using GrowableVectorStore store = Store(), other = new(13), few = Store(rows: 20);
        foreach (int length in (int[])[0, 1, 191, 192, 2000, file.Length - 64])
            Assert.Throws<VectorFormatException>(() => IvfLists.Open(file.AsMemory(0, length), store));
        Assert.Throws<VectorFormatException>(() => IvfLists.Open(file, other));
        Assert.Throws<VectorFormatException>(() => IvfLists.Open(file, few));
    }

    [Fact]
    public void A_header_with_wild_numbers_and_a_right_checksum_is_refused()
    {
        byte[] original = File();
        using GrowableVectorStore store = Store();
        for (int offset = 8; offset < 152; offset += 4)
        {
            if (offset is 44 or 48 or 52 or 72 or 76 or 96 or 100 or 120 or 124 or 144 or 148) continue; // unused, seed, checksums: any value may be right
            foreach (int value in (int[])[int.MinValue, int.MaxValue, -2, 1_500_000_000])
            {
                byte[] file = (byte[])original.Clone();
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), value);
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(188), Crc32C.Compute(file.AsSpan(0, 188)));
                Assert.Throws<VectorFormatException>(() => IvfLists.Open(file, store));
            }
        }
    }

    [Fact]
    public void Damaged_sections_never_crash_a_search_and_never_pass_verification()
    {
        byte[] original = File();
        using GrowableVectorStore store = Store();
        Random random = new(5);
        Neighbor[] found = new Neighbor[2 * Rows];
        ulong[] bitmap = [.. Enumerable.Repeat(0x1111111111111111UL, 8)];
        int opened = 0;
        for (int round = 0; round < 300; round++)
        {
            byte[] file = (byte[])original.Clone();
            for (int i = 0; i < (round % 2 == 0 ? 1 : 50); i++)
            {
                int at = (HeaderBytes / 4) + random.Next((file.Length - HeaderBytes) / 4);
                int value = random.Next(3) switch { 0 => random.Next(int.MinValue, int.MaxValue), 1 => random.Next(Rows), _ => -2 - random.Next(Rows) };
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at * 4), value);
            }
            try
            {
                using IvfLists lists = IvfLists.Open(file, store);
                opened++;
                if (round % 2 == 1) Assert.Throws<VectorFormatException>(lists.Verify);
                SearchStats stats = default;
                for (int i = 0; i < 5; i++)
                {
                    lists.Search(_vectors.Query(i), 20, 5, found, ref stats);
                    Assert.Equal(20, lists.SearchMatches(bitmap, -1, _vectors.Query(i), 20, 2, found, ref stats));
                }
                using NeighborCursor cursor = lists.OpenCursor(_vectors.Query(7), 10, 2);
                int count = cursor.Next(found, ref stats);
                Assert.Equal(Enumerable.Range(0, Rows), found[..count].Select(n => n.Id).Distinct().Order());
            }
            catch (VectorFormatException)
            {
                // The bounds of the lists are checked on opening.
            }
        }
        Assert.InRange(opened, 100, 300);
    }
}
