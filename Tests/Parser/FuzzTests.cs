using VecSql.Core.Errors;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Parser.Deparsing;

namespace VecSql.Tests.Parser;

public sealed class FuzzTests(ITestOutputHelper output)
{
    private static List<string> Corpus()
    {
        List<string> statements = [];
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Parser"), "*.sql"))
        {
            string text = File.ReadAllText(file);
            statements.AddRange(SqlParser.Parse(text).Select(s => text.Substring(s.Span.Start, s.Span.Length)));
        }
        return statements;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void MutatedTextGivesATreeOrASqlException(int seed)
    {
        var mutation = new Mutation(Corpus(), seed);
        int accepted = 0;
        for (int i = 0; i < 20_000; i++)
        {
            string sql = i % 2 == 0 ? mutation.Next() : mutation.NextGarbled();
            try
            {
                var statements = SqlParser.Parse(sql);
                accepted++;
                foreach (var statement in statements) CheckSpans(statement.Statement, sql.Length);
                foreach (var statement in statements)
                {
                    string text = Deparser.ToSql(statement.Statement);
                    Assert.Null(SyntaxTree.Difference(statement.Statement, SqlParser.Parse(text)[0].Statement));
                }
            }
            catch (SqlException e)
            {
                Assert.InRange(e.Position, -1, sql.Length);
                Assert.Equal(5, e.SqlState.Length);
            }
        }
        output.WriteLine($"{accepted} of 20000 accepted");
        Assert.True(accepted > 200, "the mutations are too wild to test the grammar");
    }

    private static void CheckSpans(SyntaxNode root, int length)
    {
        foreach (var node in SyntaxTree.Nodes(root))
        {
            Assert.InRange(node.Span.Start, 0, length);
            Assert.InRange(node.Span.End, node.Span.Start, length);
            if (node is Expression e) Assert.InRange(e.Location, 0, length);
        }
    }
}
