namespace VecSql.Core.TextSearch;

/// <summary>
/// ts_rank: how often and how near each other a query's words are in a text. The curves were fitted to PostgreSQL's answers.
/// </summary>
/// <remarks>
/// A lexeme scores by its weightiest position in full, and by the k-th of the others with its weight divided by k²; all over π²/6, what infinitely many would give. A query's rank is the mean of its
/// words' scores. Where words must all be there (And or a phrase outermost), each pair of positions of two of them is evidence as strong as the geometric mean of their weights times a factor that falls
/// with the distance, and evidence adds up like probabilities.
/// </remarks>
internal static class TextRank
{
    /// <summary>The rank of words that must all be there and have no two positions to compare.</summary>
    private const double Least = 1e-20;

    /// <summary>A lexeme without positions stands farther from all than any position.</summary>
    private const int NoPlace = TextVector.MaxPlace + 1000;

    public static float Rank(ReadOnlySpan<float> weights, TextVector vector, QueryMatcher query, RankNormalization method)
    {
        if (vector.Count == 0 || query.Root is null) return 0;
        double rank = query.Root.Kind is QueryKind.And or QueryKind.Phrase && query.Lexemes.Count > 1
            ? RankTogether(weights, vector, query.Lexemes)
            : RankEach(weights, vector, query.Lexemes);
        return Ranks.Normalize((float)rank, vector, method, logBase: 2);
    }

    private static double RankEach(ReadOnlySpan<float> weights, TextVector vector, IReadOnlyList<QueryNode> words)
    {
        // In single precision, as PostgreSQL's: ranks that are equal there are equal here.
        float sum = 0;
        foreach (QueryNode word in words)
        {
            (int first, int end) = Entries(vector, word);
            for (int entry = first; entry < end; entry++) sum = (float)(sum + Score(weights, vector, entry));
        }
        return sum / words.Count;
    }

    private static double Score(ReadOnlySpan<float> weights, TextVector vector, int entry)
    {
        float sum = 0, heaviest = -1;
        int heaviestAt = 0, count = Math.Max(vector.PositionCount(entry), 1);
        for (int i = 0; i < count; i++)
        {
            float weight = weights[WeightOf(vector, entry, i)], square = (i + 1f) * (i + 1);
            sum += weight / square;
            if (weight <= heaviest) continue;
            heaviest = weight;
            heaviestAt = i;
        }
        return (sum + heaviest - heaviest / ((heaviestAt + 1f) * (heaviestAt + 1))) / (Math.PI * Math.PI / 6);
    }

    private static double RankTogether(ReadOnlySpan<float> weights, TextVector vector, IReadOnlyList<QueryNode> words)
    {
        double rank = 0;
        bool isRanked = false;
        for (int right = 1; right < words.Count; right++)
        {
            (int rightFirst, int rightEnd) = Entries(vector, words[right]);
            if (rightFirst == rightEnd) continue;
            for (int left = 0; left < right; left++)
            {
                (int leftFirst, int leftEnd) = Entries(vector, words[left]);
                for (int r = rightFirst; r < rightEnd; r++)
                    for (int l = leftFirst; l < leftEnd; l++) isRanked |= AddPairs(weights, vector, l, r, ref rank);
            }
        }
        return isRanked ? Math.Max(rank, Least) : Least;
    }

    private static bool AddPairs(ReadOnlySpan<float> weights, TextVector vector, int left, int right, ref double rank)
    {
        bool isAny = false;
        int leftCount = Math.Max(vector.PositionCount(left), 1), rightCount = Math.Max(vector.PositionCount(right), 1);
        for (int l = 0; l < leftCount; l++)
            for (int r = 0; r < rightCount; r++)
            {
                int distance = Math.Abs(PlaceOf(vector, left, l) - PlaceOf(vector, right, r));
                bool isUnplaced = vector.PositionCount(left) == 0 || vector.PositionCount(right) == 0;
                if (distance == 0 && !isUnplaced) continue;
                isAny = true;
                double evidence = Math.Sqrt(weights[WeightOf(vector, left, l)] * (double)weights[WeightOf(vector, right, r)] * Nearness(isUnplaced ? NoPlace : distance));
                rank = rank == 0 ? evidence : 1 - (1 - rank) * (1 - evidence);
            }
        return isAny;
    }

    /// <summary>Near one for neighbours, a half some eight words apart, nothing beyond a hundred.</summary>
    private static double Nearness(int distance) => distance > 100 ? 1e-30 : 1 / (1.005 + 0.05 * Math.Exp(distance / 1.5 - 2));

    private static (int First, int End) Entries(TextVector vector, QueryNode word)
    {
        Range range = vector.FindAll(word.Lexeme, word.IsPrefix);
        return (range.Start.Value, range.End.Value);
    }

    private static int WeightOf(TextVector vector, int entry, int number) => vector.PositionCount(entry) == 0 ? 0 : TextVector.WeightOf(vector.Position(entry, number));
    private static int PlaceOf(TextVector vector, int entry, int number) => vector.PositionCount(entry) == 0 ? NoPlace : TextVector.PlaceOf(vector.Position(entry, number));
}
