using VecSql.Vectors;
using VecSql.Vectors.Ivf;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

/// <summary>Dividing rows into lists, and searching them.</summary>
public sealed class IvfListsTests
{
    private const int Rows = 3000;

    public static TheoryData<DistanceMetric> Metrics => [DistanceMetric.L2, DistanceMetric.InnerProduct, DistanceMetric.Cosine, DistanceMetric.HalfL2, DistanceMetric.HalfInnerProduct, DistanceMetric.HalfCosine, DistanceMetric.Hamming];

    private static GrowableVectorStore Store(DistanceMetric metric, Func<int, float[]> row, int rows = Rows, int dimensions = 40)
    {
        GrowableVectorStore store = new(RowForms.Words(RowForms.Of(metric), dimensions), normalize: metric == DistanceMetric.Cosine);
        for (int i = 0; i < rows; i++) store.Append(Form(row(i), metric));
        return store;
    }

    private static float[] Form(float[] row, DistanceMetric metric)
    {
        if (RowForms.Of(metric) == RowForm.Float32) return row;
        using SparseRowMemory none = new();
        return RowFormTests.Words(row, metric, none);
    }

    private static IvfLists Build(IVectorStore store, DistanceMetric metric, int lists = 50, int threads = 2) =>
        IvfLists.Build(store, store.Count, new IvfOptions { Metric = metric, Lists = lists }, threads);

    private static double Recall(IVectorStructure structure, Func<int, float[]> query, int effort, int k = 10)
    {
        Neighbor[] exact = new Neighbor[k], found = new Neighbor[k];
        SearchStats stats = default;
        double sum = 0;
        for (int i = 0; i < 40; i++)
        {
            float[] q = Form(query(i), structure.Metric);
            int expected = ExactSearch.Search(structure.Store, structure.Metric, 0, structure.Limit, default(AllNodes), q, k, exact, ref stats);
            sum += TestVectors.Recall(exact.AsSpan(0, expected), found.AsSpan(0, structure.Search(q, k, effort, found, ref stats)));
        }
        return sum / 40;
    }

    [Theory]
    [MemberData(nameof(Metrics))]
    public void More_probes_find_more_and_all_of_them_find_all(DistanceMetric metric)
    {
        TestVectors vectors = new(40);
        using GrowableVectorStore store = Store(metric, i => vectors.Row(i));
        using IvfLists lists = Build(store, metric);
        lists.Verify();
        Assert.Equal(50, lists.Lists);
        Assert.Equal(Rows, lists.LinkedCount);
        double one = Recall(lists, vectors.Query, 1), ten = Recall(lists, vectors.Query, 10);
        Assert.InRange(one, 0.25, 1);
        Assert.InRange(ten, Math.Max(one, metric is DistanceMetric.InnerProduct or DistanceMetric.HalfInnerProduct ? 0.7 : 0.9), 1);
        Assert.Equal(1, Recall(lists, vectors.Query, 50), 6);
    }

    [Theory]
    [MemberData(nameof(Metrics))]
    public void Every_row_is_in_the_list_of_its_nearest_center_whatever_the_threads(DistanceMetric metric)
    {
        TestVectors vectors = new(40);
        using GrowableVectorStore store = Store(metric, i => vectors.Row(i));
        using IvfLists one = Build(store, metric, threads: 1), many = Build(store, metric, threads: 3);
        for (int list = 0; list < one.Lists; list++) Assert.Equal(one.RowsOf(list), many.RowsOf(list));
        Assert.Equal(Enumerable.Range(0, Rows), Enumerable.Range(0, one.Lists).SelectMany(l => one.RowsOf(l).ToArray()).Order());
    }

    [Fact]
    public void A_search_goes_on_until_it_has_k_rows()
    {
        TestVectors vectors = new(40);
        using GrowableVectorStore store = Store(DistanceMetric.L2, i => vectors.Row(i));
        using IvfLists lists = Build(store, DistanceMetric.L2, 300);
        Neighbor[] found = new Neighbor[Rows];
        SearchStats stats = default;
        for (int k = 1; k <= Rows; k += 250) Assert.Equal(k, lists.Search(vectors.Query(k), k, 1, found, ref stats));
        ulong[] bitmap = new ulong[(Rows + 63) / 64];
        for (int i = 0; i < Rows; i += 37) bitmap[i >> 6] |= 1UL << i;
        Assert.Equal(60, lists.SearchMatches(bitmap, -1, vectors.Query(3), 60, 1, found, ref stats));
        Assert.All(found[..60], n => Assert.Equal(0, n.Id % 37));
        Assert.Equal((Rows + 36) / 37, lists.SearchMatches(bitmap, -1, vectors.Query(3), 1000, 1, found, ref stats));
        Assert.Equal(82, lists.SearchWithout(-1, new BitmapFilter(bitmap), vectors.Query(3), 1000, 1, found, ref stats));
        Assert.Equal(82, found[..82].Select(n => n.Id).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Metrics))]
    public void A_cursor_gives_every_row_once_first_those_of_the_nearest_lists_in_order(DistanceMetric metric)
    {
        TestVectors vectors = new(40);
        using GrowableVectorStore store = Store(metric, i => i % 100 == 5 ? new float[40] : vectors.Row(i), 1000);
        using IvfLists lists = Build(store, metric, 20);
        using NeighborCursor cursor = lists.OpenCursor(Form(vectors.Query(1), metric), 10, 4);
        Neighbor[] found = new Neighbor[1200], searched = new Neighbor[10];
        SearchStats stats = default;
        int count = cursor.Next(found, ref stats);
        Assert.Equal(1000, count);
        Assert.Equal(1000, found[..count].Select(n => n.Id).Distinct().Count());
        Assert.Equal(0, cursor.Next(found.AsSpan(count), ref stats));
        lists.Search(Form(vectors.Query(1), metric), 10, 4, searched, ref stats);
        Assert.Equal(searched, found[..10]);
        bool leavesOut = metric is DistanceMetric.Cosine or DistanceMetric.HalfCosine;
        Assert.Equal(leavesOut ? 990 : 1000, lists.LinkedCount);
        if (leavesOut) Assert.All(found[990..1000], n => Assert.Equal(5, n.Id % 100));
    }

    [Fact]
    public void Rows_far_from_zero_are_divided_as_well_as_others()
    {
        TestVectors vectors = new(40);
        using GrowableVectorStore near = Store(DistanceMetric.L2, i => vectors.Row(i)), far = Store(DistanceMetric.L2, i => [.. vectors.Row(i).Select(v => v + 20_000)]);
        using IvfLists first = Build(near, DistanceMetric.L2), second = Build(far, DistanceMetric.L2);
        Assert.InRange(Recall(second, i => [.. vectors.Query(i).Select(v => v + 20_000)], 5), Recall(first, vectors.Query, 5) - 0.1, 1);
    }

    [Theory]
    [MemberData(nameof(Metrics))]
    public void Adversarial_sets_lose_no_row(DistanceMetric metric)
    {
        TestVectors vectors = new(40);
        Func<int, float[]>[] sets =
        [
            _ => vectors.Row(7),
            _ => new float[40],
            i => vectors.Row(i % 3),
            i => i % 50 == 0 ? vectors.Row(i) : vectors.Row(7),
            i => [.. Enumerable.Repeat(i * 0.01f, 40)],
            i => [.. vectors.Row(i).Select(v => v * (i == 13 ? 1000 : 1))],
            i => [.. vectors.Row(i).Select(v => v + (i % 4 * 1000))],
            i => [.. Enumerable.Repeat(i == 13 ? 3e38f : 1f, 40)],
        ];
        foreach (Func<int, float[]> set in sets)
        {
            if (RowForms.Of(metric) == RowForm.Float16 && set == sets[^1]) continue; // not a half
            using GrowableVectorStore store = Store(metric, set, 600);
            using IvfLists lists = Build(store, metric, 30);
            lists.Verify();
            Assert.InRange(lists.Lists, 1, 30);
            // Rows without a direction are in no list: only a scan gives them.
            if (lists.LinkedCount > 0) Assert.Equal(1, Recall(lists, i => set(i * 7), lists.Lists), 6);
            Neighbor[] found = new Neighbor[700];
            SearchStats stats = default;
            Assert.Equal(600, lists.SearchWithout(-1, default(AllNodes), Form(set(1), metric), 600, 1, found, ref stats));
            using NeighborCursor cursor = lists.OpenCursor(Form(set(1), metric), 5, 1);
            Assert.Equal(600, cursor.Next(found, ref stats));
        }
    }

    [Fact]
    public void Few_rows_have_few_lists_and_none_have_one_that_is_empty()
    {
        TestVectors vectors = new(40);
        using GrowableVectorStore none = Store(DistanceMetric.L2, i => vectors.Row(i), 0), few = Store(DistanceMetric.L2, i => vectors.Row(i), 20);
        using IvfLists empty = Build(none, DistanceMetric.L2), small = Build(few, DistanceMetric.L2);
        Assert.Equal((1, 0), (empty.Lists, empty.LinkedCount));
        Assert.Equal((2, 20), (small.Lists, small.LinkedCount));
        Neighbor[] found = new Neighbor[5];
        SearchStats stats = default;
        Assert.Equal(0, empty.Search(vectors.Query(0), 5, 1, found, ref stats));
        using NeighborCursor cursor = empty.OpenCursor(vectors.Query(0), 5, 1);
        Assert.Equal(0, cursor.Next(found, ref stats));
    }

    [Theory]
    [MemberData(nameof(Metrics))]
    public void Extended_lists_hold_the_new_rows_and_leave_the_old_lists_alone(DistanceMetric metric)
    {
        TestVectors vectors = new(40);
        using GrowableVectorStore store = Store(metric, i => vectors.Row(i), 1500);
        using IvfLists before = Build(store, metric);
        for (int i = 1500; i < Rows; i++) store.Append(Form(vectors.Row(i), metric));
        using IvfLists after = before.Extend(Rows, 2);
        after.Verify();
        before.Verify();
        Assert.Equal((1500, Rows), (before.LinkedCount, after.LinkedCount));
        Assert.Equal(1, Recall(after, vectors.Query, 50), 6);
        Assert.Equal(1, Recall(before, vectors.Query, 50), 6);
    }

    [Fact]
    public void A_build_can_be_cancelled()
    {
        TestVectors vectors = new(40);
        using GrowableVectorStore store = Store(DistanceMetric.L2, i => vectors.Row(i));
        using CancellationTokenSource source = new();
        List<IvfPhase> phases = [];
        Assert.ThrowsAny<OperationCanceledException>(() =>
            IvfLists.Build(store, Rows, new IvfOptions { Metric = DistanceMetric.L2 }, 2, null, phase => { phases.Add(phase); if (phase == IvfPhase.Assigning) source.Cancel(); }, source.Token));
        Assert.Equal([IvfPhase.KMeans, IvfPhase.Assigning], phases);
    }

    [Fact]
    public void The_choice_between_scan_and_lists_follows_what_they_cost()
    {
        TestVectors vectors = new(40);
        using GrowableVectorStore store = Store(DistanceMetric.L2, i => vectors.Row(i));
        using IvfLists lists = Build(store, DistanceMetric.L2);
        Assert.Equal(FilterStrategy.Structure, lists.Choose(Rows, Rows, 10, 1));
        Assert.Equal(FilterStrategy.ExactScan, lists.Choose(Rows, Rows, 10, 50));
        Assert.Equal(FilterStrategy.ExactScan, lists.Choose(20, Rows, 10, 5));
        Assert.True(lists.EstimateNs(20, Rows, 10, 1) < lists.EstimateNs(2000, Rows, 10, 1));
        Assert.True(lists.OrderNs(1000, 10, 1) < lists.OrderNs(2000, 10, 1));
    }

    [Fact]
    public void A_warm_search_allocates_nothing()
    {
        TestVectors vectors = new(40);
        using GrowableVectorStore store = Store(DistanceMetric.L2, i => vectors.Row(i));
        using IvfLists lists = Build(store, DistanceMetric.L2);
        float[] query = vectors.Query(1);
        Neighbor[] found = new Neighbor[10];
        SearchStats stats = default;
        for (int i = 0; i < 200; i++) lists.Search(query, 10, 5, found, ref stats);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) lists.Search(query, 10, 5, found, ref stats);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
