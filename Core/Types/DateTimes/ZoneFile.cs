using System.Buffers.Binary;

namespace VecSql.Core.Types;

/// <summary>Reads compiled zone files (TZif, RFC 8536) of the system's time zone database. Damaged files give null.</summary>
internal static class ZoneFile
{
    private const int HeaderBytes = 44;
    private const int MaxFileBytes = 1 << 20;
    private const int YearsAhead = 401;

    private readonly record struct Header(int UtCount, int StdCount, int LeapCount, int TimeCount, int TypeCount, int CharCount)
    {
        public int BodyBytes(int timeBytes) => TimeCount * (timeBytes + 1) + TypeCount * 6 + CharCount + LeapCount * (timeBytes + 4) + StdCount + UtCount;
    }

    public static Zone? Read(string name, string path)
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= MaxFileBytes }) return null;
            bytes = File.ReadAllBytes(path);
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        return Parse(name, bytes);
    }

    public static Zone? Parse(string name, ReadOnlySpan<byte> bytes)
    {
        if (!TryReadHeader(bytes, out byte version, out Header header)) return null;
        int timeBytes = 4;
        bytes = bytes[HeaderBytes..];
        if (bytes.Length < header.BodyBytes(4)) return null;
        if (version >= (byte)'2')
        {
            bytes = bytes[header.BodyBytes(4)..];
            if (!TryReadHeader(bytes, out _, out header)) return null;
            bytes = bytes[HeaderBytes..];
            timeBytes = 8;
            if (bytes.Length < header.BodyBytes(8)) return null;
        }
        // Zones that count leap seconds would shift every timestamp.
        if (header.LeapCount > 0 || header.TypeCount is < 1 or > 250) return null;
        if (!TryReadBody(bytes, header, timeBytes, out List<long> transitions, out List<byte> periodOf, out List<ZonePeriod> periods)) return null;
        bool repeats = timeBytes == 8 && ZoneRule.TryParse(FooterOf(bytes[header.BodyBytes(8)..])) is { HasDaylight: true } rule && Extend(rule, transitions, periodOf, periods);
        return new Zone(name, [.. transitions], [.. periodOf], [.. periods], first: 0, repeatsForward: repeats);
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, out byte version, out Header header)
    {
        version = 0;
        header = default;
        if (bytes.Length < HeaderBytes || !bytes.StartsWith("TZif"u8)) return false;
        version = bytes[4];
        Span<int> counts = stackalloc int[6];
        for (int i = 0; i < 6; i++)
        {
            counts[i] = BinaryPrimitives.ReadInt32BigEndian(bytes[(20 + 4 * i)..]);
            if (counts[i] is < 0 or > MaxFileBytes / 8) return false;
        }
        header = new Header(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
        return true;
    }

    private static bool TryReadBody(ReadOnlySpan<byte> body, Header header, int timeBytes, out List<long> transitions, out List<byte> periodOf, out List<ZonePeriod> periods)
    {
        transitions = new List<long>(header.TimeCount + 2 * YearsAhead);
        periodOf = new List<byte>(header.TimeCount + 2 * YearsAhead);
        periods = [];
        ReadOnlySpan<byte> indices = body[(header.TimeCount * timeBytes)..];
        ReadOnlySpan<byte> types = indices[header.TimeCount..];
        ReadOnlySpan<byte> names = types.Slice(header.TypeCount * 6, header.CharCount);
        for (int i = 0; i < header.TypeCount; i++)
        {
            ReadOnlySpan<byte> type = types.Slice(i * 6, 6);
            if (type[5] >= names.Length) return false;
            ReadOnlySpan<byte> abbreviation = names[type[5]..];
            int end = abbreviation.IndexOf((byte)0);
            if (end < 0) return false;
            periods.Add(new ZonePeriod(BinaryPrimitives.ReadInt32BigEndian(type), type[4] != 0, abbreviation[..end].ToArray()));
        }
        for (int i = 0; i < header.TimeCount; i++)
        {
            long at = timeBytes == 8 ? BinaryPrimitives.ReadInt64BigEndian(body[(8 * i)..]) : BinaryPrimitives.ReadInt32BigEndian(body[(4 * i)..]);
            if (indices[i] >= header.TypeCount || (transitions.Count > 0 && at <= transitions[^1])) return false;
            transitions.Add(at);
            periodOf.Add(indices[i]);
        }
        return true;
    }

    private static ReadOnlySpan<byte> FooterOf(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty || rest[0] != (byte)'\n') return default;
        rest = rest[1..];
        int end = rest.IndexOf((byte)'\n');
        return end < 0 ? default : rest[..end];
    }

    /// <summary>Appends the rule's changes after the last transition, for one era of the calendar and a year.</summary>
    private static bool Extend(ZoneRule rule, List<long> transitions, List<byte> periodOf, List<ZonePeriod> periods)
    {
        byte standard = PlaceOf(rule.Standard, periods), daylight = PlaceOf(rule.Daylight, periods);
        long last = transitions.Count > 0 ? transitions[^1] : 0;
        Calendar.FromJulian((int)(Calendar.FloorDiv(last, Calendar.SecondsPerDay) + Calendar.UnixEpochJulian), out int year, out _, out _);
        for (int i = 0; i <= YearsAhead; i++)
        {
            var (first, second) = rule.ChangesOf(year + i);
            Add(first);
            Add(second);
        }
        return true;

        void Add((long At, bool ToDaylight) change)
        {
            if (transitions.Count > 0 && change.At <= transitions[^1]) return;
            transitions.Add(change.At);
            periodOf.Add(change.ToDaylight ? daylight : standard);
        }
    }

    private static byte PlaceOf(ZonePeriod period, List<ZonePeriod> periods)
    {
        for (int i = 0; i < periods.Count; i++)
            if (periods[i].OffsetEast == period.OffsetEast && periods[i].IsDaylight == period.IsDaylight && periods[i].Abbreviation.AsSpan().SequenceEqual(period.Abbreviation))
                return (byte)i;
        periods.Add(period);
        return (byte)(periods.Count - 1);
    }
}
