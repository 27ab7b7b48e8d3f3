using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.SystemTables;
using VecSql.Core.TextSearch;

namespace VecSql.Core.Types;

/// <summary>Catalog objects by name and back, along the session's search path: what the reg types and the to_reg functions do.</summary>
internal static class ObjectNames
{
    private static readonly (uint Oid, string Name)[] Collations = [(100, "default"), (950, "C"), (951, "POSIX"), (12341, "ucs_basic")];

    /// <summary>The object's number.</summary>
    /// <exception cref="SqlException">There is none, or more than one; the name is malformed.</exception>
    public static uint Find(RegKind kind, string text, EvalContext context) =>
        TryFind(kind, text, context, out SqlException? error) is var oid and not 0 ? oid : throw error!;

    /// <summary>The object's number; 0 and the reason if there is none. Malformed names are errors even so.</summary>
    public static uint TryFind(RegKind kind, string text, EvalContext context, out SqlException? error)
    {
        error = null;
        return kind switch
        {
            RegKind.Class => FindClass(text, context, ref error),
            RegKind.Type => FindType(text, context, ref error),
            RegKind.Procedure => FindProcedure(text, context, ref error),
            RegKind.ProcedureWithTypes => FindProcedureWithTypes(text, context, ref error),
            RegKind.Operator => FindOperator(text, ref error),
            RegKind.OperatorWithTypes => FindOperatorWithTypes(text, context, ref error),
            RegKind.Namespace => FindNamespace(Single(text), context, ref error),
            RegKind.Role => FindRole(Single(text), context, ref error),
            RegKind.Collation => FindCollation(text, ref error),
            RegKind.Configuration => FindTextSearch("configuration", text, static n => TextSearchConfiguration.Find(n)?.Oid, context, ref error),
            RegKind.Dictionary => FindTextSearch("dictionary", text, TextSearchConfiguration.FindDictionary, context, ref error),
            _ => throw Invariant.Unreachable(kind),
        };
    }

    /// <summary>The object's name, qualified where its name alone wouldn't find it; null if there is no such object.</summary>
    public static string? Display(RegKind kind, uint oid, EvalContext context)
    {
        CatalogSnapshot catalog = context.Catalog;
        switch (kind)
        {
            case RegKind.Class:
                (string? name, uint schema) = catalog.Find<RelationObject>(oid) is { } relation ? (relation.Name, relation.Schema)
                    : SystemRelations.Find(oid) is { } system ? (system.Name, system.Schema) : (null, 0u);
                if (name is null) return null;
                return FindRelation(null, name, context) == oid
                    ? SqlIdentifier.Quote(name)
                    : $"{SqlIdentifier.Quote(SchemaName(schema, catalog) ?? "???")}.{SqlIdentifier.Quote(name)}";
            case RegKind.Type:
                string type = TypeNames.Display(new SqlType(oid), catalog, context.Session.SearchPath);
                return type == "???" ? null : type;
            case RegKind.Procedure:
                if (FunctionOf(oid, catalog) is not { } function) return null;
                bool isFound = function.Schema is null && CountFunctions(function.Name, catalog) == 1;
                return (isFound ? "" : SqlIdentifier.Quote(function.Schema ?? "pg_catalog") + ".") + SqlIdentifier.Quote(function.Name);
            case RegKind.ProcedureWithTypes:
                if (FunctionOf(oid, catalog) is not { } known) return null;
                return $"{SqlIdentifier.Quote(known.Name)}({string.Join(',', known.Arguments.Select(a => TypeNames.Display(new SqlType(a), catalog)))})";
            case RegKind.Operator:
                if (Builtins.FindOperator(oid) is not { } op) return null;
                return Builtins.FindOperators(op.Name).Count == 1 ? op.Name : "pg_catalog." + op.Name;
            case RegKind.OperatorWithTypes:
                return Builtins.FindOperator(oid) is { } full ? $"{full.Name}({Operand(full.Left, catalog)},{Operand(full.Right, catalog)})" : null;
            case RegKind.Namespace: return SchemaName(oid, catalog) is { } schemaName ? SqlIdentifier.Quote(schemaName) : null;
            case RegKind.Role: return catalog.Shared.Find<RoleObject>(oid) is { } role ? SqlIdentifier.Quote(role.Name) : null;
            case RegKind.Collation:
                string? collation = Array.Find(Collations, c => c.Oid == oid).Name;
                return collation is null ? null : SqlIdentifier.Quote(collation);
            case RegKind.Configuration: return Array.Find(TextSearchConfiguration.All, c => c.Oid == oid)?.Name;
            case RegKind.Dictionary: return TextSearchConfiguration.DictionaryName(oid);
            default: throw Invariant.Unreachable(kind);
        }
    }

    /// <summary>A schema by name; 0 if there is none. The fixed ones need no catalog entry.</summary>
    public static uint FindSchema(string name, EvalContext context) => context.Catalog.FindSchema(name)?.Oid ?? name switch
    {
        "pg_catalog" => WellKnownOid.PgCatalogSchema,
        "information_schema" => WellKnownOid.InformationSchema,
        "pg_toast" => WellKnownOid.PgToastSchema,
        _ => 0u,
    };

    public static string? SchemaName(uint schema, CatalogSnapshot catalog) => catalog.Find<SchemaObject>(schema)?.Name ?? schema switch
    {
        WellKnownOid.PgCatalogSchema => "pg_catalog",
        WellKnownOid.InformationSchema => "information_schema",
        WellKnownOid.PgToastSchema => "pg_toast",
        WellKnownOid.PublicSchema => "public",
        _ => null,
    };

    private static uint Missing(string state, string message, ref SqlException? error)
    {
        error = new SqlException(state, message);
        return 0;
    }

    private static IReadOnlyList<string> Split(string text) => SqlIdentifier.Split(text) ?? throw new SqlException(SqlState.InvalidName, "invalid name syntax");

    private static string Single(string text) => Split(text) is [var name] ? name : throw new SqlException(SqlState.InvalidName, "invalid name syntax");

    private static uint FindNamespace(string name, EvalContext context, ref SqlException? error) =>
        FindSchema(name, context) is var oid and not 0 ? oid : Missing(SqlState.InvalidSchemaName, $"schema \"{name}\" does not exist", ref error);

    private static uint FindRole(string name, EvalContext context, ref SqlException? error) =>
        context.Catalog.Shared.FindRole(name)?.Oid ?? Missing(SqlState.UndefinedObject, $"role \"{name}\" does not exist", ref error);

    private static uint FindClass(string text, EvalContext context, ref SqlException? error)
    {
        IReadOnlyList<string> parts = Split(text);
        if (parts.Count == 3 && parts[0] != context.Session.DatabaseName)
            throw SqlException.NotSupported($"cross-database references are not implemented: \"{text}\"");
        if (parts.Count > 3) throw new SqlException(SqlState.SyntaxError, $"improper relation name (too many dotted names): {text}");
        string? schema = parts.Count > 1 ? parts[^2] : null;
        if (schema is not null && FindSchema(schema, context) == 0) return Missing(SqlState.InvalidSchemaName, $"schema \"{schema}\" does not exist", ref error);
        uint oid = FindRelation(schema, parts[^1], context);
        return oid != 0 ? oid : Missing(SqlState.UndefinedTable, $"relation \"{string.Join('.', parts)}\" does not exist", ref error);
    }

    private static uint FindRelation(string? schema, string name, EvalContext context)
    {
        if (schema is not null) return FindIn(FindSchema(schema, context));
        foreach (uint candidate in context.Session.SearchPath)
            if (FindIn(candidate) is var found and not 0) return found;
        return 0;

        uint FindIn(uint candidate) => context.Catalog.FindRelation(candidate, name)?.Oid ?? SystemRelations.Find(candidate, name)?.Oid ?? 0;
    }

    private static uint FindType(string text, EvalContext context, ref SqlException? error)
    {
        if (TypeNames.Parse(text, context.Catalog, context.Session.SearchPath) is { } type) return type.Oid;
        if (SqlIdentifier.Split(text) is [var schema, _] && FindSchema(schema, context) == 0)
            return Missing(SqlState.InvalidSchemaName, $"schema \"{schema}\" does not exist", ref error);
        return Missing(SqlState.UndefinedObject, $"type \"{text.Trim()}\" does not exist", ref error);
    }

    private static uint FindProcedure(string text, EvalContext context, ref SqlException? error)
    {
        IReadOnlyList<string> parts = Split(text);
        List<uint> found = [.. FunctionsNamed(parts, context).Select(f => f.Oid)];
        if (found.Count > 1) return Missing(SqlState.AmbiguousFunction, $"more than one function named \"{text}\"", ref error);
        return found.Count == 1 ? found[0] : Missing(SqlState.UndefinedFunction, $"function \"{text}\" does not exist", ref error);
    }

    private static uint FindProcedureWithTypes(string text, EvalContext context, ref SqlException? error)
    {
        (string name, List<uint> types) = SplitSignature(text, context, allowsNone: false, ref error);
        if (error is not null) return 0;
        foreach ((uint oid, IReadOnlyList<uint> arguments) in FunctionsNamed(Split(name), context))
            if (arguments.SequenceEqual(types)) return oid;
        return Missing(SqlState.UndefinedFunction, $"function \"{text}\" does not exist", ref error);
    }

    private static IEnumerable<(uint Oid, IReadOnlyList<uint> Arguments)> FunctionsNamed(IReadOnlyList<string> parts, EvalContext context)
    {
        uint schema = parts.Count > 1 ? FindSchema(parts[^2], context) : 0;
        if (parts.Count == 1 || schema == WellKnownOid.PgCatalogSchema)
            foreach (BuiltinFunction function in Builtins.FindFunctions(parts[^1])) yield return (function.Oid, function.ArgumentTypes);
        foreach (CatalogObject candidate in context.Catalog.Objects)
            if (candidate is FunctionObject own && own.Name == parts[^1] && (parts.Count == 1 ? context.Session.SearchPath.Contains(own.Schema) : own.Schema == schema))
                yield return (own.Oid, own.ArgumentTypes);
    }

    private static uint FindOperator(string text, ref SqlException? error)
    {
        string name = text[(text.LastIndexOf('.') + 1)..];
        IReadOnlyList<BuiltinOperator> found = Builtins.FindOperators(name);
        if (found.Count > 1) return Missing(SqlState.AmbiguousFunction, $"more than one operator named {text}", ref error);
        return found.Count == 1 ? found[0].Oid : Missing(SqlState.UndefinedFunction, $"operator does not exist: {text}", ref error);
    }

    private static uint FindOperatorWithTypes(string text, EvalContext context, ref SqlException? error)
    {
        (string written, List<uint> types) = SplitSignature(text, context, allowsNone: true, ref error);
        if (error is not null) return 0;
        if (types.Count == 1)
            throw new SqlException(SqlState.UndefinedParameter, "missing argument", hint: "Use NONE to denote the missing argument of a unary operator.");
        if (types.Count != 2) throw new SqlException(SqlState.TooManyArguments, "too many arguments", hint: "Provide two argument types for operator.");
        string name = written[(written.LastIndexOf('.') + 1)..];
        foreach (BuiltinOperator candidate in Builtins.FindOperators(name))
            if (candidate.Left == types[0] && candidate.Right == types[1]) return candidate.Oid;
        return Missing(SqlState.UndefinedFunction, $"operator does not exist: {text}", ref error);
    }

    /// <summary>"name(type,type)" taken apart; NONE gives 0.</summary>
    private static (string Name, List<uint> Types) SplitSignature(string text, EvalContext context, bool allowsNone, ref SqlException? error)
    {
        int open = text.IndexOf('(', StringComparison.Ordinal);
        if (open < 0) throw new SqlException(SqlState.InvalidTextRepresentation, "expected a left parenthesis");
        if (!text.TrimEnd().EndsWith(')')) throw new SqlException(SqlState.InvalidTextRepresentation, "expected a right parenthesis");
        List<uint> types = [];
        string list = text.TrimEnd()[(open + 1)..^1];
        int depth = 0, start = 0;
        for (int i = 0; i <= list.Length && list.AsSpan().Trim().Length > 0; i++)
        {
            if (i < list.Length && list[i] == '(') depth++;
            if (i < list.Length && list[i] == ')') depth--;
            if (i < list.Length && (list[i] != ',' || depth > 0)) continue;
            string type = list[start..i].Trim();
            types.Add(allowsNone && type.Equals("none", StringComparison.OrdinalIgnoreCase) ? 0 : FindType(type, context, ref error));
            start = i + 1;
        }
        return (text[..open].Trim(), types);
    }

    private static uint FindCollation(string text, ref SqlException? error)
    {
        string name = Split(text)[^1];
        uint oid = Array.Find(Collations, c => c.Name == name).Oid;
        return oid != 0 ? oid : Missing(SqlState.UndefinedObject, $"collation \"{name}\" for encoding \"UTF8\" does not exist", ref error);
    }

    /// <summary>Text search objects are all in pg_catalog.</summary>
    private static uint FindTextSearch(string kind, string text, Func<string, uint?> find, EvalContext context, ref SqlException? error)
    {
        IReadOnlyList<string> parts = Split(text);
        bool isBuiltin = parts.Count == 1 || FindSchema(parts[^2], context) == WellKnownOid.PgCatalogSchema;
        if (isBuiltin && find(parts[^1]) is { } oid) return oid;
        return Missing(SqlState.UndefinedObject, $"text search {kind} \"{string.Join('.', parts)}\" does not exist", ref error);
    }

    /// <summary>Name, arguments and (for a user's function) schema.</summary>
    private static (string Name, IReadOnlyList<uint> Arguments, string? Schema)? FunctionOf(uint oid, CatalogSnapshot catalog)
    {
        if (Builtins.FindFunction(oid) is { } known) return (known.Name, known.ArgumentTypes, null);
        return catalog.Find<FunctionObject>(oid) is { } own ? (own.Name, own.ArgumentTypes, SchemaName(own.Schema, catalog)) : null;
    }

    private static int CountFunctions(string name, CatalogSnapshot catalog) =>
        Builtins.FindFunctions(name).Count + catalog.Objects.Count(o => o is FunctionObject f && f.Name == name);

    private static string Operand(uint type, CatalogSnapshot catalog) => type == 0 ? "NONE" : TypeNames.Display(new SqlType(type), catalog);
}
