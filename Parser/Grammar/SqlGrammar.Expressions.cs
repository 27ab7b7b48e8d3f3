using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>
/// Operators, by precedence climbing. Levels are PostgreSQL's; an operator of a non-associative level may not follow a right operand of its own level.
/// </summary>
internal sealed partial class SqlGrammar
{
    private static class Level
    {
        public const int Any = 0;
        public const int Or = 1;
        public const int And = 2;
        public const int Not = 3;
        public const int Is = 4;
        public const int Comparison = 5;
        public const int Like = 6;
        public const int Escape = 7;
        public const int Operator = 10;
        public const int Additive = 11;
        public const int Multiplicative = 12;
        public const int Power = 13;
        public const int At = 14;
        public const int Collate = 15;
        public const int Sign = 16;
        public const int Cast = 18;
    }

    private enum Infix { None, Or, And, Is, IsNull, NotNull, Symbol, Like, Between, In, At, Collate, Cast }

    private Expression AnyExpression() => ParseExpression(Level.Any, isRestricted: false);

    /// <summary>What may stand where AND, OR, NOT, IN, LIKE, IS NULL and the like would be ambiguous: bounds of BETWEEN, DEFAULT values.</summary>
    private Expression RestrictedExpression() => ParseExpression(Level.Any, isRestricted: true);

    private List<Expression> ExpressionList() => CommaList(AnyExpression);

    private Expression ParseExpression(int level, bool isRestricted)
    {
        int saved = Enter();
        var left = Prefix(isRestricted);
        left = InfixLoop(left, level, isRestricted);
        Leave(saved);
        return left;
    }

    /// <summary>Goes on with an operand that was parsed before it was known to be one: a subquery in parentheses.</summary>
    private Expression ContinueExpression(Expression left)
    {
        int saved = Enter();
        _below = saved;
        left = InfixLoop(left, Level.Any, isRestricted: false);
        Leave(saved);
        return left;
    }

    private Expression Prefix(bool isRestricted)
    {
        int start = Here;
        if (Is(Keyword.Not) && !isRestricted)
        {
            Advance();
            var operand = ParseExpression(Level.Not, isRestricted: false);
            return new NotExpression(operand) { Span = SpanFrom(start) };
        }
        bool isOperator = Is(TokenKind.Operator) || (Is(Keyword.Operator) && Ahead(1).Kind == TokenKind.OpenParen);
        if (!isOperator) return Primary(isRestricted);

        if (Is(TokenKind.Operator) && Current.Text is "*" or "/" or "^" or "<" or ">" or "=" or "<=" or ">=" or "<>" or "%") throw SyntaxError();
        bool isSign = Current.Text is "+" or "-" && Is(TokenKind.Operator);
        var op = QualifiedOperator();
        var right = ParseExpression(isSign ? Level.Sign : Level.Operator + 1, isRestricted);
        if (isSign && op.Symbol == "-" && Negate(right) is { } constant) return constant with { Span = SpanFrom(start) };
        return new UnaryExpression(op, right) { Span = SpanFrom(start) };
    }

    /// <summary>The grammar itself folds a minus before a number.</summary>
    private static Expression? Negate(Expression operand)
    {
        static string Flip(string text) => text.StartsWith('-') ? text[1..] : "-" + text;
        return operand switch
        {
            IntegerLiteral integer => new IntegerLiteral(Flip(integer.Text)),
            NumericLiteral numeric => new NumericLiteral(Flip(numeric.Text)),
            _ => null,
        };
    }

    private Expression InfixLoop(Expression left, int level, bool isRestricted)
    {
        int refused = -1;
        while (true)
        {
            var (infix, precedence) = PeekInfix(isRestricted);
            if (infix == Infix.None || precedence < level) return left;
            if (precedence == refused) throw SyntaxError();
            int start = left.Span.Start, at = Here;
            (left, bool endsInOperand) = infix switch
            {
                Infix.Symbol => SymbolInfix(left, precedence, isRestricted),
                Infix.And => (Chain(left, Keyword.And), false),
                Infix.Or => (Chain(left, Keyword.Or), false),
                Infix.Is => IsInfix(left, isRestricted),
                Infix.Like => LikeInfix(left),
                Infix.Between => (Between(left), true),
                Infix.In => (In(left), false),
                _ => (PostfixOrAt(infix, left), false),
            };
            Grow();
            left = left with { Span = SpanFrom(start), OperatorOffset = at - start };
            refused = endsInOperand && precedence is Level.Is or Level.Comparison or Level.Like ? precedence : -1;
        }
    }

    private Expression PostfixOrAt(Infix infix, Expression left)
    {
        Advance();
        switch (infix)
        {
            case Infix.IsNull:
                return new IsTest(left, IsTestKind.Null, false);
            case Infix.NotNull:
                return new IsTest(left, IsTestKind.Null, true);
            case Infix.Collate:
                return new CollateExpression(left, AnyName());
            case Infix.Cast:
                return new CastExpression(left, Type(), CastSyntax.Colons);
            default:
                Expect(Keyword.Time, Keyword.Zone);
                return new AtTimeZone(left, ParseExpression(Level.At + 1, isRestricted: false));
        }
    }

    /// <summary>What the current token does after an operand, and how tightly it binds.</summary>
    private (Infix, int) PeekInfix(bool isRestricted)
    {
        ref readonly var token = ref Current;
        if (token.Kind == TokenKind.Operator) return (Infix.Symbol, SymbolLevel(token.Text));
        if (token.Kind == TokenKind.Cast) return (Infix.Cast, Level.Cast);
        if (token.Kind != TokenKind.Keyword) return (Infix.None, 0);
        if (token.Keyword == Keyword.Operator) return Ahead(1).Kind == TokenKind.OpenParen ? (Infix.Symbol, Level.Operator) : (Infix.None, 0);
        if (token.Keyword == Keyword.Is) return IsInfixAhead(isRestricted) ? (Infix.Is, Level.Is) : (Infix.None, 0);
        if (isRestricted) return (Infix.None, 0);
        var found = token.Keyword switch
        {
            Keyword.And => (Infix.And, Level.And),
            Keyword.Or => (Infix.Or, Level.Or),
            Keyword.Isnull => (Infix.IsNull, Level.Is),
            Keyword.Notnull => (Infix.NotNull, Level.Is),
            Keyword.Like or Keyword.Ilike => (Infix.Like, Level.Like),
            Keyword.Similar when Ahead(1).Keyword == Keyword.To => (Infix.Like, Level.Like),
            Keyword.Between => (Infix.Between, Level.Like),
            Keyword.In => (Infix.In, Level.Like),
            Keyword.Collate => (Infix.Collate, Level.Collate),
            Keyword.At when Ahead(1).Keyword == Keyword.Time => (Infix.At, Level.At),
            Keyword.Not => Ahead(1).Keyword switch
            {
                Keyword.Like or Keyword.Ilike or Keyword.Similar => (Infix.Like, Level.Like),
                Keyword.Between => (Infix.Between, Level.Like),
                Keyword.In => (Infix.In, Level.Like),
                _ => (Infix.None, 0),
            },
            _ => (Infix.None, 0),
        };
        return found.Item1 != Infix.None && IsLabelHere(token.Keyword) ? (Infix.None, 0) : found;
    }

    /// <summary>SELECT 1 between FROM t: the word is a label, because no operand can follow.</summary>
    private bool IsLabelHere(Keyword keyword) => Keywords.IsBareLabel(keyword) && keyword is not (Keyword.Isnull or Keyword.Notnull) && IsListEnd(Ahead(1));

    private static bool IsListEnd(in Token token) =>
        token.Kind is TokenKind.End or TokenKind.Comma or TokenKind.Semicolon or TokenKind.CloseParen || token.Keyword is Keyword.From or Keyword.Into;

    private bool IsInfixAhead(bool isRestricted) => isRestricted || !IsListEnd(Ahead(1));

    private static int SymbolLevel(string symbol) => symbol switch
    {
        "=" or "<" or ">" or "<=" or ">=" or "<>" => Level.Comparison,
        "+" or "-" => Level.Additive,
        "*" or "/" or "%" => Level.Multiplicative,
        "^" => Level.Power,
        _ => Level.Operator,
    };

    private (Expression, bool) SymbolInfix(Expression left, int precedence, bool isRestricted)
    {
        var op = QualifiedOperator();
        if (!isRestricted && IsAny(Keyword.Any, Keyword.Some, Keyword.All)) return (Quantified(left, op), false);
        return (new BinaryExpression(left, op, ParseExpression(precedence + 1, isRestricted)), true);
    }

    /// <summary>A chain of AND or OR becomes one node, also where its left end stands in parentheses.</summary>
    private Expression Chain(Expression left, Keyword word)
    {
        bool isAnd = word == Keyword.And;
        List<Expression> operands = left switch
        {
            AndExpression chain when isAnd => [.. chain.Operands],
            OrExpression chain when !isAnd => [.. chain.Operands],
            _ => [left],
        };
        while (Is(word) && !IsLabelHere(word))
        {
            Advance();
            operands.Add(ParseExpression(isAnd ? Level.And + 1 : Level.Or + 1, isRestricted: false));
        }
        return isAnd ? new AndExpression(operands) : new OrExpression(operands);
    }

    /// <summary>ANY, SOME or ALL after an operator.</summary>
    private Expression Quantified(Expression left, OperatorName op)
    {
        var quantifier = Accept(Keyword.All) ? Quantifier.All : Quantifier.Any;
        if (quantifier == Quantifier.Any) Advance();
        if (!Is(TokenKind.OpenParen)) throw SyntaxError();
        return ParenthesizedQueryOrExpression() switch
        {
            (SelectStatement query, _) => new QuantifiedSubquery(left, op, quantifier, query),
            (_, var array) => new QuantifiedArray(left, op, quantifier, array!),
        };
    }

    private (Expression, bool) IsInfix(Expression left, bool isRestricted)
    {
        Expect(Keyword.Is);
        bool isNegated = Accept(Keyword.Not);
        if (Accept(Keyword.Distinct))
        {
            Expect(Keyword.From);
            return (new IsDistinctFrom(left, ParseExpression(Level.Is + 1, isRestricted), isNegated), true);
        }
        if (isRestricted && !Is(Keyword.Document)) throw SyntaxError();
        IsTestKind kind;
        switch (Current.Keyword)
        {
            case Keyword.Null:
                kind = IsTestKind.Null;
                break;
            case Keyword.True:
                kind = IsTestKind.True;
                break;
            case Keyword.False:
                kind = IsTestKind.False;
                break;
            case Keyword.Unknown:
                kind = IsTestKind.Unknown;
                break;
            case Keyword.Document:
                kind = IsTestKind.Document;
                break;
            case Keyword.Normalized:
                kind = IsTestKind.Normalized;
                break;
            case Keyword.Nfc or Keyword.Nfd or Keyword.Nfkc or Keyword.Nfkd:
                kind = Current.Keyword switch
                {
                    Keyword.Nfc => IsTestKind.NfcNormalized,
                    Keyword.Nfd => IsTestKind.NfdNormalized,
                    Keyword.Nfkc => IsTestKind.NfkcNormalized,
                    _ => IsTestKind.NfkdNormalized,
                };
                Advance();
                if (!Is(Keyword.Normalized)) throw SyntaxError();
                break;
            default:
                throw SyntaxError();
        }
        Advance();
        return (new IsTest(left, kind, isNegated), false);
    }

    private (Expression, bool) LikeInfix(Expression left)
    {
        int start = Here;
        bool isNegated = Accept(Keyword.Not);
        var kind = Current.Keyword switch
        {
            Keyword.Like => LikeKind.Like,
            Keyword.Ilike => LikeKind.ILike,
            _ => LikeKind.SimilarTo,
        };
        Advance();
        if (kind == LikeKind.SimilarTo) Expect(Keyword.To);
        else if (IsAny(Keyword.Any, Keyword.Some, Keyword.All))
        {
            string symbol = (isNegated ? "!~~" : "~~") + (kind == LikeKind.ILike ? "*" : "");
            return (Quantified(left, new OperatorName(null, symbol) { Span = SpanFrom(start) }), false);
        }
        var pattern = ParseExpression(Level.Like + 1, isRestricted: false);
        var escape = Accept(Keyword.Escape) ? ParseExpression(Level.Escape + 1, isRestricted: false) : null;
        return (new LikeExpression(left, pattern, escape, kind, isNegated), true);
    }

    private BetweenExpression Between(Expression left)
    {
        bool isNegated = Accept(Keyword.Not);
        Expect(Keyword.Between);
        bool isSymmetric = Accept(Keyword.Symmetric);
        if (!isSymmetric) Accept(Keyword.Asymmetric);
        var low = RestrictedExpression();
        Expect(Keyword.And);
        var high = ParseExpression(Level.Like + 1, isRestricted: false);
        return new BetweenExpression(left, low, high, isSymmetric, isNegated);
    }

    private Expression In(Expression left)
    {
        bool isNegated = Accept(Keyword.Not);
        Expect(Keyword.In);
        if (!Is(TokenKind.OpenParen)) throw SyntaxError();
        var (query, first) = ParenthesizedQueryOrExpression(allowsMore: true);
        if (query is not null) return new InSubquery(left, query, isNegated);
        List<Expression> items = [first!];
        while (Accept(TokenKind.Comma)) items.Add(AnyExpression());
        Expect(TokenKind.CloseParen);
        return new InList(left, items, isNegated);
    }
}
