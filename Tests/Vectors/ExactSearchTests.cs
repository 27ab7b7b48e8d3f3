using VecSql.Core.Kernels;
using VecSql.Vectors;
using VecSql.Vectors.Kernels;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

public sealed class ExactSearchTests
{
    [Theory]
    [InlineData(DistanceMetric.L2, false)]
    [InlineData(DistanceMetric.InnerProduct, false)]
    [InlineData(DistanceMetric.Cosine, false)]
    [InlineData(DistanceMetric.Cosine, true)]
    [InlineData(DistanceMetric.L1, false)]
    public void Agrees_with_sorting_by_the_sql_distance(DistanceMetric metric, bool normalize)
    {
        TestVectors vectors = new(37);
        using GrowableVectorStore store = vectors.Store(700, normalize);
        float[] query = vectors.Query(0);
        int[] expected = Enumerable.Range(0, 700).OrderBy(i => Sql(metric, query, vectors.Row(i))).Take(25).ToArray();
        Neighbor[] found = new Neighbor[25];
        SearchStats stats = default;
        Assert.Equal(25, ExactSearch.Search(store, metric, 0, 700, default(AllNodes), query, 25, found, ref stats));
        Assert.Equal(expected, found.Select(n => n.Id));
        Assert.Equal(700, stats.Distances);

        ulong[] bitmap = new ulong[20];
        int[] ids = Enumerable.Range(0, 700).Where(i => i % 7 == 3).ToArray();
        foreach (int id in ids) bitmap[id >> 6] |= 1UL << id;
        bitmap[19] = ulong.MaxValue; // beyond the store: ignored
        int[] expectedOfSeven = ids.OrderBy(i => Sql(metric, query, vectors.Row(i))).Take(25).ToArray();
        Assert.Equal(25, ExactSearch.Search(store, metric, bitmap, query, 25, found, ref stats));
        Assert.Equal(expectedOfSeven, found.Select(n => n.Id));
        Assert.Equal(25, ExactSearch.Search(store, metric, ids, query, 25, found, ref stats));
        Assert.Equal(expectedOfSeven, found.Select(n => n.Id));
    }

    [Fact]
    public void Fewer_rows_than_k_and_none()
    {
        using GrowableVectorStore store = new(3);
        Neighbor[] found = new Neighbor[5];
        SearchStats stats = default;
        Assert.Equal(0, ExactSearch.Search(store, DistanceMetric.L2, 0, 100, default(AllNodes), [1, 2, 3], 5, found, ref stats));
        store.Append([1, 2, 3]);
        store.Append([1, 2, 4]);
        Assert.Equal(2, ExactSearch.Search(store, DistanceMetric.L2, 0, 100, default(AllNodes), [1, 2, 3], 5, found, ref stats));
        Assert.Equal([new(0, 0), new(1, 1)], found[..2]);
        Assert.Equal(0, ExactSearch.Search(store, DistanceMetric.L2, 0, 100, default(AllNodes), [1, 2, 3], 0, [], ref stats));
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(1500)]
    [InlineData(10_000)]
    public void Many_results(int k)
    {
        TestVectors vectors = new(4);
        using GrowableVectorStore store = vectors.Store(4000);
        float[] query = vectors.Query(0);
        int[] expected = Enumerable.Range(0, 4000).OrderBy(i => VectorMath.L2SquaredDistance(query, vectors.Row(i))).Take(k).ToArray();
        Neighbor[] found = new Neighbor[k];
        SearchStats stats = default;
        int count = ExactSearch.Search(store, DistanceMetric.L2, 0, 4000, default(AllNodes), query, k, found, ref stats);
        Assert.Equal(expected, found.Take(count).Select(n => n.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_zero_vector_has_no_cosine_and_comes_last(bool normalize)
    {
        using GrowableVectorStore store = new(2, normalize);
        store.Append([0, 0]);
        store.Append([-1, 0]);
        store.Append([1, 0]);
        Neighbor[] found = new Neighbor[3];
        SearchStats stats = default;
        Assert.Equal(3, ExactSearch.Search(store, DistanceMetric.Cosine, 0, 3, default(AllNodes), [5, 0], 3, found, ref stats));
        Assert.Equal([2, 1, 0], found.Select(n => n.Id));
        Assert.Equal(float.PositiveInfinity, found[2].Distance);
    }

    [Fact]
    public unsafe void Mapped_rows_need_no_padding_and_may_lie_in_chunks()
    {
        TestVectors vectors = new(19);
        float[] data = Enumerable.Range(0, 50).SelectMany(i => vectors.Row(i)).ToArray();
        float[] query = vectors.Query(1);
        using GrowableVectorStore grown = vectors.Store(50);
        Neighbor[] expected = new Neighbor[10], found = new Neighbor[10];
        SearchStats stats = default;
        ExactSearch.Search(grown, DistanceMetric.L2, 0, 50, default(AllNodes), query, 10, expected, ref stats);
        fixed (float* p = data)
        {
            using MappedVectorStore whole = new(p, 50, 19);
            ExactSearch.Search(whole, DistanceMetric.L2, 0, 50, default(AllNodes), query, 10, found, ref stats);
            Assert.Equal(expected.Select(n => n.Id), found.Select(n => n.Id));
            nint[] chunks = [(nint)p, (nint)(p + (16 * 19)), (nint)(p + (32 * 19)), (nint)(p + (48 * 19))];
            using MappedVectorStore chunked = new(chunks, 4, 19 * 4, 50, 19);
            ExactSearch.Search(chunked, DistanceMetric.L2, 0, 50, default(AllNodes), query, 10, found, ref stats);
            Assert.Equal(expected.Select(n => n.Id), found.Select(n => n.Id));
            Assert.Throws<ArgumentOutOfRangeException>(() => new MappedVectorStore([0], 4, 76, 17, 19));
        }
    }

    private static double Sql(DistanceMetric metric, float[] x, float[] y) => metric switch
    {
        DistanceMetric.L2 => VectorMath.L2Distance(x, y),
        DistanceMetric.InnerProduct => -VectorMath.InnerProduct(x, y),
        DistanceMetric.Cosine => VectorMath.CosineDistance(x, y),
        _ => VectorMath.L1Distance(x, y),
    };
}
