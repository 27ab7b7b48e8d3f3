using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;

namespace VecSql.Executor.Expressions;

/// <summary>Bound expression → evaluator: the one switch over expression kinds. A test proves that it knows every kind that a physical plan may hold.</summary>
internal sealed partial class EvaluatorBuilder(ExecutionState state)
{
    private readonly Stack<CaseOperandCell> _caseOperands = [];

    /// <summary>Slots that subtrees depend on.</summary>
    public SlotScopes Scopes { get; } = new();

    /// <summary>Makes a subplan's operators; set by the operator builder.</summary>
    public required Func<SubplanExpression, Evaluator> BuildSubplan { get; init; }

    public Evaluator[] BuildAll(IReadOnlyList<BoundExpression> expressions)
    {
        Evaluator[] evaluators = new Evaluator[expressions.Count];
        for (int i = 0; i < evaluators.Length; i++) evaluators[i] = Build(expressions[i]);
        return evaluators;
    }

    public Evaluator? BuildOptional(BoundExpression? expression) => expression is null ? null : Build(expression);

    public Evaluator Build(BoundExpression expression) => expression switch
    {
        LiteralExpression e => new ConstantEvaluator(e.Value),
        ParameterExpression e => BuildParameter(e),
        InputExpression e => new InputEvaluator(e.Ordinal) { Kind = Kind(e.Type) },
        CorrelatedExpression e => BuildSlot(e),
        CallExpression e => new CallEvaluator(e.Function, BuildAll(e.Arguments), Kind(e.Type), e.Signature.Volatility == 'v', state.Context),
        AndExpression e => new JunctionEvaluator(BuildAll(e.Operands), isAnd: true),
        OrExpression e => new JunctionEvaluator(BuildAll(e.Operands), isAnd: false),
        NotExpression e => new NotEvaluator(Build(e.Operand)),
        IsNullExpression { IsRowTest: false } e => new IsNullEvaluator(Build(e.Operand), e.IsNegated),
        IsNullExpression e => Call(new RowNullTest(e.IsNegated), [e.Operand], SqlType.Bool),
        IsBooleanExpression e => new IsBooleanEvaluator(Build(e.Operand), e.Test switch { BooleanTest.True => true, BooleanTest.False => false, _ => null }, e.IsNegated),
        DistinctFromExpression e => new DistinctFromEvaluator(Build(e.Left), Build(e.Right), Build(e.Equality), e.IsNegated),
        CaseExpression e => BuildCase(e),
        CaseOperandExpression => new CaseOperandEvaluator(_caseOperands.Peek()),
        CoalesceExpression e => new CoalesceEvaluator(BuildAll(e.Operands), Kind(e.Type)),
        NullIfExpression e => new NullIfEvaluator(Build(e.Left), Build(e.Right), Build(e.Equality), Kind(e.Type)),
        ExtremeExpression e => new ExtremeEvaluator(BuildAll(e.Operands), e.IsGreatest, Handler(e.Type)),
        CoercionExpression e => BuildCoercion(e),
        RowCompareExpression e => new RowCompareEvaluator(BuildAll(e.Left), BuildAll(e.Right), BuildAll(e.Equalities), BuildAll(e.LessThans), e.Comparison),
        SubplanExpression e => BuildSubplan(e),
        ArrayExpression e => BuildArray(e),
        SubscriptExpression e => BuildSubscript(e),
        RowExpression e => BuildRow(e),
        FieldExpression e => Call(new RowField(e.Field), [e.Row], e.Type),
        QuantifiedArrayExpression e => BuildQuantified(e),
        // Stored expressions (checks, generated columns, index keys) are not lowered: only a function's body can have brought a query there.
        SubqueryExpression => throw SqlException.NotSupported("a function whose body is a query, in a stored expression,", expression.Position),
        ColumnExpression => throw Invariant.Unreachable(expression),
        _ => throw Invariant.Unreachable(expression),
    };

    private PhysicalKind Kind(SqlType type) => state.KindOf(type);
    private TypeHandler Handler(SqlType type) => state.HandlerOf(type);

    private ConstantEvaluator BuildParameter(ParameterExpression parameter)
    {
        Column?[] values = state.Context.Parameters;
        if (parameter.Index >= values.Length)
            throw new SqlException(SqlState.UndefinedParameter, $"there is no parameter ${parameter.Index + 1}", parameter.Position);
        Column? value = values[parameter.Index];
        if (value is not null) return new ConstantEvaluator(value);
        ColumnBuilder builder = ColumnBuilder.Create(Kind(parameter.Type), 1);
        builder.AppendNull();
        return new ConstantEvaluator(builder.BuildConstant(1));
    }

    private SlotEvaluator BuildSlot(CorrelatedExpression correlated)
    {
        Scopes.Read(correlated.Slot);
        return new SlotEvaluator(state, correlated.Slot);
    }

    private CaseEvaluator BuildCase(CaseExpression expression)
    {
        Evaluator? operand = BuildOptional(expression.Operand);
        CaseOperandCell? cell = operand is null ? null : new CaseOperandCell();
        if (cell is not null) _caseOperands.Push(cell);
        (Evaluator, Evaluator)[] branches = new (Evaluator, Evaluator)[expression.Branches.Count];
        for (int i = 0; i < branches.Length; i++) branches[i].Item1 = Build(expression.Branches[i].Condition);
        // Results lie outside: an inner CASE's operand may be this one's result, never its operand.
        if (cell is not null) _caseOperands.Pop();
        for (int i = 0; i < branches.Length; i++) branches[i].Item2 = Build(expression.Branches[i].Result);
        return new CaseEvaluator(operand, cell, branches, BuildOptional(expression.Else), Kind(expression.Type));
    }

    private Evaluator BuildCoercion(CoercionExpression e)
    {
        Evaluator operand = Build(e.Operand);
        switch (e.Kind)
        {
            case CoercionKind.Relabel:
                return Kind(e.Operand.Type) == Kind(e.Type) ? operand : ReinterpretEvaluator.Create(operand, Kind(e.Operand.Type), Kind(e.Type));
            case CoercionKind.ThroughText:
                return new ThroughTextEvaluator(operand, e.Operand.Type, Handler(e.Operand.Type), e.Type, Handler(e.Type), state.Context);
            case CoercionKind.Domain:
                string name = state.Catalog.Find<TypeObject>(e.Type.Oid)?.Name ?? Builtins.FindType(e.Type.Oid)?.Name ?? "";
                return new DomainEvaluator(operand, name, e.DomainNotNull, [.. e.DomainChecks.Select(c => (c.Name, Build(c.Check)))]);
            case CoercionKind.ArrayElements:
                return BuildElementCoercion(e, operand);
            case CoercionKind.Row:
                return BuildRowCoercion(e, operand);
            default:
                throw Invariant.Unreachable(e.Kind);
        }
    }
}
