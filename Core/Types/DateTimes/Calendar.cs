using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>
/// The proleptic Gregorian calendar over PostgreSQL's whole range (4713 BC … 5874897 AD), by Julian day numbers. Year 0 is 1 BC.
/// Dates count days, timestamps count microseconds, both from 2000-01-01; the least and greatest number stand for -infinity and infinity.
/// </summary>
internal static class Calendar
{
    public const long MicrosPerSecond = 1_000_000;
    public const long MicrosPerMinute = 60 * MicrosPerSecond;
    public const long MicrosPerHour = 60 * MicrosPerMinute;
    public const long MicrosPerDay = 24 * MicrosPerHour;
    public const int SecondsPerDay = 86_400;
    public const int DaysPerMonth = 30;

    /// <summary>Julian day of 2000-01-01.</summary>
    public const int EpochJulian = 2_451_545;

    /// <summary>Julian day of 1970-01-01.</summary>
    public const int UnixEpochJulian = 2_440_588;

    /// <summary>Seconds from 1970-01-01 to 2000-01-01.</summary>
    public const long UnixToEpochSeconds = (long)(EpochJulian - UnixEpochJulian) * SecondsPerDay;

    /// <summary>4714-11-24 BC.</summary>
    public const long MinTimestamp = -211_813_488_000_000_000;

    /// <summary>294277-01-01, the first instant that is too late.</summary>
    public const long EndTimestamp = 9_223_371_331_200_000_000;

    public const int MinDate = -EpochJulian;

    /// <summary>5874898-01-01, the first day that is too late.</summary>
    public const int EndDate = 2_147_483_494 - EpochJulian;

    /// <summary>The first day that no timestamp reaches.</summary>
    public const int TimestampEndDate = 109_203_528 - EpochJulian;

    private static readonly int[] DaysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

    public static bool IsLeap(int year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    public static int DaysInMonth(int year, int month) => month == 2 ? IsLeap(year) ? 29 : 28 : month is 4 or 6 or 9 or 11 ? 30 : 31;

    /// <summary>Day of the year from 1. The month is in range.</summary>
    public static int DayOfYear(int year, int month, int day) => DaysBeforeMonth[month - 1] + day + (month > 2 && IsLeap(year) ? 1 : 0);

    /// <summary>Julian day of a date; month and day may exceed their ranges by carrying days, not months.</summary>
    public static int ToJulian(int year, int month, int day)
    {
        // Years begin in March, so that the leap day is the last; eras are 400 years.
        long y = month > 2 ? (long)year : (long)year - 1;
        int shifted = month > 2 ? month - 3 : month + 9;
        long era = FloorDiv(y, 400);
        long yearOfEra = y - era * 400;
        long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + (153 * shifted + 2) / 5 + day - 1;
        return unchecked((int)(era * 146_097 + dayOfEra + 1_721_120));
    }

    public static void FromJulian(int julian, out int year, out int month, out int day)
    {
        long days = (long)julian - 1_721_120;
        long era = FloorDiv(days, 146_097);
        long dayOfEra = days - era * 146_097;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = (int)(dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100));
        int shifted = (5 * dayOfYear + 2) / 153;
        day = dayOfYear - (153 * shifted + 2) / 5 + 1;
        month = shifted < 10 ? shifted + 3 : shifted - 9;
        year = (int)(yearOfEra + era * 400) + (month <= 2 ? 1 : 0);
    }

    /// <summary>0 = Sunday.</summary>
    public static int DayOfWeek(int julian) => (int)(((long)julian + 1) % 7 + 7) % 7;

    /// <summary>False: no Julian day number that PostgreSQL would compute.</summary>
    public static bool IsValidJulian(int year, int month) =>
        (year > -4713 || (year == -4713 && month >= 11)) && (year < 5_874_898 || (year == 5_874_898 && month < 6));

    public static bool IsValidDate(long date) => date is >= MinDate and < EndDate;
    public static bool IsValidTimestamp(long timestamp) => timestamp is >= MinTimestamp and < EndTimestamp;
    public static bool IsFinite(long timestamp) => timestamp is not (long.MinValue or long.MaxValue);
    public static bool IsFinite(int date) => date is not (int.MinValue or int.MaxValue);

    public static long FloorDiv(long value, long divisor)
    {
        long quotient = value / divisor;
        return value % divisor < 0 ? quotient - 1 : quotient;
    }

    /// <summary>Monday of the ISO week 1 of the year, as a Julian day.</summary>
    private static int IsoYearStart(int year)
    {
        int fourth = ToJulian(year, 1, 4);
        return fourth - (DayOfWeek(fourth) + 6) % 7;
    }

    /// <summary>Julian day of the Monday of an ISO week.</summary>
    public static int IsoWeekToJulian(int isoYear, int week) => IsoYearStart(isoYear) + (week - 1) * 7;

    /// <summary>ISO 8601 week number and the year that it belongs to.</summary>
    public static (int Year, int Week) IsoWeekOf(int year, int month, int day)
    {
        int julian = ToJulian(year, month, day);
        int isoYear = julian >= IsoYearStart(year + 1) ? year + 1 : julian < IsoYearStart(year) ? year - 1 : year;
        return (isoYear, (julian - IsoYearStart(isoYear)) / 7 + 1);
    }

    /// <summary>Day of the ISO year, from 1.</summary>
    public static int IsoDayOfYear(int year, int month, int day) =>
        ToJulian(year, month, day) - IsoYearStart(IsoWeekOf(year, month, day).Year) + 1;

    /// <summary>Microseconds since 2000 of midnight of a date.</summary>
    /// <exception cref="SqlException">22008: beyond the timestamps.</exception>
    public static long DateToTimestamp(int date)
    {
        if (!IsFinite(date)) return date == int.MinValue ? long.MinValue : long.MaxValue;
        if (date >= TimestampEndDate) throw new SqlException(SqlState.DatetimeFieldOverflow, "date out of range for timestamp");
        return date * MicrosPerDay;
    }

    /// <summary>The day of a timestamp, from 2000-01-01.</summary>
    public static int TimestampToDate(long timestamp) => timestamp switch
    {
        long.MinValue => int.MinValue,
        long.MaxValue => int.MaxValue,
        _ => (int)FloorDiv(timestamp, MicrosPerDay),
    };
}

/// <summary>A point in time taken apart. <see cref="Second"/> may be 60 and <see cref="Hour"/> 24 as far as input allows it.</summary>
internal struct DateTimeFields
{
    public int Year;
    public int Month;
    public int Day;
    public int Hour;
    public int Minute;
    public int Second;
    public int Micros;

    /// <summary>Seconds west of UTC, as PostgreSQL counts.</summary>
    public int ZoneWest;
    public bool IsDaylight;

    /// <summary>The zone's abbreviation at that time; null if there is no zone.</summary>
    public byte[]? ZoneAbbreviation;

    public readonly long TimeMicros => ((Hour * 60L + Minute) * 60 + Second) * Calendar.MicrosPerSecond + Micros;
    public readonly int Julian => Calendar.ToJulian(Year, Month, Day);

    /// <summary>Takes a local timestamp apart.</summary>
    public static DateTimeFields Of(long timestamp) => OfShifted(timestamp, 0);

    /// <summary>The sum may lie beyond 64 bits.</summary>
    private static DateTimeFields OfShifted(long timestamp, long shift)
    {
        long date = Calendar.FloorDiv(timestamp, Calendar.MicrosPerDay);
        long time = timestamp - date * Calendar.MicrosPerDay + shift, carry = Calendar.FloorDiv(time, Calendar.MicrosPerDay);
        DateTimeFields fields = default;
        Calendar.FromJulian((int)(date + carry + Calendar.EpochJulian), out fields.Year, out fields.Month, out fields.Day);
        fields.SetTime(time - carry * Calendar.MicrosPerDay);
        return fields;
    }

    /// <summary>Takes an instant apart, as clocks of the zone show it.</summary>
    public static DateTimeFields Of(long timestamp, Zone zone)
    {
        ZonePeriod period = zone.PeriodAt(Zone.ToUnixSeconds(timestamp));
        DateTimeFields fields = OfShifted(timestamp, period.OffsetEast * Calendar.MicrosPerSecond);
        fields.ZoneWest = -period.OffsetEast;
        fields.IsDaylight = period.IsDaylight;
        fields.ZoneAbbreviation = period.Abbreviation;
        return fields;
    }

    /// <summary>Sets hour, minute, second, micros from microseconds of a day.</summary>
    public void SetTime(long micros)
    {
        Hour = (int)(micros / Calendar.MicrosPerHour);
        micros %= Calendar.MicrosPerHour;
        Minute = (int)(micros / Calendar.MicrosPerMinute);
        micros %= Calendar.MicrosPerMinute;
        Second = (int)(micros / Calendar.MicrosPerSecond);
        Micros = (int)(micros % Calendar.MicrosPerSecond);
    }

    /// <summary>The local timestamp; false if it is out of range.</summary>
    public readonly bool TryToTimestamp(out long timestamp)
    {
        timestamp = 0;
        if (!Calendar.IsValidJulian(Year, Month)) return false;
        Int128 wide = (Int128)(Julian - (long)Calendar.EpochJulian) * Calendar.MicrosPerDay + TimeMicros;
        if (wide < Calendar.MinTimestamp || wide >= Calendar.EndTimestamp) return false;
        timestamp = (long)wide;
        return true;
    }

    /// <summary>The instant, given seconds west of UTC; false if it is out of range.</summary>
    public readonly bool TryToInstant(int zoneWest, out long timestamp)
    {
        timestamp = 0;
        if (!Calendar.IsValidJulian(Year, Month)) return false;
        Int128 wide = (Int128)(Julian - (long)Calendar.EpochJulian) * Calendar.MicrosPerDay + TimeMicros + zoneWest * Calendar.MicrosPerSecond;
        if (wide < Calendar.MinTimestamp || wide >= Calendar.EndTimestamp) return false;
        timestamp = (long)wide;
        return true;
    }
}
