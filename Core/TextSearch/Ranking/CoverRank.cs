namespace VecSql.Core.TextSearch;

/// <summary>
/// ts_rank_cd: cover density, after Clarke, Cormack and Tudhope, "Relevance ranking for one to three term queries" (1999). A cover (<see cref="Covers"/>) scores the harmonic mean of its words'
/// weights, divided by one plus the number of other words in it.
/// </summary>
internal static class CoverRank
{
    [ThreadStatic]
    private static List<WordHit>? _hits;

    public static float Rank(ReadOnlySpan<float> weights, TextVector vector, QueryMatcher query, RankNormalization method)
    {
        List<WordHit> hits = _hits ??= [];
        CollectHits(vector, query, hits);
        double rank = 0, closeness = 0, lastMiddle = 0;
        int count = 0;
        Covers covers = new(hits, query);
        while (covers.Next())
        {
            ReadOnlySpan<WordHit> cover = covers.Hits;
            rank += Score(cover, weights);
            double middle = (cover[0].Place + cover[^1].Place) / 2.0;
            if (count > 0 && middle > lastMiddle) closeness += 1 / (middle - lastMiddle);
            lastMiddle = middle;
            count++;
        }
        if ((method & RankNormalization.CoverDistance) != 0 && closeness > 0) rank *= closeness / count;
        return Ranks.Normalize((float)rank, vector, method, logBase: Math.E);
    }

    private static double Score(ReadOnlySpan<WordHit> cover, ReadOnlySpan<float> weights)
    {
        double inverse = 0;
        int count = 0;
        for (int i = 0; i < cover.Length; i++)
        {
            if (i > 0 && cover[i].IsSameLexeme(cover[i - 1])) continue;
            inverse += 1 / (double)weights[cover[i].Data];
            count++;
        }
        int others = cover[^1].Place - cover[0].Place - (count - 1);
        // Several lexemes at one place leave fewer places than lexemes.
        if (others < 0) others = (count - 1) / 2;
        return count / inverse / (1 + others);
    }

    private static void CollectHits(TextVector vector, QueryMatcher query, List<WordHit> hits)
    {
        hits.Clear();
        for (int number = 0; number < query.Words.Count; number++)
        {
            QueryNode word = query.Words[number];
            Range entries = vector.FindAll(word.Lexeme, word.IsPrefix);
            for (int entry = entries.Start.Value; entry < entries.End.Value; entry++)
                for (int p = 0; p < vector.PositionCount(entry); p++)
                {
                    ushort position = vector.Position(entry, p);
                    if (word.Allows(TextVector.WeightOf(position))) hits.Add(new WordHit(TextVector.PlaceOf(position), entry, number, TextVector.WeightOf(position)));
                }
        }
    }
}
