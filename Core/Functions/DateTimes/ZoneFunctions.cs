using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>AT TIME ZONE: timezone(zone, value) with a zone's name, abbreviation, rule or offset.</summary>
internal static class ZoneFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("timestamp_zone", static (in a, r, _) => DateTimeArithmetic.Put(r, ToInstant(a.Bytes(0), a.Get<long>(1))));
        library.Strict("timestamptz_zone", static (in a, r, _) => DateTimeArithmetic.Put(r, ToLocal(a.Bytes(0), a.Get<long>(1))));
        library.Strict("timestamp_izone", static (in a, r, c) => DateTimeArithmetic.Put(r, ByOffset(a.Get<IntervalValue>(0), a.Get<long>(1), -1, c)));
        library.Strict("timestamptz_izone", static (in a, r, c) => DateTimeArithmetic.Put(r, ByOffset(a.Get<IntervalValue>(0), a.Get<long>(1), 1, c)));
        library.Strict("timetz_zone", static (in a, r, c) => DateTimeArithmetic.Put(r, Move(a.Get<TimeTzValue>(1), OffsetNow(a.Bytes(0), c))));
        library.Strict("timetz_izone", static (in a, r, c) => DateTimeArithmetic.Put(r, Move(a.Get<TimeTzValue>(1), -OffsetEast(a.Get<IntervalValue>(0), c))));
    }

    /// <summary>A zone by name or abbreviation; an abbreviation whose meaning changed stands for its whole zone.</summary>
    /// <exception cref="SqlException">22023: there is none.</exception>
    public static Zone ZoneNamed(ReadOnlySpan<byte> name)
    {
        if (ZoneAbbreviations.Find(name) is not { } abbreviation) return ZoneCatalog.Find(name) ?? throw ZoneCatalog.NotRecognized(name);
        return abbreviation.ZoneName is null ? Zone.Fixed(abbreviation.Name, abbreviation.OffsetEast, abbreviation.Name) : ZoneAbbreviations.ZoneOf(abbreviation);
    }

    private static long ToInstant(ReadOnlySpan<byte> name, long local)
    {
        if (!Calendar.IsFinite(local)) return local;
        if (ZoneAbbreviations.Find(name) is { } abbreviation)
        {
            int west = abbreviation.ZoneName is null ? -abbreviation.OffsetEast : ZoneAbbreviations.OffsetWestOfLocal(abbreviation, DateTimeFields.Of(local), out _);
            return TimestampMath.Shift(local, west);
        }
        return TimestampMath.Put(DateTimeFields.Of(local), ZoneCatalog.Find(name) ?? throw ZoneCatalog.NotRecognized(name));
    }

    private static long ToLocal(ReadOnlySpan<byte> name, long instant)
    {
        if (!Calendar.IsFinite(instant)) return instant;
        if (ZoneAbbreviations.Find(name) is { } abbreviation)
        {
            int west = abbreviation.ZoneName is null ? -abbreviation.OffsetEast : ZoneAbbreviations.OffsetWestAt(abbreviation, Zone.ToUnixSeconds(instant), out _);
            return TimestampMath.Shift(instant, -west);
        }
        return TimestampMath.ToLocal(instant, ZoneCatalog.Find(name) ?? throw ZoneCatalog.NotRecognized(name));
    }

    private static long ByOffset(IntervalValue zone, long timestamp, int sign, EvalContext context) =>
        Calendar.IsFinite(timestamp) ? TimestampMath.Shift(timestamp, sign * (long)OffsetEast(zone, context)) : timestamp;

    private static int OffsetEast(IntervalValue zone, EvalContext context)
    {
        if (zone.Months == 0 && zone.Days == 0) return unchecked((int)(zone.Micros / Calendar.MicrosPerSecond));
        ByteBuffer shown = new();
        IntervalWriter.Write(zone, context.Display.IntervalStyle, shown);
        throw new SqlException(SqlState.InvalidParameterValue, $"interval time zone \"{Utf8Text.ToString(shown.WrittenSpan)}\" must not include months or days");
    }

    /// <summary>Seconds west at the transaction's start.</summary>
    private static int OffsetNow(ReadOnlySpan<byte> name, EvalContext context)
    {
        long now = Zone.ToUnixSeconds(context.TransactionTimestampMicros);
        return ZoneAbbreviations.Find(name) is { ZoneName: not null } changing
            ? ZoneAbbreviations.OffsetWestAt(changing, now, out _)
            : -ZoneNamed(name).PeriodAt(now).OffsetEast;
    }

    private static TimeTzValue Move(TimeTzValue time, int zoneWest) =>
        new(DateTimeArithmetic.Wrap(time.Micros + (time.ZoneSecondsWest - (long)zoneWest) * Calendar.MicrosPerSecond), zoneWest);
}
