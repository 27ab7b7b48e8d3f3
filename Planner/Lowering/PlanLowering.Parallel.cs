using VecSql.Core.Catalog;
using VecSql.Planner.Cost;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>
/// Which parts of a finished plan run in several workers. A pipeline is a table scan with the filters, projections and joins that it drives; the joins' other sides are built once, before the
/// workers start. An aggregation over a pipeline is done by the workers and merged.
/// </summary>
internal sealed partial class PlanLowering
{
    /// <summary>Rows below which a scan isn't worth a second thread: about two of its pieces.</summary>
    private const double LeastParallelRows = 65_536;

    /// <summary>Of a scan that drives vector searches, one for each row, workers take so many rows at a time; twice as many are worth a second thread.</summary>
    private const int SearchedRows = 32;

    /// <param name="wantsAll">Whether all rows of the plan are asked for: below a LIMIT that stops early, workers would read ahead for nothing.</param>
    private PhysicalPlan Parallelize(PhysicalPlan plan, bool wantsAll)
    {
        Parser.SqlParser.CheckStack();
        if (wantsAll && IsPipeline(plan) && Gathered(plan, plan.Estimate.Rows) is { } gathered) return gathered;
        switch (plan)
        {
            case HashAggregate p when IsPipeline(p.Input) && p.Aggregates.All(CanCombine) && p.Groups.All(IsParallelSafe) && Gathered(p.Input, p.Estimate.Rows * context.MaxWorkers) is { } input:
                return p with { Input = input, RunsInWorkers = true };
            case HashAggregate p: return p with { Input = Parallelize(p.Input, true) };
            case SortRows p: return p with { Input = Parallelize(p.Input, true) };
            case DistinctRows p: return p with { Input = Parallelize(p.Input, wantsAll) };
            case WindowAggregate p: return p with { Input = Parallelize(p.Input, true) };
            case LimitRows p: return p with { Input = Parallelize(p.Input, false) };
            case FilterRows p: return p with { Input = Parallelize(p.Input, wantsAll) };
            case ProjectRows p: return p with { Input = Parallelize(p.Input, wantsAll) };
            case HashJoin p: return p with { Left = Parallelize(p.Left, wantsAll), Right = Parallelize(p.Right, true) };
            case WithCtes p: return p with { Body = Parallelize(p.Body, wantsAll) };
            default: return plan;
        }
    }

    /// <summary>The pipeline below a Gather, if that is expected to pay; null otherwise.</summary>
    /// <param name="rowsOut">Rows that go from the workers to the leader.</param>
    private Gather? Gathered(PhysicalPlan pipeline, double rowsOut)
    {
        int workers = context.MaxWorkers;
        bool searches = SearchesPerRow(pipeline);
        if (DrivingScan(pipeline) is not { } scan || cardinality.TableRows(scan.Table) < (searches ? 2 * SearchedRows : LeastParallelRows)) return null;
        Estimate alone = pipeline.Estimate;
        double builds = BuildCosts(pipeline);
        double shared = Math.Max(0, alone.TotalCost - builds) / workers;
        double total = builds + shared + _cost.ThreadSetup * workers + rowsOut * _cost.ThreadTuple;
        if (total >= alone.TotalCost) return null;
        return new Gather(WithParallelBuilds(pipeline), workers)
        {
            PieceRows = searches ? SearchedRows : 0,
            OutputNames = pipeline.OutputNames, Estimate = alone with { StartupCost = builds + _cost.ThreadSetup * workers, TotalCost = total },
        };
    }

    private static SequentialScan? DrivingScan(PhysicalPlan plan) => plan switch
    {
        SequentialScan scan => scan,
        FilterRows or ProjectRows or HashJoin or ApplyJoin => DrivingScan(plan.Inputs[0]),
        _ => null,
    };

    private static bool SearchesPerRow(PhysicalPlan plan) => plan switch
    {
        ApplyJoin p => HasVectorScan(p.Right) || SearchesPerRow(p.Left),
        FilterRows or ProjectRows or HashJoin => SearchesPerRow(plan.Inputs[0]),
        _ => false,
    };

    private static bool HasVectorScan(PhysicalPlan plan) => plan is VectorIndexScan || plan.Inputs.Any(HasVectorScan);

    private static double BuildCosts(PhysicalPlan plan) => plan switch
    {
        HashJoin p => p.Right.Estimate.TotalCost + BuildCosts(p.Left),
        FilterRows or ProjectRows or ApplyJoin => BuildCosts(plan.Inputs[0]),
        _ => 0,
    };

    /// <summary>The leader makes the joins' tables, perhaps from workers of their own.</summary>
    private PhysicalPlan WithParallelBuilds(PhysicalPlan plan) => plan switch
    {
        HashJoin p => p with { Left = WithParallelBuilds(p.Left), Right = Parallelize(p.Right, true) },
        FilterRows p => p with { Input = WithParallelBuilds(p.Input) },
        ProjectRows p => p with { Input = WithParallelBuilds(p.Input) },
        ApplyJoin p => p with { Left = WithParallelBuilds(p.Left) },
        _ => plan,
    };

    private static bool IsPipeline(PhysicalPlan plan) => plan switch
    {
        SequentialScan p => p.Filter is null || IsParallelSafe(p.Filter),
        FilterRows p => IsParallelSafe(p.Condition) && IsPipeline(p.Input),
        ProjectRows p => p.Expressions.All(IsParallelSafe) && IsPipeline(p.Input),
        HashJoin { IsNullAware: false, ReadsLeftFirst: false, KeepsLeftOrder: false, Kind: JoinKind.Inner or JoinKind.Left or JoinKind.Semi or JoinKind.Anti } p =>
            p.LeftKeys.All(IsParallelSafe) && (p.Residual is null || IsParallelSafe(p.Residual)) && IsPipeline(p.Left),
        ApplyJoin p => IsSafeOrNone(p.Condition) && p.Correlations.All(c => IsParallelSafe(c.Value)) && IsSearch(p.Right) && IsPipeline(p.Left),
        _ => false,
    };

    /// <summary>What each worker may run anew for its rows: look-ups by index, and searches by vector indexes with what stands above them.</summary>
    private static bool IsSearch(PhysicalPlan plan) => plan switch
    {
        IndexScan p => p.Equalities.All(IsParallelSafe) && p.AnyOf is null && p.Range is null && IsSafeOrNone(p.Filter),
        VectorIndexScan p => IsParallelSafe(p.Query) && IsSafeOrNone(p.Limit) && IsSafeOrNone(p.Filter),
        LimitRows { Ties: null } p => IsSafeOrNone(p.Count) && IsSafeOrNone(p.Offset) && HasVectorScan(p) && IsSearch(p.Input),
        SortRows p => p.Keys.All(k => IsParallelSafe(k.Expression)) && IsSafeOrNone(p.Limit) && HasVectorScan(p) && IsSearch(p.Input),
        FilterRows p => IsParallelSafe(p.Condition) && HasVectorScan(p) && IsSearch(p.Input),
        ProjectRows p => p.Expressions.All(IsParallelSafe) && HasVectorScan(p) && IsSearch(p.Input),
        _ => false,
    };

    private static bool IsSafeOrNone(BoundExpression? expression) => expression is null || IsParallelSafe(expression);

    private static bool IsParallelSafe(BoundExpression expression) =>
        !ExpressionFacts.Any(expression, e => e is CallExpression { Signature.Parallel: not 's' } or SubplanExpression);

    /// <summary>Whether workers can each aggregate a part, in any order.</summary>
    private static bool CanCombine(AggregateCall call) => !call.IsDistinct && call.OrderBy.Count == 0 && Builtins.FindAggregate(call.Signature.Oid) is { Combine: not 0 }
        && call.Arguments.All(IsParallelSafe) && (call.Filter is null || IsParallelSafe(call.Filter));
}
