using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Storage.Contracts;
using VecSql.Storage.Files;
using VecSql.Storage.Indexes;
using VecSql.Tests.Core;
using VecSql.Vectors.Memory;

namespace VecSql.Tests.Storage;

/// <summary>hnsw indexes over halfvec, sparsevec, bit and int8vec: in memtables and files, after restarts and crashes, with damaged files.</summary>
public sealed class VectorFormTests
{
    private const int Dimensions = 37, Count = 900;

    private static string Text(uint type, int seed)
    {
        Random random = new(seed);
        float[] values = [.. Enumerable.Range(0, Dimensions).Select(_ => (float)Math.Round((random.NextDouble() * 2) - 1, 3))];
        return type switch
        {
            TypeOid.HalfVec => "[" + string.Join(',', values) + "]",
            TypeOid.Int8Vec => "[" + string.Join(',', values.Select(v => Math.Round(v * 127))) + "]",
            TypeOid.Bit => string.Concat(values.Select(v => v > 0 ? '1' : '0')),
            _ => "{" + string.Join(',', values.Select((v, i) => $"{i + 1}:{(Math.Abs(v) > 0.6 ? v : 0)}")) + "}/" + Dimensions,
        };
    }

    private static readonly ConcurrentDictionary<(uint, int), byte[]> StoredRows = new();

    private static byte[] Stored(uint type, int seed) => StoredRows.GetOrAdd((type, seed), static key => Parse(key.Item1, key.Item2));
    private static byte[] Parse(uint type, int seed) => ((BytesColumn)Calls.Parse(type, Text(type, seed), Contexts.Default()))[0].ToArray();

    private static ColumnBatch Rows(uint type, int first, int count)
    {
        var id = new ColumnBuilder<int>();
        var e = new BytesColumnBuilder();
        for (int i = first; i < first + count; i++)
        {
            id.Append(i);
            if (i % 50 == 49) e.AppendNull();
            else e.Append(Stored(type, i));
        }
        return new ColumnBatch([id.Build(), e.Build()], count);
    }

    [Theory]
    [InlineData(TypeOid.HalfVec, "halfvec_l2_ops", "<->")]
    [InlineData(TypeOid.HalfVec, "halfvec_cosine_ops", "<=>")]
    [InlineData(TypeOid.SparseVec, "sparsevec_l2_ops", "<->")]
    [InlineData(TypeOid.SparseVec, "sparsevec_l1_ops", "<+>")]
    [InlineData(TypeOid.Bit, "bit_hamming_ops", "<~>")]
    [InlineData(TypeOid.Bit, "bit_jaccard_ops", "<%>")]
    [InlineData(TypeOid.HalfVec, "halfvec_l2_ops", "<->", "ivfflat")]
    [InlineData(TypeOid.HalfVec, "halfvec_cosine_ops", "<=>", "ivfflat")]
    [InlineData(TypeOid.Bit, "bit_hamming_ops", "<~>", "ivfflat")]
    [InlineData(TypeOid.Int8Vec, "int8vec_l2_ops", "<->")]
    [InlineData(TypeOid.Int8Vec, "int8vec_l1_ops", "<+>")]
    public void Searches_find_what_exact_search_finds(uint type, string operatorClass, string distance, string method = "hnsw")
    {
        using var store = new StoreFixture();
        uint table = store.CreateTable("items", columns: [("id", SqlType.Int4), ("e", new SqlType(type, Dimensions))]), index = 0;
        store.Run(t => t.Put(new IndexObject
        {
            Oid = index = t.AllocateOid(), Name = "h", Schema = WellKnownOid.PublicSchema, Table = table, Method = method,
            Keys = [new IndexKey { Column = 2, Type = new SqlType(type, Dimensions), OperatorClass = operatorClass }],
        }));
        for (int i = 0; i < Count; i += 300) store.Run(t => t.Insert(table, Rows(type, i, 300)));
        Check();
        store.Database.Checkpoint(CancellationToken.None);
        Check();
        store.Crash();
        Check();
        store.Restart();
        Check();

        void Check()
        {
            using ITransaction transaction = store.Begin();
            ITableReader reader = transaction.Read(table);
            int hits = 0;
            for (int q = 0; q < 10; q++)
            {
                byte[] query = Stored(type, 10_000 + q);
                double[] all = Distances(type, distance, 10_000 + q);
                double reach = all.Order().ElementAt(9) + 1e-4;
                using IVectorSearch search = reader.OpenVectorSearch(index);
                search.Begin(new VectorSearchRequest { Query = query, Limit = 10, EfSearch = 200, Probes = 70 });
                var rowIds = new long[10];
                var given = new double[10];
                Assert.Equal(10, search.Next(rowIds, given));
                var ids = new ColumnBuilder<int>();
                reader.Fetch(rowIds, [1], [ids]);
                var found = (Column<int>)ids.Build();
                for (int i = 0; i < 10; i++)
                {
                    Assert.Equal(all[found[i]], given[i], 1e-3);
                    if (given[i] <= reach) hits++;
                }
            }
            Assert.True(hits >= 95, $"{hits} of 100");
        }
    }

    private static double[] Distances(uint type, string op, int query)
    {
        var left = new BytesColumnBuilder();
        for (int i = 0; i < Count; i++) left.Append(Stored(type, i));
        var result = new ColumnBuilder<double>();
        VecSql.Core.Functions.FunctionLibrary.Default.FindScalar(Calls.Resolve(op, [type, type]))!
            .Evaluate([left.Build(), Calls.Parse(type, Text(type, query), Contexts.Default()).Repeat(Count)], Selection.All(Count), result, Contexts.Default());
        var distances = (Column<double>)result.Build();
        return [.. Enumerable.Range(0, Count).Select(i => i % 50 == 49 ? double.PositiveInfinity : distances[i])];
    }

    /// <summary>Rows have to lie within their section, in the type's dimensions: whatever the bytes say, nothing else is read.</summary>
    [Fact]
    public unsafe void Damaged_sparse_rows_are_refused_or_harmless()
    {
        using SparseRowMemory memory = new();
        using GrowableVectorStore store = new(2);
        Random random = new(4);
        for (int i = 0; i < 20; i++)
        {
            int[] places = [.. Enumerable.Range(0, 9).Where(_ => random.Next(2) == 0)];
            float[] row = new float[2];
            MemoryMarshal.Write(MemoryMarshal.AsBytes(row.AsSpan()), (long)memory.Add(places, new float[places.Length]));
            store.Append(row);
        }
        using var folder = new StoreFixture();
        Directory.CreateDirectory(Path.Combine(folder.Folder, "d"));
        using (var writer = new ObjectWriter(folder.Files, "d/rows"))
        {
            SparseRowFile.Write(store, 20, writer);
            writer.Publish();
        }
        byte[] good = File.ReadAllBytes(Path.Combine(folder.Folder, "d", "rows"));
        Assert.Equal(SparseRowFile.LengthOf(store, 20), good.Length);
        int refused = 0;
        for (int i = 0; i < 5000; i++)
        {
            // A copy that ends where the section does.
            byte[] bad = good[..(i == 0 ? good.Length : good.Length - (random.Next(4) == 0 ? random.Next(good.Length) : 0))];
            for (int n = i == 0 ? 0 : random.Next(1, 4); n > 0 && bad.Length > 0; n--) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            fixed (byte* section = bad)
            {
                try
                {
                    using SparseRowFile file = SparseRowFile.Open(section, bad.Length, 20, 9, "rows");
                    for (int node = 0; node < 20; node++) Assert.InRange(SparseRow.At(file.Rows + (2 * node)).Places.Length, 0, 9);
                }
                catch (SqlException e)
                {
                    Assert.Equal(SqlState.DataCorrupted, e.SqlState);
                    refused++;
                }
            }
        }
        Assert.InRange(refused, 1000, 4999);
    }

    [Theory]
    [InlineData(TypeOid.HalfVec, 2, "different halfvec dimensions 37 and 2")]
    [InlineData(TypeOid.SparseVec, 2, "different sparsevec dimensions 37 and 2")]
    [InlineData(TypeOid.Bit, 2, "different bit lengths 37 and 2")]
    public void Queries_of_other_dimensions_are_refused(uint type, int dimensions, string message)
    {
        byte[] query = type switch { TypeOid.HalfVec => new byte[2 * dimensions], TypeOid.Bit => [0, 0, 0, 2, 0], _ => [2, 0, 0, 0] };
        SqlException error = Assert.Throws<SqlException>(() => new VectorForm(type, Dimensions).ReadQuery(query, null));
        Assert.Equal(("22000", message), (error.SqlState, error.Message));
    }
}
