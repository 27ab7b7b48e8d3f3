namespace VecSql.Core.TextSearch;

/// <summary>What the default parser finds in a text, numbered as PostgreSQL numbers them.</summary>
internal enum TokenType : byte
{
    None, AsciiWord, Word, NumWord, Email, Url, Host, Scientific, Version, NumPart, WordPart, AsciiPart, Blank, Tag, Protocol, NumCompound, AsciiCompound, Compound, UrlPath, File, Decimal,
    Signed, Unsigned, Entity,
}

/// <summary>The tokens' names and descriptions, as ts_token_type shows them.</summary>
internal static class TokenTypes
{
    public static (string Alias, string Description)[] All { get; } =
    [
        ("asciiword", "Word, all ASCII"), ("word", "Word, all letters"), ("numword", "Word, letters and digits"), ("email", "Email address"), ("url", "URL"), ("host", "Host"),
        ("sfloat", "Scientific notation"), ("version", "Version number"), ("hword_numpart", "Hyphenated word part, letters and digits"), ("hword_part", "Hyphenated word part, all letters"),
        ("hword_asciipart", "Hyphenated word part, all ASCII"), ("blank", "Space symbols"), ("tag", "XML tag"), ("protocol", "Protocol head"),
        ("numhword", "Hyphenated word, letters and digits"), ("asciihword", "Hyphenated word, all ASCII"), ("hword", "Hyphenated word, all letters"), ("url_path", "URL path"),
        ("file", "File or path name"), ("float", "Decimal notation"), ("int", "Signed integer"), ("uint", "Unsigned integer"), ("entity", "XML entity"),
    ];
}
