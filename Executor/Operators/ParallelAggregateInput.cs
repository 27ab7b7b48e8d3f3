using VecSql.Core.Columns;

namespace VecSql.Executor.Operators;

/// <summary>The input of an aggregation that is read by several workers: each groups what it reads, then their groups are merged.</summary>
internal sealed class ParallelAggregateInput(ExecutionState state, SharedScan scan, int workers, Func<ExecutionState, (Operator Input, AggregatePlanParts Parts)> build)
{
    public void Read(AggregationSet[] target)
    {
        scan.Restart();
        AggregationSet[][] partial = new AggregationSet[workers][];
        try
        {
            WorkerThreads.Run(state, scan, workers, (workerState, worker) =>
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
    }
}
