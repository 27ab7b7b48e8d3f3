using System.Collections.Frozen;
using VecSql.Core.Errors;

namespace VecSql.Parser.Lexing;

/// <summary>Where a keyword may stand for a name: PostgreSQL's four classes.</summary>
internal enum KeywordClass : byte
{
    /// <summary>Any name.</summary>
    Unreserved,
    /// <summary>A column or table, but not a function or type.</summary>
    ColumnName,
    /// <summary>A function or type, but not a column or table.</summary>
    TypeOrFunctionName,
    /// <summary>Only a label after AS.</summary>
    Reserved,
}

/// <summary>The keyword table, read once from keywords.tsv (word, class letter of pg_get_keywords(), 'b' if it may be a label without AS).</summary>
internal static class Keywords
{
    public const int LongestLength = 17;

    private static readonly (string Word, KeywordClass Class, bool IsBareLabel)[] Table = Read();
    private static readonly FrozenDictionary<string, Keyword>.AlternateLookup<ReadOnlySpan<char>> ByWord = Index();

    public static int Count => Table.Length - 1;

    public static string Spelling(Keyword keyword) => Table[(int)keyword].Word;

    public static KeywordClass ClassOf(Keyword keyword) => Table[(int)keyword].Class;

    public static bool IsBareLabel(Keyword keyword) => Table[(int)keyword].IsBareLabel;

    /// <summary>Finds a keyword by its folded spelling.</summary>
    public static Keyword Find(ReadOnlySpan<char> folded) =>
        folded.Length <= LongestLength && ByWord.TryGetValue(folded, out var keyword) ? keyword : Keyword.NotKeyword;

    private static (string, KeywordClass, bool)[] Read()
    {
        using var stream = typeof(Keywords).Assembly.GetManifestResourceStream("VecSql.Parser.keywords.tsv");
        Invariant.Check(stream is not null);
        using var reader = new StreamReader(stream);
        List<(string, KeywordClass, bool)> table = [("", KeywordClass.Unreserved, true)];
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            string[] fields = line.Split('\t');
            var keywordClass = fields[1] switch
            {
                "U" => KeywordClass.Unreserved,
                "C" => KeywordClass.ColumnName,
                "T" => KeywordClass.TypeOrFunctionName,
                "R" => KeywordClass.Reserved,
                _ => throw Invariant.Unreachable(line),
            };
            table.Add((fields[0], keywordClass, fields[2] == "b"));
        }
        return [.. table];
    }

    private static FrozenDictionary<string, Keyword>.AlternateLookup<ReadOnlySpan<char>> Index()
    {
        var map = new Dictionary<string, Keyword>();
        for (int i = 1; i < Table.Length; i++) map.Add(Table[i].Word, (Keyword)i);
        return map.ToFrozenDictionary().GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
