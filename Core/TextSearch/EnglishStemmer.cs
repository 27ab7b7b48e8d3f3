using System.Collections.Frozen;

namespace VecSql.Core.TextSearch;

/// <summary>
/// The English stemmer of the Snowball project ("Porter2", snowballstem.org/algorithms/english/stemmer.html), as PostgreSQL 15 has it. Words are code points in lower case; the marked y that is a
/// consonant is Y, within the stemmer only.
/// </summary>
internal ref struct EnglishStemmer
{
    private static readonly FrozenDictionary<string, string> Irregular = (((string Word, string Stem)[])
    [
        ("skis", "ski"), ("skies", "sky"), ("dying", "die"), ("lying", "lie"), ("tying", "tie"), ("idly", "idl"), ("gently", "gentl"), ("ugly", "ugli"), ("early", "earli"),
        ("only", "onli"), ("singly", "singl"), ("sky", "sky"), ("news", "news"), ("howe", "howe"), ("atlas", "atlas"), ("cosmos", "cosmos"), ("bias", "bias"), ("andes", "andes"),
    ]).ToFrozenDictionary(p => p.Word, p => p.Stem);

    private static readonly string[] RegionStarts = ["gener", "commun", "arsen"];
    private static readonly string[] KeptAfterPlural = ["inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"];

    private static readonly (string Suffix, string Replacement)[] Step2 =
    [
        ("ational", "ate"), ("fulness", "ful"), ("iveness", "ive"), ("ization", "ize"), ("ousness", "ous"), ("biliti", "ble"), ("lessli", "less"), ("tional", "tion"), ("alism", "al"),
        ("aliti", "al"), ("ation", "ate"), ("entli", "ent"), ("fulli", "ful"), ("iviti", "ive"), ("ousli", "ous"), ("abli", "able"), ("alli", "al"), ("anci", "ance"), ("ator", "ate"),
        ("enci", "ence"), ("izer", "ize"), ("bli", "ble"), ("ogi", "og"), ("li", ""),
    ];

    private static readonly (string Suffix, string Replacement)[] Step3 =
    [
        ("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("ative", ""), ("icate", "ic"), ("iciti", "ic"), ("ical", "ic"), ("ness", ""), ("ful", ""),
    ];

    private static readonly string[] Step4 =
        ["ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ion", "ism", "ate", "iti", "ous", "ive", "ize", "al", "er", "ic"];

    private readonly Span<int> _word;
    private int _length, _region1, _region2;

    private EnglishStemmer(Span<int> word, int length)
    {
        _word = word;
        _length = length;
    }

    /// <summary>Stems a word in place; returns its new length.</summary>
    /// <param name="word">Code points, with room for one more than <paramref name="length"/>.</param>
    /// <param name="length">Of the word.</param>
    public static int Stem(Span<int> word, int length)
    {
        if (length <= 2) return length;
        if (FindIrregular(word[..length]) is { } irregular)
        {
            for (int i = 0; i < irregular.Length; i++) word[i] = irregular[i];
            return irregular.Length;
        }
        EnglishStemmer stemmer = new(word, length);
        stemmer.Run();
        return stemmer._length;
    }

    private static string? FindIrregular(ReadOnlySpan<int> word)
    {
        if (word.Length > 6) return null;
        Span<char> text = stackalloc char[6];
        for (int i = 0; i < word.Length; i++)
        {
            if (word[i] >= 128) return null;
            text[i] = (char)word[i];
        }
        return Irregular.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..word.Length], out string? found) ? found : null;
    }

    private void Run()
    {
        if (_word[0] == '\'')
        {
            _word[1.._length].CopyTo(_word);
            _length--;
        }
        MarkConsonantY();
        FindRegions();
        DropPossessive();
        DropPlural();
        foreach (string kept in KeptAfterPlural)
            if (_length == kept.Length && EndsWith(kept))
            {
                UnmarkY();
                return;
            }
        DropPast();
        if (_length > 2 && _word[_length - 1] is 'y' or 'Y' && !IsVowel(_length - 2)) _word[_length - 1] = 'i';
        DropStep2();
        DropStep3();
        DropStep4();
        DropFinal();
        UnmarkY();
    }

    private readonly void MarkConsonantY()
    {
        for (int i = 0; i < _length; i++)
            if (_word[i] == 'y' && (i == 0 || IsVowel(i - 1))) _word[i] = 'Y';
    }

    private readonly void UnmarkY()
    {
        foreach (ref int code in _word[.._length])
            if (code == 'Y') code = 'y';
    }

    /// <summary>R1 begins after the first consonant that follows a vowel, R2 likewise within R1.</summary>
    private void FindRegions()
    {
        _region1 = -1;
        foreach (string start in RegionStarts)
            if (_length >= start.Length && Matches(0, start)) _region1 = start.Length;
        if (_region1 < 0) _region1 = AfterConsonant(0);
        _region2 = AfterConsonant(_region1);
    }

    private readonly int AfterConsonant(int from)
    {
        int at = from;
        while (at < _length && !IsVowel(at)) at++;
        while (at < _length && IsVowel(at)) at++;
        return Math.Min(at + 1, _length);
    }

    private void DropPossessive()
    {
        if (EndsWith("'s'")) _length -= 3;
        else if (EndsWith("'s")) _length -= 2;
        else if (EndsWith("'")) _length -= 1;
    }

    private void DropPlural()
    {
        if (EndsWith("sses")) _length -= 2;
        else if (EndsWith("ied") || EndsWith("ies")) _length -= _length > 4 ? 2 : 1;
        else if (EndsWith("us") || EndsWith("ss")) return;
        else if (EndsWith("s") && HasVowel(_length - 2)) _length--;
    }

    private void DropPast()
    {
        int suffix = EndsWith("eedly") ? 5 : EndsWith("eed") ? 3 : 0;
        if (suffix > 0)
        {
            if (_length - suffix >= _region1) _length -= suffix - 2;
            return;
        }
        suffix = EndsWith("ingly") ? 5 : EndsWith("edly") ? 4 : EndsWith("ing") ? 3 : EndsWith("ed") ? 2 : 0;
        if (suffix == 0 || !HasVowel(_length - suffix)) return;
        _length -= suffix;
        if (EndsWith("at") || EndsWith("bl") || EndsWith("iz")) _word[_length++] = 'e';
        else if (_length >= 2 && _word[_length - 1] == _word[_length - 2] && _word[_length - 1] is 'b' or 'd' or 'f' or 'g' or 'm' or 'n' or 'p' or 'r' or 't') _length--;
        else if (_length == _region1 && EndsShort(_length)) _word[_length++] = 'e';
    }

    private void DropStep2()
    {
        foreach ((string suffix, string replacement) in Step2)
        {
            if (!EndsWith(suffix)) continue;
            int start = _length - suffix.Length;
            if (start < _region1) return;
            if (suffix == "ogi" && (start == 0 || _word[start - 1] != 'l')) return;
            if (suffix == "li" && (start == 0 || _word[start - 1] is not ('c' or 'd' or 'e' or 'g' or 'h' or 'k' or 'm' or 'n' or 'r' or 't'))) return;
            Replace(start, replacement);
            return;
        }
    }

    private void DropStep3()
    {
        foreach ((string suffix, string replacement) in Step3)
        {
            if (!EndsWith(suffix)) continue;
            int start = _length - suffix.Length;
            if (start >= (suffix == "ative" ? Math.Max(_region1, _region2) : _region1)) Replace(start, replacement);
            return;
        }
    }

    private void DropStep4()
    {
        foreach (string suffix in Step4)
        {
            if (!EndsWith(suffix)) continue;
            int start = _length - suffix.Length;
            if (start >= _region2 && (suffix != "ion" || (start > 0 && _word[start - 1] is 's' or 't'))) _length = start;
            return;
        }
    }

    private void DropFinal()
    {
        int last = _length - 1;
        if (last < 0) return;
        if (_word[last] == 'e')
        {
            if (last >= _region2 || (last >= _region1 && !EndsShort(last))) _length--;
        }
        else if (_word[last] == 'l' && last >= _region2 && last > 0 && _word[last - 1] == 'l') _length--;
    }

    /// <summary>A vowel between consonants, the latter none of w, x, Y; or a vowel at the word's beginning and a consonant.</summary>
    private readonly bool EndsShort(int end)
    {
        if (end < 2 || IsVowel(end - 1) || !IsVowel(end - 2)) return false;
        return end == 2 || (!IsVowel(end - 3) && _word[end - 1] is not ('w' or 'x' or 'Y'));
    }

    private readonly bool HasVowel(int end)
    {
        for (int i = 0; i < end; i++)
            if (IsVowel(i)) return true;
        return false;
    }

    private readonly bool IsVowel(int at) => _word[at] is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';

    private readonly bool EndsWith(string suffix) => _length >= suffix.Length && Matches(_length - suffix.Length, suffix);

    private readonly bool Matches(int at, string text)
    {
        for (int i = 0; i < text.Length; i++)
            if (_word[at + i] != text[i]) return false;
        return true;
    }

    private void Replace(int start, string replacement)
    {
        for (int i = 0; i < replacement.Length; i++) _word[start + i] = replacement[i];
        _length = start + replacement.Length;
    }
}
