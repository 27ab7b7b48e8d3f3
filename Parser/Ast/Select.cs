namespace VecSql.Parser.Ast;

/// <summary>
/// SELECT, VALUES, TABLE and their combinations. A parenthesised query without clauses of its own leaves no trace; one with them is a
/// <see cref="NestedSelect"/>.
/// </summary>
public sealed record SelectStatement(SelectBody Body) : Statement
{
    public WithClause? With { get; init; }
    public IReadOnlyList<SortItem> OrderBy { get; init; } = [];
    public LimitClause? Limit { get; init; }
    public IReadOnlyList<LockingClause> Locking { get; init; } = [];
}

public abstract record SelectBody : SyntaxNode;

/// <summary>SELECT … FROM … WHERE … GROUP BY … HAVING … WINDOW …</summary>
public sealed record SelectCore(IReadOnlyList<SelectItem> Items) : SelectBody
{
    /// <summary>Null: no DISTINCT.</summary>
    public DistinctClause? Distinct { get; init; }
    public IntoClause? Into { get; init; }
    public IReadOnlyList<FromItem> From { get; init; } = [];
    public Expression? Where { get; init; }
    public GroupByClause? GroupBy { get; init; }
    public Expression? Having { get; init; }
    public IReadOnlyList<WindowDefinition> Windows { get; init; } = [];
}

public enum SetOperationKind { Union, Intersect, Except }

public sealed record SetOperation(SetOperationKind Kind, bool IsAll, SelectBody Left, SelectBody Right) : SelectBody;

/// <summary>VALUES (…), (…). All rows have the same length in a valid statement; the parser doesn't check it.</summary>
public sealed record ValuesBody(IReadOnlyList<IReadOnlyList<Expression>> Rows) : SelectBody;

/// <summary>TABLE t</summary>
public sealed record TableBody(TableRef Table) : SelectBody;

/// <summary>(SELECT … ORDER BY … LIMIT …) as an operand of a set operation.</summary>
public sealed record NestedSelect(SelectStatement Select) : SelectBody;

/// <summary>An item of the SELECT list or of RETURNING. A star is a <see cref="ColumnRef"/> or <see cref="IndirectionExpression"/> that ends in one.</summary>
public sealed record SelectItem(Expression Expression, string? Alias) : SyntaxNode;

/// <summary>DISTINCT, or DISTINCT ON (…) if <paramref name="On"/> has expressions.</summary>
public sealed record DistinctClause(IReadOnlyList<Expression> On) : SyntaxNode;

/// <summary>SELECT … INTO [TEMP] t</summary>
public sealed record IntoClause(QualifiedName Table, Persistence Persistence) : SyntaxNode;

public sealed record GroupByClause(IReadOnlyList<GroupingElement> Elements, bool IsDistinct) : SyntaxNode;

public abstract record GroupingElement : SyntaxNode;

/// <summary>An expression; (a, b) is a <see cref="RowConstructor"/> that isn't explicit.</summary>
public sealed record GroupingExpression(Expression Expression) : GroupingElement;

/// <summary>()</summary>
public sealed record EmptyGroupingSet : GroupingElement;

public sealed record Rollup(IReadOnlyList<Expression> Expressions) : GroupingElement;

public sealed record Cube(IReadOnlyList<Expression> Expressions) : GroupingElement;

public sealed record GroupingSets(IReadOnlyList<GroupingElement> Elements) : GroupingElement;

public sealed record WithClause(IReadOnlyList<CommonTableExpression> Tables, bool IsRecursive) : SyntaxNode;

/// <summary>name [(columns)] AS [[NOT] MATERIALIZED] (statement); the statement is SELECT, INSERT, UPDATE, DELETE or MERGE.</summary>
public sealed record CommonTableExpression(string Name, IReadOnlyList<string> Columns, Statement Statement) : SyntaxNode
{
    public bool? IsMaterialized { get; init; }
    public SearchClause? Search { get; init; }
    public CycleClause? Cycle { get; init; }
}

public sealed record SearchClause(bool IsBreadthFirst, IReadOnlyList<string> Columns, string SequenceColumn) : SyntaxNode;

/// <summary>CYCLE columns SET mark [TO value DEFAULT value] USING path</summary>
public sealed record CycleClause(IReadOnlyList<string> Columns, string MarkColumn, Expression? MarkValue, Expression? MarkDefault, string PathColumn) : SyntaxNode;

public enum NullsOrder { Default, First, Last }

public enum SortDirection { Default, Ascending, Descending, Using }

public sealed record SortItem(Expression Expression, SortDirection Direction, NullsOrder Nulls) : SyntaxNode
{
    /// <summary>ORDER BY x USING op.</summary>
    public OperatorName? Using { get; init; }
}

/// <summary>LIMIT, OFFSET, FETCH FIRST. LIMIT ALL is no count; FETCH FIRST ROW is a count of 1.</summary>
public sealed record LimitClause(Expression? Count, Expression? Offset, bool WithTies) : SyntaxNode;

public enum LockStrength { KeyShare, Share, NoKeyUpdate, Update }

public enum LockWait { Block, NoWait, SkipLocked }

/// <summary>FOR UPDATE [OF tables] [NOWAIT | SKIP LOCKED]</summary>
public sealed record LockingClause(LockStrength Strength, IReadOnlyList<QualifiedName> Tables, LockWait Wait) : SyntaxNode;

/// <summary>WINDOW name AS (…)</summary>
public sealed record WindowDefinition(string Name, WindowSpecification Specification) : SyntaxNode;

/// <summary>
/// What stands after OVER or in WINDOW. OVER name has only <see cref="ReferenceName"/> and <see cref="IsReferenceOnly"/>; OVER (name …) is a
/// copy of that window with additions.
/// </summary>
public sealed record WindowSpecification : SyntaxNode
{
    public string? ReferenceName { get; init; }
    public bool IsReferenceOnly { get; init; }
    public IReadOnlyList<Expression> PartitionBy { get; init; } = [];
    public IReadOnlyList<SortItem> OrderBy { get; init; } = [];
    public WindowFrame? Frame { get; init; }
}

public enum FrameMode { Range, Rows, Groups }

public enum FrameBoundKind { UnboundedPreceding, Preceding, CurrentRow, Following, UnboundedFollowing }

public enum FrameExclusion { NoOthers, CurrentRow, Group, Ties }

public sealed record FrameBound(FrameBoundKind Kind, Expression? Offset) : SyntaxNode;

/// <summary>Without BETWEEN, <paramref name="End"/> is null (which means CURRENT ROW).</summary>
public sealed record WindowFrame(FrameMode Mode, FrameBound Start, FrameBound? End, FrameExclusion Exclusion) : SyntaxNode;

public sealed record TableAlias(string Name, IReadOnlyList<string> Columns) : SyntaxNode;

public abstract record FromItem : SyntaxNode
{
    public TableAlias? Alias { get; init; }
}

/// <summary>A table, view or CTE by name.</summary>
public sealed record TableRef(QualifiedName Name) : FromItem
{
    /// <summary>ONLY t; t * and t mean the table with its descendants.</summary>
    public bool IsOnly { get; init; }
    public TableSample? Sample { get; init; }
}

public sealed record TableSample(QualifiedName Method, IReadOnlyList<Expression> Arguments, Expression? Repeatable) : SyntaxNode;

public sealed record SubqueryRef(SelectStatement Query, bool IsLateral) : FromItem;

/// <summary>f(…) or ROWS FROM (f(…), g(…)).</summary>
public sealed record FunctionRef(IReadOnlyList<FunctionSource> Functions, bool IsRowsFrom, bool IsLateral) : FromItem
{
    public bool WithOrdinality { get; init; }

    /// <summary>AS [alias] (name type, …) of a single function.</summary>
    public IReadOnlyList<ColumnDefinition> ColumnDefinitions { get; init; } = [];
}

/// <summary>A function in FROM; the expression is a <see cref="FunctionCall"/> or one of the special forms.</summary>
public sealed record FunctionSource(Expression Function, IReadOnlyList<ColumnDefinition> ColumnDefinitions) : SyntaxNode;

/// <summary>XMLTABLE(…): accepted, without a tree.</summary>
public sealed record XmlTableRef(string Text, bool IsLateral) : FromItem;

public enum JoinKind { Cross, Inner, Left, Right, Full }

/// <summary>Exactly one of <see cref="On"/>, <see cref="Using"/> and <see cref="IsNatural"/>, unless the join is a cross join. An alias names the whole join.</summary>
public sealed record JoinRef(JoinKind Kind, FromItem Left, FromItem Right) : FromItem
{
    public bool IsNatural { get; init; }
    public Expression? On { get; init; }
    public IReadOnlyList<string> Using { get; init; } = [];

    /// <summary>USING (…) AS alias</summary>
    public string? UsingAlias { get; init; }
}
