using System.Runtime.CompilerServices;
using System.Text;
using VecSql.Core.Errors;
using VecSql.Planner;
using VecSql.Planner.Rules;

namespace VecSql.Tests.Planner;

/// <summary>
/// Plans as EXPLAIN shows them, against Goldens/*.txt: a statement, a line of rules whose absence would change the plan, the plan. VECSQL_UPDATE_GOLDENS=1 writes them anew.
/// </summary>
public class PlanTests
{
    private static PlannerDatabase MakeDatabase() => new("""
        CREATE TABLE t (a int PRIMARY KEY, b text, c bigint, d float8);
        CREATE TABLE u (a int, x text NOT NULL, y int);
        CREATE TABLE w (id bigint PRIMARY KEY, t_a int, v varchar(20), at timestamptz, ok bool);
        CREATE TABLE items (id bigint PRIMARY KEY, tenant int, title text, embedding vector(3));
        CREATE INDEX items_embedding ON items USING hnsw (embedding vector_l2_ops);
        CREATE INDEX items_cosine ON items USING hnsw (embedding vector_cosine_ops);
        CREATE INDEX items_tenant ON items (tenant);
        CREATE INDEX t_c ON t (c, d DESC);
        CREATE INDEX w_v ON w (v);
        CREATE INDEX w_lower ON w (lower(v));
        CREATE INDEX w_ok ON w (t_a) WHERE ok;
        CREATE TABLE events (id int, day date, kind int);
        CREATE VIEW big AS SELECT a, b, c * 2 AS twice FROM t WHERE c > 100;
        """)
    { Rows = { ["t"] = 100_000, ["items"] = 100_000, ["u"] = 2000, ["w"] = 50_000 } };

    private static readonly Lazy<PlannerDatabase> Database = new(MakeDatabase);

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Goldens");

    public static TheoryData<string> Files() => [.. Directory.GetFiles(Folder(), "*.txt").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Golden(string file)
    {
        string path = Path.Combine(Folder(), file);
        string expected = File.ReadAllText(path);
        StringBuilder actual = new();
        foreach (string section in expected.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string sql = section.Split('\n')[0];
            actual.Append(sql).Append('\n').Append(Describe(sql)).Append("\n\n");
        }
        if (Environment.GetEnvironmentVariable("VECSQL_UPDATE_GOLDENS") == "1") File.WriteAllText(path, actual.ToString());
        else Assert.Equal(expected, actual.ToString());
    }

    private static string Describe(string sql)
    {
        string plan = Database.Value.Explain(sql);
        List<string> mattering = [];
        foreach (string rule in Optimizer.All.Select(r => r.Name))
        {
            PlannerDatabase without = MakeDatabase();
            without.Settings["vecsql.disabled_rules"] = rule;
            if (without.Explain(sql) != plan) mattering.Add(rule);
        }
        return $"-- rules: {string.Join(", ", mattering)}\n{plan}";
    }

    [Fact]
    public void Sequential_scans_when_index_scans_are_off()
    {
        PlannerDatabase database = MakeDatabase();
        database.Settings["enable_indexscan"] = "off";
        Assert.DoesNotContain("Index Scan", database.Explain("SELECT id FROM items WHERE tenant = 3 ORDER BY embedding <-> '[1,2,3]' LIMIT 10"), StringComparison.Ordinal);
        Assert.DoesNotContain("Index Scan", database.Explain("SELECT * FROM t WHERE a = 1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Conflict_targets_need_a_unique_index()
    {
        SqlException error = Database.Value.Refused("INSERT INTO t (a, b) VALUES (1, 'x') ON CONFLICT (b) DO NOTHING");
        Assert.Equal((SqlState.InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification"), (error.SqlState, error.Message));
    }

    [Fact]
    public void Deep_expressions_are_refused_not_fatal()
    {
        string deep = "SELECT " + string.Concat(Enumerable.Repeat("(1 + ", 1900)) + "a" + new string(')', 1900) + " FROM t";
        Exception? outcome = null;
        Thread small = new(() => outcome = Record.Exception(() => Database.Value.Plan(deep)), 256 * 1024);
        small.Start();
        small.Join();
        Assert.True(outcome is null or SqlException { SqlState: SqlState.StatementTooComplex }, outcome?.ToString());
    }

    [Fact]
    public void Json_is_one_document()
    {
        QueryPlan plan = Database.Value.Plan("SELECT t.b FROM t JOIN u ON t.a = u.a ORDER BY t.b LIMIT 3");
        string json = Assert.Single(VecSql.Planner.Explain.PlanExplainer.Explain(plan, Database.Value.Context, new VecSql.Planner.Explain.ExplainOptions { Format = VecSql.Planner.Explain.ExplainFormat.Json }));
        using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(json);
        Assert.Equal("Limit", document.RootElement[0].GetProperty("Plan").GetProperty("Node Type").GetString());
    }
}
