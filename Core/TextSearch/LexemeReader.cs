using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.TextSearch;

/// <summary>A text's lexemes in a configuration, with their places: words that are left out count, what is no word doesn't.</summary>
internal ref struct LexemeReader(ReadOnlySpan<byte> text, TextSearchConfiguration configuration, EvalContext context)
{
    private readonly ByteBuffer _lexeme = new(64);
    private TextParser _parser = new(text);

    /// <summary>From 1.</summary>
    public int Place { get; private set; }
    public readonly ReadOnlySpan<byte> Lexeme => _lexeme.WrittenSpan;

    /// <summary>The token that <see cref="NextToken"/> found.</summary>
    public readonly ReadOnlySpan<byte> Token => _parser.Token;
    public readonly TokenType TokenType => _parser.Type;
    public readonly int TokenStart => _parser.Start;

    /// <summary>The next lexeme; false at the end.</summary>
    public bool Next()
    {
        while (NextToken(out LexizeResult result))
            if (result == LexizeResult.Lexeme) return true;
        return false;
    }

    /// <summary>The next token, whatever becomes of it; false at the end.</summary>
    public bool NextToken(out LexizeResult result)
    {
        result = LexizeResult.Ignored;
        if (!_parser.Next()) return false;
        context.Cancellation.ThrowIfCancellationRequested();
        if (_parser.Length > TextSearchConfiguration.MaxWordBytes)
        {
            context.Session.Notice(new Notice("NOTICE", Errors.SqlState.ProgramLimitExceeded, "word is too long to be indexed",
                $"Words longer than {TextSearchConfiguration.MaxWordBytes + 1} characters are ignored."));
            return true;
        }
        _lexeme.Clear();
        result = configuration.Lexize(_parser.Type, _parser.Token, _lexeme);
        if (result != LexizeResult.Ignored) Place++;
        return true;
    }

    /// <summary>The text as a tsvector.</summary>
    public static void WriteVector(ReadOnlySpan<byte> text, TextSearchConfiguration configuration, ColumnBuilder result, EvalContext context)
    {
        TextVectorBuilder builder = TextVectorBuilder.Own;
        AddTo(builder, text, configuration, 0, context);
        builder.WriteTo(result, TextVector.MaxPositions - 1, sorts: false);
    }

    /// <summary>Adds the text's lexemes; returns the last place.</summary>
    public static int AddTo(TextVectorBuilder builder, ReadOnlySpan<byte> text, TextSearchConfiguration configuration, int placesBefore, EvalContext context)
    {
        LexemeReader lexemes = new(text, configuration, context) { Place = placesBefore };
        while (lexemes.Next())
        {
            builder.Add(lexemes.Lexeme);
            builder.AddPosition(TextVector.MakePosition(lexemes.Place, 0));
        }
        return lexemes.Place;
    }
}
