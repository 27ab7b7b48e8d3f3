using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>CREATE by its second word; databases, schemas, views, indexes, sequences, types, domains, extensions.</summary>
internal sealed partial class SqlGrammar
{
    private Statement Create()
    {
        int start = Here;
        Expect(Keyword.Create);
        bool orReplace = AcceptOrReplace();
        var persistence = AcceptPersistence();
        switch (Current.Keyword)
        {
            case Keyword.View or Keyword.Recursive when persistence != Persistence.Unlogged:
                return View(start, persistence, orReplace);
            case Keyword.View or Keyword.Recursive:
                return View(start, persistence, orReplace);
            case Keyword.Table when !orReplace:
                return CreateTable(start, persistence);
            case Keyword.Sequence when !orReplace:
                return Sequence(start, persistence);
            case Keyword.Materialized when !orReplace && persistence != Persistence.Temporary:
                return MaterializedView(start, persistence == Persistence.Unlogged);
        }
        if (persistence != Persistence.Permanent) throw SyntaxError();
        switch (Current.Keyword)
        {
            case Keyword.Function or Keyword.Procedure:
                return CreateFunction(start, orReplace);
            case Keyword.Trigger or Keyword.Constraint:
                return Trigger(start, orReplace);
            case Keyword.Rule:
                return Rule(start);
            case Keyword.Aggregate:
                return Aggregate(start);
            case Keyword.Trusted or Keyword.Procedural or Keyword.Language:
                return CreateLanguage(start);
            case Keyword.Transform:
                return CreateTransform(start);
        }
        return orReplace ? throw SyntaxError() : CreateOther(start);
    }

    private Statement CreateOther(int start)
    {
        switch (Current.Keyword)
        {
            case Keyword.Unique or Keyword.Index:
                return Index(start);
            case Keyword.Database:
                return Database(start);
            case Keyword.Schema:
                return Schema(start);
            case Keyword.Type:
                return CreateType(start);
            case Keyword.Domain:
                return Domain(start);
            case Keyword.Extension:
                return Extension(start);
            case Keyword.User when Ahead(1).Keyword == Keyword.Mapping:
                return UserMapping(start, "CREATE");
            case Keyword.Role or Keyword.User or Keyword.Group:
                return CreateRole(start);
            case Keyword.Publication:
                return CreatePublication(start);
            case Keyword.Subscription:
                return CreateSubscription(start);
            case Keyword.Access or Keyword.Assertion or Keyword.Cast or Keyword.Collation or Keyword.Conversion or Keyword.Default or Keyword.Event
                or Keyword.Foreign or Keyword.Operator or Keyword.Policy or Keyword.Server or Keyword.Statistics or Keyword.Tablespace or Keyword.Text:
                return CreateUncommon(start);
            default:
                throw SyntaxError();
        }
    }

    private Persistence AcceptPersistence()
    {
        if (IsAny(Keyword.Local, Keyword.Global))
        {
            Advance();
            if (!IsAny(Keyword.Temp, Keyword.Temporary)) throw SyntaxError();
        }
        if (Accept(Keyword.Temp) || Accept(Keyword.Temporary)) return Persistence.Temporary;
        return Accept(Keyword.Unlogged) ? Persistence.Unlogged : Persistence.Permanent;
    }

    private CreateViewStatement View(int start, Persistence persistence, bool orReplace)
    {
        bool isRecursive = Accept(Keyword.Recursive);
        Expect(Keyword.View);
        var name = RelationName();
        var columns = isRecursive ? ParenthesizedNames() : OptionalNames();
        var options = OptionalStorageOptions();
        Expect(Keyword.As);
        var query = Query();
        var check = CheckOption.None;
        int at = Here;
        if (Accept(Keyword.With))
        {
            check = Accept(Keyword.Local) ? CheckOption.Local : CheckOption.Cascaded;
            if (check == CheckOption.Cascaded) Accept(Keyword.Cascaded);
            Expect(Keyword.Check, Keyword.Option);
            if (isRecursive) throw NotImplemented("WITH CHECK OPTION not supported on recursive views", at);
        }
        return new CreateViewStatement(name, columns, query)
        {
            Persistence = persistence,
            OrReplace = orReplace,
            IsRecursive = isRecursive,
            Options = options,
            CheckOption = check,
            Span = SpanFrom(start),
        };
    }

    private CreateMaterializedViewStatement MaterializedView(int start, bool isUnlogged)
    {
        Expect(Keyword.Materialized, Keyword.View);
        bool ifNotExists = AcceptIfNotExists();
        var name = RelationName();
        var columns = OptionalNames();
        string? method = Accept(Keyword.Using) ? Name() : null;
        var options = OptionalStorageOptions();
        string? tablespace = Accept(Keyword.Tablespace) ? Name() : null;
        Expect(Keyword.As);
        var query = Query();
        return new CreateMaterializedViewStatement(name, columns, query)
        {
            IsUnlogged = isUnlogged,
            IfNotExists = ifNotExists,
            AccessMethod = method,
            Options = options,
            Tablespace = tablespace,
            WithData = WithData(),
            Span = SpanFrom(start),
        };
    }

    private CreateIndexStatement Index(int start)
    {
        bool isUnique = Accept(Keyword.Unique);
        Expect(Keyword.Index);
        bool concurrently = Accept(Keyword.Concurrently);
        bool ifNotExists = AcceptIfNotExists();
        string? name = Is(Keyword.On) && !ifNotExists ? null : Name();
        Expect(Keyword.On);
        var table = Relation();
        string? method = Accept(Keyword.Using) ? Name() : null;
        var elements = ParenthesizedList(IndexElement);
        IReadOnlyList<IndexElement> include = Accept(Keyword.Include) ? ParenthesizedList(IndexElement) : [];
        bool notDistinct = NullsNotDistinct();
        var options = OptionalStorageOptions();
        string? tablespace = Accept(Keyword.Tablespace) ? Name() : null;
        var where = Accept(Keyword.Where) ? AnyExpression() : null;
        return new CreateIndexStatement(table.Name, elements)
        {
            Name = name,
            IsUnique = isUnique,
            Concurrently = concurrently,
            IfNotExists = ifNotExists,
            IsOnly = table.IsOnly,
            AccessMethod = method,
            Include = include,
            NullsNotDistinct = notDistinct,
            Options = options,
            Tablespace = tablespace,
            Where = where,
            Span = SpanFrom(start),
        };
    }

    // Databases and schemas

    private CreateDatabaseStatement Database(int start)
    {
        Expect(Keyword.Database);
        string name = Name();
        Accept(Keyword.With);
        return new CreateDatabaseStatement(name, DatabaseOptions()) { Span = SpanFrom(start) };
    }

    /// <summary>name [=] value …, without commas.</summary>
    private List<Option> DatabaseOptions()
    {
        List<Option> options = [];
        while (Is(TokenKind.Identifier)
            || IsAny(Keyword.Connection, Keyword.Encoding, Keyword.Location, Keyword.Owner, Keyword.Tablespace, Keyword.Template))
        {
            int start = Here;
            string name = "connection_limit";
            if (Accept(Keyword.Connection)) Expect(Keyword.Limit);
            else name = TakeText();
            AcceptOperator("=");
            int at = Here;
            OptionValue? value = null;
            if (IsNumber || IsOperator("-") || IsOperator("+")) value = new(OptionValueKind.Number, NumberConstant());
            else if (!Accept(Keyword.Default)) value = BooleanOrString() ?? throw SyntaxError();
            options.Add(new Option(null, name, value is null ? null : value with { Span = SpanFrom(at) }) { Span = SpanFrom(start) });
        }
        return options;
    }

    private CreateSchemaStatement Schema(int start)
    {
        Expect(Keyword.Schema);
        bool ifNotExists = AcceptIfNotExists();
        string? name = Is(Keyword.Authorization) ? null : Name();
        var owner = Accept(Keyword.Authorization) ? Role() : null;
        List<Statement> elements = [];
        int at = Here;
        while (IsAny(Keyword.Create, Keyword.Grant))
        {
            if (Is(Keyword.Create) && Ahead(1).Keyword is Keyword.Type or Keyword.Schema or Keyword.Database or Keyword.Role or Keyword.Domain or Keyword.Function)
                throw SyntaxError(_index + 1);
            int index = _index;
            var element = Is(Keyword.Grant) ? Grant() : Create();
            if (element is not (CreateTableStatement or CreateIndexStatement or CreateSequenceStatement or CreateTriggerStatement or GrantStatement
                or CreateViewStatement)) throw SyntaxError(index);
            elements.Add(element);
        }
        if (ifNotExists && elements.Count > 0) throw NotImplemented("CREATE SCHEMA IF NOT EXISTS cannot include schema elements", at);
        return new CreateSchemaStatement(name, owner, ifNotExists, elements) { Span = SpanFrom(start) };
    }

    // Sequences

    private CreateSequenceStatement Sequence(int start, Persistence persistence)
    {
        Expect(Keyword.Sequence);
        bool ifNotExists = AcceptIfNotExists();
        var name = RelationName();
        return new CreateSequenceStatement(name, SequenceOptions()) { Persistence = persistence, IfNotExists = ifNotExists, Span = SpanFrom(start) };
    }

    private List<SequenceOption> ParenthesizedSequenceOptions()
    {
        if (!Accept(TokenKind.OpenParen)) return [];
        var options = SequenceOptions();
        if (options.Count == 0) throw SyntaxError();
        Expect(TokenKind.CloseParen);
        return options;
    }

    private List<SequenceOption> SequenceOptions()
    {
        List<SequenceOption> options = [];
        while (SequenceOption() is { } option) options.Add(option);
        return options;
    }

    private SequenceOption? SequenceOption()
    {
        int start = Here;
        SequenceOption option;
        if (Accept(Keyword.As)) option = new(SequenceOptionKind.As) { Type = SimpleType() };
        else if (Accept(Keyword.Cache)) option = new(SequenceOptionKind.Cache) { Number = NumberConstant() };
        else if (Accept(Keyword.Cycle)) option = new(SequenceOptionKind.Cycle);
        else if (Accept(Keyword.Increment))
        {
            Accept(Keyword.By);
            option = new(SequenceOptionKind.Increment) { Number = NumberConstant() };
        }
        else if (Accept(Keyword.Maxvalue)) option = new(SequenceOptionKind.MaxValue) { Number = NumberConstant() };
        else if (Accept(Keyword.Minvalue)) option = new(SequenceOptionKind.MinValue) { Number = NumberConstant() };
        else if (Is(Keyword.No) && Ahead(1).Keyword is Keyword.Cycle or Keyword.Maxvalue or Keyword.Minvalue)
        {
            Advance();
            option = new(Accept(Keyword.Cycle) ? SequenceOptionKind.NoCycle : Accept(Keyword.Maxvalue) ? SequenceOptionKind.NoMaxValue : SequenceOptionKind.NoMinValue);
            if (option.Kind == SequenceOptionKind.NoMinValue) Advance();
        }
        else if (Accept(Keyword.Owned))
        {
            Expect(Keyword.By);
            option = new(SequenceOptionKind.OwnedBy) { Name = AnyName() };
        }
        else if (Is(Keyword.Sequence, Keyword.Name))
        {
            Advance();
            Advance();
            option = new(SequenceOptionKind.SequenceName) { Name = AnyName() };
        }
        else if (Accept(Keyword.Start))
        {
            Accept(Keyword.With);
            option = new(SequenceOptionKind.Start) { Number = NumberConstant() };
        }
        else if (Accept(Keyword.Restart))
        {
            bool hasNumber = Accept(Keyword.With) || IsNumber || IsOperator("-") || IsOperator("+");
            option = new(SequenceOptionKind.Restart) { Number = hasNumber ? NumberConstant() : null };
        }
        else
        {
            return null;
        }
        return option with { Span = SpanFrom(start) };
    }

    // Types and domains

    private Statement CreateType(int start)
    {
        Expect(Keyword.Type);
        var name = AnyName();
        if (Is(TokenKind.OpenParen)) return new CreateBaseTypeStatement(name, Definition()) { Span = SpanFrom(start) };
        if (!Accept(Keyword.As)) return new CreateBaseTypeStatement(name, null) { Span = SpanFrom(start) };
        if (Accept(Keyword.Enum))
        {
            Expect(TokenKind.OpenParen);
            List<string> labels = Is(TokenKind.CloseParen) ? [] : CommaList(StringConstant);
            Expect(TokenKind.CloseParen);
            return new CreateEnumStatement(name, labels) { Span = SpanFrom(start) };
        }
        if (Accept(Keyword.Range)) return new CreateRangeTypeStatement(name, Definition()) { Span = SpanFrom(start) };
        Expect(TokenKind.OpenParen);
        List<ColumnDefinition> attributes = Is(TokenKind.CloseParen) ? [] : CommaList(FunctionColumn);
        Expect(TokenKind.CloseParen);
        return new CreateCompositeTypeStatement(name, attributes) { Span = SpanFrom(start) };
    }

    private CreateDomainStatement Domain(int start)
    {
        Expect(Keyword.Domain);
        var name = AnyName();
        Accept(Keyword.As);
        var type = Type();
        var (constraints, collation) = ColumnConstraints();
        return new CreateDomainStatement(name, type) { Constraints = constraints, Collation = collation, Span = SpanFrom(start) };
    }

    private CreateExtensionStatement Extension(int start)
    {
        Expect(Keyword.Extension);
        bool ifNotExists = AcceptIfNotExists();
        var statement = new CreateExtensionStatement(Name(), ifNotExists);
        Accept(Keyword.With);
        while (true)
        {
            int at = Here;
            if (Accept(Keyword.Schema)) statement = statement.Schema is null ? statement with { Schema = Name() } : throw Redundant(at);
            else if (Accept(Keyword.Version)) statement = statement.Version is null ? statement with { Version = WordOrString().Text } : throw Redundant(at);
            else if (Accept(Keyword.From))
            {
                WordOrString();
                throw NotImplemented("CREATE EXTENSION ... FROM is no longer supported", at);
            }
            else if (Accept(Keyword.Cascade)) statement = !statement.Cascade ? statement with { Cascade = true } : throw Redundant(at);
            else return statement with { Span = SpanFrom(start) };
        }
    }

    private static SqlException Redundant(int position) => Error("conflicting or redundant options", position);
}
