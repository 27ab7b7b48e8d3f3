using VecSql.Vectors;
using VecSql.Vectors.Graph;
using VecSql.Vectors.Memory;
using VecSql.Vectors.Search;

namespace VecSql.Tests.Vectors;

/// <summary>One graph for all tests of the class: it is only read.</summary>
public sealed class ClusteredGraph : IDisposable
{
    public const int Rows = 6000;

    public ClusteredGraph()
    {
        Store = Vectors.Store(Rows);
        Graph = HnswGraph.Build(Store, Rows, TestVectors.Options(), threads: 2);
    }

    internal TestVectors Vectors { get; } = new(32, clusters: 30);
    public GrowableVectorStore Store { get; }
    public HnswGraph Graph { get; }

    public void Dispose()
    {
        Graph.Dispose();
        Store.Dispose();
    }
}

public sealed class FilteredSearchTests(ClusteredGraph fixture) : IClassFixture<ClusteredGraph>
{
    private const int Rows = ClusteredGraph.Rows, Ef = 60, K = 10;
    private readonly TestVectors _vectors = fixture.Vectors;
    private readonly GrowableVectorStore _store = fixture.Store;
    private readonly HnswGraph _graph = fixture.Graph;

    private static ulong[] Bitmap(Func<int, bool> accept, out int matches, int rows = Rows)
    {
        ulong[] bitmap = new ulong[(rows + 63) / 64];
        matches = 0;
        for (int i = 0; i < rows; i++)
        {
            if (!accept(i)) continue;
            matches++;
            bitmap[i >> 6] |= 1UL << i;
        }
        return bitmap;
    }

    /// <summary>
    /// Mean recall of the planned search, of the bare walk, and of the walk under a predicate whose matches nobody counted; each returns min(k, matches).
    /// </summary>
    private void Check(ulong[] bitmap, int matches, double atLeast, HnswGraph? graph = null, Func<int, float[]>? queryOf = null)
    {
        graph ??= _graph;
        queryOf ??= _vectors.Query;
        Neighbor[] exact = new Neighbor[K], found = new Neighbor[K];
        double planned = 0, walked = 0, predicated = 0;
        const int Queries = 60;
        SearchStats stats = default;
        for (int i = 0; i < Queries; i++)
        {
            float[] query = queryOf(i);
            int expected = ExactSearch.Search(graph.Store, DistanceMetric.L2, bitmap, query, K, exact, ref stats);
            Assert.Equal(Math.Min(K, matches), expected);

            Assert.Equal(expected, FilteredSearch.Search(graph, bitmap, matches, query, K, Ef, found, ref stats));
            CheckResult(found.AsSpan(0, expected), bitmap);
            planned += TestVectors.Recall(exact.AsSpan(0, expected), found.AsSpan(0, expected));

            Assert.Equal(expected, FilteredSearch.Search(graph, new BitmapFilter(bitmap), query, K, Ef, found, ref stats));
            CheckResult(found.AsSpan(0, expected), bitmap);
            predicated += TestVectors.Recall(exact.AsSpan(0, expected), found.AsSpan(0, expected));

            int count = FilteredSearch.Walk(graph, new BitmapFilter(bitmap), query, K, Ef, long.MaxValue, found, ref stats);
            CheckResult(found.AsSpan(0, count), bitmap);
            walked += TestVectors.Recall(exact.AsSpan(0, expected), found.AsSpan(0, count));
        }
        Assert.InRange(planned / Queries, atLeast, 1);
        Assert.InRange(predicated / Queries, atLeast, 1);
        Assert.InRange(walked / Queries, atLeast, 1);
    }

    private static void CheckResult(ReadOnlySpan<Neighbor> found, ulong[] bitmap)
    {
        HashSet<int> seen = [];
        for (int i = 0; i < found.Length; i++)
        {
            Assert.True((bitmap[found[i].Id >> 6] & (1UL << found[i].Id)) != 0);
            Assert.True(seen.Add(found[i].Id));
            Assert.True(i == 0 || found[i - 1].Distance <= found[i].Distance);
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(900)]
    [InlineData(500)]
    [InlineData(100)]
    [InlineData(10)]
    [InlineData(1)]
    public void Random_predicate_by_per_mille(int perMille)
    {
        ulong[] bitmap = Bitmap(i => TestVectors.Uniform(21, (ulong)i) * 1000 < perMille, out int matches);
        Check(bitmap, matches, 0.95);
    }

    [Fact]
    public void A_predicate_that_follows_the_clusters()
    {
        ulong[] bitmap = Bitmap(i => _vectors.ClusterOf(i) % 3 == 0, out int matches);
        Check(bitmap, matches, 0.95);
    }

    [Fact]
    public void A_predicate_whose_matches_lie_far_from_the_query()
    {
        // All queries stand in the densest cluster; only rows of the sparsest half pass.
        ulong[] bitmap = Bitmap(i => _vectors.ClusterOf(i) >= 15, out int matches);
        long[] near = [.. Enumerable.Range(1_000_000, 5000).Select(i => (long)i).Where(i => _vectors.ClusterOf(i) == 0).Take(60)];
        Check(bitmap, matches, 0.95, queryOf: i => _vectors.Row(near[i]));
        ulong[] few = Bitmap(i => _vectors.ClusterOf(i) == 29, out matches);
        Check(few, matches, 0.95, queryOf: i => _vectors.Row(near[i]));
    }

    [Fact]
    public void None_and_one_match()
    {
        Check(Bitmap(_ => false, out int matches), matches, 1);
        Check(Bitmap(i => i == 4321, out matches), matches, 1);
    }

    [Fact]
    public void Matches_among_duplicates()
    {
        using GrowableVectorStore store = new(32);
        for (int i = 0; i < Rows; i++) store.Append(_vectors.Row(i % 3 == 0 ? i : i % 4));
        using HnswGraph graph = HnswGraph.Build(store, Rows, TestVectors.Options(), threads: 2);
        foreach (int modulus in (int[])[2, 10, 100])
            Check(Bitmap(i => i % modulus == 1, out int matches), matches, 0.95, graph, i => i % 2 == 0 ? _vectors.Query(i) : _vectors.Row(i % 4));
    }

    [Fact]
    public void The_budget_stops_a_walk()
    {
        SearchStats stats = default;
        Assert.Equal(-1, FilteredSearch.Walk(_graph, new BitmapFilter([]), _vectors.Query(0), K, Ef, 50, new Neighbor[K], ref stats));
        Assert.InRange(stats.Distances, 1, 2000);
    }

    [Fact]
    public void The_choice_follows_the_number_of_matches()
    {
        const int Total = 1_000_000, Bytes = 512, Degree = 32;
        Assert.Equal(FilterStrategy.ExactScan, FilteredSearch.Choose(0, Total, K, 40, Bytes, Degree));
        Assert.Equal(FilterStrategy.ExactScan, FilteredSearch.Choose(1_000, Total, K, 40, Bytes, Degree));
        Assert.Equal(FilterStrategy.Structure, FilteredSearch.Choose(100_000, Total, K, 40, Bytes, Degree));
        Assert.Equal(FilterStrategy.Structure, FilteredSearch.Choose(900_000, Total, K, 40, Bytes, Degree));
        Assert.Equal(FilterStrategy.ExactScan, FilteredSearch.Choose(900, 1000, 950, 40, Bytes, Degree));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public void A_cursor_brings_every_node_once_and_nearly_in_order(int ef)
    {
        float[] query = _vectors.Query(3);
        Neighbor[] exact = new Neighbor[Rows], batch = new Neighbor[33];
        SearchStats stats = default;
        ExactSearch.Search(_store, DistanceMetric.L2, 0, Rows, default(AllNodes), query, Rows, exact, ref stats);
        using HnswCursor cursor = new(_graph, query, ef);
        List<Neighbor> all = [];
        for (int count; (count = cursor.Next(batch, ref stats)) > 0;) all.AddRange(batch.AsSpan(0, count));
        Assert.Equal(Rows, all.Count);
        Assert.Equal(Rows, all.Select(n => n.Id).Distinct().Count());
        Assert.Equal(0, cursor.Next(batch, ref stats));
        if (ef < 40) return;
        // The first hundred are, but for a few, the nearest hundred; half way through, half of the nearest have come.
        Assert.InRange(TestVectors.Recall(exact.AsSpan(0, 100), all.Take(100).ToArray()), 0.95, 1);
        Assert.InRange(TestVectors.Recall(exact.AsSpan(0, 3000), all.Take(3000).ToArray()), 0.9, 1);
        Assert.Equal(all.Take(ef).Select(n => n.Distance).Order(), all.Take(ef).Select(n => n.Distance));
    }

    [Fact]
    public void A_cursor_brings_duplicates_and_what_no_path_reaches()
    {
        using GrowableVectorStore store = new(2);
        using HnswGraph graph = new(TestVectors.Options(DistanceMetric.Cosine), store);
        for (int i = 0; i < 300; i++) graph.Insert(store.Append(i % 3 == 0 ? [0, 0] : [1, i % 5]));
        using HnswCursor cursor = new(graph, [1, 0], 10);
        Neighbor[] batch = new Neighbor[1000];
        SearchStats stats = default;
        Assert.Equal(300, cursor.Next(batch, ref stats));
        Assert.Equal(300, batch[..300].Select(n => n.Id).Distinct().Count());
        Assert.Equal(100, batch[..300].Count(n => float.IsPositiveInfinity(n.Distance)));

        using GrowableVectorStore none = new(2);
        using HnswGraph empty = new(TestVectors.Options(), none);
        using HnswCursor nothing = new(empty, [1, 0], 10);
        Assert.Equal(0, nothing.Next(batch, ref stats));
    }
}
