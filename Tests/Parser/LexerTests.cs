using VecSql.Core.Errors;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Tests.Parser;

public sealed class LexerTests
{
    private static Token[] Lex(string text)
    {
        var (tokens, error) = Lexer.Tokenize(text);
        return error is null ? tokens : throw error;
    }

    [Theory]
    [InlineData("1=-1", "1 = - 1")]
    [InlineData("5 *-1", "5 * - 1")]
    [InlineData("1!=-1", "1 !=- 1")]
    [InlineData("5 %-2", "5 %- 2")]
    [InlineData("@-5", "@- 5")]
    [InlineData("a!=b", "a <> b")]
    [InlineData("a--c\n+b", "a + b")]
    [InlineData("a*/**/b", "a * b")]
    [InlineData("a<->b", "a <-> b")]
    [InlineData("a<=>b", "a <=> b")]
    [InlineData("a<#>-b", "a <#>- b")]
    [InlineData("a->>'b'", "a ->> b")]
    [InlineData("a<+-b", "a < + - b")]
    public void OperatorsAreCutAsPostgresCutsThem(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Lex(text)[..^1].Select(t => t.Text)));

    [Fact]
    public void CommentsNest()
    {
        Assert.Equal(["a", "b", ""], Lex("a /* x /* y */ -- z */ b").Select(t => t.Text));
        Assert.Equal(9, Position("SELECT 1 /* /* */ never closed", "unterminated /* comment at or near"));
    }

    [Theory]
    [InlineData("'it''s'", "it's")]
    [InlineData("'a'\n  -- comment\n 'b'", "ab")]
    [InlineData(@"'a\n'", @"a\n")]
    [InlineData(@"E'a\n\t\\\'\x41\101\u0042\U00000043'", "a\n\t\\'AABC")]
    [InlineData(@"E'\xc3\xa9'", "é")]
    [InlineData(@"E'\uD83D\uDE00'", "😀")]
    [InlineData(@"U&'d\0061t\+000061'", "data")]
    [InlineData("U&'d!0061t!!' UESCAPE '!'", "dat!")]
    [InlineData("$$it's$$", "it's")]
    [InlineData("$a$x$$y$b$z$a$", "x$$y$b$z")]
    public void StringsAreDecoded(string text, string expected)
    {
        var token = Lex(text)[0];
        Assert.Equal(TokenKind.String, token.Kind);
        Assert.Equal(expected, token.Text);
        Assert.Equal((0, text.Length), (token.Start, token.End));
    }

    [Theory]
    [InlineData("FooBar", "foobar")]
    [InlineData("\"FooBar\"", "FooBar")]
    [InlineData("\"a\"\"b\"", "a\"b")]
    [InlineData("É_a$1", "É_a$1")]
    [InlineData("U&\"\\0441\\043B\"", "сл")]
    public void IdentifiersAreFoldedUnlessQuoted(string text, string expected)
    {
        var token = Lex(text)[0];
        Assert.Equal((TokenKind.Identifier, expected), (token.Kind, token.Text));
    }

    [Fact]
    public void IdentifiersAreCutTo63Bytes()
    {
        Assert.Equal(new string('a', 63), Lex(new string('A', 70))[0].Text);
        Assert.Equal(new string('é', 31), Lex("\"" + new string('é', 40) + "\"")[0].Text);
    }

    [Theory]
    [InlineData("42", TokenKind.Integer)]
    [InlineData("2147483648", TokenKind.Numeric)]
    [InlineData("4.", TokenKind.Numeric)]
    [InlineData(".5", TokenKind.Numeric)]
    [InlineData("1e-5", TokenKind.Numeric)]
    [InlineData("$12", TokenKind.Parameter)]
    [InlineData("b'01'", TokenKind.BitString)]
    [InlineData("X'1F'", TokenKind.HexString)]
    internal void ConstantsHaveTheirKind(string text, TokenKind kind) => Assert.Equal(kind, Lex(text)[0].Kind);

    [Theory]
    [InlineData("SELECT 123abc", "trailing junk after numeric literal at or near \"123abc\"", 7)]
    [InlineData("SELECT 0x1F", "trailing junk after numeric literal at or near \"0x1F\"", 7)]
    [InlineData("SELECT 1e+", "trailing junk after numeric literal at or near \"1e+\"", 7)]
    [InlineData("SELECT $1a", "trailing junk after parameter at or near \"$1a\"", 7)]
    [InlineData("SELECT 'abc", "unterminated quoted string at or near \"'abc\"", 7)]
    [InlineData("SELECT \"abc", "unterminated quoted identifier at or near \"\"abc\"", 7)]
    [InlineData("SELECT \"\"", "zero-length delimited identifier at or near \"\"\"\"", 7)]
    [InlineData("SELECT $a$ x", "unterminated dollar-quoted string at or near \"$a$ x\"", 7)]
    [InlineData("SELECT B'01", "unterminated bit string literal at or near \"B'01\"", 7)]
    [InlineData("SELECT U&'wrong: \\061'", "invalid Unicode escape", 17)]
    [InlineData("SELECT U&'wrong: \\db99'", "invalid Unicode surrogate pair", 22)]
    [InlineData("SELEC 'abc", "syntax error at or near \"SELEC\"", 0)]
    public void ErrorsQuoteTheToken(string sql, string message, int position) => Assert.Equal(position, Position(sql, message));

    [Fact]
    public void BytesOfAnEscapeStringMustBeUtf8() =>
        Assert.Equal("22021", Assert.Throws<SqlException>(() => SqlParser.Parse(@"SELECT E'\xff'")).SqlState);

    [Fact]
    public void StringsOnOneLineAreNotJoined() => Position("SELECT 'a' 'b'", "syntax error at or near \"'b'\"");

    [Fact]
    public void IntegersOfAnyLengthStayIntegers() =>
        Assert.Equal("-9223372036854775808", Assert.IsType<IntegerLiteral>(SqlParser.ParseExpression("-9223372036854775808")).Text);

    [Fact]
    public void TheKeywordEnumNamesTheWordsOfTheTable()
    {
        Assert.Equal(460, Keywords.Count);
        Assert.Equal(Keywords.Count + 1, Enum.GetValues<Keyword>().Length);
        foreach (var keyword in Enum.GetValues<Keyword>())
        {
            if (keyword == Keyword.NotKeyword) continue;
            Assert.Equal(keyword.ToString(), Keywords.Spelling(keyword).Replace("_", ""), ignoreCase: true);
            Assert.Equal(keyword, Keywords.Find(Keywords.Spelling(keyword)));
        }
    }

    private static int Position(string sql, string message)
    {
        var error = Assert.Throws<SqlException>(() => SqlParser.Parse(sql));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        return error.Position;
    }
}
