using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Modification;
using VecSql.Executor.Rows;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using VecSql.Planner.Physical;
using VecSql.Storage.Contracts;
using LockRows = VecSql.Planner.Physical.LockRows;
using CteScan = VecSql.Planner.Physical.CteScan;
using FunctionScan = VecSql.Planner.Physical.FunctionScan;
using RecursiveUnion = VecSql.Planner.Physical.RecursiveUnion;
using WorkTableScan = VecSql.Planner.Physical.WorkTableScan;

namespace VecSql.Executor.Operators;

/// <summary>Physical plan → operators: the one switch over plan nodes. A test proves that it knows every node.</summary>
internal sealed partial class OperatorBuilder
{
    private readonly ExecutionState _state;
    private readonly EvaluatorBuilder _expressions;
    private readonly PlanStatistics? _statistics;
    private readonly RuntimeFilters _filters;

    public OperatorBuilder(ExecutionState state, PlanStatistics? statistics) : this(state, statistics, new RuntimeFilters(), []) { }

    private OperatorBuilder(ExecutionState state, PlanStatistics? statistics, RuntimeFilters filters, IReadOnlyList<JoinBuild> sharedJoins)
    {
        _sharedJoins = sharedJoins;
        _state = state;
        _statistics = statistics;
        _filters = filters;
        _expressions = new EvaluatorBuilder(state) { BuildSubplan = BuildSubplan };
    }

    public Operator Build(PhysicalPlan plan)
    {
        Operator built = BuildNode(plan);
        if (_statistics is not null)
        {
            built.Statistics = _statistics.Create(plan);
        }
        return built;
    }

    private Operator BuildNode(PhysicalPlan plan) => plan switch
    {
        ValuesScan p => new ValuesOperator(_state, [.. p.Rows.Select(_expressions.BuildAll)], Kinds(p)),
        SequentialScan p when _recheck is not null && IsLocked(p.Table) => BuildSingleRow(p.Table, p.Columns, p.WithRowId, p.Filter, p, null),
        SequentialScan p => Split(new SequentialScanOperator(_state, p, _expressions.BuildOptional(p.Filter), [.. p.Bounds.Select(b => _expressions.Build(b.Value))], _filters.Of(p))),
        IndexScan p when _recheck is not null && IsLocked(p.Table) => BuildSingleRow(p.Table, p.Columns, p.WithRowId, p.Filter, p, p),
        IndexScan p => new IndexScanOperator(_state, p, BuildKeyRange(p), _expressions.BuildOptional(p.Filter)),
        VectorIndexScan p => BuildVectorScan(p),
        SystemScan p => Split(new SystemScanOperator(_state, p, _expressions.BuildOptional(p.Filter))),
        FilterRows p => new FilterOperator(_state, Build(p.Input), _expressions.Build(p.Condition)),
        ProjectRows p when SequenceCalls.Interact(p.Expressions) => new RowwiseProjectOperator(_state, Build(p.Input), _expressions.BuildAll(p.Expressions), Kinds(p)),
        ProjectRows p => new ProjectOperator(_state, Build(p.Input), _expressions.BuildAll(p.Expressions)),
        SortRows p => new SortOperator(_state, Build(p.Input), Kinds(p.Input), Order(p.Keys), _expressions.BuildOptional(p.Limit)),
        LimitRows p => BuildLimit(p),
        FunctionScan p => new FunctionScanOperator(_state, BuildFunctions(p.Functions), p.WithOrdinality, Kinds(p)),
        ProjectSets p => new ProjectSetOperator(_state, Build(p.Input), BuildFunctions(p.Calls), Kinds(p.Input), Kinds(p)),
        HashJoin p => BuildHashJoin(p),
        NestedLoopJoin p => BuildNestedLoop(p),
        ApplyJoin p => BuildApply(p),
        HashAggregate p => BuildAggregate(p),
        WindowAggregate p => new WindowOperator(_state, p, Build(p.Input), new WindowLayout(p, _expressions, _state), Kinds(p)),
        DistinctRows p => new DistinctOperator(_state, Build(p.Input), p.On is null ? null : _expressions.BuildAll(p.On), p.On is null ? p.OutputTypes : [.. p.On.Select(e => e.Type)], Kinds(p)),
        AppendRows p => new AppendOperator(_state, [.. p.Branches.Select(Build)]),
        HashSetOperation p => new SetOperationOperator(_state, p.Operator, p.IsAll, Build(p.Left), Build(p.Right), p.OutputTypes),
        RecursiveUnion p => BuildRecursiveUnion(p),
        WorkTableScan p => BuildWorkTableScan(p),
        WithCtes p => BuildWith(p),
        CteScan p => BuildCteScan(p),
        InsertRows p => BuildInsert(p),
        UpdateRows p => BuildUpdate(p),
        DeleteRows p => BuildDelete(p),
        LockRows p => BuildLockRows(p),
        Gather p => BuildGather(p),
        _ => throw Invariant.Unreachable(plan),
    };

    private PhysicalKind[] Kinds(PhysicalPlan plan) => _state.KindsOf(plan.OutputTypes);

    private RowOrder Order(IReadOnlyList<SortKey> keys) => new(keys, _expressions, _state);

    /// <summary>Sources whose batches come as large as they are: cut, if smaller ones are asked for.</summary>
    private Operator Split(Operator source) => _state.Options.BatchSize >= ColumnBatch.MaxRows ? source : new SplitOperator(_state, source);

    private LimitOperator BuildLimit(LimitRows plan)
    {
        Operator input = Build(plan.Input);
        return new LimitOperator(_state, input, _expressions.BuildOptional(plan.Count), _expressions.BuildOptional(plan.Offset), plan.Ties is null ? null : Order(plan.Ties));
    }

    private RunningFunction[] BuildFunctions(IReadOnlyList<TableFunctionCall> calls) => [.. calls.Select(c => new RunningFunction(_state, c, _expressions.BuildAll(c.Arguments)))];

    private Operator BuildHashJoin(HashJoin plan)
    {
        foreach (JoinBuild shared in _sharedJoins)
            if (ReferenceEquals(shared.Plan, plan))
                return BuildProbe(shared);
        if (plan.IsNullAware && plan.Residual is not null) throw SqlException.NotSupported("NOT IN with further conditions as a hash join");
        return BuildJoin(plan);
    }

    /// <summary>A nested loop is a hash join without keys: every pair has the same one.</summary>
    private HashJoinOperator BuildNestedLoop(NestedLoopJoin plan) =>
        BuildJoin(new HashJoin(plan.Kind == JoinKind.Cross ? JoinKind.Inner : plan.Kind, plan.Left, plan.Right, [], [], plan.Condition, false, plan.OutputTypes) { KeepsLeftOrder = plan.KeepsLeftOrder });

    private HashJoinOperator BuildJoin(HashJoin plan)
    {
        // A side is filtered by the other, which is read before it: never both by each other.
        RuntimeFilter?[] forRight = _filters.PlanRight(plan, _state), forLeft = plan.ReadsLeftFirst ? new RuntimeFilter?[plan.LeftKeys.Count] : _filters.PlanLeft(plan, _state);
        IReadOnlyList<SqlType> leftTypes = [.. plan.LeftKeys.Select(k => k.Type)];
        Operator leftInput = Build(plan.Left);
        Evaluator[] leftEvaluators = _expressions.BuildAll(plan.LeftKeys);
        LeftFirst? leftFirst = forRight.Any(f => f is not null) ? new LeftFirst(_state, leftInput, Kinds(plan.Left), _expressions.BuildAll(plan.LeftKeys), leftTypes, forRight) : null;
        _expressions.Scopes.Begin();
        Operator rightInput = Build(plan.Right);
        Evaluator[] rightEvaluators = _expressions.BuildAll(plan.RightKeys);
        bool isRightInvariant = _expressions.Scopes.End().Length == 0 && leftFirst is null;
        HashJoinSpec spec = new(plan.Kind, Kinds(plan.Left), Kinds(plan.Right), _expressions.BuildOptional(plan.Residual), plan.IsNullAware, isRightInvariant, plan.KeepsLeftOrder);
        return new HashJoinOperator(_state, leftFirst ?? leftInput, rightInput, leftEvaluators, rightEvaluators, leftTypes, [.. plan.RightKeys.Select(k => k.Type)], spec, forLeft);
    }

    private ApplyJoinOperator BuildApply(ApplyJoin plan)
    {
        Operator left = Build(plan.Left);
        int[] slots = [.. plan.Correlations.Select(c => c.Slot)];
        Evaluator[] values = [.. plan.Correlations.Select(c => _expressions.Build(c.Value))];
        _expressions.Scopes.Begin();
        Operator right = Build(plan.Right);
        _expressions.Scopes.End(slots);
        return new ApplyJoinOperator(_state, plan.Kind, left, right, slots, values, _expressions.BuildOptional(plan.Condition), Kinds(plan.Left), Kinds(plan.Right));
    }

    private AggregatePlanParts BuildParts(HashAggregate plan) => new(_expressions.BuildAll(plan.Groups), [.. plan.Groups.Select(g => g.Type)],
        [.. plan.Aggregates.Select(a => new AggregateInput(_state, a, _expressions))], plan.GroupingSets);

    private RecursiveUnionOperator BuildRecursiveUnion(RecursiveUnion plan)
    {
        WorkTable table = new();
        _state.Results.Add(plan.Number, table);
        Operator start = Build(plan.Start);
        _expressions.Scopes.Begin();
        Operator step = Build(plan.Step);
        _expressions.Scopes.End([SlotScopes.OfWorkTable(plan.Number)]);
        return new RecursiveUnionOperator(_state, table, start, step, plan.IsAll, plan.OutputTypes);
    }

    private Operator BuildWorkTableScan(WorkTableScan plan)
    {
        _expressions.Scopes.Read(SlotScopes.OfWorkTable(plan.Number));
        return Split(new WorkTableScanOperator(_state, _state.Results.WorkTable(plan.Number)));
    }

    private WithOperator BuildWith(WithCtes plan)
    {
        (CteResult, bool)[] definitions = new (CteResult, bool)[plan.Definitions.Count];
        for (int i = 0; i < definitions.Length; i++)
        {
            CtePlan definition = plan.Definitions[i];
            _expressions.Scopes.Begin();
            CteResult result = new(_state, Build(definition.Plan), Kinds(definition.Plan), definition.ModifiesData);
            _state.Results.Add(definition.Number, result);
            _cteSlots[definition.Number] = _expressions.Scopes.End();
            definitions[i] = (result, _cteSlots[definition.Number].Length > 0);
        }
        return new WithOperator(_state, definitions, Build(plan.Body));
    }

    /// <summary>What each WITH definition depends on: its readers depend on it, too.</summary>
    private readonly Dictionary<int, int[]> _cteSlots = [];

    private Operator BuildCteScan(CteScan plan)
    {
        foreach (int slot in _cteSlots.GetValueOrDefault(plan.Number, [])) _expressions.Scopes.Read(slot);
        return Split(new CteScanOperator(_state, _state.Results.Cte(plan.Number), [.. plan.Ordinals]));
    }

    private IndexKeyRange BuildKeyRange(IndexScan plan) => new(plan, _expressions.BuildAll(plan.Equalities), plan.AnyOf is null ? null : new ArrayElements(_expressions.Build(plan.AnyOf), plan.AnyOf.Type.Oid),
        _expressions.BuildOptional(plan.Range?.Low), _expressions.BuildOptional(plan.Range?.High), _state);

    private Operator BuildVectorScan(VectorIndexScan plan)
    {
        RowFetcher? filter = null;
        if (plan.Filter is not null)
        {
            // The walk tests rows by WHERE alone: only the columns that it reads are fetched.
            InputColumns inputs = new();
            BoundExpression condition = inputs.Visit(plan.Filter);
            bool withRowId = inputs.Ordinals.Any(o => o >= plan.Columns.Count);
            IReadOnlyList<int> columns = withRowId ? [.. Enumerable.Range(0, plan.Columns.Count)] : inputs.Ordinals;
            filter = new RowFetcher([.. columns.Select(o => plan.Columns[o])], [.. columns.Select(o => _state.KindOf(plan.OutputTypes[o]))], withRowId,
                _expressions.Build(withRowId ? plan.Filter : condition));
        }
        return Split(new VectorIndexScanOperator(_state, plan, _expressions.Build(plan.Query), _expressions.BuildOptional(plan.Limit), filter,
            plan.Matches is null ? null : Build(plan.Matches)));
    }

    private Evaluator BuildSubplan(SubplanExpression subplan)
    {
        SubplanRunner runner = BuildRunner(subplan);
        return subplan.Kind switch
        {
            SubqueryKind.Scalar => new ScalarSubplanEvaluator(runner, _state.KindOf(subplan.Type)),
            SubqueryKind.Exists => new ExistsSubplanEvaluator(runner),
            SubqueryKind.Any or SubqueryKind.All => new QuantifiedSubplanEvaluator(runner, _expressions.BuildAll(subplan.Left), _expressions.Build(subplan.Comparison!),
                subplan.Kind == SubqueryKind.All, _state.KindsOf([.. subplan.Left.Select(e => e.Type)]), Kinds(subplan.Plan), _state.Own(new RowStore(_state, Kinds(subplan.Plan)))),
            SubqueryKind.Array when subplan.Plan.OutputTypes[0].Oid == subplan.Type.Oid => new ArrayStackSubplanEvaluator(runner, new ArrayStack(subplan.Type.Oid), BuildArrayBuilder(subplan.Type)),
            SubqueryKind.Array => new ArraySubplanEvaluator(runner, BuildArrayBuilder(subplan.Type)),
            SubqueryKind.RowScalar => new RowSubplanEvaluator(runner, [.. subplan.Plan.OutputTypes], subplan.Type.Oid),
            _ => throw Invariant.Unreachable(subplan.Kind),
        };
    }

    private ArrayBuilder BuildArrayBuilder(SqlType arrayType)
    {
        SqlType element = new(_expressions.ElementOf(arrayType.Oid));
        return new ArrayBuilder(element.Oid, _state.KindOf(element));
    }

    private SubplanRunner BuildRunner(SubplanExpression subplan)
    {
        Evaluator[] values = [.. subplan.Correlations.Select(c => _expressions.Build(c.Value))];
        int[] slots = [.. subplan.Correlations.Select(c => c.Slot)];
        _expressions.Scopes.Begin();
        Operator plan = _state.Own(Build(subplan.Plan));
        return new SubplanRunner(_state, plan, slots, values, _expressions.Scopes.End(slots));
    }
}
