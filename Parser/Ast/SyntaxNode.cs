namespace VecSql.Parser.Ast;

/// <summary>A range of UTF-16 offsets, from 0, in the whole text given to the parser.</summary>
public readonly record struct TextSpan(int Start, int Length)
{
    public int End => Start + Length;

    public static TextSpan FromBounds(int start, int end) => new(start, Math.Max(0, end - start));
}

/// <summary>
/// A node of the syntax tree: immutable, without any meaning (no types, no resolved names). Nodes are records only for brevity:
/// lists inside them compare by reference, so equality of trees is not the records' equality.
/// </summary>
public abstract record SyntaxNode
{
    /// <summary>The text that this node was made from; empty for nodes that were not parsed.</summary>
    public TextSpan Span { get; init; }

    // Deep trees would recurse in the generated printer.
    public sealed override string ToString() => $"{GetType().Name}@{Span.Start}+{Span.Length}";
}

/// <summary>A statement of SQL.</summary>
public abstract record Statement : SyntaxNode;

/// <summary>A name of one to three parts: [[catalog.]schema.]name. Parts are folded and unquoted.</summary>
public sealed record QualifiedName(IReadOnlyList<string> Parts) : SyntaxNode
{
    public string Name => Parts[^1];
    public string? Schema => Parts.Count > 1 ? Parts[^2] : null;
    public string? Catalog => Parts.Count > 2 ? Parts[^3] : null;
}

/// <summary>What kind of value follows an option's name.</summary>
public enum OptionValueKind
{
    /// <summary>An identifier or keyword, folded.</summary>
    Word,
    /// <summary>A quoted string; <see cref="OptionValue.Text"/> is its value.</summary>
    String,
    /// <summary>A number with its sign.</summary>
    Number,
    /// <summary>The star in COPY's FORCE_QUOTE *.</summary>
    Star,
    /// <summary>A parenthesised list.</summary>
    List,
    /// <summary>A type name, as in CREATE OPERATOR (LEFTARG = integer).</summary>
    Type,
    /// <summary>A qualified operator or NONE.</summary>
    Operator,
}

/// <summary>The value of a generic option. <paramref name="Text"/> is empty for lists.</summary>
public sealed record OptionValue(OptionValueKind Kind, string Text, IReadOnlyList<OptionValue> Items) : SyntaxNode
{
    public OptionValue(OptionValueKind kind, string text) : this(kind, text, []) { }
}

/// <summary>One <c>[namespace.]name [= value]</c> of WITH (…), EXPLAIN (…), COPY (…), VACUUM (…) and the like.</summary>
public sealed record Option(string? Namespace, string Name, OptionValue? Value) : SyntaxNode;

/// <summary>RESTRICT is what is meant where neither word is written.</summary>
public enum DropBehavior { Restrict, Cascade }

/// <summary>How long a table lives and whether it is logged.</summary>
public enum Persistence { Permanent, Temporary, Unlogged }

/// <summary>
/// A statement that is accepted as PostgreSQL's grammar accepts it but which VecSql keeps no tree of: whoever executes it refuses it by
/// <paramref name="Kind"/> ("CREATE OPERATOR CLASS"). <paramref name="Text"/> is the source text.
/// </summary>
public sealed record OtherStatement(string Kind, QualifiedName? Name, string Text) : Statement;
