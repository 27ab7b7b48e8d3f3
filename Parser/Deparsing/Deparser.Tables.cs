using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Parser.Deparsing;

/// <summary>Tables, columns, constraints, indexes, partitions, ALTER TABLE.</summary>
public sealed partial class Deparser
{
    private Deparser WriteTableStatement(Statement statement)
    {
        switch (statement)
        {
            case CreateTableStatement s:
                return Write(s);
            case CreateTableAsStatement s:
                Add("CREATE ").Add(Word(s.Persistence)).Add("TABLE ").If(s.IfNotExists, "IF NOT EXISTS ").Name(s.Name).OptionalNames(s.Columns);
                Storage(s.AccessMethod, s.Options, s.OnCommit, s.Tablespace).Add(" AS ").Write(s.Query);
                return If(!s.WithData, " WITH NO DATA");
            case AlterTableStatement s:
                bool isType = s.Kind == RelationKind.CompositeType;
                Add("ALTER ").Add(Words(s.Kind)).Add(" ").If(s.IfExists, "IF EXISTS ").Table(s.Table);
                return Add(" ").List(s.Actions, a => Action(a, isType ? "ATTRIBUTE" : "COLUMN"));
            case CreateIndexStatement s:
                Add("CREATE ").If(s.IsUnique, "UNIQUE ").Add("INDEX ").If(s.Concurrently, "CONCURRENTLY ").If(s.IfNotExists, "IF NOT EXISTS ");
                if (s.Name is not null) Name(s.Name).Add(" ");
                Add("ON ").If(s.IsOnly, "ONLY ").Name(s.Table).Optional(" USING ", s.AccessMethod).Add(" ").Parenthesized(s.Elements, e => Element(e));
                if (s.Include.Count > 0) Add(" INCLUDE ").Parenthesized(s.Include, e => Element(e));
                return If(s.NullsNotDistinct, " NULLS NOT DISTINCT").With(" WITH ", s.Options).Optional(" TABLESPACE ", s.Tablespace).Optional(" WHERE ", s.Where);
            default:
                throw Invariant.Unreachable(statement);
        }
    }

    private static string Words(RelationKind kind) => kind switch
    {
        RelationKind.MaterializedView => "MATERIALIZED VIEW",
        RelationKind.ForeignTable => "FOREIGN TABLE",
        RelationKind.CompositeType => "TYPE",
        _ => kind.ToString().ToUpperInvariant(),
    };

    private Deparser Storage(string? method, IReadOnlyList<Option> options, OnCommitAction onCommit, string? tablespace)
    {
        Optional(" USING ", method).With(" WITH ", options);
        Add(onCommit switch
        {
            OnCommitAction.PreserveRows => " ON COMMIT PRESERVE ROWS",
            OnCommitAction.DeleteRows => " ON COMMIT DELETE ROWS",
            OnCommitAction.Drop => " ON COMMIT DROP",
            _ => "",
        });
        return Optional(" TABLESPACE ", tablespace);
    }

    private Deparser Write(CreateTableStatement s)
    {
        Add("CREATE ").Add(Word(s.Persistence)).Add("TABLE ").If(s.IfNotExists, "IF NOT EXISTS ").Name(s.Name);
        Optional(" OF ", s.OfType).Optional(" PARTITION OF ", s.PartitionOf);
        if (s.Elements.Count > 0 || (s.OfType is null && s.PartitionOf is null)) Add(" ").Parenthesized(s.Elements, e => Element(e));
        if (s.Inherits.Count > 0) Add(" INHERITS ").Parenthesized(s.Inherits, n => Name(n));
        if (s.Bound is not null) Add(" ").Write(s.Bound);
        if (s.PartitionBy is { } by) Add(" PARTITION BY ").Name(by.Strategy).Add(" ").Parenthesized(by.Keys, e => Element(e));
        return Storage(s.AccessMethod, s.Options, s.OnCommit, s.Tablespace);
    }

    private Deparser Write(PartitionBound bound) => bound.Kind switch
    {
        PartitionBoundKind.Default => Add("DEFAULT"),
        PartitionBoundKind.List => Add("FOR VALUES IN (").Expressions(bound.Values).Add(")"),
        PartitionBoundKind.Hash => Add($"FOR VALUES WITH (modulus {bound.Modulus}, remainder {bound.Remainder})"),
        _ => Add("FOR VALUES FROM (").Expressions(bound.From).Add(") TO (").Expressions(bound.To).Add(")"),
    };

    private Deparser Element(TableElement element)
    {
        switch (element)
        {
            case ColumnDefinition column:
                return Column(column);
            case LikeElement like:
                Add("LIKE ").Name(like.Table);
                foreach (var option in like.Options) Add(option.IsIncluded ? " INCLUDING " : " EXCLUDING ").Add(option.Feature.ToString().ToUpperInvariant());
                return this;
            case TableConstraint constraint:
                return Constraint(constraint);
            default:
                throw Invariant.Unreachable(element);
        }
    }

    private Deparser Column(ColumnDefinition column)
    {
        Name(column.Name);
        if (column.Type is not null) Add(" ").Write(column.Type);
        if (column.Compression is { } method) Add(" COMPRESSION ").Add(method == "default" ? "DEFAULT" : Quoting.Identifier(method));
        if (column.Options.Count > 0)
        {
            Add(" OPTIONS ").Parenthesized(column.Options, o => Label(o.Name).Add(" ").Write(o.Value!));
        }
        return Qualifiers(column.Collation, column.Constraints);
    }

    private Deparser Qualifiers(QualifiedName? collation, IReadOnlyList<ColumnConstraint> constraints)
    {
        Optional(" COLLATE ", collation);
        foreach (var constraint in constraints) Optional(" CONSTRAINT ", constraint.Name).Add(" ").Constraint(constraint).Attributes(constraint.Attributes);
        return this;
    }

    private Deparser Attributes(ConstraintAttributes? attributes)
    {
        if (attributes is null) return this;
        If(attributes.NoInherit, " NO INHERIT").Add(attributes.IsDeferrable switch { true => " DEFERRABLE", false => " NOT DEFERRABLE", _ => "" });
        Add(attributes.InitiallyDeferred switch { true => " INITIALLY DEFERRED", false => " INITIALLY IMMEDIATE", _ => "" });
        return If(attributes.NotValid, " NOT VALID");
    }

    private Deparser Constraint(ColumnConstraint constraint)
    {
        switch (constraint)
        {
            case NotNullConstraint:
                return Add("NOT NULL");
            case NullConstraint:
                return Add("NULL");
            case DefaultConstraint c:
                return Add("DEFAULT ").Write(c.Value);
            case CheckColumnConstraint c:
                return Add("CHECK (").Write(c.Condition).Add(")");
            case UniqueColumnConstraint c:
                return Unique(c.IsPrimaryKey, c.NullsNotDistinct).With(" WITH ", c.Options).Optional(" USING INDEX TABLESPACE ", c.Tablespace);
            case ReferencesConstraint c:
                return Reference(c.Reference);
            case IdentityConstraint c:
                return Identity(c.IsAlways, c.Options);
            case GeneratedConstraint c:
                return Add("GENERATED ALWAYS AS (").Write(c.Expression).Add(") STORED");
            default:
                throw Invariant.Unreachable(constraint);
        }
    }

    private Deparser Unique(bool isPrimaryKey, bool notDistinct) => Add(isPrimaryKey ? "PRIMARY KEY" : "UNIQUE").If(notDistinct, " NULLS NOT DISTINCT");

    private Deparser Identity(bool isAlways, IReadOnlyList<SequenceOption> options)
    {
        Add(isAlways ? "GENERATED ALWAYS AS IDENTITY" : "GENERATED BY DEFAULT AS IDENTITY");
        return options.Count == 0 ? this : Add(" (").List(options, o => Write(o), " ").Add(")");
    }

    private Deparser Reference(ForeignKeyReference reference)
    {
        Add("REFERENCES ").Name(reference.Table).OptionalNames(reference.Columns).If(reference.Match == ForeignKeyMatch.Full, " MATCH FULL");
        if (reference.OnUpdate is not null) Add(" ON UPDATE ").Write(reference.OnUpdate);
        return reference.OnDelete is null ? this : Add(" ON DELETE ").Write(reference.OnDelete);
    }

    private Deparser Write(ForeignKeyAction action) => Add(action.Kind switch
    {
        ForeignKeyActionKind.Restrict => "RESTRICT",
        ForeignKeyActionKind.Cascade => "CASCADE",
        ForeignKeyActionKind.SetNull => "SET NULL",
        ForeignKeyActionKind.SetDefault => "SET DEFAULT",
        _ => "NO ACTION",
    }).OptionalNames(action.Columns);

    private Deparser Constraint(TableConstraint constraint)
    {
        if (constraint.Name is { } name) Add("CONSTRAINT ").Name(name).Add(" ");
        switch (constraint)
        {
            case CheckTableConstraint c:
                Add("CHECK (").Write(c.Condition).Add(")");
                break;
            case UniqueTableConstraint { UsingIndex: { } index } c:
                Unique(c.IsPrimaryKey, false).Add(" USING INDEX ").Name(index);
                break;
            case UniqueTableConstraint c:
                Unique(c.IsPrimaryKey, c.NullsNotDistinct).Add(" ").Names(c.Columns).Including(c.Include).With(" WITH ", c.Options)
                    .Optional(" USING INDEX TABLESPACE ", c.Tablespace);
                break;
            case ForeignKeyConstraint c:
                Add("FOREIGN KEY ").Names(c.Columns).Add(" ").Reference(c.Reference);
                break;
            case ExcludeConstraint c:
                Add("EXCLUDE").Optional(" USING ", c.AccessMethod).Add(" ").Parenthesized(c.Elements, e => Element(e.Element).Add(" WITH ").Write(e.Operator));
                Including(c.Include).With(" WITH ", c.Options).Optional(" USING INDEX TABLESPACE ", c.Tablespace);
                if (c.Where is not null) Add(" WHERE (").Write(c.Where).Add(")");
                break;
            default:
                throw Invariant.Unreachable(constraint);
        }
        return Attributes(constraint.Attributes);
    }

    private Deparser Including(IReadOnlyList<string> columns) => columns.Count == 0 ? this : Add(" INCLUDE ").Names(columns);

    private Deparser Element(IndexElement element)
    {
        if (element.Column is not null) Name(element.Column);
        else
        {
            bool isCall = element.Expression is FunctionCall { Filter: null, Over: null, IsWithinGroup: false };
            If(!isCall, "(").Write(element.Expression!).If(!isCall, ")");
        }
        Optional(" COLLATE ", element.Collation).Optional(" ", element.OperatorClass).With("", element.OperatorClassOptions);
        return Order(element.Direction, element.Nulls);
    }

    // ALTER TABLE

    private Deparser Action(AlterTableAction action, string column)
    {
        switch (action)
        {
            case AddColumn a:
                return Add("ADD ").Add(column).Add(" ").If(a.IfNotExists, "IF NOT EXISTS ").Column(a.Column).Behavior(a.Behavior);
            case DropColumn a:
                return Add("DROP ").Add(column).Add(" ").If(a.IfExists, "IF EXISTS ").Name(a.Column).Behavior(a.Behavior);
            case AlterColumnType a:
                Add("ALTER ").Add(column).Add(" ").Name(a.Column).Add(" TYPE ").Write(a.Type);
                return Optional(" COLLATE ", a.Collation).Optional(" USING ", a.Using).Behavior(a.Behavior);
            case AddConstraint a:
                return Add("ADD ").Constraint(a.Constraint);
            case DropConstraint a:
                return Add("DROP CONSTRAINT ").If(a.IfExists, "IF EXISTS ").Name(a.Name).Behavior(a.Behavior);
            case ValidateConstraint a:
                return Add("VALIDATE CONSTRAINT ").Name(a.Name);
            case AlterConstraint a:
                return Add("ALTER CONSTRAINT ").Name(a.Name).Attributes(a.Attributes);
            case SetOptions a:
                return With(a.IsReset ? "RESET " : "SET ", a.Options);
            case SetTablespace a:
                return Add("SET TABLESPACE ").Name(a.Tablespace);
            case SetAccessMethod a:
                return Add("SET ACCESS METHOD ").Name(a.AccessMethod);
            case SetLogged a:
                return Add(a.IsLogged ? "SET LOGGED" : "SET UNLOGGED");
            case ChangeOwner a:
                return Add("OWNER TO ").Write(a.Owner);
            case AlterInheritance a:
                return Add(a.IsAdded ? "INHERIT " : "NO INHERIT ").Name(a.Parent);
            case AlterOfType a:
                return a.Type is null ? Add("NOT OF") : Add("OF ").Name(a.Type);
            case SetReplicaIdentity a:
                return a.Index is null ? Add("REPLICA IDENTITY ").Add(a.Kind.ToString().ToUpperInvariant()) : Add("REPLICA IDENTITY USING INDEX ").Name(a.Index);
            case AlterRowSecurity a:
                return Add(a.Change == RowSecurityChange.NoForce ? "NO FORCE" : a.Change.ToString().ToUpperInvariant()).Add(" ROW LEVEL SECURITY");
            case ClusterOn a:
                return a.Index is null ? Add("SET WITHOUT CLUSTER") : Add("CLUSTER ON ").Name(a.Index);
            case AttachPartition a:
                Add("ATTACH PARTITION ").Name(a.Partition);
                return a.Bound is null ? this : Add(" ").Write(a.Bound);
            case DetachPartition a:
                return Add("DETACH PARTITION ").Name(a.Partition).Add(a.Mode switch { DetachMode.Concurrently => " CONCURRENTLY", DetachMode.Finalize => " FINALIZE", _ => "" });
            case OtherTableAction a:
                return Add(a.Text);
            default:
                return ColumnAction(action);
        }
    }

    private Deparser ColumnAction(AlterTableAction action)
    {
        Deparser Alter(string name) => Add("ALTER COLUMN ").Name(name);
        switch (action)
        {
            case AlterColumnDefault a:
                return a.Value is null ? Alter(a.Column).Add(" DROP DEFAULT") : Alter(a.Column).Add(" SET DEFAULT ").Write(a.Value);
            case AlterColumnNotNull a:
                return Alter(a.Column).Add(a.IsSet ? " SET NOT NULL" : " DROP NOT NULL");
            case DropColumnExpression a:
                return Alter(a.Column).Add(" DROP EXPRESSION").If(a.IfExists, " IF EXISTS");
            case AddColumnIdentity a:
                return Alter(a.Column).Add(" ADD ").Identity(a.IsAlways, a.Options);
            case AlterColumnIdentity a:
                Alter(a.Column);
                if (a.IsAlways is { } isAlways) Add(isAlways ? " SET GENERATED ALWAYS" : " SET GENERATED BY DEFAULT");
                foreach (var option in a.Options) If(option.Kind != SequenceOptionKind.Restart, " SET").Add(" ").Write(option);
                return this;
            case DropColumnIdentity a:
                return Alter(a.Column).Add(" DROP IDENTITY").If(a.IfExists, " IF EXISTS");
            case AlterColumnStatistics a:
                Add("ALTER COLUMN ").Add(a.Column is null ? a.Number.ToString()! : Quoting.Identifier(a.Column));
                return Add($" SET STATISTICS {a.Target}");
            case AlterColumnStorage { IsCompression: true } a:
                return Alter(a.Column).Add(" SET COMPRESSION ").Add(a.Method == "default" ? "DEFAULT" : Quoting.Identifier(a.Method));
            case AlterColumnStorage a:
                return Alter(a.Column).Add(" SET STORAGE ").Name(a.Method);
            case AlterColumnOptions a:
                return Alter(a.Column).With(a.IsReset ? " RESET " : " SET ", a.Options);
            default:
                throw Invariant.Unreachable(action);
        }
    }

    private Deparser Write(SequenceOption option) => option.Kind switch
    {
        SequenceOptionKind.As => Add("AS ").Write(option.Type!),
        SequenceOptionKind.Cache => Add("CACHE ").Add(option.Number!),
        SequenceOptionKind.Cycle => Add("CYCLE"),
        SequenceOptionKind.NoCycle => Add("NO CYCLE"),
        SequenceOptionKind.Increment => Add("INCREMENT BY ").Add(option.Number!),
        SequenceOptionKind.MaxValue => Add("MAXVALUE ").Add(option.Number!),
        SequenceOptionKind.NoMaxValue => Add("NO MAXVALUE"),
        SequenceOptionKind.MinValue => Add("MINVALUE ").Add(option.Number!),
        SequenceOptionKind.NoMinValue => Add("NO MINVALUE"),
        SequenceOptionKind.OwnedBy => Add("OWNED BY ").OwnedBy(option.Name!),
        SequenceOptionKind.SequenceName => Add("SEQUENCE NAME ").Name(option.Name!),
        SequenceOptionKind.Start => Add("START WITH ").Add(option.Number!),
        SequenceOptionKind.Restart => option.Number is null ? Add("RESTART") : Add("RESTART WITH ").Add(option.Number),
        _ => throw Invariant.Unreachable(option.Kind),
    };

    private Deparser OwnedBy(QualifiedName name) => name.Parts is ["none"] ? Add("NONE") : Name(name);
}
