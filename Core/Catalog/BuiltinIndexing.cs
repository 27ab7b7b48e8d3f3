using System.Collections.Frozen;
using VecSql.Core.Types;

namespace VecSql.Core.Catalog;

/// <summary>A row of pg_am.</summary>
public sealed record BuiltinAccessMethod(uint Oid, string Name, char Kind, uint Handler)
{
    public string? Extension { get; init; }
}

/// <summary>A row of pg_opfamily.</summary>
public sealed record BuiltinOperatorFamily(uint Oid, uint Method, string Name)
{
    public string? Extension { get; init; }
}

/// <summary>A row of pg_opclass.</summary>
public sealed record BuiltinOperatorClass(uint Oid, uint Method, string Name, uint Family, uint InputType, bool IsDefault, uint KeyType)
{
    public string? Extension { get; init; }
}

/// <summary>A row of pg_amop. Purpose is 's' search or 'o' ordering.</summary>
public sealed record BuiltinFamilyOperator(uint Oid, uint Family, uint Left, uint Right, short Strategy, char Purpose, uint Operator, uint Method)
{
    public string? Extension { get; init; }
}

/// <summary>A row of pg_amproc.</summary>
public sealed record BuiltinFamilyFunction(uint Oid, uint Family, uint Left, uint Right, short Number, uint Function)
{
    public string? Extension { get; init; }
}

/// <summary>
/// Index methods and their operator classes: PostgreSQL's own for btree and hash (read from its catalogs), and those of the extension "vector", with numbers of ours.
/// </summary>
public static class BuiltinIndexing
{
    private const uint FirstVectorFamily = 9900, FirstVectorClass = 9930, FirstVectorOperator = 9960;

    /// <summary>Their rows in vector_proc.tsv.</summary>
    private const uint HnswHandler = 9312, IvfFlatHandler = 9311;

    public static IReadOnlyList<BuiltinAccessMethod> Methods { get; } =
    [
        new(WellKnownOid.HeapTableMethod, "heap", 't', 3), new(WellKnownOid.BTreeMethod, "btree", 'i', 330), new(WellKnownOid.HashMethod, "hash", 'i', 331),
        new(WellKnownOid.HnswMethod, "hnsw", 'i', HnswHandler) { Extension = "vector" }, new(WellKnownOid.IvfFlatMethod, "ivfflat", 'i', IvfFlatHandler) { Extension = "vector" },
    ];

    public static IReadOnlyList<BuiltinOperatorFamily> Families { get; } =
        [.. Load("opfamily", (r, _) => new BuiltinOperatorFamily(r.Oid(0), r.Oid(1), r[2])), .. VectorFamilies()];

    public static IReadOnlyList<BuiltinOperatorClass> Classes { get; } =
        [.. Load("opclass", (r, _) => new BuiltinOperatorClass(r.Oid(0), r.Oid(1), r[2], r.Oid(3), r.Oid(4), r.Bool(5), r.Oid(6))), .. VectorClasses()];

    public static IReadOnlyList<BuiltinFamilyOperator> Operators { get; } =
        [.. Load("amop", (r, _) => new BuiltinFamilyOperator(r.Oid(0), r.Oid(1), r.Oid(2), r.Oid(3), r.Short(4), 's', r.Oid(5), r.Oid(6))), .. VectorOperators()];

    public static IReadOnlyList<BuiltinFamilyFunction> Functions { get; } = 
        [.. Load("amproc", (r, extension) => new BuiltinFamilyFunction(r.Oid(0), r.Oid(1), r.Oid(2), r.Oid(3), r.Short(4), r.Oid(5)) { Extension = extension })];

    private static readonly FrozenDictionary<uint, BuiltinOperatorClass> ClassesByOid = Classes.ToFrozenDictionary(c => c.Oid);

    public static BuiltinAccessMethod? FindMethod(string name) => Methods.FirstOrDefault(m => m.Name == name);
    public static BuiltinAccessMethod? FindMethod(uint oid) => Methods.FirstOrDefault(m => m.Oid == oid);
    public static BuiltinOperatorClass? FindClass(uint oid) => ClassesByOid.GetValueOrDefault(oid);

    /// <summary>The class of an index key: by name, or the type's default. Null if the method has none for it.</summary>
    public static BuiltinOperatorClass? FindClass(uint method, uint type, string? name)
    {
        uint storedAs = InputType(type);
        return Classes.FirstOrDefault(c => c.Method == method && c.InputType == storedAs && (name is null ? c.IsDefault : c.Name == name))
            ?? (name is null ? null : Classes.FirstOrDefault(c => c.Method == method && c.Name == name));
    }

    /// <summary>The type whose class indexes the type: varchar goes as text, arrays as anyarray, users' types as what they are made of.</summary>
    private static uint InputType(uint type) => type switch
    {
        TypeOid.Varchar => TypeOid.Text,
        TypeOid.RegClass or TypeOid.RegType or TypeOid.RegProc or TypeOid.RegProcedure or TypeOid.RegNamespace or TypeOid.RegRole or TypeOid.RegOper or TypeOid.RegOperator => TypeOid.Oid,
        _ => Builtins.FindType(type) switch { { Category: 'A', Storage: not 'p' } => TypeOid.AnyArray, null => TypeOid.AnyEnum, _ => type },
    };

    private static List<T> Load<T>(string table, Func<Builtins.Row, string?, T> read)
    {
        List<T> all = [];
        foreach ((string file, string? extension) in Builtins.Files(table))
            foreach (Builtins.Row row in Builtins.Rows(file)) all.Add(read(row, extension));
        return all;
    }

    private static uint MethodOf(VectorOperatorClass c) => c.AccessMethod switch
    {
        "hnsw" => WellKnownOid.HnswMethod,
        "ivfflat" => WellKnownOid.IvfFlatMethod,
        _ => WellKnownOid.BTreeMethod,
    };

    private static IEnumerable<BuiltinOperatorFamily> VectorFamilies() =>
        VectorOperatorClasses.All.Select((c, i) => new BuiltinOperatorFamily(FirstVectorFamily + (uint)i, MethodOf(c), c.Name) { Extension = "vector" });

    private static IEnumerable<BuiltinOperatorClass> VectorClasses() => VectorOperatorClasses.All.Select((c, i) =>
        new BuiltinOperatorClass(FirstVectorClass + (uint)i, MethodOf(c), c.Name, FirstVectorFamily + (uint)i, c.TypeOid, c.IsDefault, 0) { Extension = "vector" });

    /// <summary>The distance operator that each class orders by; for btree the five comparisons.</summary>
    private static IEnumerable<BuiltinFamilyOperator> VectorOperators()
    {
        uint next = FirstVectorOperator;
        for (int i = 0; i < VectorOperatorClasses.All.Count; i++)
        {
            VectorOperatorClass c = VectorOperatorClasses.All[i];
            string[] names = c.Metric.Length > 0 ? [c.Operator] : ["<", "<=", "=", ">=", ">"];
            for (int n = 0; n < names.Length; n++)
            {
                BuiltinOperator op = Builtins.FindOperators(names[n]).First(o => o.Left == c.TypeOid && o.Right == c.TypeOid);
                yield return new BuiltinFamilyOperator(next++, FirstVectorFamily + (uint)i, c.TypeOid, c.TypeOid, (short)(n + 1), c.Metric.Length > 0 ? 'o' : 's', op.Oid, MethodOf(c)) { Extension = "vector" };
            }
        }
    }
}
