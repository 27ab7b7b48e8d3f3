using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>CREATE TABLE and CREATE TABLE AS, columns, constraints, partitions.</summary>
internal sealed partial class SqlGrammar
{
    private Statement CreateTable(int start, Persistence persistence)
    {
        Expect(Keyword.Table);
        bool ifNotExists = AcceptIfNotExists();
        var name = RelationName();
        var table = new CreateTableStatement(name, []) { Persistence = persistence, IfNotExists = ifNotExists };
        if (Accept(Keyword.Of))
        {
            table = table with { OfType = AnyName() };
            table = table with { Elements = OptionalParenthesizedList(() => TableElement(isTyped: true)) };
        }
        else if (Accept(Keyword.Partition))
        {
            Expect(Keyword.Of);
            table = table with { PartitionOf = RelationName() };
            table = table with { Elements = OptionalParenthesizedList(() => TableElement(isTyped: true)) };
            table = table with { Bound = PartitionBound() };
        }
        else
        {
            // (a, b) without types are the columns of CREATE TABLE AS.
            bool hasElements = Is(TokenKind.OpenParen) && !(IsColumnName(Ahead(1)) && Ahead(2).Kind is TokenKind.Comma or TokenKind.CloseParen);
            if (!hasElements) return CreateTableAs(start, table);
            Expect(TokenKind.OpenParen);
            List<TableElement> elements = Is(TokenKind.CloseParen) ? [] : CommaList(() => TableElement(isTyped: false));
            Expect(TokenKind.CloseParen);
            table = table with { Elements = elements };
            if (Accept(Keyword.Inherits)) table = table with { Inherits = ParenthesizedList(RelationName) };
        }
        if (Accept(Keyword.Partition)) table = table with { PartitionBy = PartitionBy() };
        if (Accept(Keyword.Using)) table = table with { AccessMethod = Name() };
        table = table with { Options = TableOptions() };
        table = table with { OnCommit = OnCommit() };
        if (Accept(Keyword.Tablespace)) table = table with { Tablespace = Name() };
        return table with { Span = SpanFrom(start) };
    }

    private CreateTableAsStatement CreateTableAs(int start, CreateTableStatement head)
    {
        var columns = OptionalNames();
        string? method = Accept(Keyword.Using) ? Name() : null;
        var options = TableOptions();
        var onCommit = OnCommit();
        string? tablespace = Accept(Keyword.Tablespace) ? Name() : null;
        Expect(Keyword.As);
        Statement query = Is(Keyword.Execute) ? Execute() : Query();
        return new CreateTableAsStatement(head.Name, columns)
        {
            Persistence = head.Persistence,
            IfNotExists = head.IfNotExists,
            AccessMethod = method,
            Options = options,
            OnCommit = onCommit,
            Tablespace = tablespace,
            Query = query,
            WithData = WithData(),
            Span = SpanFrom(start),
        };
    }

    /// <summary>WITH (…) or WITHOUT OIDS.</summary>
    private List<Option> TableOptions()
    {
        if (Accept(Keyword.Without))
        {
            Expect(Keyword.Oids);
            return [];
        }
        return Accept(Keyword.With) ? StorageOptions() : [];
    }

    private OnCommitAction OnCommit()
    {
        if (!Accept(Keyword.On)) return OnCommitAction.None;
        Expect(Keyword.Commit);
        if (Accept(Keyword.Drop)) return OnCommitAction.Drop;
        var action = Accept(Keyword.Delete) ? OnCommitAction.DeleteRows : OnCommitAction.PreserveRows;
        if (action == OnCommitAction.PreserveRows) Expect(Keyword.Preserve);
        Expect(Keyword.Rows);
        return action;
    }

    private PartitionBy PartitionBy()
    {
        int start = Here;
        Expect(Keyword.By);
        string strategy = Name();
        return new PartitionBy(strategy, ParenthesizedList(() => IndexElement(allowsOrder: false))) { Span = SpanFrom(start) };
    }

    private PartitionBound PartitionBound()
    {
        int start = Here;
        if (Accept(Keyword.Default)) return new PartitionBound(PartitionBoundKind.Default) { Span = SpanFrom(start) };
        Expect(Keyword.For, Keyword.Values);
        if (Accept(Keyword.In))
            return new PartitionBound(PartitionBoundKind.List) { Values = ParenthesizedList(AnyExpression), Span = SpanFrom(start) };
        if (Accept(Keyword.With)) return HashBound(start);
        Expect(Keyword.From);
        var from = ParenthesizedList(AnyExpression);
        Expect(Keyword.To);
        return new PartitionBound(PartitionBoundKind.Range) { From = from, To = ParenthesizedList(AnyExpression), Span = SpanFrom(start) };
    }

    private PartitionBound HashBound(int start)
    {
        int? modulus = null, remainder = null;
        ParenthesizedList(() =>
        {
            int at = Here;
            string word = NonReservedWord();
            int value = IntegerConstant();
            if (word == "modulus" ? modulus is not null : word == "remainder" && remainder is not null)
                throw Error($"{word} for hash partition provided more than once", at, state: SqlState.DuplicateObject);
            if (word == "modulus") modulus = value;
            else if (word == "remainder") remainder = value;
            else throw Error($"unrecognized hash partition bound specification \"{word}\"", at);
            return value;
        });
        if (modulus is null) throw Error("modulus for hash partition must be specified", start);
        if (remainder is null) throw Error("remainder for hash partition must be specified", start);
        return new PartitionBound(PartitionBoundKind.Hash) { Modulus = modulus.Value, Remainder = remainder.Value, Span = SpanFrom(start) };
    }

    // Elements

    private TableElement TableElement(bool isTyped)
    {
        if (StartsTableConstraint) return TableConstraint();
        if (!isTyped && Is(Keyword.Like)) return Like();
        return isTyped ? TypedColumn() : Column();
    }

    private bool StartsTableConstraint =>
        IsAny(Keyword.Constraint, Keyword.Check, Keyword.Unique, Keyword.Primary, Keyword.Foreign)
        || (Is(Keyword.Exclude) && (Ahead(1).Kind == TokenKind.OpenParen || Ahead(1).Keyword == Keyword.Using));

    private LikeElement Like()
    {
        int start = Here;
        Expect(Keyword.Like);
        var table = RelationName();
        List<LikeOption> options = [];
        while (IsAny(Keyword.Including, Keyword.Excluding))
        {
            int at = Here;
            bool isIncluded = Is(Keyword.Including);
            Advance();
            LikeFeature? feature = Current.Keyword switch
            {
                Keyword.Comments => LikeFeature.Comments,
                Keyword.Compression => LikeFeature.Compression,
                Keyword.Constraints => LikeFeature.Constraints,
                Keyword.Defaults => LikeFeature.Defaults,
                Keyword.Generated => LikeFeature.Generated,
                Keyword.Identity => LikeFeature.Identity,
                Keyword.Indexes => LikeFeature.Indexes,
                Keyword.Statistics => LikeFeature.Statistics,
                Keyword.Storage => LikeFeature.Storage,
                Keyword.All => LikeFeature.All,
                _ => null,
            };
            if (feature is null) throw SyntaxError();
            Advance();
            options.Add(new LikeOption(feature.Value, isIncluded) { Span = SpanFrom(at) });
        }
        return new LikeElement(table, options) { Span = SpanFrom(start) };
    }

    private ColumnDefinition Column()
    {
        int start = Here;
        string name = Name();
        var column = new ColumnDefinition(name, Type());
        if (Is(Keyword.Compression)) column = column with { Compression = Compression() };
        if (Is(Keyword.Options)) column = column with { Options = GenericOptions(isAlter: false) };
        return ColumnQualifiers(column) with { Span = SpanFrom(start) };
    }

    private string Compression()
    {
        Expect(Keyword.Compression);
        return Accept(Keyword.Default) ? "default" : Name();
    }

    private ColumnDefinition TypedColumn()
    {
        int start = Here;
        var column = new ColumnDefinition(Name(), null);
        if (Accept(Keyword.With)) Expect(Keyword.Options);
        return ColumnQualifiers(column) with { Span = SpanFrom(start) };
    }

    private ColumnDefinition ColumnQualifiers(ColumnDefinition column)
    {
        var (constraints, collation) = ColumnConstraints();
        return column with { Constraints = constraints, Collation = collation };
    }

    private (List<ColumnConstraint>, QualifiedName? Collation) ColumnConstraints()
    {
        List<ColumnConstraint> constraints = [];
        QualifiedName? collation = null;
        while (true)
        {
            int start = Here;
            if (Accept(Keyword.Collate))
            {
                if (collation is not null) throw Error("multiple COLLATE clauses not allowed", start);
                collation = AnyName();
            }
            else if (Is(Keyword.Deferrable) || Is(Keyword.Initially) || Is(Keyword.Not, Keyword.Deferrable))
            {
                if (constraints.Count == 0) throw MisplacedAttribute(start);
                constraints[^1] = constraints[^1] with { Attributes = DeferrableAttributes(constraints[^1].Attributes) };
            }
            else
            {
                string? name = Accept(Keyword.Constraint) ? Name() : null;
                if (ColumnConstraint() is { } constraint) constraints.Add(constraint with { Name = name, Span = SpanFrom(start) });
                else if (name is not null) throw SyntaxError();
                else return (constraints, collation);
            }
        }
    }

    private SqlException MisplacedAttribute(int position) =>
        Error($"misplaced {(Is(Keyword.Deferrable) ? "DEFERRABLE" : $"{Current.Text} {Ahead(1).Text}".ToUpperInvariant())} clause", position);

    private ConstraintAttributes DeferrableAttributes(ConstraintAttributes? attributes)
    {
        attributes ??= new ConstraintAttributes { Span = new TextSpan(Here, 0) };
        if (Accept(Keyword.Not, Keyword.Deferrable)) return attributes with { IsDeferrable = false };
        if (Accept(Keyword.Deferrable)) return attributes with { IsDeferrable = true };
        Expect(Keyword.Initially);
        bool isDeferred = Accept(Keyword.Deferred);
        if (!isDeferred) Expect(Keyword.Immediate);
        return attributes with { InitiallyDeferred = isDeferred };
    }

    /// <summary>Attributes after a table's constraint; null if there are none.</summary>
    private ConstraintAttributes? TableConstraintAttributes()
    {
        ConstraintAttributes? attributes = null;
        int start = Here;
        while (true)
        {
            int at = Here;
            if (Accept(Keyword.Not, Keyword.Valid)) attributes = (attributes ?? new()) with { NotValid = true };
            else if (Accept(Keyword.No, Keyword.Inherit)) attributes = (attributes ?? new()) with { NoInherit = true };
            else if (Is(Keyword.Deferrable) || Is(Keyword.Initially) || Is(Keyword.Not, Keyword.Deferrable)) attributes = DeferrableAttributes(attributes);
            else break;
            if (attributes is { InitiallyDeferred: true, IsDeferrable: false })
                throw Error("constraint declared INITIALLY DEFERRED must be DEFERRABLE", at);
        }
        return attributes is null ? null : attributes with { Span = SpanFrom(start) };
    }

    private ColumnConstraint? ColumnConstraint()
    {
        switch (Current.Keyword)
        {
            case Keyword.Not:
                Advance();
                Expect(Keyword.Null);
                return new NotNullConstraint();
            case Keyword.Null:
                Advance();
                return new NullConstraint();
            case Keyword.Default:
                Advance();
                return new DefaultConstraint(RestrictedExpression());
            case Keyword.Check:
                Advance();
                Expect(TokenKind.OpenParen);
                var condition = AnyExpression();
                Expect(TokenKind.CloseParen);
                var attributes = Accept(Keyword.No, Keyword.Inherit) ? new ConstraintAttributes { NoInherit = true } : null;
                return new CheckColumnConstraint(condition) { Attributes = attributes };
            case Keyword.Unique or Keyword.Primary:
                bool isPrimary = Accept(Keyword.Primary);
                if (isPrimary) Expect(Keyword.Key);
                else Expect(Keyword.Unique);
                bool notDistinct = !isPrimary && NullsNotDistinct();
                return new UniqueColumnConstraint(isPrimary) { NullsNotDistinct = notDistinct, Options = ConstraintOptions(), Tablespace = ConstraintTablespace() };
            case Keyword.References:
                return new ReferencesConstraint(Reference());
            case Keyword.Generated:
                return Generated();
            default:
                return null;
        }
    }

    /// <summary>NULLS [NOT] DISTINCT</summary>
    private bool NullsNotDistinct()
    {
        if (!Is(Keyword.Nulls) || Ahead(1).Keyword is not (Keyword.Not or Keyword.Distinct)) return false;
        Advance();
        bool isNot = Accept(Keyword.Not);
        Expect(Keyword.Distinct);
        return isNot;
    }

    private List<Option> ConstraintOptions() => Accept(Keyword.With) ? Definition() : [];

    private string? ConstraintTablespace()
    {
        if (!Accept(Keyword.Using)) return null;
        Expect(Keyword.Index, Keyword.Tablespace);
        return Name();
    }

    private ColumnConstraint Generated()
    {
        Expect(Keyword.Generated);
        int at = Here;
        bool isAlways = GeneratedWhen();
        Expect(Keyword.As);
        if (Accept(Keyword.Identity)) return new IdentityConstraint(isAlways, ParenthesizedSequenceOptions());
        Expect(TokenKind.OpenParen);
        var expression = AnyExpression();
        Expect(TokenKind.CloseParen);
        Expect(Keyword.Stored);
        if (!isAlways) throw Error("for a generated column, GENERATED ALWAYS must be specified", at);
        return new GeneratedConstraint(expression);
    }

    private bool GeneratedWhen()
    {
        if (Accept(Keyword.Always)) return true;
        Expect(Keyword.By, Keyword.Default);
        return false;
    }

    private ForeignKeyReference Reference()
    {
        int start = Here;
        Expect(Keyword.References);
        var table = RelationName();
        var reference = new ForeignKeyReference(table, OptionalNames());
        if (Accept(Keyword.Match))
        {
            if (Accept(Keyword.Full)) reference = reference with { Match = ForeignKeyMatch.Full };
            else if (Is(Keyword.Partial)) throw NotImplemented("MATCH PARTIAL not yet implemented", _tokens[_index - 1].Start);
            else Expect(Keyword.Simple);
        }
        while (Is(Keyword.On) && Ahead(1).Keyword is Keyword.Update or Keyword.Delete)
        {
            int at = _index;
            Advance();
            if (Accept(Keyword.Update)) reference = reference.OnUpdate is null ? reference with { OnUpdate = KeyAction(_tokens[at].Start, false) } : throw SyntaxError(at);
            else
            {
                Advance();
                reference = reference.OnDelete is null ? reference with { OnDelete = KeyAction(_tokens[at].Start, true) } : throw SyntaxError(at);
            }
        }
        return reference with { Span = SpanFrom(start) };
    }

    private ForeignKeyAction KeyAction(int start, bool isDelete)
    {
        IReadOnlyList<string> columns = [];
        ForeignKeyActionKind kind;
        if (Accept(Keyword.Cascade)) kind = ForeignKeyActionKind.Cascade;
        else if (Accept(Keyword.Restrict)) kind = ForeignKeyActionKind.Restrict;
        else if (Accept(Keyword.No))
        {
            Expect(Keyword.Action);
            kind = ForeignKeyActionKind.NoAction;
        }
        else
        {
            Expect(Keyword.Set);
            kind = Accept(Keyword.Null) ? ForeignKeyActionKind.SetNull : ForeignKeyActionKind.SetDefault;
            if (kind == ForeignKeyActionKind.SetDefault) Expect(Keyword.Default);
            columns = OptionalNames();
            if (columns.Count > 0 && !isDelete)
                throw NotImplemented($"a column list with {(kind == ForeignKeyActionKind.SetNull ? "SET NULL" : "SET DEFAULT")} is only supported for ON DELETE actions", start);
        }
        return new ForeignKeyAction(kind, columns) { Span = SpanFrom(start) };
    }

    private TableConstraint TableConstraint()
    {
        int start = Here;
        string? name = Accept(Keyword.Constraint) ? Name() : null;
        TableConstraint constraint;
        switch (Current.Keyword)
        {
            case Keyword.Check:
                Advance();
                Expect(TokenKind.OpenParen);
                constraint = new CheckTableConstraint(AnyExpression());
                Expect(TokenKind.CloseParen);
                break;
            case Keyword.Unique or Keyword.Primary:
                constraint = UniqueTable();
                break;
            case Keyword.Foreign:
                Advance();
                Expect(Keyword.Key);
                var columns = ParenthesizedNames();
                constraint = new ForeignKeyConstraint(columns, Reference());
                break;
            case Keyword.Exclude:
                constraint = Exclude();
                break;
            default:
                throw SyntaxError();
        }
        constraint = constraint with { Name = name, Attributes = TableConstraintAttributes() };
        switch (constraint)
        {
            case CheckTableConstraint:
                CheckAttributes("CHECK", constraint.Attributes, mayDefer: false, mayBeInvalid: true, mayNotInherit: true);
                break;
            case ForeignKeyConstraint:
                CheckAttributes("FOREIGN KEY", constraint.Attributes, mayDefer: true, mayBeInvalid: true, mayNotInherit: false);
                break;
            default:
                string kind = constraint is UniqueTableConstraint unique ? unique.IsPrimaryKey ? "PRIMARY KEY" : "UNIQUE" : "EXCLUDE";
                CheckAttributes(kind, constraint.Attributes, mayDefer: true, mayBeInvalid: false, mayNotInherit: false);
                break;
        }
        return constraint with { Span = SpanFrom(start) };
    }

    /// <summary>Which attributes a kind of constraint may have. PostgreSQL gives no position here.</summary>
    private static void CheckAttributes(string kind, ConstraintAttributes? attributes, bool mayDefer, bool mayBeInvalid, bool mayNotInherit)
    {
        if (attributes is null) return;
        string? word = !mayDefer && (attributes.IsDeferrable == true || attributes.InitiallyDeferred == true) ? "DEFERRABLE"
            : !mayBeInvalid && attributes.NotValid ? "NOT VALID"
            : !mayNotInherit && attributes.NoInherit ? "NO INHERIT" : null;
        if (word is not null) throw Error($"{kind} constraints cannot be marked {word}", -1, state: SqlState.FeatureNotSupported);
    }

    private UniqueTableConstraint UniqueTable()
    {
        bool isPrimary = Accept(Keyword.Primary);
        if (isPrimary) Expect(Keyword.Key);
        else Expect(Keyword.Unique);
        if (Accept(Keyword.Using))
        {
            Expect(Keyword.Index);
            return new UniqueTableConstraint(isPrimary, []) { UsingIndex = Name() };
        }
        bool notDistinct = !isPrimary && NullsNotDistinct();
        var columns = ParenthesizedNames();
        return new UniqueTableConstraint(isPrimary, columns)
        {
            NullsNotDistinct = notDistinct,
            Include = IncludedColumns(),
            Options = ConstraintOptions(),
            Tablespace = ConstraintTablespace(),
        };
    }

    private List<string> IncludedColumns() => Accept(Keyword.Include) ? ParenthesizedNames() : [];

    private ExcludeConstraint Exclude()
    {
        Expect(Keyword.Exclude);
        string? method = Accept(Keyword.Using) ? Name() : null;
        var elements = ParenthesizedList(() =>
        {
            int start = Here;
            var element = IndexElement();
            Expect(Keyword.With);
            var op = Is(Keyword.Operator) && Ahead(1).Kind == TokenKind.OpenParen ? QualifiedOperator() : AnyOperator();
            return new ExclusionElement(element, op) { Span = SpanFrom(start) };
        });
        var constraint = new ExcludeConstraint(elements)
        {
            AccessMethod = method,
            Include = IncludedColumns(),
            Options = ConstraintOptions(),
            Tablespace = ConstraintTablespace(),
        };
        if (!Accept(Keyword.Where)) return constraint;
        Expect(TokenKind.OpenParen);
        constraint = constraint with { Where = AnyExpression() };
        Expect(TokenKind.CloseParen);
        return constraint;
    }
}
