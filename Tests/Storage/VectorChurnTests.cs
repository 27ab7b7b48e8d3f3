using System.Collections.Immutable;
using System.Runtime.InteropServices;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Types;
using VecSql.Storage.Contracts;
using VecSql.Storage.Databases;

namespace VecSql.Tests.Storage;

/// <summary>Vector indexes whose rows are replaced again and again, in memtables and segments, flushed and compacted in between.</summary>
public sealed class VectorChurnTests
{
    private const int Dimensions = 24, Count = 1500, K = 10, Queries = 60, Ef = 30;

    private static float[] Vector(int seed)
    {
        var random = new Random(seed);
        var cluster = new Random(random.Next(30));
        return [.. Enumerable.Range(0, Dimensions).Select(_ => (float)((cluster.NextDouble() * 3) + random.NextDouble()))];
    }

    private static ColumnBatch Rows(IReadOnlyList<int> ids, IReadOnlyList<int> seeds)
    {
        var id = new ColumnBuilder<int>();
        var v = new ColumnBuilder<int>();
        var e = new BytesColumnBuilder();
        for (int i = 0; i < ids.Count; i++)
        {
            id.Append(ids[i]);
            v.Append(seeds[i]);
            e.Append(MemoryMarshal.AsBytes<float>(Vector(seeds[i])));
        }
        return new ColumnBatch([id.Build(), v.Build(), e.Build()], ids.Count);
    }

    private static (uint Table, uint Index) Create(StoreFixture store, string name)
    {
        uint table = store.CreateTable(name, columns: [("id", SqlType.Int4), ("v", SqlType.Int4), ("e", new SqlType(TypeOid.Vector, Dimensions))]), index = 0;
        store.Run(t => t.Put(new IndexObject
        {
            Oid = index = t.AllocateOid(), Name = name + "_e", Schema = WellKnownOid.PublicSchema, Table = table, Method = "hnsw",
            Keys = [new IndexKey { Column = 3, Type = new SqlType(TypeOid.Vector, Dimensions), OperatorClass = "vector_l2_ops" }],
            Options = ImmutableSortedDictionary<string, string>.Empty,
        }));
        return (table, index);
    }

    private static double Recall(StoreFixture store, uint table, uint index, int[] seeds)
    {
        float[][] vectors = [.. seeds.Select(Vector)];
        using ITransaction transaction = store.Begin();
        ITableReader reader = transaction.Read(table);
        int hits = 0;
        for (int q = 0; q < Queries; q++)
        {
            float[] query = Vector(1_000_000 + q);
            int[] exact = [.. Enumerable.Range(0, Count).OrderBy(i => vectors[i].Zip(query, (a, b) => (a - b) * (a - b)).Sum()).Take(K)];
            using IVectorSearch search = reader.OpenVectorSearch(index);
            var rowIds = new long[K];
            search.Begin(new VectorSearchRequest { Query = MemoryMarshal.AsBytes(query.AsSpan()).ToArray(), Limit = K, EfSearch = Ef });
            Assert.Equal(K, search.Next(rowIds, new double[K]));
            var ids = new ColumnBuilder<int>();
            reader.Fetch(rowIds, [1], [ids]);
            var column = (Column<int>)ids.Build();
            hits += Enumerable.Range(0, K).Count(i => exact.Contains(column[i]));
        }
        return (double)hits / (Queries * K);
    }

    [Fact]
    public void Recall_after_ten_rounds_of_replacing_half_of_the_rows_is_that_of_a_fresh_build()
    {
        using var store = new StoreFixture();
        (uint table, uint index) = Create(store, "items");
        int[] ids = [.. Enumerable.Range(0, Count)], seeds = [.. ids];
        store.Run(t => t.Insert(table, Rows(ids, seeds)));
        store.Database.Checkpoint(CancellationToken.None);
        var random = new Random(3);
        int next = Count;
        for (int round = 0; round < 10; round++)
        {
            int[] chosen = [.. ids];
            random.Shuffle(chosen);
            chosen = chosen[..(Count / 2)];
            foreach (int id in chosen) seeds[id] = next++;
            // Half by updates, half by deletes and inserts; in transactions of their own size.
            foreach (int[] some in chosen.Chunk(125))
            {
                store.Run(t =>
                {
                    Dictionary<int, long> rowIds = StoreFixture.ReadWithRowIds(t, table).ToDictionary(r => r.Id, r => r.RowId);
                    long[] old = [.. some.Select(id => StoreFixture.Lock(t, table, rowIds[id]).RowId)];
                    ColumnBatch rows = Rows(some, [.. some.Select(id => seeds[id])]);
                    if (some[0] % 2 == 0)
                    {
                        t.Update(table, old, rows);
                        return;
                    }
                    t.Delete(table, old);
                    t.Insert(table, rows);
                });
            }
            if (round % 3 == 1) store.Database.Checkpoint(CancellationToken.None);
            if (round % 3 == 2) ((DatabaseStore)store.Database).Compact(CancellationToken.None);
            if (round == 5) store.Crash();
        }
        (uint fresh, uint freshIndex) = Create(store, "fresh");
        store.Run(t => t.Insert(fresh, Rows(ids, seeds)));
        store.Database.Checkpoint(CancellationToken.None);
        double built = Recall(store, fresh, freshIndex, seeds);
        Assert.InRange(Recall(store, table, index, seeds), built - 0.005, 1);
        // At rest: one segment, one graph, no row that is dead.
        store.Database.Checkpoint(CancellationToken.None);
        ((DatabaseStore)store.Database).Compact(CancellationToken.None);
        store.Database.Checkpoint(CancellationToken.None);
        Assert.InRange(Recall(store, table, index, seeds), built - 0.005, 1);
        store.Restart();
        Assert.InRange(Recall(store, table, index, seeds), built - 0.005, 1);
    }

    /// <summary>The worker and inserters link beside each other and beside searches; what was committed is found, before, while and after it is linked, flushed and given codes.</summary>
    [Fact]
    public void Committed_rows_are_found_at_once_while_the_background_links_and_flushes_them()
    {
        using var store = new StoreFixture(o => o with { HasBackgroundWork = true, MemtableBytes = 1 << 20 });
        (uint table, uint index) = Create(store, "items");
        const int Inserters = 2, Batches = 60, BatchRows = 100;
        int next = 0;
        Exception? failure = null;
        var threads = Enumerable.Range(0, Inserters).Select(_ => new Thread(() =>
        {
            try
            {
                for (int batch = 0; batch < Batches; batch++)
                {
                    int first = Interlocked.Add(ref next, BatchRows) - BatchRows;
                    int[] ids = [.. Enumerable.Range(first, BatchRows)];
                    store.Run(t => t.Insert(table, Rows(ids, ids)));
                    // The row's own vector is at distance 0.
                    using ITransaction transaction = store.Begin();
                    ITableReader reader = transaction.Read(table);
                    using IVectorSearch search = reader.OpenVectorSearch(index);
                    var rowIds = new long[1];
                    var distances = new double[1];
                    search.Begin(new VectorSearchRequest { Query = MemoryMarshal.AsBytes(Vector(first + 7).AsSpan()).ToArray(), Limit = 1, EfSearch = 100 });
                    Assert.Equal(1, search.Next(rowIds, distances));
                    Assert.Equal(0, distances[0]);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToArray();
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Null(failure);
        Assert.Empty(store.Stops);
        using ITransaction all = store.Begin();
        Assert.Equal(Inserters * Batches * BatchRows, StoreFixture.ReadWithRowIds(all, table).Count);
    }
}
