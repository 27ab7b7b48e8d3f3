using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>extract (numeric) and date_part (double precision) of every date and time type.</summary>
internal static class ExtractFunctions
{
    /// <summary>A part: mantissa / 10^scale, or nothing, or an infinity.</summary>
    private readonly record struct Part(Int128 Mantissa, int Scale = 0, bool IsNull = false, int Infinity = 0, double? Exact = null);

    private delegate Part PartOf(in RowArguments arguments, EvalContext context);

    public static void Register(FunctionLibrary library)
    {
        Add(library, "timestamp_part", "extract_timestamp", static (in a, _) => OfTimestamp(a.Bytes(0), a.Get<long>(1), null));
        Add(library, "timestamptz_part", "extract_timestamptz", static (in a, c) => OfTimestamp(a.Bytes(0), a.Get<long>(1), ZoneCatalog.Of(c.Display)));
        Add(library, "interval_part", "extract_interval", static (in a, _) => OfInterval(a.Bytes(0), a.Get<IntervalValue>(1)));
        Add(library, "time_part", "extract_time", static (in a, _) => OfTime(a.Bytes(0), a.Get<long>(1), null, "time without time zone"));
        Add(library, "timetz_part", "extract_timetz",
            static (in a, _) => OfTime(a.Bytes(0), a.Get<TimeTzValue>(1).Micros, a.Get<TimeTzValue>(1).ZoneSecondsWest, "time with time zone"));
        // date_part of a date goes by way of a timestamp; extract has its own, stricter form.
        Add(library, "date_part(text,date)", null, static (in a, _) => OfTimestamp(a.Bytes(0), Calendar.DateToTimestamp(a.Get<int>(1)), null));
        Add(library, null, "extract_date", static (in a, _) => OfDate(a.Bytes(0), a.Get<int>(1)));
    }

    private static void Add(FunctionLibrary library, string? part, string? extract, PartOf of)
    {
        if (part is not null) library.Strict(part, (in a, r, c) => PutDouble(of(a, c), r));
        if (extract is not null) library.Strict(extract, (in a, r, c) => PutNumeric(of(a, c), r));
    }

    private static void PutDouble(Part part, ColumnBuilder result)
    {
        if (part.IsNull) result.AppendNull();
        else if (part.Infinity != 0) DateTimeArithmetic.Put(result, part.Infinity * double.PositiveInfinity);
        else DateTimeArithmetic.Put(result, part.Exact ?? (double)part.Mantissa / Math.Pow(10, part.Scale));
    }

    private static void PutNumeric(Part part, ColumnBuilder result)
    {
        if (part.IsNull) result.AppendNull();
        else NumericType.Append((BytesColumnBuilder)result, part.Infinity != 0 ? NumericValue.Infinity(part.Infinity < 0) : new NumericValue(part.Mantissa, part.Scale));
    }

    /// <summary>The unit by name; <see cref="DateTimeUnit.Epoch"/> for epoch. Other words of dates are units that no type has.</summary>
    /// <exception cref="SqlException">22023: no such unit.</exception>
    public static DateTimeUnit UnitOf(ReadOnlySpan<byte> name, string typeName, bool alsoDateWords = true)
    {
        Span<byte> lower = stackalloc byte[64];
        int length = Math.Min(name.Length, 63);
        for (int i = 0; i < length; i++) lower[i] = name[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(name[i] | 0x20) : name[i];
        DateTimeToken token = DateTimeTokens.FindUnit(lower[..length]);
        if (token.Kind == TokenKind.Unknown && alsoDateWords) token = DateTimeTokens.FindDateWord(lower[..length]);
        if (token.Kind == TokenKind.Unit) return (DateTimeUnit)token.Value;
        if (token.Kind == TokenKind.Special) return token.Value == (int)SpecialTime.Epoch ? DateTimeUnit.Epoch : DateTimeUnit.None;
        throw new SqlException(SqlState.InvalidParameterValue, $"unit \"{Utf8Text.ToString(lower[..length])}\" not recognized for type {typeName}");
    }

    public static SqlException Unsupported(ReadOnlySpan<byte> name, string typeName) =>
        new(SqlState.FeatureNotSupported, $"unit \"{Utf8Text.ToString(name).ToLowerInvariant()}\" not supported for type {typeName}");

    private static Part OfTimestamp(ReadOnlySpan<byte> name, long timestamp, Zone? zone)
    {
        string typeName = zone is null ? "timestamp without time zone" : "timestamp with time zone";
        DateTimeUnit unit = UnitOf(name, typeName);
        if (!Calendar.IsFinite(timestamp)) return OfInfinity(name, unit, timestamp < 0, hasTime: true, typeName);
        if (unit == DateTimeUnit.Epoch)
        {
            Int128 micros = (Int128)timestamp + Calendar.UnixToEpochSeconds * Calendar.MicrosPerSecond;
            return new Part(micros, 6, Exact: (double)micros / 1e6);
        }
        DateTimeFields fields = TimestampMath.Take(timestamp, zone);
        if (zone is not null && unit is DateTimeUnit.Zone or DateTimeUnit.ZoneHour or DateTimeUnit.ZoneMinute) return OfZone(unit, fields.ZoneWest);
        if (unit == DateTimeUnit.Julian) return OfJulian(fields);
        return OfClock(unit, fields) ?? OfDateFields(unit, fields) ?? throw Unsupported(name, typeName);
    }

    private static Part OfInfinity(ReadOnlySpan<byte> name, DateTimeUnit unit, bool isNegative, bool hasTime, string typeName)
    {
        switch (unit)
        {
            case DateTimeUnit.Year or DateTimeUnit.Decade or DateTimeUnit.Century or DateTimeUnit.Millennium or DateTimeUnit.Julian or DateTimeUnit.IsoYear or DateTimeUnit.Epoch:
                return new Part(0, Infinity: isNegative ? -1 : 1);
            case DateTimeUnit.Day or DateTimeUnit.Month or DateTimeUnit.Quarter or DateTimeUnit.Week or DateTimeUnit.DayOfWeek or DateTimeUnit.IsoDayOfWeek or DateTimeUnit.DayOfYear:
            case DateTimeUnit.Microsecond or DateTimeUnit.Millisecond or DateTimeUnit.Second or DateTimeUnit.Minute or DateTimeUnit.Hour when hasTime:
            case DateTimeUnit.Zone or DateTimeUnit.ZoneHour or DateTimeUnit.ZoneMinute when hasTime:
                return new Part(0, IsNull: true);
            default: throw Unsupported(name, typeName);
        }
    }

    private static Part OfZone(DateTimeUnit unit, int zoneWest) => unit switch
    {
        DateTimeUnit.Zone => new Part(-zoneWest),
        DateTimeUnit.ZoneMinute => new Part(-zoneWest / 60 % 60),
        _ => new Part(-zoneWest / 3600),
    };

    private static Part OfJulian(in DateTimeFields fields)
    {
        NumericValue day = NumericArithmetic.Divide(new NumericValue((Int128)fields.TimeMicros, 0), new NumericValue((Int128)Calendar.MicrosPerDay, 0));
        NumericValue sum = NumericArithmetic.Add(new NumericValue((Int128)fields.Julian, 0), day);
        double exact = fields.Julian + (fields.TimeMicros / Calendar.MicrosPerSecond + fields.Micros / 1000000.0) / Calendar.SecondsPerDay;
        return new Part(sum.Small, sum.Scale, Exact: exact);
    }

    private static Part? OfClock(DateTimeUnit unit, in DateTimeFields fields)
    {
        long micros = fields.Second * Calendar.MicrosPerSecond + fields.Micros;
        return unit switch
        {
            DateTimeUnit.Microsecond => new Part(micros),
            DateTimeUnit.Millisecond => new Part(micros, 3, Exact: fields.Second * 1000.0 + fields.Micros / 1000.0),
            DateTimeUnit.Second => new Part(micros, 6, Exact: fields.Second + fields.Micros / 1000000.0),
            DateTimeUnit.Minute => new Part(fields.Minute),
            DateTimeUnit.Hour => new Part(fields.Hour),
            _ => null,
        };
    }

    private static Part? OfDateFields(DateTimeUnit unit, in DateTimeFields fields)
    {
        int year = fields.Year;
        switch (unit)
        {
            case DateTimeUnit.Day: return new Part(fields.Day);
            case DateTimeUnit.Month: return new Part(fields.Month);
            case DateTimeUnit.Quarter: return new Part((fields.Month - 1) / 3 + 1);
            case DateTimeUnit.Week: return new Part(Calendar.IsoWeekOf(year, fields.Month, fields.Day).Week);
            case DateTimeUnit.Year: return new Part(year > 0 ? year : year - 1);
            case DateTimeUnit.Decade: return new Part(year >= 0 ? year / 10 : -((9 - year) / 10));
            case DateTimeUnit.Century: return new Part(year > 0 ? (year + 99) / 100 : -((100 - year) / 100));
            case DateTimeUnit.Millennium: return new Part(year > 0 ? (year + 999) / 1000 : -((1000 - year) / 1000));
            case DateTimeUnit.Julian: return new Part(fields.Julian);
            case DateTimeUnit.IsoYear:
                int isoYear = Calendar.IsoWeekOf(year, fields.Month, fields.Day).Year;
                return new Part(isoYear > 0 ? isoYear : isoYear - 1);
            case DateTimeUnit.DayOfWeek: return new Part(Calendar.DayOfWeek(fields.Julian));
            case DateTimeUnit.IsoDayOfWeek: return new Part((Calendar.DayOfWeek(fields.Julian) + 6) % 7 + 1);
            case DateTimeUnit.DayOfYear: return new Part(Calendar.DayOfYear(year, fields.Month, fields.Day));
            default: return null;
        }
    }

    private static Part OfDate(ReadOnlySpan<byte> name, int date)
    {
        DateTimeUnit unit = UnitOf(name, "date");
        if (!Calendar.IsFinite(date)) return OfInfinity(name, unit, date < 0, hasTime: false, "date");
        if (unit == DateTimeUnit.Epoch) return new Part(date * (long)Calendar.SecondsPerDay + Calendar.UnixToEpochSeconds);
        DateTimeFields fields = default;
        Calendar.FromJulian(date + Calendar.EpochJulian, out fields.Year, out fields.Month, out fields.Day);
        return OfDateFields(unit, fields) ?? throw Unsupported(name, "date");
    }

    private static Part OfTime(ReadOnlySpan<byte> name, long micros, int? zoneWest, string typeName)
    {
        DateTimeUnit unit = UnitOf(name, typeName);
        if (unit == DateTimeUnit.Epoch)
        {
            long seconds = micros + (zoneWest ?? 0) * Calendar.MicrosPerSecond;
            return new Part(seconds, 6, Exact: micros / 1000000.0 + (zoneWest ?? 0));
        }
        if (unit == DateTimeUnit.None) throw NotRecognized(name, typeName);
        if (zoneWest is { } west && unit is DateTimeUnit.Zone or DateTimeUnit.ZoneHour or DateTimeUnit.ZoneMinute) return OfZone(unit, west);
        DateTimeFields fields = default;
        fields.SetTime(micros);
        return OfClock(unit, fields) ?? throw Unsupported(name, typeName);
    }

    private static SqlException NotRecognized(ReadOnlySpan<byte> name, string typeName) =>
        new(SqlState.InvalidParameterValue, $"unit \"{Utf8Text.ToString(name).ToLowerInvariant()}\" not recognized for type {typeName}");

    private static Part OfInterval(ReadOnlySpan<byte> name, IntervalValue value)
    {
        DateTimeUnit unit = UnitOf(name, "interval");
        if (unit == DateTimeUnit.None) throw NotRecognized(name, "interval");
        long years = value.Months / 12, months = value.Months % 12;
        long micros = value.Micros % Calendar.MicrosPerMinute;
        switch (unit)
        {
            case DateTimeUnit.Epoch:
                // A year counts 365.25 days here.
                long quarterDays = 1461 * years + 120 * months + 4L * value.Days;
                Int128 all = (Int128)quarterDays * (Calendar.SecondsPerDay / 4) * Calendar.MicrosPerSecond + value.Micros;
                double exact = value.Micros / 1000000.0 + 365.25 * Calendar.SecondsPerDay * years + (double)Calendar.DaysPerMonth * Calendar.SecondsPerDay * months
                    + (double)Calendar.SecondsPerDay * value.Days;
                return new Part(all, 6, Exact: exact);
            case DateTimeUnit.Microsecond: return new Part(micros);
            case DateTimeUnit.Millisecond: return new Part(micros, 3, Exact: micros / Calendar.MicrosPerSecond * 1000.0 + micros % Calendar.MicrosPerSecond / 1000.0);
            case DateTimeUnit.Second: return new Part(micros, 6, Exact: micros / Calendar.MicrosPerSecond + micros % Calendar.MicrosPerSecond / 1000000.0);
            case DateTimeUnit.Minute: return new Part(value.Micros / Calendar.MicrosPerMinute % 60);
            case DateTimeUnit.Hour: return new Part(value.Micros / Calendar.MicrosPerHour);
            case DateTimeUnit.Day: return new Part(value.Days);
            case DateTimeUnit.Month: return new Part(months);
            case DateTimeUnit.Quarter: return new Part(months / 3 + 1);
            case DateTimeUnit.Year: return new Part(years);
            case DateTimeUnit.Decade: return new Part(years / 10);
            case DateTimeUnit.Century: return new Part(years / 100);
            case DateTimeUnit.Millennium: return new Part(years / 1000);
            default: throw Unsupported(name, "interval");
        }
    }
}
