using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>ALTER by its second word; what all kinds share (RENAME, OWNER, SET SCHEMA) and what only one has.</summary>
internal sealed partial class SqlGrammar
{
    private Statement Alter()
    {
        int start = Here;
        Expect(Keyword.Alter);
        if (AcceptRelationKind() is { } relation) return AlterRelation(start, relation);
        switch (Current.Keyword)
        {
            case Keyword.Type:
                return AlterType(start);
            case Keyword.Domain:
                return AlterDomain(start);
            case Keyword.User when Ahead(1).Keyword == Keyword.Mapping:
                return UserMapping(start, "ALTER");
            case Keyword.Role or Keyword.User or Keyword.Group:
                return AlterRole(start);
            case Keyword.Database:
                return AlterDatabase(start);
            case Keyword.System:
                Advance();
                return AlterSystem(start);
            case Keyword.Default:
                Advance();
                return DefaultPrivileges(start);
            case Keyword.Extension:
                return AlterExtension(start);
            case Keyword.Publication:
                return AlterPublication(start);
            case Keyword.Subscription:
                return AlterSubscription(start);
        }
        int kindIndex = _index;
        if (AcceptObjectKind() is not { } kind) throw SyntaxError();
        if (kind is ObjectKind.AccessMethod or ObjectKind.Column or ObjectKind.Constraint or ObjectKind.Transform or ObjectKind.Cast or ObjectKind.Role)
            throw SyntaxError(kindIndex);
        bool ifExists = kind is ObjectKind.Statistics or ObjectKind.Policy && AcceptIfExists();
        var target = ObjectName(kind);
        return CommonAlteration(start, target, ifExists) ?? Alteration(start, target);
    }

    /// <summary>Takes the words of a relation's kind; null, with nothing taken, if none is here.</summary>
    private RelationKind? AcceptRelationKind()
    {
        if (Accept(Keyword.Foreign, Keyword.Table)) return RelationKind.ForeignTable;
        if (AcceptBoth(Keyword.Materialized, Keyword.View)) return RelationKind.MaterializedView;
        RelationKind? kind = Current.Keyword switch
        {
            Keyword.Table => RelationKind.Table,
            Keyword.Index => RelationKind.Index,
            Keyword.View => RelationKind.View,
            Keyword.Sequence => RelationKind.Sequence,
            _ => null,
        };
        if (kind is not null) Advance();
        return kind;
    }

    /// <summary>RENAME TO, OWNER TO, SET SCHEMA; null if something else follows.</summary>
    private Statement? CommonAlteration(int start, ObjectReference target, bool ifExists = false)
    {
        if (target.Kind is not (ObjectKind.LargeObject or ObjectKind.Operator or ObjectKind.Extension) && Accept(Keyword.Rename))
        {
            Expect(Keyword.To);
            return new RenameStatement(target, Name(), ifExists) { Span = SpanFrom(start) };
        }
        bool hasOwner = target.Kind is not (ObjectKind.Policy or ObjectKind.Rule or ObjectKind.Trigger or ObjectKind.Extension or ObjectKind.TextSearchParser
            or ObjectKind.TextSearchTemplate);
        if (hasOwner && Accept(Keyword.Owner))
        {
            Expect(Keyword.To);
            return new AlterOwnerStatement(target, Role()) { Span = SpanFrom(start) };
        }
        bool hasSchema = target.Kind is ObjectKind.Aggregate or ObjectKind.Collation or ObjectKind.Conversion or ObjectKind.Domain or ObjectKind.Extension
            or ObjectKind.Function or ObjectKind.Operator or ObjectKind.OperatorClass or ObjectKind.OperatorFamily or ObjectKind.Procedure or ObjectKind.Routine
            or ObjectKind.Statistics or ObjectKind.Type or ObjectKind.TextSearchParser or ObjectKind.TextSearchDictionary or ObjectKind.TextSearchTemplate
            or ObjectKind.TextSearchConfiguration;
        if (!hasSchema || !Accept(Keyword.Set, Keyword.Schema)) return null;
        return new AlterObjectSchemaStatement(target, Name(), ifExists) { Span = SpanFrom(start) };
    }

    /// <summary>What only one kind of object has.</summary>
    private OtherStatement Alteration(int start, ObjectReference target)
    {
        switch (target.Kind)
        {
            case ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine:
                if (IsDependsAhead) return Depends(start, "ALTER " + target.Kind.ToString().ToUpperInvariant());
                if (CommonFunctionOption() is null) throw SyntaxError();
                while (CommonFunctionOption() is not null) { }
                Accept(Keyword.Restrict);
                return Other("ALTER " + target.Kind.ToString().ToUpperInvariant(), start, target.Name);
            case ObjectKind.Trigger:
                return Depends(start, "ALTER TRIGGER");
            case ObjectKind.Collation:
                Expect(Keyword.Refresh, Keyword.Version);
                return Other("ALTER COLLATION", start, target.Name);
            case ObjectKind.Operator:
                Expect(Keyword.Set);
                AssignedDefinition();
                return Other("ALTER OPERATOR", start, target.Name);
            case ObjectKind.OperatorFamily:
                if (Accept(Keyword.Drop)) CommaList(OperatorClassDrop);
                else
                {
                    Expect(Keyword.Add);
                    CommaList(OperatorClassItem);
                }
                return Other("ALTER OPERATOR FAMILY", start, target.Name);
            case ObjectKind.EventTrigger:
                if (Accept(Keyword.Enable))
                {
                    if (!Accept(Keyword.Replica)) Accept(Keyword.Always);
                }
                else
                {
                    Expect(Keyword.Disable);
                }
                return Other("ALTER EVENT TRIGGER", start, target.Name);
            case ObjectKind.Tablespace:
                if (!Accept(Keyword.Set)) Expect(Keyword.Reset);
                StorageOptions();
                return Other("ALTER TABLESPACE", start, target.Name);
            case ObjectKind.Statistics:
                Expect(Keyword.Set, Keyword.Statistics);
                SignedIntegerConstant();
                return Other("ALTER STATISTICS", start, target.Name);
            case ObjectKind.TextSearchDictionary:
                Definition();
                return Other("ALTER TEXT SEARCH DICTIONARY", start, target.Name);
            case ObjectKind.TextSearchConfiguration:
                Mapping();
                return Other("ALTER TEXT SEARCH CONFIGURATION", start, target.Name);
            case ObjectKind.ForeignDataWrapper:
                bool any = WrapperOptions();
                if (!any || Is(Keyword.Options)) GenericOptions(isAlter: true);
                return Other("ALTER FOREIGN DATA WRAPPER", start, target.Name);
            case ObjectKind.Server:
                bool hasVersion = Accept(Keyword.Version);
                if (hasVersion && !Accept(Keyword.Null)) StringConstant();
                if (!hasVersion || Is(Keyword.Options)) GenericOptions(isAlter: true);
                return Other("ALTER SERVER", start, target.Name);
            case ObjectKind.Policy:
                if (Accept(Keyword.To)) Roles();
                PolicyConditions();
                return Other("ALTER POLICY", start, target.Name);
            default:
                throw SyntaxError();
        }
    }

    private bool IsDependsAhead => Is(Keyword.Depends) || Is(Keyword.No, Keyword.Depends);

    private OtherStatement Depends(int start, string kind)
    {
        Accept(Keyword.No);
        Expect(Keyword.Depends, Keyword.On);
        Expect(Keyword.Extension);
        Name();
        return Other(kind + " DEPENDS ON EXTENSION", start);
    }

    private void Mapping()
    {
        bool isDrop = Accept(Keyword.Drop), isAlter = !isDrop && Accept(Keyword.Alter);
        if (!isDrop && !isAlter) Expect(Keyword.Add);
        Expect(Keyword.Mapping);
        if (isDrop)
        {
            AcceptIfExists();
            Expect(Keyword.For);
            NameList();
            return;
        }
        bool hasTokens = Accept(Keyword.For);
        if (hasTokens) NameList();
        else if (!isAlter) throw SyntaxError();
        if (isAlter && Accept(Keyword.Replace))
        {
            AnyName();
            Expect(Keyword.With);
            AnyName();
            return;
        }
        if (!hasTokens) throw SyntaxError();
        Expect(Keyword.With);
        AnyNames();
    }

    private Statement AlterType(int start)
    {
        Advance();
        int nameStart = Here;
        var name = AnyName();
        if (Is(Keyword.Add, Keyword.Value))
        {
            Advance();
            Advance();
            bool ifNotExists = AcceptIfNotExists();
            string label = StringConstant();
            bool isAfter = Accept(Keyword.After);
            string? neighbor = isAfter || Accept(Keyword.Before) ? StringConstant() : null;
            return new AddEnumValueStatement(name, label, ifNotExists) { Neighbor = neighbor, IsAfter = isAfter, Span = SpanFrom(start) };
        }
        if (Is(Keyword.Rename, Keyword.Value))
        {
            Advance();
            Advance();
            string old = StringConstant();
            Expect(Keyword.To);
            return new RenameEnumValueStatement(name, old, StringConstant()) { Span = SpanFrom(start) };
        }
        if (Is(Keyword.Rename, Keyword.Attribute))
        {
            Advance();
            Advance();
            var attribute = new ObjectReference(ObjectKind.Attribute, SingleName()) { Table = name, Span = SpanFrom(start) };
            Expect(Keyword.To);
            string renamed = Name();
            return new RenameStatement(attribute, renamed, false) { RelationKind = RelationKind.CompositeType, Behavior = AcceptDropBehavior(), Span = SpanFrom(start) };
        }
        var target = new ObjectReference(ObjectKind.Type, name) { Types = [new TypeName(name, [], []) { Span = name.Span }], Span = name.Span };
        if (CommonAlteration(start, target) is { } common) return common;
        if (Accept(Keyword.Set))
        {
            AssignedDefinition();
            return Other("ALTER TYPE", start, name);
        }
        var actions = CommaList(AlterTypeAction);
        return new AlterTableStatement(RelationKind.CompositeType, new TableRef(name) { Span = SpanFrom(nameStart) }, actions) { Span = SpanFrom(start) };
    }

    private Statement AlterDomain(int start)
    {
        Advance();
        var name = AnyName();
        if (Accept(Keyword.Rename, Keyword.Constraint))
        {
            var constraint = new ObjectReference(ObjectKind.DomainConstraint, SingleName()) { Table = name, Span = SpanFrom(start) };
            Expect(Keyword.To);
            return new RenameStatement(constraint, Name(), false) { Span = SpanFrom(start) };
        }
        var target = new ObjectReference(ObjectKind.Domain, name) { Types = [new TypeName(name, [], []) { Span = name.Span }], Span = name.Span };
        if (CommonAlteration(start, target) is { } common) return common;
        AlterDomainStatement statement;
        if (Accept(Keyword.Add)) statement = new(name, AlterDomainKind.AddConstraint) { Constraint = TableConstraint() };
        else if (Accept(Keyword.Validate))
        {
            Expect(Keyword.Constraint);
            statement = new(name, AlterDomainKind.ValidateConstraint) { ConstraintName = Name() };
        }
        else if (Accept(Keyword.Set))
        {
            if (Accept(Keyword.Default)) statement = new(name, AlterDomainKind.SetDefault) { Default = AnyExpression() };
            else
            {
                Expect(Keyword.Not, Keyword.Null);
                statement = new(name, AlterDomainKind.SetNotNull);
            }
        }
        else
        {
            Expect(Keyword.Drop);
            if (Accept(Keyword.Default)) statement = new(name, AlterDomainKind.DropDefault);
            else if (Accept(Keyword.Not))
            {
                Expect(Keyword.Null);
                statement = new(name, AlterDomainKind.DropNotNull);
            }
            else
            {
                Expect(Keyword.Constraint);
                bool ifExists = AcceptIfExists();
                string constraint = Name();
                statement = new(name, AlterDomainKind.DropConstraint) { ConstraintName = constraint, IfExists = ifExists, Behavior = AcceptDropBehavior() };
            }
        }
        return statement with { Span = SpanFrom(start) };
    }

    private Statement AlterDatabase(int start)
    {
        Advance();
        int nameStart = Here;
        string name = Name();
        var target = new ObjectReference(ObjectKind.Database, new QualifiedName([name]) { Span = SpanFrom(nameStart) }) { Span = SpanFrom(nameStart) };
        if (CommonAlteration(start, target) is { } common) return common;
        if (Accept(Keyword.Refresh))
        {
            Expect(Keyword.Collation, Keyword.Version);
            return Other("ALTER DATABASE REFRESH COLLATION VERSION", start, target.Name);
        }
        if (Is(Keyword.Set, Keyword.Tablespace))
        {
            Advance();
            int at = Here;
            Advance();
            var value = new OptionValue(OptionValueKind.Word, Name()) { Span = SpanFrom(at) };
            return new AlterDatabaseStatement(name, [new Option(null, "tablespace", value) { Span = SpanFrom(at) }]) { Span = SpanFrom(start) };
        }
        if (IsAny(Keyword.Set, Keyword.Reset))
            return new AlterSettingStatement(name, null, SetOrReset(allowsTransaction: true)) { Span = SpanFrom(start) };
        Accept(Keyword.With);
        return new AlterDatabaseStatement(name, DatabaseOptions()) { Span = SpanFrom(start) };
    }

    private AlterSystemStatement AlterSystem(int start)
    {
        int at = Here;
        if (Is(Keyword.Reset))
        {
            Advance();
            return new AlterSystemStatement(new ResetStatement(Accept(Keyword.All) ? "all" : SettingName()) { Span = SpanFrom(at) }) { Span = SpanFrom(start) };
        }
        Expect(Keyword.Set);
        string name = SettingName();
        if (!AcceptOperator("=")) Expect(Keyword.To);
        IReadOnlyList<SetValue>? values = Accept(Keyword.Default) ? null : CommaList(SettingValue);
        return new AlterSystemStatement(new SetStatement(name, values, SetScope.Session) { Span = SpanFrom(at) }) { Span = SpanFrom(start) };
    }

    private Statement AlterExtension(int start)
    {
        Advance();
        string name = Name();
        if (Accept(Keyword.Update)) return new AlterExtensionUpdateStatement(name, Accept(Keyword.To) ? WordOrString().Text : null) { Span = SpanFrom(start) };
        if (Accept(Keyword.Set))
        {
            Expect(Keyword.Schema);
            var target = new ObjectReference(ObjectKind.Extension, new QualifiedName([name])) { Span = SpanFrom(start) };
            return new AlterObjectSchemaStatement(target, Name(), false) { Span = SpanFrom(start) };
        }
        if (!Accept(Keyword.Add)) Expect(Keyword.Drop);
        if (AcceptObjectKind() is not { } kind) throw SyntaxError();
        ObjectName(kind);
        return Other("ALTER EXTENSION ADD OR DROP", start, new QualifiedName([name]));
    }
}
