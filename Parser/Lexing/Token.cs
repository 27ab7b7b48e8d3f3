namespace VecSql.Parser.Lexing;

internal enum TokenKind : byte
{
    /// <summary>The end of the text.</summary>
    End,
    /// <summary>A lexical error; <see cref="Lexer.Error"/> is thrown when the grammar gets here, as PostgreSQL does.</summary>
    Error,
    /// <summary>An identifier that isn't a keyword, or a quoted one.</summary>
    Identifier,
    Keyword,
    /// <summary>Digits that fit in an int; <see cref="Token.Text"/> keeps them.</summary>
    Integer,
    /// <summary>Any other number, so also integers that don't fit.</summary>
    Numeric,
    String,
    BitString,
    HexString,
    Parameter,
    Operator,
    /// <summary>::</summary>
    Cast,
    /// <summary>:=</summary>
    ColonEquals,
    /// <summary>=&gt;</summary>
    Arrow,
    /// <summary>..</summary>
    DotDot,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    Comma,
    Semicolon,
    Colon,
    Dot,
    /// <summary>A character that no token starts with.</summary>
    Unknown,
}

/// <summary>
/// A token of <see cref="Lexer"/>. <paramref name="Text"/> is the folded identifier or keyword, the decoded string, the digits, or the operator;
/// empty for punctuation.
/// </summary>
internal readonly record struct Token(TokenKind Kind, Keyword Keyword, int Start, int End, string Text);
