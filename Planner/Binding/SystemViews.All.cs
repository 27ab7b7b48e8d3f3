namespace VecSql.Planner.Binding;

public static partial class SystemViews
{
    public static IReadOnlyList<SystemView> All { get; } = [];
}
