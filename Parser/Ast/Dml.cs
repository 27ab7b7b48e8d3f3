namespace VecSql.Parser.Ast;

public enum InsertOverriding { None, User, System }

public sealed record InsertStatement(QualifiedName Table) : Statement
{
    public WithClause? With { get; init; }
    public string? Alias { get; init; }
    public IReadOnlyList<TargetColumn> Columns { get; init; } = [];
    public InsertOverriding Overriding { get; init; }

    /// <summary>Null for DEFAULT VALUES.</summary>
    public SelectStatement? Source { get; init; }
    public OnConflictClause? OnConflict { get; init; }
    public IReadOnlyList<SelectItem> Returning { get; init; } = [];
}

/// <summary>A column that is assigned to, perhaps only an element or field of it.</summary>
public sealed record TargetColumn(string Name, IReadOnlyList<Indirection> Indirection) : SyntaxNode;

/// <summary>ON CONFLICT [target] DO NOTHING | DO UPDATE SET … [WHERE …]; DO NOTHING has no assignments.</summary>
public sealed record OnConflictClause(ConflictTarget? Target, IReadOnlyList<Assignment> Assignments, Expression? Where) : SyntaxNode
{
    public bool IsDoNothing => Assignments.Count == 0;
}

/// <summary>Either a constraint's name, or index elements with an optional predicate.</summary>
public sealed record ConflictTarget(string? Constraint, IReadOnlyList<IndexElement> Elements, Expression? Where) : SyntaxNode;

/// <summary>SET a = x (one target), or SET (a, b) = x where x is a row, a subquery or any expression (several targets).</summary>
public sealed record Assignment(IReadOnlyList<TargetColumn> Targets, Expression Value) : SyntaxNode
{
    /// <summary>True if the targets stand in parentheses, even if there is only one.</summary>
    public bool IsMultiple { get; init; }
}

public sealed record UpdateStatement(TableRef Table, IReadOnlyList<Assignment> Assignments) : Statement
{
    public WithClause? With { get; init; }
    public IReadOnlyList<FromItem> From { get; init; } = [];

    /// <summary>May be <see cref="CurrentOf"/>.</summary>
    public Expression? Where { get; init; }
    public IReadOnlyList<SelectItem> Returning { get; init; } = [];
}

public sealed record DeleteStatement(TableRef Table) : Statement
{
    public WithClause? With { get; init; }
    public IReadOnlyList<FromItem> Using { get; init; } = [];

    /// <summary>May be <see cref="CurrentOf"/>.</summary>
    public Expression? Where { get; init; }
    public IReadOnlyList<SelectItem> Returning { get; init; } = [];
}

public sealed record MergeStatement(TableRef Target, FromItem Source, Expression On, IReadOnlyList<MergeWhen> Whens) : Statement
{
    public WithClause? With { get; init; }
}

public enum MergeAction { DoNothing, Update, Delete, Insert }

public sealed record MergeWhen(bool IsMatched, Expression? Condition, MergeAction Action) : SyntaxNode
{
    /// <summary>For Update.</summary>
    public IReadOnlyList<Assignment> Assignments { get; init; } = [];

    /// <summary>For Insert.</summary>
    public IReadOnlyList<TargetColumn> Columns { get; init; } = [];
    public InsertOverriding Overriding { get; init; }

    /// <summary>For Insert; empty for DEFAULT VALUES.</summary>
    public IReadOnlyList<Expression> Values { get; init; } = [];
}

public sealed record TruncateStatement(IReadOnlyList<TableRef> Tables, bool RestartIdentity, DropBehavior Behavior) : Statement;

public enum LockMode { AccessShare, RowShare, RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive }

public sealed record LockTableStatement(IReadOnlyList<TableRef> Tables, LockMode Mode, bool NoWait) : Statement;

public sealed record CallStatement(FunctionCall Call) : Statement;
