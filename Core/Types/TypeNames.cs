using System.Collections.Frozen;
using System.Globalization;
using VecSql.Core.Catalog;

namespace VecSql.Core.Types;

/// <summary>Types by their SQL names, both ways: what error messages, format_type and casts by name use.</summary>
public static class TypeNames
{
    private static readonly IReadOnlyList<uint> DefaultPath = [WellKnownOid.PgCatalogSchema, WellKnownOid.PublicSchema];

    /// <summary>pg_proc's number of array_subscript_handler: what marks a true array.</summary>
    internal const uint ArraySubscriptHandler = 6179;

    /// <summary>SQL's own spellings beside pg_type's.</summary>
    private static readonly FrozenDictionary<string, uint> Aliases = new Dictionary<string, uint>
    {
        ["boolean"] = TypeOid.Bool, ["smallint"] = TypeOid.Int2, ["int"] = TypeOid.Int4, ["integer"] = TypeOid.Int4, ["bigint"] = TypeOid.Int8,
        ["real"] = TypeOid.Float4, ["float"] = TypeOid.Float8, ["double precision"] = TypeOid.Float8, ["decimal"] = TypeOid.Numeric, ["dec"] = TypeOid.Numeric,
        ["character varying"] = TypeOid.Varchar, ["char varying"] = TypeOid.Varchar, ["character"] = TypeOid.Bpchar, ["char"] = TypeOid.Bpchar, ["nchar"] = TypeOid.Bpchar,
        ["national character"] = TypeOid.Bpchar, ["national character varying"] = TypeOid.Varchar, ["bit varying"] = TypeOid.Varbit,
        ["time without time zone"] = TypeOid.Time, ["time with time zone"] = TypeOid.TimeTz,
        ["timestamp without time zone"] = TypeOid.Timestamp, ["timestamp with time zone"] = TypeOid.TimestampTz,
    }.ToFrozenDictionary();

    /// <summary>The type as SQL writes it: "character varying(10)", "integer[]", "timestamp(3) without time zone", "vector(3)"; "???" if there is no such type.</summary>
    /// <param name="type">With its modifier.</param>
    /// <param name="catalog">For users' types.</param>
    /// <param name="searchPath">Schemas whose types need no qualification; null: pg_catalog and public.</param>
    public static string Display(SqlType type, CatalogSnapshot? catalog = null, IReadOnlyList<uint>? searchPath = null) =>
        Display(type, false, catalog, searchPath);

    /// <summary>As format_type(oid, modifier) shows it: a bit or bpchar whose modifier is known to be -1 is not SQL's bit or character.</summary>
    internal static string Display(SqlType type, bool modifierGiven, CatalogSnapshot? catalog, IReadOnlyList<uint>? searchPath)
    {
        if (type.Oid == 0) return "-";
        if (ElementOf(type.Oid, catalog) is { } element) return Display(new SqlType(element, type.Modifier), modifierGiven, catalog, searchPath) + "[]";
        string modifier = type.Modifier < 0 ? "" : FormatModifier(type, catalog);
        return type.Oid switch
        {
            TypeOid.Bool => "boolean",
            TypeOid.Int2 => "smallint",
            TypeOid.Int4 => "integer",
            TypeOid.Int8 => "bigint",
            TypeOid.Float4 => "real",
            TypeOid.Float8 => "double precision",
            TypeOid.Numeric => "numeric" + modifier,
            TypeOid.Varchar => "character varying" + modifier,
            TypeOid.Bpchar when type.Modifier >= 0 || !modifierGiven => "character" + modifier,
            TypeOid.Bit when type.Modifier >= 0 || !modifierGiven => "bit" + modifier,
            TypeOid.Varbit => "bit varying" + modifier,
            TypeOid.Time => $"time{Precision(modifier)} without time zone",
            TypeOid.TimeTz => $"time{Precision(modifier)} with time zone",
            TypeOid.Timestamp => $"timestamp{Precision(modifier)} without time zone",
            TypeOid.TimestampTz => $"timestamp{Precision(modifier)} with time zone",
            TypeOid.Interval => "interval" + modifier,
            _ => NameOf(type.Oid, catalog, searchPath) + modifier,
        };
    }

    /// <summary>The element type of a true array; null for anything else (also int2vector, which is shown by its own name).</summary>
    public static uint? ElementOf(uint type, CatalogSnapshot? catalog = null)
    {
        if (Builtins.FindType(type) is { } known) return known is { Subscript: ArraySubscriptHandler, Storage: not 'p' } ? known.Element : null;
        if (catalog?.Find<TypeObject>(type) is { } own) return own.Kind == 'b' && own.ElementTypeOid != 0 ? own.ElementTypeOid : null;
        return catalog is null ? null : DerivedTypes.RowTypeOfArray(type, catalog);
    }

    /// <summary>The array type over a type; 0 if there is none.</summary>
    public static uint ArrayOf(uint type, CatalogSnapshot? catalog = null)
    {
        if (Builtins.FindType(type) is { } known) return known.Array;
        if (catalog?.Find<TypeObject>(type) is { } own) return own.ArrayTypeOid;
        return catalog is null ? 0 : DerivedTypes.FindRowType(type, catalog)?.RowArrayTypeOid ?? 0;
    }

    /// <summary>
    /// The type with that name: one of SQL's spellings (lower case, one space between words) or a name in a schema. 0 if there is none.
    /// </summary>
    /// <param name="schema">Null: the search path.</param>
    /// <param name="name">As the parser folded it; without modifier and brackets.</param>
    /// <param name="catalog">For users' types and extensions.</param>
    /// <param name="searchPath">Null: pg_catalog and public.</param>
    /// <param name="isQuoted">A quoted name is no SQL spelling: "char" is the one-byte type.</param>
    public static uint Find(string? schema, string name, CatalogSnapshot catalog, IReadOnlyList<uint>? searchPath = null, bool isQuoted = false)
    {
        if (schema is null && !isQuoted && Aliases.TryGetValue(name, out uint alias)) return alias;
        if (schema is not null)
            return schema == "pg_catalog" ? FindIn(WellKnownOid.PgCatalogSchema, name, catalog) : catalog.FindSchema(schema) is { } found ? FindIn(found.Oid, name, catalog) : 0;
        foreach (uint candidate in searchPath ?? DefaultPath)
            if (FindIn(candidate, name, catalog) is var type and not 0) return type;
        return 0;
    }

    /// <summary>Reads a whole type as text, with its modifier and brackets: "numeric(10,2)[]". Null if it names no type.</summary>
    /// <exception cref="Errors.SqlException">The modifier isn't the type's.</exception>
    public static SqlType? Parse(string text, CatalogSnapshot catalog, IReadOnlyList<uint>? searchPath = null)
    {
        string rest = text.Trim();
        bool isArray = false;
        while (rest.EndsWith(']'))
        {
            int open = rest.LastIndexOf('[');
            if (open <= 0 || !rest[(open + 1)..^1].Trim().All(char.IsAsciiDigit)) return null;
            rest = rest[..open].TrimEnd();
            isArray = true;
        }
        if (!SplitModifier(ref rest, out int[] arguments)) return null;
        uint oid = FindWritten(rest, catalog, searchPath);
        if (oid == 0) return null;
        int modifier = arguments.Length == 0 ? -1 : TypeHandlers.Find(oid, catalog)?.ParseModifier(arguments, rest) ?? -1;
        return isArray ? ArrayOf(oid, catalog) is var array and not 0 ? new SqlType(array, modifier) : null : new SqlType(oid, modifier);
    }

    private static uint FindWritten(string text, CatalogSnapshot catalog, IReadOnlyList<uint>? searchPath)
    {
        string words = string.Join(' ', text.Split([' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();
        if (Aliases.TryGetValue(words, out uint alias)) return alias;
        return SqlIdentifier.Split(text) switch
        {
            [var name] => Find(null, name, catalog, searchPath, isQuoted: text.Contains('"', StringComparison.Ordinal)),
            [var schema, var name] => Find(schema, name, catalog, searchPath),
            _ => 0,
        };
    }

    /// <summary>Takes "(10,2)" out of "numeric(10,2)" or "timestamp(3) with time zone".</summary>
    private static bool SplitModifier(ref string text, out int[] arguments)
    {
        arguments = [];
        int open = text.IndexOf('(', StringComparison.Ordinal);
        if (open < 0) return true;
        int close = text.IndexOf(')', open);
        if (close < 0) return false;
        string[] parts = text[(open + 1)..close].Split(',');
        arguments = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            if (!int.TryParse(parts[i], NumberStyles.Integer, CultureInfo.InvariantCulture, out arguments[i])) return false;
        text = text[..open] + " " + text[(close + 1)..];
        text = text.Trim();
        return true;
    }

    private static uint FindIn(uint schema, string name, CatalogSnapshot catalog)
    {
        if (schema == WellKnownOid.PgCatalogSchema) return Builtins.FindType(name) is { Extension: null } known ? known.Oid : 0;
        if (catalog.FindType(schema, name) is { } own) return own.Oid;
        if (catalog.FindRelation(schema, name) is TableObject { RowTypeOid: not 0 } table) return table.RowTypeOid;
        return Builtins.FindType(name) is { Extension: { } extension } carried && catalog.FindExtension(extension)?.Schema == schema ? carried.Oid : 0;
    }

    private static string NameOf(uint type, CatalogSnapshot? catalog, IReadOnlyList<uint>? searchPath)
    {
        BuiltinType? known = Builtins.FindType(type);
        if (known is { Extension: null }) return SqlIdentifier.Quote(known.Name);
        if (known is not null && catalog?.FindExtension(known.Extension!) is null) return SqlIdentifier.Quote(known.Name);
        (string name, uint schema) = known is not null ? (known.Name, catalog!.FindExtension(known.Extension!)!.Schema) : catalog?.Find<TypeObject>(type) is { } own ? (own.Name, own.Schema)
            : catalog is not null && DerivedTypes.FindRowType(type, catalog) is { } table ? (table.Name, table.Schema) : ("", 0u);
        if (schema == 0) return "???";
        foreach (uint candidate in searchPath ?? DefaultPath)
        {
            if (candidate == schema) return SqlIdentifier.Quote(name);
            if (FindIn(candidate, name, catalog!) != 0) break;
        }
        return SqlIdentifier.Quote(catalog!.Find<SchemaObject>(schema)?.Name ?? "???") + "." + SqlIdentifier.Quote(name);
    }

    private static string FormatModifier(SqlType type, CatalogSnapshot? catalog) =>
        TypeHandlers.Find(type.Oid, catalog) is { } handler ? handler.FormatModifier(type.Modifier) : $"({type.Modifier.ToString(CultureInfo.InvariantCulture)})";

    /// <summary>Handlers of times may give "(3)" or "(3) without time zone": the number alone goes between the words.</summary>
    private static string Precision(string modifier) => modifier.Length == 0 ? "" : modifier[..(modifier.IndexOf(')', StringComparison.Ordinal) + 1)];
}
