using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;

namespace VecSql.Planner.Physical;

public sealed record FilterRows(PhysicalPlan Input, BoundExpression Condition) : PhysicalPlan(Input.OutputTypes)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}

public sealed record ProjectRows(PhysicalPlan Input, IReadOnlyList<BoundExpression> Expressions) : PhysicalPlan([.. Expressions.Select(e => e.Type)])
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}

/// <summary>Set-returning functions for each input row; output: the input's columns, then one for each call.</summary>
public sealed record ProjectSets(PhysicalPlan Input, IReadOnlyList<TableFunctionCall> Calls, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}

/// <summary>
/// Hash join: builds on the right, probes with the left. Keys compare by their types' order (equal keys = Compare 0). Output: left then right columns; left only for semi and anti.
/// </summary>
/// <param name="Residual">Further condition over left then right columns; part of the join condition for outer joins.</param>
public sealed record HashJoin(JoinKind Kind, PhysicalPlan Left, PhysicalPlan Right, IReadOnlyList<BoundExpression> LeftKeys, IReadOnlyList<BoundExpression> RightKeys,
    BoundExpression? Residual, bool IsNullAware, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    /// <summary>Rows must come in the left side's order (inner, left, semi and anti joins): the table of the right side stays in memory.</summary>
    public bool KeepsLeftOrder { get; init; }

    /// <summary>The left side is expected to be far smaller than the right: it is kept first, and its keys filter what is read on the right. Not for right and full joins.</summary>
    public bool ReadsLeftFirst { get; init; }
    public override IReadOnlyList<PhysicalPlan> Inputs => [Left, Right];
}

/// <summary>Every pair against the condition; the right side is materialized. All join kinds.</summary>
public sealed record NestedLoopJoin(JoinKind Kind, PhysicalPlan Left, PhysicalPlan Right, BoundExpression? Condition, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    /// <inheritdoc cref="HashJoin.KeepsLeftOrder"/>
    public bool KeepsLeftOrder { get; init; }
    public override IReadOnlyList<PhysicalPlan> Inputs => [Left, Right];
}

/// <summary>For each left row, sets the slots and runs the right side anew: index nested loop, LATERAL, correlated subqueries. Inner, Left, Semi, Anti, Cross.</summary>
public sealed record ApplyJoin(JoinKind Kind, PhysicalPlan Left, PhysicalPlan Right, IReadOnlyList<CorrelationBinding> Correlations, BoundExpression? Condition, IReadOnlyList<SqlType> Types)
    : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Left, Right];
}

/// <summary>Groups by hashing. Output: groups, aggregates, groupings. Without groups: one row, also for no input.</summary>
public sealed record HashAggregate(PhysicalPlan Input, IReadOnlyList<BoundExpression> Groups, IReadOnlyList<IReadOnlyList<int>>? GroupingSets, IReadOnlyList<AggregateCall> Aggregates,
    IReadOnlyList<IReadOnlyList<int>> Groupings, IReadOnlyList<SqlType> Types) : PhysicalPlan(Types)
{
    /// <summary>Its input is a <see cref="Gather"/> whose workers each aggregate what they read; their groups are merged.</summary>
    public bool RunsInWorkers { get; init; }
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}

/// <summary>Input sorted by partition and order keys is not required: the operator sorts. Output: the input's columns, then one for each call.</summary>
public sealed record WindowAggregate(PhysicalPlan Input, IReadOnlyList<BoundExpression> PartitionBy, IReadOnlyList<SortKey> OrderBy, IReadOnlyList<WindowCall> Calls, IReadOnlyList<SqlType> Types)
    : PhysicalPlan(Types)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}

/// <summary>Distinct rows; with <paramref name="On"/>, the first row of each key in input order.</summary>
public sealed record DistinctRows(PhysicalPlan Input, IReadOnlyList<BoundExpression>? On) : PhysicalPlan(Input.OutputTypes)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}

/// <summary>Sorts; with <paramref name="Limit"/> (an int8 expression without columns) keeps only that many (top-n).</summary>
public sealed record SortRows(PhysicalPlan Input, IReadOnlyList<SortKey> Keys, BoundExpression? Limit) : PhysicalPlan(Input.OutputTypes)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}

public sealed record LimitRows(PhysicalPlan Input, BoundExpression? Count, BoundExpression? Offset, IReadOnlyList<SortKey>? Ties) : PhysicalPlan(Input.OutputTypes)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}

/// <summary>UNION ALL.</summary>
public sealed record AppendRows(IReadOnlyList<PhysicalPlan> Branches) : PhysicalPlan(Branches[0].OutputTypes)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => Branches;
}

/// <summary>INTERSECT and EXCEPT [ALL], by hashing whole rows. (UNION is Distinct over Append.)</summary>
public sealed record HashSetOperation(SetOperator Operator, bool IsAll, PhysicalPlan Left, PhysicalPlan Right) : PhysicalPlan(Left.OutputTypes)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Left, Right];
}

/// <summary>Runs the definitions that are shared (materialized as they are read; data-modifying ones to their end), then the body.</summary>
public sealed record WithCtes(IReadOnlyList<CtePlan> Definitions, PhysicalPlan Body) : PhysicalPlan(Body.OutputTypes)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [.. Definitions.Select(d => d.Plan), Body];
}

public sealed record CtePlan(int Number, string Name, PhysicalPlan Plan, bool ModifiesData);

public sealed record RecursiveUnion(int Number, PhysicalPlan Start, PhysicalPlan Step, bool IsAll) : PhysicalPlan(Start.OutputTypes)
{
    public override IReadOnlyList<PhysicalPlan> Inputs => [Start, Step];
}

/// <summary>Runs the input in several workers over shared pieces of its driving scan and merges what they give, in no order. Hash joins' right sides are built once, before the workers start.</summary>
/// <param name="Workers">Threads, the caller's included.</param>
public sealed record Gather(PhysicalPlan Input, int Workers) : PhysicalPlan(Input.OutputTypes)
{
    /// <summary>Rows of the driving scan that a worker takes at a time; 0: as many as its table hands out.</summary>
    public int PieceRows { get; init; }

    public override IReadOnlyList<PhysicalPlan> Inputs => [Input];
}
