namespace VecSql.Parser.Ast;

public enum RoleSpecificationKind { Name, Public, CurrentRole, CurrentUser, SessionUser }

public sealed record RoleSpecification(RoleSpecificationKind Kind, string? Name) : SyntaxNode;

// Databases and schemas

public sealed record CreateDatabaseStatement(string Name, IReadOnlyList<Option> Options) : Statement;

/// <summary>ALTER DATABASE name WITH options; SET TABLESPACE arrives as the option "tablespace".</summary>
public sealed record AlterDatabaseStatement(string Name, IReadOnlyList<Option> Options) : Statement;

/// <summary>ALTER DATABASE | ROLE … [IN DATABASE …] SET | RESET. A null role is ROLE ALL.</summary>
public sealed record AlterSettingStatement(string? Database, RoleSpecification? Role, Statement Setting) : Statement
{
    /// <summary>True for ALTER ROLE, false for ALTER DATABASE.</summary>
    public bool IsRole { get; init; }
}

public sealed record DropDatabaseStatement(string Name, bool IfExists, bool Force) : Statement;

/// <summary>CREATE SCHEMA [IF NOT EXISTS] [name] [AUTHORIZATION role] elements; without a name it is the role's.</summary>
public sealed record CreateSchemaStatement(string? Name, RoleSpecification? Owner, bool IfNotExists, IReadOnlyList<Statement> Elements) : Statement;

// Views

public enum CheckOption { None, Local, Cascaded }

public sealed record CreateViewStatement(QualifiedName Name, IReadOnlyList<string> Columns, SelectStatement Query) : Statement
{
    public Persistence Persistence { get; init; }
    public bool OrReplace { get; init; }
    public bool IsRecursive { get; init; }
    public IReadOnlyList<Option> Options { get; init; } = [];
    public CheckOption CheckOption { get; init; }
}

public sealed record CreateMaterializedViewStatement(QualifiedName Name, IReadOnlyList<string> Columns, SelectStatement Query) : Statement
{
    public bool IsUnlogged { get; init; }
    public bool IfNotExists { get; init; }
    public string? AccessMethod { get; init; }
    public IReadOnlyList<Option> Options { get; init; } = [];
    public string? Tablespace { get; init; }
    public bool WithData { get; init; } = true;
}

public sealed record RefreshMaterializedViewStatement(QualifiedName Name, bool Concurrently, bool WithData) : Statement;

// Sequences

public enum SequenceOptionKind { As, Cache, Cycle, NoCycle, Increment, MaxValue, NoMaxValue, MinValue, NoMinValue, OwnedBy, SequenceName, Start, Restart }

/// <summary>An option of a sequence. <see cref="Number"/> keeps the digits (with a sign); RESTART may have none. OWNED BY NONE is the name "none".</summary>
public sealed record SequenceOption(SequenceOptionKind Kind) : SyntaxNode
{
    public string? Number { get; init; }
    public TypeName? Type { get; init; }
    public QualifiedName? Name { get; init; }
}

public sealed record CreateSequenceStatement(QualifiedName Name, IReadOnlyList<SequenceOption> Options) : Statement
{
    public Persistence Persistence { get; init; }
    public bool IfNotExists { get; init; }
}

public sealed record AlterSequenceStatement(QualifiedName Name, IReadOnlyList<SequenceOption> Options, bool IfExists) : Statement;

// Types and domains

public sealed record CreateEnumStatement(QualifiedName Name, IReadOnlyList<string> Labels) : Statement;

public sealed record CreateCompositeTypeStatement(QualifiedName Name, IReadOnlyList<ColumnDefinition> Attributes) : Statement;

public sealed record CreateRangeTypeStatement(QualifiedName Name, IReadOnlyList<Option> Options) : Statement;

/// <summary>CREATE TYPE name (…), or the shell type CREATE TYPE name if <paramref name="Options"/> is null.</summary>
public sealed record CreateBaseTypeStatement(QualifiedName Name, IReadOnlyList<Option>? Options) : Statement;

/// <summary>ALTER TYPE … ADD VALUE 'label' [BEFORE | AFTER 'neighbour'].</summary>
public sealed record AddEnumValueStatement(QualifiedName Name, string Label, bool IfNotExists) : Statement
{
    public string? Neighbor { get; init; }
    public bool IsAfter { get; init; }
}

public sealed record RenameEnumValueStatement(QualifiedName Name, string OldLabel, string NewLabel) : Statement;

public sealed record CreateDomainStatement(QualifiedName Name, TypeName Type) : Statement
{
    public QualifiedName? Collation { get; init; }
    public IReadOnlyList<ColumnConstraint> Constraints { get; init; } = [];
}

public enum AlterDomainKind { SetDefault, DropDefault, SetNotNull, DropNotNull, AddConstraint, DropConstraint, ValidateConstraint }

public sealed record AlterDomainStatement(QualifiedName Name, AlterDomainKind Kind) : Statement
{
    public Expression? Default { get; init; }
    public TableConstraint? Constraint { get; init; }
    public string? ConstraintName { get; init; }
    public bool IfExists { get; init; }
    public DropBehavior Behavior { get; init; }
}

// Functions

public enum ParameterMode { Default, In, Out, InOut, Variadic, Table }

public sealed record FunctionParameter(ParameterMode Mode, string? Name, TypeName Type, Expression? Default) : SyntaxNode;

public sealed record CreateFunctionStatement(QualifiedName Name, IReadOnlyList<FunctionParameter> Parameters) : Statement
{
    public bool IsProcedure { get; init; }
    public bool OrReplace { get; init; }

    /// <summary>Null for a procedure, for RETURNS TABLE (whose columns are parameters) and where OUT parameters say it.</summary>
    public TypeName? Returns { get; init; }
    public bool ReturnsTable { get; init; }
    public IReadOnlyList<FunctionOption> Options { get; init; } = [];

    /// <summary>RETURN expression.</summary>
    public Expression? ReturnBody { get; init; }

    /// <summary>BEGIN ATOMIC …; END. Null where there is none.</summary>
    public IReadOnlyList<Statement>? AtomicBody { get; init; }
}

public enum FunctionOptionKind
{
    As, Language, Transform, Window, Immutable, Stable, Volatile, Leakproof, NotLeakproof, CalledOnNullInput, Strict, SecurityDefiner, SecurityInvoker,
    Cost, Rows, Support, Parallel, Set,
}

public sealed record FunctionOption(FunctionOptionKind Kind) : SyntaxNode
{
    /// <summary>AS: one string, or two (object file and symbol). LANGUAGE, PARALLEL, COST, ROWS, SUPPORT: one.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
    public IReadOnlyList<TypeName> Types { get; init; } = [];

    /// <summary>SET or RESET.</summary>
    public Statement? Setting { get; init; }
}

/// <summary>RETURN expression, in a SQL function's body.</summary>
public sealed record ReturnStatement(Expression Value) : Statement;

/// <summary>DO [LANGUAGE name] 'code'.</summary>
public sealed record DoStatement(string Code, string? Language) : Statement;

/// <summary>A function, procedure, aggregate or operator by name and argument types, as in DROP and COMMENT ON.</summary>
/// <param name="Parameters">Null where no parentheses are written. For an aggregate (*), empty.</param>
public sealed record RoutineReference(QualifiedName Name, IReadOnlyList<FunctionParameter>? Parameters) : SyntaxNode;

// Objects by kind: DROP, COMMENT ON, RENAME, OWNER, SET SCHEMA, SECURITY LABEL

public enum ObjectKind
{
    AccessMethod, Aggregate, Attribute, Cast, Collation, Column, Constraint, Conversion, Database, DefaultAcl, Domain, DomainConstraint, EventTrigger,
    Extension, ForeignDataWrapper, ForeignTable, Function, Index, Language, LargeObject, MaterializedView, Operator, OperatorClass, OperatorFamily,
    Policy, Procedure, Publication, Role, Routine, Rule, Schema, Sequence, Server, Statistics, Subscription, Table, Tablespace, TextSearchConfiguration,
    TextSearchDictionary, TextSearchParser, TextSearchTemplate, Transform, Trigger, Type, UserMapping, View,
}

/// <summary>
/// An object that a statement names. <see cref="Name"/> is the object's name (for CAST, TRANSFORM, USER MAPPING: absent);
/// <see cref="Table"/> the relation, domain or, for operator classes, access method ("USING am") that it belongs to.
/// </summary>
public sealed record ObjectReference(ObjectKind Kind, QualifiedName? Name) : SyntaxNode
{
    public QualifiedName? Table { get; init; }

    /// <summary>For functions and aggregates.</summary>
    public IReadOnlyList<FunctionParameter>? Parameters { get; init; }

    /// <summary>For types, domains and casts (source, target), operators (left, right; null is NONE) and transforms.</summary>
    public IReadOnlyList<TypeName?> Types { get; init; } = [];

    /// <summary>An ordered-set aggregate's signature has ORDER BY before the last of <see cref="Parameters"/> from this index; -1: none.</summary>
    public int OrderByIndex { get; init; } = -1;
}

public sealed record DropStatement(ObjectKind Kind, IReadOnlyList<ObjectReference> Objects, bool IfExists, DropBehavior Behavior) : Statement
{
    /// <summary>DROP INDEX CONCURRENTLY.</summary>
    public bool Concurrently { get; init; }
}

/// <summary>COMMENT ON object IS 'text' | NULL.</summary>
public sealed record CommentStatement(ObjectReference Object, string? Text) : Statement;

/// <summary>ALTER kind name RENAME TO new; for columns, attributes and constraints the object has a <see cref="ObjectReference.Table"/>.</summary>
public sealed record RenameStatement(ObjectReference Object, string NewName, bool IfExists) : Statement
{
    /// <summary>The relation that is altered, where a column, constraint or attribute is renamed.</summary>
    public RelationKind RelationKind { get; init; }
    public bool IsOnly { get; init; }
    public DropBehavior Behavior { get; init; }
}

public sealed record AlterOwnerStatement(ObjectReference Object, RoleSpecification Owner) : Statement;

public sealed record AlterObjectSchemaStatement(ObjectReference Object, string NewSchema, bool IfExists) : Statement;

// Extensions

public sealed record CreateExtensionStatement(string Name, bool IfNotExists) : Statement
{
    public string? Schema { get; init; }
    public string? Version { get; init; }
    public bool Cascade { get; init; }
}

public sealed record AlterExtensionUpdateStatement(string Name, string? Version) : Statement;

// Roles and privileges

public enum RoleStatementKind { Role, User, Group }

/// <summary>CREATE ROLE | USER | GROUP. Option names: superuser, createdb, createrole, inherit, login, replication, bypassrls (value word "true"/"false"),
/// password (string, or no value for NULL), connectionlimit, validUntil, sysid, inrole, role, admin (lists of words).</summary>
public sealed record CreateRoleStatement(RoleStatementKind Kind, string Name, IReadOnlyList<Option> Options) : Statement;

public sealed record AlterRoleStatement(RoleSpecification Role, IReadOnlyList<Option> Options) : Statement;

/// <summary>ALTER GROUP g ADD | DROP USER …</summary>
public sealed record AlterGroupStatement(RoleSpecification Group, bool IsAdded, IReadOnlyList<RoleSpecification> Members) : Statement;

public sealed record DropRoleStatement(IReadOnlyList<RoleSpecification> Roles, bool IfExists) : Statement;

/// <summary>A privilege ("select"), perhaps on some columns. The list is empty for ALL.</summary>
public sealed record Privilege(string Name, IReadOnlyList<string> Columns) : SyntaxNode;

/// <summary>What GRANT works on.</summary>
public enum GrantTargetKind
{
    Table, Sequence, ForeignDataWrapper, ForeignServer, Function, Procedure, Routine, Database, Domain, Language, LargeObject, Parameter, Schema,
    Tablespace, Type, AllTablesInSchema, AllSequencesInSchema, AllFunctionsInSchema, AllProceduresInSchema, AllRoutinesInSchema,
}

public sealed record GrantStatement(bool IsGrant, IReadOnlyList<Privilege> Privileges, GrantTargetKind TargetKind) : Statement
{
    public IReadOnlyList<QualifiedName> Targets { get; init; } = [];

    /// <summary>For functions, procedures and routines.</summary>
    public IReadOnlyList<RoutineReference> Routines { get; init; } = [];
    public required IReadOnlyList<RoleSpecification> Grantees { get; init; }

    /// <summary>WITH GRANT OPTION; for REVOKE, GRANT OPTION FOR.</summary>
    public bool GrantOption { get; init; }

    /// <summary>ALL [PRIVILEGES] on columns.</summary>
    public IReadOnlyList<string> AllColumns { get; init; } = [];
    public RoleSpecification? GrantedBy { get; init; }
    public DropBehavior Behavior { get; init; }
}

public sealed record GrantRoleStatement(bool IsGrant, IReadOnlyList<string> Roles, IReadOnlyList<RoleSpecification> Grantees) : Statement
{
    public bool AdminOption { get; init; }
    public RoleSpecification? GrantedBy { get; init; }
    public DropBehavior Behavior { get; init; }
}

// Triggers, publications, subscriptions

public enum TriggerTiming { Before, After, InsteadOf }

/// <summary>One of insert, update, delete, truncate; UPDATE OF has columns.</summary>
public sealed record TriggerEvent(string Name, IReadOnlyList<string> Columns) : SyntaxNode;

public sealed record TriggerTransition(bool IsNew, bool IsTable, string Name) : SyntaxNode;

public sealed record CreateTriggerStatement(string Name, QualifiedName Table, QualifiedName Function, IReadOnlyList<string> Arguments) : Statement
{
    public bool OrReplace { get; init; }
    public bool IsConstraint { get; init; }
    public TriggerTiming Timing { get; init; }
    public IReadOnlyList<TriggerEvent> Events { get; init; } = [];
    public IReadOnlyList<TriggerTransition> Transitions { get; init; } = [];
    public bool ForEachRow { get; init; }
    public Expression? When { get; init; }

    /// <summary>FROM table of a constraint trigger.</summary>
    public QualifiedName? FromTable { get; init; }
    public ConstraintAttributes? Attributes { get; init; }
}

/// <summary>A table with columns and a row filter, or a schema (TABLES IN SCHEMA), of a publication.</summary>
public sealed record PublicationObject(TableRef? Table, IReadOnlyList<string> Columns, Expression? Where) : SyntaxNode
{
    /// <summary>TABLES IN SCHEMA name; CURRENT_SCHEMA is the empty string.</summary>
    public string? Schema { get; init; }
}

public sealed record CreatePublicationStatement(string Name, bool ForAllTables, IReadOnlyList<PublicationObject> Objects, IReadOnlyList<Option> Options) : Statement;

public enum AlterListAction { SetOptions, Add, Set, Drop }

public sealed record AlterPublicationStatement(string Name, AlterListAction Action) : Statement
{
    public IReadOnlyList<PublicationObject> Objects { get; init; } = [];
    public IReadOnlyList<Option> Options { get; init; } = [];
}

public sealed record CreateSubscriptionStatement(string Name, string Connection, IReadOnlyList<string> Publications, IReadOnlyList<Option> Options) : Statement;

public enum AlterSubscriptionKind { Connection, SetPublication, AddPublication, DropPublication, Refresh, Enable, Disable, SetOptions, Skip }

public sealed record AlterSubscriptionStatement(string Name, AlterSubscriptionKind Kind) : Statement
{
    public string? Connection { get; init; }
    public IReadOnlyList<string> Publications { get; init; } = [];
    public IReadOnlyList<Option> Options { get; init; } = [];
}
