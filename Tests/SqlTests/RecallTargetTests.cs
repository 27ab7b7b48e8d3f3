using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using VecSql.Tests.Servers;
using VecSql.Tests.Vectors;

namespace VecSql.Tests.SqlTests;

/// <summary>vecsql.target_recall: queries that aren't among the rows find the share that was asked for, whether the graph was built at once or grows; and what is told of it.</summary>
public sealed class RecallTargetTests(VecSqlServer server) : IClassFixture<VecSqlServer>
{
    private const int Queries = 200, K = 10;

    /// <summary>So many queries tell a mean recall about this well.</summary>
    private const double Error = 0.0075;

    [Theory]
    [InlineData("docs4k", "vector", "vector_cosine_ops", "<=>", false)]
    [InlineData("clusters", "halfvec", "halfvec_l2_ops", "<->", false)]
    [InlineData("clusters", "vector", "vector_l2_ops", "<->", false)]
    [InlineData("clusters", "vector", "vector_ip_ops", "<#>", true)]
    [InlineData("noise", "vector", "vector_l2_ops", "<->", true)]
    public async Task Strangers_find_the_share_asked_for(string set, string type, string operatorClass, string distance, bool grows)
    {
        (float[][] rows, float[][] queries) = Load(set);
        string database = $"recall_{set}_{type}_{grows}".ToLowerInvariant();
        await using (SqlClient admin = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false)) await Do(admin, $"CREATE DATABASE {database}");
        await using SqlClient client = await SqlClient.ConnectAsync(server.Port, database, extended: false);
        await Do(client, "CREATE EXTENSION vector");
        await Do(client, $"CREATE TABLE items (id int PRIMARY KEY, e {type}({rows[0].Length}))");
        await Do(client, $"CREATE TABLE queries (id int PRIMARY KEY, e {type}({rows[0].Length}))");
        if (grows) await Do(client, $"CREATE INDEX items_e ON items USING hnsw (e {operatorClass})");
        await Fill(client, "items", rows);
        await Fill(client, "queries", queries);
        await Do(client, "SET enable_indexscan = off");
        string nearest = $"SELECT q.id AS query, n.id FROM queries q CROSS JOIN LATERAL (SELECT i.id FROM items i ORDER BY i.e {distance} q.e LIMIT {K}) n";
        await Do(client, $"CREATE TABLE exact AS {nearest}");
        await Do(client, "SET enable_indexscan = on");
        await Do(client, "SET enable_sort = off");
        if (!grows) await Do(client, $"CREATE INDEX items_e ON items USING hnsw (e {operatorClass})");
        Assert.Contains(await Do(client, $"EXPLAIN {nearest}"), r => r[0]!.Contains("items_e", StringComparison.Ordinal));

        List<double> reached = [];
        foreach (double target in (double[])[0.9, 0.95, 0.99])
        {
            await Do(client, string.Create(CultureInfo.InvariantCulture, $"SET vecsql.target_recall = {target}"));
            double found = double.Parse((await Do(client, $"SELECT count(*) FROM ({nearest}) n JOIN exact USING (query, id)"))[0][0]!, CultureInfo.InvariantCulture);
            reached.Add(found / (Queries * K));
            Assert.InRange(reached[^1], target - Error, 1);
        }
        if (!grows) Assert.True(reached[0] < 1, "the target made no difference");
        double measured = double.Parse((await Do(client, "SELECT vecsql.measure_recall('items_e', 10, 300)"))[0][0]!, CultureInfo.InvariantCulture);
        Assert.InRange(measured, 0.99 - 2 * Error, 1);
    }

    private static (float[][] Rows, float[][] Queries) Load(string set)
    {
        if (set == "docs4k")
        {
            byte[] halves = File.ReadAllBytes(Repository.Path("Server/Demo/Data/docs4k_256.f16"));
            float[][] all = [.. Enumerable.Range(0, halves.Length / 512).Select(row => Enumerable.Range(0, 256).Select(d => (float)BinaryPrimitives.ReadHalfLittleEndian(halves.AsSpan((row * 512) + (d * 2)))).ToArray())];
            return ([.. all.Where((_, i) => i % 20 != 0)], [.. all.Where((_, i) => i % 20 == 0)]);
        }
        if (set == "clusters")
        {
            TestVectors vectors = new(32);
            return ([.. Enumerable.Range(0, 6000).Select(i => vectors.Row(i))], [.. Enumerable.Range(0, Queries).Select(vectors.Query)]);
        }
        Random random = new(5);
        float[] Noise() => [.. Enumerable.Range(0, 24).Select(_ => (float)random.NextDouble())];
        return ([.. Enumerable.Range(0, 5000).Select(_ => Noise())], [.. Enumerable.Range(0, Queries).Select(_ => Noise())]);
    }

    private static async Task Fill(SqlClient client, string table, float[][] rows)
    {
        for (int first = 0; first < rows.Length; first += 100)
        {
            StringBuilder values = new();
            for (int i = first; i < Math.Min(rows.Length, first + 100); i++)
                values.Append(i == first ? "" : ",").Append(CultureInfo.InvariantCulture, $"({i},'[{string.Join(',', rows[i].Select(x => x.ToString("R", CultureInfo.InvariantCulture)))}]')");
            await Do(client, $"INSERT INTO {table} VALUES {values}");
        }
    }

    private static async Task<IReadOnlyList<string?[]>> Do(SqlClient client, string sql)
    {
        SqlAnswer answer = await client.RunAsync(sql);
        Assert.True(answer.Message is null, $"{answer.Message}: {(sql.Length > 200 ? sql[..200] : sql)}");
        return answer.Rows;
    }
}
