using VecSql.Planner.Physical;

namespace VecSql.Planner.Explain;

public enum ExplainFormat { Text, Json }

/// <summary>EXPLAIN's options.</summary>
public sealed record ExplainOptions
{
    public ExplainFormat Format { get; init; }
    public bool Verbose { get; init; }
    public bool Costs { get; init; } = true;

    /// <summary>With actual numbers: also times.</summary>
    public bool Timing { get; init; } = true;

    /// <summary>What each node did (EXPLAIN ANALYZE); null for a plan that was not run. A node that never ran gives null.</summary>
    public Func<PhysicalPlan, NodeActuals?>? Actuals { get; init; }
    public double? PlanningMs { get; init; }
    public double? ExecutionMs { get; init; }
}

/// <summary>What a node did, over all loops.</summary>
/// <param name="TotalMs">Time in it and below, all loops.</param>
/// <param name="FirstMs">Of these, until the first rows came.</param>
/// <param name="RowsRemovedAtRuntime">Rows that a join's keys removed from a scan.</param>
/// <param name="Details">Further facts by label: "Sort Method", "Memory", "Vector Search".</param>
public sealed record NodeActuals(long Rows, long Loops, double TotalMs, double FirstMs, long RowsRemoved, long RowsRemovedAtRuntime, IReadOnlyDictionary<string, string> Details);
