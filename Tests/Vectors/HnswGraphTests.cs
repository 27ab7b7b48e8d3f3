using VecSql.Vectors;
using VecSql.Vectors.Calibration;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

public sealed class HnswGraphTests
{
    [Theory]
    [InlineData(DistanceMetric.L2, false, 0.95)]
    [InlineData(DistanceMetric.Cosine, true, 0.95)]
    [InlineData(DistanceMetric.Cosine, false, 0.95)]
    [InlineData(DistanceMetric.L1, false, 0.95)]
    [InlineData(DistanceMetric.InnerProduct, false, 0.90)] // no metric space: pgvector's own tests ask for less here, too
    public void Recall_at_ef_40(DistanceMetric metric, bool normalize, double atLeast)
    {
        TestVectors vectors = new(48);
        using GrowableVectorStore store = vectors.Store(4000, normalize);
        using HnswGraph graph = HnswGraph.Build(store, 4000, TestVectors.Options(metric), threads: 2);
        graph.Verify();
        Assert.Equal(4000, graph.LinkedCount);
        Assert.InRange(TestVectors.MeanRecall(graph, vectors.Query, 100, 10, ef: 40), atLeast, 1);
    }

    [Fact]
    public void One_thread_builds_the_same_graph_each_time()
    {
        TestVectors vectors = new(16);
        using GrowableVectorStore store = vectors.Store(1000);
        byte[] Build()
        {
            using HnswGraph graph = HnswGraph.Build(store, 1000, TestVectors.Options(), threads: 1);
            using MemoryStream stream = new();
            graph.WriteTo(stream);
            return stream.ToArray();
        }
        Assert.Equal(Build(), Build());
    }

    [Fact]
    public void Empty_one_and_two_nodes()
    {
        using GrowableVectorStore store = new(2);
        using HnswGraph graph = new(TestVectors.Options(), store);
        Neighbor[] found = new Neighbor[3];
        SearchStats stats = default;
        Assert.Equal(0, graph.Search([1, 1], 3, 40, found, ref stats));
        graph.Verify();
        graph.Insert(store.Append([1, 1]));
        Assert.Equal(1, graph.Search([1, 2], 3, 40, found, ref stats));
        Assert.Equal(new Neighbor(0, 1), found[0]);
        graph.Insert(store.Append([1, 2]));
        Assert.Equal(2, graph.Search([1, 2], 3, 40, found, ref stats));
        Assert.Equal([1, 0], found[..2].Select(n => n.Id));
        Assert.Equal(1, graph.Search([1, 2], 1, 1, found, ref stats));
        Assert.Throws<ArgumentException>(() => graph.Search([1, 2, 3], 1, 1, new Neighbor[1], ref stats));
        Assert.Throws<ArgumentOutOfRangeException>(() => graph.Insert(2));
    }

    [Fact]
    public void What_has_no_place_in_the_metric_stays_out()
    {
        using GrowableVectorStore store = new(2);
        using HnswGraph cosine = new(TestVectors.Options(DistanceMetric.Cosine), store);
        Assert.True(cosine.Insert(store.Append([1, 0])));
        Assert.False(cosine.Insert(store.Append([0, 0])));
        Assert.False(cosine.Insert(store.Append([float.NaN, 0])));
        Assert.False(cosine.Insert(store.Append([float.PositiveInfinity, 0])));
        Neighbor[] found = new Neighbor[4];
        SearchStats stats = default;
        Assert.Equal(1, cosine.Search([1, 1], 4, 10, found, ref stats));
        // The exact plan still returns them, last.
        Assert.Equal(4, FilteredSearch.Search(cosine, [15UL], 4, [1, 1], 4, 10, found, ref stats));
        Assert.Equal(0, found[0].Id);
    }

    [Theory]
    [InlineData(DistanceMetric.L2)]
    [InlineData(DistanceMetric.Cosine)]
    [InlineData(DistanceMetric.InnerProduct)]
    [InlineData(DistanceMetric.L1)]
    public void All_rows_equal(DistanceMetric metric)
    {
        using GrowableVectorStore store = new(8, metric == DistanceMetric.Cosine);
        for (int i = 0; i < 3000; i++) store.Append([1, 2, 3, 4, 5, 6, 7, 8]);
        using HnswGraph graph = HnswGraph.Build(store, 3000, TestVectors.Options(metric), threads: 2);
        graph.Verify();
        Assert.Equal(3000, graph.LinkedCount);
        Neighbor[] found = new Neighbor[500];
        SearchStats stats = default;
        Assert.Equal(500, graph.Search([8, 7, 6, 5, 4, 3, 2, 1], 500, 500, found, ref stats));
        Assert.Equal(500, found.Select(n => n.Id).Distinct().Count());
    }

    [Fact]
    public void Zero_rows_under_l2_are_duplicates_like_any_other()
    {
        using GrowableVectorStore store = new(8);
        for (int i = 0; i < 500; i++) store.Append(new float[8]);
        using HnswGraph graph = HnswGraph.Build(store, 500, TestVectors.Options(), threads: 1);
        Neighbor[] found = new Neighbor[100];
        SearchStats stats = default;
        Assert.Equal(100, graph.Search(new float[8], 100, 100, found, ref stats));
    }

    [Theory]
    [InlineData(DistanceMetric.L2)]
    [InlineData(DistanceMetric.Cosine)]
    public void Thousands_of_duplicates_hide_nobody(DistanceMetric metric)
    {
        // Half of the rows are copies of five vectors, under cosine scaled ones, mixed into the rest.
        TestVectors vectors = new(24, clusters: 20);
        using GrowableVectorStore store = new(24, metric == DistanceMetric.Cosine);
        for (int i = 0; i < 6000; i++)
        {
            float[] row = vectors.Row(i % 2 == 0 ? i : i % 5);
            float scale = metric == DistanceMetric.Cosine ? 1 + (i % 13) : 1;
            store.Append(row.Select(v => v * scale).ToArray());
        }
        using HnswGraph graph = HnswGraph.Build(store, 6000, TestVectors.Options(metric), threads: 2);
        graph.Verify();
        Assert.InRange(TestVectors.MeanRecall(graph, vectors.Query, 100, 10, ef: 40), 0.95, 1);
        // Near a crowd: the copies come first, and all of those asked for.
        Assert.InRange(TestVectors.MeanRecall(graph, i => vectors.Row(i % 5), 5, 300, ef: 300), 0.99, 1);
    }

    [Fact]
    public void A_tight_cluster_keeps_its_way_out()
    {
        // 3000 rows within a hair of one point, 1000 elsewhere: both sides stay reachable.
        TestVectors vectors = new(16, clusters: 10);
        using GrowableVectorStore store = new(16);
        float[] center = vectors.Row(0);
        for (int i = 0; i < 4000; i++)
            store.Append(i % 4 == 0 ? vectors.Row(i) : center.Select((v, d) => v + (float)(1e-6 * TestVectors.Uniform(9, (ulong)((i * 16) + d)))).ToArray());
        using HnswGraph graph = HnswGraph.Build(store, 4000, TestVectors.Options(), threads: 2);
        Assert.InRange(TestVectors.MeanRecall(graph, vectors.Query, 100, 10, ef: 60), 0.95, 1);
    }

    [Theory]
    [InlineData(VectorQuantization.None)]
    [InlineData(VectorQuantization.Sq4)]
    public void Searches_while_inserting_see_what_was_there(VectorQuantization quantization)
    {
        TestVectors vectors = new(32);
        const int Rows = 4000, Before = 500;
        using GrowableVectorStore store = new(32);
        using HnswGraph graph = new(TestVectors.Options() with { Quantization = quantization }, store);
        for (int i = 0; i < Before; i++) graph.Insert(store.Append(vectors.Row(i)));
        int failures = 0, searches = 0;
        bool done = false;
        Thread[] readers = [.. Enumerable.Range(0, 2).Select(r => new Thread(() =>
        {
            Neighbor[] found = new Neighbor[1];
            SearchStats stats = default;
            for (int i = r; !Volatile.Read(ref done); i++)
            {
                int row = i % Before;
                if (graph.Search(vectors.Row(row), 1, 64, found, ref stats) != 1 || found[0].Id != row) Interlocked.Increment(ref failures);
                Interlocked.Increment(ref searches);
            }
        }))];
        Thread[] writers = [.. Enumerable.Range(0, 3).Select(w => new Thread(() =>
        {
            for (int i = Before + w; i < Rows; i += 3) graph.Insert(store.Append(vectors.Row(i)));
        }))];
        foreach (Thread thread in readers.Concat(writers)) thread.Start();
        foreach (Thread thread in writers) thread.Join();
        Volatile.Write(ref done, true);
        foreach (Thread thread in readers) thread.Join();
        Assert.True(searches > 0);
        Assert.InRange(failures, 0, searches / 50);
        graph.Verify();
        Assert.Equal(Rows, graph.LinkedCount);
        Assert.InRange(TestVectors.MeanRecall(graph, vectors.Query, 100, 10, ef: 40), 0.95, 1);
    }

    [Fact]
    public void A_build_reports_and_can_be_cancelled()
    {
        TestVectors vectors = new(16);
        using GrowableVectorStore store = vectors.Store(2000);
        int highest = 0;
        using (HnswGraph graph = HnswGraph.Build(store, 2000, TestVectors.Options(), threads: 2, done => InterlockedMax(ref highest, done)))
            Assert.Equal(2000, highest);
        using CancellationTokenSource cancel = new();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            HnswGraph.Build(store, 2000, TestVectors.Options(), threads: 2, done => { if (done > 300) cancel.Cancel(); }, cancel.Token));
    }

    [Fact]
    public void A_search_can_be_cancelled()
    {
        TestVectors vectors = new(16);
        using GrowableVectorStore store = vectors.Store(200);
        using HnswGraph graph = HnswGraph.Build(store, 200, TestVectors.Options(), threads: 1);
        SearchStats stats = default;
        Assert.Throws<OperationCanceledException>(() =>
            graph.Search(vectors.Query(0), 5, 50, new Neighbor[5], ref stats, new CancellationToken(canceled: true)));
        // The scratch memory went back clean.
        Assert.Equal(1, TestVectors.MeanRecall(graph, vectors.Query, 20, 5, ef: 100));
    }

    [Fact]
    public void A_warm_search_allocates_nothing()
    {
        TestVectors vectors = new(16);
        using GrowableVectorStore store = vectors.Store(500);
        using HnswGraph graph = HnswGraph.Build(store, 500, TestVectors.Options(), threads: 1);
        float[] query = vectors.Query(0);
        Neighbor[] found = new Neighbor[10];
        SearchStats stats = default;
        ulong[] bitmap = [.. Enumerable.Repeat(0x5555555555555555UL, 8)];
        for (int i = 0; i < 100; i++) Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Once();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Once()
        {
            graph.Search(query, 10, 40, found, ref stats);
            FilteredSearch.Walk(graph, new BitmapFilter(bitmap), query, 10, 40, long.MaxValue, found, ref stats);
            ExactSearch.Search(store, DistanceMetric.L2, bitmap, query, 10, found, ref stats);
        }
    }

    [Fact]
    public void Levels_thin_out_by_m()
    {
        using GrowableVectorStore store = new(1);
        using HnswGraph graph = new(TestVectors.Options() with { M = 4 }, store);
        int[] levels = [.. Enumerable.Range(0, 40_000).Select(graph.LevelOf)];
        Assert.InRange(levels.Count(l => l >= 1), 9_500, 10_500);
        Assert.InRange(levels.Count(l => l >= 2), 2_300, 2_700);
    }

    [Fact]
    public void Calibration_rises_with_ef()
    {
        TestVectors vectors = new(32);
        using GrowableVectorStore store = vectors.Store(3000);
        using HnswGraph graph = HnswGraph.Build(store, 3000, TestVectors.Options(), threads: 2);
        RecallTable table = RecallCalibration.Measure(graph, 3000, threads: 2);
        Assert.True(table.IsMeasured);
        Assert.Equal(table.Nearest10.Select(p => p.Ef).Order(), table.Nearest10.Select(p => p.Ef));
        Assert.True(table.Nearest10[0].Recall < table.Nearest10[^1].Recall);
        Assert.InRange(table.Nearest10[^1].Recall, 0.99, 1);
        Assert.True(table.EfFor(0.8, 10) < table.EfFor(0.99, 10));
        Assert.True(table.EfFor(0.9, 10) < table.EfFor(0.9, 50) && table.EfFor(0.9, 50) < table.EfFor(0.9, 100) && table.EfFor(0.9, 100) < table.EfFor(0.9, 300));
        Assert.True(table.RecallAt(10, 10) < table.RecallAt(200, 10));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (seen < value)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
