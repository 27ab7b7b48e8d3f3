using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>Function calls, and the functions that have a grammar of their own.</summary>
internal sealed partial class SqlGrammar
{
    /// <summary>name(arguments), without FILTER, OVER and WITHIN GROUP.</summary>
    private FunctionCall Application(QualifiedName name)
    {
        Expect(TokenKind.OpenParen);
        var call = new FunctionCall(name, []);
        if (Accept(TokenKind.CloseParen)) return call with { Span = SpanFrom(name.Span.Start) };
        if (AcceptOperator("*"))
        {
            call = call with { IsStar = true };
        }
        else
        {
            bool isDistinct = Accept(Keyword.Distinct);
            bool mayBeVariadic = !isDistinct && !Accept(Keyword.All);
            var (arguments, isVariadic) = Arguments(mayBeVariadic);
            call = call with { Arguments = arguments, IsVariadic = isVariadic, IsDistinct = isDistinct, OrderBy = OptionalOrderBy() };
        }
        Expect(TokenKind.CloseParen);
        return call with { Span = SpanFrom(name.Span.Start) };
    }

    private (List<FunctionArgument>, bool IsVariadic) Arguments(bool mayBeVariadic)
    {
        List<FunctionArgument> arguments = [];
        do
        {
            if (mayBeVariadic && Accept(Keyword.Variadic))
            {
                arguments.Add(Argument());
                return (arguments, true);
            }
            arguments.Add(Argument());
        } while (Accept(TokenKind.Comma));
        return (arguments, false);
    }

    private FunctionArgument Argument()
    {
        int start = Here;
        string? name = null;
        if (Ahead(1).Kind is TokenKind.Arrow or TokenKind.ColonEquals && IsTypeOrFunctionName(Current))
        {
            name = TakeText();
            Advance();
        }
        return new FunctionArgument(name, AnyExpression()) { Span = SpanFrom(start) };
    }

    private FunctionCall CallSuffixes(FunctionCall call)
    {
        if (Is(Keyword.Within))
        {
            int at = Here;
            Expect(Keyword.Within, Keyword.Group);
            Expect(TokenKind.OpenParen);
            var orderBy = OrderBy();
            Expect(TokenKind.CloseParen);
            if (call.OrderBy.Count > 0) throw Error("cannot use multiple ORDER BY clauses with WITHIN GROUP", at);
            if (call.IsDistinct) throw Error("cannot use DISTINCT with WITHIN GROUP", at);
            if (call.IsVariadic) throw Error("cannot use VARIADIC with WITHIN GROUP", at);
            call = call with { OrderBy = orderBy, IsWithinGroup = true };
        }
        if (Accept(Keyword.Filter))
        {
            Expect(TokenKind.OpenParen);
            Expect(Keyword.Where);
            call = call with { Filter = AnyExpression() };
            Expect(TokenKind.CloseParen);
        }
        if (Accept(Keyword.Over))
        {
            int start = Here;
            call = call with
            {
                Over = Is(TokenKind.OpenParen)
                    ? WindowSpecification()
                    : new WindowSpecification { ReferenceName = Name(), IsReferenceOnly = true, Span = SpanFrom(start) },
            };
        }
        return call;
    }

    /// <summary>A function by keyword; null if the keyword here is not one.</summary>
    private Expression? SpecialForm()
    {
        int start = Here;
        if (SqlValueFunctionForm() is { } value) return value with { Span = SpanFrom(start) };
        if (Ahead(1).Kind != TokenKind.OpenParen)
        {
            if (Is(Keyword.Cast)) throw SyntaxError(_index + 1);
            if (Is(Keyword.Collation, Keyword.For))
            {
                Advance();
                Advance();
                return Special(start, SpecialFunction.CollationFor, ParenthesizedList(AnyExpression), 1, 1);
            }
            return null;
        }
        switch (Current.Keyword)
        {
            case Keyword.Cast:
                return Cast();
            case Keyword.Treat:
                Advance();
                Advance();
                var treated = AnyExpression();
                Expect(Keyword.As);
                var type = Type();
                Expect(TokenKind.CloseParen);
                return new TreatExpression(treated, type) { Span = SpanFrom(start) };
            case Keyword.Coalesce:
                return SimpleSpecial(SpecialFunction.Coalesce, 1, int.MaxValue);
            case Keyword.Nullif:
                return SimpleSpecial(SpecialFunction.NullIf, 2, 2);
            case Keyword.Greatest:
                return SimpleSpecial(SpecialFunction.Greatest, 1, int.MaxValue);
            case Keyword.Least:
                return SimpleSpecial(SpecialFunction.Least, 1, int.MaxValue);
            case Keyword.Grouping:
                return SimpleSpecial(SpecialFunction.Grouping, 1, int.MaxValue);
            case Keyword.Extract:
                return Extract();
            case Keyword.Substring:
                return Substring();
            case Keyword.Overlay:
                return Overlay();
            case Keyword.Position:
                return Position();
            case Keyword.Trim:
                return Trim();
            case Keyword.Normalize:
                return Normalize();
            default:
                return Keywords.Spelling(Current.Keyword).StartsWith("xml", StringComparison.Ordinal) && !IsTypeOrFunctionName(Current) ? Xml() : null;
        }
    }

    private Expression? SqlValueFunctionForm()
    {
        var function = Current.Keyword switch
        {
            Keyword.CurrentDate => SqlValueFunction.CurrentDate,
            Keyword.CurrentTime => SqlValueFunction.CurrentTime,
            Keyword.CurrentTimestamp => SqlValueFunction.CurrentTimestamp,
            Keyword.Localtime => SqlValueFunction.LocalTime,
            Keyword.Localtimestamp => SqlValueFunction.LocalTimestamp,
            Keyword.CurrentRole => SqlValueFunction.CurrentRole,
            Keyword.CurrentUser => SqlValueFunction.CurrentUser,
            Keyword.User => SqlValueFunction.User,
            Keyword.SessionUser => SqlValueFunction.SessionUser,
            Keyword.CurrentCatalog => SqlValueFunction.CurrentCatalog,
            // current_schema is also a function's ordinary name: current_schema().
            Keyword.CurrentSchema when Ahead(1).Kind != TokenKind.OpenParen => SqlValueFunction.CurrentSchema,
            _ => (SqlValueFunction?)null,
        };
        if (function is null) return null;
        Advance();
        bool hasPrecision = function is SqlValueFunction.CurrentTime or SqlValueFunction.CurrentTimestamp or SqlValueFunction.LocalTime or SqlValueFunction.LocalTimestamp;
        int? precision = hasPrecision && Is(TokenKind.OpenParen) ? int.Parse(Precision().Text) : null;
        return new SqlValueFunctionCall(function.Value, precision);
    }

    private CastExpression Cast()
    {
        int start = Here;
        Expect(Keyword.Cast);
        Expect(TokenKind.OpenParen);
        var operand = AnyExpression();
        Expect(Keyword.As);
        var type = Type();
        Expect(TokenKind.CloseParen);
        return new CastExpression(operand, type, CastSyntax.Cast) { Span = SpanFrom(start) };
    }

    private SpecialFunctionCall Special(int start, SpecialFunction function, IReadOnlyList<Expression> arguments, int least, int most)
    {
        if (arguments.Count < least || arguments.Count > most) throw SyntaxError(_index - 1);
        return new SpecialFunctionCall(function, arguments) { Span = SpanFrom(start) };
    }

    private SpecialFunctionCall SimpleSpecial(SpecialFunction function, int least, int most)
    {
        int start = Here;
        Advance();
        Expect(TokenKind.OpenParen);
        List<Expression> arguments = [AnyExpression()];
        while (arguments.Count < most && Accept(TokenKind.Comma)) arguments.Add(AnyExpression());
        if (arguments.Count < least) throw SyntaxError();
        Expect(TokenKind.CloseParen);
        return new SpecialFunctionCall(function, arguments) { Span = SpanFrom(start) };
    }

    private SpecialFunctionCall Extract()
    {
        int start = Here;
        Advance();
        Expect(TokenKind.OpenParen);
        string word = Is(TokenKind.String) || Is(TokenKind.Identifier)
            || IsAny(Keyword.Year, Keyword.Month, Keyword.Day, Keyword.Hour, Keyword.Minute, Keyword.Second) ? TakeText() : Refuse<string>();
        Expect(Keyword.From);
        var source = AnyExpression();
        Expect(TokenKind.CloseParen);
        return new SpecialFunctionCall(SpecialFunction.Extract, [source]) { Word = word, Span = SpanFrom(start) };
    }

    /// <summary>A call by an ordinary argument list of a function that also has a grammar of its own: substring(x, 1, 2).</summary>
    private FunctionCall PlainCall(int start, string name, List<FunctionArgument> arguments, bool isVariadic = false)
    {
        Expect(TokenKind.CloseParen);
        return new FunctionCall(new QualifiedName([name]) { Span = new TextSpan(start, name.Length) }, arguments)
        {
            IsVariadic = isVariadic,
            Span = SpanFrom(start),
        };
    }

    private FunctionCall PlainCallFrom(int start, string name, Expression first)
    {
        List<FunctionArgument> arguments = [new FunctionArgument(null, first) { Span = first.Span }];
        bool isVariadic = false;
        if (Accept(TokenKind.Comma))
        {
            (var rest, isVariadic) = Arguments(mayBeVariadic: true);
            arguments.AddRange(rest);
        }
        return PlainCall(start, name, arguments, isVariadic);
    }

    private bool IsNamedArgument => Is(Keyword.Variadic) || (Ahead(1).Kind is TokenKind.Arrow or TokenKind.ColonEquals && IsTypeOrFunctionName(Current));

    private Expression Substring()
    {
        int start = Here;
        Advance();
        Expect(TokenKind.OpenParen);
        if (Is(TokenKind.CloseParen)) return PlainCall(start, "substring", []);
        if (IsNamedArgument)
        {
            var (arguments, isVariadic) = Arguments(mayBeVariadic: true);
            return PlainCall(start, "substring", arguments, isVariadic);
        }
        var text = AnyExpression();
        var function = SpecialFunction.SubstringFrom;
        List<Expression> parts = [text];
        if (Accept(Keyword.From))
        {
            parts.Add(AnyExpression());
            if (Accept(Keyword.For))
            {
                parts.Add(AnyExpression());
                function = SpecialFunction.SubstringFromFor;
            }
        }
        else if (Accept(Keyword.For))
        {
            parts.Add(AnyExpression());
            function = SpecialFunction.SubstringFor;
            if (Accept(Keyword.From))
            {
                parts.Insert(1, AnyExpression());
                function = SpecialFunction.SubstringFromFor;
            }
        }
        else if (Accept(Keyword.Similar))
        {
            parts.Add(AnyExpression());
            Expect(Keyword.Escape);
            parts.Add(AnyExpression());
            function = SpecialFunction.SubstringSimilar;
        }
        else
        {
            return PlainCallFrom(start, "substring", text);
        }
        Expect(TokenKind.CloseParen);
        return new SpecialFunctionCall(function, parts) { Span = SpanFrom(start) };
    }

    private Expression Overlay()
    {
        int start = Here;
        Advance();
        Expect(TokenKind.OpenParen);
        if (Is(TokenKind.CloseParen)) return PlainCall(start, "overlay", []);
        if (IsNamedArgument)
        {
            var (arguments, isVariadic) = Arguments(mayBeVariadic: true);
            return PlainCall(start, "overlay", arguments, isVariadic);
        }
        var text = AnyExpression();
        if (!Accept(Keyword.Placing)) return PlainCallFrom(start, "overlay", text);
        List<Expression> parts = [text, AnyExpression()];
        Expect(Keyword.From);
        parts.Add(AnyExpression());
        if (Accept(Keyword.For)) parts.Add(AnyExpression());
        Expect(TokenKind.CloseParen);
        return new SpecialFunctionCall(SpecialFunction.Overlay, parts) { Span = SpanFrom(start) };
    }

    private SpecialFunctionCall Position()
    {
        int start = Here;
        Advance();
        Expect(TokenKind.OpenParen);
        var part = RestrictedExpression();
        Expect(Keyword.In);
        var whole = RestrictedExpression();
        Expect(TokenKind.CloseParen);
        return new SpecialFunctionCall(SpecialFunction.Position, [part, whole]) { Span = SpanFrom(start) };
    }

    private SpecialFunctionCall Trim()
    {
        int start = Here;
        Advance();
        Expect(TokenKind.OpenParen);
        var function = SpecialFunction.TrimBoth;
        if (Accept(Keyword.Leading)) function = SpecialFunction.TrimLeading;
        else if (Accept(Keyword.Trailing)) function = SpecialFunction.TrimTrailing;
        else Accept(Keyword.Both);
        List<Expression> parts;
        if (Accept(Keyword.From))
        {
            parts = ExpressionList();
        }
        else
        {
            var first = AnyExpression();
            // TRIM(characters FROM x) moves the characters behind x; TRIM(x, characters) has them there.
            if (Accept(Keyword.From)) parts = [.. ExpressionList(), first];
            else
            {
                parts = [first];
                while (Accept(TokenKind.Comma)) parts.Add(AnyExpression());
            }
        }
        Expect(TokenKind.CloseParen);
        return new SpecialFunctionCall(function, parts) { Span = SpanFrom(start) };
    }

    private SpecialFunctionCall Normalize()
    {
        int start = Here;
        Advance();
        Expect(TokenKind.OpenParen);
        var text = AnyExpression();
        string? form = null;
        if (Accept(TokenKind.Comma)) form = IsAny(Keyword.Nfc, Keyword.Nfd, Keyword.Nfkc, Keyword.Nfkd) ? TakeText() : Refuse<string>();
        Expect(TokenKind.CloseParen);
        return new SpecialFunctionCall(SpecialFunction.Normalize, [text]) { Word = form, Span = SpanFrom(start) };
    }

    // XML: checked, not kept

    private XmlExpression Xml()
    {
        int start = Here;
        var function = Current.Keyword;
        string name = Current.Text.ToUpperInvariant();
        Advance();
        Expect(TokenKind.OpenParen);
        switch (function)
        {
            case Keyword.Xmlconcat:
                ExpressionList();
                break;
            case Keyword.Xmlelement:
                Expect(Keyword.Name);
                Label();
                if (!Accept(TokenKind.Comma)) break;
                if (Accept(Keyword.Xmlattributes))
                {
                    ParenthesizedList(XmlAttribute);
                    if (Accept(TokenKind.Comma)) ExpressionList();
                }
                else
                {
                    ExpressionList();
                }
                break;
            case Keyword.Xmlexists:
                Primary(isRestricted: false);
                XmlPassing();
                break;
            case Keyword.Xmlforest:
                CommaList(XmlAttribute);
                break;
            case Keyword.Xmlparse:
                XmlDocumentOrContent();
                AnyExpression();
                if (Accept(Keyword.Preserve) || Accept(Keyword.Strip)) Expect(Keyword.Whitespace);
                break;
            case Keyword.Xmlpi:
                Expect(Keyword.Name);
                Label();
                if (Accept(TokenKind.Comma)) AnyExpression();
                break;
            case Keyword.Xmlroot:
                AnyExpression();
                Expect(TokenKind.Comma);
                Expect(Keyword.Version);
                if (!Accept(Keyword.No, Keyword.Value)) AnyExpression();
                if (Accept(TokenKind.Comma))
                {
                    Expect(Keyword.Standalone);
                    if (Accept(Keyword.No)) Accept(Keyword.Value);
                    else Expect(Keyword.Yes);
                }
                break;
            case Keyword.Xmlserialize:
                XmlDocumentOrContent();
                AnyExpression();
                Expect(Keyword.As);
                SimpleType();
                break;
            default:
                throw SyntaxError(_index - 1);
        }
        Expect(TokenKind.CloseParen);
        return new XmlExpression(name, TextFrom(start)) { Span = SpanFrom(start) };
    }

    private void XmlDocumentOrContent()
    {
        if (!Accept(Keyword.Document)) Expect(Keyword.Content);
    }

    private bool XmlAttribute()
    {
        AnyExpression();
        if (Accept(Keyword.As)) Label();
        return true;
    }

    private void XmlPassing()
    {
        Expect(Keyword.Passing);
        if (Accept(Keyword.By) && !Accept(Keyword.Ref)) Expect(Keyword.Value);
        Primary(isRestricted: false);
        if (Accept(Keyword.By) && !Accept(Keyword.Ref)) Expect(Keyword.Value);
    }
}
