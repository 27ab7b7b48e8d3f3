using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>Functions, procedures, aggregates, triggers, rules.</summary>
internal sealed partial class SqlGrammar
{
    private CreateFunctionStatement CreateFunction(int start, bool orReplace)
    {
        bool isProcedure = Accept(Keyword.Procedure);
        if (!isProcedure) Expect(Keyword.Function);
        var name = FunctionName();
        List<FunctionParameter> parameters = Parameters(allowsDefaults: true);
        var function = new CreateFunctionStatement(name, parameters) { IsProcedure = isProcedure, OrReplace = orReplace };
        if (!isProcedure && Is(Keyword.Returns) && Ahead(1).Keyword != Keyword.Null)
        {
            Advance();
            if (Accept(Keyword.Table))
            {
                parameters.AddRange(ParenthesizedList(TableColumnParameter));
                function = function with { ReturnsTable = true };
            }
            else
            {
                function = function with { Returns = FunctionType() };
            }
        }
        List<FunctionOption> options = [];
        while (CreateFunctionOption() is { } option) options.Add(option);
        function = function with { Options = options };
        if (Accept(Keyword.Return)) function = function with { ReturnBody = AnyExpression() };
        else if (Is(Keyword.Begin)) function = function with { AtomicBody = AtomicBody() };
        return function with { Span = SpanFrom(start) };
    }

    private FunctionParameter TableColumnParameter()
    {
        int start = Here;
        string name = TypeOrFunctionName();
        return new FunctionParameter(ParameterMode.Table, name, FunctionType(), null) { Span = SpanFrom(start) };
    }

    private List<FunctionParameter> Parameters(bool allowsDefaults)
    {
        Expect(TokenKind.OpenParen);
        List<FunctionParameter> list = Is(TokenKind.CloseParen) ? [] : CommaList(() => FunctionParameter(allowsDefaults));
        Expect(TokenKind.CloseParen);
        return list;
    }

    /// <summary>[mode] [name] type [DEFAULT value], the mode also after the name.</summary>
    private FunctionParameter FunctionParameter(bool allowsDefaults)
    {
        int start = Here;
        var mode = Mode();
        string? name = null;
        if (IsTypeOrFunctionName(Current) && StartsParameterType(Ahead(1)) && !(Is(Keyword.Double) && Ahead(1).Keyword == Keyword.Precision)
            && !(Is(Keyword.National) && Ahead(1).Keyword is Keyword.Char or Keyword.Character))
        {
            name = TakeText();
            if (mode == ParameterMode.Default) mode = Mode();
        }
        var type = FunctionType();
        Expression? value = null;
        if (allowsDefaults && (AcceptOperator("=") || Accept(Keyword.Default))) value = AnyExpression();
        return new FunctionParameter(mode, name, type, value) { Span = SpanFrom(start) };
    }

    private static bool StartsParameterType(in Token token) =>
        token.Keyword is not Keyword.Array and not Keyword.Default
        && (IsNonReserved(token) || token.Keyword is Keyword.In or Keyword.Variadic);

    private ParameterMode Mode()
    {
        if (Accept(Keyword.In)) return Accept(Keyword.Out) ? ParameterMode.InOut : ParameterMode.In;
        if (Is(Keyword.Out) && Ahead(1).Kind is not (TokenKind.Comma or TokenKind.CloseParen))
        {
            Advance();
            return ParameterMode.Out;
        }
        if (Is(Keyword.Inout) && Ahead(1).Kind is not (TokenKind.Comma or TokenKind.CloseParen))
        {
            Advance();
            return ParameterMode.InOut;
        }
        return Accept(Keyword.Variadic) ? ParameterMode.Variadic : ParameterMode.Default;
    }

    private FunctionOption? CreateFunctionOption()
    {
        int start = Here;
        FunctionOption? option = null;
        if (Accept(Keyword.As))
        {
            List<string> body = [StringConstant()];
            if (Accept(TokenKind.Comma)) body.Add(StringConstant());
            option = new(FunctionOptionKind.As) { Values = body };
        }
        else if (Accept(Keyword.Language)) option = new(FunctionOptionKind.Language) { Values = [WordOrString().Text] };
        else if (Accept(Keyword.Window)) option = new(FunctionOptionKind.Window);
        else if (Accept(Keyword.Transform))
        {
            option = new(FunctionOptionKind.Transform)
            {
                Types = CommaList(() =>
                {
                    Expect(Keyword.For, Keyword.Type);
                    return Type();
                }),
            };
        }
        option ??= CommonFunctionOption();
        return option is null ? null : option with { Span = SpanFrom(start) };
    }

    /// <summary>An option that ALTER FUNCTION has too; null if none is here.</summary>
    private FunctionOption? CommonFunctionOption()
    {
        switch (Current.Keyword)
        {
            case Keyword.Immutable:
                Advance();
                return new(FunctionOptionKind.Immutable);
            case Keyword.Stable:
                Advance();
                return new(FunctionOptionKind.Stable);
            case Keyword.Volatile:
                Advance();
                return new(FunctionOptionKind.Volatile);
            case Keyword.Strict:
                Advance();
                return new(FunctionOptionKind.Strict);
            case Keyword.Leakproof:
                Advance();
                return new(FunctionOptionKind.Leakproof);
            case Keyword.Not when Ahead(1).Keyword == Keyword.Leakproof:
                Advance();
                Advance();
                return new(FunctionOptionKind.NotLeakproof);
            case Keyword.Called:
                Advance();
                Expect(Keyword.On, Keyword.Null);
                Expect(Keyword.Input);
                return new(FunctionOptionKind.CalledOnNullInput);
            case Keyword.Returns:
                Advance();
                Expect(Keyword.Null, Keyword.On);
                Expect(Keyword.Null, Keyword.Input);
                return new(FunctionOptionKind.Strict);
            case Keyword.External or Keyword.Security:
                Accept(Keyword.External);
                Expect(Keyword.Security);
                if (Accept(Keyword.Definer)) return new(FunctionOptionKind.SecurityDefiner);
                Expect(Keyword.Invoker);
                return new(FunctionOptionKind.SecurityInvoker);
            case Keyword.Cost:
                Advance();
                return new(FunctionOptionKind.Cost) { Values = [NumberConstant()] };
            case Keyword.Rows:
                Advance();
                return new(FunctionOptionKind.Rows) { Values = [NumberConstant()] };
            case Keyword.Support:
                Advance();
                return new(FunctionOptionKind.Support) { Values = [string.Join('.', AnyName().Parts.Select(Deparsing.Quoting.Identifier))] };
            case Keyword.Parallel:
                Advance();
                return new(FunctionOptionKind.Parallel) { Values = [Name()] };
            case Keyword.Set or Keyword.Reset:
                return new(FunctionOptionKind.Set) { Setting = SetOrReset(allowsTransaction: false) };
            default:
                return null;
        }
    }

    private List<Statement> AtomicBody()
    {
        Expect(Keyword.Begin, Keyword.Atomic);
        int saved = Enter();
        List<Statement> body = [];
        while (!Accept(Keyword.End))
        {
            if (Accept(TokenKind.Semicolon)) continue;
            int start = Here;
            body.Add(Accept(Keyword.Return) ? new ReturnStatement(AnyExpression()) { Span = SpanFrom(start) } : Statement());
            Expect(TokenKind.Semicolon);
        }
        Leave(saved);
        return body;
    }

    // Signatures

    private ObjectReference FunctionReference(ObjectKind kind)
    {
        int start = Here;
        QualifiedName name;
        if (Ahead(1).Kind == TokenKind.OpenParen) name = FunctionName();
        else if (Ahead(1).Kind == TokenKind.Dot) name = AnyName();
        else name = new QualifiedName([NonReservedWord()]) { Span = SpanFrom(start) };
        IReadOnlyList<FunctionParameter>? parameters = Is(TokenKind.OpenParen) ? Parameters(allowsDefaults: false) : null;
        return new ObjectReference(kind, name) { Parameters = parameters, Span = SpanFrom(start) };
    }

    private ObjectReference AggregateReference()
    {
        int start = Here;
        var name = FunctionName();
        var (parameters, orderBy) = AggregateParameters();
        return new ObjectReference(ObjectKind.Aggregate, name) { Parameters = parameters, OrderByIndex = orderBy, Span = SpanFrom(start) };
    }

    private (List<FunctionParameter>, int OrderBy) AggregateParameters()
    {
        Expect(TokenKind.OpenParen);
        List<FunctionParameter> parameters = [];
        int orderBy = -1;
        if (!AcceptOperator("*"))
        {
            if (!Is(Keyword.Order)) parameters = CommaList(() => FunctionParameter(allowsDefaults: false));
            if (Accept(Keyword.Order))
            {
                Expect(Keyword.By);
                orderBy = parameters.Count;
                parameters.AddRange(CommaList(() => FunctionParameter(allowsDefaults: false)));
            }
        }
        Expect(TokenKind.CloseParen);
        return (parameters, orderBy);
    }

    private OtherStatement Aggregate(int start)
    {
        Expect(Keyword.Aggregate);
        var name = FunctionName();
        bool isOld = Is(TokenKind.OpenParen) && Ahead(1).Kind == TokenKind.Identifier && IsOperator(Ahead(2), "=");
        if (isOld)
        {
            AssignedDefinition();
            return Other("CREATE AGGREGATE", start, name);
        }
        AggregateParameters();
        Definition();
        return Other("CREATE AGGREGATE", start, name);
    }

    /// <summary>An operator with its argument types; a null type is NONE.</summary>
    private ObjectReference OperatorReference()
    {
        int start = Here;
        var op = AnyOperator();
        Expect(TokenKind.OpenParen);
        TypeName? left = Is(Keyword.None) ? null : Type();
        if (left is null) Advance();
        if (Is(TokenKind.CloseParen))
            throw Error("missing argument", Here, "Use NONE to denote the missing argument of a unary operator.");
        Expect(TokenKind.Comma);
        TypeName? right = Is(Keyword.None) && left is not null ? null : Type();
        if (right is null) Advance();
        Expect(TokenKind.CloseParen);
        var name = new QualifiedName(op.Schema is null ? [op.Symbol] : [op.Schema, op.Symbol]) { Span = op.Span };
        return new ObjectReference(ObjectKind.Operator, name) { Types = [left, right], Span = SpanFrom(start) };
    }

    // Triggers and rules

    private CreateTriggerStatement Trigger(int start, bool orReplace)
    {
        bool isConstraint = Accept(Keyword.Constraint);
        Expect(Keyword.Trigger);
        string name = Name();
        var timing = TriggerTiming.After;
        if (isConstraint) Expect(Keyword.After);
        else if (Accept(Keyword.Before)) timing = TriggerTiming.Before;
        else if (Accept(Keyword.Instead))
        {
            Expect(Keyword.Of);
            timing = TriggerTiming.InsteadOf;
        }
        else Expect(Keyword.After);
        List<TriggerEvent> events = [TriggerEvent()];
        while (Accept(Keyword.Or))
        {
            var next = TriggerEvent();
            if (events.Exists(e => e.Name == next.Name)) throw ErrorAtToken("duplicate trigger events specified");
            events.Add(next);
        }
        Expect(Keyword.On);
        var table = RelationName();
        QualifiedName? fromTable = null;
        ConstraintAttributes? attributes = null;
        List<TriggerTransition> transitions = [];
        bool forEachRow = false;
        if (isConstraint)
        {
            if (Accept(Keyword.From)) fromTable = RelationName();
            attributes = TableConstraintAttributes();
            Expect(Keyword.For, Keyword.Each);
            Expect(Keyword.Row);
            forEachRow = true;
        }
        else
        {
            if (Accept(Keyword.Referencing))
            {
                do transitions.Add(Transition());
                while (IsAny(Keyword.New, Keyword.Old));
            }
            if (Accept(Keyword.For))
            {
                Accept(Keyword.Each);
                forEachRow = Accept(Keyword.Row);
                if (!forEachRow) Expect(Keyword.Statement);
            }
        }
        Expression? when = null;
        if (Accept(Keyword.When))
        {
            Expect(TokenKind.OpenParen);
            when = AnyExpression();
            Expect(TokenKind.CloseParen);
        }
        Expect(Keyword.Execute);
        if (!Accept(Keyword.Function)) Expect(Keyword.Procedure);
        var function = FunctionName();
        return new CreateTriggerStatement(name, table, function, TriggerArguments())
        {
            OrReplace = orReplace,
            IsConstraint = isConstraint,
            Timing = timing,
            Events = events,
            Transitions = transitions,
            ForEachRow = forEachRow,
            When = when,
            FromTable = fromTable,
            Attributes = attributes,
            Span = SpanFrom(start),
        };
    }

    private TriggerEvent TriggerEvent()
    {
        int start = Here;
        if (!IsAny(Keyword.Insert, Keyword.Delete, Keyword.Update, Keyword.Truncate)) throw SyntaxError();
        string name = TakeText();
        IReadOnlyList<string> columns = name == "update" && Accept(Keyword.Of) ? NameList() : [];
        return new TriggerEvent(name, columns) { Span = SpanFrom(start) };
    }

    private TriggerTransition Transition()
    {
        int start = Here;
        bool isNew = Accept(Keyword.New);
        if (!isNew) Expect(Keyword.Old);
        bool isTable = Accept(Keyword.Table);
        if (!isTable) Expect(Keyword.Row);
        Accept(Keyword.As);
        return new TriggerTransition(isNew, isTable, Name()) { Span = SpanFrom(start) };
    }

    private List<string> TriggerArguments()
    {
        Expect(TokenKind.OpenParen);
        List<string> arguments = [];
        if (Is(TokenKind.CloseParen))
        {
            Advance();
            return arguments;
        }
        do
        {
            // The grammar takes an empty argument too.
            if (Is(TokenKind.Comma) || Is(TokenKind.CloseParen)) continue;
            arguments.Add(IsNumber || Is(TokenKind.String) || IsLabel(Current) ? TakeText() : Refuse<string>());
        } while (Accept(TokenKind.Comma));
        Expect(TokenKind.CloseParen);
        return arguments;
    }

    private OtherStatement Rule(int start)
    {
        Expect(Keyword.Rule);
        Name();
        Expect(Keyword.As, Keyword.On);
        if (!IsAny(Keyword.Select, Keyword.Update, Keyword.Delete, Keyword.Insert)) throw SyntaxError();
        Advance();
        Expect(Keyword.To);
        var table = RelationName();
        if (Accept(Keyword.Where)) AnyExpression();
        Expect(Keyword.Do);
        if (!Accept(Keyword.Instead)) Accept(Keyword.Also);
        if (!Accept(Keyword.Nothing)) RuleActions();
        return Other("CREATE RULE", start, table);
    }

    private void RuleActions()
    {
        bool isList = Is(TokenKind.OpenParen) && !IsSelectStart(_index + 1) && Ahead(1).Kind != TokenKind.OpenParen;
        if (!isList && !Is(TokenKind.OpenParen))
        {
            RuleAction();
            return;
        }
        // ( SELECT … ; … ) is a list as well; nothing but the closing parenthesis tells it from a query in parentheses.
        Expect(TokenKind.OpenParen);
        do
        {
            if (!Is(TokenKind.Semicolon) && !Is(TokenKind.CloseParen)) RuleAction();
        } while (Accept(TokenKind.Semicolon));
        Expect(TokenKind.CloseParen);
    }

    private void RuleAction()
    {
        if (Is(Keyword.Notify)) Notify();
        else if (Is(Keyword.Merge)) throw SyntaxError();
        else PreparableStatement();
    }
}
