using VecSql.Core.Errors;

namespace VecSql.Server.Settings;

/// <summary>Values of text settings that have a form of their own.</summary>
internal static class SettingNormalizers
{
    /// <summary>Only UTF-8 is spoken; its names are accepted as PostgreSQL accepts them.</summary>
    public static string ClientEncoding(string value)
    {
        string plain = new([.. value.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant)]);
        return plain is "utf8" or "unicode" or "default" or "auto"
            ? "UTF8"
            : throw new SqlException(SqlState.FeatureNotSupported, $"client encoding \"{value}\" is not supported", hint: "Use UTF8.");
    }
}
