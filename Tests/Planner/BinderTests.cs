using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Planner;

namespace VecSql.Tests.Planner;

public class BinderTests
{
    private static readonly PlannerDatabase Database = new("""
        CREATE TABLE t (a int PRIMARY KEY, b text, c bigint, d float8 DEFAULT 1.5, e varchar(10));
        CREATE TABLE u (a int, x text NOT NULL, CHECK (a > 0));
        CREATE VIEW v AS SELECT a AS va, b FROM t WHERE a > 1;
        """);

    [Theory]
    [InlineData("SELECT a, b FROM t WHERE a = 1 ORDER BY c DESC LIMIT 3", "a:23 b:25")]
    [InlineData("SELECT * FROM t", "a:23 b:25 c:20 d:701 e:1043")]
    [InlineData("SELECT 'x', a + c, a::bigint, NULL FROM t", "?column?:25 ?column?:20 a:20 ?column?:25")]
    [InlineData("SELECT t.a, u.x FROM t JOIN u USING (a)", "a:23 x:25")]
    [InlineData("SELECT * FROM t JOIN u ON t.a = u.a", "a:23 b:25 c:20 d:701 e:1043 a:23 x:25")]
    [InlineData("SELECT * FROM (VALUES (1, 'x'), (2, 'y')) AS q (n, s)", "n:23 s:25")]
    [InlineData("SELECT CASE WHEN a = 1 THEN 1 ELSE c END FROM t", "c:20")]
    [InlineData("SELECT coalesce(a, c) FROM t UNION SELECT 1 UNION ALL SELECT a FROM u", "coalesce:20")]
    [InlineData("WITH w AS (SELECT a FROM t) SELECT * FROM w, w AS w2", "a:23 a:23")]
    [InlineData("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n = 3) SELECT n FROM r", "n:23")]
    [InlineData("SELECT * FROM v", "va:23 b:25")]
    [InlineData("INSERT INTO t (a, b) VALUES (1, 'x'), (2, DEFAULT) RETURNING a, d", "a:23 d:701")]
    [InlineData("UPDATE t SET b = 'z', c = t.a FROM u WHERE u.a = t.a RETURNING t.*, u.x", "a:23 b:25 c:20 d:701 e:1043 x:25")]
    [InlineData("DELETE FROM t WHERE a IN (SELECT a FROM u) RETURNING b", "b:25")]
    [InlineData("SELECT a IN (1, 2), EXISTS (SELECT 1 FROM u WHERE u.a = t.a), (SELECT max(a) FROM u) FROM t", "?column?:16 exists:16 max:23")]
    public void Column_names_and_types(string sql, string expected)
    {
        QueryPlan plan = Database.Plan(sql);
        Assert.Equal(expected, string.Join(' ', plan.Columns.Select(c => $"{c.Name}:{c.Type.Oid}")));
    }

    [Theory]
    [InlineData("SELECT y FROM t", SqlState.UndefinedColumn, "column \"y\" does not exist", 7)]
    [InlineData("SELECT a FROM t, u", SqlState.AmbiguousColumn, "column reference \"a\" is ambiguous", 7)]
    [InlineData("SELECT q.a FROM t", SqlState.UndefinedTable, "missing FROM-clause entry for table \"q\"", 7)]
    [InlineData("SELECT nope(a, 'x') FROM t", SqlState.UndefinedFunction, "function nope(integer, unknown) does not exist", 7)]
    [InlineData("SELECT a || a FROM t", SqlState.UndefinedFunction, "operator does not exist: integer || integer", 9)]
    [InlineData("SELECT a, count(*) FROM u", SqlState.GroupingError, "column \"u.a\" must appear in the GROUP BY clause or be used in an aggregate function", 7)]
    [InlineData("SELECT a FROM t WHERE count(*) = 1", SqlState.GroupingError, "aggregate functions are not allowed in WHERE", 22)]
    [InlineData("SELECT * FROM nope", SqlState.UndefinedTable, "relation \"nope\" does not exist", 14)]
    [InlineData("SELECT $1", "", "", 0)]
    [InlineData("SELECT 'x'::int", SqlState.InvalidTextRepresentation, "invalid input syntax for type integer: \"x\"", 7)]
    [InlineData("SELECT a FROM t WHERE b", SqlState.DatatypeMismatch, "argument of WHERE must be type boolean, not type text", 22)]
    public void Errors(string sql, string state, string message, int position)
    {
        if (state.Length == 0)
        {
            Assert.Equal(TypeOid.Text, Database.Plan(sql).ParameterTypes[0].Oid);
            return;
        }
        SqlException error = Database.Refused(sql);
        Assert.Equal((state, message, position), (error.SqlState, error.Message, error.Position));
    }
}
