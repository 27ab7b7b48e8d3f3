using VecSql.Core.SystemTables;

namespace VecSql.Planner.Binding;

public static partial class SystemViews
{
    public static IReadOnlyList<SystemView> All { get; } = [.. SystemViewDefinitions.All.Values.Select(v => new SystemView(v.Shape.Oid, v.Shape.Schema, v.Shape.Name, v.Sql))];
}
