namespace VecSql.Core.TextSearch;

/// <summary>What a rank is divided by, so that long texts don't come first for their length only. Bits, as users give them.</summary>
[Flags]
internal enum RankNormalization
{
    None = 0,
    LogLength = 1,
    Length = 2,

    /// <summary>The harmonic mean of the distances between covers; for <see cref="CoverRank"/> only.</summary>
    CoverDistance = 4,
    Words = 8,
    LogWords = 16,

    /// <summary>The rank plus one: the result is below one.</summary>
    Itself = 32,
}

/// <summary>What both rankings share.</summary>
internal static class Ranks
{
    /// <summary>For weights D, C, B, A.</summary>
    public static ReadOnlySpan<float> DefaultWeights => [0.1f, 0.2f, 0.4f, 1.0f];

    /// <summary>Applies all but <see cref="RankNormalization.CoverDistance"/>. A text's length is the number of its positions; a lexeme without any counts as one.</summary>
    /// <param name="rank">The rank so far.</param>
    /// <param name="vector">The text.</param>
    /// <param name="method">Which ones.</param>
    /// <param name="logBase">Of the logarithm of the length: PostgreSQL's two rankings differ.</param>
    public static float Normalize(float rank, TextVector vector, RankNormalization method, double logBase)
    {
        int length = 0;
        if ((method & (RankNormalization.LogLength | RankNormalization.Length)) != 0)
            for (int i = 0; i < vector.Count; i++) length += Math.Max(vector.PositionCount(i), 1);
        if ((method & RankNormalization.LogLength) != 0) rank = (float)(rank / (Math.Log(length + 1) / Math.Log(logBase)));
        if ((method & RankNormalization.Length) != 0 && length > 0) rank /= length;
        if ((method & RankNormalization.Words) != 0) rank /= vector.Count;
        if ((method & RankNormalization.LogWords) != 0) rank = (float)(rank / Math.Log2(vector.Count + 1));
        if ((method & RankNormalization.Itself) != 0) rank /= rank + 1;
        return rank;
    }
}
