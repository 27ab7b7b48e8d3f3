using System.Collections.Frozen;
using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;

namespace VecSql.Core.SystemTables;

/// <summary>A system relation that is defined by SQL over others. Its columns are those of <paramref name="Shape"/>, in order; the binder reads the text as it reads a user's view.</summary>
public sealed record SystemViewDefinition(SystemTableDefinition Shape, string Sql);

/// <summary>
/// The system views: files Views/NAME.sql, one SELECT each with names qualified. To add one: its file, whose columns stand in the order of pg_relations.tsv; names and types come from there.
/// </summary>
public static class SystemViewDefinitions
{
    private const string Prefix = "SystemViews.";

    public static FrozenDictionary<string, SystemViewDefinition> All { get; } = Load();

    public static SystemViewDefinition? Find(string name) => All.GetValueOrDefault(name);

    private static FrozenDictionary<string, SystemViewDefinition> Load()
    {
        Dictionary<string, SystemViewDefinition> views = [];
        foreach (string resource in typeof(SystemViewDefinitions).Assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            string name = resource[Prefix.Length..];
            SystemTableDefinition shape = SystemTableDefinitions.All.GetValueOrDefault(name) ?? throw new InvariantException($"no system relation \"{name}\"");
            using StreamReader reader = new(typeof(SystemViewDefinitions).Assembly.GetManifestResourceStream(resource) ?? throw new InvariantException("missing resource " + resource));
            views.Add(name, new SystemViewDefinition(shape, Shaped(reader.ReadToEnd().TrimEnd(), shape)));
        }
        return views.ToFrozenDictionary();
    }

    /// <summary>The query with the columns' names and types put around it.</summary>
    private static string Shaped(string query, SystemTableDefinition shape)
    {
        StringBuilder sql = new("SELECT ");
        sql.AppendJoin(", ", shape.Columns.Select(c => $"v.\"{c.Name}\"::pg_catalog.\"{Builtins.FindType(c.Type.Oid)!.Name}\" AS \"{c.Name}\""));
        sql.Append(" FROM (").Append(query).Append(") AS v(").AppendJoin(", ", shape.Columns.Select(c => $"\"{c.Name}\"")).Append(')');
        return sql.ToString();
    }
}
