using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>Operands: constants, names, parentheses, constructors, CASE.</summary>
internal sealed partial class SqlGrammar
{
    /// <summary>Index of the token after a run of opening parentheses that was looked through, so that a long run is looked through once.</summary>
    private int _parenthesesEnd;

    private Expression Primary(bool isRestricted)
    {
        int start = Here;
        switch (Current.Kind)
        {
            case TokenKind.Integer:
                return new IntegerLiteral(TakeText()) { Span = SpanFrom(start) };
            case TokenKind.Numeric:
                string digits = TakeText();
                return digits.AsSpan().IndexOfAny(".eE") < 0
                    ? new IntegerLiteral(digits) { Span = SpanFrom(start) }
                    : new NumericLiteral(digits) { Span = SpanFrom(start) };
            case TokenKind.String:
                return new StringLiteral(TakeText()) { Span = SpanFrom(start) };
            case TokenKind.BitString:
                return new BitStringLiteral(TakeText(), false) { Span = SpanFrom(start) };
            case TokenKind.HexString:
                return new BitStringLiteral(TakeText(), true) { Span = SpanFrom(start) };
            case TokenKind.Parameter:
                return Parameter();
            case TokenKind.OpenParen:
                return Parenthesized(isRestricted);
            case TokenKind.Identifier:
                return NameOrCall();
            case TokenKind.Keyword:
                return KeywordPrimary(isRestricted);
            default:
                throw SyntaxError();
        }
    }

    private Expression Parameter()
    {
        int start = Here;
        if (!int.TryParse(Current.Text, out int number)) throw SyntaxError();
        Advance();
        return WithIndirection(new ParameterRef(number) { Span = SpanFrom(start) });
    }

    /// <summary>Applies [ … ], .name and .* that follow.</summary>
    private Expression WithIndirection(Expression operand)
    {
        var steps = IndirectionSteps();
        return steps.Count == 0 ? operand : new IndirectionExpression(operand, steps) { Span = SpanFrom(operand.Span.Start) };
    }

    private List<Indirection> IndirectionSteps()
    {
        List<Indirection> steps = [];
        while (true)
        {
            int start = Here;
            if (Accept(TokenKind.Dot))
            {
                steps.Add(AcceptOperator("*") ? new AllFields { Span = SpanFrom(start) } : new FieldSelection(Label()) { Span = SpanFrom(start) });
            }
            else if (Accept(TokenKind.OpenBracket))
            {
                var lower = Is(TokenKind.Colon) ? null : AnyExpression();
                if (lower is not null && Accept(TokenKind.CloseBracket))
                {
                    steps.Add(new Subscript(lower) { Span = SpanFrom(start) });
                    continue;
                }
                Expect(TokenKind.Colon);
                var upper = Is(TokenKind.CloseBracket) ? null : AnyExpression();
                Expect(TokenKind.CloseBracket);
                steps.Add(new Slice(lower, upper) { Span = SpanFrom(start) });
            }
            else
            {
                // The star must be the last.
                if (steps.FindIndex(s => s is AllFields) is >= 0 and int star && star < steps.Count - 1) throw ErrorAtToken("improper use of \"*\"");
                return steps;
            }
        }
    }

    // Parentheses

    private bool StartsSelect => IsSelectStart(_index);

    private bool IsSelectStart(int index) => _tokens[index].Keyword switch
    {
        Keyword.Select or Keyword.With or Keyword.Table => true,
        Keyword.Values => _tokens[Math.Min(index + 1, _tokens.Length - 1)].Kind == TokenKind.OpenParen,
        _ => false,
    };

    /// <summary>Whether what stands after this token's run of parentheses is a query.</summary>
    private bool LeadsToSelect()
    {
        if (_parenthesesEnd <= _index)
        {
            _parenthesesEnd = _index;
            while (_tokens[_parenthesesEnd].Kind == TokenKind.OpenParen) _parenthesesEnd++;
        }
        return IsSelectStart(_parenthesesEnd);
    }

    /// <summary>
    /// After an opening parenthesis, which is taken: either a query, with its closing parenthesis, or the first expression, before "," or ")". Nothing is
    /// parsed twice: a query inside further parentheses becomes an operand once something other than a query's clause follows.
    /// </summary>
    private (SelectStatement? Query, Expression? First) QueryOrExpression()
    {
        int saved = Enter();
        Expect(TokenKind.OpenParen);
        var result = StartsSelect ? (ClosedQuery(), null)
            : Is(TokenKind.OpenParen) && LeadsToSelect() ? InnerQueryOrExpression()
            : (null, AnyExpression());
        Leave(saved);
        return result;
    }

    private SelectStatement ClosedQuery()
    {
        var query = SelectNoParentheses();
        Expect(TokenKind.CloseParen);
        return query;
    }

    private (SelectStatement?, Expression?) InnerQueryOrExpression()
    {
        int start = Here;
        var (query, first) = QueryOrExpression();
        if (query is not null)
        {
            if (Accept(TokenKind.CloseParen)) return (query, null);
            if (ContinuesSelect)
            {
                var whole = ContinueSelect(start, query);
                Expect(TokenKind.CloseParen);
                return (whole, null);
            }
            return (null, ContinueExpression(WithIndirection(new ScalarSubquery(query) { Span = SpanFrom(start) })));
        }
        return (null, ContinueExpression(FinishParentheses(first!, start, isRestricted: false)));
    }

    private (SelectStatement? Query, Expression? First) ParenthesizedQueryOrExpression(bool allowsMore = false)
    {
        var result = QueryOrExpression();
        if (result.First is not null && !allowsMore) Expect(TokenKind.CloseParen);
        return result;
    }

    private Expression Parenthesized(bool isRestricted)
    {
        int start = Here;
        var (query, first) = QueryOrExpression();
        return query is not null
            ? WithIndirection(new ScalarSubquery(query) { Span = SpanFrom(start) })
            : FinishParentheses(first!, start, isRestricted);
    }

    /// <summary>After the first expression in parentheses: a row if a comma follows.</summary>
    private Expression FinishParentheses(Expression first, int start, bool isRestricted)
    {
        if (Accept(TokenKind.CloseParen))
        {
            var inner = WithIndirection(first);
            return ReferenceEquals(inner, first) ? first : inner with { Span = SpanFrom(start) };
        }
        List<Expression> items = [first];
        while (Accept(TokenKind.Comma)) items.Add(AnyExpression());
        Expect(TokenKind.CloseParen);
        return RowOrOverlaps(new RowConstructor(items, false) { Span = SpanFrom(start) }, isRestricted);
    }

    private Expression RowOrOverlaps(RowConstructor row, bool isRestricted)
    {
        if (isRestricted || !Is(Keyword.Overlaps)) return row;
        int at = Here;
        Advance();
        int rightStart = Here;
        var right = Is(Keyword.Row) || Is(TokenKind.OpenParen) ? Primary(isRestricted: true) : throw SyntaxError();
        if (right is not RowConstructor other) throw SyntaxError();
        if (row.Elements.Count != 2) throw Error("wrong number of parameters on left side of OVERLAPS expression", row.Span.Start);
        if (other.Elements.Count != 2) throw Error("wrong number of parameters on right side of OVERLAPS expression", rightStart);
        Grow();
        return new SpecialFunctionCall(SpecialFunction.Overlaps, [.. row.Elements, .. other.Elements])
        {
            Span = SpanFrom(row.Span.Start),
            OperatorOffset = at - row.Span.Start,
        };
    }

    // Names

    /// <summary>A column, a function call, or a constant of a named type.</summary>
    private Expression NameOrCall()
    {
        int start = Here, startIndex = _index;
        var first = Current;
        if (!IsNonReserved(first)) throw SyntaxError();
        Advance();
        if (Is(TokenKind.OpenParen) || Is(TokenKind.String))
        {
            if (!IsTypeOrFunctionName(first)) throw Is(TokenKind.String) || Is(TokenKind.OpenParen) ? SyntaxError() : SyntaxError(startIndex);
            return CallOrTypedLiteral(new QualifiedName([first.Text]) { Span = SpanFrom(start) });
        }
        if (!IsColumnName(first)) throw SyntaxError();

        List<string> parts = [first.Text];
        while (Is(TokenKind.Dot))
        {
            if (IsOperator(Ahead(1), "*"))
            {
                Advance();
                Advance();
                var star = new ColumnRef(parts, true) { Span = SpanFrom(start) };
                return IndirectionSteps().Count == 0 ? star : throw ErrorAtToken("improper use of \"*\"");
            }
            Advance();
            parts.Add(Label());
        }
        if (parts.Count > 1 && (Is(TokenKind.OpenParen) || Is(TokenKind.String)))
            return CallOrTypedLiteral(new QualifiedName(parts) { Span = SpanFrom(start) });
        return WithIndirection(new ColumnRef(parts, false) { Span = SpanFrom(start) });
    }

    private Expression CallOrTypedLiteral(QualifiedName name)
    {
        int start = name.Span.Start;
        if (Is(TokenKind.String)) return TypedLiteral(new TypeName(name, [], []) { Span = name.Span });
        var call = Application(name);
        if (Is(TokenKind.String) && call.Arguments.Count > 0) return TypedLiteral(ModifiedType(call));
        return CallSuffixes(call) with { Span = SpanFrom(start) };
    }

    /// <summary>name(10, 2) 'constant': what looked like arguments are the type's modifiers.</summary>
    private static TypeName ModifiedType(FunctionCall call)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument.Name is not null) throw Error("type modifier cannot have parameter name", argument.Span.Start);
        }
        if (call.OrderBy.Count > 0) throw Error("type modifier cannot have ORDER BY", call.Span.Start);
        return new TypeName(call.Name, [.. call.Arguments.Select(a => a.Value)], []) { Span = call.Span };
    }

    private CastExpression TypedLiteral(TypeName type)
    {
        int start = Here;
        var value = new StringLiteral(StringConstant()) { Span = SpanFrom(start) };
        return new CastExpression(value, type, CastSyntax.TypedLiteral) { Span = SpanFrom(type.Span.Start) };
    }

    // Constructors

    private Expression KeywordPrimary(bool isRestricted)
    {
        int start = Here;
        var next = Ahead(1);
        switch (Current.Keyword)
        {
            case Keyword.Null:
                Advance();
                return new NullLiteral { Span = SpanFrom(start) };
            case Keyword.True:
                Advance();
                return new BooleanLiteral(true) { Span = SpanFrom(start) };
            case Keyword.False:
                Advance();
                return new BooleanLiteral(false) { Span = SpanFrom(start) };
            case Keyword.Case:
                return Case();
            case Keyword.Exists when next.Kind == TokenKind.OpenParen:
                Advance();
                return new ExistsExpression(SelectInParentheses()) { Span = SpanFrom(start) };
            case Keyword.Array:
                return Array();
            case Keyword.Row when next.Kind == TokenKind.OpenParen:
                return RowOrOverlaps(ExplicitRow(), isRestricted);
            case Keyword.Default:
                Advance();
                return new DefaultExpression { Span = SpanFrom(start) };
            case Keyword.Unique when !isRestricted:
                Advance();
                SelectInParentheses();
                throw Error("UNIQUE predicate is not yet implemented", start, state: SqlState.FeatureNotSupported);
            case Keyword.Interval when next.Kind is TokenKind.String or TokenKind.OpenParen:
                return IntervalLiteral();
            default:
                if (StartsBuiltInTypeLiteral())
                {
                    var type = BuiltInType(isConstant: true)!;
                    return TypedLiteral(type);
                }
                return SpecialForm() ?? NameOrCall();
        }
    }

    /// <summary>Whether the keyword here starts a constant such as TIMESTAMP WITH TIME ZONE '…', rather than being a column's name.</summary>
    private bool StartsBuiltInTypeLiteral()
    {
        var next = Ahead(1);
        return Current.Keyword switch
        {
            Keyword.Int or Keyword.Integer or Keyword.Smallint or Keyword.Bigint or Keyword.Real or Keyword.Boolean => next.Kind == TokenKind.String,
            Keyword.Double => next.Keyword == Keyword.Precision,
            Keyword.Float or Keyword.Decimal or Keyword.Dec or Keyword.Numeric => next.Kind is TokenKind.String or TokenKind.OpenParen,
            Keyword.Bit or Keyword.Character or Keyword.Char or Keyword.Nchar or Keyword.Varchar =>
                next.Kind is TokenKind.String or TokenKind.OpenParen || next.Keyword == Keyword.Varying,
            Keyword.National => next.Keyword is Keyword.Character or Keyword.Char,
            Keyword.Time or Keyword.Timestamp =>
                next.Kind is TokenKind.String or TokenKind.OpenParen || next.Keyword == Keyword.Without || (next.Keyword == Keyword.With && Ahead(2).Keyword == Keyword.Time),
            _ => false,
        };
    }

    /// <summary>INTERVAL '…' [fields], or INTERVAL (p) '…'.</summary>
    private CastExpression IntervalLiteral()
    {
        int start = Here;
        var type = Catalog(start, "interval");
        Advance();
        bool hasPrecision = Is(TokenKind.OpenParen);
        if (hasPrecision) type = type with { Modifiers = [Precision()] };
        int at = Here;
        var value = new StringLiteral(StringConstant()) { Span = SpanFrom(at) };
        if (!hasPrecision) type = IntervalQualifier(type);
        return new CastExpression(value, type, CastSyntax.TypedLiteral) { Span = SpanFrom(start) };
    }

    private CaseExpression Case()
    {
        int start = Here;
        Expect(Keyword.Case);
        var operand = Is(Keyword.When) ? null : AnyExpression();
        List<WhenClause> whens = [];
        do
        {
            int at = Here;
            Expect(Keyword.When);
            var condition = AnyExpression();
            Expect(Keyword.Then);
            whens.Add(new WhenClause(condition, AnyExpression()) { Span = SpanFrom(at) });
        } while (Is(Keyword.When));
        var otherwise = Accept(Keyword.Else) ? AnyExpression() : null;
        Expect(Keyword.End);
        return new CaseExpression(operand, whens, otherwise) { Span = SpanFrom(start) };
    }

    private Expression Array()
    {
        int start = Here;
        Expect(Keyword.Array);
        if (Is(TokenKind.OpenParen)) return new ArraySubquery(SelectInParentheses()) { Span = SpanFrom(start) };
        return ArrayElements() with { Span = SpanFrom(start) };
    }

    /// <summary>[…]: either expressions, or further […] lists.</summary>
    private ArrayConstructor ArrayElements()
    {
        int saved = Enter();
        int start = Here;
        Expect(TokenKind.OpenBracket);
        List<Expression> elements = [];
        if (!Is(TokenKind.CloseBracket)) elements = Is(TokenKind.OpenBracket) ? CommaList<Expression>(ArrayElements) : ExpressionList();
        Expect(TokenKind.CloseBracket);
        Leave(saved);
        return new ArrayConstructor(elements) { Span = SpanFrom(start) };
    }

    private RowConstructor ExplicitRow()
    {
        int start = Here;
        Expect(Keyword.Row);
        Expect(TokenKind.OpenParen);
        List<Expression> elements = Is(TokenKind.CloseParen) ? [] : ExpressionList();
        Expect(TokenKind.CloseParen);
        return new RowConstructor(elements, true) { Span = SpanFrom(start) };
    }
}
