using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Quantization;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

/// <summary>Graphs made from others: nodes left out, lists repaired, rows added, chains kept.</summary>
public sealed class HnswCopyTests
{
    private const int Dimensions = 24, K = 10;

    private static float[] Row(int seed)
    {
        Random random = new(seed);
        Random cluster = new(random.Next(40));
        return [.. Enumerable.Range(0, Dimensions).Select(_ => (float)((cluster.NextDouble() * 4) + random.NextDouble()))];
    }

    private static double Recall(HnswGraph graph, int ef)
    {
        int hits = 0;
        SearchStats stats = default;
        Neighbor[] exact = new Neighbor[K], found = new Neighbor[K];
        for (int q = 0; q < 100; q++)
        {
            float[] query = Row(1_000_000 + q);
            ExactSearch.Search(graph.Store, graph.Options.Metric, 0, graph.Store.Count, default(AllNodes), query, K, exact, ref stats);
            int count = graph.Search(query, K, ef, found, ref stats);
            hits += found[..count].Select(n => n.Id).Intersect(exact.Select(n => n.Id)).Count();
        }
        return hits / 1000.0;
    }

    [Theory]
    [InlineData(DistanceMetric.L2, VectorQuantization.None)]
    [InlineData(DistanceMetric.Cosine, VectorQuantization.Sq4)]
    [InlineData(DistanceMetric.InnerProduct, VectorQuantization.None)]
    public void Ten_rounds_of_replacing_half_of_the_rows_leave_recall_as_a_fresh_build_has_it(DistanceMetric metric, VectorQuantization quantization)
    {
        const int Count = 3000;
        HnswOptions options = new() { Metric = metric, Quantization = quantization };
        List<int> rows = [.. Enumerable.Range(0, Count)];
        (GrowableVectorStore store, HnswGraph graph) = Build(rows, options);
        Random random = new(5);
        int next = Count;
        for (int round = 0; round < 10; round++)
        {
            bool[] stays = [.. rows.Select(_ => random.Next(2) == 0)];
            List<int> now = [.. rows.Where((_, i) => stays[i])];
            int[] newIds = new int[rows.Count];
            for (int i = 0, kept = 0; i < rows.Count; i++) newIds[i] = stays[i] ? kept++ : -1;
            while (now.Count < Count) now.Add(next++);
            GrowableVectorStore newStore = Fill(now, metric);
            HnswGraph copy = HnswGraph.BuildFrom(graph, newIds, newStore, Count, options, 2);
            copy.Verify();
            Assert.Equal(Count, copy.LinkedCount);
            graph.Dispose();
            store.Dispose();
            (store, graph, rows) = (newStore, copy, now);
        }
        (GrowableVectorStore freshStore, HnswGraph fresh) = Build(rows, options);
        double aged = Recall(graph, 24), built = Recall(fresh, 24);
        // Graphs by inner product, few nodes of which all others choose, differ as much from one build by several threads to the next.
        double tolerance = metric == DistanceMetric.InnerProduct ? 0.06 : 0.005;
        Assert.True(aged >= built - tolerance, $"{aged} after ten rounds, {built} freshly built");
        foreach (IDisposable end in (IDisposable[])[graph, fresh, store, freshStore]) end.Dispose();
    }

    [Fact]
    public void Chains_of_duplicates_outlive_their_heads_and_rows_without_a_place_stay_out()
    {
        HnswOptions options = new() { Metric = DistanceMetric.Cosine };
        using GrowableVectorStore store = new(Dimensions, normalize: true);
        // Every row three times, then a zero row.
        for (int i = 0; i < 300; i++) store.Append(Row(i % 100));
        store.Append(new float[Dimensions]);
        using HnswGraph graph = HnswGraph.Build(store, 301, options, 1);
        // The first of each three, the chains' heads, go.
        int[] newIds = [.. Enumerable.Range(0, 301).Select(i => i < 100 ? -1 : i - 100)];
        using GrowableVectorStore newStore = new(Dimensions, normalize: true);
        for (int i = 100; i < 301; i++) newStore.Append(i < 300 ? Row(i % 100) : new float[Dimensions]);
        using HnswGraph copy = HnswGraph.BuildFrom(graph, newIds, newStore, 201, options, 1);
        copy.Verify();
        Assert.Equal(200, copy.LinkedCount);
        Neighbor[] found = new Neighbor[201];
        SearchStats stats = default;
        Assert.Equal(200, copy.Search(Row(7), 201, 300, found, ref stats));
        Assert.Equal([7, 107], found[..2].Select(n => n.Id).Order());
    }

    [Fact]
    public void A_copy_may_lose_all_nodes_or_all_but_one()
    {
        HnswOptions options = new() { Metric = DistanceMetric.L2 };
        using GrowableVectorStore store = Fill([.. Enumerable.Range(0, 200)], DistanceMetric.L2);
        using HnswGraph graph = HnswGraph.Build(store, 200, options, 1);
        foreach (int survivor in new[] { -1, 0, 137 })
        {
            using HnswGraph copy = HnswGraph.BuildFrom(graph, Enumerable.Range(0, 200).Select(i => i == survivor ? i : -1).ToArray(), store, 200, options, 1);
            copy.Verify();
            Assert.Equal(200, copy.LinkedCount);
            Assert.True(Recall(copy, 60) > 0.95);
        }
        using HnswGraph empty = HnswGraph.BuildFrom(graph, Enumerable.Repeat(-1, 200).ToArray(), store, 0, options, 1);
        empty.Verify();
        Assert.Equal(0, empty.LinkedCount);
    }

    /// <summary>Levels no longer follow from ids: a file of such a graph opens, verifies and is copied again.</summary>
    [Fact]
    public void A_copy_goes_through_a_file_and_is_copied_again()
    {
        HnswOptions options = new() { Metric = DistanceMetric.L2 };
        using GrowableVectorStore store = Fill([.. Enumerable.Range(0, 2000)], DistanceMetric.L2);
        using HnswGraph graph = HnswGraph.Build(store, 2000, options, 1);
        using GrowableVectorStore reversed = Fill([.. Enumerable.Range(0, 2000).Reverse()], DistanceMetric.L2);
        using HnswGraph turned = HnswGraph.BuildFrom(graph, Enumerable.Range(0, 2000).Select(i => 1999 - i).ToArray(), reversed, 2000, options, 2);
        using MemoryStream file = new();
        turned.WriteTo(file);
        using HnswGraph opened = HnswGraph.Open(file.ToArray(), reversed);
        opened.Verify();
        Assert.Equal(Recall(graph, 20), Recall(opened, 20), 0.01);
        using HnswGraph back = HnswGraph.BuildFrom(opened, Enumerable.Range(0, 2000).Select(i => 1999 - i).ToArray(), store, 2000, options, 2);
        back.Verify();
        Assert.Equal(Recall(graph, 20), Recall(back, 20), 0.01);
    }

    private static GrowableVectorStore Fill(List<int> rows, DistanceMetric metric)
    {
        GrowableVectorStore store = new(Dimensions, metric == DistanceMetric.Cosine);
        foreach (int row in rows) store.Append(Row(row));
        return store;
    }

    private static (GrowableVectorStore, HnswGraph) Build(List<int> rows, HnswOptions options)
    {
        GrowableVectorStore store = Fill(rows, options.Metric);
        return (store, HnswGraph.Build(store, rows.Count, options, 2));
    }
}
