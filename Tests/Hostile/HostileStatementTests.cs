using System.Text;
using VecSql.Tests.Servers;
using VecSql.Tests.SqlTests;
using VecSql.Tests.Wire;

namespace VecSql.Tests.Hostile;

/// <summary>Statements made to break a server: each ends with an error (or an answer) on its own session, and another session goes on.</summary>
public sealed class HostileStatementTests(VecSqlServer server) : IClassFixture<VecSqlServer>
{
    private const string Fine = "00000";

    /// <summary>Name, statement, and the SQLSTATEs that are right.</summary>
    private static IEnumerable<(string Name, string Sql, string[] States)> Statements()
    {
        yield return ("parentheses", "SELECT " + Repeat("(", 100_000) + "1" + Repeat(")", 100_000), ["54001"]);
        yield return ("unclosed parentheses", "SELECT " + Repeat("(", 100_000), ["54001", "42601"]);
        yield return ("array braces", "SELECT '" + Repeat("{", 100_000) + Repeat("}", 100_000) + "'::int[]", ["54000", "22P02", "54001"]);
        yield return ("array constructors", "SELECT " + Repeat("ARRAY[", 50_000) + "1" + Repeat("]", 50_000), ["54001", "54000"]);
        yield return ("json arrays", "SELECT '" + Repeat("[", 100_000) + Repeat("]", 100_000) + "'::json", ["54001", Fine]);
        yield return ("jsonb objects", "SELECT '" + Repeat("{\"a\":", 50_000) + "1" + Repeat("}", 50_000) + "'::jsonb", ["54001"]);
        yield return ("nested subqueries", Repeat("SELECT * FROM (", 20_000) + "SELECT 1" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $") s{i}")), ["54001"]);
        yield return ("nested WITH", Repeat("WITH a AS (", 20_000) + "SELECT 1" + Repeat(") SELECT * FROM a", 20_000), ["54001"]);
        yield return ("a chain of AND", "SELECT " + Repeat("true AND ", 100_000) + "true", [Fine, "54001"]);
        yield return ("a chain of OR over a column", "SELECT count(*) FROM generate_series(1, 3) g WHERE " + Repeat("g = 1 OR ", 10_000) + "g = 2", [Fine, "54001"]);
        yield return ("a chain of +", "SELECT " + Repeat("1 + ", 100_000) + "1", [Fine, "54001"]);
        yield return ("a chain of ||", "SELECT length(" + Repeat("'a' || ", 30_000) + "'a')", [Fine, "54001"]);
        yield return ("NOT NOT NOT", "SELECT " + Repeat("NOT ", 100_000) + "true", ["54001"]);
        yield return ("minus minus", "SELECT " + Repeat("- ", 100_000) + "1", ["54001"]);
        yield return ("casts", "SELECT 1" + Repeat("::int", 100_000), [Fine, "54001"]);
        yield return ("CASE in CASE", "SELECT " + Repeat("CASE WHEN true THEN ", 20_000) + "1" + Repeat(" END", 20_000), ["54001"]);
        yield return ("functions in functions", "SELECT " + Repeat("abs(", 50_000) + "1" + Repeat(")", 50_000), ["54001"]);
        yield return ("10,000 UNIONs", "SELECT count(*) FROM (SELECT 1" + Repeat(" UNION ALL SELECT 1", 10_000) + ") u", [Fine, "54001"]);
        yield return ("10,000 values", "SELECT count(*) FROM (VALUES (1)" + Repeat(",(1)", 100_000) + ") v", [Fine]);
        yield return ("100,000 in a list", "SELECT 5 IN (" + string.Join(',', Enumerable.Range(0, 100_000)) + ")", [Fine]);
        yield return ("joins of 120", "SELECT 1 FROM pg_class c0" + string.Concat(Enumerable.Range(1, 120).Select(i => $", pg_class c{i}")) + " LIMIT 0", [Fine, "54001", "54000"]);
        yield return ("1,665 result columns", "SELECT " + string.Join(',', Enumerable.Range(0, 1665).Select(i => $"{i} AS c{i}")), ["54011"]);
        yield return ("1,601 table columns", "CREATE TABLE wide (" + string.Join(',', Enumerable.Range(0, 1601).Select(i => $"c{i} int")) + ")", ["54011"]);
        yield return ("1,600 table columns", "CREATE TABLE wide_enough (" + string.Join(',', Enumerable.Range(0, 1600).Select(i => $"c{i} int")) + ")", [Fine]);
        yield return ("parameter 65536", "SELECT $65536::int", ["42P02", "54023", "08P01", "42601"]);
        yield return ("parameter 99999999999", "SELECT $99999999999", ["42P02", "42601", "22003", "54023"]);
        yield return ("a gigabyte and more", "SELECT length(repeat('x', 1073741824))", ["54000"]);
        yield return ("a gigabyte by lpad", "SELECT length(lpad('x', 1073741824))", ["54000"]);
        yield return ("a gigabyte by doubling", "SELECT length(repeat(repeat('x', 1000000), 2000))", ["54000"]);
        yield return ("a negative repeat", "SELECT repeat('x', -1)", [Fine]);
        yield return ("a large array", "SELECT array_fill(0, ARRAY[2000000000])", ["54000"]);
        yield return ("large dimensions", "SELECT array_fill(0, ARRAY[100000, 100000])", ["54000"]);
        yield return ("many dimensions", "SELECT '{{{{{{{1}}}}}}}'::int[]", ["54000"]);
        yield return ("array bounds", "SELECT '[2147483647:2147483648]={1,2}'::int[]", ["22003", "54000", "2202E"]);
        yield return ("an endless recursion", "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM (SELECT * FROM r LIMIT 100000) l", [Fine]);
        yield return ("a regular expression", "SELECT '" + Repeat("a", 50) + "' ~ '(a*)*(a*)*(a*)*b'", [Fine]);
        yield return ("nested regular expression", "SELECT 'a' ~ '" + Repeat("(", 50_000) + "a" + Repeat(")", 50_000) + "'", ["2201B", "54001"]);
        yield return ("LIKE with many %", "SELECT '" + Repeat("a", 5000) + "' LIKE '" + Repeat("%a", 2000) + "b'", [Fine]);
        yield return ("numeric overflow", "SELECT 10::numeric ^ 200000", ["22003"]);
        yield return ("a large power", "SELECT length((10::numeric ^ 100000)::text)", [Fine]);
        yield return ("numeric typmod", "SELECT 1::numeric(1001, 2)", ["22023"]);
        yield return ("vector dimensions", "SELECT '[" + Repeat("1,", 16_000) + "1]'::vector", ["54000"]);
        yield return ("vector typmod", "SELECT '[1]'::vector(16001)", ["22023"]);
        yield return ("interval overflow", "SELECT '999999999 years'::interval * 1000", ["22008", "22015"]);
        yield return ("date overflow", "SELECT '5874897-12-31'::date + 1", ["22008"]);
        yield return ("timestamp overflow", "SELECT '294276-12-31'::timestamp + interval '10 days'", ["22008"]);
        yield return ("int2 overflow", "SELECT 32767::int2 + 1::int2", ["22003"]);
        yield return ("int4 overflow", "SELECT 2147483647 + 1", ["22003"]);
        yield return ("int4 minimum / -1", "SELECT (-2147483648)::int4 / -1", ["22003"]);
        yield return ("int4 minimum % -1", "SELECT (-2147483648)::int4 % -1", [Fine]);
        yield return ("int8 minimum / -1", "SELECT (-9223372036854775808)::int8 / -1", ["22003"]);
        yield return ("int8 overflow", "SELECT 9223372036854775807 + 1", ["22003"]);
        yield return ("abs of the minimum", "SELECT abs((-2147483648)::int4)", ["22003"]);
        yield return ("division by zero", "SELECT 1 / 0", ["22012"]);
        yield return ("numeric division by zero", "SELECT 1.0 / 0", ["22012"]);
        yield return ("modulo zero", "SELECT 5 % 0", ["22012"]);
        yield return ("float division by zero", "SELECT 1::float8 / 0", ["22012"]);
        yield return ("float overflow", "SELECT 1e308::float8 * 10", ["22003"]);
        yield return ("exp overflow", "SELECT exp(100000::float8)", ["22003"]);
        yield return ("factorial", "SELECT factorial(100000)", ["22003"]);
        yield return ("shift", "SELECT 1 << 100", [Fine]);
        yield return ("chr of zero", "SELECT chr(0)", ["54000"]);
        yield return ("chr of a surrogate", "SELECT chr(55296)", ["54000"]);
        yield return ("an escape of zero", "SELECT E'a\\000b'", ["22021"]);
        yield return ("a Unicode escape of zero", "SELECT E'\\u0000'", ["22021", "42601", "22P05", "54000"]);
        yield return ("a lone surrogate", "SELECT E'\\ud800'", ["42601", "22025"]);
        yield return ("convert_from of bad bytes", "SELECT convert_from('\\xff'::bytea, 'UTF8')", ["22021"]);
        yield return ("an escape of bad bytes", "SELECT E'\\xff'", ["22021"]);
        yield return ("generate_series for ever", "SELECT count(*) FROM (SELECT generate_series(1, 9223372036854775807) LIMIT 10) g", [Fine]);
        yield return ("a step of zero", "SELECT generate_series(1, 2, 0)", ["22023"]);
        yield return ("an identifier of a megabyte", "SELECT 1 AS " + Repeat("x", 1_000_000), [Fine]);
        yield return ("a literal of a million digits", "SELECT " + Repeat("9", 1_000_000), ["22003"]);
        yield return ("an exponent", "SELECT 1e999999999", ["22003"]);
        yield return ("a comment that never ends", "SELECT 1 " + Repeat("/*", 50_000), ["42601"]);
    }

    public static TheoryData<string> Names => [.. Statements().Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_attack_ends_with_an_error(string name)
    {
        (_, string sql, string[] states) = Statements().Single(s => s.Name == name);
        foreach (bool extended in (bool[])[false, true])
        {
            await using SqlClient client = await SqlClient.ConnectAsync(server.Port, "postgres", extended);
            await client.RunAsync("CREATE EXTENSION IF NOT EXISTS vector");
            await client.RunAsync("DROP TABLE IF EXISTS wide_enough");
            await client.RunAsync("SET statement_timeout = '8s'");
            SqlAnswer answer = await client.RunAsync(sql);
            Assert.True(states.Contains(answer.SqlState ?? Fine), $"{answer.SqlState ?? Fine} {answer.Message?[..Math.Min(200, answer.Message.Length)]}, not {string.Join(" or ", states)}");
            // The session lives, and so does the server.
            Assert.Equal("2", (await client.RunAsync("SELECT 1 + 1")).Rows[0][0]);
        }
    }

    /// <summary>Bytes that are no UTF-8, and zeros, wherever text can stand in a message.</summary>
    [Theory]
    [InlineData("FF")]
    [InlineData("C0AF")]
    [InlineData("EDA080")]
    [InlineData("F8888080")]
    [InlineData("E282")]
    [InlineData("F4908080")]
    public async Task Text_that_is_no_UTF8_is_refused(string hex)
    {
        byte[] bad = Convert.FromHexString(hex), none = FrameClient.Text("");
        byte[] sync = FrameClient.Message('S');
        byte[] Parse(byte[] sql, string name = "") => FrameClient.Message('P', FrameClient.Text(name), sql, FrameClient.Int16(0));
        byte[] Bind(byte[] value, short format, byte[]? portal = null) => FrameClient.Message('B', portal ?? none, none, FrameClient.Int16(1), FrameClient.Int16(format), FrameClient.Int16(1),
            FrameClient.Int32(value.Length), value, FrameClient.Int16(0));
        byte[] execute = FrameClient.Message('E', none, FrameClient.Int32(0));
        byte[] quoted(string before, string after) => [.. Encoding.UTF8.GetBytes(before), .. bad, .. Encoding.UTF8.GetBytes(after), 0];
        (string What, byte[] Bytes)[] messages =
        [
            ("a query", FrameClient.Message('Q', quoted("SELECT '", "'"))),
            ("a name", FrameClient.Message('Q', quoted("SELECT 1 AS \"", "\""))),
            ("a comment", FrameClient.Message('Q', quoted("SELECT 1 -- ", ""))),
            ("Parse", [.. Parse(quoted("SELECT '", "'")), .. sync]),
            ("a text parameter", [.. Parse(FrameClient.Text("SELECT $1::text")), .. Bind(bad, 0), .. execute, .. sync]),
            ("a binary parameter", [.. Parse(FrameClient.Text("SELECT $1::text")), .. Bind(bad, 1), .. execute, .. sync]),
            ("a varchar parameter", [.. Parse(FrameClient.Text("SELECT $1::varchar")), .. Bind(bad, 1), .. execute, .. sync]),
            ("a json parameter", [.. Parse(FrameClient.Text("SELECT $1::jsonb")), .. Bind([(byte)'"', .. bad, (byte)'"'], 0), .. execute, .. sync]),
            ("a zero in a parameter", [.. Parse(FrameClient.Text("SELECT $1::text")), .. Bind([65, 0, 66], 1), .. execute, .. sync]),
            ("a portal's name", [.. Parse(FrameClient.Text("SELECT $1::text")), .. Bind([65], 1, [.. bad, 0]), .. sync]),
        ];
        foreach ((string what, byte[] bytes) in messages)
        {
            using FrameClient client = await ConnectAsync();
            await client.SendAsync(bytes);
            List<string> lines = await client.ReceiveUntilReadyAsync();
            Assert.True(lines.Exists(l => l.StartsWith("ERROR 22021", StringComparison.Ordinal) || l.StartsWith("E ERROR 22021", StringComparison.Ordinal)), $"{what}: {string.Join(" / ", lines)}");
            Assert.Equal("Z I", lines[^1]);
        }
        using FrameClient copy = await ConnectAsync();
        await copy.SendAsync(FrameClient.Query("CREATE TEMP TABLE lines (line text)"));
        await copy.ReceiveUntilReadyAsync();
        foreach (byte[] line in (byte[][])[[.. bad, (byte)'\n'], [65, 0, 66, (byte)'\n']])
        {
            await copy.SendAsync(FrameClient.Query("COPY lines FROM STDIN"));
            await copy.SendAsync((byte[])[.. FrameClient.Message('d', line), .. FrameClient.Message('c')]);
            List<string> answers = await copy.ReceiveUntilReadyAsync();
            Assert.Contains(answers, l => l.StartsWith("E ERROR 22021", StringComparison.Ordinal));
        }
    }

    private async Task<FrameClient> ConnectAsync()
    {
        FrameClient client = await FrameClient.ConnectAsync(server.Port);
        await client.SendAsync(FrameClient.Startup(0x30000, "user", "postgres", "database", "postgres"));
        await client.ReceiveUntilReadyAsync();
        return client;
    }

    private static string Repeat(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();
}
