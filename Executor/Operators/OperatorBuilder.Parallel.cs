using VecSql.Executor.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;
using CteScan = VecSql.Planner.Physical.CteScan;
using LockRows = VecSql.Planner.Physical.LockRows;
using WorkTableScan = VecSql.Planner.Physical.WorkTableScan;

namespace VecSql.Executor.Operators;

/// <summary>Gather: which subtrees run in several workers, and what these share.</summary>
internal sealed partial class OperatorBuilder
{
    /// <summary>In a worker: the joins whose tables were built before.</summary>
    private readonly IReadOnlyList<JoinBuild> _sharedJoins = [];

    private Operator BuildGather(Gather plan)
    {
        if (FindPipeline(plan, out IReadOnlyList<JoinBuild> joins) is not { } pipeline) return Build(plan.Input);
        return new GatherOperator(_state, state => WorkerBuilder(state, joins).Build(plan.Input), pipeline, Kinds(plan));
    }

    /// <summary>An aggregation over a Gather that the planner gave to the workers.</summary>
    private HashAggregateOperator BuildAggregate(HashAggregate plan)
    {
        AggregatePlanParts parts = BuildParts(plan);
        if (!plan.RunsInWorkers || plan.Input is not Gather gather || FindPipeline(gather, out IReadOnlyList<JoinBuild> joins) is not { } pipeline)
            return new HashAggregateOperator(_state, Build(plan.Input), null, parts, plan.Groupings, Kinds(plan));
        ParallelAggregateInput parallel = new(_state, pipeline, state =>
        {
            OperatorBuilder builder = WorkerBuilder(state, joins);
            return (builder.Build(gather.Input), builder.BuildParts(plan));
        }, _statistics?.Create(gather));
        return new HashAggregateOperator(_state, null, parallel, parts, plan.Groupings, Kinds(plan));
    }

    private OperatorBuilder WorkerBuilder(ExecutionState state, IReadOnlyList<JoinBuild> joins) => new(state, _statistics, _filters, joins);

    /// <summary>The scan that drives the plan and the joins on the way to it; null if the plan can't run in parallel, or nobody wants it to.</summary>
    private ParallelPipeline? FindPipeline(Gather plan, out IReadOnlyList<JoinBuild> joins)
    {
        List<JoinBuild> found = [];
        joins = found;
        int workers = Math.Min(plan.Workers, _state.Options.MaxWorkers);
        if (workers <= 1 || _state.Shared is not null) return null;
        List<HashJoin> plans = [];
        PhysicalPlan node = plan.Input;
        while (node is not SequentialScan)
        {
            switch (node)
            {
                case FilterRows or ProjectRows: break;
                case HashJoin { IsNullAware: false, ReadsLeftFirst: false, Kind: JoinKind.Inner or JoinKind.Left or JoinKind.Semi or JoinKind.Anti } join: plans.Add(join); break;
                case ApplyJoin apply when IsSafe(apply.Right): break;
                default: return null;
            }
            node = node.Inputs[0];
        }
        foreach (HashJoin join in plans) found.Add(BuildShared(join));
        return new ParallelPipeline(_state, new SharedScan((SequentialScan)node, plan.PieceRows), workers, found, () => Build(plan.Input));
    }

    private JoinBuild BuildShared(HashJoin plan)
    {
        RuntimeFilter?[] filters = _filters.PlanLeft(plan, _state);
        HashJoinTable table = new(_state, Kinds(plan.Right), [.. plan.RightKeys.Select(k => k.Type)], plan.Kind is not (JoinKind.Semi or JoinKind.Anti) || plan.Residual is not null);
        return new JoinBuild(plan, Build(plan.Right), _expressions.BuildAll(plan.RightKeys), table, filters, _state.OpenAccount());
    }

    private SharedHashJoinOperator BuildProbe(JoinBuild shared)
    {
        HashJoin plan = shared.Plan;
        HashJoinSpec spec = new(plan.Kind, Kinds(plan.Left), Kinds(plan.Right), _expressions.BuildOptional(plan.Residual), false, true, false);
        return new SharedHashJoinOperator(_state, Build(plan.Left), _expressions.BuildAll(plan.LeftKeys), spec, shared.Table.ForReader());
    }

    /// <summary>Nothing in it is shared with the rest of the plan, or changes rows.</summary>
    private static bool IsSafe(PhysicalPlan plan) =>
        plan is not (CteScan or WorkTableScan or LockRows or InsertRows or UpdateRows or DeleteRows) && plan.Inputs.All(IsSafe);
}
