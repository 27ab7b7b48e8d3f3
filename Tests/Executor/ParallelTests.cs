using VecSql.Tests.Servers;
using VecSql.Tests.SqlTests;

namespace VecSql.Tests.Executor;

/// <summary>Plans with workers give what plans without give, and EXPLAIN tells which is which.</summary>
public sealed class ParallelTests(VecSqlServer server) : IClassFixture<VecSqlServer>, IAsyncLifetime
{
    private SqlClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _client = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false);
        await RunAsync("SET max_parallel_workers_per_gather = 2");
        if ((await RunAsync("SELECT count(*) FROM pg_class WHERE relname = 'facts'"))[0] != "0") return;
        await RunAsync("CREATE TABLE facts (id int, key int, value numeric(10,2), label text)");
        await RunAsync("CREATE TABLE dims (key int PRIMARY KEY, name text)");
        await RunAsync("INSERT INTO facts SELECT g, CASE WHEN g % 11 = 0 THEN NULL ELSE g % 5000 END, g / 7.0, 'l' || g % 13 FROM generate_series(1, 150000) g");
        await RunAsync("INSERT INTO dims SELECT g * 2, 'd' || g % 9 FROM generate_series(1, 3000) g");
        await RunAsync("ANALYZE facts");
        await RunAsync("ANALYZE dims");
    }

    public async ValueTask DisposeAsync() => await _client.DisposeAsync();

    private async Task<List<string>> RunAsync(string sql)
    {
        SqlAnswer answer = await _client.RunAsync(sql);
        Assert.Null(answer.Message);
        return [.. answer.Rows.Select(r => string.Join('|', r))];
    }

    [Theory]
    [InlineData("SELECT label, count(*), sum(value), avg(value), min(key), max(id) FROM facts GROUP BY label ORDER BY label")]
    [InlineData("SELECT count(*), sum(value) FROM facts WHERE id % 3 = 1")]
    [InlineData("SELECT name, count(*), sum(value) FROM facts JOIN dims ON facts.key = dims.key WHERE id % 2 = 0 GROUP BY name ORDER BY name")]
    [InlineData("SELECT count(*), count(name) FROM facts LEFT JOIN dims ON facts.key = dims.key AND name <> 'd3'")]
    [InlineData("SELECT count(*) FROM facts WHERE EXISTS (SELECT FROM dims WHERE dims.key = facts.key AND dims.name > facts.label)")]
    [InlineData("SELECT count(*) FROM facts WHERE NOT EXISTS (SELECT FROM dims WHERE dims.key = facts.key)")]
    [InlineData("SELECT id, value FROM facts JOIN dims ON facts.key = dims.key WHERE name = 'd1' AND label = 'l2' ORDER BY value DESC LIMIT 5")]
    [InlineData("SELECT key, label, sum(value) FROM facts GROUP BY GROUPING SETS ((label), ()) , key HAVING key < 3 ORDER BY 1, 2")]
    public async Task Workers_change_nothing(string sql)
    {
        List<string> parallel = await RunAsync(sql);
        await RunAsync("SET max_parallel_workers_per_gather = 0");
        Assert.DoesNotContain(await RunAsync("EXPLAIN " + sql), l => l.Contains("Gather"));
        Assert.Equal(await RunAsync(sql), parallel);
    }

    [Fact]
    public async Task Explain_tells_of_workers_and_of_rows_that_a_join_removed_from_a_scan()
    {
        if (Environment.ProcessorCount < 2) return;
        List<string> plan = await RunAsync("EXPLAIN (ANALYZE, TIMING OFF) SELECT label, count(*) FROM facts JOIN dims ON facts.key = dims.key WHERE name = 'd1' GROUP BY label");
        Assert.Contains(plan, l => l.Contains("Finalize HashAggregate"));
        Assert.Contains(plan, l => l.Contains("Workers Launched: 1"));
        Assert.Contains(plan, l => l.Contains("Rows Removed by Runtime Filter"));
    }

    /// <summary>A search for each row is worth a thread long before a scan is.</summary>
    [Fact]
    public async Task Vector_searches_of_a_lateral_join_are_shared_by_workers()
    {
        await RunAsync("CREATE EXTENSION IF NOT EXISTS vector");
        await RunAsync("CREATE TABLE IF NOT EXISTS spots (id int PRIMARY KEY, kind int, v vector(8))");
        await RunAsync("INSERT INTO spots SELECT i, i % 4, (SELECT array_agg(sin(i * d + d)) FROM generate_series(1, 8) d)::vector FROM generate_series(1, 3000) i ON CONFLICT DO NOTHING");
        await RunAsync("CREATE INDEX IF NOT EXISTS spots_v ON spots USING hnsw (v vector_l2_ops)");
        await RunAsync("ANALYZE spots");
        await RunAsync("SET enable_sort = off");
        await RunAsync("SET hnsw.ef_search = 200");
        foreach (string where in (string[])["", "WHERE s.kind = q.kind", "WHERE s.kind = q.kind AND s.id <> q.id"])
        {
            string sql = $"SELECT q.kind, count(*), sum(h.id), max(h.id) FROM spots q LEFT JOIN LATERAL (SELECT s.id FROM spots s {where} ORDER BY s.v <-> q.v LIMIT 3) h ON true WHERE q.id <= 600 GROUP BY q.kind";
            if (Environment.ProcessorCount >= 2)
            {
                List<string> plan = await RunAsync("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + sql);
                Assert.True(plan.Exists(l => l.Contains("Workers Launched: 1")), string.Join('\n', plan));
                Assert.Contains(plan, l => l.Contains("Index Scan using spots_v on spots s (actual rows=3 loops=600)"));
                Assert.Contains(plan, l => l.Contains("Searches: 600"));
            }
            List<string> parallel = await RunAsync(sql);
            await RunAsync("SET max_parallel_workers_per_gather = 0");
            Assert.Equal((await RunAsync(sql)).Order(), parallel.Order());
            await RunAsync("SET enable_indexscan = off");
            Assert.Equal((await RunAsync(sql)).Order(), parallel.Order());
            await RunAsync("RESET enable_indexscan");
            await RunAsync("SET max_parallel_workers_per_gather = 2");
        }
    }

    [Fact]
    public async Task What_cannot_be_merged_or_stops_early_runs_alone()
    {
        foreach (string sql in (string[])["SELECT * FROM facts LIMIT 3", "SELECT label, value FROM facts ORDER BY id LIMIT 1 OFFSET 2"])
            Assert.Equal(await RunAsync(sql), await RunAsync(sql));
        Assert.DoesNotContain(await RunAsync("EXPLAIN SELECT * FROM facts LIMIT 3"), l => l.Contains("Gather"));
        Assert.DoesNotContain(await RunAsync("EXPLAIN SELECT count(DISTINCT label) FROM facts"), l => l.Contains("Finalize"));
        Assert.DoesNotContain(await RunAsync("EXPLAIN SELECT * FROM dims"), l => l.Contains("Gather"));
    }

    [Fact]
    public async Task Tables_too_large_for_workers_to_share_spill_instead()
    {
        const string Sql = "SELECT count(*), sum(a.value), max(b.label) FROM facts a JOIN facts b ON a.id = b.id";
        List<string> inMemory = await RunAsync(Sql);
        await RunAsync("SET work_mem = '64kB'");
        Assert.Equal(inMemory, await RunAsync(Sql));
    }

    [Fact]
    public async Task First_rows_come_after_no_time_from_a_scan_and_late_from_a_sort()
    {
        List<string> plan = await RunAsync("EXPLAIN ANALYZE SELECT id FROM facts ORDER BY value");
        string sort = plan.First(l => l.StartsWith("Sort", StringComparison.Ordinal)), scan = plan.First(l => l.Contains("Seq Scan"));
        Assert.True(FirstTime(sort) > FirstTime(scan), string.Join('\n', plan));
    }

    private static double FirstTime(string line)
    {
        int start = line.IndexOf("time=", StringComparison.Ordinal) + 5;
        return double.Parse(line[start..line.IndexOf("..", start, StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);
    }
}
