using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Arithmetic of timestamps and casts among dates and timestamps. A null zone means local time.</summary>
internal static class TimestampMath
{
    /// <summary>Months, then days, on the calendar (of the zone), then microseconds. Days past a month's end fall on its last day.</summary>
    public static long Add(long timestamp, IntervalValue span, Zone? zone)
    {
        if (!Calendar.IsFinite(timestamp)) return timestamp;
        if (span.Months != 0)
        {
            DateTimeFields fields = Take(timestamp, zone);
            long month = (long)fields.Month + span.Months;
            if (month is < int.MinValue or > int.MaxValue) throw DateTimeErrors.TimestampOutOfRange();
            fields.Year += (int)Calendar.FloorDiv(month - 1, 12);
            fields.Month = (int)(month - 1 - Calendar.FloorDiv(month - 1, 12) * 12) + 1;
            fields.Day = Math.Min(fields.Day, Calendar.DaysInMonth(fields.Year, fields.Month));
            timestamp = Put(fields, zone);
        }
        if (span.Days != 0)
        {
            DateTimeFields fields = Take(timestamp, zone);
            long julian = (long)fields.Julian + span.Days;
            if (julian > int.MaxValue || julian < (zone is null ? 0 : -1)) throw DateTimeErrors.TimestampOutOfRange();
            Calendar.FromJulian((int)julian, out fields.Year, out fields.Month, out fields.Day);
            timestamp = Put(fields, zone);
        }
        Int128 sum = (Int128)timestamp + span.Micros;
        return sum >= Calendar.MinTimestamp && sum < Calendar.EndTimestamp ? (long)sum : throw DateTimeErrors.TimestampOutOfRange();
    }

    public static long Subtract(long timestamp, IntervalValue span, Zone? zone) => Add(timestamp, Opposite(span), zone);

    private static IntervalValue Opposite(IntervalValue span) => unchecked(new IntervalValue(-span.Months, -span.Days, -span.Micros));

    public static DateTimeFields Take(long timestamp, Zone? zone) => zone is null ? DateTimeFields.Of(timestamp) : DateTimeFields.Of(timestamp, zone);

    /// <summary>The fields as a timestamp; the zone's offset is that of the local time.</summary>
    public static long Put(in DateTimeFields fields, Zone? zone)
    {
        bool fits = zone is null ? fields.TryToTimestamp(out long timestamp) : fields.TryToInstant(-zone.PeriodOfLocal(fields).OffsetEast, out timestamp);
        return fits ? timestamp : throw DateTimeErrors.TimestampOutOfRange();
    }

    public static IntervalValue Difference(long left, long right)
    {
        if (!Calendar.IsFinite(left) || !Calendar.IsFinite(right)) throw new SqlException(SqlState.DatetimeFieldOverflow, "cannot subtract infinite timestamps");
        return IntervalMath.JustifyHours(new IntervalValue(0, 0, unchecked(left - right)));
    }

    /// <summary>Years, months, days and time from the right to the left, by the calendar.</summary>
    public static IntervalValue Age(long left, long right, Zone? zone)
    {
        // PostgreSQL 15 takes infinity for the instant that its number would be.
        if (left == long.MinValue || right == long.MinValue) throw DateTimeErrors.TimestampOutOfRange();
        DateTimeFields a = Take(left, zone), b = Take(right, zone);
        int sign = left < right ? -1 : 1;
        long micros = sign * (a.TimeMicros - b.TimeMicros);
        // The offsets may differ: the clocks' difference is what counts, the order is that of the instants.
        int days = sign * (a.Day - b.Day), months = sign * (a.Month - b.Month), years = sign * (a.Year - b.Year);
        while (micros < 0)
        {
            micros += Calendar.MicrosPerDay;
            days--;
        }
        while (days < 0)
        {
            days += sign < 0 ? Calendar.DaysInMonth(a.Year, a.Month) : Calendar.DaysInMonth(b.Year, b.Month);
            months--;
        }
        while (months < 0)
        {
            months += 12;
            years--;
        }
        return new IntervalValue(sign * (years * 12 + months), sign * days, sign * micros);
    }

    public static long DateToInstant(int date, EvalContext context)
    {
        if (!Calendar.IsFinite(date)) return Calendar.DateToTimestamp(date);
        long local = Calendar.DateToTimestamp(date);
        DateTimeFields fields = DateTimeFields.Of(local);
        long instant = local - ZoneCatalog.Of(context.Display).PeriodOfLocal(fields).OffsetEast * Calendar.MicrosPerSecond;
        return Calendar.IsValidTimestamp(instant) ? instant : throw new SqlException(SqlState.DatetimeFieldOverflow, "date out of range for timestamp");
    }

    public static long ToInstant(long timestamp, EvalContext context) =>
        Calendar.IsFinite(timestamp) ? Put(DateTimeFields.Of(timestamp), ZoneCatalog.Of(context.Display)) : timestamp;

    public static long ToLocal(long instant, EvalContext context) => ToLocal(instant, ZoneCatalog.Of(context.Display));

    public static long ToLocal(long instant, Zone zone) => Calendar.IsFinite(instant)
        ? Shift(instant, zone.PeriodAt(Zone.ToUnixSeconds(instant)).OffsetEast)
        : instant;

    /// <summary>Later by that many seconds.</summary>
    public static long Shift(long timestamp, long seconds)
    {
        long shifted = unchecked(timestamp + seconds * Calendar.MicrosPerSecond);
        return Calendar.IsValidTimestamp(shifted) ? shifted : throw DateTimeErrors.TimestampOutOfRange();
    }

    /// <summary>date against timestamp without an error: dates beyond the timestamps are later than any but infinity.</summary>
    public static int Compare(int date, long timestamp) =>
        Calendar.IsFinite(date) && date >= Calendar.TimestampEndDate ? timestamp == long.MaxValue ? -1 : 1 : Calendar.DateToTimestamp(date).CompareTo(timestamp);

    public static int CompareWithInstant(int date, long instant, EvalContext context)
    {
        if (!Calendar.IsFinite(date)) return Calendar.DateToTimestamp(date).CompareTo(instant);
        if (date >= Calendar.TimestampEndDate) return instant == long.MaxValue ? -1 : 1;
        return CompareLocal(Calendar.DateToTimestamp(date), instant, context);
    }

    /// <summary>timestamp against timestamptz without an error.</summary>
    public static int CompareLocal(long local, long instant, EvalContext context)
    {
        if (!Calendar.IsFinite(local)) return local.CompareTo(instant);
        if (!Calendar.IsFinite(instant)) return instant == long.MaxValue ? -1 : 1;
        int east = ZoneCatalog.Of(context.Display).PeriodOfLocal(DateTimeFields.Of(local)).OffsetEast;
        return (local - east * Calendar.MicrosPerSecond).CompareTo(instant);
    }
}
