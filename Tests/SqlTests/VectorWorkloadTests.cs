using System.Globalization;
using VecSql.Tests.Servers;

namespace VecSql.Tests.SqlTests;

/// <summary>
/// The law of vector search: after any history, ORDER BY distance LIMIT k through an index returns as many rows as exact search does, all of them right by WHERE, none twice,
/// in order, and nearly always the same ones. Random histories of inserts, updates, deletes, rollbacks, restarts and rebuilds.
/// </summary>
public sealed class VectorWorkloadTests(VecSqlServer server) : IClassFixture<VecSqlServer>
{
    private static readonly string[] Filters = ["true", "cat < 5", "cat = 3", "cat = 3 AND id % 4 = 0", "cat <> 2", "id < 20", "e IS NOT NULL AND id % 2 = 1", "tag = 'far'", "cat = 100", "id % 3 = 1 AND cat > 1"];
    private const int BitCount = 45;
    private int _compared, _same;

    [Theory]
    [InlineData(1, "vector_l2_ops", "<->", "")]
    [InlineData(2, "vector_cosine_ops", "<=>", "")]
    [InlineData(3, "vector_ip_ops", "<#>", "")]
    [InlineData(4, "vector_l1_ops", "<+>", "")]
    [InlineData(5, "vector_l2_ops", "<->", "WHERE cat < 5")]
    [InlineData(6, "halfvec_l2_ops", "<->", "")]
    [InlineData(7, "halfvec_cosine_ops", "<=>", "")]
    [InlineData(8, "halfvec_ip_ops", "<#>", "WHERE cat < 5")]
    [InlineData(9, "halfvec_l1_ops", "<+>", "")]
    [InlineData(10, "sparsevec_l2_ops", "<->", "")]
    [InlineData(11, "sparsevec_cosine_ops", "<=>", "")]
    [InlineData(12, "sparsevec_ip_ops", "<#>", "")]
    [InlineData(13, "sparsevec_l1_ops", "<+>", "WHERE cat < 5")]
    [InlineData(14, "bit_hamming_ops", "<~>", "")]
    [InlineData(15, "bit_jaccard_ops", "<%>", "")]
    [InlineData(16, "vector_l2_ops", "<->", "", "ivfflat")]
    [InlineData(17, "vector_cosine_ops", "<=>", "WHERE cat < 5", "ivfflat")]
    [InlineData(18, "vector_ip_ops", "<#>", "", "ivfflat")]
    [InlineData(19, "halfvec_l2_ops", "<->", "", "ivfflat")]
    [InlineData(20, "halfvec_cosine_ops", "<=>", "", "ivfflat")]
    [InlineData(21, "bit_hamming_ops", "<~>", "", "ivfflat")]
    [InlineData(22, "int8vec_l2_ops", "<->", "")]
    [InlineData(23, "int8vec_cosine_ops", "<=>", "WHERE cat < 5")]
    [InlineData(24, "int8vec_ip_ops", "<#>", "")]
    [InlineData(25, "int8vec_l1_ops", "<+>", "")]
    public async Task Index_search_equals_exact_search_after_any_history(int seed, string operatorClass, string distance, string predicate, string method = "hnsw")
    {
        Random random = new(seed);
        string type = operatorClass[..operatorClass.IndexOf('_', StringComparison.Ordinal)];
        string database = $"workload_{seed}";
        await using (SqlClient admin = await SqlClient.ConnectAsync(server.Port, "postgres", extended: false)) await Do(admin, $"CREATE DATABASE {database}");
        SqlClient client = await SqlClient.ConnectAsync(server.Port, database, extended: false);
        try
        {
            await Do(client, "CREATE EXTENSION vector");
            await Do(client, $"CREATE TABLE t (id int PRIMARY KEY, cat int, tag text, e {type}({(type == "bit" ? BitCount : 6)}))");
            string index = $"CREATE INDEX t_e ON t USING {method} (e {operatorClass}) WITH ({(method == "hnsw" ? "m = 8, ef_construction = 40" : "lists = 20")}) {predicate}";
            await Do(client, $"ALTER DATABASE {database} SET ivfflat.probes = 20");
            await Do(client, "SET ivfflat.probes = 20");
            await Do(client, index);
            int next = 1;
            for (int step = 0; step < 14; step++)
            {
                bool isRolledBack = random.Next(5) == 0;
                await Do(client, "BEGIN");
                next = await ChangeAsync(client, random, next, type);
                await CompareAsync(client, random, distance, predicate, type);
                await Do(client, isRolledBack ? "ROLLBACK" : "COMMIT");
                if (step % 5 == 3)
                {
                    await client.DisposeAsync();
                    await server.RestartAsync();
                    client = await SqlClient.ConnectAsync(server.Port, database, extended: false);
                }
                if (step == 6) await Do(client, "REINDEX INDEX t_e");
                if (step == 9)
                {
                    await Do(client, "DROP INDEX t_e");
                    await Do(client, index);
                }
                await CompareAsync(client, random, distance, predicate, type);
            }
        }
        finally
        {
            await client.DisposeAsync();
        }
        Assert.True(_same >= 0.95 * _compared, $"{_same} of {_compared} nearest rows were found");
    }

    private static async Task<int> ChangeAsync(SqlClient client, Random random, int next, string type)
    {
        int changes = random.Next(1, 4);
        for (int i = 0; i < changes; i++)
        {
            switch (random.Next(6))
            {
                case 0 or 1 or 2:
                    int count = random.Next(3) == 0 ? random.Next(200, 900) : random.Next(1, 30);
                    IEnumerable<string> rows = Enumerable.Range(next, count).Select(id => $"({id}, {random.Next(10)}, '{(random.Next(10) == 0 ? "far" : "near")}', {Value(random, type)})");
                    await Do(client, $"INSERT INTO t VALUES {string.Join(", ", rows)}");
                    next += count;
                    break;
                case 3:
                    await Do(client, $"UPDATE t SET e = {Value(random, type)}, cat = (cat + 1) % 10 WHERE id % {random.Next(5, 50)} = 1");
                    break;
                case 4:
                    await Do(client, $"UPDATE t SET cat = {random.Next(10)} WHERE id % {random.Next(5, 50)} = 2");
                    break;
                default:
                    await Do(client, $"DELETE FROM t WHERE id % {random.Next(2, 40)} = {random.Next(3)}");
                    break;
            }
        }
        return next;
    }

    /// <summary>A quarter of a sparse vector isn't zero; a bit says which elements are positive, many times over, so that there are more than a few values.</summary>
    private static string Value(Random random, string type)
    {
        string vector = Vector(random);
        if (vector == "NULL" || type is "vector" or "halfvec") return vector;
        if (type == "int8vec") return $"{vector}::vector::int8vec";
        string[] elements = vector.Trim('\'', '[', ']').Split(',');
        if (type == "sparsevec") return $"'{{{string.Join(',', elements.Select((e, i) => $"{i + 1}:{(random.Next(4) == 0 || vector.Length < 16 ? e : "0")}"))}}}/6'";
        return $"'{string.Concat(Enumerable.Range(0, BitCount).Select(i => elements[i % 6][^1] % (2 + i % 3) == 0 ? '1' : '0'))}'";
    }

    private static string Vector(Random random) => random.Next(12) switch
    {
        0 => "NULL",
        1 => "'[0,0,0,0,0,0]'",
        2 => "'[1,2,3,4,5,6]'",
        _ => $"'[{string.Join(',', Enumerable.Range(0, 6).Select(_ => ((random.NextDouble() * 20) - 10).ToString("0.###", CultureInfo.InvariantCulture)))}]'",
    };

    private async Task CompareAsync(SqlClient client, Random random, string distance, string predicate, string type)
    {
        string query = Value(random, type), cast = type == "bit" ? $"bit({BitCount})" : type;
        int limit = random.Next(4) == 0 ? random.Next(50, 2000) : random.Next(1, 15);
        int offset = random.Next(4) == 0 ? random.Next(20) : 0;
        string filter = Filters[random.Next(Filters.Length)];
        string where = predicate.Length == 0 ? $"WHERE {filter}" : $"{predicate} AND {filter}";
        string sql = $"SELECT id, ({where[6..]}) AS passes, e {distance} {query}::{cast} AS d FROM t {where} ORDER BY e {distance} (SELECT {query}::{cast}) LIMIT {limit} OFFSET {offset}";
        await Do(client, "SET enable_indexscan = off");
        List<string?[]> exact = await Do(client, sql);
        await Do(client, "SET enable_indexscan = on");
        await Do(client, "SET enable_sort = off");
        List<string?[]> plan = await Do(client, "EXPLAIN " + sql);
        Assert.Contains(plan, r => r[0]!.Contains("Index Scan using t_e", StringComparison.Ordinal));
        List<string?[]> found = await Do(client, sql);
        await Do(client, "SET enable_sort = on");
        Assert.Equal(exact.Count, found.Count);
        Assert.Equal(found.Count, found.Select(r => r[0]).Distinct().Count());
        Assert.All(found, r => Assert.Equal("t", r[1]));
        Assert.Equal(exact.Count(r => r[2] is null), found.Count(r => r[2] is null));
        double[] distances = [.. found.Select(r => Number(r[2]))];
        for (int i = 1; i < distances.Length; i++) Assert.True(distances[i] >= distances[i - 1] - 1e-3, $"{sql}: {distances[i]} after {distances[i - 1]}");
        for (int i = 0; i < exact.Count; i++)
        {
            _compared++;
            double wanted = Number(exact[i][2]);
            if (distances[i] == wanted || distances[i] <= wanted + 1e-3) _same++;
        }
    }

    /// <summary>NaN (a zero vector under cosine) and null come after every number.</summary>
    private static double Number(string? text) => text is null or "NaN" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);

    private static async Task<List<string?[]>> Do(SqlClient client, string sql)
    {
        SqlAnswer answer = await client.RunAsync(sql);
        Assert.True(answer.SqlState is null, $"{answer.SqlState} {answer.Message}: {sql[..Math.Min(sql.Length, 300)]}");
        return answer.Rows;
    }
}
