using VecSql.Core.Catalog;
using VecSql.Core.SystemTables;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;

namespace VecSql.Planner.Logical;

/// <summary>A column of a logical plan's output. Ids are unique in a statement.</summary>
public sealed record LogicalColumn(int Id, string Name, SqlType Type)
{
    /// <summary>Where it comes from unchanged; 0 if computed.</summary>
    public uint TableOid { get; init; }
    public short TableColumn { get; init; }
}

/// <summary>
/// What a query means, relationally: immutable, columns by id, no algorithm chosen. Rewritten by the rules (Rules/), then lowered to a physical plan or compiled to a circuit.
/// A new node is added here, in the lowering and in the checker; a test proves that none is forgotten.
/// </summary>
public abstract record LogicalPlan
{
    public abstract IReadOnlyList<LogicalColumn> Output { get; }
    public abstract IReadOnlyList<LogicalPlan> Inputs { get; }
}

/// <summary>A stored table (or materialized view). RowId, if asked for, is an extra last output column of type int8.</summary>
public sealed record TableScan(TableObject Table, IReadOnlyList<LogicalColumn> Columns, LogicalColumn? RowId, string Alias) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output { get; } = RowId is null ? Columns : [.. Columns, RowId];
    public override IReadOnlyList<LogicalPlan> Inputs => [];
}

/// <summary>A table that the engine computes: pg_catalog, vecsql.*.</summary>
public sealed record SystemTableScan(SystemTable Table, IReadOnlyList<LogicalColumn> Columns, IReadOnlyList<int> Ordinals) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Columns;
    public override IReadOnlyList<LogicalPlan> Inputs => [];
}

/// <summary>Set-returning functions in FROM, side by side (ROWS FROM); may refer to outer columns (LATERAL).</summary>
public sealed record FunctionScan(IReadOnlyList<TableFunctionCall> Functions, LogicalColumn? Ordinality, IReadOnlyList<LogicalColumn> Columns) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output { get; } = Ordinality is null ? Columns : [.. Columns, Ordinality];
    public override IReadOnlyList<LogicalPlan> Inputs => [];
}

/// <summary>Rows of expressions; one row of none is SELECT without FROM.</summary>
public sealed record Values(IReadOnlyList<IReadOnlyList<BoundExpression>> Rows, IReadOnlyList<LogicalColumn> Columns) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Columns;
    public override IReadOnlyList<LogicalPlan> Inputs => [];
}

public sealed record Filter(LogicalPlan Input, BoundExpression Condition) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Input.Output;
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}

/// <summary>Computes each output column from the input's.</summary>
public sealed record Project(LogicalPlan Input, IReadOnlyList<ProjectedColumn> Columns) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output { get; } = [.. Columns.Select(c => c.Column)];
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}

public sealed record ProjectedColumn(LogicalColumn Column, BoundExpression Expression);

/// <summary>Set-returning functions in a select list: each input row gives as many rows as the longest of them; shorter ones are padded with NULL.</summary>
public sealed record ProjectSet(LogicalPlan Input, IReadOnlyList<ProjectedSet> Sets) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output { get; } = [.. Input.Output, .. Sets.Select(s => s.Column)];
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}

public sealed record ProjectedSet(LogicalColumn Column, TableFunctionCall Call);

public enum JoinKind { Inner, Left, Right, Full, Semi, Anti, Cross }

/// <summary>A join whose sides are independent. Semi and anti joins output the left side only.</summary>
public sealed record Join(JoinKind Kind, LogicalPlan Left, LogicalPlan Right, BoundExpression? Condition) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output { get; } = Kind is JoinKind.Semi or JoinKind.Anti ? Left.Output : [.. Left.Output, .. Right.Output];
    public override IReadOnlyList<LogicalPlan> Inputs => [Left, Right];

    /// <summary>Anti join of NOT IN: a null on either side makes the result unknown, so the row does not pass.</summary>
    public bool IsNullAware { get; init; }
}

/// <summary>A dependent join: the right side refers to columns of the left (LATERAL, correlated subqueries that could not be decorrelated). Inner, Left, Semi, Anti, Cross.</summary>
public sealed record Apply(JoinKind Kind, LogicalPlan Left, LogicalPlan Right, BoundExpression? Condition) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output { get; } = Kind is JoinKind.Semi or JoinKind.Anti ? Left.Output : [.. Left.Output, .. Right.Output];
    public override IReadOnlyList<LogicalPlan> Inputs => [Left, Right];
}

/// <summary>
/// GROUP BY and aggregates. Without grouping sets: one group list. With: each set lists places in <paramref name="Groups"/>; group columns not in a row's set are NULL there.
/// </summary>
/// <param name="Groupings">GROUPING(…) columns: a bit mask over places in <paramref name="Groups"/>.</param>
public sealed record Aggregate(LogicalPlan Input, IReadOnlyList<ProjectedColumn> Groups, IReadOnlyList<IReadOnlyList<int>>? GroupingSets, IReadOnlyList<AggregateColumn> Aggregates,
    IReadOnlyList<GroupingColumn> Groupings) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output { get; } = [.. Groups.Select(g => g.Column), .. Aggregates.Select(a => a.Column), .. Groupings.Select(g => g.Column)];
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}

public sealed record AggregateColumn(LogicalColumn Column, AggregateCall Call);

public sealed record GroupingColumn(LogicalColumn Column, IReadOnlyList<int> Groups);

/// <summary>Window functions over one partitioning and order; adds a column for each.</summary>
public sealed record Window(LogicalPlan Input, IReadOnlyList<BoundExpression> PartitionBy, IReadOnlyList<SortKey> OrderBy, IReadOnlyList<WindowColumn> Calls) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output { get; } = [.. Input.Output, .. Calls.Select(c => c.Column)];
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}

public sealed record WindowColumn(LogicalColumn Column, WindowCall Call);

/// <summary>DISTINCT over all columns, or DISTINCT ON keys: the first row of each in the input's order.</summary>
public sealed record Distinct(LogicalPlan Input, IReadOnlyList<BoundExpression>? On) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Input.Output;
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}

public sealed record Sort(LogicalPlan Input, IReadOnlyList<SortKey> Keys) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Input.Output;
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}

/// <summary>LIMIT, OFFSET (int8 expressions without columns of the input); WITH TIES keeps peers by the sort keys.</summary>
public sealed record Limit(LogicalPlan Input, BoundExpression? Count, BoundExpression? Offset, IReadOnlyList<SortKey>? Ties) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Input.Output;
    public override IReadOnlyList<LogicalPlan> Inputs => [Input];
}

public enum SetOperator { Union, Intersect, Except }

/// <summary>Set operation; both sides have the same types by place.</summary>
public sealed record SetOperation(SetOperator Operator, bool IsAll, LogicalPlan Left, LogicalPlan Right, IReadOnlyList<LogicalColumn> Columns) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Columns;
    public override IReadOnlyList<LogicalPlan> Inputs => [Left, Right];
}

/// <summary>WITH: definitions that the body refers to by number. Data-modifying ones run to their end even if nobody reads them.</summary>
public sealed record With(IReadOnlyList<CteDefinition> Definitions, LogicalPlan Body) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Body.Output;
    public override IReadOnlyList<LogicalPlan> Inputs => [.. Definitions.Select(d => d.Plan), Body];
}

public sealed record CteDefinition(int Number, string Name, LogicalPlan Plan, bool? IsMaterialized, bool ModifiesData);

public sealed record CteScan(int Number, string Name, IReadOnlyList<LogicalColumn> Columns, IReadOnlyList<int> Ordinals) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Columns;
    public override IReadOnlyList<LogicalPlan> Inputs => [];
}

/// <summary>WITH RECURSIVE: Start, then Step over the rows that the last round added (a <see cref="WorkTableScan"/>) until there are none.</summary>
public sealed record RecursiveUnion(int Number, LogicalPlan Start, LogicalPlan Step, bool IsAll, IReadOnlyList<LogicalColumn> Columns) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Columns;
    public override IReadOnlyList<LogicalPlan> Inputs => [Start, Step];
}

public sealed record WorkTableScan(int Number, IReadOnlyList<LogicalColumn> Columns) : LogicalPlan
{
    public override IReadOnlyList<LogicalColumn> Output => Columns;
    public override IReadOnlyList<LogicalPlan> Inputs => [];
}
