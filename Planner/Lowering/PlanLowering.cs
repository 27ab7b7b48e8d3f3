using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser;
using VecSql.Planner.Binding;
using VecSql.Planner.Cost;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;
using Logical = VecSql.Planner.Logical;
using Physical = VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>
/// Logical plan → physical plan: chooses algorithms and access paths by cost. The one place that switches over logical nodes to run them; a test proves that it covers all.
/// </summary>
internal sealed partial class PlanLowering(PlanningContext context, Binder binder, CardinalityEstimator cardinality)
{
    private readonly CostModel _cost = new(context);

    private Lowered LowerPlan(LogicalPlan plan)
    {
        SqlParser.CheckStack();
        return plan switch
        {
            TableScan p => LowerScan(p, null),
            SystemTableScan p => LowerSystemScan(p, null),
            Logical.FunctionScan p => LowerFunctionScan(p),
            Values p => LowerValues(p),
            Filter p => LowerFilter(p),
            Project p => LowerProject(p),
            ProjectSet p => LowerProjectSet(p),
            Join p => LowerJoin(p),
            Apply p => LowerApply(p),
            Aggregate p => LowerAggregate(p),
            Window p => LowerWindow(p),
            Distinct p => LowerDistinct(p),
            Sort p => LowerSort(p, null),
            Limit p => LowerLimit(p),
            SetOperation p => LowerSetOperation(p),
            With p => LowerWith(p),
            Logical.CteScan p => LowerCteScan(p),
            Logical.RecursiveUnion p => LowerRecursiveUnion(p),
            Logical.WorkTableScan p => LowerWorkTableScan(p),
            Logical.LockRows p => LowerLockRows(p),
            Insert p => LowerInsert(p),
            Update p => LowerUpdate(p),
            Delete p => LowerDelete(p),
            _ => throw Invariant.Unreachable(plan),
        };
    }

    /// <summary>The whole statement; the output is just the plan's columns, in order.</summary>
    public PhysicalPlan LowerStatement(LogicalPlan plan)
    {
        Lowered lowered = LowerPlan(plan);
        PhysicalPlan physical = plan.Output.Count == 0 && lowered.Columns.Count == 0 ? lowered.Plan : Arrange(lowered, plan.Output).Plan;
        return context.MaxWorkers < 2 || ChangesData(plan) ? physical : Parallelize(physical, wantsAll: true);
    }

    private static bool ChangesData(LogicalPlan plan) => plan is Insert or Update or Delete or Logical.LockRows || plan.Inputs.Any(ChangesData);

    /// <summary>Projects to just these columns in this order, if they aren't so already.</summary>
    private Lowered Arrange(Lowered input, IReadOnlyList<LogicalColumn> columns)
    {
        bool isArranged = input.Columns.Count == columns.Count;
        for (int i = 0; isArranged && i < columns.Count; i++) isArranged = input.Columns[i] == columns[i].Id;
        if (isArranged) return input;
        List<BoundExpression> expressions = [.. columns.Select(c => (BoundExpression)new InputExpression(Place(input, c), c.Type))];
        return Named(new ProjectRows(input.Plan, expressions) { Estimate = _cost.Project(input.Plan.Estimate, expressions) }, columns);
    }

    private static int Place(Lowered input, LogicalColumn column) =>
        input.PlaceOf(column.Id) is >= 0 and int place ? place : throw new InvariantException($"column {column.Name}#{column.Id} is not produced");

    private static Lowered Named(PhysicalPlan plan, IReadOnlyList<LogicalColumn> columns) =>
        new(plan with { OutputNames = [.. columns.Select(c => c.Name)] }, [.. columns.Select(c => c.Id)]);

    private static IReadOnlyList<SqlType> TypesOf(IReadOnlyList<LogicalColumn> columns) => [.. columns.Select(c => c.Type)];

    private Lowered LowerFunctionScan(Logical.FunctionScan scan)
    {
        Lowered nothing = new(new ValuesScan([[]], []), []);
        Physical.FunctionScan plan = new([.. scan.Functions.Select(f => LowerCall(f, nothing))], scan.Ordinality is not null, TypesOf(scan.Output))
        {
            Estimate = _cost.Function(cardinality.Rows(scan), scan.Output),
        };
        return Named(plan, scan.Output);
    }

    private Lowered LowerValues(Values values)
    {
        Lowered nothing = new(new ValuesScan([[]], []), []);
        IReadOnlyList<IReadOnlyList<BoundExpression>> rows = [.. values.Rows.Select(r => LowerAll(r, nothing))];
        return Named(new ValuesScan(rows, TypesOf(values.Columns)) { Estimate = _cost.Values(rows.Count, values.Columns) }, values.Columns);
    }

    private Lowered LowerFilter(Filter filter)
    {
        if (filter.Input is TableScan scan) return LowerScan(scan, filter.Condition);
        if (filter.Input is SystemTableScan system) return LowerSystemScan(system, filter.Condition);
        Lowered input = LowerPlan(filter.Input);
        BoundExpression condition = Lower(filter.Condition, input);
        return input.With(new FilterRows(input.Plan, condition)
        {
            OutputNames = input.Plan.OutputNames, Estimate = _cost.Filter(input.Plan.Estimate, condition, cardinality.Rows(filter)),
        });
    }

    private Lowered LowerProject(Project project) => ProjectOver(LowerPlan(project.Input), project);

    private Lowered ProjectOver(Lowered input, Project project)
    {
        // Columns that only pass through under their own ids need no operator.
        if (project.Columns.Count == input.Columns.Count
            && project.Columns.Select((c, i) => c.Expression is ColumnExpression e && e.ColumnId == c.Column.Id && input.Columns[i] == e.ColumnId).All(same => same)) return input;
        IReadOnlyList<BoundExpression> expressions = LowerAll(project.Columns.Select(c => c.Expression), input);
        // A pure renaming keeps the plan and only changes what its columns are called.
        if (expressions.Count == input.Columns.Count && expressions.Select((e, i) => e is InputExpression reference && reference.Ordinal == i).All(same => same))
            return Named(input.Plan, project.Output);
        return Named(new ProjectRows(input.Plan, expressions) { Estimate = _cost.Project(input.Plan.Estimate, expressions) }, project.Output);
    }

    private Lowered LowerProjectSet(ProjectSet sets)
    {
        Lowered input = LowerPlan(sets.Input);
        IReadOnlyList<LogicalColumn> added = [.. sets.Sets.Select(s => s.Column)];
        ProjectSets plan = new(input.Plan, [.. sets.Sets.Select(s => LowerCall(s.Call, input))], [.. input.Plan.OutputTypes, .. added.Select(c => c.Type)])
        {
            OutputNames = [.. input.Plan.OutputNames, .. added.Select(c => c.Name)], Estimate = _cost.Sets(input.Plan.Estimate, cardinality.Rows(sets)),
        };
        return new Lowered(plan, [.. input.Columns, .. added.Select(c => c.Id)]);
    }

    private Lowered LowerAggregate(Aggregate aggregate)
    {
        Lowered input = LowerPlan(aggregate.Input);
        HashAggregate plan = new(input.Plan, LowerAll(aggregate.Groups.Select(g => g.Expression), input), aggregate.GroupingSets,
            [.. aggregate.Aggregates.Select(a => LowerCall(a.Call, input))], [.. aggregate.Groupings.Select(g => g.Groups)], TypesOf(aggregate.Output))
        {
            Estimate = _cost.Aggregate(input.Plan.Estimate, aggregate, cardinality.Rows(aggregate)),
        };
        return Named(plan, aggregate.Output);
    }

    private Lowered LowerWindow(Window window)
    {
        Lowered input = LowerPlan(window.Input);
        IReadOnlyList<LogicalColumn> added = [.. window.Calls.Select(c => c.Column)];
        WindowAggregate plan = new(input.Plan, LowerAll(window.PartitionBy, input), LowerKeys(window.OrderBy, input), [.. window.Calls.Select(c => LowerCall(c.Call, input))],
            [.. input.Plan.OutputTypes, .. added.Select(c => c.Type)])
        {
            OutputNames = [.. input.Plan.OutputNames, .. added.Select(c => c.Name)], Estimate = _cost.Window(input.Plan.Estimate, window),
        };
        return new Lowered(plan, [.. input.Columns, .. added.Select(c => c.Id)]);
    }

    private Lowered LowerDistinct(Distinct distinct)
    {
        Lowered input = LowerPlan(distinct.Input);
        if (distinct.On is null) input = Arrange(input, distinct.Output);
        return input.With(new DistinctRows(input.Plan, distinct.On is null ? null : LowerAll(distinct.On, input))
        {
            OutputNames = input.Plan.OutputNames, Estimate = _cost.Distinct(input.Plan.Estimate, cardinality.Rows(distinct)),
        });
    }

    private Lowered LowerSetOperation(SetOperation operation)
    {
        if (operation.Operator != SetOperator.Union)
        {
            Lowered left = Arrange(LowerPlan(operation.Left), operation.Left.Output), right = Arrange(LowerPlan(operation.Right), operation.Right.Output);
            return Named(new HashSetOperation(operation.Operator, operation.IsAll, left.Plan, right.Plan)
            {
                Estimate = _cost.SetOperation(left.Plan.Estimate, right.Plan.Estimate, cardinality.Rows(operation)),
            }, operation.Columns);
        }
        List<PhysicalPlan> branches = [];
        AddBranches(operation, operation.IsAll, branches);
        AppendRows append = new(branches) { Estimate = _cost.Append(branches) };
        PhysicalPlan plan = operation.IsAll ? append : new DistinctRows(append, null) { Estimate = _cost.Distinct(append.Estimate, cardinality.Rows(operation)) };
        return Named(plan, operation.Columns);
    }

    /// <summary>Flattens unions: under UNION any inner union, under UNION ALL inner UNION ALLs.</summary>
    private void AddBranches(LogicalPlan plan, bool isAll, List<PhysicalPlan> branches)
    {
        if (plan is SetOperation { Operator: SetOperator.Union } union && (!isAll || union.IsAll))
        {
            AddBranches(union.Left, isAll, branches);
            AddBranches(union.Right, isAll, branches);
        }
        else branches.Add(Arrange(LowerPlan(plan), plan.Output).Plan);
    }

    private Lowered LowerWith(With with)
    {
        List<CtePlan> definitions = [];
        foreach (CteDefinition definition in with.Definitions)
        {
            Lowered plan = LowerPlan(definition.Plan);
            if (definition.Plan.Output.Count > 0 || plan.Columns.Count > 0) plan = Arrange(plan, definition.Plan.Output);
            definitions.Add(new CtePlan(definition.Number, definition.Name, plan.Plan, definition.ModifiesData));
            _cteRows[definition.Number] = plan.Plan.Estimate.Rows;
        }
        Lowered body = LowerPlan(with.Body);
        return body.With(new WithCtes(definitions, body.Plan) { OutputNames = body.Plan.OutputNames, Estimate = _cost.With(definitions, body.Plan.Estimate) });
    }

    private readonly Dictionary<int, double> _cteRows = [];

    private Lowered LowerCteScan(Logical.CteScan scan) =>
        Named(new Physical.CteScan(scan.Number, scan.Name, scan.Ordinals, TypesOf(scan.Columns)) { Estimate = _cost.Scan(_cteRows.GetValueOrDefault(scan.Number, 100), scan.Columns) }, scan.Columns);

    private Lowered LowerRecursiveUnion(Logical.RecursiveUnion union)
    {
        Lowered start = Arrange(LowerPlan(union.Start), union.Start.Output);
        _cteRows[union.Number] = start.Plan.Estimate.Rows * 10;
        Lowered step = Arrange(LowerPlan(union.Step), union.Step.Output);
        return Named(new Physical.RecursiveUnion(union.Number, start.Plan, step.Plan, union.IsAll) { Estimate = _cost.Recursive(start.Plan.Estimate, step.Plan.Estimate) }, union.Columns);
    }

    private Lowered LowerWorkTableScan(Logical.WorkTableScan scan) =>
        Named(new Physical.WorkTableScan(scan.Number, TypesOf(scan.Columns)) { Estimate = _cost.Scan(_cteRows.GetValueOrDefault(scan.Number, 100), scan.Columns) }, scan.Columns);

    private Lowered LowerSystemScan(SystemTableScan scan, BoundExpression? condition)
    {
        Lowered columns = Named(new SystemScan(scan.Table, scan.Table.Name, scan.Ordinals, null, TypesOf(scan.Columns)) { Estimate = _cost.Scan(cardinality.Rows(scan), scan.Columns) }, scan.Columns);
        if (condition is null) return columns;
        BoundExpression filter = Lower(condition, columns);
        double rows = cardinality.Rows(new Filter(scan, condition));
        return columns.With((SystemScan)columns.Plan with { Filter = filter, Estimate = _cost.Filter(columns.Plan.Estimate, filter, rows) });
    }
}
