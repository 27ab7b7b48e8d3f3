using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.TextSearch;

/// <summary>What a dictionary makes of a token.</summary>
internal enum LexizeResult { Ignored, StopWord, Lexeme }

/// <summary>A text search configuration: which dictionary each kind of token goes to. There are two, as PostgreSQL numbers and defines them.</summary>
internal sealed class TextSearchConfiguration
{
    public const uint SimpleDictionary = 3765, EnglishDictionary = 13163;

    /// <summary>The longest word, in bytes, that is kept; and the longest that is stemmed.</summary>
    public const int MaxWordBytes = 2046, MaxStemBytes = 1000;

    private static readonly FrozenSet<string> StopWords = TextSearchData.Lines("english-stop.txt").ToFrozenSet();

    /// <summary>PostgreSQL's other languages: they are refused by name.</summary>
    private static readonly string[] OtherLanguages =
    [
        "arabic", "armenian", "basque", "catalan", "danish", "dutch", "finnish", "french", "german", "greek", "hindi", "hungarian", "indonesian", "irish", "italian", "lithuanian", "nepali",
        "norwegian", "portuguese", "romanian", "russian", "serbian", "spanish", "swedish", "tamil", "turkish", "yiddish",
    ];

    private TextSearchConfiguration(uint oid, string name, bool isEnglish)
    {
        Oid = oid;
        Name = name;
        IsEnglish = isEnglish;
    }

    public static TextSearchConfiguration Simple { get; } = new(3748, "simple", isEnglish: false);
    public static TextSearchConfiguration English { get; } = new(13164, "english", isEnglish: true);
    public static TextSearchConfiguration[] All { get; } = [Simple, English];

    public uint Oid { get; }
    public string Name { get; }
    public bool IsEnglish { get; }

    /// <summary>The configuration with this number.</summary>
    /// <exception cref="SqlException">XX000, as PostgreSQL's.</exception>
    public static TextSearchConfiguration Of(uint oid) =>
        Array.Find(All, c => c.Oid == oid) ?? throw new SqlException(SqlState.InternalError, $"cache lookup failed for text search configuration {oid}");

    /// <summary>The session's default_text_search_config.</summary>
    public static TextSearchConfiguration Current(EvalContext context) =>
        Of(ObjectNames.Find(RegKind.Configuration, context.Session.GetSetting(TextSearchSetting.Name) ?? TextSearchSetting.Default, context));

    /// <summary>The configuration of that name in pg_catalog; null if there is none.</summary>
    /// <exception cref="SqlException">0A000 for a language that PostgreSQL has and VecSql has not.</exception>
    public static TextSearchConfiguration? Find(string name)
    {
        if (Array.IndexOf(OtherLanguages, name) >= 0) throw SqlException.NotSupported($"text search configuration \"{name}\"");
        return Array.Find(All, c => c.Name == name);
    }

    /// <summary>A dictionary of pg_catalog; null if there is none.</summary>
    public static uint? FindDictionary(string name) => name switch { "simple" => SimpleDictionary, "english_stem" => EnglishDictionary, _ => null };

    public static string? DictionaryName(uint oid) => oid switch { SimpleDictionary => "simple", EnglishDictionary => "english_stem", _ => null };

    /// <summary>The dictionary for a kind of token; 0 if such tokens are left out.</summary>
    public uint DictionaryFor(TokenType type) => type switch
    {
        TokenType.Blank or TokenType.Tag or TokenType.Protocol or TokenType.Entity => 0,
        TokenType.AsciiWord or TokenType.Word or TokenType.WordPart or TokenType.AsciiPart or TokenType.AsciiCompound or TokenType.Compound when IsEnglish => EnglishDictionary,
        _ => SimpleDictionary,
    };

    /// <summary>The token's lexeme, appended to <paramref name="output"/>.</summary>
    public LexizeResult Lexize(TokenType type, ReadOnlySpan<byte> token, ByteBuffer output) => DictionaryFor(type) switch
    {
        0 => LexizeResult.Ignored,
        uint dictionary => Lexize(dictionary, token, output),
    };

    public static LexizeResult Lexize(uint dictionary, ReadOnlySpan<byte> token, ByteBuffer output)
    {
        int start = output.Length;
        WriteLower(token, output);
        return dictionary == EnglishDictionary ? Stem(output, start) : LexizeResult.Lexeme;
    }

    private static void WriteLower(ReadOnlySpan<byte> token, ByteBuffer output)
    {
        if (Ascii.IsValid(token))
        {
            Ascii.ToLower(token, output.Take(token.Length), out _);
            return;
        }
        Span<byte> encoded = stackalloc byte[4];
        while (!token.IsEmpty)
        {
            Rune.DecodeFromUtf8(token, out Rune rune, out int width);
            // The capital I with a dot has a lower case in C.UTF-8 that the invariant culture leaves out.
            Rune lower = rune.Value == 0x130 ? new Rune('i') : Rune.ToLowerInvariant(rune);
            output.Write(encoded[..lower.EncodeToUtf8(encoded)]);
            token = token[width..];
        }
    }

    private static LexizeResult Stem(ByteBuffer output, int start)
    {
        ReadOnlySpan<byte> lower = output.WrittenSpan[start..];
        if (lower.Length > MaxStemBytes) return LexizeResult.Lexeme;
        if (lower.IsEmpty || IsStopWord(lower))
        {
            output.Truncate(start);
            return LexizeResult.StopWord;
        }
        Span<int> word = stackalloc int[MaxStemBytes + 1];
        int length = 0;
        for (ReadOnlySpan<byte> rest = lower; !rest.IsEmpty; length++)
        {
            bool isValid = Rune.DecodeFromUtf8(rest, out Rune rune, out int width) == OperationStatus.Done;
            Invariant.Check(isValid);
            word[length] = rune.Value;
            rest = rest[width..];
        }
        int stemmed = EnglishStemmer.Stem(word, length);
        output.Truncate(start);
        Span<byte> encoded = stackalloc byte[4];
        foreach (int code in word[..stemmed]) output.Write(encoded[..new Rune(code).EncodeToUtf8(encoded)]);
        return LexizeResult.Lexeme;
    }

    private static bool IsStopWord(ReadOnlySpan<byte> word)
    {
        if (word.Length > 16) return false;
        Span<char> text = stackalloc char[16];
        for (int i = 0; i < word.Length; i++)
        {
            if (word[i] >= 128) return false;
            text[i] = (char)word[i];
        }
        return StopWords.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text[..word.Length]);
    }
}
