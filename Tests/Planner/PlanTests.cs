namespace VecSql.Tests.Planner;

public class PlanTests
{
    private static readonly PlannerDatabase Database = new("""
        CREATE TABLE t (a int PRIMARY KEY, b text, c bigint, d float8);
        CREATE TABLE u (a int, x text NOT NULL);
        CREATE TABLE items (id bigint PRIMARY KEY, tenant int, embedding vector(3));
        CREATE INDEX items_embedding ON items USING hnsw (embedding vector_l2_ops);
        CREATE INDEX items_tenant ON items (tenant);
        CREATE INDEX t_c ON t (c, d DESC);
        """)
    { Rows = { ["t"] = 100_000, ["items"] = 100_000, ["u"] = 2000 } };

    [Theory]
    [InlineData("SELECT * FROM t WHERE a = 5")]
    [InlineData("SELECT id FROM items ORDER BY embedding <-> '[1,2,3]' LIMIT 10")]
    [InlineData("SELECT id, embedding <-> '[1,2,3]' AS d FROM items WHERE tenant = 3 ORDER BY d LIMIT 10 OFFSET 5")]
    [InlineData("SELECT t.b FROM t, u WHERE t.a = u.a AND u.x = 'q'")]
    [InlineData("SELECT b FROM t WHERE a IN (SELECT a FROM u) AND NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.x = t.b)")]
    [InlineData("SELECT c, count(*) FROM t WHERE b LIKE 'x%' GROUP BY c HAVING count(*) > 1 ORDER BY 2 DESC")]
    [InlineData("SELECT a FROM t WHERE c = 3 ORDER BY d DESC LIMIT 5")]
    [InlineData("SELECT (SELECT max(u.a) FROM u WHERE u.x = t.b) FROM t")]
    [InlineData("SELECT * FROM t LEFT JOIN u ON t.a = u.a WHERE u.x = 'a'")]
    [InlineData("UPDATE t SET b = 'x' WHERE a = 1")]
    public void Print(string sql) => Assert.Fail("\n" + Database.Explain(sql));
}
