using System.Runtime.InteropServices;

namespace VecSql.Core.TextSearch;

/// <summary>Finds covers: stretches of a text that satisfy a query while no shorter stretch within them does. The text is given by the places where it has words of the query.</summary>
internal ref struct Covers
{
    /// <summary>After so many steps no more loose stretches are looked for: a negation can make each beginning fail at the text's end only.</summary>
    private const int MaxSteps = 100_000;

    private readonly QueryMatcher _query;
    private readonly ReadOnlySpan<WordHit> _hits;
    private int _first = -1, _end, _steps;

    /// <param name="hits">In any order; are sorted.</param>
    /// <param name="query">Is given the places.</param>
    public Covers(List<WordHit> hits, QueryMatcher query)
    {
        hits.Sort(static (a, b) => a.Place != b.Place ? a.Place.CompareTo(b.Place) : a.Lexeme != b.Lexeme ? a.Lexeme.CompareTo(b.Lexeme) : a.Word.CompareTo(b.Word));
        Span<WordHit> all = CollectionsMarshal.AsSpan(hits);
        query.SetPlaces(all);
        _query = query;
        _hits = all;
    }

    /// <summary>The cover's hits in the text's order. A lexeme that is several words of the query is there several times.</summary>
    public readonly ReadOnlySpan<WordHit> Hits => _hits[_first.._end];

    /// <summary>The next cover: to the right until the query is satisfied, then back to the left until it is again.</summary>
    public bool Next()
    {
        int from = NextStart;
        int end = EndOfSatisfying(from);
        if (end < 0) return false;
        _first = Shrink(from, end);
        _end = end;
        return true;
    }

    /// <summary>The next stretch that begins with a word of the query and ends where the query is satisfied, whether or not its beginning is needed for that.</summary>
    public bool NextLoose()
    {
        for (int from = NextStart; from < _hits.Length && _steps < MaxSteps; from = EndOfLexeme(from))
        {
            int end = EndOfSatisfying(from);
            if (end < 0) continue;
            (_first, _end) = (from, end);
            return true;
        }
        return false;
    }

    private readonly int NextStart => _first < 0 ? 0 : EndOfLexeme(_first);

    private int EndOfSatisfying(int from)
    {
        if (_query.Root is null) return -1;
        _query.Found.Clear();
        for (int last = from; last < _hits.Length; last = EndOfLexeme(last))
        {
            int end = EndOfLexeme(last);
            for (int i = last; i < end; i++) Add(_hits[i], isFirst: false);
            _steps++;
            if (_query.IsSatisfied()) return end;
        }
        return -1;
    }

    private readonly int Shrink(int from, int end)
    {
        _query.Found.Clear();
        for (int i = end - 1; ; i--)
        {
            Add(_hits[i], isFirst: true);
            bool isWhole = i == from || !_hits[i - 1].IsSameLexeme(_hits[i]);
            if (isWhole && (i == from || _query.IsSatisfied())) return i;
        }
    }

    private readonly void Add(WordHit hit, bool isFirst)
    {
        ref WordPlaces places = ref _query.Found[hit.Word];
        places = new WordPlaces(isFirst || places.Count == 0 ? hit.Number : places.Start, places.Count + 1, true, false);
    }

    private readonly int EndOfLexeme(int at)
    {
        int end = at + 1;
        while (end < _hits.Length && _hits[end].IsSameLexeme(_hits[at])) end++;
        return end;
    }
}
