using System.Runtime.InteropServices;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.TextSearch;

/// <summary>
/// ts_headline: the piece or pieces of a text that show best why a query finds it, with the query's words marked.
/// <list type="number">
/// <item>The text is cut into segments: words and what stands between them. A word knows which of the query's words it is.</item>
/// <item>Covers of the query (<see cref="Covers"/>) are where a piece may begin.</item>
/// <item>One piece: it grows from a cover to MinWords, and on while it ends with a short word; the one with most words of the query is taken. Fragments: covers are cut to MaxWords, those with most words
/// of the query are taken, and grow to both sides.</item>
/// <item>If there is no cover, the first MinWords words are shown.</item>
/// </list>
/// </summary>
internal static class TextHeadline
{
    public static void Write(ReadOnlySpan<byte> text, QueryMatcher query, TextSearchConfiguration configuration, HeadlineOptions options, ByteBuffer output, EvalContext context)
    {
        List<Segment> segments = [];
        List<HeadlineWord> words = [];
        List<WordHit> hits = [];
        Cut(text, query, configuration, segments, words, hits, context);
        HeadlineWriter writer = new(text, options, output);
        if (options.HighlightAll)
        {
            writer.Write(CollectionsMarshal.AsSpan(segments));
            return;
        }
        List<(int First, int Last)> pieces = [];
        new HeadlineChooser(options, CollectionsMarshal.AsSpan(words)).Choose(new Covers(hits, query), pieces);
        for (int i = 0; i < pieces.Count; i++)
        {
            if (i > 0) output.WriteText(options.FragmentDelimiter);
            // What stands before the text's first word and behind its last one belongs to these.
            int first = pieces[i].First == 0 ? 0 : words[pieces[i].First].Segment;
            int last = pieces[i].Last == words.Count - 1 ? segments.Count - 1 : words[pieces[i].Last].Segment;
            writer.Write(CollectionsMarshal.AsSpan(segments)[first..(last + 1)]);
        }
    }

    /// <summary>Segments follow each other without gaps; of a compound word and a URL the parts are taken.</summary>
    private static void Cut(ReadOnlySpan<byte> text, QueryMatcher query, TextSearchConfiguration configuration, List<Segment> segments, List<HeadlineWord> words, List<WordHit> hits, EvalContext context)
    {
        LexemeReader reader = new(text, configuration, context);
        while (reader.NextToken(out LexizeResult result))
        {
            if (reader.TokenType is TokenType.Compound or TokenType.AsciiCompound or TokenType.NumCompound or TokenType.Url)
            {
                if (result == LexizeResult.Lexeme) AddHits(query, reader.Lexeme, words.Count, hits, reader.Place);
                continue;
            }
            bool isHit = result == LexizeResult.Lexeme && AddHits(query, reader.Lexeme, words.Count, hits, reader.Place);
            if (result != LexizeResult.Ignored) words.Add(new HeadlineWord(segments.Count, Utf8Text.Length(reader.Token), isHit));
            segments.Add(new Segment(reader.TokenStart, reader.Token.Length, isHit, reader.TokenType == TokenType.Tag));
        }
    }

    private static bool AddHits(QueryMatcher query, ReadOnlySpan<byte> lexeme, int number, List<WordHit> hits, int place)
    {
        int before = hits.Count;
        for (int word = 0; word < query.Words.Count; word++)
        {
            QueryNode wanted = query.Words[word];
            if (wanted.IsPrefix ? lexeme.StartsWith(wanted.Lexeme) : lexeme.SequenceEqual(wanted.Lexeme)) hits.Add(new WordHit(place, number, word, number));
        }
        return hits.Count > before;
    }

    /// <summary>A word or what is between words.</summary>
    private readonly record struct Segment(int Start, int Length, bool IsHit, bool IsTag);

    /// <summary>Writes segments, marking words of the query. A tag is shown as a space, unless all is shown.</summary>
    private readonly ref struct HeadlineWriter(ReadOnlySpan<byte> text, HeadlineOptions options, ByteBuffer output)
    {
        private readonly ReadOnlySpan<byte> _text = text;

        public void Write(ReadOnlySpan<Segment> segments)
        {
            foreach (Segment segment in segments)
            {
                if (segment.IsTag && !options.HighlightAll)
                {
                    output.WriteByte((byte)' ');
                    continue;
                }
                if (segment.IsHit) output.WriteText(options.StartSel);
                output.Write(_text.Slice(segment.Start, segment.Length));
                if (segment.IsHit) output.WriteText(options.StopSel);
            }
        }
    }
}
