using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Parser.Lexing;

namespace VecSql.Parser.Grammar;

/// <summary>ALTER TABLE and the relations that share its actions; composite types.</summary>
internal sealed partial class SqlGrammar
{
    private Statement AlterRelation(int start, RelationKind kind)
    {
        bool isTable = kind is RelationKind.Table or RelationKind.ForeignTable;
        if (kind is RelationKind.Table or RelationKind.Index or RelationKind.MaterializedView && Is(Keyword.All)) return AlterAllInTablespace(start, kind);
        bool ifExists = AcceptIfExists();
        int nameStart = Here;
        var table = isTable ? Relation() : new TableRef(RelationName()) { Span = SpanFrom(nameStart) };
        var reference = new ObjectReference(KindOf(kind), table.Name) { Span = table.Span };
        switch (Current.Keyword)
        {
            case Keyword.Rename:
                return RenameRelation(start, kind, table, reference, ifExists);
            case Keyword.Set when Ahead(1).Keyword == Keyword.Schema:
                Advance();
                Advance();
                return new AlterObjectSchemaStatement(reference, Name(), ifExists) { Span = SpanFrom(start) };
            case Keyword.No or Keyword.Depends when IsDependsAhead:
                return Depends(start, "ALTER " + KindWords(kind));
            case Keyword.Attach:
                Advance();
                Expect(Keyword.Partition);
                var attach = new AttachPartition(RelationName(), kind == RelationKind.Index ? null : PartitionBound()) { Span = SpanFrom(start) };
                return new AlterTableStatement(kind, table, [attach]) { IfExists = ifExists, Span = SpanFrom(start) };
            case Keyword.Detach:
                Advance();
                Expect(Keyword.Partition);
                var partition = RelationName();
                var mode = Accept(Keyword.Concurrently) ? DetachMode.Concurrently : Accept(Keyword.Finalize) ? DetachMode.Finalize : DetachMode.Plain;
                return new AlterTableStatement(kind, table, [new DetachPartition(partition, mode) { Span = SpanFrom(start) }]) { IfExists = ifExists, Span = SpanFrom(start) };
        }
        if (kind == RelationKind.Sequence && SequenceOptions() is { Count: > 0 } options)
            return new AlterSequenceStatement(table.Name, options, ifExists) { Span = SpanFrom(start) };
        return new AlterTableStatement(kind, table, CommaList(AlterTableAction)) { IfExists = ifExists, Span = SpanFrom(start) };
    }

    private static ObjectKind KindOf(RelationKind kind) => kind switch
    {
        RelationKind.Table => ObjectKind.Table,
        RelationKind.Index => ObjectKind.Index,
        RelationKind.View => ObjectKind.View,
        RelationKind.MaterializedView => ObjectKind.MaterializedView,
        RelationKind.Sequence => ObjectKind.Sequence,
        RelationKind.ForeignTable => ObjectKind.ForeignTable,
        _ => ObjectKind.Type,
    };

    private static string KindWords(RelationKind kind) => kind switch
    {
        RelationKind.MaterializedView => "MATERIALIZED VIEW",
        RelationKind.ForeignTable => "FOREIGN TABLE",
        RelationKind.CompositeType => "TYPE",
        _ => kind.ToString().ToUpperInvariant(),
    };

    private OtherStatement AlterAllInTablespace(int start, RelationKind kind)
    {
        Expect(Keyword.All, Keyword.In);
        Expect(Keyword.Tablespace);
        Name();
        if (Accept(Keyword.Owned))
        {
            Expect(Keyword.By);
            Roles();
        }
        Expect(Keyword.Set, Keyword.Tablespace);
        Name();
        Accept(Keyword.Nowait);
        return Other($"ALTER {KindWords(kind)} ALL IN TABLESPACE", start);
    }

    private RenameStatement RenameRelation(int start, RelationKind kind, TableRef table, ObjectReference reference, bool ifExists)
    {
        Expect(Keyword.Rename);
        var target = reference;
        if (Is(Keyword.To) == false)
        {
            bool isConstraint = kind == RelationKind.Table && Accept(Keyword.Constraint);
            if (!isConstraint)
            {
                if (kind is RelationKind.Index or RelationKind.Sequence) throw SyntaxError();
                if (Is(Keyword.Column)) Advance();
            }
            target = new ObjectReference(isConstraint ? ObjectKind.Constraint : ObjectKind.Column, SingleName()) { Table = table.Name, Span = SpanFrom(start) };
        }
        Expect(Keyword.To);
        return new RenameStatement(target, Name(), ifExists) { RelationKind = kind, IsOnly = table.IsOnly, Span = SpanFrom(start) };
    }

    private AlterTableAction AlterTableAction()
    {
        int start = Here;
        AlterTableAction action;
        switch (Current.Keyword)
        {
            case Keyword.Add:
                Advance();
                action = AddAction();
                break;
            case Keyword.Drop:
                Advance();
                action = DropAction();
                break;
            case Keyword.Alter:
                Advance();
                action = AlterAction();
                break;
            case Keyword.Validate:
                Advance();
                Expect(Keyword.Constraint);
                action = new ValidateConstraint(Name());
                break;
            case Keyword.Set:
                Advance();
                action = SetAction();
                break;
            case Keyword.Reset:
                Advance();
                action = new SetOptions(StorageOptions(), true);
                break;
            case Keyword.Cluster:
                Advance();
                Expect(Keyword.On);
                action = new ClusterOn(Name());
                break;
            case Keyword.Enable or Keyword.Disable:
                action = EnableAction();
                break;
            default:
                action = RareAction();
                break;
        }
        if (action is OtherTableAction other) action = other with { Text = TextFrom(start) };
        return action with { Span = SpanFrom(start) };
    }

    private AlterTableAction RareAction()
    {
        switch (Current.Keyword)
        {
            case Keyword.Force:
                Advance();
                Expect(Keyword.Row, Keyword.Level);
                Expect(Keyword.Security);
                return new AlterRowSecurity(RowSecurityChange.Force);
            case Keyword.No:
                Advance();
                if (Accept(Keyword.Inherit)) return new AlterInheritance(RelationName(), false);
                Expect(Keyword.Force, Keyword.Row);
                Expect(Keyword.Level, Keyword.Security);
                return new AlterRowSecurity(RowSecurityChange.NoForce);
            case Keyword.Inherit:
                Advance();
                return new AlterInheritance(RelationName(), true);
            case Keyword.Of:
                Advance();
                return new AlterOfType(AnyName());
            case Keyword.Not:
                Advance();
                Expect(Keyword.Of);
                return new AlterOfType(null);
            case Keyword.Owner:
                Advance();
                Expect(Keyword.To);
                return new ChangeOwner(Role());
            case Keyword.Replica:
                Advance();
                Expect(Keyword.Identity);
                return ReplicaIdentity();
            case Keyword.Options:
                GenericOptions(isAlter: true);
                return new OtherTableAction("OPTIONS", null);
            default:
                throw SyntaxError();
        }
    }

    private AlterTableAction AddAction()
    {
        if (StartsTableConstraint) return new AddConstraint(TableConstraint());
        Accept(Keyword.Column);
        bool ifNotExists = AcceptIfNotExists();
        return new AddColumn(Column(), ifNotExists);
    }

    private AlterTableAction DropAction()
    {
        if (Accept(Keyword.Constraint))
        {
            bool constraintIfExists = AcceptIfExists();
            string constraint = Name();
            return new DropConstraint(constraint, constraintIfExists, AcceptDropBehavior());
        }
        Accept(Keyword.Column);
        bool ifExists = AcceptIfExists();
        string column = Name();
        return new DropColumn(column, ifExists, AcceptDropBehavior());
    }

    private AlterTableAction SetAction()
    {
        if (Is(TokenKind.OpenParen)) return new SetOptions(StorageOptions(), false);
        if (Accept(Keyword.Without))
        {
            if (Accept(Keyword.Oids)) return new OtherTableAction("SET WITHOUT OIDS", null);
            Expect(Keyword.Cluster);
            return new ClusterOn(null);
        }
        if (Accept(Keyword.Logged)) return new SetLogged(true);
        if (Accept(Keyword.Unlogged)) return new SetLogged(false);
        if (Accept(Keyword.Tablespace)) return new SetTablespace(Name());
        Expect(Keyword.Access, Keyword.Method);
        return new SetAccessMethod(Name());
    }

    private AlterTableAction EnableAction()
    {
        bool isEnable = Accept(Keyword.Enable);
        if (!isEnable) Expect(Keyword.Disable);
        if (Accept(Keyword.Row))
        {
            Expect(Keyword.Level, Keyword.Security);
            return new AlterRowSecurity(isEnable ? RowSecurityChange.Enable : RowSecurityChange.Disable);
        }
        string words = isEnable ? "ENABLE " : "DISABLE ";
        if (isEnable && Accept(Keyword.Always)) words += "ALWAYS ";
        else if (isEnable && Accept(Keyword.Replica)) words += "REPLICA ";
        if (Accept(Keyword.Rule)) return new OtherTableAction(words + "RULE", Name());
        Expect(Keyword.Trigger);
        bool isPlain = words is "ENABLE " or "DISABLE ";
        if (isPlain && Accept(Keyword.All)) return new OtherTableAction(words + "TRIGGER ALL", null);
        if (isPlain && Accept(Keyword.User)) return new OtherTableAction(words + "TRIGGER USER", null);
        return new OtherTableAction(words + "TRIGGER", Name());
    }

    private SetReplicaIdentity ReplicaIdentity()
    {
        if (Accept(Keyword.Nothing)) return new SetReplicaIdentity(ReplicaIdentityKind.Nothing, null);
        if (Accept(Keyword.Full)) return new SetReplicaIdentity(ReplicaIdentityKind.Full, null);
        if (Accept(Keyword.Default)) return new SetReplicaIdentity(ReplicaIdentityKind.Default, null);
        Expect(Keyword.Using, Keyword.Index);
        return new SetReplicaIdentity(ReplicaIdentityKind.Index, Name());
    }

    // ALTER [COLUMN]

    private AlterTableAction AlterAction()
    {
        if (Accept(Keyword.Constraint))
        {
            string name = Name();
            var attributes = TableConstraintAttributes();
            CheckAttributes("FOREIGN KEY", attributes, mayDefer: true, mayBeInvalid: false, mayNotInherit: false);
            return new AlterConstraint(name, attributes ?? new ConstraintAttributes());
        }
        Accept(Keyword.Column);
        if (Is(TokenKind.Integer))
        {
            int at = Here, number = IntegerConstant();
            Expect(Keyword.Set, Keyword.Statistics);
            int target = SignedIntegerConstant();
            if (number is < 1 or > short.MaxValue)
                throw Error($"column number must be in range from 1 to {short.MaxValue}", at, state: SqlState.InvalidParameterValue);
            return new AlterColumnStatistics(null, number, target);
        }
        string column = Name();
        switch (Current.Keyword)
        {
            case Keyword.Type:
                return ColumnType(column);
            case Keyword.Set when Ahead(1).Keyword == Keyword.Data:
                Advance();
                Advance();
                return ColumnType(column);
            case Keyword.Drop:
                Advance();
                return DropFromColumn(column);
            case Keyword.Add:
                Advance();
                Expect(Keyword.Generated);
                bool isAlways = GeneratedWhen();
                Expect(Keyword.As, Keyword.Identity);
                return new AddColumnIdentity(column, isAlways, ParenthesizedSequenceOptions());
            case Keyword.Reset:
                Advance();
                return new AlterColumnOptions(column, StorageOptions(), true);
            case Keyword.Options:
                GenericOptions(isAlter: true);
                return new OtherTableAction("ALTER COLUMN OPTIONS", column);
            case Keyword.Set when SetColumn(column) is { } action:
                return action;
            default:
                return ColumnIdentity(column);
        }
    }

    private AlterColumnType ColumnType(string column)
    {
        Expect(Keyword.Type);
        var type = Type();
        var collation = Accept(Keyword.Collate) ? AnyName() : null;
        return new AlterColumnType(column, type) { Collation = collation, Using = Accept(Keyword.Using) ? AnyExpression() : null };
    }

    private AlterTableAction DropFromColumn(string column)
    {
        if (Accept(Keyword.Default)) return new AlterColumnDefault(column, null);
        if (Accept(Keyword.Not))
        {
            Expect(Keyword.Null);
            return new AlterColumnNotNull(column, false);
        }
        if (Accept(Keyword.Expression)) return new DropColumnExpression(column, AcceptIfExists());
        Expect(Keyword.Identity);
        return new DropColumnIdentity(column, AcceptIfExists());
    }

    /// <summary>What follows SET; null, with nothing taken, if it is an identity's option.</summary>
    private AlterTableAction? SetColumn(string column)
    {
        switch (Ahead(1).Keyword)
        {
            case Keyword.Default:
                Advance();
                Advance();
                return new AlterColumnDefault(column, AnyExpression());
            case Keyword.Not:
                Advance();
                Advance();
                Expect(Keyword.Null);
                return new AlterColumnNotNull(column, true);
            case Keyword.Statistics:
                Advance();
                Advance();
                return new AlterColumnStatistics(column, null, SignedIntegerConstant());
            case Keyword.Storage:
                Advance();
                Advance();
                return new AlterColumnStorage(column, Name(), false);
            case Keyword.Compression:
                Advance();
                return new AlterColumnStorage(column, Compression(), true);
            default:
                if (Ahead(1).Kind != TokenKind.OpenParen) return null;
                Advance();
                return new AlterColumnOptions(column, StorageOptions(), false);
        }
    }

    private AlterColumnIdentity ColumnIdentity(string column)
    {
        bool? isAlways = null;
        List<SequenceOption> options = [];
        if (!IsAny(Keyword.Set, Keyword.Restart)) throw SyntaxError();
        while (IsAny(Keyword.Set, Keyword.Restart))
        {
            if (Is(Keyword.Set, Keyword.Generated))
            {
                Advance();
                Advance();
                isAlways = GeneratedWhen();
                continue;
            }
            Accept(Keyword.Set);
            options.Add(SequenceOption() ?? throw SyntaxError());
        }
        return new AlterColumnIdentity(column, isAlways, options);
    }

    // ALTER TYPE of a composite type

    private AlterTableAction AlterTypeAction()
    {
        int start = Here;
        AlterTableAction action;
        if (Accept(Keyword.Add))
        {
            Expect(Keyword.Attribute);
            var column = FunctionColumn();
            action = new AddColumn(column, false) { Behavior = AcceptDropBehavior() };
        }
        else if (Accept(Keyword.Drop))
        {
            Expect(Keyword.Attribute);
            bool ifExists = AcceptIfExists();
            string name = Name();
            action = new DropColumn(name, ifExists, AcceptDropBehavior());
        }
        else
        {
            Expect(Keyword.Alter, Keyword.Attribute);
            string name = Name();
            if (Accept(Keyword.Set)) Expect(Keyword.Data);
            Expect(Keyword.Type);
            var type = Type();
            var collation = Accept(Keyword.Collate) ? AnyName() : null;
            action = new AlterColumnType(name, type) { Collation = collation, Behavior = AcceptDropBehavior() };
        }
        return action with { Span = SpanFrom(start) };
    }
}
