using VecSql.Core.Errors;
using VecSql.Planner;

namespace VecSql.Server.Settings;

/// <summary>Values of text settings that have a form of their own.</summary>
internal static class SettingNormalizers
{
    /// <summary>A list of the planner's rules.</summary>
    public static string RuleNames(string value)
    {
        string[] names = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (Array.Find(names, n => !QueryPlanner.RuleNames.Contains(n)) is { } unknown)
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"vecsql.disabled_rules\": \"{value}\"", detail: $"There is no rule \"{unknown}\".",
                hint: $"Available values: {string.Join(", ", QueryPlanner.RuleNames)}.");
        return string.Join(", ", names);
    }

    /// <summary>Only UTF-8 is spoken; its names are accepted as PostgreSQL accepts them.</summary>
    public static string ClientEncoding(string value)
    {
        string plain = new([.. value.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant)]);
        return plain is "utf8" or "unicode" or "default" or "auto"
            ? "UTF8"
            : throw new SqlException(SqlState.FeatureNotSupported, $"client encoding \"{value}\" is not supported", hint: "Use UTF8.");
    }
}
