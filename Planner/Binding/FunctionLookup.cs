using VecSql.Core.Catalog;
using VecSql.Core.SystemTables;
using VecSql.Core.Types;

namespace VecSql.Planner.Binding;

/// <summary>Functions and operators by name that are visible in the search path.</summary>
internal sealed class FunctionLookup(CatalogSnapshot catalog, IReadOnlyList<uint> searchPath)
{
    private ILookup<string, FunctionObject>? _users;

    /// <summary>
    /// Signatures that could take so many arguments. Names: one for each argument, null for positional ones; null if all are positional.
    /// Of equal signatures the one earlier in the path is kept.
    /// </summary>
    public List<FunctionCandidate> Find(string? schemaName, string name, int count, IReadOnlyList<string?>? names, bool expandVariadic, bool expandDefaults)
    {
        List<FunctionCandidate> found = [];
        foreach ((BuiltinFunction function, FunctionObject? user, int path) in Visible(schemaName, name))
        {
            if (Lay(function, user, path, count, names, expandVariadic, expandDefaults) is not { } candidate) continue;
            AddUnlessHidden(found, candidate);
        }
        return found;
    }

    public bool Exists(string? schemaName, string name) => Visible(schemaName, name).Any();

    public List<BuiltinOperator> FindOperators(string? schemaName, string symbol)
    {
        List<BuiltinOperator> found = [];
        foreach (BuiltinOperator candidate in Builtins.FindOperators(symbol))
            if (PathOf(candidate.Extension, WellKnownOid.PgCatalogSchema, schemaName) >= 0)
                found.Add(candidate);
        return found;
    }

    /// <summary>Place in the search path of what an extension (or PostgreSQL itself) brings; -1 if it can't be seen.</summary>
    private int PathOf(string? extension, uint schema, string? schemaName)
    {
        if (extension is not null)
        {
            if (catalog.FindExtension(extension) is not { } installed) return -1;
            schema = installed.Schema;
        }
        if (schemaName is not null)
            return SystemRelations.FindSchema(schemaName, catalog) == schema ? 0 : -1;
        if (schema == WellKnownOid.PgCatalogSchema && !searchPath.Contains(schema)) return 0;
        for (int i = 0; i < searchPath.Count; i++)
            if (searchPath[i] == schema)
                return i + 1;
        return -1;
    }

    private IEnumerable<(BuiltinFunction, FunctionObject?, int)> Visible(string? schemaName, string name)
    {
        foreach (BuiltinFunction function in Builtins.FindFunctions(name))
            if (PathOf(function.Extension, function.Schema, schemaName) is >= 0 and int path)
                yield return (function, null, path);
        _users ??= catalog.Objects.OfType<FunctionObject>().ToLookup(f => f.Name);
        foreach (FunctionObject user in _users[name])
        {
            int path = schemaName switch
            {
                null => IsTemporary(user.Schema) ? -1 : IndexInPath(user.Schema),
                "pg_temp" => IsTemporary(user.Schema) ? IndexInPath(user.Schema) : -1,
                _ => catalog.FindSchema(schemaName)?.Oid == user.Schema ? 0 : -1,
            };
            if (path >= 0) yield return (AsSignature(user), user, path);
        }
    }

    /// <summary>Functions of a temporary schema are only found by its name: nobody can slip one under a trusted name.</summary>
    private bool IsTemporary(uint schema) => catalog.Find<SchemaObject>(schema)?.Name.StartsWith("pg_temp_", StringComparison.Ordinal) == true;

    private int IndexInPath(uint schema)
    {
        for (int i = 0; i < searchPath.Count; i++)
            if (searchPath[i] == schema)
                return i + 1;
        return -1;
    }

    private static BuiltinFunction AsSignature(FunctionObject user) => new(user.Oid, user.Name, 'f', user.Volatility, 'u', user.IsStrict, user.ReturnsSet, 0, user.ArgumentDefaults.Length, user.ReturnType.Oid,
        [.. user.ArgumentTypes], null, null, user.ArgumentNames.Length > 0 ? [.. user.ArgumentNames] : null, user.Language, user.Body, false, user.ReturnsSet ? 1000 : 0)
    {
        Key = $"user:{user.Oid}",
    };

    private static FunctionCandidate? Lay(BuiltinFunction function, FunctionObject? user, int path, int count, IReadOnlyList<string?>? names, bool expandVariadic, bool expandDefaults)
    {
        int declared = function.ArgumentTypes.Length;
        if (names is not null) return LayNamed(function, user, path, count, names, expandVariadic, expandDefaults);
        bool variadic = expandVariadic && function.Variadic != 0 && declared <= count;
        int defaults = 0;
        if (!variadic)
        {
            if (declared < count) return null;
            if (declared > count)
            {
                if (!expandDefaults || count + function.DefaultCount < declared) return null;
                defaults = declared - count;
            }
        }
        if (!variadic) return new FunctionCandidate(function, (uint[])function.ArgumentTypes.Clone(), false, defaults, null, path) { User = user };
        uint[] types = new uint[Math.Max(declared, count)];
        for (int i = 0; i < types.Length; i++) types[i] = i < declared - 1 ? function.ArgumentTypes[i] : function.Variadic;
        return new FunctionCandidate(function, types, true, 0, null, path) { User = user };
    }

    /// <summary>Positional arguments first, then each named one at its parameter's place; what is left must have defaults.</summary>
    private static FunctionCandidate? LayNamed(BuiltinFunction function, FunctionObject? user, int path, int count, IReadOnlyList<string?> names, bool expandVariadic, bool expandDefaults)
    {
        int declared = function.ArgumentTypes.Length;
        if (function.ArgumentNames is null || declared < count || expandVariadic && function.Variadic != 0) return null;
        List<string> inputNames = [];
        for (int i = 0; i < function.ArgumentNames.Length; i++)
            if (function.ArgumentModes is null || function.ArgumentModes[i] is 'i' or 'b' or 'v')
                inputNames.Add(function.ArgumentNames[i]);
        int[] places = new int[declared];
        Array.Fill(places, -1);
        for (int i = 0; i < count; i++)
        {
            int place = names[i] is null ? i : inputNames.IndexOf(names[i]!);
            if (place < 0 || place >= declared || places[place] >= 0) return null;
            places[place] = i;
        }
        int missing = places.Count(p => p < 0);
        if (missing > 0 && !expandDefaults) return null;
        for (int i = 0; i < declared; i++)
            if (places[i] < 0 && i < declared - function.DefaultCount)
                return null;
        return new FunctionCandidate(function, (uint[])function.ArgumentTypes.Clone(), false, missing, places, path) { User = user };
    }

    private static void AddUnlessHidden(List<FunctionCandidate> found, FunctionCandidate candidate)
    {
        int compared = candidate.Types.Length - candidate.DefaultsUsed;
        for (int i = 0; i < found.Count; i++)
        {
            FunctionCandidate other = found[i];
            if (candidate.ArgumentPlaces is null != other.ArgumentPlaces is null) continue;
            if (other.Types.Length - other.DefaultsUsed != compared) continue;
            if (!candidate.CallTypes(compared).AsSpan().SequenceEqual(other.CallTypes(compared))) continue;
            if (candidate.PathPosition != other.PathPosition)
            {
                if (candidate.PathPosition < other.PathPosition) found[i] = candidate;
                return;
            }
            if (candidate.IsVariadicExpanded != other.IsVariadicExpanded)
            {
                if (!candidate.IsVariadicExpanded) found[i] = candidate;
                return;
            }
            if (candidate.DefaultsUsed != other.DefaultsUsed)
            {
                if (candidate.DefaultsUsed < other.DefaultsUsed) found[i] = candidate;
                return;
            }
            found[i] = other with { IsAmbiguous = true };
            return;
        }
        found.Add(candidate);
    }
}
