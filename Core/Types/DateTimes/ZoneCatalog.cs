using System.Collections.Concurrent;
using System.Text;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>A row of pg_timezone_names or pg_timezone_abbrevs.</summary>
/// <param name="OffsetSeconds">East of UTC, at the time asked for.</param>
public sealed record ZoneListing(string Name, string Abbreviation, int OffsetSeconds, bool IsDaylight);

/// <summary>
/// Time zones by name, from the system's zone files (those that TimeZoneInfo reads, but with abbreviations, seconds and years beyond 9999), from POSIX rules,
/// and, where there are no files, from TimeZoneInfo itself. Zones are read once and kept; the files' number bounds the cache.
/// </summary>
public static class ZoneCatalog
{
    private const int MaxNameLength = 255;
    private static readonly ConcurrentDictionary<string, Zone> Loaded = new(StringComparer.OrdinalIgnoreCase);
    private static readonly Lazy<Dictionary<string, string>> Paths = new(FindFiles);

    [ThreadStatic]
    private static DisplaySettings? _lastSettings;

    [ThreadStatic]
    private static Zone? _lastZone;

    /// <summary>The rows of pg_timezone_names at a time (microseconds since 2000), by name.</summary>
    public static IReadOnlyList<ZoneListing> ListNames(long timestampMicros)
    {
        List<ZoneListing> rows = [];
        foreach (string name in Paths.Value.Keys.Order(StringComparer.Ordinal))
        {
            if (Find(name) is not { } zone) continue;
            ZonePeriod period = zone.PeriodAt(Zone.ToUnixSeconds(timestampMicros));
            rows.Add(new ZoneListing(name, Encoding.ASCII.GetString(period.Abbreviation), period.OffsetEast, period.IsDaylight));
        }
        return rows;
    }

    /// <summary>The rows of pg_timezone_abbrevs at a time (microseconds since 2000), by abbreviation.</summary>
    public static IReadOnlyList<ZoneListing> ListAbbreviations(long timestampMicros) => ZoneAbbreviations.List(Zone.ToUnixSeconds(timestampMicros));

    /// <summary>The name in its usual spelling, or null if there is no such zone: what SET TIME ZONE may accept.</summary>
    public static string? CanonicalName(string name) => Find(name)?.Name;

    /// <summary>The session's zone.</summary>
    internal static Zone Of(DisplaySettings settings)
    {
        if (ReferenceEquals(settings, _lastSettings)) return _lastZone!;
        Zone zone = Find(settings.TimeZoneName) ?? throw new InvariantException($"time zone {settings.TimeZoneName} is gone");
        _lastSettings = settings;
        _lastZone = zone;
        return zone;
    }

    /// <summary>A zone by its name in any case, or by a POSIX rule; null if there is none.</summary>
    internal static Zone? Find(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxNameLength) return null;
        if (Loaded.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out Zone? zone)) return zone;
        return Load(name.ToString());
    }

    internal static Zone? Find(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > MaxNameLength) return null;
        Span<char> name = stackalloc char[utf8.Length];
        return Find(name[..Encoding.UTF8.GetChars(utf8, name)]);
    }

    internal static SqlException NotRecognized(ReadOnlySpan<byte> name) => new(SqlState.InvalidParameterValue, $"time zone \"{Utf8Text.ToString(name)}\" not recognized");

    private static Zone? Load(string name)
    {
        Zone? zone = null;
        if (Paths.Value.TryGetValue(name, out string? path))
        {
            string canonical = Paths.Value.Keys.First(k => k.Equals(name, StringComparison.OrdinalIgnoreCase));
            zone = ZoneFile.Read(canonical, path);
        }
        else if (name.Equals("GMT", StringComparison.OrdinalIgnoreCase)) zone = Zone.Fixed("GMT", 0, "GMT");
        else if (name.Equals("UTC", StringComparison.OrdinalIgnoreCase)) zone = Zone.Utc;
        else if (Paths.Value.Count == 0 && TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? info)) zone = Convert(info);
        if (zone is not null) return Loaded.GetOrAdd(name, zone);
        // Rules are as many as users think up: they aren't kept.
        string rule = name.ToUpperInvariant();
        return Ascii.IsValid(rule) ? ZoneRule.TryParse(Encoding.ASCII.GetBytes(rule))?.ToZone(rule) : null;
    }

    private static Dictionary<string, string> FindFiles()
    {
        Dictionary<string, string> paths = new(StringComparer.OrdinalIgnoreCase);
        string root = System.Environment.GetEnvironmentVariable("TZDIR") is { Length: > 0 } chosen ? chosen : "/usr/share/zoneinfo";
        if (!Directory.Exists(root)) return paths;
        EnumerationOptions options = new() { RecurseSubdirectories = true, IgnoreInaccessible = true };
        foreach (string path in Directory.EnumerateFiles(root, "*", options))
        {
            string name = Path.GetRelativePath(root, path).Replace('\\', '/');
            if (name.StartsWith("right/", StringComparison.Ordinal) || name.Contains('.', StringComparison.Ordinal) || name is "leapseconds" or "localtime" or "posixrules" or "leap-seconds") continue;
            paths.TryAdd(name, path);
        }
        return paths;
    }

    /// <summary>A TimeZoneInfo's transitions, sought day by day over 600 years; abbreviations are numbers, as IANA writes them where there is no custom.</summary>
    private static Zone Convert(TimeZoneInfo info)
    {
        const long Day = Calendar.SecondsPerDay;
        long at = new DateTimeOffset(1850, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(), end = new DateTimeOffset(2451, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        if (!info.SupportsDaylightSavingTime && info.GetAdjustmentRules().Length == 0) return Zone.Fixed(info.Id, (int)info.BaseUtcOffset.TotalSeconds, NameOf((int)info.BaseUtcOffset.TotalSeconds));
        List<long> transitions = [];
        List<byte> periodOf = [];
        List<ZonePeriod> periods = [PeriodAt(at)];
        for (ZonePeriod now = periods[0]; at < end; at += Day)
        {
            ZonePeriod next = PeriodAt(at + Day);
            if (next.OffsetEast == now.OffsetEast && next.IsDaylight == now.IsDaylight) continue;
            long low = at, high = at + Day;
            while (high - low > 1)
            {
                long middle = (low + high) / 2;
                ZonePeriod there = PeriodAt(middle);
                if (there.OffsetEast == now.OffsetEast && there.IsDaylight == now.IsDaylight) low = middle;
                else high = middle;
            }
            int place = periods.FindIndex(p => p.OffsetEast == next.OffsetEast && p.IsDaylight == next.IsDaylight);
            if (place < 0)
            {
                place = periods.Count;
                periods.Add(next);
            }
            transitions.Add(high);
            periodOf.Add((byte)place);
            now = next;
        }
        bool goesOn = transitions.Count > 0 && transitions[^1] > end - 2 * 366 * Day;
        return new Zone(info.Id, [.. transitions], [.. periodOf], [.. periods], repeatsForward: goesOn);

        ZonePeriod PeriodAt(long unixSeconds)
        {
            DateTime utc = DateTime.UnixEpoch.AddSeconds(unixSeconds);
            int offset = (int)info.GetUtcOffset(utc).TotalSeconds;
            return new ZonePeriod(offset, info.IsDaylightSavingTime(utc), Encoding.ASCII.GetBytes(NameOf(offset)));
        }
    }

    private static string NameOf(int offsetEast)
    {
        TimeSpan size = TimeSpan.FromSeconds(Math.Abs(offsetEast));
        string sign = offsetEast < 0 ? "-" : "+";
        return size.Minutes == 0 ? $"{sign}{(int)size.TotalHours:00}" : $"{sign}{(int)size.TotalHours:00}{size.Minutes:00}";
    }
}
