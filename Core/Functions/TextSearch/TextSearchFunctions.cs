using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.TextSearch;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>to_tsvector, the ways to write a query, @@, ts_rank and ts_rank_cd, ts_headline.</summary>
internal static class TextSearchFunctions
{
    private delegate float Ranking(ReadOnlySpan<float> weights, TextVector vector, QueryMatcher query, RankNormalization method);

    public static void Register(FunctionLibrary library)
    {
        library.Rowwise("get_current_ts_config", static (in _, r, c) => ((ColumnBuilder<uint>)r).Append(TextSearchConfiguration.Current(c).Oid));
        library.Strict("to_tsvector_byid", static (in a, r, c) => LexemeReader.WriteVector(a.Bytes(1), TextSearchConfiguration.Of(a.Get<uint>(0)), r, c));
        library.Strict("to_tsvector", static (in a, r, c) => LexemeReader.WriteVector(a.Bytes(0), TextSearchConfiguration.Current(c), r, c));
        Query(library, "to_tsquery", QuerySyntax.Standard, QueryKind.Phrase);
        Query(library, "plainto_tsquery", QuerySyntax.Plain, QueryKind.And);
        Query(library, "phraseto_tsquery", QuerySyntax.Plain, QueryKind.Phrase);
        Query(library, "websearch_to_tsquery", QuerySyntax.Web, QueryKind.Phrase);
        library.Strict("ts_match_vq", static (in a, r, _) => StringFunctions.Bool(r, TextQueryFunctions.Prepare(a.Bytes(1)).Matches(new TextVector(a.Bytes(0)))));
        library.Strict("ts_match_qv", static (in a, r, _) => StringFunctions.Bool(r, TextQueryFunctions.Prepare(a.Bytes(0)).Matches(new TextVector(a.Bytes(1)))));
        library.Strict("ts_match_tq", static (in a, r, c) => StringFunctions.Bool(r, Matches(a.Bytes(0), TextQueryFunctions.Prepare(a.Bytes(1)), c)));
        library.Strict("ts_match_tt", static (in a, r, c) => StringFunctions.Bool(r, Matches(a.Bytes(0), new QueryMatcher(ReadQuery(a.Bytes(1), TextSearchConfiguration.Current(c), QuerySyntax.Plain, QueryKind.And, c)), c)));
        Rank(library, "ts_rank_", TextRank.Rank);
        Rank(library, "ts_rankcd_", CoverRank.Rank);
        library.Strict("ts_headline_byid_opt", static (in a, r, c) => Headline(TextSearchConfiguration.Of(a.Get<uint>(0)), a.Bytes(1), a.Bytes(2), a.Bytes(3), r, c));
        library.Strict("ts_headline_byid", static (in a, r, c) => Headline(TextSearchConfiguration.Of(a.Get<uint>(0)), a.Bytes(1), a.Bytes(2), default, r, c));
        library.Strict("ts_headline_opt", static (in a, r, c) => Headline(TextSearchConfiguration.Current(c), a.Bytes(0), a.Bytes(1), a.Bytes(2), r, c));
        library.Strict("ts_headline", static (in a, r, c) => Headline(TextSearchConfiguration.Current(c), a.Bytes(0), a.Bytes(1), default, r, c));
    }

    private static void Query(FunctionLibrary library, string key, QuerySyntax syntax, QueryKind joinedBy)
    {
        library.Strict(key, (in a, r, c) => TextQuery.Write(ReadQuery(a.Bytes(0), TextSearchConfiguration.Current(c), syntax, joinedBy, c), r));
        library.Strict(key + "_byid", (in a, r, c) => TextQuery.Write(ReadQuery(a.Bytes(1), TextSearchConfiguration.Of(a.Get<uint>(0)), syntax, joinedBy, c), r));
    }

    private static QueryNode? ReadQuery(ReadOnlySpan<byte> text, TextSearchConfiguration configuration, QuerySyntax syntax, QueryKind joinedBy, EvalContext context) =>
        QueryParser.Parse(text, syntax, QueryTerms.Lexemes(configuration, joinedBy, context), context);

    private static bool Matches(ReadOnlySpan<byte> text, QueryMatcher query, EvalContext context)
    {
        BytesColumnBuilder vector = new(1);
        LexemeReader.WriteVector(text, TextSearchConfiguration.Current(context), vector, context);
        return query.Matches(new TextVector(((BytesColumn)vector.Build())[0]));
    }

    /// <summary>PostgreSQL's names say what the arguments are: weights, text, text, and a method ("flags").</summary>
    private static void Rank(FunctionLibrary library, string prefix, Ranking ranking)
    {
        library.Strict(prefix + "tt", (in a, r, _) => Append(r, ranking(Ranks.DefaultWeights, new TextVector(a.Bytes(0)), TextQueryFunctions.Prepare(a.Bytes(1)), 0)));
        library.Strict(prefix + "ttf", (in a, r, _) =>
            Append(r, ranking(Ranks.DefaultWeights, new TextVector(a.Bytes(0)), TextQueryFunctions.Prepare(a.Bytes(1)), (RankNormalization)a.Get<int>(2))));
        library.Strict(prefix + "wtt", (in a, r, _) => Append(r, ranking(Weights(a.Bytes(0)), new TextVector(a.Bytes(1)), TextQueryFunctions.Prepare(a.Bytes(2)), 0)));
        library.Strict(prefix + "wttf", (in a, r, _) =>
            Append(r, ranking(Weights(a.Bytes(0)), new TextVector(a.Bytes(1)), TextQueryFunctions.Prepare(a.Bytes(2)), (RankNormalization)a.Get<int>(3))));
    }

    private static void Append(ColumnBuilder result, float value) => ((ColumnBuilder<float>)result).Append(value);

    /// <summary>Weights of D, C, B, A; a negative one means the default.</summary>
    /// <exception cref="SqlException">2202E, 22004, 22023.</exception>
    private static float[] Weights(ReadOnlySpan<byte> array)
    {
        ArrayView view = new(TypeOid.Float4Array);
        view.Open(array.ToArray());
        if (view.Dimensions != 1) throw new SqlException(SqlState.ArraySubscriptError, "array of weight must be one-dimensional");
        float[] weights = Ranks.DefaultWeights.ToArray();
        if (view.Count < weights.Length) throw new SqlException(SqlState.ArraySubscriptError, "array of weight is too short");
        for (int i = 0; i < view.Count; i++)
            if (view.Elements.IsNull(i)) throw new SqlException(SqlState.NullValueNotAllowed, "array of weight must not contain nulls");
        for (int i = 0; i < weights.Length; i++)
        {
            float given = ((Column<float>)view.Elements)[i];
            if (given >= 0) weights[i] = given;
            if (weights[i] > 1) throw new SqlException(SqlState.InvalidParameterValue, "weight out of range");
        }
        return weights;
    }

    private static void Headline(TextSearchConfiguration configuration, ReadOnlySpan<byte> text, ReadOnlySpan<byte> query, ReadOnlySpan<byte> options, ColumnBuilder result, EvalContext context)
    {
        BytesColumnBuilder output = (BytesColumnBuilder)result;
        TextHeadline.Write(text, TextQueryFunctions.Prepare(query), configuration, HeadlineOptions.Read(Utf8Text.ToString(options)), output.Output, context);
        output.EndValue();
    }
}
