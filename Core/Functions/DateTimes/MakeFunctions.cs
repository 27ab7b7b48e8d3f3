using System.Globalization;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using Calendar = VecSql.Core.Types.Calendar;

namespace VecSql.Core.Functions;

/// <summary>make_date, make_time, make_timestamp[tz], make_interval, and to_timestamp of seconds.</summary>
internal static class MakeFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("make_date", static (in a, r, _) => DateTimeArithmetic.Put(r, Date(a.Get<int>(0), a.Get<int>(1), a.Get<int>(2))));
        library.Strict("make_time", static (in a, r, _) => DateTimeArithmetic.Put(r, Time(a.Get<int>(0), a.Get<int>(1), a.Get<double>(2))));
        library.Strict("make_timestamp", static (in a, r, _) => DateTimeArithmetic.Put(r, Timestamp(a)));
        library.Strict("make_timestamptz", static (in a, r, c) => DateTimeArithmetic.Put(r, TimestampMath.ToInstant(Timestamp(a), c)));
        library.Strict("make_timestamptz_at_timezone", static (in a, r, _) =>
        {
            long local = Timestamp(a);
            DateTimeArithmetic.Put(r, TimestampMath.Shift(local, OffsetWest(a.Bytes(6), local)));
        });
        library.Strict("make_interval", static (in a, r, _) => DateTimeArithmetic.Put(r, Interval(a)));
        library.Strict("float8_timestamptz", static (in a, r, _) => DateTimeArithmetic.Put(r, FromUnix(a.Get<double>(0))));
    }

    private static int Date(int year, int month, int day)
    {
        // The year 0 is none; negative years count before Christ.
        bool exists = year != 0 && year != int.MinValue && month is >= 1 and <= 12 && day is >= 1 and <= 31;
        int astronomical = year < 0 ? unchecked(year + 1) : year;
        if (!exists || day > Calendar.DaysInMonth(astronomical, month))
            throw new SqlException(SqlState.DatetimeFieldOverflow, $"date field value out of range: {(year == int.MinValue ? year : astronomical)}-{month:00}-{day:00}");
        long date = Calendar.IsValidJulian(astronomical, month) ? (long)Calendar.ToJulian(astronomical, month, day) - Calendar.EpochJulian : long.MaxValue;
        return Calendar.IsValidDate(date) ? (int)date : throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: {astronomical}-{month:00}-{day:00}");
    }

    private static long Time(int hour, int minute, double second)
    {
        double micros = Math.Round(second * 1_000_000, MidpointRounding.ToEven);
        bool fits = hour is >= 0 and <= 24 && minute is >= 0 and <= 59 && micros is >= 0 and <= 60_000_000;
        long time = fits ? (hour * 60L + minute) * Calendar.MicrosPerMinute + (long)micros : long.MaxValue;
        return time <= Calendar.MicrosPerDay
            ? time
            : throw new SqlException(SqlState.DatetimeFieldOverflow, $"time field value out of range: {hour}:{minute:00}:{SecondText(second)}");
    }

    /// <summary>As C's %02g.</summary>
    private static string SecondText(double second)
    {
        string text = ShortText(second);
        return text.Length >= 2 ? text : "0" + text;
    }

    /// <summary>As C's %g.</summary>
    private static string ShortText(double value) => double.IsNaN(value) ? "NaN" : double.IsInfinity(value) ? value < 0 ? "-Infinity" : "Infinity"
        : value.ToString("G6", CultureInfo.InvariantCulture).Replace('E', 'e');

    private static long Timestamp(in RowArguments a)
    {
        int year = a.Get<int>(0), month = a.Get<int>(1), day = a.Get<int>(2), hour = a.Get<int>(3), minute = a.Get<int>(4);
        double second = a.Get<double>(5);
        bool exists = year != 0 && year != int.MinValue && month is >= 1 and <= 12 && day is >= 1 and <= 31;
        int astronomical = year < 0 ? unchecked(year + 1) : year;
        if (!exists || day > Calendar.DaysInMonth(astronomical, month)) throw new SqlException(SqlState.DatetimeFieldOverflow, $"date field value out of range: {year}-{month:00}-{day:00}");
        if (!Calendar.IsValidJulian(astronomical, month)) throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: {year}-{month:00}-{day:00}");
        long time = Time(hour, minute, second);
        Int128 wide = ((Int128)Calendar.ToJulian(astronomical, month, day) - Calendar.EpochJulian) * Calendar.MicrosPerDay + time;
        if (wide < Calendar.MinTimestamp || wide >= Calendar.EndTimestamp)
            throw new SqlException(SqlState.DatetimeFieldOverflow, $"timestamp out of range: {year}-{month:00}-{day:00} {hour}:{minute:00}:{SecondText(second)}");
        return (long)wide;
    }

    /// <summary>A zone that a user names to make_timestamptz: an offset, an abbreviation, a name.</summary>
    private static int OffsetWest(ReadOnlySpan<byte> zone, long local)
    {
        if (!zone.IsEmpty && DateTimeLexer.IsDigit(zone[0]))
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid input syntax for type numeric time zone: \"{Utf8Text.ToString(zone)}\"",
                hint: "Numeric time zones must have \"-\" or \"+\" as first character.");
        DecodeStatus status = DateTimeDecoder.ReadZoneOffset(zone, out int west);
        if (status == DecodeStatus.Ok) return west;
        if (status == DecodeStatus.ZoneOverflow) throw new SqlException(SqlState.InvalidParameterValue, $"numeric time zone \"{Utf8Text.ToString(zone)}\" out of range");
        DateTimeFields fields = DateTimeFields.Of(local);
        if (ZoneAbbreviations.Find(zone) is { } abbreviation)
            return abbreviation.ZoneName is null ? -abbreviation.OffsetEast : ZoneAbbreviations.OffsetWestOfLocal(abbreviation, fields, out _);
        return -(ZoneCatalog.Find(zone) ?? throw ZoneCatalog.NotRecognized(zone)).PeriodOfLocal(fields).OffsetEast;
    }

    private static IntervalValue Interval(in RowArguments a)
    {
        double seconds = a.Get<double>(6);
        if (!double.IsFinite(seconds)) throw DateTimeErrors.IntervalOutOfRange();
        double micros = Math.Round(seconds * 1_000_000, MidpointRounding.ToEven);
        // PostgreSQL 15 lets these sums wrap around, and seconds beyond them become the least number.
        long whole = micros >= long.MinValue && micros < -(double)long.MinValue ? (long)micros : long.MinValue;
        return unchecked(new IntervalValue(a.Get<int>(0) * 12 + a.Get<int>(1), a.Get<int>(2) * 7 + a.Get<int>(3),
            a.Get<int>(4) * Calendar.MicrosPerHour + a.Get<int>(5) * Calendar.MicrosPerMinute + whole));
    }

    private static long FromUnix(double seconds)
    {
        if (double.IsNaN(seconds)) throw new SqlException(SqlState.DatetimeFieldOverflow, "timestamp cannot be NaN");
        if (double.IsInfinity(seconds)) return seconds < 0 ? long.MinValue : long.MaxValue;
        double micros = Math.Round((seconds - Calendar.UnixToEpochSeconds) * Calendar.MicrosPerSecond, MidpointRounding.ToEven);
        if (micros >= Calendar.MinTimestamp && micros < Calendar.EndTimestamp) return (long)micros;
        ByteBuffer shown = new();
        shown.WriteText(ShortText(seconds));
        throw DateTimeErrors.TimestampOutOfRange(shown.WrittenSpan);
    }
}
