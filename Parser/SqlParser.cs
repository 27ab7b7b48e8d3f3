using VecSql.Parser.Ast;

namespace VecSql.Parser;

/// <summary>A statement and the text that it was made from, without the semicolon.</summary>
public sealed record ParsedStatement(Statement Statement, TextSpan Span);

/// <summary>SQL text to syntax trees, by PostgreSQL 15's grammar.</summary>
public static partial class SqlParser
{
    /// <summary>
    /// No tree is higher than this many nodes, so whoever walks one by recursion needs a bounded stack; deeper text is refused with 54001. Chains of AND
    /// and OR count as one node, chains of other operators as one node each.
    /// </summary>
    public const int MaxTreeHeight = 2000;
}
