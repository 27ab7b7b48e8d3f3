using System.Buffers.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.TextSearch;

/// <summary>How a query is written.</summary>
internal enum QuerySyntax
{
    /// <summary>Operands, <c>! &lt;-&gt; &lt;n&gt; &amp; |</c> and parentheses.</summary>
    Standard,

    /// <summary>Words only.</summary>
    Plain,

    /// <summary>As in a web search: words, phrases in double quotes, <c>or</c>, a hyphen for not.</summary>
    Web,
}

/// <summary>
/// Reads queries in the standard syntax, by precedence climbing:
/// <code>
/// expression := unary (operator expression)*      an operator's right side holds only what binds tighter
/// unary      := '!' unary | '(' expression ')' | operand [':' ('*' | A | B | C | D)*]
/// </code>
/// </summary>
internal ref struct QueryParser
{
    private readonly QueryTerms _terms;
    private readonly ByteBuffer _lexeme = new(64);
    private readonly ReadOnlySpan<byte> _text;
    private LexemeScanner _scanner;

    private QueryParser(ReadOnlySpan<byte> text, QueryTerms terms)
    {
        _terms = terms;
        _text = text;
        _scanner = new LexemeScanner(text, "tsquery");
    }

    /// <summary>Where a bare operand ends, beside spaces.</summary>
    public static ReadOnlySpan<byte> Stops => "!&|():<"u8;

    /// <summary>The query's tree without what <paramref name="terms"/> found to be stop words; null if it is empty.</summary>
    /// <exception cref="SqlException">42601, 22023, 54000, 54001.</exception>
    public static QueryNode? Parse(ReadOnlySpan<byte> text, QuerySyntax syntax, QueryTerms terms, EvalContext context)
    {
        QueryNode? root = syntax switch
        {
            QuerySyntax.Standard => new QueryParser(text, terms).Parse(),
            QuerySyntax.Web => new WebQueryParser(text, terms).Parse(),
            _ => terms.Read(text, 0, isPrefix: false),
        };
        if (root is null)
        {
            context.Session.Notice(new Notice("NOTICE", SqlState.SuccessfulCompletion, $"text-search query doesn't contain lexemes: \"{Utf8Text.ToString(text)}\""));
            return null;
        }
        QueryNode? kept = root.WithoutStopWords();
        if (kept is null)
            context.Session.Notice(new Notice("NOTICE", SqlState.SuccessfulCompletion, "text-search query contains only stop words or doesn't contain lexemes, ignored"));
        return kept;
    }

    /// <exception cref="SqlException">22023: a phrase can't be that long.</exception>
    public static void CheckDistance(int distance)
    {
        if (distance is < 0 or > QueryNode.MaxDistance)
            throw new SqlException(SqlState.InvalidParameterValue, $"distance in phrase operator must be an integer value between zero and {QueryNode.MaxDistance} inclusive");
    }

    private QueryNode? Parse()
    {
        _scanner.SkipSpace();
        if (_scanner.IsAtEnd) return null;
        QueryNode root = ReadExpression(0);
        return _scanner.IsAtEnd ? root : throw _scanner.Malformed();
    }

    private QueryNode ReadExpression(int above)
    {
        StackGuard.Check();
        QueryNode left = ReadUnary();
        while (true)
        {
            _scanner.SkipSpace();
            int before = _scanner.At;
            if (!TryReadOperator(out QueryKind kind, out int distance)) return left;
            if (QueryNode.PriorityOf(kind) <= above)
            {
                _scanner.At = before;
                return left;
            }
            left = QueryNode.Binary(kind, left, ReadExpression(QueryNode.PriorityOf(kind)), distance);
        }
    }

    private QueryNode ReadUnary()
    {
        StackGuard.Check();
        _scanner.SkipSpace();
        if (_scanner.IsAtEnd) throw new SqlException(SqlState.SyntaxError, $"no operand in tsquery: \"{Utf8Text.ToString(_text)}\"");
        if (_scanner.TrySkip((byte)'!')) return QueryNode.Not(ReadUnary());
        if (_scanner.TrySkip((byte)'('))
        {
            QueryNode inner = ReadExpression(0);
            _scanner.SkipSpace();
            return _scanner.TrySkip((byte)')') ? inner : throw _scanner.Malformed();
        }
        if (Stops.Contains(_scanner.Current)) throw _scanner.Malformed();
        _scanner.ReadLexeme(Stops, _lexeme);
        if (_lexeme.Length > TextSearchConfiguration.MaxWordBytes)
            throw new SqlException(SqlState.ProgramLimitExceeded, $"word is too long in tsquery: \"{Utf8Text.ToString(_text)}\"");
        byte weights = 0;
        bool isPrefix = false;
        if (_scanner.TrySkip((byte)':'))
            while (true)
            {
                if (_scanner.Current == '*') isPrefix = true;
                else if (LexemeScanner.Weight(_scanner.Current) is var weight and >= 0) weights |= (byte)(1 << weight);
                else break;
                _scanner.At++;
            }
        return _terms.Read(_lexeme.WrittenSpan, weights, isPrefix);
    }

    private bool TryReadOperator(out QueryKind kind, out int distance)
    {
        distance = 0;
        kind = QueryKind.Phrase;
        switch (_scanner.Current)
        {
            case (byte)'&': kind = QueryKind.And; break;
            case (byte)'|': kind = QueryKind.Or; break;
            case (byte)'<': return TryReadPhrase(out distance);
            default: return false;
        }
        _scanner.At++;
        return true;
    }

    /// <summary><c>&lt;-&gt;</c> or <c>&lt;n&gt;</c>.</summary>
    private bool TryReadPhrase(out int distance)
    {
        ReadOnlySpan<byte> inner = _scanner.Rest[1..];
        int close = inner.IndexOf((byte)'>');
        distance = 1;
        if (close <= 0) return false;
        inner = inner[..close];
        if (!inner.SequenceEqual("-"u8))
        {
            if (inner.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
            CheckDistance(Utf8Parser.TryParse(inner, out distance, out _) ? distance : -1);
        }
        _scanner.At += close + 2;
        return true;
    }
}
