namespace VecSql.Parser.Ast;

public sealed record CreateTableStatement(QualifiedName Name, IReadOnlyList<TableElement> Elements) : Statement
{
    public Persistence Persistence { get; init; }
    public bool IfNotExists { get; init; }

    /// <summary>CREATE TABLE t OF type.</summary>
    public QualifiedName? OfType { get; init; }
    public IReadOnlyList<QualifiedName> Inherits { get; init; } = [];

    /// <summary>PARTITION OF parent: the parent, with its bound.</summary>
    public QualifiedName? PartitionOf { get; init; }
    public PartitionBound? Bound { get; init; }
    public PartitionBy? PartitionBy { get; init; }
    public string? AccessMethod { get; init; }
    public IReadOnlyList<Option> Options { get; init; } = [];
    public OnCommitAction OnCommit { get; init; }
    public string? Tablespace { get; init; }
}

public enum OnCommitAction { None, PreserveRows, DeleteRows, Drop }

/// <summary>CREATE TABLE … AS query | EXECUTE name(…).</summary>
public sealed record CreateTableAsStatement(QualifiedName Name, IReadOnlyList<string> Columns) : Statement
{
    public Persistence Persistence { get; init; }
    public bool IfNotExists { get; init; }
    public string? AccessMethod { get; init; }
    public IReadOnlyList<Option> Options { get; init; } = [];
    public OnCommitAction OnCommit { get; init; }
    public string? Tablespace { get; init; }

    /// <summary>A <see cref="SelectStatement"/> or an <see cref="ExecuteStatement"/>.</summary>
    public required Statement Query { get; init; }
    public bool WithData { get; init; } = true;
}

/// <summary>What stands in the parentheses of CREATE TABLE.</summary>
public abstract record TableElement : SyntaxNode;

/// <summary>A column. In CREATE TABLE OF and PARTITION OF the type is missing.</summary>
public sealed record ColumnDefinition(string Name, TypeName? Type) : TableElement
{
    public string? Compression { get; init; }

    /// <summary>In the order in which they are written; COLLATE is <see cref="Collation"/>.</summary>
    public IReadOnlyList<ColumnConstraint> Constraints { get; init; } = [];
    public QualifiedName? Collation { get; init; }

    /// <summary>OPTIONS (…) of a foreign table's column.</summary>
    public IReadOnlyList<Option> Options { get; init; } = [];
}

public sealed record LikeElement(QualifiedName Table, IReadOnlyList<LikeOption> Options) : TableElement;

public enum LikeFeature { Comments, Compression, Constraints, Defaults, Generated, Identity, Indexes, Statistics, Storage, All }

public sealed record LikeOption(LikeFeature Feature, bool IsIncluded) : SyntaxNode;

/// <summary>DEFERRABLE, INITIALLY DEFERRED, NOT VALID, NO INHERIT of a constraint.</summary>
public sealed record ConstraintAttributes : SyntaxNode
{
    public bool? IsDeferrable { get; init; }
    public bool? InitiallyDeferred { get; init; }
    public bool NotValid { get; init; }
    public bool NoInherit { get; init; }
}

/// <summary>A column's constraint; attributes such as DEFERRABLE belong to the constraint before them.</summary>
public abstract record ColumnConstraint : SyntaxNode
{
    public string? Name { get; init; }
    public ConstraintAttributes? Attributes { get; init; }
}

public sealed record NotNullConstraint : ColumnConstraint;

public sealed record NullConstraint : ColumnConstraint;

public sealed record DefaultConstraint(Expression Value) : ColumnConstraint;

public sealed record CheckColumnConstraint(Expression Condition) : ColumnConstraint;

/// <summary>UNIQUE or PRIMARY KEY on a column.</summary>
public sealed record UniqueColumnConstraint(bool IsPrimaryKey) : ColumnConstraint
{
    public bool NullsNotDistinct { get; init; }
    public IReadOnlyList<Option> Options { get; init; } = [];
    public string? Tablespace { get; init; }
}

public sealed record ReferencesConstraint(ForeignKeyReference Reference) : ColumnConstraint;

/// <summary>GENERATED ALWAYS | BY DEFAULT AS IDENTITY</summary>
public sealed record IdentityConstraint(bool IsAlways, IReadOnlyList<SequenceOption> Options) : ColumnConstraint;

/// <summary>GENERATED ALWAYS AS (…) STORED</summary>
public sealed record GeneratedConstraint(Expression Expression) : ColumnConstraint;

/// <summary>A table's constraint.</summary>
public abstract record TableConstraint : TableElement
{
    public string? Name { get; init; }
    public ConstraintAttributes? Attributes { get; init; }
}

public sealed record CheckTableConstraint(Expression Condition) : TableConstraint;

/// <summary>UNIQUE or PRIMARY KEY over columns, or by an existing index.</summary>
public sealed record UniqueTableConstraint(bool IsPrimaryKey, IReadOnlyList<string> Columns) : TableConstraint
{
    public bool NullsNotDistinct { get; init; }
    public IReadOnlyList<string> Include { get; init; } = [];
    public IReadOnlyList<Option> Options { get; init; } = [];
    public string? Tablespace { get; init; }

    /// <summary>USING INDEX name, of ALTER TABLE ADD.</summary>
    public string? UsingIndex { get; init; }
}

public sealed record ForeignKeyConstraint(IReadOnlyList<string> Columns, ForeignKeyReference Reference) : TableConstraint;

public sealed record ExclusionElement(IndexElement Element, OperatorName Operator) : SyntaxNode;

public sealed record ExcludeConstraint(IReadOnlyList<ExclusionElement> Elements) : TableConstraint
{
    public string? AccessMethod { get; init; }
    public IReadOnlyList<string> Include { get; init; } = [];
    public IReadOnlyList<Option> Options { get; init; } = [];
    public string? Tablespace { get; init; }
    public Expression? Where { get; init; }
}

public enum ForeignKeyMatch { Simple, Full, Partial }

public enum ForeignKeyActionKind { NoAction, Restrict, Cascade, SetNull, SetDefault }

/// <summary>SET NULL and SET DEFAULT on delete may name columns.</summary>
public sealed record ForeignKeyAction(ForeignKeyActionKind Kind, IReadOnlyList<string> Columns) : SyntaxNode;

public sealed record ForeignKeyReference(QualifiedName Table, IReadOnlyList<string> Columns) : SyntaxNode
{
    public ForeignKeyMatch Match { get; init; }
    public ForeignKeyAction? OnUpdate { get; init; }
    public ForeignKeyAction? OnDelete { get; init; }
}

/// <summary>PARTITION BY strategy (keys); the strategy is folded and not checked.</summary>
public sealed record PartitionBy(string Strategy, IReadOnlyList<IndexElement> Keys) : SyntaxNode;

public enum PartitionBoundKind { Default, List, Range, Hash }

/// <summary>FOR VALUES IN | FROM TO | WITH (MODULUS, REMAINDER), or DEFAULT. MINVALUE and MAXVALUE are column references.</summary>
public sealed record PartitionBound(PartitionBoundKind Kind) : SyntaxNode
{
    public IReadOnlyList<Expression> Values { get; init; } = [];
    public IReadOnlyList<Expression> From { get; init; } = [];
    public IReadOnlyList<Expression> To { get; init; } = [];
    public int Modulus { get; init; }
    public int Remainder { get; init; }
}

/// <summary>What an ALTER works on. Composite types are altered by the same actions as tables.</summary>
public enum RelationKind { Table, Index, View, MaterializedView, Sequence, ForeignTable, CompositeType }

/// <summary>ALTER TABLE | INDEX | VIEW | MATERIALIZED VIEW | SEQUENCE | TYPE name action, …</summary>
public sealed record AlterTableStatement(RelationKind Kind, TableRef Table, IReadOnlyList<AlterTableAction> Actions) : Statement
{
    public bool IfExists { get; init; }
}

public abstract record AlterTableAction : SyntaxNode;

public sealed record AddColumn(ColumnDefinition Column, bool IfNotExists) : AlterTableAction
{
    /// <summary>CASCADE of ALTER TYPE … ADD ATTRIBUTE.</summary>
    public DropBehavior Behavior { get; init; }
}

public sealed record DropColumn(string Column, bool IfExists, DropBehavior Behavior) : AlterTableAction;

public sealed record AlterColumnType(string Column, TypeName Type) : AlterTableAction
{
    public QualifiedName? Collation { get; init; }
    public Expression? Using { get; init; }
    public DropBehavior Behavior { get; init; }
}

/// <summary>SET DEFAULT, or DROP DEFAULT if <paramref name="Value"/> is null.</summary>
public sealed record AlterColumnDefault(string Column, Expression? Value) : AlterTableAction;

public sealed record AlterColumnNotNull(string Column, bool IsSet) : AlterTableAction;

/// <summary>ALTER c DROP EXPRESSION</summary>
public sealed record DropColumnExpression(string Column, bool IfExists) : AlterTableAction;

public sealed record AddColumnIdentity(string Column, bool IsAlways, IReadOnlyList<SequenceOption> Options) : AlterTableAction;

/// <summary>ALTER c SET GENERATED …, SET INCREMENT …, RESTART …; <paramref name="IsAlways"/> is null if GENERATED isn't written.</summary>
public sealed record AlterColumnIdentity(string Column, bool? IsAlways, IReadOnlyList<SequenceOption> Options) : AlterTableAction;

public sealed record DropColumnIdentity(string Column, bool IfExists) : AlterTableAction;

/// <summary>The column by name, or by number (of an index's column).</summary>
public sealed record AlterColumnStatistics(string? Column, int? Number, int Target) : AlterTableAction;

/// <summary>ALTER c SET STORAGE method, or SET COMPRESSION method.</summary>
public sealed record AlterColumnStorage(string Column, string Method, bool IsCompression) : AlterTableAction;

/// <summary>ALTER c SET (…) or RESET (…)</summary>
public sealed record AlterColumnOptions(string Column, IReadOnlyList<Option> Options, bool IsReset) : AlterTableAction;

public sealed record AddConstraint(TableConstraint Constraint) : AlterTableAction;

public sealed record DropConstraint(string Name, bool IfExists, DropBehavior Behavior) : AlterTableAction;

public sealed record ValidateConstraint(string Name) : AlterTableAction;

public sealed record AlterConstraint(string Name, ConstraintAttributes Attributes) : AlterTableAction;

/// <summary>SET (…) or RESET (…) of the relation.</summary>
public sealed record SetOptions(IReadOnlyList<Option> Options, bool IsReset) : AlterTableAction;

public sealed record SetTablespace(string Tablespace) : AlterTableAction;

public sealed record SetAccessMethod(string AccessMethod) : AlterTableAction;

public sealed record SetLogged(bool IsLogged) : AlterTableAction;

/// <summary>OWNER TO role</summary>
public sealed record ChangeOwner(RoleSpecification Owner) : AlterTableAction;

public sealed record AlterInheritance(QualifiedName Parent, bool IsAdded) : AlterTableAction;

/// <summary>OF type, or NOT OF if null.</summary>
public sealed record AlterOfType(QualifiedName? Type) : AlterTableAction;

public enum ReplicaIdentityKind { Default, Full, Nothing, Index }

public sealed record SetReplicaIdentity(ReplicaIdentityKind Kind, string? Index) : AlterTableAction;

public enum RowSecurityChange { Enable, Disable, Force, NoForce }

public sealed record AlterRowSecurity(RowSecurityChange Change) : AlterTableAction;

/// <summary>CLUSTER ON index, or SET WITHOUT CLUSTER if null.</summary>
public sealed record ClusterOn(string? Index) : AlterTableAction;

public sealed record AttachPartition(QualifiedName Partition, PartitionBound? Bound) : AlterTableAction;

public enum DetachMode { Plain, Concurrently, Finalize }

public sealed record DetachPartition(QualifiedName Partition, DetachMode Mode) : AlterTableAction;

/// <summary>ENABLE | DISABLE [ALWAYS | REPLICA] TRIGGER | RULE name, SET WITHOUT OIDS and the rest: named by their words.</summary>
public sealed record OtherTableAction(string Words, string? Name) : AlterTableAction
{
    /// <summary>The source text.</summary>
    public string Text { get; init; } = "";
}

/// <summary>ALTER INDEX | TABLE | MATERIALIZED VIEW ALL IN TABLESPACE … and other whole-statement forms are <see cref="OtherStatement"/>.</summary>
public sealed record CreateIndexStatement(QualifiedName Table, IReadOnlyList<IndexElement> Elements) : Statement
{
    /// <summary>Null: PostgreSQL chooses the name.</summary>
    public string? Name { get; init; }
    public bool IsUnique { get; init; }
    public bool Concurrently { get; init; }
    public bool IfNotExists { get; init; }

    /// <summary>ON ONLY t.</summary>
    public bool IsOnly { get; init; }

    /// <summary>Null where USING isn't written (btree).</summary>
    public string? AccessMethod { get; init; }
    public IReadOnlyList<IndexElement> Include { get; init; } = [];
    public bool NullsNotDistinct { get; init; }
    public IReadOnlyList<Option> Options { get; init; } = [];
    public string? Tablespace { get; init; }
    public Expression? Where { get; init; }
}

/// <summary>A column or an expression of an index, a partition key or a conflict target. Exactly one of Column and Expression.</summary>
public sealed record IndexElement(string? Column, Expression? Expression) : SyntaxNode
{
    public QualifiedName? Collation { get; init; }
    public QualifiedName? OperatorClass { get; init; }
    public IReadOnlyList<Option> OperatorClassOptions { get; init; } = [];
    public SortDirection Direction { get; init; }
    public NullsOrder Nulls { get; init; }
}
