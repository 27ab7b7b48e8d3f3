using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>
/// Recursive descent over PostgreSQL 15's grammar, with precedence climbing for expressions. One instance parses one text. This file holds the cursor over
/// the tokens, errors, and the limit on height.
/// </summary>
/// <remarks>
/// A syntax error points at the first token that can't continue any statement, as an LALR(1) parser's does; where the grammar needs to look further ahead it
/// looks at tokens and never parses twice.
/// </remarks>
internal sealed partial class SqlGrammar
{
    private readonly string _text;
    private readonly Token[] _tokens;
    private readonly SqlException? _lexicalError;
    private int _index;
    private int _depth;
    private int _below;

    public SqlGrammar(string text)
    {
        _text = text;
        (_tokens, _lexicalError) = Lexer.Tokenize(text);
        ThrowIfLexicalError();
    }

    private ref readonly Token Current => ref _tokens[_index];

    /// <summary>Where the current token starts.</summary>
    private int Here => _tokens[_index].Start;

    private bool IsAtEnd => Current.Kind == TokenKind.End;

    private ref readonly Token Ahead(int count) => ref _tokens[Math.Min(_index + count, _tokens.Length - 1)];

    private void Advance()
    {
        if (_index < _tokens.Length - 1) _index++;
        ThrowIfLexicalError();
    }

    private void ThrowIfLexicalError()
    {
        if (_tokens[_index].Kind == TokenKind.Error) throw _lexicalError!;
    }

    private bool Is(TokenKind kind) => Current.Kind == kind;

    private bool Is(Keyword keyword) => Current.Keyword == keyword;

    private bool Is(Keyword first, Keyword second) => Current.Keyword == first && Ahead(1).Keyword == second;

    private bool IsAny(params ReadOnlySpan<Keyword> keywords) => Current.Kind == TokenKind.Keyword && keywords.Contains(Current.Keyword);

    private bool IsOperator(string symbol) => IsOperator(Current, symbol);

    private static bool IsOperator(in Token token, string symbol) => token.Kind == TokenKind.Operator && token.Text == symbol;

    private bool Accept(TokenKind kind)
    {
        if (Current.Kind != kind) return false;
        Advance();
        return true;
    }

    private bool Accept(Keyword keyword)
    {
        if (Current.Keyword != keyword) return false;
        Advance();
        return true;
    }

    /// <summary>Takes both words or neither.</summary>
    private bool Accept(Keyword first, Keyword second)
    {
        if (!Is(first, second)) return false;
        Advance();
        Advance();
        return true;
    }

    /// <summary>Takes the second word too if the first is here, where the first can mean nothing else.</summary>
    private bool AcceptBoth(Keyword first, Keyword second)
    {
        if (!Accept(first)) return false;
        Expect(second);
        return true;
    }

    private bool AcceptOperator(string symbol)
    {
        if (!IsOperator(symbol)) return false;
        Advance();
        return true;
    }

    private void Expect(TokenKind kind)
    {
        if (!Accept(kind)) throw SyntaxError();
    }

    private void Expect(Keyword keyword)
    {
        if (!Accept(keyword)) throw SyntaxError();
    }

    private void Expect(Keyword first, Keyword second)
    {
        Expect(first);
        Expect(second);
    }

    private void ExpectOperator(string symbol)
    {
        if (!AcceptOperator(symbol)) throw SyntaxError();
    }

    private TextSpan SpanFrom(int start) => TextSpan.FromBounds(start, _index == 0 ? start : _tokens[_index - 1].End);

    private string TextFrom(int start)
    {
        var span = SpanFrom(start);
        return _text.Substring(span.Start, span.Length);
    }

    private SqlException SyntaxError() => SyntaxError(_index);

    private SqlException SyntaxError(int tokenIndex) => ErrorAtToken("syntax error", tokenIndex);

    private SqlException ErrorAtToken(string message) => ErrorAtToken(message, _index);

    private SqlException ErrorAtToken(string message, int tokenIndex)
    {
        ref readonly var token = ref _tokens[tokenIndex];
        string place = token.Kind == TokenKind.End ? "at end of input" : $"at or near \"{_text[token.Start..token.End]}\"";
        return new SqlException(SqlState.SyntaxError, $"{message} {place}", token.Start);
    }

    /// <summary>An error with a message of the grammar's own.</summary>
    private static SqlException Error(string message, int position, string? hint = null, string state = SqlState.SyntaxError) =>
        new(state, message, position, hint: hint);

    // Height. _depth counts the calls above, _below is the height of the highest subtree finished since the innermost Enter.

    /// <summary>Goes one level down; the result is given back to <see cref="Leave"/>.</summary>
    private int Enter()
    {
        if (++_depth > SqlParser.MaxTreeHeight || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw TooDeep();
        int saved = _below;
        _below = 0;
        return saved;
    }

    private void Leave(int saved)
    {
        int height = _below + 1;
        if (_depth + height > SqlParser.MaxTreeHeight + 1) throw TooDeep();
        _depth--;
        _below = Math.Max(saved, height);
    }

    /// <summary>A loop has put another node on top of the tree that it builds.</summary>
    private void Grow()
    {
        if (_depth + ++_below > SqlParser.MaxTreeHeight) throw TooDeep();
    }

    private SqlException TooDeep() => new(
        SqlState.StatementTooComplex, "stack depth limit exceeded", Here,
        hint: $"A statement may nest at most {SqlParser.MaxTreeHeight} levels deep; write it with fewer nested parentheses, operators or subqueries.");

    // Lists

    private List<T> CommaList<T>(Func<T> item)
    {
        var list = new List<T> { item() };
        while (Accept(TokenKind.Comma)) list.Add(item());
        return list;
    }

    private List<T> ParenthesizedList<T>(Func<T> item)
    {
        Expect(TokenKind.OpenParen);
        var list = CommaList(item);
        Expect(TokenKind.CloseParen);
        return list;
    }

    private List<T> OptionalParenthesizedList<T>(Func<T> item) => Is(TokenKind.OpenParen) ? ParenthesizedList(item) : [];

    private bool AcceptIfExists() => Accept(Keyword.If, Keyword.Exists);

    private bool AcceptIfNotExists()
    {
        if (!Is(Keyword.If, Keyword.Not)) return false;
        Advance();
        Advance();
        Expect(Keyword.Exists);
        return true;
    }

    private DropBehavior AcceptDropBehavior()
    {
        if (Accept(Keyword.Cascade)) return DropBehavior.Cascade;
        Accept(Keyword.Restrict);
        return DropBehavior.Restrict;
    }

    /// <summary>OR REPLACE after CREATE.</summary>
    private bool AcceptOrReplace() => AcceptBoth(Keyword.Or, Keyword.Replace);

    [DoesNotReturn]
    private T Refuse<T>() => throw SyntaxError();
}
