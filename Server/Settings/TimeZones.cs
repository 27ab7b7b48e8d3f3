using System.Globalization;

namespace VecSql.Server.Settings;

/// <summary>Time zone names of SET TIME ZONE: IANA names in any case, UTC offsets in hours, POSIX forms such as &lt;+02&gt;-02.</summary>
internal static class TimeZones
{
    private static readonly Lazy<Dictionary<string, string>> Canonical = new(() =>
        TimeZoneInfo.GetSystemTimeZones().GroupBy(z => z.Id, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First().Id, StringComparer.OrdinalIgnoreCase));

    /// <summary>The name as SHOW gives it; null if there is no such zone.</summary>
    public static string? CanonicalName(string name)
    {
        if (name.Equals("utc", StringComparison.OrdinalIgnoreCase)) return "UTC";
        if (name.Equals("gmt", StringComparison.OrdinalIgnoreCase)) return "GMT";
        if (name.Equals("default", StringComparison.OrdinalIgnoreCase) || name.Equals("local", StringComparison.OrdinalIgnoreCase)) return "UTC";
        if (double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out double hours))
            return Math.Abs(hours) < 168 ? PosixName(hours) : null;
        if (TryParsePosix(name, out _)) return name;
        return Canonical.Value.TryGetValue(name, out string? id) ? id : TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone) ? zone.Id : null;
    }

    public static TimeZoneInfo? Find(string canonicalName)
    {
        if (canonicalName is "UTC" or "GMT") return TimeZoneInfo.Utc;
        if (TryParsePosix(canonicalName, out TimeSpan offset)) return TimeZoneInfo.CreateCustomTimeZone(canonicalName, offset, canonicalName, canonicalName);
        return TimeZoneInfo.TryFindSystemTimeZoneById(canonicalName, out TimeZoneInfo? zone) ? zone : null;
    }

    private static string PosixName(double hours)
    {
        TimeSpan offset = TimeSpan.FromHours(hours);
        string size = offset.Duration().Minutes == 0 ? $"{offset.Duration():hh}" : $"{offset.Duration():hh\\:mm}";
        return hours < 0 ? $"<-{size}>+{size}" : $"<+{size}>-{size}";
    }

    /// <summary>&lt;NAME&gt;±hh[:mm], the sign counted westwards.</summary>
    private static bool TryParsePosix(string name, out TimeSpan offset)
    {
        offset = default;
        int close = name.IndexOf('>', StringComparison.Ordinal);
        if (!name.StartsWith('<') || close < 0 || close + 2 > name.Length - 1) return false;
        int sign = name[close + 1] switch { '-' => 1, '+' => -1, _ => 0 };
        string size = name[(close + 2)..];
        if (sign == 0 || !TimeSpan.TryParseExact(size.Contains(':', StringComparison.Ordinal) ? size : size + ":00", "h\\:mm", CultureInfo.InvariantCulture, out TimeSpan parsed)) return false;
        offset = sign * parsed;
        return offset.Duration() <= TimeSpan.FromHours(14);
    }
}
