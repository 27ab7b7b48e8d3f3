using System.Diagnostics;
using VecSql.Planner.Physical;

namespace VecSql.Executor.Operators;

/// <summary>What an operator did, over all its runs.</summary>
public sealed class OperatorStatistics
{
    public long Rows { get; set; }
    public long Loops { get; set; }

    /// <summary>Rows that its own filter removed.</summary>
    public long RowsRemoved { get; set; }

    /// <summary>Rows that a join's <see cref="RuntimeFilter"/> removed after that.</summary>
    public long RowsRemovedAtRuntime { get; set; }

    /// <summary>Time in it and below, in <see cref="Stopwatch"/> ticks.</summary>
    public long Ticks { get; set; }

    /// <summary>Of these, until each run's first batch (or its end).</summary>
    public long FirstBatchTicks { get; set; }
    public double FirstBatchMilliseconds => FirstBatchTicks * 1000.0 / Stopwatch.Frequency;
    public double Milliseconds => Ticks * 1000.0 / Stopwatch.Frequency;

    /// <summary>Further facts, such as a sort's method or a vector search's strategy, by EXPLAIN's labels.</summary>
    public Dictionary<string, string> Details { get; } = [];

    /// <summary>Those of the details that are counts: over several workers they add up.</summary>
    private readonly HashSet<string> _counts = [];

    public void Count(string label, long count)
    {
        Details[label] = count.ToString();
        _counts.Add(label);
    }

    /// <summary>Adds another worker's details.</summary>
    internal void AddDetails(OperatorStatistics other)
    {
        foreach ((string label, string fact) in other.Details)
        {
            if (other._counts.Contains(label)) Count(label, long.Parse(fact) + (Details.TryGetValue(label, out string? known) ? long.Parse(known) : 0));
            else Details[label] = fact;
        }
    }
}

/// <summary>The statistics of all operators of a plan: several for one node if workers ran copies of it.</summary>
internal sealed class PlanStatistics
{
    private readonly Dictionary<PhysicalPlan, List<OperatorStatistics>> _byNode = new(PlanComparer.Instance);

    public OperatorStatistics Create(PhysicalPlan node)
    {
        OperatorStatistics statistics = new();
        lock (_byNode)
        {
            if (!_byNode.TryGetValue(node, out List<OperatorStatistics>? all)) _byNode.Add(node, all = []);
            all.Add(statistics);
        }
        return statistics;
    }

    /// <summary>A node's counts over all workers; null if it never ran.</summary>
    public OperatorStatistics? Sum(PhysicalPlan node)
    {
        lock (_byNode)
        {
            if (!_byNode.TryGetValue(node, out List<OperatorStatistics>? all)) return null;
            if (all.Count == 1) return all[0];
            OperatorStatistics sum = new();
            foreach (OperatorStatistics one in all)
            {
                sum.Rows += one.Rows;
                sum.Loops += one.Loops;
                sum.RowsRemoved += one.RowsRemoved;
                sum.RowsRemovedAtRuntime += one.RowsRemovedAtRuntime;
                sum.FirstBatchTicks = Math.Max(sum.FirstBatchTicks, one.FirstBatchTicks);
                sum.Ticks = Math.Max(sum.Ticks, one.Ticks);
                sum.AddDetails(one);
            }
            return sum;
        }
    }
}
