using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>date_trunc and date_bin.</summary>
internal static class TruncFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("timestamp_trunc", static (in a, r, _) => DateTimeArithmetic.Put(r, Truncate(a.Bytes(0), a.Get<long>(1), null)));
        library.Strict("timestamptz_trunc", static (in a, r, c) => DateTimeArithmetic.Put(r, Truncate(a.Bytes(0), a.Get<long>(1), ZoneCatalog.Of(c.Display))));
        library.Strict("timestamptz_trunc_zone", static (in a, r, _) => DateTimeArithmetic.Put(r, Calendar.IsFinite(a.Get<long>(1))
            ? Truncate(a.Bytes(0), a.Get<long>(1), ZoneFunctions.ZoneNamed(a.Bytes(2))) : a.Get<long>(1)));
        library.Strict("interval_trunc", static (in a, r, _) => DateTimeArithmetic.Put(r, Truncate(a.Bytes(0), a.Get<IntervalValue>(1))));
        library.Strict("timestamp_bin", static (in a, r, _) => DateTimeArithmetic.Put(r, Bin(a.Get<IntervalValue>(0), a.Get<long>(1), a.Get<long>(2))));
        library.Strict("timestamptz_bin", static (in a, r, _) => DateTimeArithmetic.Put(r, Bin(a.Get<IntervalValue>(0), a.Get<long>(1), a.Get<long>(2))));
    }

    private static long Truncate(ReadOnlySpan<byte> name, long timestamp, Zone? zone)
    {
        if (!Calendar.IsFinite(timestamp)) return timestamp;
        string typeName = zone is null ? "timestamp without time zone" : "timestamp with time zone";
        DateTimeUnit unit = ExtractFunctions.UnitOf(name, typeName, alsoDateWords: false);
        DateTimeFields fields = TimestampMath.Take(timestamp, zone);
        switch (unit)
        {
            case DateTimeUnit.Microsecond: return timestamp;
            case DateTimeUnit.Millisecond or DateTimeUnit.Second or DateTimeUnit.Minute or DateTimeUnit.Hour:
                // Within an hour the offset stays: a change of clocks must not move the result.
                long size = unit switch { DateTimeUnit.Millisecond => 1000, DateTimeUnit.Second => Calendar.MicrosPerSecond, DateTimeUnit.Minute => Calendar.MicrosPerMinute, _ => Calendar.MicrosPerHour };
                fields.SetTime(fields.TimeMicros / size * size);
                return fields.TryToInstant(fields.ZoneWest, out long instant) ? instant : throw DateTimeErrors.TimestampOutOfRange();
            case DateTimeUnit.Day: break;
            case DateTimeUnit.Week:
                int monday = fields.Julian - (Calendar.DayOfWeek(fields.Julian) + 6) % 7;
                Calendar.FromJulian(monday, out fields.Year, out fields.Month, out fields.Day);
                break;
            case DateTimeUnit.Month: fields.Day = 1; break;
            case DateTimeUnit.Quarter: (fields.Month, fields.Day) = ((fields.Month - 1) / 3 * 3 + 1, 1); break;
            case DateTimeUnit.Year: (fields.Month, fields.Day) = (1, 1); break;
            case DateTimeUnit.Decade or DateTimeUnit.Century or DateTimeUnit.Millennium:
                (fields.Year, fields.Month, fields.Day) = (FirstYear(unit, fields.Year), 1, 1);
                break;
            default: throw ExtractFunctions.Unsupported(name, typeName);
        }
        fields.SetTime(0);
        return TimestampMath.Put(fields, zone);
    }

    /// <summary>Decades begin with years that end in 0, centuries and millennia with years that end in 1; year 0 is 1 BC.</summary>
    private static int FirstYear(DateTimeUnit unit, int year)
    {
        if (unit == DateTimeUnit.Decade) return year > 0 ? year / 10 * 10 : -((9 - year) / 10) * 10;
        int size = unit == DateTimeUnit.Century ? 100 : 1000;
        return year > 0 ? (year + size - 1) / size * size - size + 1 : -((size - year) / size) * size + 1;
    }

    private static IntervalValue Truncate(ReadOnlySpan<byte> name, IntervalValue value)
    {
        DateTimeUnit unit = ExtractFunctions.UnitOf(name, "interval", alsoDateWords: false);
        switch (unit)
        {
            case DateTimeUnit.Millennium: return new IntervalValue(value.Months / 12_000 * 12_000, 0, 0);
            case DateTimeUnit.Century: return new IntervalValue(value.Months / 1200 * 1200, 0, 0);
            case DateTimeUnit.Decade: return new IntervalValue(value.Months / 120 * 120, 0, 0);
            case DateTimeUnit.Year: return new IntervalValue(value.Months / 12 * 12, 0, 0);
            case DateTimeUnit.Quarter: return new IntervalValue(value.Months / 3 * 3, 0, 0);
            case DateTimeUnit.Month: return new IntervalValue(value.Months, 0, 0);
            case DateTimeUnit.Day: return value with { Micros = 0 };
            case DateTimeUnit.Hour: return value with { Micros = value.Micros / Calendar.MicrosPerHour * Calendar.MicrosPerHour };
            case DateTimeUnit.Minute: return value with { Micros = value.Micros / Calendar.MicrosPerMinute * Calendar.MicrosPerMinute };
            case DateTimeUnit.Second: return value with { Micros = value.Micros / Calendar.MicrosPerSecond * Calendar.MicrosPerSecond };
            case DateTimeUnit.Millisecond: return value with { Micros = value.Micros / 1000 * 1000 };
            case DateTimeUnit.Microsecond: return value;
            default:
                SqlException plain = ExtractFunctions.Unsupported(name, "interval");
                throw unit == DateTimeUnit.Week ? new SqlException(plain.SqlState, plain.Message, detail: "Months usually have fractional weeks.") : plain;
        }
    }

    private static long Bin(IntervalValue stride, long timestamp, long origin)
    {
        if (!Calendar.IsFinite(timestamp)) return timestamp;
        if (!Calendar.IsFinite(origin)) throw new SqlException(SqlState.DatetimeFieldOverflow, "origin out of range");
        if (stride.Months != 0) throw new SqlException(SqlState.FeatureNotSupported, "timestamps cannot be binned into intervals containing months or years");
        Int128 size = stride.Days * (Int128)Calendar.MicrosPerDay + stride.Micros, distance = (Int128)timestamp - origin;
        if (size < long.MinValue || size > long.MaxValue) throw DateTimeErrors.IntervalOutOfRange();
        if (size <= 0) throw new SqlException(SqlState.DatetimeFieldOverflow, "stride must be greater than zero");
        if (distance < long.MinValue || distance > long.MaxValue) throw DateTimeErrors.IntervalOutOfRange();
        long rest = (long)(distance % size);
        Int128 start = (Int128)timestamp - rest - (rest < 0 ? size : 0);
        return rest >= 0 || (start >= Calendar.MinTimestamp && start < Calendar.EndTimestamp) ? (long)start : throw DateTimeErrors.TimestampOutOfRange();
    }
}
