using System.Globalization;
using VecSql.Tests.Servers;

namespace VecSql.Tests.SqlTests;

/// <summary>
/// Recall of indexes over SQL, by method, type and operator: after CREATE INDEX on rows, after rows came behind it, after most went, among thousands of equal ones, and through filters.
/// </summary>
public sealed class VectorRecallTests(VecSqlServer server) : IClassFixture<VecSqlServer>
{
    private const int Rows = 1500, Queries = 10;

    public static TheoryData<string, string, string> Classes => new()
    {
        { "hnsw", "vector_l2_ops", "<->" }, { "hnsw", "vector_ip_ops", "<#>" }, { "hnsw", "vector_cosine_ops", "<=>" }, { "hnsw", "vector_l1_ops", "<+>" },
        { "hnsw", "halfvec_l2_ops", "<->" }, { "hnsw", "halfvec_cosine_ops", "<=>" }, { "hnsw", "bit_hamming_ops", "<~>" }, { "hnsw", "bit_jaccard_ops", "<%>" },
        { "hnsw", "sparsevec_l2_ops", "<->" }, { "hnsw", "sparsevec_ip_ops", "<#>" }, { "hnsw", "sparsevec_cosine_ops", "<=>" }, { "hnsw", "sparsevec_l1_ops", "<+>" },
        { "ivfflat", "vector_l2_ops", "<->" }, { "ivfflat", "vector_ip_ops", "<#>" }, { "ivfflat", "vector_cosine_ops", "<=>" },
        { "ivfflat", "halfvec_l2_ops", "<->" }, { "ivfflat", "halfvec_ip_ops", "<#>" }, { "ivfflat", "halfvec_cosine_ops", "<=>" }, { "ivfflat", "bit_hamming_ops", "<~>" },
    };

    [Theory]
    [MemberData(nameof(Classes))]
    public async Task Indexes_find_near_rows(string method, string operatorClass, string distance)
    {
        string type = operatorClass[..operatorClass.IndexOf('_', StringComparison.Ordinal)], database = $"recall_{method}_{operatorClass}";
        await using (SqlClient admin = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false)) await Do(admin, $"CREATE DATABASE {database}");
        await using SqlClient client = await SqlClient.ConnectAsync(server.Port, database, extended: false);
        Random random = new(operatorClass.Length * 31 + method.Length);
        await Do(client, "CREATE EXTENSION vector");
        await Do(client, $"CREATE TABLE t (i int PRIMARY KEY, c int, e {type}({(type == "bit" ? 52 : 12)}))");
        await Insert(client, random, type, 1, Rows);
        await Do(client, method == "hnsw" ? $"CREATE INDEX x ON t USING hnsw (e {operatorClass})" : $"CREATE INDEX x ON t USING ivfflat (e {operatorClass}) WITH (lists = 30)");
        string[] queries = [.. Enumerable.Range(0, Queries).Select(_ => Value(random, type))];
        // Evenly spread rows are the hardest: one list of thirty finds some, a third of them most (fewer of the largest products, as with pgvector), all of them all.
        (string, double)[] ladder = method == "hnsw" ? [("hnsw.ef_search = 100", 0.95)]
            : [("ivfflat.probes = 1", 0.03), ("ivfflat.probes = 10", distance == "<#>" ? 0.5 : 0.65), ("ivfflat.probes = 30", 0.999)];
        await CheckAsync("built", "true");
        await CheckAsync("built, half of them", "c % 2 = 1");
        await CheckAsync("built, one in fifty", "c = 7");
        await Insert(client, random, type, Rows + 1, Rows);
        await CheckAsync("inserted", "true");
        await Do(client, "DELETE FROM t WHERE i % 3 > 0");
        await Do(client, "VACUUM t");
        await CheckAsync("most deleted", "true");
        await Do(client, $"INSERT INTO t SELECT 100000 + i, i % 50, (SELECT e FROM t WHERE i = 3) FROM generate_series(1, 1000) i");
        await CheckAsync("many equal", "true");
        await Do(client, "REINDEX INDEX x");
        await CheckAsync("rebuilt", "true");

        async Task CheckAsync(string when, string filter)
        {
            string[] searches = [.. queries.Select(q => $"SELECT i, e {distance} {q} FROM t WHERE {filter} ORDER BY e {distance} {q} LIMIT 10")];
            await Do(client, "SET enable_indexscan = off");
            List<double> reaches = [];
            foreach (string sql in searches) reaches.Add((await Do(client, sql)).Max(r => double.Parse(r[1]!, CultureInfo.InvariantCulture)));
            await Do(client, "SET enable_indexscan = on; SET enable_sort = off");
            foreach ((string setting, double atLeast) in ladder)
            {
                await Do(client, "SET " + setting);
                int hits = 0;
                for (int q = 0; q < Queries; q++)
                {
                    List<string?[]> found = await Do(client, searches[q]);
                    Assert.Equal(10, found.Select(r => r[0]).Distinct().Count());
                    hits += found.Count(r => double.Parse(r[1]!, CultureInfo.InvariantCulture) <= reaches[q] + 1e-4);
                }
                Assert.True(hits >= atLeast * 10 * Queries, $"{method} {operatorClass}, {when}, {setting}: {hits} of {10 * Queries}");
            }
            await Do(client, "RESET enable_sort");
        }
    }

    /// <summary>The distance functions of the three types of vectors agree on small whole numbers, which all of them hold exactly.</summary>
    [Fact]
    public async Task Types_agree_about_distances_and_order()
    {
        await using SqlClient client = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false);
        await Do(client, "CREATE EXTENSION IF NOT EXISTS vector");
        await Do(client, "CREATE TEMP TABLE agree AS SELECT ARRAY[i % 4 - 2, i / 4 % 4 - 2, i / 16 % 4 - 2, i / 64 % 4 - 2, i / 256 % 4 - 2]::vector(5) AS v FROM generate_series(0, 1023) i");
        foreach (string function in (string[])["l2_distance", "inner_product", "cosine_distance", "l1_distance"])
        {
            List<string?[]> different = await Do(client,
                $"SELECT a.v, b.v FROM agree a, (SELECT v FROM agree LIMIT 20 OFFSET 500) b WHERE {function}(a.v, b.v) IS DISTINCT FROM {function}(a.v::halfvec, b.v::halfvec) "
                + $"OR {function}(a.v, b.v) IS DISTINCT FROM {function}(a.v::sparsevec, b.v::sparsevec)");
            Assert.Empty(different);
        }
        Assert.Empty(await Do(client,
            "SELECT a.v FROM agree a, (VALUES ('{-1,0}'::real[]), ('{1,-2,0,1,1}'), ('{0,0,0,0,0,0,1}')) b(r) WHERE vector_cmp(v, r::vector) <> btarraycmp(v::real[], r) "
            + "OR halfvec_cmp(v, r::halfvec) <> btarraycmp(v::real[], r) OR sparsevec_cmp(v, r::sparsevec) <> sparsevec_cmp(v, r::vector::sparsevec)"));
    }

    /// <summary>Texts with characters put in, taken out and changed: a value, or an error that names the type.</summary>
    [Theory]
    [InlineData("vector", "[1.23,4.56,-7.8e1]")]
    [InlineData("halfvec", "[1.23,4.56,-7.8e1]")]
    [InlineData("sparsevec", "{1:1.23,2:4.56,3:-7.8e1}/3")]
    public async Task Mangled_texts_are_values_or_errors(string type, string input)
    {
        await using SqlClient client = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false);
        await Do(client, "CREATE EXTENSION IF NOT EXISTS vector");
        string[] pieces = [" ", ",", ":", "-", "+", ".", "e", "1", "9", "[", "]", "{", "}", "/", "2147483648", "-2147483649", "nan", "é", "0x1", "\t"];
        Random random = new(11);
        int errors = 0;
        for (int round = 0; round < 400; round++)
        {
            string text = input;
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                int at = random.Next(text.Length);
                string piece = pieces[random.Next(pieces.Length)];
                text = random.Next(5) switch { 0 => text[..at], 1 or 2 => text.Insert(at, piece), _ => text[..at] + piece + text[Math.Min(text.Length, at + piece.Length)..] };
                if (text.Length == 0) break;
            }
            SqlAnswer answer = await client.RunAsync($"SELECT '{text}'::{type}, ('{text}'::{type})::text::{type}::text = '{text}'::{type}::text");
            if (answer.SqlState is null) Assert.Equal("t", answer.Rows[0][1]);
            else
            {
                errors++;
                Assert.Contains(answer.SqlState, (string[])["22P02", "22003", "22000", "54000"]);
                Assert.Contains(type, answer.Message, StringComparison.Ordinal);
            }
        }
        Assert.InRange(errors, 100, 399);
    }

    private static async Task Insert(SqlClient client, Random random, string type, int first, int count)
    {
        for (int done = 0; done < count; done += 500)
            await Do(client, "INSERT INTO t VALUES " + string.Join(", ", Enumerable.Range(first + done, Math.Min(500, count - done)).Select(i => $"({i}, {i % 50}, {Value(random, type)})")));
    }

    private static string Value(Random random, string type)
    {
        double[] values = [.. Enumerable.Range(0, 12).Select(_ => random.NextDouble())];
        return type switch
        {
            "bit" => $"B'{string.Concat(Enumerable.Range(0, 52).Select(_ => random.Next(2)))}'",
            "sparsevec" => $"'{{{string.Join(',', values.Select((v, i) => (v, i)).Where(e => e.v > 0.5).Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.i + 1}:{e.v:0.####}")))}}}/12'::sparsevec",
            _ => $"'[{string.Join(',', values.Select(v => v.ToString("0.####", CultureInfo.InvariantCulture)))}]'::{type}",
        };
    }

    private static async Task<List<string?[]>> Do(SqlClient client, string sql)
    {
        List<string?[]> rows = [];
        foreach (string one in sql.Contains("; ", StringComparison.Ordinal) ? sql.Split("; ") : [sql])
        {
            SqlAnswer answer = await client.RunAsync(one);
            Assert.True(answer.SqlState is null, $"{answer.SqlState} {answer.Message}: {one[..Math.Min(one.Length, 300)]}");
            rows = answer.Rows;
        }
        return rows;
    }
}
