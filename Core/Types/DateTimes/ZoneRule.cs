using System.Buffers;
using System.Text;

namespace VecSql.Core.Types;

/// <summary>
/// A zone written as POSIX writes it: STD offset [DST [offset] [,start[/time],end[/time]]], offsets counted westwards ("EST5EDT,M3.2.0,M11.1.0", "&lt;+03&gt;-3").
/// Also the last line of a zone file, for the time after its transitions. Format: POSIX.1 "TZ" with RFC 8536's wider times.
/// </summary>
internal sealed class ZoneRule
{
    private enum DayForm { Month, Julian, Zero }

    private readonly record struct ChangeDay(DayForm Form, int Month, int Week, int Day, int Seconds);

    private const int MaxOffsetHours = 167;
    private static readonly SearchValues<byte> EndsOfNames = SearchValues.Create("0123456789,+-"u8);

    private ZonePeriod _standard;
    private ZonePeriod _daylight;
    private ChangeDay _start;
    private ChangeDay _end;

    private ZoneRule() { }

    public ZonePeriod Standard => _standard;
    public ZonePeriod Daylight => _daylight;
    public bool HasDaylight { get; private set; }

    /// <summary>Null if the text isn't such a rule.</summary>
    public static ZoneRule? TryParse(ReadOnlySpan<byte> text)
    {
        ZoneRule rule = new();
        // A bare offset ("+03") is a zone without a name.
        if (text.IsEmpty || !TakeName(ref text, out byte[] name) || !TakeOffset(ref text, out int west)) return null;
        rule._standard = new ZonePeriod(-west, false, name);
        if (text.IsEmpty) return rule;
        if (!TakeName(ref text, out byte[] daylightName) || daylightName.Length == 0) return null;
        int daylightWest = west - 3600;
        if (!text.IsEmpty && text[0] is not ((byte)',' or (byte)';') && !TakeOffset(ref text, out daylightWest)) return null;
        rule._daylight = new ZonePeriod(-daylightWest, true, daylightName);
        rule.HasDaylight = true;
        // POSIX leaves the dates open; the custom is today's rule of the United States.
        if (text.IsEmpty) text = ",M3.2.0,M11.1.0"u8;
        if (!TakeComma(ref text, ";"u8) || !TakeDay(ref text, out rule._start) || !TakeComma(ref text, default) || !TakeDay(ref text, out rule._end)) return null;
        return text.IsEmpty ? rule : null;
    }

    /// <summary>The two changes of a year in Unix seconds, in order.</summary>
    public ((long At, bool ToDaylight) First, (long At, bool ToDaylight) Second) ChangesOf(int year)
    {
        long start = InstantOf(_start, year) - _standard.OffsetEast;
        long end = InstantOf(_end, year) - _daylight.OffsetEast;
        return start < end ? ((start, true), (end, false)) : ((end, false), (start, true));
    }

    /// <summary>The rule as a zone of its own.</summary>
    public Zone ToZone(string name)
    {
        if (!HasDaylight) return new Zone(name, [], [], [_standard]);
        const int FirstYear = 1770, Years = 401;
        long[] transitions = new long[2 * Years];
        byte[] periods = new byte[2 * Years];
        for (int i = 0; i < Years; i++)
        {
            var (first, second) = ChangesOf(FirstYear + i);
            transitions[2 * i] = first.At;
            transitions[2 * i + 1] = second.At;
            periods[2 * i] = first.ToDaylight ? (byte)1 : (byte)0;
            periods[2 * i + 1] = second.ToDaylight ? (byte)1 : (byte)0;
        }
        return new Zone(name, transitions, periods, [_standard, _daylight], first: periods[1], repeatsForward: true, repeatsBackward: true);
    }

    private static long InstantOf(ChangeDay day, int year)
    {
        int newYear = Calendar.ToJulian(year, 1, 1);
        int julian;
        switch (day.Form)
        {
            case DayForm.Julian: julian = newYear + day.Day - 1 + (Calendar.IsLeap(year) && day.Day >= 60 ? 1 : 0); break;
            case DayForm.Zero: julian = newYear + day.Day; break;
            default:
                int first = Calendar.ToJulian(year, day.Month, 1);
                julian = first + (day.Day - Calendar.DayOfWeek(first) + 7) % 7 + 7 * (day.Week - 1);
                while (julian - first >= Calendar.DaysInMonth(year, day.Month)) julian -= 7;
                break;
        }
        return ((long)julian - Calendar.UnixEpochJulian) * Calendar.SecondsPerDay + day.Seconds;
    }

    private static bool TakeName(ref ReadOnlySpan<byte> text, out byte[] name)
    {
        name = [];
        int end;
        if (!text.IsEmpty && text[0] == (byte)'<')
        {
            end = text.IndexOf((byte)'>');
            if (end < 2) return false;
            name = text[1..end].ToArray();
            text = text[(end + 1)..];
            return true;
        }
        end = text.IndexOfAny(EndsOfNames);
        if (end < 0) end = text.Length;
        name = text[..end].ToArray();
        text = text[end..];
        return true;
    }

    /// <summary>[±]hh[:mm[:ss]] in seconds.</summary>
    private static bool TakeOffset(ref ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        bool isNegative = !text.IsEmpty && text[0] == (byte)'-';
        if (!text.IsEmpty && text[0] is (byte)'-' or (byte)'+') text = text[1..];
        if (!TakeNumber(ref text, MaxOffsetHours, out int hours)) return false;
        seconds = hours * 3600;
        if (!text.IsEmpty && text[0] == (byte)':')
        {
            text = text[1..];
            if (!TakeNumber(ref text, 59, out int minutes)) return false;
            seconds += minutes * 60;
            if (!text.IsEmpty && text[0] == (byte)':')
            {
                text = text[1..];
                if (!TakeNumber(ref text, 60, out int rest)) return false;
                seconds += rest;
            }
        }
        if (isNegative) seconds = -seconds;
        return true;
    }

    private static bool TakeNumber(ref ReadOnlySpan<byte> text, int maximum, out int number)
    {
        number = 0;
        int length = 0;
        for (; length < text.Length && text[length] is >= (byte)'0' and <= (byte)'9'; length++)
        {
            number = number * 10 + text[length] - '0';
            if (number > maximum) return false;
        }
        text = text[length..];
        return length > 0;
    }

    private static bool TakeComma(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> alternatives)
    {
        if (text.IsEmpty || (text[0] != (byte)',' && alternatives.IndexOf(text[0]) < 0)) return false;
        text = text[1..];
        return true;
    }

    private static bool TakeDay(ref ReadOnlySpan<byte> text, out ChangeDay day)
    {
        day = default;
        if (text.IsEmpty) return false;
        if (text[0] == (byte)'M')
        {
            text = text[1..];
            if (!TakeNumber(ref text, 12, out int month) || month < 1 || !TakeDot(ref text) || !TakeNumber(ref text, 5, out int week) || week < 1
                || !TakeDot(ref text) || !TakeNumber(ref text, 6, out int weekday)) return false;
            day = new ChangeDay(DayForm.Month, month, week, weekday, 7200);
        }
        else
        {
            bool isJulian = text[0] == (byte)'J';
            if (isJulian) text = text[1..];
            if (!TakeNumber(ref text, isJulian ? 365 : 364, out int number) || (isJulian && number < 1)) return false;
            day = new ChangeDay(isJulian ? DayForm.Julian : DayForm.Zero, 0, 0, number, 7200);
        }
        if (text.IsEmpty || text[0] != (byte)'/') return true;
        text = text[1..];
        if (!TakeOffset(ref text, out int seconds)) return false;
        day = day with { Seconds = seconds };
        return true;
    }

    private static bool TakeDot(ref ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != (byte)'.') return false;
        text = text[1..];
        return true;
    }

    public override string ToString() => Encoding.ASCII.GetString(_standard.Abbreviation);
}
