using VecSql.Core.Catalog;
using VecSql.Core.Types;

namespace VecSql.Planner.Binding;

/// <summary>What overload resolution wants to know of a type, built-in or a user's.</summary>
/// <param name="Kind">pg_type.typtype: b c d e p r m.</param>
/// <param name="Element">Element of a true array; 0 otherwise.</param>
internal sealed record TypeFacts(uint Oid, string Name, uint Schema, char Kind, char Category, bool IsPreferred, uint Element, uint Array)
{
    /// <summary>A domain's base.</summary>
    public SqlType Base { get; init; }

    /// <summary>A user's type: enum, domain.</summary>
    public TypeObject? User { get; init; }

    /// <summary>The relation that has a composite type's columns.</summary>
    public TableObject? Relation { get; init; }
}

/// <summary>Facts about types and their names in one catalog. Lives for one planning.</summary>
internal sealed class TypeCatalog(CatalogSnapshot catalog, IReadOnlyList<uint> searchPath)
{
    private readonly Dictionary<uint, TypeFacts?> _facts = [];
    private Dictionary<uint, TableObject>? _rowTypes;

    public TypeFacts? Find(uint oid)
    {
        if (_facts.TryGetValue(oid, out TypeFacts? known)) return known;
        return _facts[oid] = Load(oid);
    }

    public bool IsArray(uint oid) => ElementOf(oid) != 0;

    /// <summary>True for an array that becomes an inner dimension of an array of it; int2vector and oidvector have an array type of their own.</summary>
    public bool BecomesDimension(uint oid) => IsArray(oid) && ArrayOf(oid) == 0;

    /// <summary>The element type of a true array, int2vector and oidvector included; 0 otherwise.</summary>
    public uint ElementOf(uint oid) => oid switch
    {
        TypeOid.Int2Vector => TypeOid.Int2,
        TypeOid.OidVector => TypeOid.Oid,
        _ => Find(oid)?.Element ?? 0,
    };

    /// <summary>The array type over an element; 0 if it has none.</summary>
    public uint ArrayOf(uint element) => Find(element)?.Array ?? 0;

    public bool IsDomain(uint oid) => Find(oid)?.Kind == 'd';

    /// <summary>A domain's innermost base type; any other type itself.</summary>
    public SqlType BaseOf(SqlType type)
    {
        int depth = 0;
        while (Find(type.Oid) is { Kind: 'd' } domain && depth++ < 64) type = domain.Base;
        return type;
    }

    public uint BaseOf(uint oid) => BaseOf(new SqlType(oid)).Oid;
    public char CategoryOf(uint oid) => Find(oid)?.Category ?? 'X';
    public bool IsPreferred(uint oid) => Find(oid)?.IsPreferred ?? false;
    public bool IsComposite(uint oid) => oid == TypeOid.Record || Find(BaseOf(oid))?.Relation is not null;

    /// <summary>The relation of a composite type, or null (records have none).</summary>
    public TableObject? RelationOf(uint oid) => Find(BaseOf(oid))?.Relation;

    /// <summary>A type by name; in the search path if no schema is given. 0 if there is none.</summary>
    public uint FindByName(string? schemaName, string name)
    {
        if (schemaName is not null) return catalog.FindSchema(schemaName) is { } schema ? FindIn(schema.Oid, name) : schemaName == "pg_catalog" ? FindIn(WellKnownOid.PgCatalogSchema, name) : 0;
        if (!searchPath.Contains(WellKnownOid.PgCatalogSchema) && FindIn(WellKnownOid.PgCatalogSchema, name) is not 0 and uint own) return own;
        foreach (uint schema in searchPath)
            if (FindIn(schema, name) is not 0 and uint found)
                return found;
        return 0;
    }

    /// <summary>The type's name as format_type gives it.</summary>
    public string Format(SqlType type)
    {
        string modifier = type.Modifier >= 0 ? TypeHandlers.Find(type.Oid, catalog)?.FormatModifier(type.Modifier) ?? "" : "";
        if (Find(type.Oid) is not { } facts) return type.Oid == 0 ? "-" : "???";
        if (facts.Element != 0)
        {
            string element = Format(new SqlType(facts.Element, type.Modifier));
            return element + "[]";
        }
        return StandardName(type.Oid) switch
        {
            // The zone's words follow the precision.
            { } name when modifier.Length > 0 && name.IndexOf(" with", StringComparison.Ordinal) is > 0 and int place && name.StartsWith("time", StringComparison.Ordinal)
                => name[..place] + modifier + name[place..],
            { } name => name + modifier,
            null => (IsVisible(facts) ? "" : Quote(SchemaName(facts.Schema)) + ".") + Quote(facts.Name) + modifier,
        };
    }

    public string Format(uint oid) => Format(new SqlType(oid));

    private string SchemaName(uint schema) => schema == WellKnownOid.PgCatalogSchema ? "pg_catalog" : catalog.Find<SchemaObject>(schema)?.Name ?? "";

    private bool IsVisible(TypeFacts facts) => facts.Schema == WellKnownOid.PgCatalogSchema || FindByName(null, facts.Name) == facts.Oid;

    internal static string Quote(string name)
    {
        bool isPlain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '$');
        return isPlain ? name : "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }

    private static string? StandardName(uint oid) => oid switch
    {
        TypeOid.Bool => "boolean",
        TypeOid.Int2 => "smallint",
        TypeOid.Int4 => "integer",
        TypeOid.Int8 => "bigint",
        TypeOid.Float4 => "real",
        TypeOid.Float8 => "double precision",
        TypeOid.Numeric => "numeric",
        TypeOid.Bpchar => "character",
        TypeOid.Varchar => "character varying",
        TypeOid.Time => "time without time zone",
        TypeOid.TimeTz => "time with time zone",
        TypeOid.Timestamp => "timestamp without time zone",
        TypeOid.TimestampTz => "timestamp with time zone",
        TypeOid.Bit => "bit",
        TypeOid.Varbit => "bit varying",
        TypeOid.Char => "\"char\"",
        TypeOid.Interval => "interval",
        _ => null,
    };

    private uint FindIn(uint schema, string name)
    {
        if (catalog.FindType(schema, name) is { } user) return user.Oid;
        if (schema == WellKnownOid.PgCatalogSchema && Builtins.FindType(name) is { Extension: null } builtin) return builtin.Oid;
        if (Builtins.FindType(name) is { Extension: { } extension } extended && catalog.FindExtension(extension) is { } installed && installed.Schema == schema) return extended.Oid;
        if (catalog.FindRelation(schema, name) is TableObject { RowTypeOid: not 0 } table) return table.RowTypeOid;
        return 0;
    }

    private TypeFacts? Load(uint oid)
    {
        if (Builtins.FindType(oid) is { } builtin)
        {
            uint schema = builtin.Extension is { } extension ? catalog.FindExtension(extension)?.Schema ?? WellKnownOid.PgCatalogSchema : WellKnownOid.PgCatalogSchema;
            // Only true arrays count: name, point and box have elements too.
            bool isArray = (builtin.Category == 'A' || builtin.Element == TypeOid.Record) && builtin.Element != 0 && builtin.Length == -1 && oid is not (TypeOid.Int2Vector or TypeOid.OidVector);
            return new TypeFacts(oid, builtin.Name, schema, builtin.Kind, builtin.Category, builtin.IsPreferred, isArray ? builtin.Element : 0, builtin.Array);
        }
        if (catalog.Find<TypeObject>(oid) is { } user) return LoadUser(user);
        _rowTypes ??= catalog.Relations.OfType<TableObject>().SelectMany(t => new[] { (Type: t.RowTypeOid, Table: t), (Type: t.RowArrayTypeOid, Table: t) })
            .Where(p => p.Type != 0).DistinctBy(p => p.Type).ToDictionary(p => p.Type, p => p.Table);
        if (!_rowTypes.TryGetValue(oid, out TableObject? table)) return null;
        return table.RowTypeOid == oid
            ? new TypeFacts(oid, table.Name, table.Schema, 'c', 'C', false, 0, table.RowArrayTypeOid) { Relation = table }
            : new TypeFacts(oid, "_" + table.Name, table.Schema, 'b', 'A', false, table.RowTypeOid, 0);
    }

    private TypeFacts LoadUser(TypeObject user)
    {
        if (user.ElementTypeOid != 0) return new TypeFacts(user.Oid, user.Name, user.Schema, 'b', 'A', false, user.ElementTypeOid, 0) { User = user };
        (char category, bool isPreferred) = user.Kind switch
        {
            'e' => ('E', false),
            'c' => ('C', false),
            'd' when Find(user.BaseType.Oid) is { } inner => (inner.Category, false),
            _ => ('U', false),
        };
        return new TypeFacts(user.Oid, user.Name, user.Schema, user.Kind, category, isPreferred, 0, user.ArrayTypeOid)
        {
            User = user, Base = user.BaseType, Relation = user.RelationOid != 0 ? catalog.Find<TableObject>(user.RelationOid) : null,
        };
    }
}
