using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using VecSql.Core.Errors;

namespace VecSql.Core.Catalog;

/// <summary>A row of pg_type. Letters are PostgreSQL's.</summary>
public sealed record BuiltinType(uint Oid, string Name, short Length, bool ByValue, char Kind, char Category, bool IsPreferred, char Delimiter, uint Element, uint Array,
    uint Input, uint Output, uint Receive, uint Send, uint ModifierInput, uint ModifierOutput, char Alignment, char Storage, uint Collation, uint Subscript)
{
    /// <summary>The extension that brings the type; null for PostgreSQL's own.</summary>
    public string? Extension { get; init; }
}

/// <summary>A row of pg_proc.</summary>
/// <param name="Kind">'f' function, 'a' aggregate, 'w' window function, 'p' procedure.</param>
/// <param name="Variadic">The element type of a VARIADIC last argument; 0 if none.</param>
public sealed record BuiltinFunction(uint Oid, string Name, char Kind, char Volatility, char Parallel, bool IsStrict, bool ReturnsSet, uint Variadic, int DefaultCount,
    uint ReturnType, uint[] ArgumentTypes, uint[]? AllArgumentTypes, string? ArgumentModes, string[]? ArgumentNames, string Language, string Source, bool IsLeakproof, float Rows)
{
    public string? Extension { get; init; }

    /// <summary>Where it lies, if it belongs to no extension: pg_catalog, information_schema, or vecsql.</summary>
    public uint Schema { get; init; } = WellKnownOid.PgCatalogSchema;

    /// <summary>Under which the implementation is registered: PostgreSQL's internal name (prosrc), or name(types) for aggregates and what PostgreSQL writes in SQL.</summary>
    public string Key { get; init; } = Source;
}

/// <summary>A row of pg_operator. Left is 0 for a prefix operator.</summary>
public sealed record BuiltinOperator(uint Oid, string Name, char Kind, bool CanMerge, bool CanHash, uint Left, uint Right, uint Result, uint Commutator, uint Negator, uint Function)
{
    public string? Extension { get; init; }
}

/// <summary>A row of pg_cast.</summary>
/// <param name="Context">'i' implicit, 'a' assignment, 'e' explicit.</param>
/// <param name="Method">'f' by function, 'b' binary compatible, 'i' through text.</param>
public sealed record BuiltinCast(uint Oid, uint Source, uint Target, uint Function, char Context, char Method)
{
    public string? Extension { get; init; }
}

/// <summary>A row of pg_aggregate.</summary>
/// <param name="Kind">'n' normal, 'o' ordered-set, 'h' hypothetical-set.</param>
public sealed record BuiltinAggregate(uint Oid, char Kind, int DirectArguments, uint Transition, uint Final, uint Combine, uint TransitionType, string? InitialValue);

/// <summary>
/// The types, functions, operators and casts that every database has: PostgreSQL 15's own numbers and signatures (its public interface, read from its catalogs),
/// and those of the extensions that VecSql carries. Overload resolution works on these rows as PostgreSQL's does; what has no implementation is refused by name when called.
/// </summary>
public static class Builtins
{
    public static IReadOnlyList<BuiltinType> Types { get; } = LoadTypes();

    // Initialized here, in textual order: signatures of functions need type names.
    private static readonly FrozenDictionary<uint, BuiltinType> TypesByOid = Types.ToFrozenDictionary(t => t.Oid);

    public static IReadOnlyList<BuiltinFunction> Functions { get; } = LoadFunctions();
    public static IReadOnlyList<BuiltinOperator> Operators { get; } = LoadOperators();
    public static IReadOnlyList<BuiltinCast> Casts { get; } = LoadCasts();
    public static IReadOnlyList<BuiltinAggregate> Aggregates { get; } = LoadAggregates();

    private static readonly FrozenDictionary<string, BuiltinType> TypesByName = Types.ToFrozenDictionary(t => t.Name);
    private static readonly FrozenDictionary<uint, BuiltinFunction> FunctionsByOid = Functions.ToFrozenDictionary(f => f.Oid);
    private static readonly FrozenDictionary<string, BuiltinFunction[]> FunctionsByName = Functions.GroupBy(f => f.Name).ToFrozenDictionary(g => g.Key, g => g.ToArray());
    private static readonly FrozenDictionary<uint, BuiltinOperator> OperatorsByOid = Operators.ToFrozenDictionary(o => o.Oid);
    private static readonly FrozenDictionary<string, BuiltinOperator[]> OperatorsByName = Operators.GroupBy(o => o.Name).ToFrozenDictionary(g => g.Key, g => g.ToArray());
    private static readonly FrozenDictionary<(uint, uint), BuiltinCast> CastsByTypes = Casts.ToFrozenDictionary(c => (c.Source, c.Target));
    private static readonly FrozenDictionary<uint, BuiltinAggregate> AggregatesByOid = Aggregates.ToFrozenDictionary(a => a.Oid);

    public static BuiltinType? FindType(uint oid) => TypesByOid.GetValueOrDefault(oid);
    public static BuiltinType? FindType(string name) => TypesByName.GetValueOrDefault(name);
    public static BuiltinFunction? FindFunction(uint oid) => FunctionsByOid.GetValueOrDefault(oid);
    public static IReadOnlyList<BuiltinFunction> FindFunctions(string name) => FunctionsByName.GetValueOrDefault(name, []);
    public static BuiltinOperator? FindOperator(uint oid) => OperatorsByOid.GetValueOrDefault(oid);
    public static IReadOnlyList<BuiltinOperator> FindOperators(string name) => OperatorsByName.GetValueOrDefault(name, []);
    public static BuiltinCast? FindCast(uint source, uint target) => CastsByTypes.GetValueOrDefault((source, target));
    public static BuiltinAggregate? FindAggregate(uint function) => AggregatesByOid.GetValueOrDefault(function);

    /// <summary>"name(type,type)" with pg_type's names: the key of what has no internal name.</summary>
    public static string SignatureOf(string name, IEnumerable<uint> argumentTypes) =>
        $"{name}({string.Join(',', argumentTypes.Select(oid => FindType(oid)?.Name ?? oid.ToString(CultureInfo.InvariantCulture)))})";

    /// <summary>Owners of functions that are no extensions.</summary>
    private static uint? SchemaNamed(string? owner) => owner switch { "information_schema" => WellKnownOid.InformationSchema, "vecsql" => WellKnownOid.VecSqlSchema, _ => null };

    private static List<BuiltinType> LoadTypes()
    {
        List<BuiltinType> all = [];
        foreach ((string file, string? extension) in Files("type"))
            foreach (Row r in Rows(file))
                all.Add(new BuiltinType(r.Oid(0), r[1], r.Short(2), r.Bool(3), r.Char(4), r.Char(5), r.Bool(6), r.Char(7), r.Oid(8), r.Oid(9), r.Oid(10), r.Oid(11), r.Oid(12),
                    r.Oid(13), r.Oid(14), r.Oid(15), r.Char(16), r.Char(17), r.Oid(18), r.Oid(19)) { Extension = extension });
        return all;
    }

    private static List<BuiltinFunction> LoadFunctions()
    {
        List<BuiltinFunction> all = [];
        foreach ((string file, string? extension) in Files("proc"))
            foreach (Row r in Rows(file))
            {
                uint[] arguments = r.Oids(10) ?? [];
                bool hasOwnName = r[15].Length > 0 && r[15] != "aggregate_dummy";
                all.Add(new BuiltinFunction(r.Oid(0), r[1], r.Char(2), r.Char(3), r.Char(4), r.Bool(5), r.Bool(6), r.Oid(7), r.Short(8), r.Oid(9), arguments, r.Oids(11),
                    r.Text(12)?.Replace(" ", "", StringComparison.Ordinal), r.Text(13)?.Split(' '), r[14], r[15], r.Bool(16), float.Parse(r[17], CultureInfo.InvariantCulture))
                {
                    Extension = SchemaNamed(extension) is null ? extension : null,
                    Schema = SchemaNamed(extension) ?? WellKnownOid.PgCatalogSchema,
                    Key = hasOwnName ? r[15] : SignatureOf(r[1], arguments),
                });
            }
        return all;
    }

    private static List<BuiltinOperator> LoadOperators()
    {
        List<BuiltinOperator> all = [];
        foreach ((string file, string? extension) in Files("operator"))
            foreach (Row r in Rows(file))
                all.Add(new BuiltinOperator(r.Oid(0), r[1], r.Char(2), r.Bool(3), r.Bool(4), r.Oid(5), r.Oid(6), r.Oid(7), r.Oid(8), r.Oid(9), r.Oid(10)) { Extension = extension });
        return all;
    }

    private static List<BuiltinCast> LoadCasts()
    {
        List<BuiltinCast> all = [];
        foreach ((string file, string? extension) in Files("cast"))
            foreach (Row r in Rows(file))
                all.Add(new BuiltinCast(r.Oid(0), r.Oid(1), r.Oid(2), r.Oid(3), r.Char(4), r.Char(5)) { Extension = extension });
        return all;
    }

    private static List<BuiltinAggregate> LoadAggregates()
    {
        List<BuiltinAggregate> all = [];
        foreach ((string file, _) in Files("aggregate"))
            foreach (Row r in Rows(file))
                all.Add(new BuiltinAggregate(r.Oid(0), r.Char(1), r.Short(2), r.Oid(3), r.Oid(4), r.Oid(5), r.Oid(6), r.Text(7)));
        return all;
    }

    /// <summary>pg_X.tsv is PostgreSQL's own; NAME_X.tsv belongs to the extension NAME, or to the schema of that name that every database has.</summary>
    internal static IEnumerable<(string Resource, string? Extension)> Files(string table)
    {
        Assembly assembly = typeof(Builtins).Assembly;
        foreach (string resource in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            string[] parts = resource.Split('.');
            if (parts.Length < 2 || parts[^1] != "tsv" || !parts[^2].EndsWith("_" + table, StringComparison.Ordinal)) continue;
            string owner = parts[^2][..^(table.Length + 1)];
            yield return (resource, owner == "pg" ? null : owner);
        }
    }

    internal static IEnumerable<Row> Rows(string resource)
    {
        using Stream stream = typeof(Builtins).Assembly.GetManifestResourceStream(resource) ?? throw new InvariantException("missing resource " + resource);
        using StreamReader reader = new(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line) yield return new Row(line.Split('\t'));
    }

    internal readonly struct Row(string[] fields)
    {
        public string this[int i] => fields[i] == "\\N" ? "" : fields[i].Replace("\\\\", "\\", StringComparison.Ordinal);
        public string? Text(int i) => fields[i] == "\\N" ? null : this[i];
        public uint Oid(int i) => uint.Parse(fields[i], CultureInfo.InvariantCulture);
        public short Short(int i) => short.Parse(fields[i], CultureInfo.InvariantCulture);
        public bool Bool(int i) => fields[i] == "t";
        public char Char(int i) => fields[i].Length > 0 ? fields[i][0] : '\0';

        public uint[]? Oids(int i)
        {
            if (fields[i] == "\\N") return null;
            return fields[i].Length == 0 ? [] : [.. fields[i].Split(' ').Select(f => uint.Parse(f, CultureInfo.InvariantCulture))];
        }
    }
}
