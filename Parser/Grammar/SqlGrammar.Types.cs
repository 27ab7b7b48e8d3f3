using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>Type names, with SQL's spelled-out forms mapped to pg_catalog's.</summary>
internal sealed partial class SqlGrammar
{
    private TypeName Type()
    {
        int start = Here;
        bool isSetOf = Accept(Keyword.Setof);
        var type = SimpleType();
        var bounds = ArrayBounds();
        return type with { ArrayBounds = bounds, IsSetOf = isSetOf, Span = SpanFrom(start) };
    }

    /// <summary>A type, or name.column%TYPE.</summary>
    private TypeName FunctionType()
    {
        int ahead = Is(Keyword.Setof) ? 1 : 0, at = ahead;
        if (IsTypeOrFunctionName(Ahead(at)))
        {
            at++;
            while (Ahead(at).Kind == TokenKind.Dot && IsLabel(Ahead(at + 1))) at += 2;
            if (at > ahead + 1 && IsOperator(Ahead(at), "%") && Ahead(at + 1).Keyword == Keyword.Type)
            {
                int start = Here;
                bool isSetOf = Accept(Keyword.Setof);
                var name = GenericTypeName();
                Advance();
                Advance();
                return new TypeName(name, [], []) { IsColumnType = true, IsSetOf = isSetOf, Span = SpanFrom(start) };
            }
        }
        return Type();
    }

    private List<int?> ArrayBounds()
    {
        List<int?> bounds = [];
        if (Accept(Keyword.Array))
        {
            int? bound = null;
            if (Accept(TokenKind.OpenBracket))
            {
                bound = IntegerConstant();
                Expect(TokenKind.CloseBracket);
            }
            bounds.Add(bound);
            return bounds;
        }
        while (Accept(TokenKind.OpenBracket))
        {
            bounds.Add(Is(TokenKind.CloseBracket) ? null : IntegerConstant());
            Expect(TokenKind.CloseBracket);
        }
        return bounds;
    }

    private QualifiedName GenericTypeName()
    {
        int start = Here;
        List<string> parts = [TypeOrFunctionName()];
        while (Accept(TokenKind.Dot)) parts.Add(Label());
        return new QualifiedName(parts) { Span = SpanFrom(start) };
    }

    private TypeName SimpleType()
    {
        if (BuiltInType(isConstant: false) is { } builtIn) return builtIn;
        int start = Here;
        var name = GenericTypeName();
        var modifiers = OptionalModifiers();
        return new TypeName(name, modifiers, []) { Span = SpanFrom(start) };
    }

    private List<Expression> OptionalModifiers() => OptionalParenthesizedList(AnyExpression);

    private TypeName Catalog(int start, string name, IReadOnlyList<Expression> modifiers) =>
        new(new QualifiedName(["pg_catalog", name]) { Span = SpanFrom(start) }, modifiers, []) { Span = SpanFrom(start) };

    private TypeName Catalog(int start, string name) => Catalog(start, name, []);

    /// <summary>
    /// A type that is spelled with keywords; null if none is here. As the type of a constant (CHAR 'abc'), CHAR and BIT without a length have none, else 1.
    /// </summary>
    private TypeName? BuiltInType(bool isConstant)
    {
        int start = Here;
        switch (Current.Keyword)
        {
            case Keyword.Int or Keyword.Integer:
                Advance();
                return Catalog(start, "int4");
            case Keyword.Smallint:
                Advance();
                return Catalog(start, "int2");
            case Keyword.Bigint:
                Advance();
                return Catalog(start, "int8");
            case Keyword.Real:
                Advance();
                return Catalog(start, "float4");
            case Keyword.Boolean:
                Advance();
                return Catalog(start, "bool");
            case Keyword.Float:
                return FloatType();
            case Keyword.Double when Ahead(1).Keyword == Keyword.Precision:
                Advance();
                Advance();
                return Catalog(start, "float8");
            case Keyword.Decimal or Keyword.Dec or Keyword.Numeric:
                Advance();
                return Catalog(start, "numeric", OptionalModifiers());
            case Keyword.Bit:
                return BitType(isConstant);
            case Keyword.Character or Keyword.Char or Keyword.Nchar or Keyword.National or Keyword.Varchar:
                return CharacterType(isConstant);
            case Keyword.Time or Keyword.Timestamp:
                return TimeType();
            case Keyword.Interval:
                Advance();
                if (Is(TokenKind.OpenParen)) return Catalog(start, "interval", [Precision()]);
                return IntervalQualifier(Catalog(start, "interval")) with { Span = SpanFrom(start) };
            default:
                return null;
        }
    }

    private TypeName FloatType()
    {
        int start = Here;
        Advance();
        if (!Accept(TokenKind.OpenParen)) return Catalog(start, "float8");
        int at = Here, bits = IntegerConstant();
        Expect(TokenKind.CloseParen);
        if (bits < 1) throw Error("precision for type float must be at least 1 bit", at, state: SqlState.InvalidParameterValue);
        if (bits > 53) throw Error("precision for type float must be less than 54 bits", at, state: SqlState.InvalidParameterValue);
        return Catalog(start, bits <= 24 ? "float4" : "float8");
    }

    private TypeName BitType(bool isConstant)
    {
        int start = Here;
        Advance();
        bool varying = Accept(Keyword.Varying);
        string name = varying ? "varbit" : "bit";
        if (Is(TokenKind.OpenParen)) return Catalog(start, name, ParenthesizedList(AnyExpression));
        return Catalog(start, name, varying || isConstant ? [] : [new IntegerLiteral("1")]);
    }

    private TypeName CharacterType(bool isConstant)
    {
        int start = Here;
        bool varying = Is(Keyword.Varchar);
        if (Accept(Keyword.National))
        {
            if (!Accept(Keyword.Character)) Expect(Keyword.Char);
        }
        else
        {
            Advance();
        }
        if (!varying) varying = Accept(Keyword.Varying);
        string name = varying ? "varchar" : "bpchar";
        if (Is(TokenKind.OpenParen)) return Catalog(start, name, [Precision()]);
        return Catalog(start, name, varying || isConstant ? [] : [new IntegerLiteral("1")]);
    }

    /// <summary>(n), n an integer constant.</summary>
    private IntegerLiteral Precision()
    {
        Expect(TokenKind.OpenParen);
        int start = Here;
        var value = new IntegerLiteral(IntegerConstant().ToString()) { Span = SpanFrom(start) };
        Expect(TokenKind.CloseParen);
        return value;
    }

    private TypeName TimeType()
    {
        int start = Here;
        string name = TakeText();
        List<Expression> modifiers = Is(TokenKind.OpenParen) ? [Precision()] : [];
        if (Is(Keyword.With, Keyword.Time))
        {
            Advance();
            Advance();
            Expect(Keyword.Zone);
            name += "tz";
        }
        else if (Accept(Keyword.Without))
        {
            Expect(Keyword.Time, Keyword.Zone);
        }
        return Catalog(start, name, modifiers);
    }

    /// <summary>The fields after INTERVAL or after an interval's string.</summary>
    private TypeName IntervalQualifier(TypeName type)
    {
        IntervalFields fields;
        IReadOnlyList<Expression> modifiers = [];
        void Second()
        {
            Expect(Keyword.Second);
            if (Is(TokenKind.OpenParen)) modifiers = [Precision()];
        }
        switch (Current.Keyword)
        {
            case Keyword.Year:
                Advance();
                fields = IntervalFields.Year;
                if (Accept(Keyword.To))
                {
                    Expect(Keyword.Month);
                    fields = IntervalFields.YearToMonth;
                }
                break;
            case Keyword.Month:
                Advance();
                fields = IntervalFields.Month;
                break;
            case Keyword.Day:
                Advance();
                fields = IntervalFields.Day;
                if (!Accept(Keyword.To)) break;
                if (Accept(Keyword.Hour)) fields = IntervalFields.DayToHour;
                else if (Accept(Keyword.Minute)) fields = IntervalFields.DayToMinute;
                else
                {
                    Second();
                    fields = IntervalFields.DayToSecond;
                }
                break;
            case Keyword.Hour:
                Advance();
                fields = IntervalFields.Hour;
                if (!Accept(Keyword.To)) break;
                if (Accept(Keyword.Minute)) fields = IntervalFields.HourToMinute;
                else
                {
                    Second();
                    fields = IntervalFields.HourToSecond;
                }
                break;
            case Keyword.Minute:
                Advance();
                fields = IntervalFields.Minute;
                if (!Accept(Keyword.To)) break;
                Second();
                fields = IntervalFields.MinuteToSecond;
                break;
            case Keyword.Second:
                Second();
                fields = IntervalFields.Second;
                break;
            default:
                return type;
        }
        return type with { IntervalFields = fields, Modifiers = modifiers };
    }
}
