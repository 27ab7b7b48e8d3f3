using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>Names by keyword class, constants, roles and generic options.</summary>
internal sealed partial class SqlGrammar
{
    private static bool IsColumnName(in Token token) =>
        token.Kind == TokenKind.Identifier
        || (token.Kind == TokenKind.Keyword && Keywords.ClassOf(token.Keyword) is KeywordClass.Unreserved or KeywordClass.ColumnName);

    private static bool IsTypeOrFunctionName(in Token token) =>
        token.Kind == TokenKind.Identifier
        || (token.Kind == TokenKind.Keyword && Keywords.ClassOf(token.Keyword) is KeywordClass.Unreserved or KeywordClass.TypeOrFunctionName);

    private static bool IsNonReserved(in Token token) =>
        token.Kind == TokenKind.Identifier || (token.Kind == TokenKind.Keyword && Keywords.ClassOf(token.Keyword) != KeywordClass.Reserved);

    private static bool IsLabel(in Token token) => token.Kind is TokenKind.Identifier or TokenKind.Keyword;

    private static bool IsBareLabel(in Token token) =>
        token.Kind == TokenKind.Identifier || (token.Kind == TokenKind.Keyword && Keywords.IsBareLabel(token.Keyword));

    private string TakeText()
    {
        string text = Current.Text;
        Advance();
        return text;
    }

    /// <summary>A column, table or any other name that isn't a function or type.</summary>
    private string Name() => IsColumnName(Current) && !IsNullsOrder ? TakeText() : throw SyntaxError();

    /// <summary>NULLS FIRST and NULLS LAST are never a name followed by something.</summary>
    private bool IsNullsOrder => Is(Keyword.Nulls) && Ahead(1).Keyword is Keyword.First or Keyword.Last;

    private string TypeOrFunctionName() => IsTypeOrFunctionName(Current) ? TakeText() : throw SyntaxError();

    private string NonReservedWord() => IsNonReserved(Current) ? TakeText() : throw SyntaxError();

    /// <summary>Any word at all.</summary>
    private string Label() => IsLabel(Current) ? TakeText() : throw SyntaxError();

    private List<string> NameList() => CommaList(Name);

    private List<string> ParenthesizedNames() => ParenthesizedList(Name);

    private List<string> OptionalNames() => OptionalParenthesizedList(Name);

    /// <summary>name {. label}: of any length.</summary>
    private QualifiedName AnyName()
    {
        int start = Here;
        List<string> parts = [Name()];
        while (Accept(TokenKind.Dot)) parts.Add(Label());
        return new QualifiedName(parts) { Span = SpanFrom(start) };
    }

    /// <summary>The name of a relation: at most three parts.</summary>
    private QualifiedName RelationName()
    {
        var name = AnyName();
        if (name.Parts.Count > 3)
            throw Error($"improper qualified name (too many dotted names): {string.Join('.', name.Parts)}", name.Span.Start);
        return name;
    }

    private List<QualifiedName> RelationNames() => CommaList(RelationName);

    private List<QualifiedName> AnyNames() => CommaList(AnyName);

    /// <summary>A function's name: one word of the function class, or a qualified name.</summary>
    private QualifiedName FunctionName()
    {
        int start = Here;
        if (Ahead(1).Kind == TokenKind.Dot) return AnyName();
        return new QualifiedName([TypeOrFunctionName()]) { Span = SpanFrom(start) };
    }

    private string StringConstant()
    {
        if (!Is(TokenKind.String)) throw SyntaxError();
        return TakeText();
    }

    /// <summary>Digits that fit in an int.</summary>
    private int IntegerConstant()
    {
        if (!Is(TokenKind.Integer)) throw SyntaxError();
        return int.Parse(TakeText());
    }

    private int SignedIntegerConstant()
    {
        if (AcceptOperator("-")) return -IntegerConstant();
        AcceptOperator("+");
        return IntegerConstant();
    }

    private bool IsNumber => Current.Kind is TokenKind.Integer or TokenKind.Numeric;

    /// <summary>A number with an optional sign, as text.</summary>
    private string NumberConstant()
    {
        string sign = AcceptOperator("-") ? "-" : "";
        if (sign.Length == 0) AcceptOperator("+");
        if (!IsNumber) throw SyntaxError();
        return sign + TakeText();
    }

    private RoleSpecification Role()
    {
        int start = Here;
        bool isQuoted = _text[Math.Min(start, _text.Length - 1)] == '"';
        RoleSpecification role;
        if (Accept(Keyword.CurrentRole)) role = new(RoleSpecificationKind.CurrentRole, null);
        else if (Accept(Keyword.CurrentUser)) role = new(RoleSpecificationKind.CurrentUser, null);
        else if (Accept(Keyword.SessionUser)) role = new(RoleSpecificationKind.SessionUser, null);
        else
        {
            string name = NonReservedWord();
            if (name == "public") role = new(RoleSpecificationKind.Public, null);
            else if (name == "none" && !isQuoted) throw Error("role name \"none\" is reserved", start, state: SqlState.ReservedName);
            else role = new(RoleSpecificationKind.Name, name);
        }
        return role with { Span = SpanFrom(start) };
    }

    private List<RoleSpecification> Roles() => CommaList(Role);

    /// <summary>The name of a role that is made or listed: neither PUBLIC nor a word for the current one.</summary>
    private string RoleName()
    {
        int start = Here;
        var role = Role();
        return role.Kind switch
        {
            RoleSpecificationKind.Name => role.Name!,
            RoleSpecificationKind.Public => throw Error("role name \"public\" is reserved", start, state: SqlState.ReservedName),
            RoleSpecificationKind.CurrentRole => throw Error("CURRENT_ROLE cannot be used as a role name here", start, state: SqlState.ReservedName),
            RoleSpecificationKind.CurrentUser => throw Error("CURRENT_USER cannot be used as a role name here", start, state: SqlState.ReservedName),
            _ => throw Error("SESSION_USER cannot be used as a role name here", start, state: SqlState.ReservedName),
        };
    }

    // Operators

    /// <summary>op, or OPERATOR(schema.op).</summary>
    private OperatorName QualifiedOperator()
    {
        int start = Here;
        if (!Accept(Keyword.Operator)) return BareOperator();
        Expect(TokenKind.OpenParen);
        var name = AnyOperator();
        Expect(TokenKind.CloseParen);
        return name with { Span = SpanFrom(start) };
    }

    private OperatorName BareOperator()
    {
        int start = Here;
        if (!Is(TokenKind.Operator)) throw SyntaxError();
        return new OperatorName(null, TakeText()) { Span = SpanFrom(start) };
    }

    /// <summary>[schema.]op</summary>
    private OperatorName AnyOperator()
    {
        int start = Here;
        string? schema = null;
        while (!Is(TokenKind.Operator))
        {
            string part = Name();
            schema = schema is null ? part : schema + "." + part;
            Expect(TokenKind.Dot);
        }
        return new OperatorName(schema, TakeText()) { Span = SpanFrom(start) };
    }

    // Options

    /// <summary>(name [= value], …) of WITH, SET and RESET on relations: names may have a namespace.</summary>
    private List<Option> StorageOptions() => ParenthesizedList(StorageOption);

    private List<Option> OptionalStorageOptions() => Accept(Keyword.With) ? StorageOptions() : [];

    private Option StorageOption()
    {
        int start = Here;
        string name = Label();
        string? scope = null;
        if (Accept(TokenKind.Dot)) (scope, name) = (name, Label());
        var value = AcceptOperator("=") ? DefinitionValue() : null;
        return new Option(scope, name, value) { Span = SpanFrom(start) };
    }

    /// <summary>(name [= value], …) of CREATE TYPE, CREATE PUBLICATION … WITH and the like.</summary>
    private List<Option> Definition() => ParenthesizedList(DefinitionItem);

    /// <summary>The same where each name must have a value.</summary>
    private void AssignedDefinition()
    {
        if (Definition().Exists(o => o.Value is null)) throw SyntaxError(_index - 1);
    }

    private Option DefinitionItem()
    {
        int start = Here;
        string name = Label();
        var value = AcceptOperator("=") ? DefinitionValue() : null;
        return new Option(null, name, value) { Span = SpanFrom(start) };
    }

    /// <summary>A type, a reserved word, an operator, a number, a string, or NONE.</summary>
    private OptionValue DefinitionValue()
    {
        int start = Here;
        OptionValue value;
        if (Is(TokenKind.String)) value = new(OptionValueKind.String, TakeText());
        else if (IsNumber || ((IsOperator("-") || IsOperator("+")) && Ahead(1).Kind is TokenKind.Integer or TokenKind.Numeric))
            value = new(OptionValueKind.Number, NumberConstant());
        else if (Is(TokenKind.Operator) || (Is(Keyword.Operator) && Ahead(1).Kind == TokenKind.OpenParen))
        {
            var name = QualifiedOperator();
            value = new(OptionValueKind.Operator, name.Schema is null ? name.Symbol : $"{Deparsing.Quoting.Identifier(name.Schema)}.{name.Symbol}");
        }
        else if (Is(Keyword.None) || (Current.Kind == TokenKind.Keyword && Keywords.ClassOf(Current.Keyword) == KeywordClass.Reserved && !Is(Keyword.Array)))
        {
            value = new(OptionValueKind.Word, TakeText());
        }
        else
        {
            var type = FunctionType();
            bool isWord = !type.IsSetOf && !type.IsColumnType && type is { Modifiers.Count: 0, ArrayBounds.Count: 0, Name.Parts.Count: 1 };
            value = isWord ? new(OptionValueKind.Word, type.Name.Name) : new(OptionValueKind.Type, TextFrom(start));
        }
        return value with { Span = SpanFrom(start) };
    }

    /// <summary>(name [value], …) of EXPLAIN, VACUUM, ANALYZE, CLUSTER, REINDEX.</summary>
    private List<Option> UtilityOptions() => ParenthesizedList(UtilityOption);

    private Option UtilityOption()
    {
        int start = Here;
        string name = NonReservedOrAnalyze();
        int valueStart = Here;
        OptionValue? value = null;
        if (IsNumber || IsOperator("-") || IsOperator("+")) value = new(OptionValueKind.Number, NumberConstant());
        else if (BooleanOrString() is { } word) value = word;
        if (value is not null) value = value with { Span = SpanFrom(valueStart) };
        return new Option(null, name, value) { Span = SpanFrom(start) };
    }

    /// <summary>ANALYSE is ANALYZE.</summary>
    private string NonReservedOrAnalyze()
    {
        if (Accept(Keyword.Analyze) || Accept(Keyword.Analyse)) return "analyze";
        return NonReservedWord();
    }

    /// <summary>TRUE, FALSE, ON, a word, or a string; null if none is here.</summary>
    private OptionValue? BooleanOrString()
    {
        if (Is(TokenKind.String)) return new(OptionValueKind.String, TakeText());
        if (IsAny(Keyword.True, Keyword.False, Keyword.On) || IsNonReserved(Current)) return new(OptionValueKind.Word, TakeText());
        return null;
    }

    /// <summary>OPTIONS (name 'value', …) of foreign objects; ADD, SET and DROP are kept as the option's namespace.</summary>
    private List<Option> GenericOptions(bool isAlter)
    {
        Expect(Keyword.Options);
        return ParenthesizedList(() =>
        {
            int start = Here;
            string? action = null;
            if (isAlter && IsAny(Keyword.Add, Keyword.Set, Keyword.Drop) && IsLabel(Ahead(1))) action = TakeText();
            string name = Label();
            var value = action == "drop" ? null : new OptionValue(OptionValueKind.String, StringConstant());
            return new Option(action, name, value) { Span = SpanFrom(start) };
        });
    }
}
