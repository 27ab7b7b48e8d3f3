using System.Diagnostics;
using VecSql.Core.Columns;

namespace VecSql.Executor.Operators;

/// <summary>The input of an aggregation that is read by several workers: each groups what it reads, then their groups are merged.</summary>
internal sealed class ParallelAggregateInput(ExecutionState state, ParallelPipeline pipeline, Func<ExecutionState, (Operator Input, AggregatePlanParts Parts)> build, OperatorStatistics? statistics) : IDisposable
{
    /// <summary>False if the workers can't run: then <see cref="Alone"/> is to be read.</summary>
    public bool TryRead(AggregationSet[] target)
    {
        if (!pipeline.TryPrepare()) return false;
        long start = Stopwatch.GetTimestamp();
        AggregationSet[][] partial = new AggregationSet[pipeline.Workers][];
        try
        {
            WorkerThreads.Run(state, pipeline.Scan, pipeline.Workers, (workerState, worker) =>
            {
                (Operator input, AggregatePlanParts parts) = build(workerState);
                using (input)
                {
                    AggregationSet[] sets = partial[worker] = parts.CreateSets(workerState);
                    Column[] groups = new Column[parts.Groups.Length];
                    input.Open();
                    while (input.Next() is { } batch) HashAggregateOperator.Take(batch, parts, groups, sets);
                    foreach (AggregationSet set in sets) set.Finish();
                }
            });
            Note(partial, Stopwatch.GetTimestamp() - start);
            foreach (AggregationSet[] sets in partial)
                for (int i = 0; i < target.Length; i++)
                    while (sets[i].NextGroups()) target[i].Merge(sets[i]);
        }
        finally
        {
            foreach (AggregationSet[]? sets in partial)
                if (sets is not null)
                    foreach (AggregationSet set in sets) set.Dispose();
        }
        return true;
    }

    public Operator Alone => pipeline.Alone;

    /// <summary>What EXPLAIN ANALYZE shows at the Gather: the groups that the workers handed over.</summary>
    private void Note(AggregationSet[][] partial, long ticks)
    {
        if (statistics is null) return;
        statistics.Loops++;
        statistics.Ticks += ticks;
        statistics.FirstBatchTicks += ticks;
        foreach (AggregationSet[] sets in partial)
            foreach (AggregationSet set in sets) statistics.Rows += set.GroupCount;
        statistics.Details["Workers Launched"] = (pipeline.Workers - 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose() => pipeline.Dispose();
}
