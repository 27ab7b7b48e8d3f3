using System.Runtime.InteropServices;
using VecSql.Tests.Servers;

namespace VecSql.Tests.SqlTests;

/// <summary>What becomes of a vector index whose build was cancelled, and what EXPLAIN ANALYZE tells about searches.</summary>
public sealed class VectorIndexStatementTests(VecSqlServer server) : IClassFixture<VecSqlServer>
{
    private const string CreateIndex = "CREATE INDEX t_e ON t USING hnsw (e vector_l2_ops) WITH (m = 32, ef_construction = 800)";

    [Fact]
    public async Task A_cancelled_build_leaves_nothing()
    {
        await using SqlClient client = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false);
        await Do(client, "CREATE EXTENSION IF NOT EXISTS vector");
        await Do(client, "CREATE TABLE t (id int PRIMARY KEY, e vector(64))");
        await Do(client, "INSERT INTO t SELECT i, (SELECT array_agg(sin(i * j)) FROM generate_series(1, 64) j WHERE i > 0)::vector FROM generate_series(1, 6000) i");
        string[] before = GraphFiles();
        // Thousands of insertions with 800 candidates each take many times this timeout on any machine.
        await Do(client, "SET statement_timeout = '40ms'");
        Assert.Equal("57014", (await client.RunAsync(CreateIndex)).SqlState);
        await Do(client, "SET statement_timeout = 0");
        Assert.Equal("0", (await Do(client, "SELECT count(*) FROM pg_class WHERE relname = 't_e'"))[0][0]);
        Assert.Equal(before, GraphFiles());
        Assert.Equal("0", (await Do(client, "SELECT count(*) FROM pg_stat_progress_create_index"))[0][0]);

        // Writers aren't kept out, and a plan doesn't know the index.
        await Do(client, "INSERT INTO t VALUES (0, NULL)");
        Assert.DoesNotContain(await Do(client, "EXPLAIN SELECT id FROM t ORDER BY e <-> (SELECT e FROM t WHERE id = 1) LIMIT 1"), r => r[0]!.Contains("t_e", StringComparison.Ordinal));

        await Do(client, "CREATE INDEX t_e ON t USING hnsw (e vector_l2_ops) WITH (m = 4, ef_construction = 8)");
        await Do(client, "SET enable_sort = off");
        Assert.Contains(await Do(client, "EXPLAIN SELECT id FROM t ORDER BY e <-> (SELECT e FROM t WHERE id = 1) LIMIT 1"), r => r[0]!.Contains("t_e", StringComparison.Ordinal));
        Assert.Equal(10, (await Do(client, "SELECT id FROM t ORDER BY e <-> (SELECT e FROM t WHERE id = 1) LIMIT 10")).Count);
    }

    /// <summary>Fifty rows of 5000 match: they are counted and searched exactly. In the other case none of them has a vector.</summary>
    [Theory]
    [InlineData(7, "exact", 50)]
    [InlineData(49, "none", 0)]
    public async Task Explain_tells_what_was_counted(int category, string strategy, int distances)
    {
        await using SqlClient client = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false);
        await Do(client, "CREATE EXTENSION IF NOT EXISTS vector");
        string table = $"items_{category}";
        await Do(client, $"CREATE TABLE {table} (id int PRIMARY KEY, cat int, e vector(2))");
        await Do(client, $"INSERT INTO {table} SELECT i, i % 100, CASE WHEN i % 50 = 49 THEN NULL ELSE ('[' || i || ',0]')::vector END FROM generate_series(1, 5000) i");
        await Do(client, $"CREATE INDEX {table}_e ON {table} USING hnsw (e vector_l2_ops)");
        await Do(client, $"ANALYZE {table}");
        string[] plan = [.. (await Do(client, $"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT id FROM {table} WHERE cat = {category} ORDER BY e <-> '[3,1]' LIMIT 3")).Select(r => r[0]!.Trim())];
        Assert.Equal(
        [
            "Limit (actual rows=3 loops=1)", $"->  Index Scan using {table}_e on {table} (actual rows=3 loops=1)", "Order By: (e <-> '[3,1]'::vector)", $"Filter: (cat = {category})",
            "Filter Selectivity: 0.01", $"Strategy: {strategy}", "Matches: 50", "Graph Nodes Expanded: 0", $"Distances: {distances}", "Rows Tested: 0", .. distances > 0 ? (string[])["Recall Expected: 1.000"] : [], "Graphs: 1",
            "Matches", $"->  Seq Scan on {table} (actual rows=50 loops=1)", $"Filter: (cat = {category})", "Rows Removed by Filter: 4950",
        ], plan);
        Assert.Contains(await Do(client, $"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT id FROM {table} ORDER BY e <-> '[3,1]' LIMIT 3000"), r => r[0]!.Contains("rows=3000", StringComparison.Ordinal));
    }

    /// <summary>docs/formats/hnsw.md, "File with vectors": the rows of a partial index bring their vectors and positions along.</summary>
    [Fact]
    public async Task A_partial_indexs_file_is_as_documented()
    {
        await using SqlClient client = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false);
        await Do(client, "CREATE EXTENSION IF NOT EXISTS vector");
        await Do(client, "CREATE TABLE part (id int PRIMARY KEY, e vector)");
        await Do(client, "INSERT INTO part VALUES (1, '[1,2]'), (2, '[3,4]'), (3, NULL), (4, '[5,6]'), (5, '[7]')");
        string[] before = GraphFiles();
        await Do(client, "CREATE INDEX part_e ON part USING hnsw ((e::vector(2)) vector_l2_ops) WHERE id > 1 AND id < 5");
        byte[] file = await File.ReadAllBytesAsync(Assert.Single(GraphFiles().Except(before)), TestContext.Current.CancellationToken);
        Assert.Equal("VECROWS\0"u8, file.AsSpan(0, 8));
        Assert.Equal([1, 2, 2, 0], MemoryMarshal.Cast<byte, int>(file.AsSpan(8, 16)));
        Assert.Equal([1, 3], MemoryMarshal.Cast<byte, int>(file.AsSpan(64, 8)));
        Assert.Equal([3f, 4f, 5f, 6f], MemoryMarshal.Cast<byte, float>(file.AsSpan(128, 16)));
        Assert.Equal("VECHNSW\0"u8, file.AsSpan(192, 8));
    }

    private string[] GraphFiles() => [.. Directory.EnumerateFiles(server.Folder, "*.hnsw", SearchOption.AllDirectories).Order()];

    private static async Task<List<string?[]>> Do(SqlClient client, string sql)
    {
        SqlAnswer answer = await client.RunAsync(sql);
        Assert.True(answer.SqlState is null, $"{answer.SqlState} {answer.Message}: {sql}");
        return answer.Rows;
    }
}
