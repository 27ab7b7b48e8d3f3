using VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>
/// What the names in a statement's text turned out to mean: for whoever stores the text and must keep it right when names change. Keys are nodes of that very tree, by reference.
/// </summary>
public sealed class NameResolutions
{
    /// <summary>Relations in FROM; those that WITH defines are missing.</summary>
    public Dictionary<TableRef, ResolvedRelation> Relations { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Column references.</summary>
    public Dictionary<ColumnRef, ResolvedColumn> Columns { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>What each star in a select list stands for.</summary>
    public Dictionary<SelectItem, IReadOnlyList<ResolvedColumn>> Stars { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Names of operators and functions that an extension brought (<see cref="OperatorName"/>, <see cref="QualifiedName"/>), and which.</summary>
    public Dictionary<SyntaxNode, string> Extensions { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The columns that NATURAL joins by.</summary>
    public Dictionary<JoinRef, IReadOnlyList<string>> NaturalJoins { get; } = new(ReferenceEqualityComparer.Instance);
}

/// <summary>A relation by number, and the schema it was found in.</summary>
public sealed record ResolvedRelation(uint Oid, string Schema);

/// <summary>A column as a query sees it.</summary>
/// <param name="Item">The FROM item that has it; null if no name of one leads there (columns merged by USING).</param>
/// <param name="Table">The stored column that it is; 0 if it isn't one.</param>
/// <param name="IsOwnName">It is called so because the table's column is; not by an alias or a subquery.</param>
public sealed record ResolvedColumn(string? Item, string Name, uint Table, short Column, bool IsOwnName);
