using VecSql.Core.Catalog;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Logical;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>A column that can be named: what it is called, and what it is.</summary>
internal sealed record NamedColumn(string Name, BoundExpression Expression)
{
    public uint TableOid { get; init; }
    public short TableColumn { get; init; }

    /// <summary>Named as the relation that it belongs to names it: not by an alias, not by a subquery.</summary>
    public bool IsOwnName { get; init; }
}

/// <summary>What a FROM item brings into the namespace.</summary>
internal sealed class NamespaceItem(string name, IReadOnlyList<NamedColumn> columns)
{
    public string Name { get; } = name;
    public IReadOnlyList<NamedColumn> Columns { get; } = columns;

    /// <summary>Empty for aliases; else the schema by which it may be qualified further.</summary>
    public uint Schema { get; init; }

    /// <summary>The stored table, for system columns and the row type.</summary>
    public TableObject? Table { get; init; }
    public uint RelationOid { get; init; }
    public LogicalColumn? RowId { get; init; }

    /// <summary>A function that yields one scalar column: the item's name means that column.</summary>
    public bool IsScalarFunction { get; init; }

    /// <summary>May be named as a qualifier.</summary>
    public bool IsRelationVisible { get; set; } = true;

    /// <summary>Columns may be named without a qualifier.</summary>
    public bool AreColumnsVisible { get; set; } = true;

    /// <summary>Only for LATERAL items to its right; with <see cref="IsLateralAllowed"/> false even that is an error.</summary>
    public bool IsLateralOnly { get; set; }
    public bool IsLateralAllowed { get; set; } = true;

    /// <summary>On the side of an outer join that may be filled with nulls.</summary>
    public bool IsNullable { get; set; }
}

/// <summary>A call of a window function that awaits its node.</summary>
internal sealed record PendingWindow(LogicalColumn Column, WindowCall Call, IReadOnlyList<BoundExpression> PartitionBy, IReadOnlyList<SortKey> OrderBy);

/// <summary>GROUPING(…) that awaits the groups.</summary>
internal sealed record PendingGrouping(LogicalColumn Column, IReadOnlyList<BoundExpression> Arguments, int Position);

/// <summary>One SELECT (or DML statement) while it is bound: its names, and what its expressions put down for nodes above FROM.</summary>
internal sealed class QueryLevel(QueryLevel? parent)
{
    public QueryLevel? Parent { get; } = parent;
    public List<NamespaceItem> Namespace { get; set; } = [];

    /// <summary>Items that exist but can't be named from here: for better errors.</summary>
    public List<NamespaceItem> AllItems { get; } = [];
    public ExpressionPlace Place { get; set; }

    /// <summary>True while a LATERAL item is bound.</summary>
    public bool IsLateralActive { get; set; }

    /// <summary>Columns that FROM brings: a reference to one above aggregation must be grouped.</summary>
    public HashSet<int> FromColumns { get; } = [];
    public List<AggregateColumn> Aggregates { get; } = [];
    public List<PendingGrouping> Groupings { get; } = [];
    public List<PendingWindow> Windows { get; } = [];
    public List<ProjectedSet> Sets { get; } = [];
    public IReadOnlyList<Ast.WindowDefinition> WindowDefinitions { get; set; } = [];

    /// <summary>Names defined by WITH at this level.</summary>
    public Dictionary<string, CteEntry> Ctes { get; } = [];

    /// <summary>Set while inside something in which set-returning functions can't stand (CASE, COALESCE, aggregate arguments): its name.</summary>
    public string? SetBarrier { get; set; }

    public bool IsAggregated => Aggregates.Count > 0 || Groupings.Count > 0;
    public bool HasAggregateColumn(int id) => Aggregates.Exists(a => a.Column.Id == id) || Groupings.Exists(g => g.Column.Id == id);
    public bool HasWindowColumn(int id) => Windows.Exists(w => w.Column.Id == id);
    public bool HasSetColumn(int id) => Sets.Exists(s => s.Column.Id == id);
}

/// <summary>A WITH definition by name.</summary>
internal sealed class CteEntry(string name, Ast.CommonTableExpression definition)
{
    public string Name { get; } = name;
    
    /// <summary>SEARCH and CYCLE are expanded when it is bound.</summary>
    public Ast.CommonTableExpression Definition { get; set; } = definition;
    public int Number { get; set; }
    public IReadOnlyList<LogicalColumn>? Columns { get; set; }
    public CteState State { get; set; }
    public bool IsBeingBound => State is CteState.Binding or CteState.BindingRecursiveTerm;

    /// <summary>While the recursive term is bound: references so far, and what forbids one at the moment.</summary>
    public int RecursiveReferences { get; set; }
    public string? Forbidden { get; set; }
    public int SelfReferencePosition { get; set; } = -1;
    public bool ModifiesData { get; set; }

    /// <summary>The entries of its WITH clause, itself among them.</summary>
    public required IReadOnlyList<CteEntry> Clause { get; init; }
}

internal enum CteState { Waiting, Binding, BindingRecursiveTerm, Bound }
