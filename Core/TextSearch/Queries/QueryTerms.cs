using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.TextSearch;

/// <summary>What becomes of an operand in a query's text: it is taken as it stands, or a configuration makes lexemes of it that are joined by an operator.</summary>
internal abstract class QueryTerms
{
    /// <summary>Operands as they stand, as in a tsquery's own text.</summary>
    public static QueryTerms AsWritten { get; } = new Written();

    /// <param name="configuration">Makes the lexemes.</param>
    /// <param name="joinedBy">And, or Phrase: each lexeme as far behind the one before as it is in the text.</param>
    /// <param name="context">Whose cancellation is heeded, and who is told of words that are too long.</param>
    public static QueryTerms Lexemes(TextSearchConfiguration configuration, QueryKind joinedBy, EvalContext context) => new Lexized(configuration, joinedBy, context);

    /// <summary>The operand's part of the query; <see cref="QueryNode.StopWord"/> if nothing is left of it.</summary>
    public abstract QueryNode Read(ReadOnlySpan<byte> operand, byte weights, bool isPrefix);

    private sealed class Written : QueryTerms
    {
        public override QueryNode Read(ReadOnlySpan<byte> operand, byte weights, bool isPrefix) =>
            new() { Kind = QueryKind.Word, Lexeme = operand.ToArray(), Weights = weights, IsPrefix = isPrefix };
    }

    private sealed class Lexized(TextSearchConfiguration configuration, QueryKind joinedBy, EvalContext context) : QueryTerms
    {
        public override QueryNode Read(ReadOnlySpan<byte> operand, byte weights, bool isPrefix)
        {
            QueryNode? term = null;
            LexemeReader reader = new(operand, configuration, context);
            while (reader.NextToken(out LexizeResult result))
            {
                if (result == LexizeResult.Ignored) continue;
                QueryNode next = result == LexizeResult.StopWord
                    ? QueryNode.StopWord
                    : new QueryNode { Kind = QueryKind.Word, Lexeme = reader.Lexeme.ToArray(), Weights = weights, IsPrefix = isPrefix };
                term = term is null ? next : QueryNode.Binary(joinedBy, term, next, joinedBy == QueryKind.Phrase ? 1 : 0);
            }
            return term ?? QueryNode.StopWord;
        }
    }
}
