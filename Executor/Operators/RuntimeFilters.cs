using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;

namespace VecSql.Executor.Operators;

/// <summary>Which scans of a plan are to be filtered by which joins: shared by the builders of a query's workers.</summary>
internal sealed class RuntimeFilters
{
    private readonly Dictionary<PhysicalPlan, List<(RuntimeFilter Filter, int Ordinal)>> _byScan = new(PlanComparer.Instance);

    /// <summary>The filters of a scan, for one operator.</summary>
    public ScanFilter[] Of(SequentialScan scan)
    {
        lock (_byScan) return _byScan.TryGetValue(scan, out List<(RuntimeFilter Filter, int Ordinal)>? found) ? [.. found.Select(f => new ScanFilter(f.Filter, f.Ordinal))] : [];
    }

    /// <summary>The filters that a join can give to scans below its left side, from the right keys. Only joins that drop left rows without a partner have any.</summary>
    public RuntimeFilter?[] PlanLeft(HashJoin join, ExecutionState state) =>
        join is { IsNullAware: false, Kind: JoinKind.Inner or JoinKind.Semi or JoinKind.Right } ? Plan(join.Left, join.LeftKeys, state) : new RuntimeFilter?[join.LeftKeys.Count];

    /// <summary>The filters that a join which reads its left side first can give to scans below its right side.</summary>
    public RuntimeFilter?[] PlanRight(HashJoin join, ExecutionState state) => join.ReadsLeftFirst ? Plan(join.Right, join.RightKeys, state) : [];

    /// <summary>One filter for each key, null where no scan can use it.</summary>
    private RuntimeFilter?[] Plan(PhysicalPlan side, IReadOnlyList<BoundExpression> keys, ExecutionState state)
    {
        RuntimeFilter?[] filters = new RuntimeFilter?[keys.Count];
        for (int key = 0; key < filters.Length; key++)
        {
            if (keys[key] is not InputExpression input || !RuntimeFilter.Supports(state.KindOf(input.Type)) || FindScan(side, input.Ordinal) is not var (scan, ordinal)) continue;
            RuntimeFilter filter = filters[key] = new RuntimeFilter(state.KindOf(input.Type));
            lock (_byScan)
            {
                if (!_byScan.TryGetValue(scan, out List<(RuntimeFilter Filter, int Ordinal)>? all)) _byScan.Add(scan, all = []);
                all.Add((filter, ordinal));
            }
        }
        return filters;
    }

    /// <summary>The scan that a column comes from, if dropping its rows drops just the rows above that hold their values.</summary>
    private static (SequentialScan Scan, int Ordinal)? FindScan(PhysicalPlan plan, int ordinal)
    {
        while (true)
        {
            switch (plan)
            {
                case SequentialScan scan: return ordinal < scan.Columns.Count ? (scan, ordinal) : null;
                case FilterRows p when !ExpressionFacts.IsVolatile(p.Condition): plan = p.Input; break;
                case ProjectRows p when p.Expressions[ordinal] is InputExpression input && !p.Expressions.Any(ExpressionFacts.IsVolatile): (plan, ordinal) = (p.Input, input.Ordinal); break;
                case HashAggregate { GroupingSets: null } p when ordinal < p.Groups.Count && p.Groups[ordinal] is InputExpression input: (plan, ordinal) = (p.Input, input.Ordinal); break;
                case SortRows { Limit: null } p: plan = p.Input; break;
                case DistinctRows { On: null } p: plan = p.Input; break;
                case Gather p: plan = p.Input; break;
                case HashJoin { Kind: JoinKind.Inner or JoinKind.Left or JoinKind.Semi or JoinKind.Anti } p when ordinal < p.Left.OutputTypes.Count: plan = p.Left; break;
                case HashJoin { Kind: JoinKind.Inner or JoinKind.Right } p when ordinal >= p.Left.OutputTypes.Count: (plan, ordinal) = (p.Right, ordinal - p.Left.OutputTypes.Count); break;
                case ApplyJoin p when ordinal < p.Left.OutputTypes.Count: plan = p.Left; break;
                default: return null;
            }
        }
    }
}
