using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.TextSearch;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>What is done to tsqueries: comparison, operators that join them, containment, what they consist of.</summary>
internal static class TextQueryFunctions
{
    [ThreadStatic]
    private static (byte[] Value, QueryMatcher Query)? _last;

    public static void Register(FunctionLibrary library)
    {
        Compare(library, "tsquery_eq", static o => o == 0);
        Compare(library, "tsquery_ne", static o => o != 0);
        Compare(library, "tsquery_lt", static o => o < 0);
        Compare(library, "tsquery_le", static o => o <= 0);
        Compare(library, "tsquery_gt", static o => o > 0);
        Compare(library, "tsquery_ge", static o => o >= 0);
        library.Strict("tsquery_cmp", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(TextQuery.Compare(a.Bytes(0), a.Bytes(1))));
        library.Strict("tsquery_numnode", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(TextQuery.CountOf(a.Bytes(0))));
        library.Strict("tsquery_and", static (in a, r, _) => Join(a, QueryKind.And, 0, r));
        library.Strict("tsquery_or", static (in a, r, _) => Join(a, QueryKind.Or, 0, r));
        library.Strict("tsquery_phrase", static (in a, r, _) => Join(a, QueryKind.Phrase, 1, r));
        library.Strict("tsquery_phrase_distance", static (in a, r, _) =>
        {
            QueryParser.CheckDistance(a.Get<int>(2));
            Join(a, QueryKind.Phrase, a.Get<int>(2), r);
        });
        library.Strict("tsquery_not", static (in a, r, _) => TextQuery.Write(TextQuery.Read(a.Bytes(0)) is { } root ? QueryNode.Not(root) : null, r));
        library.Strict("tsq_mcontains", static (in a, r, _) => StringFunctions.Bool(r, Contains(a.Bytes(0), a.Bytes(1))));
        library.Strict("tsq_mcontained", static (in a, r, _) => StringFunctions.Bool(r, Contains(a.Bytes(1), a.Bytes(0))));
        library.Strict("tsquerytree", WriteTree);
    }

    /// <summary>The query, ready to be asked of texts. The last one of this thread is kept: it is mostly the same for all rows.</summary>
    internal static QueryMatcher Prepare(ReadOnlySpan<byte> value)
    {
        if (_last is { } last && value.SequenceEqual(last.Value)) return last.Query;
        QueryMatcher query = new(TextQuery.Read(value));
        _last = (value.ToArray(), query);
        return query;
    }

    private static void Compare(FunctionLibrary library, string key, Func<int, bool> holds) =>
        library.Strict(key, (in a, r, _) => StringFunctions.Bool(r, holds(TextQuery.Compare(a.Bytes(0), a.Bytes(1)))));

    /// <summary>An empty side leaves the other.</summary>
    private static void Join(in RowArguments arguments, QueryKind kind, int distance, ColumnBuilder result)
    {
        QueryNode? left = TextQuery.Read(arguments.Bytes(0)), right = TextQuery.Read(arguments.Bytes(1));
        TextQuery.Write(left is null || right is null ? left ?? right : QueryNode.Binary(kind, left, right, distance), result);
    }

    /// <summary>True if all words of the one are in the other, whatever the operators.</summary>
    private static bool Contains(ReadOnlySpan<byte> outer, ReadOnlySpan<byte> inner)
    {
        List<QueryNode> outerWords = [], innerWords = [];
        TextQuery.Read(outer)?.CollectWords(outerWords);
        TextQuery.Read(inner)?.CollectWords(innerWords);
        return innerWords.TrueForAll(i => outerWords.Exists(o => o.Lexeme.AsSpan().SequenceEqual(i.Lexeme)));
    }

    private static void WriteTree(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        if (TextQuery.Read(arguments.Bytes(0)) is { } root)
        {
            if (root.WithoutNegations() is { } usable) TextQuery.WriteText(usable, output.Output);
            else output.Output.WriteByte((byte)'T');
        }
        output.EndValue();
    }
}
