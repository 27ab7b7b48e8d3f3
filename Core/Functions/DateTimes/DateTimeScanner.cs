using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>to_timestamp and to_date: reads a text by a template. First every field is collected, then they are put together to a date and a time.</summary>
internal ref partial struct DateTimeScanner
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly DateTimeTemplate _template;
    private int _at;

    private DateConvention _convention;
    private bool _isTwelveHours;
    private int _hour, _isAfternoon, _minute, _second, _secondOfDay, _milliseconds, _microseconds, _precision;
    private int _weekday, _day, _dayOfYear, _month, _year, _isBeforeChrist, _week, _weekOfMonth, _century, _julian, _yearDigits;
    private int _zoneSign, _zoneHours, _zoneMinutes;

    private DateTimeScanner(ReadOnlySpan<byte> text, DateTimeTemplate template)
    {
        _text = text;
        _template = template;
    }

    public static void Register(FunctionLibrary library)
    {
        library.Strict("to_timestamp", static (in a, r, c) => DateTimeArithmetic.Put(r, ToInstant(a.Bytes(0), a.Bytes(1), c)));
        library.Strict("to_date", static (in a, r, _) => DateTimeArithmetic.Put(r, ToDate(a.Bytes(0), a.Bytes(1))));
    }

    private static long ToInstant(ReadOnlySpan<byte> text, ReadOnlySpan<byte> template, EvalContext context)
    {
        DateTimeScanner scanner = new(text, DateTimeTemplate.Of(template));
        scanner.Scan();
        DateTimeFields fields = scanner.Compose();
        int west = scanner._zoneSign != 0
            ? -scanner._zoneSign * (scanner._zoneHours * 60 + scanner._zoneMinutes) * 60
            : -ZoneCatalog.Of(context.Display).PeriodOfLocal(fields).OffsetEast;
        if (!fields.TryToInstant(west, out long instant)) throw DateTimeErrors.TimestampOutOfRange();
        return scanner._precision > 0 ? TimePrecision.FitTimestamp(instant, scanner._precision) : instant;
    }

    private static int ToDate(ReadOnlySpan<byte> text, ReadOnlySpan<byte> template)
    {
        DateTimeScanner scanner = new(text, DateTimeTemplate.Of(template));
        scanner.Scan();
        DateTimeFields fields = scanner.Compose();
        long date = Calendar.IsValidJulian(fields.Year, fields.Month) ? (long)fields.Julian - Calendar.EpochJulian : long.MaxValue;
        return Calendar.IsValidDate(date) ? (int)date : throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{Utf8Text.ToString(text)}\"");
    }

    private readonly SqlException OutOfRange() => DateTimeErrors.Of(DecodeStatus.FieldOverflow, _text, "timestamp");

    private DateTimeFields Compose()
    {
        DateTimeFields fields = default;
        fields.SetTime(_secondOfDay * Calendar.MicrosPerSecond);
        if (_second != 0) fields.Second = _second;
        if (_minute != 0) fields.Minute = _minute;
        if (_hour != 0) fields.Hour = _hour;
        if (_isTwelveHours)
        {
            if (fields.Hour is < 1 or > 12)
                throw new SqlException(SqlState.InvalidDatetimeFormat, $"hour \"{fields.Hour}\" is invalid for the 12-hour clock", hint: "Use the 24-hour clock, or give an hour between 1 and 12.");
            if (_isAfternoon != 0 && fields.Hour < 12) fields.Hour += 12;
            else if (_isAfternoon == 0 && fields.Hour == 12) fields.Hour = 0;
        }
        ComposeDate(ref fields);
        long micros = _milliseconds * 1000L + _microseconds;
        if (fields.Hour is < 0 or > 23 || fields.Minute is < 0 or > 59 || fields.Second is < 0 or > 59 || micros is < 0 or >= Calendar.MicrosPerSecond) throw OutOfRange();
        fields.Micros = (int)micros;
        if (_zoneSign != 0 && (_zoneHours is < 0 or > 15 || _zoneMinutes is < 0 or > 59)) throw DateTimeErrors.Of(DecodeStatus.ZoneOverflow, _text, "timestamp");
        return fields;
    }

    private void ComposeDate(ref DateTimeFields fields)
    {
        (fields.Month, fields.Day) = (1, 1);
        DateTimeParts parts = ComposeYear(ref fields);
        if (_julian != 0)
        {
            Calendar.FromJulian(_julian, out fields.Year, out fields.Month, out fields.Day);
            parts = DateTimeParts.Date;
        }
        if (_week != 0)
        {
            if (_convention == DateConvention.IsoWeek)
            {
                // Weekdays count from Sunday = 1, which ends the ISO week; none is Monday.
                int shift = _weekday == 0 ? 0 : _weekday > 1 ? _weekday - 2 : 6;
                Calendar.FromJulian(unchecked(Calendar.IsoWeekToJulian(fields.Year, _week) + shift), out fields.Year, out fields.Month, out fields.Day);
                parts = DateTimeParts.Date;
            }
            else _dayOfYear = unchecked((_week - 1) * 7 + 1);
        }
        if (_weekOfMonth != 0) _day = unchecked((_weekOfMonth - 1) * 7 + 1);
        if (_day != 0)
        {
            fields.Day = _day;
            parts |= DateTimeParts.Day;
        }
        if (_month != 0)
        {
            fields.Month = _month;
            parts |= DateTimeParts.Month;
        }
        if (_dayOfYear != 0 && (fields.Month <= 1 || fields.Day <= 1)) parts |= ComposeDayOfYear(ref fields);
        if ((parts & DateTimeParts.Month) != 0 && fields.Month is < 1 or > 12) throw OutOfRange();
        if ((parts & DateTimeParts.Day) != 0 && fields.Day is < 1 or > 31) throw OutOfRange();
        if (parts == DateTimeParts.Date && fields.Day > Calendar.DaysInMonth(fields.Year, fields.Month)) throw OutOfRange();
    }

    private readonly DateTimeParts ComposeYear(ref DateTimeFields fields)
    {
        int century = _isBeforeChrist != 0 ? -_century : _century;
        if (_year != 0)
        {
            if (_century != 0 && _yearDigits <= 2)
            {
                int inCentury = _year % 100;
                if (inCentury == 0) fields.Year = century * 100 + (century >= 0 ? 0 : 1);
                else fields.Year = century >= 0 ? inCentury + (century - 1) * 100 : (century + 1) * 100 - inCentury + 1;
            }
            else
            {
                fields.Year = _isBeforeChrist != 0 ? -_year : _year;
                if (fields.Year < 0) fields.Year++;
            }
            return DateTimeParts.Year;
        }
        if (_century == 0) return DateTimeParts.None;
        fields.Year = century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
        return DateTimeParts.Year;
    }

    private readonly DateTimeParts ComposeDayOfYear(ref DateTimeFields fields)
    {
        if (fields.Year == 0 && _isBeforeChrist == 0) throw new SqlException(SqlState.InvalidDatetimeFormat, "cannot calculate day of year without year information");
        if (_convention == DateConvention.IsoWeek)
        {
            Calendar.FromJulian(unchecked(Calendar.IsoWeekToJulian(fields.Year, 1) - 1 + _dayOfYear), out fields.Year, out fields.Month, out fields.Day);
            return DateTimeParts.Date;
        }
        int month = 1, before = 0;
        for (; month <= 12 && _dayOfYear > before + Calendar.DaysInMonth(fields.Year, month); month++) before += Calendar.DaysInMonth(fields.Year, month);
        if (fields.Month <= 1) fields.Month = month;
        if (fields.Day <= 1) fields.Day = unchecked(_dayOfYear - before);
        return DateTimeParts.Month | DateTimeParts.Day;
    }
}
