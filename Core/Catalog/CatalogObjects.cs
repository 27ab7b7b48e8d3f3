using System.Collections.Immutable;
using VecSql.Core.Types;

namespace VecSql.Core.Catalog;

/// <summary>
/// An object of a database's (or the instance's) catalog. Immutable: DDL puts a new version. Everything that is kept as SQL text was written by the deparser,
/// with names qualified, and is parsed again where it is used. Persisted as JSON (docs/formats/catalog.md): properties are added, never renamed.
/// </summary>
public abstract record CatalogObject
{
    public required uint Oid { get; init; }
    public required string Name { get; init; }

    /// <summary>The owning role's number; 10 is the bootstrap superuser.</summary>
    public uint Owner { get; init; } = WellKnownOid.BootstrapRole;

    /// <summary>Granted rights in PostgreSQL's aclitem text form; empty: the defaults.</summary>
    public ImmutableArray<string> Acl { get; init; } = [];
    public string? Comment { get; init; }

    /// <summary>The schema it lies in; 0 for what lies in none.</summary>
    public virtual uint SchemaOid => 0;

    /// <summary>The catalog whose number space it belongs to (pg_class.oid …): what pg_depend calls classid.</summary>
    public abstract uint ClassOid { get; }
}

public sealed record DatabaseObject : CatalogObject
{
    public override uint ClassOid => WellKnownOid.PgDatabase;
    public ImmutableSortedDictionary<string, string> Settings { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
    public bool AllowConnections { get; init; } = true;
    public int ConnectionLimit { get; init; } = -1;
    public bool IsTemplate { get; init; }
}

public sealed record RoleObject : CatalogObject
{
    public override uint ClassOid => WellKnownOid.PgAuthId;
    public bool IsSuperuser { get; init; }
    public bool CanLogin { get; init; }
    public bool CanCreateDatabase { get; init; }
    public bool CanCreateRole { get; init; }
    public bool Inherits { get; init; } = true;
    public bool CanReplicate { get; init; }
    public bool BypassesRls { get; init; }
    public int ConnectionLimit { get; init; } = -1;

    /// <summary>SCRAM-SHA-256 verifier in PostgreSQL's form; never the password.</summary>
    public string? PasswordVerifier { get; init; }

    /// <summary>Text of VALID UNTIL in ISO form; null: for ever.</summary>
    public string? ValidUntil { get; init; }
    public ImmutableArray<RoleMembership> MemberOf { get; init; } = [];
    public ImmutableSortedDictionary<string, string> Settings { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

public sealed record RoleMembership(uint Role, uint Grantor, bool AdminOption);

public sealed record SchemaObject : CatalogObject
{
    public override uint ClassOid => WellKnownOid.PgNamespace;
}

public sealed record ExtensionObject : CatalogObject
{
    public override uint ClassOid => WellKnownOid.PgExtension;
    public required uint Schema { get; init; }
    public override uint SchemaOid => Schema;
    public required string Version { get; init; }
    public bool Relocatable { get; init; }
}

/// <summary>What pg_class calls relkind. Values are that letter.</summary>
public enum RelationKind : byte
{
    Table = (byte)'r',
    View = (byte)'v',
    MaterializedView = (byte)'m',
    Sequence = (byte)'S',
    Index = (byte)'i',
    CompositeType = (byte)'c',
}

/// <summary>Anything of pg_class.</summary>
public abstract record RelationObject : CatalogObject
{
    public override uint ClassOid => WellKnownOid.PgClass;
    public required uint Schema { get; init; }
    public override uint SchemaOid => Schema;
    public abstract RelationKind Kind { get; }

    /// <summary>'p' permanent, 'u' unlogged, 't' temporary.</summary>
    public char Persistence { get; init; } = 'p';
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>A table, view, materialized view or composite type: what has columns.</summary>
public sealed record TableObject : RelationObject
{
    public required RelationKind RelationKind { get; init; }
    public override RelationKind Kind => RelationKind;

    /// <summary>All columns ever, by attribute number from 1; dropped ones stay as holes.</summary>
    public required ImmutableArray<ColumnObject> Columns { get; init; }
    public ImmutableArray<ConstraintObject> Constraints { get; init; } = [];

    /// <summary>The row type's number (pg_type), and that of its array.</summary>
    public uint RowTypeOid { get; init; }
    public uint RowArrayTypeOid { get; init; }

    /// <summary>A view's query as SQL text.</summary>
    public string? Definition { get; init; }

    /// <summary>False for a materialized view WITH NO DATA.</summary>
    public bool IsPopulated { get; init; } = true;

    /// <summary>Relations and functions that the definition uses: DROP asks them.</summary>
    public ImmutableArray<uint> DependsOn { get; init; } = [];

    public IEnumerable<ColumnObject> LiveColumns => Columns.Where(c => !c.IsDropped);
}

/// <summary>A column of a table.</summary>
public sealed record ColumnObject
{
    /// <summary>attnum, from 1; never used again.</summary>
    public required short Number { get; init; }
    public required string Name { get; init; }
    public required SqlType Type { get; init; }
    public bool NotNull { get; init; }

    /// <summary>DEFAULT's or a generated column's expression as SQL text.</summary>
    public string? Default { get; init; }

    /// <summary>'\0' none, 'a' ALWAYS, 'd' BY DEFAULT.</summary>
    public char Identity { get; init; }

    /// <summary>GENERATED ALWAYS AS (…) STORED.</summary>
    public bool IsGenerated { get; init; }
    public bool IsDropped { get; init; }
    public uint Collation { get; init; }
    public string? Comment { get; init; }

    /// <summary>What rows stored before the column was added have in it: the value's text form; null: NULL.</summary>
    public string? MissingValue { get; init; }

    /// <summary>The sequence that an identity or serial column owns; 0 if none.</summary>
    public uint OwnedSequence { get; init; }
    public ImmutableArray<string> Acl { get; init; } = [];
}

public enum ConstraintKind : byte { Check = (byte)'c', ForeignKey = (byte)'f', PrimaryKey = (byte)'p', Unique = (byte)'u', Exclusion = (byte)'x' }

/// <summary>Values are pg_constraint's letters.</summary>
public enum ReferentialAction : byte { NoAction = (byte)'a', Restrict = (byte)'r', Cascade = (byte)'c', SetNull = (byte)'n', SetDefault = (byte)'d' }

/// <summary>A constraint of a table.</summary>
public sealed record ConstraintObject
{
    public required uint Oid { get; init; }
    public required string Name { get; init; }
    public required ConstraintKind Kind { get; init; }

    /// <summary>Attribute numbers, in the constraint's order.</summary>
    public ImmutableArray<short> Columns { get; init; } = [];

    /// <summary>CHECK's expression as SQL text.</summary>
    public string? Expression { get; init; }
    public uint IndexOid { get; init; }
    public uint ReferencedTable { get; init; }
    public ImmutableArray<short> ReferencedColumns { get; init; } = [];
    public ReferentialAction OnUpdate { get; init; } = ReferentialAction.NoAction;
    public ReferentialAction OnDelete { get; init; } = ReferentialAction.NoAction;

    /// <summary>'s' simple, 'f' full.</summary>
    public char MatchType { get; init; } = 's';
    public bool IsDeferrable { get; init; }
    public bool IsInitiallyDeferred { get; init; }
    public bool IsValidated { get; init; } = true;
    public string? Comment { get; init; }
}

public sealed record IndexObject : RelationObject
{
    public override RelationKind Kind => RelationKind.Index;
    public required uint Table { get; init; }

    /// <summary>btree, hash, hnsw, ivfflat …</summary>
    public required string Method { get; init; }
    public required ImmutableArray<IndexKey> Keys { get; init; }

    /// <summary>INCLUDE's attribute numbers.</summary>
    public ImmutableArray<short> Included { get; init; } = [];
    public bool IsUnique { get; init; }
    public bool IsPrimary { get; init; }
    public bool NullsNotDistinct { get; init; }

    /// <summary>WHERE of a partial index as SQL text.</summary>
    public string? Predicate { get; init; }

    /// <summary>False while it is being built or after a failed concurrent build.</summary>
    public bool IsValid { get; init; } = true;
}

/// <summary>A key of an index: a column, or an expression.</summary>
public sealed record IndexKey
{
    /// <summary>Attribute number; 0 for an expression.</summary>
    public short Column { get; init; }
    public string? Expression { get; init; }

    /// <summary>What the key yields.</summary>
    public required SqlType Type { get; init; }

    /// <summary>The operator class's name, such as vector_l2_ops; null: the type's default.</summary>
    public string? OperatorClass { get; init; }
    public bool Descending { get; init; }
    public bool NullsFirst { get; init; }
}

public sealed record SequenceObject : RelationObject
{
    public override RelationKind Kind => RelationKind.Sequence;
    public SqlType Type { get; init; } = SqlType.Int8;
    public long Start { get; init; } = 1;
    public long Increment { get; init; } = 1;
    public long Minimum { get; init; } = 1;
    public long Maximum { get; init; } = long.MaxValue;
    public long Cache { get; init; } = 1;
    public bool Cycles { get; init; }

    /// <summary>OWNED BY; 0 if none.</summary>
    public uint OwnerTable { get; init; }
    public short OwnerColumn { get; init; }

    /// <summary>Made for an identity column.</summary>
    public bool IsInternal { get; init; }
}

/// <summary>A type that a user made: enum, domain, composite (its columns stand in a <see cref="TableObject"/> of kind CompositeType), or an array of one.</summary>
public sealed record TypeObject : CatalogObject
{
    public override uint ClassOid => WellKnownOid.PgType;
    public required uint Schema { get; init; }
    public override uint SchemaOid => Schema;

    /// <summary>pg_type.typtype: 'e' enum, 'd' domain, 'c' composite, 'b' base (arrays).</summary>
    public required char Kind { get; init; }
    public uint ArrayTypeOid { get; init; }
    public uint ElementTypeOid { get; init; }

    /// <summary>The relation that describes a composite type.</summary>
    public uint RelationOid { get; init; }
    public ImmutableArray<EnumLabel> Labels { get; init; } = [];
    public SqlType BaseType { get; init; }
    public bool NotNull { get; init; }
    public string? Default { get; init; }
    public ImmutableArray<ConstraintObject> Checks { get; init; } = [];
}

/// <summary>A label of an enum; order is by <paramref name="SortOrder"/>.</summary>
public sealed record EnumLabel(uint Oid, string Name, float SortOrder);

/// <summary>A function that a user made in SQL.</summary>
public sealed record FunctionObject : CatalogObject
{
    public override uint ClassOid => WellKnownOid.PgProc;
    public required uint Schema { get; init; }
    public override uint SchemaOid => Schema;
    public required ImmutableArray<uint> ArgumentTypes { get; init; }
    public ImmutableArray<string> ArgumentNames { get; init; } = [];

    /// <summary>Defaults of the last arguments as SQL text.</summary>
    public ImmutableArray<string> ArgumentDefaults { get; init; } = [];
    public required SqlType ReturnType { get; init; }
    public bool ReturnsSet { get; init; }
    public bool IsStrict { get; init; }
    public char Volatility { get; init; } = 'v';
    public required string Language { get; init; }
    public required string Body { get; init; }
}

/// <summary>Numbers that PostgreSQL fixes and clients know.</summary>
public static class WellKnownOid
{
    public const uint BootstrapRole = 10;
    public const uint PgCatalogSchema = 11;
    public const uint PublicSchema = 2200;
    public const uint InformationSchema = 13000;
    public const uint PgToastSchema = 99;
    public const uint VecSqlSchema = 13500;
    public const uint DefaultTablespace = 1663;
    public const uint Template1Database = 1;
    public const uint PgType = 1247;
    public const uint PgAttribute = 1249;
    public const uint PgProc = 1255;
    public const uint PgClass = 1259;
    public const uint PgAuthId = 1260;
    public const uint PgDatabase = 1262;
    public const uint PgNamespace = 2615;
    public const uint PgConstraint = 2606;
    public const uint PgExtension = 3079;
    public const uint PgAm = 2601;
    public const uint PgCast = 2605;
    public const uint PgOpclass = 2616;
    public const uint PgOperator = 2617;
    public const uint PgOpfamily = 2753;
    public const uint BTreeMethod = 403;
    public const uint HashMethod = 405;
    public const uint HeapTableMethod = 2;
    public const uint HnswMethod = 9100;
    public const uint IvfFlatMethod = 9101;
    public const uint DefaultCollation = 100;
    public const uint CCollation = 950;
}
