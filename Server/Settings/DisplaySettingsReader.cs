using System.Globalization;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Server.Settings;

/// <summary>DateStyle, TimeZone and their like: from text to <see cref="DisplaySettings"/> and to the form SHOW gives.</summary>
internal static class DisplaySettingsReader
{
    private const int LargestZoneHours = 168;

    public static DisplaySettings Read(SessionSettings settings, DisplaySettings previous)
    {
        (DateStyleFormat format, DateOrder order) = ParseDateStyle(settings.Find("DateStyle") ?? "ISO, MDY", previous.DateFormat, previous.DateOrder);
        return previous with
        {
            DateFormat = format,
            DateOrder = order,
            IntervalStyle = settings.Find("IntervalStyle") switch
            {
                "postgres_verbose" => IntervalStyle.PostgresVerbose,
                "sql_standard" => IntervalStyle.SqlStandard,
                "iso_8601" => IntervalStyle.Iso8601,
                _ => IntervalStyle.Postgres,
            },
            TimeZoneName = settings.Find("TimeZone") ?? "UTC",
            ExtraFloatDigits = settings.GetInt("extra_float_digits"),
            ByteaHex = settings.Find("bytea_output") != "escape",
            StandardConformingStrings = settings.GetBool("standard_conforming_strings"),
        };
    }

    /// <summary>True if the setting is one of these; gives the form that is kept.</summary>
    public static bool TryNormalize(SessionSettings settings, string name, string value, out string normalized)
    {
        normalized = value;
        if (name.Equals("DateStyle", StringComparison.OrdinalIgnoreCase))
        {
            (DateStyleFormat format, DateOrder order) = ParseDateStyle(value, settings.Display.DateFormat, settings.Display.DateOrder);
            string style = format switch { DateStyleFormat.Iso => "ISO", DateStyleFormat.Sql => "SQL", DateStyleFormat.German => "German", _ => "Postgres" };
            normalized = $"{style}, {order switch { DateOrder.Ymd => "YMD", DateOrder.Dmy => "DMY", _ => "MDY" }}";
            return true;
        }
        if (!name.Equals("TimeZone", StringComparison.OrdinalIgnoreCase)) return false;
        normalized = ZoneName(value);
        return true;
    }

    /// <summary>The name as SHOW gives it; hours east of UTC become a POSIX rule.</summary>
    private static string ZoneName(string value)
    {
        string invalid = $"invalid value for parameter \"TimeZone\": \"{value}\"";
        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double hours))
            return ZoneCatalog.CanonicalName(value) ?? throw new SqlException(SqlState.InvalidParameterValue, invalid);
        if (!(Math.Abs(hours) < LargestZoneHours)) throw new SqlException(SqlState.InvalidParameterValue, invalid, detail: "UTC timezone offset is out of range.");
        TimeSpan offset = TimeSpan.FromHours(hours), size = offset.Duration();
        string digits = $"{(int)size.TotalHours:00}" + (size.Minutes == 0 && size.Seconds == 0 ? "" : $"{size:\\:mm}") + (size.Seconds == 0 ? "" : $"{size:\\:ss}");
        return hours < 0 ? $"<-{digits}>+{digits}" : $"<+{digits}>-{digits}";
    }

    private static (DateStyleFormat, DateOrder) ParseDateStyle(string value, DateStyleFormat format, DateOrder order)
    {
        foreach (string word in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            switch (word.ToUpperInvariant())
            {
                case "ISO": format = DateStyleFormat.Iso; break;
                case "SQL": format = DateStyleFormat.Sql; break;
                case "POSTGRES": format = DateStyleFormat.Postgres; break;
                case "GERMAN": (format, order) = (DateStyleFormat.German, DateOrder.Dmy); break;
                case "YMD": order = DateOrder.Ymd; break;
                case "DMY" or "EURO" or "EUROPEAN": order = DateOrder.Dmy; break;
                case "MDY" or "US" or "NONEURO" or "NONEUROPEAN": order = DateOrder.Mdy; break;
                case "DEFAULT": (format, order) = (DateStyleFormat.Iso, DateOrder.Mdy); break;
                default:
                    throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"DateStyle\": \"{value}\"", detail: $"Unrecognized key word: \"{word.ToLowerInvariant()}\".");
            }
        }
        return (format, order);
    }
}
