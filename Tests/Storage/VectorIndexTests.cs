using System.Collections.Immutable;
using System.Runtime.InteropServices;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Storage.Contracts;

namespace VecSql.Tests.Storage;

public sealed class VectorIndexTests
{
    private const int Dimensions = 16;

    private static IndexObject Hnsw(uint oid, uint table, string operatorClass = "vector_l2_ops", int dimensions = Dimensions, params (string, string)[] options) => new()
    {
        Oid = oid, Name = $"h{oid}", Schema = WellKnownOid.PublicSchema, Table = table, Method = "hnsw",
        Keys = [new IndexKey { Column = 3, Type = new SqlType(TypeOid.Vector, dimensions), OperatorClass = operatorClass }],
        Options = options.ToImmutableSortedDictionary(o => o.Item1, o => o.Item2),
    };

    private static IndexObject Index(string method, uint oid, uint table) => Hnsw(oid, table) with { Method = method };

    private static uint CreateTable(StoreFixture store) =>
        store.CreateTable("items", columns: [("id", SqlType.Int4), ("v", SqlType.Int4), ("e", new SqlType(TypeOid.Vector, Dimensions))]);

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(vector))]
    private static byte[]? Bytes(float[]? vector) => vector is null ? null : System.Runtime.InteropServices.MemoryMarshal.AsBytes(vector.AsSpan()).ToArray();

    private static float[] Vector(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() * 2 - 1))];
    }

    /// <summary>Rows first … first+count-1; every 50th has no vector.</summary>
    private static ColumnBatch Rows(int first, int count)
    {
        var id = new ColumnBuilder<int>();
        var v = new ColumnBuilder<int>();
        var e = new BytesColumnBuilder();
        for (int i = first; i < first + count; i++)
        {
            id.Append(i);
            v.Append(i % 10);
            if (i % 50 == 49) e.AppendNull();
            else e.Append(MemoryMarshal.AsBytes<float>(Vector(i)));
        }
        return new ColumnBatch([id.Build(), v.Build(), e.Build()], count);
    }

    private static List<int> Exact(float[] query, int k, Func<int, bool> lives, int count) =>
        [.. Enumerable.Range(0, count).Where(i => lives(i)).OrderBy(i => i % 50 == 49).ThenBy(i => Vector(i).Zip(query, (a, b) => (double)(a - b) * (a - b)).Sum()).Take(k)];

    private sealed class IdFilter(ITransaction transaction, uint table, Func<int, bool> accept, double collectNs) : IRowFilter
    {
        public double CollectNs => collectNs;

        public ReadOnlyMemory<long> CollectMatches() => StoreFixture.ReadWithRowIds(transaction, table).Where(r => accept(r.Id)).Select(r => r.RowId).Order().ToArray();

        public void Test(ReadOnlySpan<long> rowIds, Span<bool> accepted)
        {
            var ids = new ColumnBuilder<int>();
            transaction.Read(table).Fetch(rowIds, [1], [ids]);
            var column = (Column<int>)ids.Build();
            for (int i = 0; i < rowIds.Length; i++) accepted[i] = accept(column[i]);
        }
    }

    private static List<int> Search(ITransaction transaction, uint table, uint index, float[]? query, int k, Func<int, bool>? filter = null, double selectivity = double.NaN, double collectNs = 1e5)
    {
        ITableReader reader = transaction.Read(table);
        using IVectorSearch search = reader.OpenVectorSearch(index);
        var rowIds = new long[k];
        var distances = new double[k];
        search.Begin(new VectorSearchRequest
        {
            Query = Bytes(query), Limit = k, EfSearch = 200, Probes = 70, Filter = filter is null ? null : new IdFilter(transaction, table, filter, collectNs), Selectivity = selectivity,
        });
        int found = search.Next(rowIds, distances);
        double[] given = [.. distances[..found].Where(d => !double.IsNaN(d))];
        Assert.Equal(given.Order(), given);
        return Ids(reader, rowIds[..found]);
    }

    private static List<int> Ids(ITableReader reader, long[] rowIds)
    {
        var ids = new ColumnBuilder<int>();
        reader.Fetch(rowIds, [1], [ids]);
        var column = (Column<int>)ids.Build();
        return [.. Enumerable.Range(0, rowIds.Length).Select(i => column[i])];
    }

    [Theory]
    [InlineData("hnsw")]
    [InlineData("ivfflat")]
    public void Searches_find_what_exact_search_finds_in_memtables_and_segments_after_deletes_and_crashes(string method)
    {
        using var store = new StoreFixture();
        uint table = CreateTable(store);
        uint index = 0;
        store.Run(t => t.Put(Index(method, index = t.AllocateOid(), table)));
        const int Count = 3000;
        for (int i = 0; i < Count; i += 300) store.Run(t => t.Insert(table, Rows(i, 300)));
        Check(_ => true);
        store.Database.Checkpoint(CancellationToken.None);
        Check(_ => true);
        store.Run(t =>
        {
            long[] dead = [.. StoreFixture.ReadWithRowIds(t, table).Where(r => r.Id % 3 == 0).Select(r => StoreFixture.Lock(t, table, r.RowId).RowId)];
            t.Delete(table, dead);
        });
        Check(i => i % 3 != 0);
        store.Crash();
        Check(i => i % 3 != 0);
        store.Restart();
        Check(i => i % 3 != 0);

        void Check(Func<int, bool> lives)
        {
            using ITransaction reader = store.Begin();
            int hits = 0;
            for (int q = 0; q < 20; q++)
            {
                float[] query = Vector(100_000 + q);
                List<int> expected = Exact(query, 10, lives, Count);
                hits += Search(reader, table, index, query, 10).Intersect(expected).Count();
                // Filters: the answer is never short, whatever passes.
                foreach ((int modulus, double selectivity) in new[] { (2, 0.5), (100, 0.01), (1000, double.NaN) })
                {
                    Func<int, bool> filter = i => i % modulus == 1;
                    List<int> want = Exact(query, 10, i => lives(i) && filter(i), Count);
                    List<int> got = Search(reader, table, index, query, 10, filter, selectivity);
                    Assert.Equal(want.Count, got.Count);
                    Assert.All(got, i => Assert.True(filter(i) && lives(i)));
                }
            }
            Assert.True(hits >= 190, $"{hits} of 200");
        }
    }

    [Theory]
    [InlineData("hnsw")]
    [InlineData("ivfflat")]
    public void Continuing_gives_every_row_once(string method)
    {
        using var store = new StoreFixture();
        uint table = CreateTable(store);
        uint index = 0;
        store.Run(t => t.Insert(table, Rows(0, 1000)));
        store.Database.Checkpoint(CancellationToken.None);
        store.Run(t => t.Put(Index(method, index = t.AllocateOid(), table)));
        store.Run(t => t.Insert(table, Rows(1000, 1000)));
        store.Run(t => t.Insert(table, Rows(2000, 100)));
        using ITransaction transaction = store.Begin();
        ITableReader reader = transaction.Read(table);
        using IVectorSearch search = reader.OpenVectorSearch(index);
        var all = new List<long>();
        var rowIds = new long[37];
        var distances = new double[37];
        search.Begin(new VectorSearchRequest { Query = Bytes(Vector(-5)), Limit = 37, EfSearch = 40 });
        for (int count; (count = search.Next(rowIds, distances)) > 0;) all.AddRange(rowIds[..count]);
        Assert.Equal(Enumerable.Range(0, 2100), Ids(reader, [.. all]).Order());
        Assert.All(Ids(reader, [.. all])[^42..], i => Assert.Equal(49, i % 50));
    }

    [Theory]
    [InlineData("hnsw")]
    [InlineData("ivfflat")]
    public void A_query_without_a_value_gives_every_row_that_passes(string method)
    {
        using var store = new StoreFixture();
        uint table = CreateTable(store);
        uint index = 0;
        store.Run(t => t.Put(Index(method, index = t.AllocateOid(), table)));
        store.Run(t => t.Insert(table, Rows(0, 500)));
        using ITransaction transaction = store.Begin();
        Assert.Equal(Enumerable.Range(0, 500), Search(transaction, table, index, null, 600).Order());
        Assert.Equal(Enumerable.Range(0, 500).Where(i => i % 7 == 0), Search(transaction, table, index, null, 600, i => i % 7 == 0).Order());
        Assert.Equal(3, Search(transaction, table, index, null, 3, i => i % 7 == 0).Count);
    }

    [Theory]
    [InlineData("hnsw")]
    [InlineData("ivfflat")]
    public void The_strategy_follows_counts_and_costs(string method)
    {
        using var store = new StoreFixture();
        uint table = CreateTable(store);
        uint index = 0;
        store.Run(t => t.Insert(table, Rows(0, 8000)));
        store.Run(t => t.Put(Index(method, index = t.AllocateOid(), table)));
        using ITransaction transaction = store.Begin();
        ITableReader reader = transaction.Read(table);
        float[] query = Vector(-1);
        Check(100, 0.01, 1e4, "exact");
        Check(100, double.NaN, 1e4, "exact");
        Check(2, 0.5, 1e7, method + " resumed");
        Check(2, 0.02, 0, method + " filtered");

        void Check(int modulus, double selectivity, double collectNs, string strategy)
        {
            Func<int, bool> filter = i => i % modulus == 0;
            using IVectorSearch search = reader.OpenVectorSearch(index);
            var rowIds = new long[5];
            search.Begin(new VectorSearchRequest { Query = Bytes(query), Limit = 5, EfSearch = 20, Probes = 20, Filter = new IdFilter(transaction, table, filter, collectNs), Selectivity = selectivity });
            Assert.Equal(5, search.Next(rowIds, new double[5]));
            Assert.Equal(strategy, search.Stats.Strategy);
            Assert.True(Exact(query, 5, filter, 8000).Intersect(Ids(reader, rowIds)).Count() >= (strategy == "exact" ? 5 : 3));
            Assert.Equal(strategy == method + " resumed" ? -1 : 8000 / modulus, search.Stats.Matches);
        }
    }

    /// <summary>The planner thinks that nearly all rows pass; in truth none near the query does. The walk gives up, the matches are counted, the answer is right.</summary>
    [Theory]
    [InlineData("hnsw")]
    [InlineData("ivfflat")]
    public void A_filter_that_keeps_only_what_is_far_is_answered_all_the_same(string method)
    {
        using var store = new StoreFixture();
        uint table = CreateTable(store);
        uint index = 0;
        store.Run(t => t.Insert(table, Rows(0, 4000)));
        store.Run(t => t.Put(Index(method, index = t.AllocateOid(), table)));
        using ITransaction transaction = store.Begin();
        float[] query = Vector(-1);
        HashSet<int> far = [.. Exact(query, 3920, _ => true, 4000)[^60..]];
        List<int> found = Search(transaction, table, index, query, 10, far.Contains, selectivity: 0.9);
        Assert.Equal(Exact(query, 10, far.Contains, 4000), found);
    }

    [Fact]
    public void A_query_of_other_dimensions_is_an_error()
    {
        using var store = new StoreFixture();
        uint table = CreateTable(store);
        uint index = 0;
        store.Run(t => t.Put(Hnsw(index = t.AllocateOid(), table)));
        store.Run(t => t.Insert(table, Rows(0, 5)));
        using ITransaction transaction = store.Begin();
        SqlException error = Assert.Throws<SqlException>(() => Search(transaction, table, index, [1, 2], 3));
        Assert.Equal(("22000", "different vector dimensions 16 and 2"), (error.SqlState, error.Message));
    }

    /// <summary>Rows that are not flushed are divided into lists as they become many.</summary>
    [Fact]
    public void Lists_grow_with_a_memtable()
    {
        using var store = new StoreFixture();
        uint table = CreateTable(store);
        uint index = 0;
        store.Run(t => t.Put(Index("ivfflat", index = t.AllocateOid(), table)));
        for (int i = 0; i < 20_000; i += 2000)
        {
            store.Run(t => t.Insert(table, Rows(i, 2000)));
            using ITransaction transaction = store.Begin();
            int hits = 0;
            for (int q = 0; q < 5; q++) hits += Search(transaction, table, index, Vector(100_000 + q), 10).Intersect(Exact(Vector(100_000 + q), 10, _ => true, i + 2000)).Count();
            Assert.InRange(hits, 45, 50);
        }
    }

    [Theory]
    [InlineData("22023", "column does not have dimensions", -1, "")]
    [InlineData("54000", "column cannot have more than 16000 dimensions for hnsw index", 16001, "")]
    [InlineData("22023", "value 1 out of bounds for option \"m\"", 3, "m=1")]
    [InlineData("22023", "value 1001 out of bounds for option \"ef_construction\"", 3, "ef_construction=1001")]
    [InlineData("22023", "ef_construction must be greater than or equal to 2 * m", 3, "m=40")]
    [InlineData("22023", "unrecognized parameter \"lists\"", 3, "lists=10")]
    public void Bad_definitions_are_refused_as_by_pgvector(string state, string message, int dimensions, string option)
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("items", columns: [("id", SqlType.Int4), ("v", SqlType.Int4), ("e", new SqlType(TypeOid.Vector, dimensions))]);
        (string, string)[] options = option.Length == 0 ? [] : [(option.Split('=')[0], option.Split('=')[1])];
        SqlException error = Assert.Throws<SqlException>(() => store.Run(t => t.Put(Hnsw(t.AllocateOid(), table, dimensions: dimensions, options: options))));
        Assert.Equal((state, message), (error.SqlState, error.Message));
    }
}
