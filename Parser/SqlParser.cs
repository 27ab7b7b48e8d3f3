using System.Runtime.CompilerServices;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;

namespace VecSql.Parser;

/// <summary>A statement and the text that it was made from, without the semicolon.</summary>
public sealed record ParsedStatement(Statement Statement, TextSpan Span);

/// <summary>
/// SQL text to syntax trees, by PostgreSQL 15's grammar. Errors are <see cref="SqlException"/>s (42601 unless the grammar says otherwise) whose position is the
/// UTF-16 offset of the offending token in the whole text. Thread-safe; trees are immutable.
/// </summary>
public static class SqlParser
{
    /// <summary>
    /// No tree is higher than this many nodes; deeper text is refused with 54001. A chain of AND or of OR is one node, a chain of other operators (and of set
    /// operations and joins) is one node for each. Whoever walks trees by recursion calls <see cref="CheckStack"/> where it recurses.
    /// </summary>
    public const int MaxTreeHeight = 2000;

    /// <summary>Parses any number of statements separated by semicolons; empty text gives none.</summary>
    public static IReadOnlyList<ParsedStatement> Parse(string text) => new Grammar.SqlGrammar(text).Statements();

    /// <summary>Parses a single expression, such as a stored default.</summary>
    public static Expression ParseExpression(string text) => new Grammar.SqlGrammar(text).WholeExpression();

    /// <summary>Parses a type's name, such as the argument of to_regtype.</summary>
    public static TypeName ParseTypeName(string text) => new Grammar.SqlGrammar(text).WholeType();

    /// <summary>Refuses with 54001 while there is still stack to do so.</summary>
    public static void CheckStack(int position = -1)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", position, hint: "Write the statement with fewer nested levels.");
    }
}
