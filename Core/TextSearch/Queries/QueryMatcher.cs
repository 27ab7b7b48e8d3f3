using System.Runtime.InteropServices;

namespace VecSql.Core.TextSearch;

/// <summary>
/// A query made ready to be asked of many texts. It is given the places of each of its words in a text, and says whether they satisfy it. Used by one thread at a time; keeps its buffers.
/// </summary>
/// <remarks>
/// Outside phrases a word is there or not. A phrase is decided by sets of places where it begins. Such a set may be a complement (all places but these: a negation within a phrase); it has a
/// width: how far behind its first word the part's last word stands. So <c>L &lt;n&gt; R</c> begins where L does and R does <c>width(L) + n</c> further on, and both sides of And and Or begin at the
/// same place.
/// </remarks>
internal sealed class QueryMatcher
{
    private readonly QueryNode? _root;
    private readonly List<QueryNode> _words = [], _lexemes;
    private readonly Dictionary<QueryNode, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(string Lexeme, byte Weights, bool IsPrefix), int> _known = [];
    private readonly WordPlaces[] _found;

    /// <summary>Without one it is enough to know which words are there.</summary>
    private bool _hasPhrase;

    /// <summary>Places of the words, then the sets at work.</summary>
    private readonly List<int> _places = [];

    public QueryMatcher(QueryNode? root)
    {
        _root = root;
        if (root is not null) Number(root);
        HashSet<string> lexemes = [];
        _lexemes = [.. _words.Where(w => lexemes.Add(KeyOf(w)))];
        _lexemes.Sort(static (a, b) => a.Lexeme.AsSpan().SequenceCompareTo(b.Lexeme));
        _found = new WordPlaces[_words.Count];
    }

    /// <summary>The query; null if it is empty.</summary>
    public QueryNode? Root => _root;

    /// <summary>The query's different words: by lexeme, weights, and whether it is a prefix.</summary>
    public IReadOnlyList<QueryNode> Words => _words;

    /// <summary>The query's words, one for each lexeme, in their order.</summary>
    public IReadOnlyList<QueryNode> Lexemes => _lexemes;

    /// <summary>The words' places in the text at hand, by the words' numbers. A ranker or headline may narrow them to a part of the text.</summary>
    public Span<WordPlaces> Found => _found;

    public bool Matches(TextVector vector)
    {
        if (_root is null) return false;
        Find(vector);
        return IsSatisfied();
    }

    /// <summary>Whether <see cref="Found"/> satisfies the query.</summary>
    public bool IsSatisfied()
    {
        if (_root is null) return false;
        int used = _places.Count;
        bool isSatisfied = IsTrue(_root);
        CollectionsMarshal.SetCount(_places, used);
        return isSatisfied;
    }

    private void Find(TextVector vector)
    {
        _places.Clear();
        for (int i = 0; i < _found.Length; i++) _found[i] = Find(_words[i], vector);
    }

    /// <summary>Takes the places of words in a part of a text, given as hits in the text's order, for <see cref="Found"/> to be set to. Returns nothing found yet.</summary>
    /// <param name="hits">Each gets the number of its place.</param>
    public void SetPlaces(Span<WordHit> hits)
    {
        Array.Clear(_found);
        foreach (WordHit hit in hits) _found[hit.Word] = _found[hit.Word] with { Count = _found[hit.Word].Count + 1 };
        int next = 0;
        foreach (ref WordPlaces places in _found.AsSpan())
        {
            int count = places.Count;
            places = new WordPlaces(next, 0, false, false);
            next += count;
        }
        CollectionsMarshal.SetCount(_places, next);
        foreach (ref WordHit hit in hits)
        {
            ref WordPlaces places = ref _found[hit.Word];
            hit = hit with { Number = places.Start + places.Count };
            _places[hit.Number] = hit.Place;
            places = places with { Count = places.Count + 1 };
        }
        Array.Clear(_found);
    }

    private void Number(QueryNode node)
    {
        Errors.StackGuard.Check();
        if (node.Kind == QueryKind.Word)
        {
            if (!_known.TryGetValue((KeyOf(node), node.Weights, node.IsPrefix), out int number))
            {
                _known.Add((KeyOf(node), node.Weights, node.IsPrefix), number = _words.Count);
                _words.Add(node);
            }
            _numbers[node] = number;
            return;
        }
        _hasPhrase |= node.Kind == QueryKind.Phrase;
        if (node.Left is not null) Number(node.Left);
        Number(node.Right!);
    }

    /// <summary>A lexeme's bytes as characters, one for each.</summary>
    private static string KeyOf(QueryNode word) => System.Text.Encoding.Latin1.GetString(word.Lexeme);

    private WordPlaces Find(QueryNode word, TextVector vector)
    {
        Range range = vector.FindAll(word.Lexeme, word.IsPrefix);
        int first = range.Start.Value, count = range.End.Value - first, start = _places.Count;
        if (!_hasPhrase && word.Weights == 0) return new WordPlaces(start, 0, count > 0, false);
        bool isUnplaced = false;
        for (int i = first; i < first + count; i++)
        {
            int positions = vector.PositionCount(i);
            // Without positions there are no weights to ask for.
            isUnplaced |= positions == 0;
            for (int p = 0; p < positions; p++)
            {
                ushort position = vector.Position(i, p);
                if (word.Allows(TextVector.WeightOf(position))) _places.Add(TextVector.PlaceOf(position));
            }
        }
        if (count > 1) SortPlaces(start);
        return new WordPlaces(start, _places.Count - start, isUnplaced || _places.Count > start, isUnplaced);
    }

    private void SortPlaces(int start)
    {
        Span<int> places = CollectionsMarshal.AsSpan(_places)[start..];
        places.Sort();
        int kept = Math.Min(1, places.Length);
        for (int i = 1; i < places.Length; i++)
            if (places[i] != places[kept - 1]) places[kept++] = places[i];
        CollectionsMarshal.SetCount(_places, start + kept);
    }

    private bool IsTrue(QueryNode node)
    {
        Errors.StackGuard.Check();
        switch (node.Kind)
        {
            case QueryKind.Word: return _found[_numbers[node]].IsThere;
            case QueryKind.Not: return !IsTrue(node.Right!);
            case QueryKind.And: return IsTrue(node.Left!) && IsTrue(node.Right!);
            case QueryKind.Or: return IsTrue(node.Left!) || IsTrue(node.Right!);
            default:
                PlaceSet begins = Begins(node);
                return !begins.IsUnknown && (begins.IsComplement || begins.Count > 0);
        }
    }

    /// <summary>Where the part begins.</summary>
    private PlaceSet Begins(QueryNode node)
    {
        Errors.StackGuard.Check();
        switch (node.Kind)
        {
            case QueryKind.Word:
                WordPlaces word = _found[_numbers[node]];
                return new PlaceSet(word.Start, word.Count, 0, IsComplement: false, word.IsUnplaced);
            case QueryKind.Not: return Begins(node.Right!) is var set ? set with { IsComplement = !set.IsComplement } : default;
        }
        PlaceSet left = Begins(node.Left!), right = Begins(node.Right!);
        if (node.Kind == QueryKind.Phrase) return Both(left, right, left.Width + node.Distance, left.Width + node.Distance + right.Width);
        int width = Math.Max(left.Width, right.Width);
        if (node.Kind == QueryKind.And) return Both(left, right, 0, width);
        // One or the other: not both not.
        PlaceSet neither = Both(left with { IsComplement = !left.IsComplement }, right with { IsComplement = !right.IsComplement }, 0, width);
        return neither with { IsComplement = !neither.IsComplement };
    }

    /// <summary>The places in both sets, where the right one's places are moved back by <paramref name="shift"/>.</summary>
    private PlaceSet Both(PlaceSet left, PlaceSet right, int shift, int width)
    {
        bool isUnion = left.IsComplement && right.IsComplement;
        if (left.IsNone || right.IsNone) return new PlaceSet(0, 0, width, false, false);
        int start = _places.Count, l = left.Start, r = right.Start;
        while (l < left.End || r < right.End)
        {
            int leftPlace = l < left.End ? _places[l] : int.MaxValue, rightPlace = r < right.End ? _places[r] - shift : int.MaxValue;
            int place = Math.Min(leftPlace, rightPlace);
            bool isLeft = leftPlace == place, isRight = rightPlace == place;
            if (isLeft) l++;
            if (isRight) r++;
            if (isUnion || (isLeft != left.IsComplement && isRight != right.IsComplement)) _places.Add(place);
        }
        return new PlaceSet(start, _places.Count - start, width, isUnion, left.IsUnknown || right.IsUnknown);
    }

    /// <param name="Start">Of the first place.</param>
    /// <param name="Count">How many.</param>
    /// <param name="Width">From the part's first to its last word.</param>
    /// <param name="IsComplement">All places but these.</param>
    /// <param name="IsUnknown">A word's places aren't known: the text's vector was stripped. Then no phrase is found.</param>
    private readonly record struct PlaceSet(int Start, int Count, int Width, bool IsComplement, bool IsUnknown)
    {
        public bool IsNone => Count == 0 && !IsComplement && !IsUnknown;
        public int End => Start + Count;
    }
}

/// <summary>A word of the query somewhere in a text.</summary>
/// <param name="Place">Where.</param>
/// <param name="Lexeme">Which of the text's lexemes it is.</param>
/// <param name="Word">Its number in the query.</param>
/// <param name="Data">Its finder's own: a weight, the number of a word in the text.</param>
/// <param name="Number">Of its place, in the <see cref="QueryMatcher"/>.</param>
internal readonly record struct WordHit(int Place, int Lexeme, int Word, int Data, int Number = 0)
{
    public bool IsSameLexeme(WordHit other) => Place == other.Place && Lexeme == other.Lexeme;
}

/// <summary>A word's places, ascending, in its <see cref="QueryMatcher"/>.</summary>
/// <param name="Start">Of the first one.</param>
/// <param name="Count">How many.</param>
/// <param name="IsThere">Whether the text has the word.</param>
/// <param name="IsUnplaced">Whether the text has it without saying where.</param>
internal readonly record struct WordPlaces(int Start, int Count, bool IsThere, bool IsUnplaced);
