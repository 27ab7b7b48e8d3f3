namespace VecSql.Planner.Binding;

/// <summary>
/// What a call of vecsql.hybrid_search means, as SQL: the nearest vectors and the best matching texts, each ranked, joined by the key, and scored by reciprocal rank fusion (Cormack, Clarke and
/// Büttcher, 2009): the sum of weight / (rrf_k + rank). In the text, $n is the call's n-th argument.
/// </summary>
internal sealed record HybridSearchQuery
{
    public const string FunctionKey = "vecsql_hybrid_search";

    /// <summary>Places of arguments, from 0.</summary>
    public const int Relation = 0, TextColumn = 1, VectorColumn = 3, Config = 10, QuerySyntax = 11, Metric = 12, Filter = 13, KeyColumn = 14;

    public static IReadOnlyList<(string Name, string Operator)> Metrics { get; } =
        [("l2", "<->"), ("ip", "<#>"), ("cosine", "<=>"), ("l1", "<+>"), ("hamming", "<~>"), ("jaccard", "<%>")];

    /// <summary>Ways to read the query's text.</summary>
    public static IReadOnlyList<string> Syntaxes { get; } = ["web", "plain", "phrase", "standard", "any"];

    /// <summary>Qualified and quoted.</summary>
    public required string Table { get; init; }
    public required string Key { get; init; }

    /// <summary>An expression of type tsvector.</summary>
    public required string Document { get; init; }

    /// <summary>The configuration as an expression with a comma behind it, or nothing for the session's.</summary>
    public required string Configuration { get; init; }
    public required string Syntax { get; init; }
    public required string Vector { get; init; }
    public required string VectorType { get; init; }
    public required string Operator { get; init; }

    /// <summary>A condition over the table's columns; null for none.</summary>
    public required string? Condition { get; init; }

    public string ToSql()
    {
        string where = Condition is null ? "" : $" WHERE ({Condition}\n)", and = Condition is null ? "" : $" AND ({Condition}\n)";
        return $"""
            SELECT key, coalesce($10 / ($8 + v.place), 0::float8) + coalesce($9 / ($8 + t.place), 0::float8) AS score,
                t.place AS text_rank, v.place AS vector_rank, t.text_score, v.distance
            FROM (
                SELECT key, distance, rank() OVER (ORDER BY distance) AS place
                FROM (SELECT {Key} AS key, {Vector} {Operator} CAST($5 AS {VectorType}) AS distance FROM {Table}{where} ORDER BY distance LIMIT {Candidates}) nearest
                WHERE distance IS NOT NULL
            ) v FULL JOIN (
                SELECT key, text_score, rank() OVER (ORDER BY text_score DESC) AS place
                FROM (
                    SELECT {Key} AS key, ts_rank({Document}, {Query}) AS text_score
                    FROM {Table} WHERE {Document} @@ {Query}{and} ORDER BY text_score DESC, key LIMIT {Candidates}
                ) matching
            ) t USING (key)
            ORDER BY score DESC, key LIMIT $6
            """;
    }

    private static string Candidates => "coalesce($7, 4 * $6)";

    private string Query => Syntax switch
    {
        "plain" => $"plainto_tsquery({Configuration}$3)",
        "phrase" => $"phraseto_tsquery({Configuration}$3)",
        "standard" => $"to_tsquery({Configuration}$3)",
        // A lexeme has no spaces: those around the operators can be told.
        "any" => $"replace(plainto_tsquery({Configuration}$3)::text, ' & ', ' | ')::tsquery",
        _ => $"websearch_to_tsquery({Configuration}$3)",
    };
}
