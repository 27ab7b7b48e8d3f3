using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.TextSearch;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>Text search: stems, tokens, queries, matches, ranks and headlines as PostgreSQL 15 gives them (Expectations/stems.tsv, text_search.tsv), texts and values that nobody would write, and the order of values against their keys.</summary>
public sealed class TextSearchTests
{
    private const string Alphabet = "abcXYZ01 .-_@/:+&;#<>!?'\"\\|()*,%=éßд\u0301\u0903 ";

    [Fact]
    public void Stems_are_those_of_postgres()
    {
        List<string> failures = [];
        int count = 0;
        ByteBuffer stem = new();
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Core", "Expectations", "stems.tsv")))
        {
            string[] f = line.Split('\t');
            stem.Clear();
            TextSearchConfiguration.Lexize(TextSearchConfiguration.EnglishDictionary, Encoding.UTF8.GetBytes(f[0]), stem);
            if (Encoding.UTF8.GetString(stem.WrittenSpan) != f[1]) failures.Add($"{f[0]}: {f[1]} became {Encoding.UTF8.GetString(stem.WrittenSpan)}");
            count++;
        }
        Assert.Empty(failures);
        Assert.True(count > 2000);
    }

    [Fact]
    public void Random_texts_and_queries_are_answered_as_by_postgres()
    {
        EvalContext context = Contexts.Default();
        Dictionary<string, int> asked = [];
        List<string> failures = [];
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Core", "Expectations", "text_search.tsv")))
        {
            string[] f = line.Split('\t');
            string found = Answer(f[0], f[1], f[2], context);
            asked[f[0]] = asked.GetValueOrDefault(f[0]) + 1;
            if (found != f[3]) failures.Add($"{f[0]} {f[1]} | {f[2]}: {f[3]} became {found}");
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Equal(8, asked.Count);
        Assert.All(asked.Values, count => Assert.True(count >= 60));
    }

    /// <summary>Looking ahead for the end of something that never ends must not be repeated at every byte.</summary>
    [Theory]
    [InlineData("a_")]
    [InlineData("<a ")]
    [InlineData("<!-- ")]
    [InlineData("<a \"<a '")]
    [InlineData("a.b@")]
    [InlineData("a-")]
    [InlineData("&a")]
    [InlineData("/.")]
    public void Hostile_texts_are_read_in_linear_time(string part)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(part, 1_000_000 / part.Length)));
        TextParser parser = new(text);
        int tokens = 0;
        while (parser.Next()) tokens++;
        Assert.InRange(tokens, 1, 2 * text.Length);
    }

    [Theory]
    [InlineData("well-known", "AsciiCompound:well-known AsciiPart:well Blank:- AsciiPart:known")]
    [InlineData("a@b.co x", "Email:a@b.co Blank:  AsciiWord:x")]
    [InlineData("http://a.com/b?c#d", "Protocol:http:// Url:a.com/b?c#d Host:a.com UrlPath:/b?c#d")]
    [InlineData("-1.2.3", "Blank:- Version:1.2.3")]
    [InlineData("<style>x y</style>z", "Tag:<style> Blank:x y Tag:</style> AsciiWord:z")]
    [InlineData("<a href=\"x\\\"y\">", "Tag:<a href=\"x\\\"y\">")]
    [InlineData("ab3-4c-d", "NumCompound:ab3-4c-d NumPart:ab3 Blank:- NumPart:4c Blank:- AsciiPart:d")]
    [InlineData("naïve &eacute; /usr/x.y", "Word:naïve Blank:  Entity:&eacute; Blank:  File:/usr/x.y")]
    public void Tokens_are_those_of_the_default_parser(string text, string expected)
    {
        TextParser parser = new(Encoding.UTF8.GetBytes(text));
        List<string> tokens = [];
        while (parser.Next()) tokens.Add($"{parser.Type}:{Encoding.UTF8.GetString(parser.Token)}");
        Assert.Equal(expected, string.Join(' ', tokens));
    }

    /// <summary>All bytes of a text are in tokens; a compound's parts and a URL's come a second time.</summary>
    [Fact]
    public void Any_text_is_cut_into_tokens_without_gaps()
    {
        Random random = new(11);
        for (int i = 0; i < 3000; i++)
        {
            byte[] text = Encoding.UTF8.GetBytes(RandomText(random, 40));
            TextParser parser = new(text);
            int end = 0;
            while (parser.Next())
            {
                Assert.True(parser.Length > 0 && parser.Start <= end, Encoding.UTF8.GetString(text));
                end = Math.Max(end, parser.Start + parser.Length);
            }
            Assert.Equal(text.Length, end);
        }
    }

    [Fact]
    public void Bytes_from_outside_are_read_or_refused()
    {
        Random random = new(12);
        EvalContext context = Contexts.Default();
        foreach (uint oid in (uint[])[TypeOid.TsVector, TypeOid.TsQuery])
        {
            TypeHandler handler = TypeHandlers.Of(oid);
            byte[] sound = Sent(handler, Parse(handler, oid == TypeOid.TsVector ? "a:1,2B bc:3 d" : "a & !b:*A <3> 'c d' | e", context), context);
            int read = 0;
            for (int i = 0; i < 5000; i++)
            {
                byte[] damaged = [.. sound.AsSpan(0, random.Next(sound.Length + 1))];
                for (int n = random.Next(3); n > 0 && damaged.Length > 0; n--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                ColumnBuilder builder = ColumnBuilder.Create(handler.Kind, 1);
                try
                {
                    handler.ReadBinary(damaged, new SqlType(oid), builder, context);
                    Column column = builder.Build();
                    handler.FormatText(column, 0, new SqlType(oid), new ByteBuffer(), context);
                    Assert.Equal(1, column.Length);
                    read++;
                }
                catch (SqlException)
                {
                    continue;
                }
            }
            Assert.InRange(read, 1, 4999);
        }
    }

    [Fact]
    public void Deep_queries_are_refused()
    {
        EvalContext context = Contexts.Default();
        foreach (string text in (string[])[new string('!', 1_000_000) + "a", new string('(', 1_000_000) + "a", string.Concat(Enumerable.Repeat("a<->(", 200_000)) + "a"])
            Assert.Equal(SqlState.StatementTooComplex, Assert.Throws<SqlException>(() => Parse(TypeHandlers.Of(TypeOid.TsQuery), text, context)).SqlState);
    }

    [Theory]
    [InlineData(TypeOid.TsVector)]
    [InlineData(TypeOid.TsQuery)]
    public void Values_survive_text_and_binary_and_order_as_their_keys(uint oid)
    {
        Random random = new(13);
        EvalContext context = Contexts.Default();
        TypeHandler handler = TypeHandlers.Of(oid);
        List<Column> values = [];
        while (values.Count < 300)
        {
            try
            {
                values.Add(Parse(handler, oid == TypeOid.TsVector ? RandomVector(random) : RandomQuery(random, 0), context));
            }
            catch (SqlException)
            {
                continue;
            }
        }
        foreach (Column value in values)
        {
            string text = Text(handler, value, context);
            Assert.Equal(text, Text(handler, Parse(handler, text, context), context));
            ColumnBuilder received = ColumnBuilder.Create(handler.Kind, 1);
            handler.ReadBinary(Sent(handler, value, context), new SqlType(oid), received, context);
            Assert.Equal(text, Text(handler, received.Build(), context));
            foreach (Column other in values)
            {
                int order = handler.Compare(value, 0, other, 0);
                Assert.Equal(Math.Sign(order), Math.Sign(Key(handler, value).AsSpan().SequenceCompareTo(Key(handler, other))));
                if (order == 0) Assert.Equal(handler.Hash(value, 0), handler.Hash(other, 0));
            }
        }
    }

    private static string Answer(string kind, string first, string second, EvalContext context)
    {
        switch (kind)
        {
            case "tokens":
                TextParser parser = new(Encoding.UTF8.GetBytes(first));
                List<string> tokens = [];
                while (parser.Next())
                    if (parser.Type != TokenType.Blank) tokens.Add($"{(int)parser.Type}[{Encoding.UTF8.GetString(parser.Token)}]");
                return string.Join(' ', tokens);
            case "matches": return Prepare(second, context).Matches(Vector(first, context)) ? "true" : "false";
            case "rank": return Text(TypeHandlers.Of(TypeOid.Float4), Single(TextRank.Rank(Ranks.DefaultWeights, Vector(first, context), Prepare(second, context), RankNormalization.None)), context);
            case "headline":
                ByteBuffer headline = new();
                QueryNode? query = Query(second, QuerySyntax.Standard, QueryKind.Phrase, context);
                TextHeadline.Write(Encoding.UTF8.GetBytes(first), new QueryMatcher(query), TextSearchConfiguration.English, HeadlineOptions.Read(""), headline, context);
                return Encoding.UTF8.GetString(headline.WrittenSpan);
        }
        QuerySyntax syntax = kind == "to_tsquery" ? QuerySyntax.Standard : kind == "websearch_to_tsquery" ? QuerySyntax.Web : QuerySyntax.Plain;
        ByteBuffer text = new();
        try
        {
            TextQuery.WriteText(Query(first, syntax, kind == "plainto_tsquery" ? QueryKind.And : QueryKind.Phrase, context), text);
        }
        catch (SqlException e) when (e.SqlState == SqlState.SyntaxError)
        {
            return "ERROR";
        }
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static QueryNode? Query(string text, QuerySyntax syntax, QueryKind joinedBy, EvalContext context) =>
        QueryParser.Parse(Encoding.UTF8.GetBytes(text), syntax, QueryTerms.Lexemes(TextSearchConfiguration.English, joinedBy, context), context);

    private static QueryMatcher Prepare(string query, EvalContext context) => new(TextQuery.Read(((BytesColumn)Parse(TypeHandlers.Of(TypeOid.TsQuery), query, context))[0]));
    private static TextVector Vector(string text, EvalContext context) => new(((BytesColumn)Parse(TypeHandlers.Of(TypeOid.TsVector), text, context))[0]);

    private static Column Single(float value)
    {
        ColumnBuilder<float> builder = new(1);
        builder.Append(value);
        return builder.Build();
    }

    private static string RandomText(Random random, int length) => string.Concat(Enumerable.Range(0, random.Next(length)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));

    private static string RandomVector(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(4)).Select(_ => (char)('a' + random.Next(3)) + (random.Next(3) == 0 ? "" : $":{random.Next(1, 4)}{"ABCD"[random.Next(4)]}")));

    private static string RandomQuery(Random random, int depth) => depth > 3 || random.Next(3) == 0
        ? (char)('a' + random.Next(3)) + ((string[])["", ":A", ":*"])[random.Next(3)]
        : random.Next(4) == 0 ? "!" + RandomQuery(random, 9) : $"({RandomQuery(random, depth + 1)}{((string[])[" & ", " | ", " <-> ", " <2> "])[random.Next(4)]}{RandomQuery(random, depth + 1)})";

    private static Column Parse(TypeHandler handler, string text, EvalContext context)
    {
        ColumnBuilder builder = ColumnBuilder.Create(handler.Kind, 1);
        handler.ParseText(Encoding.UTF8.GetBytes(text), default, builder, context);
        return builder.Build();
    }

    private static string Text(TypeHandler handler, Column value, EvalContext context)
    {
        ByteBuffer text = new();
        handler.FormatText(value, 0, default, text, context);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static byte[] Sent(TypeHandler handler, Column value, EvalContext context)
    {
        ByteBuffer sent = new();
        handler.WriteBinary(value, 0, default, sent, context);
        return sent.WrittenSpan.ToArray();
    }

    private static byte[] Key(TypeHandler handler, Column value)
    {
        ByteBuffer key = new();
        handler.EncodeKey(value, 0, key);
        return key.WrittenSpan.ToArray();
    }
}
