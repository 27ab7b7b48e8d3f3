using System.Collections.Immutable;
using System.Runtime.InteropServices;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Storage.Contracts;

namespace VecSql.Tests.Storage;

/// <summary>Indexes that are opened again: they answer before they are verified, and what the later check finds makes them refuse.</summary>
public sealed class ColdIndexTests
{
    private const int Dimensions = 64, Count = 3000;

    private static float[] Vector(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Dimensions).Select(_ => (float)random.NextDouble())];
    }

    private static (uint Table, uint Index) Fill(StoreFixture store)
    {
        uint table = store.CreateTable("items", columns: [("id", SqlType.Int4), ("v", SqlType.Int4), ("e", new SqlType(TypeOid.Vector, Dimensions))]), index = 0;
        var id = new ColumnBuilder<int>();
        var e = new BytesColumnBuilder();
        for (int i = 0; i < Count; i++)
        {
            id.Append(i);
            e.Append(MemoryMarshal.AsBytes<float>(Vector(i)));
        }
        Column ids = id.Build();
        store.Run(t => t.Insert(table, new ColumnBatch([ids, ids, e.Build()], Count)));
        store.Run(t => t.Put(new IndexObject
        {
            Oid = index = t.AllocateOid(), Name = "h", Schema = WellKnownOid.PublicSchema, Table = table, Method = "hnsw",
            Keys = [new IndexKey { Column = 3, Type = new SqlType(TypeOid.Vector, Dimensions), OperatorClass = "vector_l2_ops" }],
            Options = ImmutableSortedDictionary<string, string>.Empty,
        }));
        store.Database.Checkpoint(CancellationToken.None);
        return (table, index);
    }

    private static int Nearest(StoreFixture store, uint table, uint index, int seed)
    {
        using ITransaction transaction = store.Begin();
        ITableReader reader = transaction.Read(table);
        using IVectorSearch search = reader.OpenVectorSearch(index);
        var rowIds = new long[1];
        search.Begin(new VectorSearchRequest { Query = MemoryMarshal.AsBytes(Vector(seed).AsSpan()).ToArray(), Limit = 1, EfSearch = 60 });
        Assert.Equal(1, search.Next(rowIds, new double[1]));
        var ids = new ColumnBuilder<int>();
        reader.Fetch(rowIds, [1], [ids]);
        return ((Column<int>)ids.Build())[0];
    }

    private static void Flip(StoreFixture store, string pattern, Func<long, long> at)
    {
        string path = Directory.EnumerateFiles(store.Folder, pattern, SearchOption.AllDirectories).Single();
        using FileStream file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at(file.Length);
        int old = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(old ^ 0x10));
    }

    /// <summary>Damage where searches get by with it: in codes or lists of the graph, or in vectors.</summary>
    [Theory]
    [InlineData("*.hnsw", 0.9)]
    [InlineData("*.hnsw", 0.3)]
    [InlineData("*.arrow", 0.5)]
    public void Damage_found_in_the_background_makes_the_index_refuse_and_names_the_file(string file, double place)
    {
        using var store = new StoreFixture(o => o with { HasBackgroundWork = true });
        (uint table, uint index) = Fill(store);
        store.Instance.Dispose();
        Flip(store, file, length => (long)(place * length));
        store.Restart();
        SqlException? error = null;
        // The first answers may come before the check has found it; it will.
        for (int i = 0; i < 2000 && error is null; i++)
        {
            try
            {
                Nearest(store, table, index, i % Count);
                Thread.Sleep(5);
            }
            catch (SqlException e)
            {
                error = e;
            }
        }
        Assert.Equal(SqlState.DataCorrupted, error?.SqlState);
        Assert.Contains(file[1..], error!.Message, StringComparison.Ordinal);
    }

    /// <summary>A value is never handed out unverified, in whatever column it is.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Values_are_verified_before_they_are_handed_out(short column)
    {
        using var store = new StoreFixture();
        (uint table, _) = Fill(store);
        store.Instance.Dispose();
        // The first column begins behind the file's head; the vectors take nearly all of the rest.
        Flip(store, "*.arrow", length => column == 1 ? 4096 : length / 2);
        store.Restart();
        using ITransaction transaction = store.Begin();
        SqlException? error = null;
        try
        {
            foreach (IScanPiece piece in transaction.Read(table).Pieces)
            {
                using ITableCursor cursor = piece.Open([column], withRowIds: false, []);
                while (cursor.Next() is not null) { }
            }
        }
        catch (SqlException e)
        {
            error = e;
        }
        Assert.Equal(SqlState.DataCorrupted, error?.SqlState);
    }

    [Fact]
    public void A_cold_index_answers_as_a_warm_one()
    {
        using var store = new StoreFixture(o => o with { HasBackgroundWork = true });
        (uint table, uint index) = Fill(store);
        store.Restart();
        for (int i = 0; i < 200; i++) Assert.Equal(i, Nearest(store, table, index, i));
    }
}
