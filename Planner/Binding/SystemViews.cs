using System.Collections.Frozen;

namespace VecSql.Planner.Binding;

/// <summary>A view that every database has, defined by SQL over system tables: information_schema, pg_views and the like.</summary>
/// <param name="Oid">Its number in pg_class (PostgreSQL's own where it has one).</param>
/// <param name="Sql">A SELECT with names qualified.</param>
public sealed record SystemView(uint Oid, uint Schema, string Name, string Sql);

/// <summary>All such views. To add one: a line in <see cref="All"/> (SystemViews.All.cs, or a list of its own joined there).</summary>
public static partial class SystemViews
{
    private static readonly Lazy<FrozenDictionary<(uint, string), SystemView>> ByName = new(() => All.ToFrozenDictionary(v => (v.Schema, v.Name)));

    public static SystemView? Find(uint schema, string name) => ByName.Value.GetValueOrDefault((schema, name));
}
