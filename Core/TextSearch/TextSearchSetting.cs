using VecSql.Core.Catalog;
using VecSql.Core.Errors;

namespace VecSql.Core.TextSearch;

/// <summary>The setting default_text_search_config.</summary>
public static class TextSearchSetting
{
    public const string Name = "default_text_search_config", Default = "pg_catalog.english";

    /// <summary>A configuration's name with its schema, as SHOW gives it.</summary>
    /// <exception cref="SqlException">22023; 0A000 for a language that is known but not there.</exception>
    public static string Normalize(string value)
    {
        bool isKnown = SqlIdentifier.Split(value) is { Count: 1 or 2 } parts && (parts.Count == 1 || parts[0] == "pg_catalog") && TextSearchConfiguration.Find(parts[^1]) is not null;
        if (!isKnown) throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{Name}\": \"{value}\"");
        return "pg_catalog." + SqlIdentifier.Split(value)![^1];
    }
}
