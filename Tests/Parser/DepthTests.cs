using System.Text;
using VecSql.Core.Errors;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Parser.Deparsing;

namespace VecSql.Tests.Parser;

/// <summary>However deep the text nests, the parser answers: with a tree whose height is bounded, or with 54001.</summary>
public sealed class DepthTests
{
    private const int Deep = 100_000;

    private static string Repeat(string text, int count = Deep) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();

    public static TheoryData<string, string, string> Nestings() => new()
    {
        { "(", "1", ")" },
        { "NOT ", "a", "" },
        { "- ", "a", "" },
        { "@ ", "a", "" },
        { "ARRAY[", "1", "]" },
        { "f(", "1", ")" },
        { "(SELECT ", "1", ")" },
        { "((SELECT ", "1", ") + 1)" },
        { "CASE WHEN ", "a", " THEN 1 END" },
        { "a[", "1", "]" },
        { "a IN (", "1", ")" },
        { "a IN (SELECT ", "1", ")" },
        { "(1, ", "2", ")" },
        { "CAST(", "1", " AS int)" },
        { "a = ANY (", "b", ")" },
        { "EXISTS (SELECT ", "1", ")" },
        { "coalesce(", "1", ")" },
        { "1 + (", "2", ")" },
        { "a AND (b OR ", "c", ")" },
        { "a BETWEEN (", "1", ") AND 2" },
    };

    [Theory]
    [MemberData(nameof(Nestings))]
    public void NestedExpressionsAreRefusedNotFatal(string open, string middle, string close)
    {
        Refused("SELECT " + Repeat(open) + middle + Repeat(close));
        // Unbalanced too: the lookahead over parentheses must not take quadratic time.
        Assert.Throws<SqlException>(() => SqlParser.Parse("SELECT " + Repeat(open) + middle));
    }

    [Theory]
    [InlineData("(", "SELECT 1", ")")]
    [InlineData("SELECT * FROM (", "SELECT 1", ") x")]
    [InlineData("WITH a AS (", "SELECT 1", ") SELECT 1")]
    [InlineData("SELECT * FROM ", "t", "")]
    public void NestedQueriesAreRefusedNotFatal(string open, string middle, string close)
    {
        if (close.Length > 0) Refused(Repeat(open) + middle + Repeat(close));
        Refused("SELECT * FROM " + Repeat("(") + "a CROSS JOIN b" + Repeat(")"));
        Refused("SELECT * FROM a" + Repeat(" JOIN a"));
    }

    [Theory]
    [InlineData("SELECT 1", " + 1")]
    [InlineData("SELECT 1", "::int")]
    [InlineData("SELECT a", " IS NULL")]
    [InlineData("SELECT a", " || 'x'")]
    [InlineData("SELECT a", " COLLATE \"C\"")]
    [InlineData("SELECT 1", " UNION ALL SELECT 1")]
    [InlineData("SELECT * FROM a", " CROSS JOIN a")]
    public void LongChainsAreRefusedAndShortOnesWork(string start, string link)
    {
        Refused(start + Repeat(link, 50_000));
        var statement = SqlParser.Parse(start + Repeat(link, 1500))[0].Statement;
        Assert.True(Height(statement) <= SqlParser.MaxTreeHeight * 2);
        Assert.Null(SyntaxTree.Difference(statement, SqlParser.Parse(start + Repeat(link, 1500))[0].Statement));
        Assert.NotEmpty(Deparser.ToSql(statement));
    }

    [Fact]
    public void ChainsOfChainsCannotAddUpBeyondTheLimit()
    {
        string chain = "1" + Repeat(" + 1", 900);
        string text = chain;
        for (int i = 0; i < 5; i++) text = "(" + text + ")" + Repeat(" + 1", 900);
        Refused("SELECT " + text);
    }

    [Theory]
    [InlineData(" AND a = 1")]
    [InlineData(" OR a = 1")]
    public void ChainsOfAndAndOrAreFlat(string link)
    {
        var statement = (SelectStatement)SqlParser.Parse("SELECT 1 FROM t WHERE a" + Repeat(link, 50_000))[0].Statement;
        Assert.True(Height(statement) < 20);
        Assert.Equal(50_001, ((statement.Body as SelectCore)!.Where switch { AndExpression e => e.Operands, OrExpression e => e.Operands, _ => [] }).Count);
    }

    [Fact]
    public void WideStatementsAreNoProblem()
    {
        string rows = string.Join(", ", Enumerable.Range(0, 50_000).Select(i => $"({i}, 'name {i}', '[1,2,3]')"));
        var insert = (InsertStatement)SqlParser.Parse("INSERT INTO t VALUES " + rows)[0].Statement;
        Assert.Equal(50_000, ((ValuesBody)insert.Source!.Body).Rows.Count);
        Assert.Equal(100_000, ((InList)SqlParser.ParseExpression("a IN (" + string.Join(",", Enumerable.Range(0, 100_000)) + ")")).Items.Count);
        Assert.Equal(20_000, SqlParser.Parse(Repeat("SELECT 1;", 20_000)).Count);
    }

    private static void Refused(string sql)
    {
        var error = Assert.Throws<SqlException>(() => SqlParser.Parse(sql));
        Assert.Equal((SqlState.StatementTooComplex, "stack depth limit exceeded"), (error.SqlState, error.Message));
        Assert.NotNull(error.Hint);
    }

    /// <summary>Height in nodes, counted without recursion.</summary>
    private static int Height(SyntaxNode root)
    {
        int height = 0;
        List<object> level = [root];
        while (level.Count > 0)
        {
            height++;
            List<object> next = [];
            foreach (object node in level) next.AddRange(Children(node));
            level = next;
        }
        return height;
    }

    private static IEnumerable<object> Children(object node)
    {
        foreach (var property in node.GetType().GetProperties())
        {
            if (property.GetIndexParameters().Length > 0) continue;
            object? value = property.GetValue(node);
            if (value is SyntaxNode) yield return value;
            if (value is not System.Collections.IList list) continue;
            foreach (object? item in list)
            {
                if (item is SyntaxNode) yield return item;
            }
        }
    }
}
