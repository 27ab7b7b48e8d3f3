namespace VecSql.Core.TextSearch;

/// <summary>Chooses the pieces of a text that make its headline. Works on words by their numbers in the text.</summary>
internal readonly ref struct HeadlineChooser(HeadlineOptions options, ReadOnlySpan<HeadlineWord> words)
{
    private readonly ReadOnlySpan<HeadlineWord> _words = words;

    /// <summary>Fills <paramref name="pieces"/> in the text's order, each from its first to its last word.</summary>
    public void Choose(Covers covers, List<(int First, int Last)> pieces)
    {
        if (options.MaxFragments > 0) ChooseFragments(covers, pieces);
        else ChooseOne(covers, pieces);
        if (pieces.Count == 0 && _words.Length > 0) pieces.Add((0, Math.Min(options.MinWords, _words.Length) - 1));
    }

    /// <summary>A piece that holds all that satisfies the query, if there is one; then the one with most words of the query, then one that ends well, then the first.</summary>
    private void ChooseOne(Covers covers, List<(int First, int Last)> pieces)
    {
        (int First, int Last, (bool IsWhole, int Hits, bool EndsWell) Score)? best = null;
        while (covers.NextLoose())
        {
            int coverEnd = covers.Hits[^1].Data;
            (int first, int last) = Grow(covers.Hits[0].Data, coverEnd);
            (bool IsWhole, int Hits, bool EndsWell) score = (last >= coverEnd, CountHits(first, last), !IsShort(last));
            if (best is null || score.CompareTo(best.Value.Score) > 0) best = (first, last, score);
        }
        if (best is { } chosen) pieces.Add((chosen.First, chosen.Last));
    }

    private (int First, int Last) Grow(int first, int last)
    {
        int end = _words.Length - 1;
        last = Math.Min(Math.Max(last, first + options.MinWords - 1), Math.Min(first + options.MaxWords - 1, end));
        while (IsShort(last) && last < end && last - first + 1 < options.MaxWords) last++;
        while (IsShort(last) && last - first + 1 > options.MinWords) last--;
        if (last - first + 1 >= options.MinWords) return (first, last);
        first = Math.Max(0, last - options.MinWords + 1);
        while (IsShort(first) && first > 0 && last - first + 1 < options.MaxWords) first--;
        return (first, last);
    }

    private void ChooseFragments(Covers covers, List<(int First, int Last)> pieces)
    {
        List<(int First, int Last, int Hits)> candidates = [];
        while (covers.NextLoose()) AddFragments(covers.Hits[0].Data, covers.Hits[^1].Data, candidates);
        // Most words of the query first, then the shortest, then the first.
        candidates.Sort(static (a, b) => a.Hits != b.Hits ? b.Hits.CompareTo(a.Hits) : a.Last - a.First != b.Last - b.First ? (a.Last - a.First).CompareTo(b.Last - b.First) : a.First.CompareTo(b.First));
        foreach ((int first, int last, _) in candidates)
        {
            if (pieces.Count == options.MaxFragments) break;
            if (!pieces.Exists(p => first <= p.Last && p.First <= last)) pieces.Add(Stretch(first, last, pieces));
        }
        pieces.Sort();
    }

    /// <summary>Cuts a cover into fragments of at most MaxWords that begin and end with words of the query.</summary>
    private void AddFragments(int first, int last, List<(int First, int Last, int Hits)> candidates)
    {
        while (first <= last)
        {
            int end = Math.Min(last, first + options.MaxWords - 1);
            while (end > first && !_words[end].IsHit) end--;
            candidates.Add((first, end, CountHits(first, end)));
            first = end + 1;
            while (first <= last && !_words[first].IsHit) first++;
        }
    }

    /// <summary>Adds words before and behind, as many as fit, but no short ones at the ends and none of other pieces.</summary>
    private (int First, int Last) Stretch(int first, int last, List<(int First, int Last)> pieces)
    {
        int start = 0, end = _words.Length - 1;
        foreach ((int otherFirst, int otherLast) in pieces)
        {
            if (otherLast < first) start = Math.Max(start, otherLast + 1);
            else end = Math.Min(end, otherFirst - 1);
        }
        int room = options.MaxWords - (last - first + 1);
        int newFirst = Math.Max(start, first - room / 2);
        int newLast = Math.Min(end, newFirst + options.MaxWords - 1);
        while (newFirst < first && IsShort(newFirst)) newFirst++;
        while (newLast > last && IsShort(newLast)) newLast--;
        return (newFirst, newLast);
    }

    private bool IsShort(int word) => !_words[word].IsHit && _words[word].Characters <= options.ShortWord;

    private int CountHits(int first, int last)
    {
        int count = 0;
        for (int i = first; i <= last; i++)
            if (_words[i].IsHit) count++;
        return count;
    }
}

/// <summary>A word of a text.</summary>
/// <param name="Segment">Its segment's number.</param>
/// <param name="Characters">How long it is.</param>
/// <param name="IsHit">Whether the query has it.</param>
internal readonly record struct HeadlineWord(int Segment, int Characters, bool IsHit);
