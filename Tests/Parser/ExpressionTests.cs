using VecSql.Core.Errors;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Parser.Deparsing;

namespace VecSql.Tests.Parser;

public sealed class ExpressionTests
{
    /// <summary>The deparser's parentheses show how operators were grouped.</summary>
    [Theory]
    [InlineData("a + b * c ^ d", "(a + (b * (c ^ d)))")]
    [InlineData("2 ^ 3 ^ 2", "((2 ^ 3) ^ 2)")]
    [InlineData("-2 ^ 2", "(-2 ^ 2)")]
    [InlineData("- a ^ 2", "((- a) ^ 2)")]
    [InlineData("-5::int8", "(- 5::int8)")]
    [InlineData("- - 5", "5")]
    [InlineData("a - b - c", "((a - b) - c)")]
    [InlineData("a || b + c", "(a || (b + c))")]
    [InlineData("a ->> 'x' = b", "((a ->> 'x') = b)")]
    [InlineData("a <-> b < 5 AND c", "(((a <-> b) < 5) AND c)")]
    [InlineData("NOT a = b", "(NOT (a = b))")]
    [InlineData("NOT a AND b OR c", "(((NOT a) AND b) OR c)")]
    [InlineData("a AND b AND (c OR d OR e)", "(a AND b AND (c OR d OR e))")]
    [InlineData("(a AND b) AND c", "(a AND b AND c)")]
    [InlineData("'a' LIKE 'a%' = true", "(('a' LIKE 'a%') = true)")]
    [InlineData("a = b IS NULL", "((a = b) IS NULL)")]
    [InlineData("a IS NULL IS NULL", "((a IS NULL) IS NULL)")]
    [InlineData("a ISNULL = b NOTNULL", "(((a IS NULL) = b) IS NOT NULL)")]
    [InlineData("a BETWEEN b + 1 AND c AND d", "((a BETWEEN (b + 1) AND c) AND d)")]
    [InlineData("a NOT BETWEEN SYMMETRIC b AND c", "(a NOT BETWEEN SYMMETRIC b AND c)")]
    [InlineData("a + b IN (1, 2)", "((a + b) IN (1, 2))")]
    [InlineData("a IN (1) IN (true)", "((a IN (1)) IN (true))")]
    [InlineData("a LIKE b || c ESCAPE d", "(a LIKE (b || c) ESCAPE d)")]
    [InlineData("a NOT SIMILAR TO b", "(a NOT SIMILAR TO b)")]
    [InlineData("a COLLATE \"C\" || b", "((a COLLATE \"C\") || b)")]
    [InlineData("a AT TIME ZONE 'x' AT TIME ZONE 'y'", "((a AT TIME ZONE 'x') AT TIME ZONE 'y')")]
    [InlineData("@ a + b", "(@ (a + b))")]
    [InlineData("a OPERATOR(pg_catalog.+) b * c", "(a OPERATOR(pg_catalog.+) (b * c))")]
    [InlineData("a = ANY (b) = c", "((a = ANY (b)) = c)")]
    [InlineData("a !~~* ALL ('{x}')", "(a !~~* ALL ('{x}'))")]
    [InlineData("a NOT ILIKE ALL ('{x}')", "(a !~~* ALL ('{x}'))")]
    [InlineData("a IS DISTINCT FROM b + 1", "(a IS DISTINCT FROM (b + 1))")]
    [InlineData("(a, b) OVERLAPS (c, d)", "((a, b) OVERLAPS (c, d))")]
    [InlineData("a.b[1].c", "a.b[1].c")]
    [InlineData("(a.b).c", "(a.b).c")]
    [InlineData("(f(x)).*", "(f(x)).*")]
    [InlineData("((SELECT 1) + 1)", "((SELECT 1) + 1)")]
    [InlineData("(((SELECT 1)) UNION SELECT 2)", "(SELECT 1 UNION SELECT 2)")]
    [InlineData("CASE a WHEN 1 THEN b ELSE c END", "CASE a WHEN 1 THEN b ELSE c END")]
    [InlineData("substring(a FOR 2 FROM 1)", "SUBSTRING(a FROM 1 FOR 2)")]
    [InlineData("substring(a, 1)", "\"substring\"(a, 1)")]
    [InlineData("trim(LEADING 'x' FROM a)", "TRIM(LEADING 'x' FROM a)")]
    [InlineData("count(DISTINCT a ORDER BY b) FILTER (WHERE c) OVER (w ORDER BY d)", "count(DISTINCT a ORDER BY b) FILTER (WHERE c) OVER (w ORDER BY d)")]
    [InlineData("f(a := 1, VARIADIC b => 2)", "f(a => 1, VARIADIC b => 2)")]
    [InlineData("int '1'", "integer '1'")]
    [InlineData("interval '1' day to second(3)", "interval '1' day to second(3)")]
    [InlineData("numeric(10,2) '1.5'", "numeric(10, 2) '1.5'")]
    [InlineData("'[1,2]'::vector(2)[]", "'[1,2]'::vector(2)[]")]
    [InlineData("x::char::\"char\"", "((x)::character(1))::\"char\"")]
    [InlineData("E'a\\\\b'", "E'a\\\\b'")]
    public void OperatorsGroupAsInPostgres(string text, string expected) => Assert.Equal(expected, Deparser.ToSql(SqlParser.ParseExpression(text)));

    [Theory]
    [InlineData("1 < 2 < 3", 6)]
    [InlineData("1 < 2 = true", 6)]
    [InlineData("a LIKE b LIKE c", 9)]
    [InlineData("a BETWEEN 1 AND 2 BETWEEN 3 AND 4", 18)]
    [InlineData("a IS DISTINCT FROM b IS NULL", 21)]
    [InlineData("NOT a = b = c", 10)]
    [InlineData("f(x)[1]", 4)]
    [InlineData("(1, 2).a", 6)]
    [InlineData("a NOT NULL", 2)]
    [InlineData("a +", 3)]
    [InlineData("(a", 2)]
    [InlineData("", 0)]
    [InlineData("CASE END", 5)]
    [InlineData("coalesce()", 9)]
    [InlineData("nullif(a)", 8)]
    [InlineData("a b", 2)]
    public void WhatPostgresRefusesIsRefusedAtTheSameToken(string text, int position)
    {
        var error = Assert.Throws<SqlException>(() => SqlParser.ParseExpression(text));
        Assert.Equal((SqlState.SyntaxError, position), (error.SqlState, error.Position));
    }

    [Fact]
    public void ErrorsAboutAnOperatorPointAtIt()
    {
        var expression = SqlParser.ParseExpression("  alpha + beta");
        Assert.Equal((new TextSpan(2, 12), 8), (expression.Span, expression.Location));
        var cast = SqlParser.ParseExpression("alpha::int");
        Assert.Equal((new TextSpan(0, 10), 5), (cast.Span, cast.Location));
    }

    [Theory]
    [InlineData("int", "integer")]
    [InlineData("pg_catalog.int4", "integer")]
    [InlineData("character varying(10)[][3]", "character varying(10)[][3]")]
    [InlineData("timestamp(3) with time zone", "timestamp(3) with time zone")]
    [InlineData("time", "time without time zone")]
    [InlineData("float(20)", "real")]
    [InlineData("dec(5)", "numeric(5)")]
    [InlineData("bit", "bit(1)")]
    [InlineData("national char varying(5)", "character varying(5)")]
    [InlineData("interval year to month", "interval year to month")]
    [InlineData("interval(2)", "interval(2)")]
    [InlineData("setof public.vector(768)", "SETOF public.vector(768)")]
    [InlineData("text ARRAY[4]", "text[4]")]
    public void TypesAreMappedToTheCatalogsNames(string text, string expected)
    {
        var type = SqlParser.ParseTypeName(text);
        Assert.Equal(expected, Deparser.ToSql(type));
        Assert.Null(SyntaxTree.Difference(type, SqlParser.ParseTypeName(Deparser.ToSql(type))));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("Mixed", "\"Mixed\"")]
    [InlineData("select", "\"select\"")]
    [InlineData("between", "\"between\"")]
    [InlineData("left", "\"left\"")]
    [InlineData("name", "name")]
    [InlineData("1a", "\"1a\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a$b", "\"a$b\"")]
    public void NamesAreQuotedWhereTheyMust(string name, string expected) => Assert.Equal(expected, Quoting.Identifier(name));
}
