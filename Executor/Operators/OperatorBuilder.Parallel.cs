using VecSql.Planner.Logical;
using VecSql.Planner.Physical;
using CteScan = VecSql.Planner.Physical.CteScan;
using LockRows = VecSql.Planner.Physical.LockRows;
using WorkTableScan = VecSql.Planner.Physical.WorkTableScan;

namespace VecSql.Executor.Operators;

/// <summary>Gather: which subtrees may run in several workers, and how their counts come together.</summary>
internal sealed partial class OperatorBuilder
{
    private Operator BuildGather(Gather plan)
    {
        if (FindDrivingScan(plan, out int workers) is not { } scan) return Build(plan.Input);
        return new GatherOperator(_state, state => WorkerBuilder(state).Build(plan.Input), new SharedScan(scan), workers, Kinds(plan));
    }

    /// <summary>An aggregation right above a Gather: the workers aggregate too.</summary>
    private HashAggregateOperator BuildAggregate(HashAggregate plan)
    {
        AggregatePlanParts parts = BuildParts(plan);
        if (plan.Input is Gather gather && parts.Inputs.All(i => i.IsPlain) && FindDrivingScan(gather, out int workers) is { } scan)
        {
            ParallelAggregateInput parallel = new(_state, new SharedScan(scan), workers, state =>
            {
                OperatorBuilder builder = WorkerBuilder(state);
                return (builder.Build(gather.Input), builder.BuildParts(plan));
            });
            return new HashAggregateOperator(_state, null, parallel, parts, plan.Groupings, Kinds(plan));
        }
        return new HashAggregateOperator(_state, Build(plan.Input), null, parts, plan.Groupings, Kinds(plan));
    }

    private OperatorBuilder WorkerBuilder(ExecutionState state) => new(state, _statistics, _filters);

    /// <summary>The scan whose pieces the workers share: the one that drives the joins above it. Null if the subtree can't run in parallel, or nobody wants it to.</summary>
    private SequentialScan? FindDrivingScan(Gather plan, out int workers)
    {
        workers = Math.Min(plan.Workers, _state.Options.MaxWorkers);
        if (workers <= 1 || _state.Shared is not null || !IsSafe(plan.Input)) return null;
        PhysicalPlan node = plan.Input;
        while (true)
        {
            switch (node)
            {
                case SequentialScan scan: return scan;
                case FilterRows or ProjectRows: node = node.Inputs[0]; break;
                case HashJoin { Kind: JoinKind.Inner or JoinKind.Left or JoinKind.Semi or JoinKind.Anti }: node = node.Inputs[0]; break;
                default: return null;
            }
        }
    }

    /// <summary>Nothing in it is shared with the rest of the plan, or changes rows.</summary>
    private static bool IsSafe(PhysicalPlan plan) =>
        plan is not (CteScan or WorkTableScan or LockRows or InsertRows or UpdateRows or DeleteRows) && plan.Inputs.All(IsSafe);
}
