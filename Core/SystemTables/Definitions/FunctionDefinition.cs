using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>Functions as PostgreSQL writes them: arguments, result, CREATE FUNCTION. Built-in and users' functions alike.</summary>
internal sealed class FunctionDefinition
{
    private readonly CatalogSnapshot _catalog;
    private readonly IReadOnlyList<uint> _searchPath;

    private FunctionDefinition(CatalogSnapshot catalog, IReadOnlyList<uint> searchPath) => (_catalog, _searchPath) = (catalog, searchPath);

    private IReadOnlyList<(char Mode, string Name, uint Type)> Parameters { get; init; } = [];
    private SqlType ResultType { get; init; }
    private bool ReturnsSet { get; init; }
    private bool IsProcedure { get; init; }
    private FunctionObject? User { get; init; }

    /// <summary>Null if there is no such function.</summary>
    public static FunctionDefinition? Find(uint oid, CatalogSnapshot catalog, IReadOnlyList<uint> searchPath)
    {
        if (catalog.Find<FunctionObject>(oid) is { } own)
        {
            return new FunctionDefinition(catalog, searchPath)
            {
                Parameters = [.. own.ArgumentTypes.Select((t, i) => ('i', i < own.ArgumentNames.Length ? own.ArgumentNames[i] : "", t))],
                ResultType = own.ReturnType, ReturnsSet = own.ReturnsSet, User = own,
            };
        }
        if (Builtins.FindFunction(oid) is not { } f) return null;
        uint[] types = f.AllArgumentTypes ?? f.ArgumentTypes;
        return new FunctionDefinition(catalog, searchPath)
        {
            Parameters = [.. types.Select((t, i) => (f.ArgumentModes is { } modes ? modes[i] : 'i', f.ArgumentNames is { } names && i < names.Length ? names[i] : "", t))],
            ResultType = new SqlType(f.ReturnType), ReturnsSet = f.ReturnsSet, IsProcedure = f.Kind == 'p',
        };
    }

    /// <summary>"a integer, VARIADIC b text[]".</summary>
    public string Arguments() => string.Join(", ", Parameters.Select((p, i) => (p, i)).Where(each => each.p.Mode != 't').Select(each => Parameter(each.p) + Default(each.i)));

    private string Default(int place)
    {
        int first = Parameters.Count - (User?.ArgumentDefaults.Length ?? 0);
        return User is null || place < first ? "" : " DEFAULT " + SqlText.Display(User.ArgumentDefaults[place - first], _catalog, _searchPath);
    }

    /// <summary>Those by which ALTER FUNCTION finds it: no OUT ones.</summary>
    public string IdentityArguments() => string.Join(", ", Parameters.Where(p => p.Mode is 'i' or 'b' or 'v').Select(Parameter));

    /// <summary>"integer", "SETOF text", "TABLE(a integer)"; null for a procedure.</summary>
    public string? Result()
    {
        if (IsProcedure) return null;
        if (Parameters.Any(p => p.Mode == 't')) return $"TABLE({string.Join(", ", Parameters.Where(p => p.Mode == 't').Select(p => $"{SqlIdentifier.Quote(p.Name)} {Type(new SqlType(p.Type))}"))})";
        return (ReturnsSet ? "SETOF " : "") + Type(ResultType);
    }

    /// <summary>CREATE FUNCTION of a user's function; null for built-in ones, whose body isn't SQL.</summary>
    public string? Create()
    {
        if (User is not { } f) return null;
        StringBuilder sql = new("CREATE OR REPLACE FUNCTION ");
        sql.Append(SqlIdentifier.Quote(SystemRelations.SchemaName(f.Schema, _catalog) ?? "???")).Append('.').Append(SqlIdentifier.Quote(f.Name)).Append('(').Append(Arguments()).Append(")\n RETURNS ")
            .Append(Result()).Append("\n LANGUAGE ").Append(SqlIdentifier.Quote(f.Language)).Append('\n');
        string attributes = (f.Volatility switch { 'i' => " IMMUTABLE", 's' => " STABLE", _ => "" }) + (f.IsStrict ? " STRICT" : "");
        if (attributes.Length > 0) sql.Append(attributes).Append('\n');
        string tag = "$function$";
        while (f.Body.Contains(tag, StringComparison.Ordinal)) tag = tag.Insert(tag.Length - 1, "x");
        return sql.Append("AS ").Append(tag).Append(f.Body).Append(tag).Append('\n').ToString();
    }

    private string Parameter((char Mode, string Name, uint Type) p)
    {
        string mode = p.Mode switch { 'o' => "OUT ", 'b' => "INOUT ", 'v' => "VARIADIC ", _ => "" };
        return mode + (p.Name.Length > 0 ? SqlIdentifier.Quote(p.Name) + " " : "") + Type(new SqlType(p.Type));
    }

    private string Type(SqlType type) => TypeNames.Display(type, _catalog, _searchPath);
}
